/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* libgco in one thread. */

#include <gco.h>

#include "bench-core.h"

/* Goes to the end of what is ready. */
static inline void
pass (void)
{
  gco_coroutine_schedule (gco_coroutine_self (), NULL);
  gco_coroutine_yield ();
}

/* Waits for all that were spawned together: what is measured starts when each of
 * them has its stack. */
static void
start_together (double *start)
{
  pass ();
  if (*start == 0)
    *start = bench_cpu_ns ();
}

/* ------------------------------------------------- resumed by the loop + yield */

#define RING 100

typedef struct
{
  unsigned each;
  unsigned left; /* coroutines */
  double   start;
  double   end;
} Ring;

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
  Ring *ring = user_data;
  start_together (&ring->start);
  for (unsigned i = 0; i < ring->each; i++)
    ring_1 ();
  if (--ring->left == 0)
    ring->end = bench_cpu_ns ();
}

static void
ring_spawn (GcoAioContext *ctx,
            Ring          *ring)
{
  for (unsigned i = 0; i < RING; i++)
    gco_spawn (ctx, ring_body, ring, NULL);
}

double
gco_ring_poll (unsigned n)
{
  g_autoptr (GcoAioContext) ctx = gco_aio_context_new ();
  Ring ring = { n / RING, RING };

  ring_spawn (ctx, &ring);
  while (ring.left > 0)
    gco_aio_context_poll (ctx, TRUE);
  return ring.end - ring.start;
}

double
gco_ring_source (unsigned n)
{
  g_autoptr (GMainContext) main_context = g_main_context_new ();
  g_autoptr (GcoAioContext) ctx = gco_aio_context_new ();
  g_autoptr (GSource) source = gco_aio_context_dup_source (ctx);
  Ring ring = { n / RING, RING };

  g_source_attach (source, main_context);
  ring_spawn (ctx, &ring);
  while (ring.left > 0)
    g_main_context_iteration (main_context, TRUE);
  g_source_destroy (source);
  return ring.end - ring.start;
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
gco_enter_flat (unsigned n)
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
gco_enter_deep (unsigned n)
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

/* -------------------------------------------------------------- create, run, end */

static void
count_body (gpointer user_data)
{
  unsigned *count = user_data;

  (*count)++;
}

double
gco_create (unsigned n)
{
  unsigned count = 0;
  double   ns = -bench_cpu_ns ();

  for (unsigned i = 0; i < n; i++)
    gco_coroutine_enter (gco_coroutine_create (count_body, &count));
  ns += bench_cpu_ns ();
  return count == n ? ns : -1;
}

/* ------------------------------------------------------------------------- mutex */

typedef struct
{
  GcoMutex mutex;
  unsigned each;
  unsigned left; /* coroutines */
  unsigned count;
  double   start;
  double   end;
} Locked;

static void
pair_body (gpointer user_data)
{
  Locked *locked = user_data;

  start_together (&locked->start);
  for (unsigned i = 0; i < locked->each; i++)
    {
      gco_mutex_lock (&locked->mutex);
      locked->count++;
      gco_mutex_unlock (&locked->mutex);
    }
  locked->end = bench_cpu_ns ();
  locked->left--;
}

double
gco_mutex_pair (unsigned n)
{
  g_autoptr (GcoAioContext) ctx = gco_aio_context_new ();
  Locked locked = { .each = n, .left = 1 };

  gco_spawn (ctx, pair_body, &locked, NULL);
  while (locked.left > 0)
    gco_aio_context_poll (ctx, TRUE);
  return locked.count == n ? locked.end - locked.start : -1;
}

static void
handoff_body (gpointer user_data)
{
  Locked *locked = user_data;

  start_together (&locked->start);
  for (unsigned i = 0; i < locked->each; i++)
    {
      gco_mutex_lock (&locked->mutex);
      locked->count++;
      pass ();
      gco_mutex_unlock (&locked->mutex);
    }
  if (--locked->left == 0)
    locked->end = bench_cpu_ns ();
}

static double
handoff (unsigned n,
         unsigned n_coroutines)
{
  g_autoptr (GcoAioContext) ctx = gco_aio_context_new ();
  Locked locked = { .each = n / n_coroutines, .left = n_coroutines };

  for (unsigned i = 0; i < n_coroutines; i++)
    gco_spawn (ctx, handoff_body, &locked, NULL);
  while (locked.left > 0)
    gco_aio_context_poll (ctx, TRUE);
  return locked.count == n ? locked.end - locked.start : -1;
}

double
gco_handoff_2 (unsigned n)
{
  return handoff (n, 2);
}

double
gco_handoff_100 (unsigned n)
{
  return handoff (n, 100);
}

/* --------------------------------------------------------------------- one-shots */

#define BATCH 100

static void
count_oneshot (gpointer user_data)
{
  unsigned *count = user_data;

  (*count)++;
}

double
gco_oneshots_poll (unsigned n)
{
  g_autoptr (GcoAioContext) ctx = gco_aio_context_new ();
  unsigned count = 0;
  double   ns = -bench_cpu_ns ();

  while (count < n)
    {
      for (unsigned i = 0; i < BATCH; i++)
        gco_aio_context_schedule_oneshot (ctx, count_oneshot, &count, NULL);
      gco_aio_context_poll (ctx, FALSE);
    }
  ns += bench_cpu_ns ();
  return count == n ? ns : -1;
}

double
gco_oneshots_source (unsigned n)
{
  g_autoptr (GMainContext) main_context = g_main_context_new ();
  g_autoptr (GcoAioContext) ctx = gco_aio_context_new ();
  g_autoptr (GSource) source = gco_aio_context_dup_source (ctx);
  unsigned count = 0;
  double   ns;

  g_source_attach (source, main_context);
  ns = -bench_cpu_ns ();
  while (count < n)
    {
      for (unsigned i = 0; i < BATCH; i++)
        gco_aio_context_schedule_oneshot (ctx, count_oneshot, &count, NULL);
      g_main_context_iteration (main_context, FALSE);
    }
  ns += bench_cpu_ns ();
  g_source_destroy (source);
  return count == n ? ns : -1;
}
