/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* libgco: coroutines that are switched, made and ended. */

#include "bench-gco.h"

/* ------------------------------------------------- resumed by the loop + yield */

static BENCH_CALL void
ring_3 (void)
{
  pass ();
  BENCH_NO_TAIL_CALL ();
}

static BENCH_CALL void
ring_2 (void)
{
  ring_3 ();
  BENCH_NO_TAIL_CALL ();
}

static BENCH_CALL void
ring_1 (void)
{
  ring_2 ();
  BENCH_NO_TAIL_CALL ();
}

static void
ring_body (gpointer user_data)
{
  Shared *shared = user_data;

  shared_begin (shared);
  for (unsigned i = 0; i < shared->each; i++)
    {
      ring_1 ();
      shared->count++;
    }
  shared_end (shared);
}

double
gco_ring_poll (unsigned n,
               unsigned size)
{
  Shared shared = { 0 };

  return shared_run (&shared, n, size, ring_body);
}

double
gco_ring_source (unsigned n,
                 unsigned size)
{
  g_autoptr (GMainContext) main_context = g_main_context_new ();
  g_autoptr (GcoAioContext) ctx = gco_aio_context_new ();
  Shared shared = { .each = n / size, .left = size };

  gco_aio_context_attach (ctx, main_context);
  for (unsigned i = 0; i < size; i++)
    gco_spawn (ctx, ring_body, &shared, NULL);
  while (shared.left > 0)
    g_main_context_iteration (main_context, TRUE);
  return shared.count == n ? shared.end - shared.start : -1;
}

/* ------------------------------------------------------ enter and yield by hand */

typedef struct
{
  gboolean stop;
  gboolean ended;
} Entered;

static void
flat_body (gpointer user_data)
{
  Entered *entered = user_data;

  while (!entered->stop)
    gco_coroutine_yield ();
  entered->ended = TRUE;
}

double
gco_enter_flat (unsigned n,
                unsigned size)
{
  Entered       entered = { FALSE, FALSE };
  GcoCoroutine *coroutine = gco_coroutine_create (flat_body, &entered);
  double        ns = -bench_cpu_ns ();

  for (unsigned i = 0; i < n; i++)
    gco_coroutine_enter (coroutine);
  ns += bench_cpu_ns ();
  entered.stop = TRUE;
  gco_coroutine_enter (coroutine);
  return entered.ended ? ns : -1;
}

static BENCH_CALL void
deep_3 (void)
{
  gco_coroutine_yield ();
  BENCH_NO_TAIL_CALL ();
}

static BENCH_CALL void
deep_2 (void)
{
  deep_3 ();
  BENCH_NO_TAIL_CALL ();
}

static BENCH_CALL void
deep_1 (void)
{
  deep_2 ();
  BENCH_NO_TAIL_CALL ();
}

static void
deep_body (gpointer user_data)
{
  Entered *entered = user_data;

  while (!entered->stop)
    deep_1 ();
  entered->ended = TRUE;
}

static BENCH_CALL void
deep_enter (GcoCoroutine *coroutine)
{
  gco_coroutine_enter (coroutine);
  BENCH_NO_TAIL_CALL ();
}

double
gco_enter_deep (unsigned n,
                unsigned size)
{
  Entered       entered = { FALSE, FALSE };
  GcoCoroutine *coroutine = gco_coroutine_create (deep_body, &entered);
  double        ns = -bench_cpu_ns ();

  for (unsigned i = 0; i < n; i++)
    deep_enter (coroutine);
  ns += bench_cpu_ns ();
  entered.stop = TRUE;
  gco_coroutine_enter (coroutine);
  return entered.ended ? ns : -1;
}

/* ------------------------------------------------------------------------ nested */

typedef struct
{
  GcoCoroutine *next; /* whom it enters, before it yields to its enterer */
  gboolean     *stop;
  unsigned     *count;
} Nest;

static void
nest_body (gpointer user_data)
{
  Nest *nest = user_data;

  while (!*nest->stop)
    {
      if (nest->next != NULL)
        gco_coroutine_enter (nest->next);
      (*nest->count)++;
      gco_coroutine_yield ();
    }
  if (nest->next != NULL)
    gco_coroutine_enter (nest->next);
}

/* @size deep: each of them is entered by the one before. */
double
gco_nested (unsigned n,
            unsigned size)
{
  g_autofree Nest *nests = g_new (Nest, size);
  GcoCoroutine    *outer = NULL;
  gboolean         stop = FALSE;
  unsigned         count = 0;
  double           ns;

  for (unsigned i = 0; i < size; i++)
    {
      nests[i] = (Nest){ outer, &stop, &count };
      outer = gco_coroutine_create (nest_body, &nests[i]);
    }
  ns = -bench_cpu_ns ();
  for (unsigned i = 0; i < n / size; i++)
    gco_coroutine_enter (outer);
  ns += bench_cpu_ns ();
  stop = TRUE;
  gco_coroutine_enter (outer);
  return count == n / size * size ? ns : -1;
}

/* -------------------------------------------------------------- create, run, end */

static void
count_body (gpointer user_data)
{
  unsigned *count = user_data;

  (*count)++;
}

double
gco_create (unsigned n,
            unsigned size)
{
  unsigned count = 0;
  double   ns = -bench_cpu_ns ();

  for (unsigned i = 0; i < n; i++)
    gco_coroutine_enter (gco_coroutine_create (count_body, &count));
  ns += bench_cpu_ns ();
  return count == n ? ns : -1;
}

static void
twice_body (gpointer user_data)
{
  unsigned *count = user_data;

  gco_coroutine_yield ();
  (*count)++;
}

/* @size are made, then they are ended; they suspend in between. */
double
gco_create_alive (unsigned n,
                  unsigned size)
{
  g_autofree GcoCoroutine **coroutines = g_new (GcoCoroutine *, size);
  unsigned                  rounds = MAX (n / size, 1);
  unsigned                  count = 0;
  double                    ns = -bench_cpu_ns ();

  for (unsigned k = 0; k < rounds; k++)
    {
      for (unsigned i = 0; i < size; i++)
        gco_coroutine_enter (coroutines[i] = gco_coroutine_create (twice_body, &count));
      for (unsigned i = 0; i < size; i++)
        gco_coroutine_enter (coroutines[i]);
    }
  ns += bench_cpu_ns ();
  return count == rounds * size ? ns / count * n : -1;
}
