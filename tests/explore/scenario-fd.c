/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A descriptor becomes ready while the wait for it is cancelled, or its context is shut
 * down; and a lock is granted while that happens. */

#include "explore-locks.h"
#include "scenarios.h"

static int           fd;
static GcoMutex      mutex;
static GCancellable *cancellable;
static guint         n_ready;
static guint         n_failed;

static void
wait_for_it (GIOCondition  wanted,
             GCancellable *until)
{
  g_autoptr (GError) error = NULL;
  GIOCondition seen = gco_wait_fd (fd, wanted, until, &error);

  explore_note (seen != 0 ? "sees that it is ready" : "gives up");
  explore_assert (seen == wanted ||
                  g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED));
  n_ready += seen != 0;
  n_failed += seen == 0;
}

static void
wait_cancellable (gpointer data)
{
  wait_for_it (G_IO_IN, cancellable);
}

static void
wait_plainly (gpointer data)
{
  wait_for_it (G_IO_OUT, NULL);
}

static void
make_ready (void)
{
  explore_make_ready (fd, G_IO_IN);
  explore_make_ready (fd, G_IO_OUT);
}

static void
cancel (void)
{
  explore_note ("cancels");
  explore_cancel (cancellable);
}

static void
set_up (void)
{
  fd = explore_new_fd ();
  cancellable = g_cancellable_new ();
  n_ready = n_failed = 0;
}

static void
tear_down (void)
{
  g_assert_finalize_object (cancellable);
}

/* ----------------------------------------------------------------- cancelled */

/* Who gives up, or has what it wanted, leaves the descriptor armed for who has not. */
static void
set_up_cancel (void)
{
  set_up ();
  explore_spawn (0, "a", wait_cancellable, NULL);
  explore_spawn (0, "b", wait_plainly, NULL);
}

static void
tear_down_cancel (void)
{
  explore_assert (n_ready + n_failed == 2 && n_ready >= 1);
  tear_down ();
}

const ExploreScenario scenario_fd_cancel = {
  "fd-cancel", 3, FALSE, set_up_cancel, tear_down_cancel, { NULL, make_ready, cancel }
};

const ExploreScenario scenario_fd_cancel_main = {
  "fd-cancel-main", 3, FALSE, set_up_cancel, tear_down_cancel, { NULL, make_ready, cancel }, 1
};

/* ----------------------------------------------------------------- shut down */

static void
shut_down (void)
{
  explore_iterate (FALSE);
  explore_note ("shuts down");
  gco_aio_context_shutdown (explore_context (0));
  explore_assert (explore_has_ended (0));
}

static void
set_up_shutdown (void)
{
  set_up ();
  explore_spawn (0, "a", wait_cancellable, NULL);
}

static void
tear_down_shutdown (void)
{
  explore_assert (n_ready + n_failed == 1);
  tear_down ();
}

const ExploreScenario scenario_fd_shutdown = {
  "fd-shutdown",
  3,
  FALSE,
  set_up_shutdown,
  tear_down_shutdown,
  { shut_down, make_ready, cancel },
};

const ExploreScenario scenario_fd_shutdown_main = {
  "fd-shutdown-main",
  3,
  FALSE,
  set_up_shutdown,
  tear_down_shutdown,
  { shut_down, make_ready, cancel },
  1,
};

/* ------------------------------------------------- a lock is granted meanwhile */

static void
lock_cancellable (gpointer data)
{
  if (!x_lock_cancellable (&mutex, NULL))
    {
      n_failed++;
      return;
    }
  n_ready++;
  x_unlock (&mutex);
}

static void
lock_and_unlock (gpointer data)
{
  x_lock (&mutex);
  x_unlock (&mutex);
}

static void
set_up_lock (void)
{
  gco_mutex_init (&mutex);
  explore_watch_mutex (&mutex, "m");
  n_ready = n_failed = 0;
  explore_spawn (0, "a", lock_cancellable, NULL);
  explore_spawn (1, "b", lock_and_unlock, NULL);
}

static void
tear_down_lock (void)
{
  explore_assert (n_ready + n_failed == 1);
  explore_assert_free (&mutex);
}

const ExploreScenario scenario_shutdown_lock = {
  "shutdown-lock", 2, FALSE, set_up_lock, tear_down_lock, { shut_down, NULL }
};
