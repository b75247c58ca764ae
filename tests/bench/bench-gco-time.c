/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* libgco: timers, and how late a sleep ends. */

#include "bench-gco.h"

#define HOUR_NS (G_GINT64_CONSTANT (3600) * 1000000000)
#define SLEEP_NS 1000000

static void
count_timer (gpointer user_data)
{
  unsigned *count = user_data;

  (*count)++;
}

static double
arm (GcoTimer     **timers,
     unsigned       n,
     GcoAioContext *ctx,
     gint64         from,
     unsigned      *count)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (1);
  double ns = -bench_cpu_ns ();

  for (unsigned i = 0; i < n; i++)
    {
      timers[i] = gco_timer_new (ctx, NULL, count_timer, count, NULL);
      gco_timer_mod_ns (timers[i], from + g_rand_int (random));
    }
  return ns + bench_cpu_ns ();
}

static double
free_all (GcoTimer **timers,
          unsigned   n)
{
  double ns = -bench_cpu_ns ();

  for (unsigned i = 0; i < n; i++)
    gco_timer_free (timers[i]);
  return ns + bench_cpu_ns ();
}

/* @size of them: armed, cancelled while all are armed, and fired at once. Their
 * deadlines are in no order. */
gboolean
gco_timers (unsigned size,
            double   ms)
{
  g_autoptr (GcoAioContext) ctx = gco_aio_context_new ();
  g_autofree GcoTimer **timers = g_new (GcoTimer *, size);
  gint64                now = g_get_monotonic_time () * 1000;
  unsigned              count = 0;
  double                ns;

  bench_value ("insert", arm (timers, size, ctx, now + HOUR_NS, &count) / size);
  gco_aio_context_poll (ctx, FALSE);
  bench_value ("cancel", free_all (timers, size) / size);
  if (count > 0)
    return FALSE;

  arm (timers, size, ctx, now - HOUR_NS, &count);
  ns = -bench_cpu_ns ();
  while (count < size)
    gco_aio_context_poll (ctx, FALSE);
  bench_value ("fire", (ns + bench_cpu_ns ()) / size);
  free_all (timers, size);
  return TRUE;
}

/* ---------------------------------------------------------------------- lateness */

typedef struct
{
  double  *late;
  unsigned n;
  gboolean ended;
} Sleeper;

static void
sleep_body (gpointer user_data)
{
  Sleeper *self = user_data;

  for (unsigned i = 0; i < self->n; i++)
    {
      double began = bench_wall_ns ();

      gco_sleep_ns (NULL, SLEEP_NS);
      self->late[i] = bench_wall_ns () - began - SLEEP_NS;
    }
  self->ended = TRUE;
}

static gboolean
late (double        ms,
      GMainContext *main_context)
{
  g_autoptr (GcoAioContext) ctx = gco_aio_context_new ();
  g_autofree double *lateness = NULL;
  Sleeper            self = { .n = MAX (ms, 10) };

  self.late = lateness = g_new (double, self.n);
  if (main_context != NULL)
    gco_aio_context_attach (ctx, main_context);
  gco_spawn (ctx, sleep_body, &self, NULL);
  while (!self.ended)
    {
      if (main_context != NULL)
        g_main_context_iteration (main_context, TRUE);
      else
        gco_aio_context_poll (ctx, TRUE);
    }
  bench_percentiles (self.late, self.n);
  return self.late[0] >= 0;
}

gboolean
gco_late_poll (unsigned size,
               double   ms)
{
  return late (ms, NULL);
}

gboolean
gco_late_source (unsigned size,
                 double   ms)
{
  g_autoptr (GMainContext) main_context = g_main_context_new ();

  return late (ms, main_context);
}
