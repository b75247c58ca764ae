/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What GLib itself has: a mutex for threads, and idle sources. */

#include <glib.h>

#include "bench-core.h"

double
glib_mutex_pair (unsigned n)
{
  static GMutex            mutex;
  static volatile unsigned count;
  double                   ns;

  count = 0;
  ns = -bench_cpu_ns ();
  for (unsigned i = 0; i < n; i++)
    {
      g_mutex_lock (&mutex);
      count++;
      g_mutex_unlock (&mutex);
    }
  ns += bench_cpu_ns ();
  return count == n ? ns : -1;
}

static void
add_idle (GMainContext *context,
          GSourceFunc   func,
          gpointer      user_data)
{
  GSource *source = g_idle_source_new ();

  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, func, user_data, NULL);
  g_source_attach (source, context);
  g_source_unref (source);
}

/* --------------------------------------------------------------------- one-shots */

#define BATCH 100

static gboolean
count_idle (gpointer user_data)
{
  unsigned *count = user_data;

  (*count)++;
  return G_SOURCE_REMOVE;
}

double
glib_idle_sources (unsigned n)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  unsigned count = 0;
  double   ns = -bench_cpu_ns ();

  while (count < n)
    {
      for (unsigned i = 0; i < BATCH; i++)
        add_idle (context, count_idle, &count);
      g_main_context_iteration (context, FALSE);
    }
  ns += bench_cpu_ns ();
  return count == n ? ns : -1;
}

/* -------------------------------------------------------------------- round trip */

typedef struct
{
  GMainContext *here;
  GMainContext *other;
  unsigned      left;
  gboolean      stop;
} RoundTrip;

static gboolean there (gpointer user_data);

static gboolean
back (gpointer user_data)
{
  RoundTrip *trip = user_data;

  if (--trip->left > 0)
    add_idle (trip->other, there, trip);
  return G_SOURCE_REMOVE;
}

static gboolean
there (gpointer user_data)
{
  RoundTrip *trip = user_data;

  add_idle (trip->here, back, trip);
  return G_SOURCE_REMOVE;
}

static gboolean
stop_idle (gpointer user_data)
{
  RoundTrip *trip = user_data;

  trip->stop = TRUE;
  return G_SOURCE_REMOVE;
}

static gpointer
other_thread (gpointer data)
{
  RoundTrip *trip = data;

  while (!trip->stop)
    g_main_context_iteration (trip->other, TRUE);
  return NULL;
}

double
glib_round_trip (unsigned n)
{
  g_autoptr (GMainContext) here = g_main_context_new ();
  g_autoptr (GMainContext) other = g_main_context_new ();
  RoundTrip trip = { here, other, n, FALSE };
  GThread  *thread = g_thread_new ("bench", other_thread, &trip);
  double    ns = -bench_wall_ns ();

  add_idle (other, there, &trip);
  while (trip.left > 0)
    g_main_context_iteration (here, TRUE);
  ns += bench_wall_ns ();
  add_idle (other, stop_idle, &trip);
  g_thread_join (thread);
  return ns;
}
