/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* GLib: timeouts, and how late they come. */

#include "bench-glib.h"

#define HOUR_MS (3600 * 1000)
#define SLEEP_NS 1000000

static gboolean
count_timeout (gpointer user_data)
{
  unsigned *count = user_data;

  (*count)++;
  return G_SOURCE_REMOVE;
}

static double
arm (GSource     **sources,
     unsigned      n,
     GMainContext *context,
     unsigned      from_ms,
     unsigned      within_ms,
     unsigned     *count)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (1);
  double ns = -bench_cpu_ns ();

  for (unsigned i = 0; i < n; i++)
    {
      sources[i] = g_timeout_source_new (from_ms + g_rand_int (random) % within_ms);
      g_source_set_callback (sources[i], count_timeout, count, NULL);
      g_source_attach (sources[i], context);
    }
  return ns + bench_cpu_ns ();
}

static double
free_all (GSource **sources,
          unsigned  n)
{
  double ns = -bench_cpu_ns ();

  for (unsigned i = 0; i < n; i++)
    {
      g_source_destroy (sources[i]);
      g_source_unref (sources[i]);
    }
  return ns + bench_cpu_ns ();
}

static double
fire_more (GMainContext *context)
{
  unsigned count = 0;
  double   ns = -bench_cpu_ns ();

  for (unsigned i = 1; i <= BENCH_MORE; i++)
    {
      GSource *source = g_timeout_source_new (0);

      g_source_set_callback (source, count_timeout, &count, NULL);
      g_source_attach (source, context);
      while (count < i)
        g_main_context_iteration (context, FALSE);
      g_source_unref (source);
    }
  return ns + bench_cpu_ns ();
}

/* As gco_timers(). */
gboolean
glib_timers (unsigned size,
             double   ms)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autofree GSource **sources = g_new (GSource *, size);
  unsigned             count = 0;
  double               ns;

  bench_value ("insert", arm (sources, size, context, HOUR_MS, 4000, &count) / size);
  bench_value ("more", fire_more (context) / BENCH_MORE);
  bench_value ("cancel", free_all (sources, size) / size);
  if (count > 0)
    return FALSE;

  arm (sources, size, context, BENCH_AHEAD_MS, BENCH_WITHIN_MS, &count);
  bench_sleep_ms (BENCH_AHEAD_MS + BENCH_WITHIN_MS);
  ns = -bench_cpu_ns ();
  while (count < size)
    g_main_context_iteration (context, FALSE);
  bench_value ("fire", (ns + bench_cpu_ns ()) / size);
  free_all (sources, size);
  return TRUE;
}

/* ---------------------------------------------------------------------- lateness */

gboolean
glib_late (unsigned size,
           double   ms)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  unsigned           n = MAX (ms, 10);
  g_autofree double *late = g_new (double, n);

  for (unsigned i = 0; i < n; i++)
    {
      GSource *source = g_timeout_source_new (SLEEP_NS / 1000000);
      unsigned count = 0;
      double   began = bench_wall_ns ();

      g_source_set_callback (source, count_timeout, &count, NULL);
      g_source_attach (source, context);
      while (count == 0)
        g_main_context_iteration (context, TRUE);
      late[i] = bench_wall_ns () - began - SLEEP_NS;
      g_source_unref (source);
    }
  bench_percentiles (late, n);
  return TRUE;
}
