/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is GLib's: its locks, and its cancellables. */

#include "explore-scheduler.h"

/* ---------------------------------------------------------- locks of GLib */

/* Of those that are held now; the real ones are not touched. */
static struct
{
  GMutex       *mutex;
  ExploreActor *holder;
} held[32];

static int
find_held (GMutex *mutex)
{
  for (guint i = 0; i < G_N_ELEMENTS (held); i++)
    if (held[i].mutex == mutex)
      return (int) i;
  return -1;
}

static gboolean
is_unlocked (gpointer mutex)
{
  return find_held (mutex) < 0;
}

void
explore_mutex_lock (ExploreSite *site,
                    GMutex      *mutex)
{
  ExploreActor *self = explore_actor_here ();
  int           place;

  if (self == NULL)
    return;
  explore_before (site, mutex);
  while (!is_unlocked (mutex))
    explore_block (site, mutex, is_unlocked, mutex, -1);
  place = find_held (NULL);
  g_assert (place >= 0);
  held[place].mutex = mutex;
  held[place].holder = self;
  explore_after (site, mutex, 0, 1);
}

void
explore_mutex_unlock (ExploreSite *site,
                      GMutex      *mutex)
{
  ExploreActor *self = explore_actor_here ();
  int           place;

  if (self == NULL)
    return;
  place = find_held (mutex);
  if (place < 0 || held[place].holder != self)
    explore_fail ("%s: unlocks a GMutex of another", site->func);
  held[place].mutex = NULL;
  explore_after (site, mutex, 1, 0);
}

/* -------------------------------------------------------------------- cancellables */

/* Inside, GLib has locks and lists of its own. */

gboolean
explore_is_cancelled (ExploreSite  *site,
                      GCancellable *cancellable)
{
  gboolean cancelled;

  if (cancellable == NULL)
    return FALSE;
  explore_before (site, cancellable);
  cancelled = g_cancellable_is_cancelled (cancellable);
  explore_after (site, cancellable, (guintptr) cancelled, (guintptr) cancelled);
  return cancelled;
}

/* Who connects or disconnects meanwhile may still be called, or not. */
void
explore_cancel (GCancellable *cancellable)
{
  static ExploreSite site = { "g_cancellable_cancel", "cancelled", 0, EXPLORE_WRITE, FALSE };
  ExploreActor      *self = explore_actor_here ();

  explore_before (&site, cancellable);
  if (self != NULL)
    self->emits = cancellable;
  explore_after (&site, cancellable, 0, 1);
  g_cancellable_cancel (cancellable);
  if (self != NULL)
    self->emits = NULL;
}

gulong
explore_connect (ExploreSite   *site,
                 gpointer       object,
                 const char    *signal,
                 GCallback      callback,
                 gpointer       data,
                 GClosureNotify destroy,
                 GConnectFlags  flags)
{
  explore_before (site, object);
  explore_after (site, object, 0, 1);
  return g_signal_connect_data (object, signal, callback, data, destroy, flags);
}

void
explore_disconnect (ExploreSite *site,
                    gpointer     object,
                    gulong       handler)
{
  explore_before (site, object);
  explore_after (site, object, 1, 0);
  g_signal_handler_disconnect (object, handler);
}
