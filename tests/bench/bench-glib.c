/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* GLib in one thread: locks that are for threads, and sources. */

#include <glib-unix.h>
#include <unistd.h>

#include "bench-glib.h"

double
glib_mutex_pair (unsigned n,
                 unsigned size)
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

double
glib_rwlock_mostly (unsigned n,
                    unsigned size)
{
  static GRWLock           rwlock;
  static volatile unsigned count;
  double                   ns;

  count = 0;
  ns = -bench_cpu_ns ();
  for (unsigned i = 0; i < n; i++)
    {
      if (i % 100 == 99)
        {
          g_rw_lock_writer_lock (&rwlock);
          count++;
          g_rw_lock_writer_unlock (&rwlock);
        }
      else
        {
          g_rw_lock_reader_lock (&rwlock);
          count++;
          g_rw_lock_reader_unlock (&rwlock);
        }
    }
  ns += bench_cpu_ns ();
  return count == n ? ns : -1;
}

/* --------------------------------------------------------------------- one-shots */

static gboolean
count_idle (gpointer user_data)
{
  unsigned *count = user_data;

  (*count)++;
  return G_SOURCE_REMOVE;
}

double
glib_idle_sources (unsigned n,
                   unsigned size)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  unsigned count = 0;
  double   ns = -bench_cpu_ns ();

  while (count < n)
    {
      for (unsigned i = 0; i < size; i++)
        glib_add_idle (context, count_idle, &count);
      g_main_context_iteration (context, FALSE);
    }
  ns += bench_cpu_ns ();
  return count == n ? ns : -1;
}

/* ------------------------------------------------------------------ idle sources */

static gboolean
not_yet (gpointer user_data)
{
  g_assert_not_reached ();
}

/* Iterations that dispatch an idle source, while @size operations that time out later
 * wait. */
double
glib_idle_timeouts (unsigned n,
                    unsigned size)
{
  static GMainContext *context;
  unsigned             count = 0;
  double               ns;

  if (context == NULL)
    {
      context = g_main_context_new ();
      for (unsigned i = 0; i < size; i++)
        {
          GSource *source = g_timeout_source_new_seconds (3600);

          g_source_set_callback (source, not_yet, NULL, NULL);
          g_source_attach (source, context);
          g_source_unref (source);
        }
    }
  ns = -bench_cpu_ns ();
  while (count < n)
    {
      glib_add_idle (context, count_idle, &count);
      g_main_context_iteration (context, FALSE);
    }
  ns += bench_cpu_ns ();
  return count == n ? ns : -1;
}

/* -------------------------------------------------------------- idle descriptors */

static gboolean
read_byte (int          fd,
           GIOCondition condition,
           gpointer     user_data)
{
  unsigned *count = user_data;
  char      byte;

  *count += read (fd, &byte, 1) == 1;
  return G_SOURCE_CONTINUE;
}

static void
add_fd (GMainContext *context,
        int           fd,
        unsigned     *count)
{
  GSource *source = g_unix_fd_source_new (fd, G_IO_IN);

  g_source_set_callback (source, G_SOURCE_FUNC (read_byte), count, NULL);
  g_source_attach (source, context);
  g_source_unref (source);
}

/* As gco_fds_poll(). */
double
glib_fds (unsigned n,
          unsigned size)
{
  static GMainContext *context;
  static int           busy[2];
  static unsigned      count;
  double               ns;

  if (context == NULL)
    {
      int silent[2];

      if (!bench_may_open (size + 50))
        return -1;
      if (pipe (busy) != 0 || pipe (silent) != 0)
        return -1;
      context = g_main_context_new ();
      add_fd (context, busy[0], &count);
      for (unsigned i = 0; i < size; i++)
        add_fd (context, dup (silent[0]), &count);
    }
  count = 0;
  ns = -bench_cpu_ns ();
  while (count < n)
    {
      if (write (busy[1], "", 1) != 1)
        return -1;
      g_main_context_iteration (context, FALSE);
    }
  ns += bench_cpu_ns ();
  return ns;
}
