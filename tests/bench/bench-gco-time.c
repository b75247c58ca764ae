/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* libgco: timers, and how late a sleep ends. */

#include "bench-gco.h"

#define HOUR_MS (3600 * 1000)
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
     gint64         from_ms,
     unsigned       within_ms,
     unsigned      *count)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (1);
  gint64 from = g_get_monotonic_time () * 1000 + from_ms * 1000000;
  double ns = -bench_cpu_ns ();

  for (unsigned i = 0; i < n; i++)
    {
      timers[i] = gco_timer_new (ctx, NULL, count_timer, count, NULL);
      gco_timer_mod_ns (timers[i], from + g_rand_int (random) % (within_ms * 1000000));
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

static double
fire_more (GcoAioContext *ctx)
{
  unsigned count = 0;
  double   ns = -bench_cpu_ns ();

  for (unsigned i = 1; i <= BENCH_MORE; i++)
    {
      GcoTimer *timer = gco_timer_new (ctx, NULL, count_timer, &count, NULL);

      gco_timer_mod_ns (timer, 0);
      while (count < i)
        gco_aio_context_poll (ctx, FALSE);
      gco_timer_free (timer);
    }
  return ns + bench_cpu_ns ();
}

/* @size of them: armed, cancelled while all are armed, and fired when all are due.
 * Their deadlines are in no order. */
gboolean
gco_timers (unsigned size,
            double   ms)
{
  g_autoptr (GcoAioContext) ctx = gco_aio_context_new ();
  g_autofree GcoTimer **timers = g_new (GcoTimer *, size);
  unsigned              count = 0;
  double                ns;

  bench_value ("insert", arm (timers, size, ctx, HOUR_MS, 4000, &count) / size);
  bench_value ("more", fire_more (ctx) / BENCH_MORE);
  bench_value ("cancel", free_all (timers, size) / size);
  if (count > 0)
    return FALSE;

  arm (timers, size, ctx, BENCH_AHEAD_MS, BENCH_WITHIN_MS, &count);
  bench_sleep_ms (BENCH_AHEAD_MS + BENCH_WITHIN_MS);
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
