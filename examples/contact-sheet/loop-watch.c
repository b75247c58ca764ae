/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * How long the main loop was away at worst: the time from the moment it has
 * waited for events to the moment it asks for the next ones. In a program with
 * a window that is how long the window would not have answered.
 */

#include "loop-watch.h"

typedef struct
{
  GSource source;
  gint64  woke_us; /* 0: has not waited yet */
  gint64  longest_us;
} LoopWatch;

static gboolean
prepare (GSource *source,
         int     *timeout)
{
  LoopWatch *watch = (LoopWatch *) source;

  if (watch->woke_us != 0)
    watch->longest_us =
        MAX (watch->longest_us, g_get_monotonic_time () - watch->woke_us);
  *timeout = -1;
  return FALSE;
}

static gboolean
check (GSource *source)
{
  ((LoopWatch *) source)->woke_us = g_get_monotonic_time ();
  return FALSE;
}

static gboolean
dispatch (GSource    *source,
          GSourceFunc callback,
          gpointer    user_data)
{
  return G_SOURCE_CONTINUE;
}

GSource *
loop_watch_new (void)
{
  static GSourceFuncs funcs = { prepare, check, dispatch, NULL, NULL, NULL };
  GSource            *source = g_source_new (&funcs, sizeof (LoopWatch));

  g_source_set_name (source, "contact-sheet loop watch");
  /* no source before this one can make the loop skip it */
  g_source_set_priority (source, G_MININT);
  return source;
}

gint64
loop_watch_get_longest_us (GSource *watch)
{
  return ((LoopWatch *) watch)->longest_us;
}
