/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* GLib in two threads, each with a context that it iterates. */

#include "bench-glib.h"

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
    glib_add_idle (trip->other, there, trip);
  return G_SOURCE_REMOVE;
}

static gboolean
there (gpointer user_data)
{
  RoundTrip *trip = user_data;

  glib_add_idle (trip->here, back, trip);
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
glib_round_trip (unsigned n,
                 unsigned size)
{
  g_autoptr (GMainContext) here = g_main_context_new ();
  g_autoptr (GMainContext) other = g_main_context_new ();
  RoundTrip trip = { here, other, n, FALSE };
  GThread  *thread = g_thread_new ("bench", other_thread, &trip);
  double    ns = -bench_wall_ns ();

  glib_add_idle (other, there, &trip);
  while (trip.left > 0)
    g_main_context_iteration (here, TRUE);
  ns += bench_wall_ns ();
  glib_add_idle (other, stop_idle, &trip);
  g_thread_join (thread);
  return ns;
}

/* ------------------------------------------------------------------------ stream */

typedef struct
{
  GMainContext *context;
  unsigned      n;
  gboolean      begun; /* (atomic) */
  unsigned      done;  /* (atomic) */
} Stream;

static gboolean
count_invoked (gpointer user_data)
{
  Stream *stream = user_data;

  __atomic_store_n (&stream->done, stream->done + 1, __ATOMIC_RELEASE);
  return G_SOURCE_REMOVE;
}

/* It owns the context all the while: else what is invoked would now and then run in
 * the thread that invokes. */
static gpointer
consumer_thread (gpointer data)
{
  Stream *stream = data;

  g_main_context_push_thread_default (stream->context);
  __atomic_store_n (&stream->begun, TRUE, __ATOMIC_RELEASE);
  while (stream->done < stream->n)
    g_main_context_iteration (stream->context, TRUE);
  g_main_context_pop_thread_default (stream->context);
  return NULL;
}

/* As gco_stream(). */
double
glib_stream (unsigned n,
             unsigned size)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  Stream   stream = { context, n, FALSE, 0 };
  GThread *thread;
  double   ns;

  thread = g_thread_new ("bench", consumer_thread, &stream);
  while (!__atomic_load_n (&stream.begun, __ATOMIC_ACQUIRE))
    g_thread_yield ();
  ns = -bench_wall_ns ();
  for (unsigned i = 0; i < n; i++)
    {
      while (i - __atomic_load_n (&stream.done, __ATOMIC_ACQUIRE) >= size)
        g_thread_yield ();
      g_main_context_invoke_full (context,
                                  G_PRIORITY_DEFAULT,
                                  count_invoked,
                                  &stream,
                                  NULL);
    }
  g_thread_join (thread);
  ns += bench_wall_ns ();
  return stream.done == n ? ns : -1;
}
