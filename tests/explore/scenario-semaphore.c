/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The semaphore across threads. */

#include "explore-locks.h"
#include "scenarios.h"

static GcoSemaphore  semaphore;
static GCancellable *cancellable;
static guint         n_inside;

static void
go_in (guint n_at_most)
{
  explore_assert (++n_inside <= n_at_most);
  explore_note ("is inside");
  n_inside--;
}

static void
acquire_and_release (gpointer data)
{
  x_acquire (&semaphore);
  go_in (semaphore.n_permits);
  x_release (&semaphore);
}

static void
acquire_cancellable (gpointer data)
{
  if (!x_acquire_cancellable (&semaphore, cancellable))
    return;
  go_in (semaphore.n_permits);
  x_release (&semaphore);
}

static void
cancel (void)
{
  explore_note ("cancels");
  explore_cancel (cancellable);
}

static void
set_up (guint n_permits)
{
  gco_semaphore_init (&semaphore, n_permits);
  explore_watch_semaphore (&semaphore, "s");
  n_inside = 0;
}

static void
tear_down (void)
{
  explore_assert_free (&semaphore);
}

static void
set_up_three (void)
{
  set_up (2);
  explore_spawn (0, "a", acquire_and_release, NULL);
  explore_spawn (1, "b", acquire_and_release, NULL);
  explore_spawn (2, "c", acquire_and_release, NULL);
}

const ExploreScenario scenario_semaphore = {
  "semaphore", 3, FALSE, set_up_three, tear_down, { NULL }
};

static void
set_up_cancel (void)
{
  set_up (1);
  cancellable = g_cancellable_new ();
  explore_spawn (0, "a", acquire_and_release, NULL);
  explore_spawn (1, "b", acquire_cancellable, NULL);
  explore_spawn (0, "c", acquire_and_release, NULL);
}

static void
tear_down_cancel (void)
{
  tear_down ();
  g_assert_finalize_object (cancellable);
}

const ExploreScenario scenario_semaphore_cancel = {
  "semaphore-cancel", 3, FALSE, set_up_cancel, tear_down_cancel, { NULL, NULL, cancel }
};
