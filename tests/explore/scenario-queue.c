/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The queue across threads: woken, woken by nobody in a coroutine, and cancelled. */

#include "explore-locks.h"
#include "scenarios.h"

static GcoMutex      mutex;
static GcoQueue      queue;
static GCancellable *cancellable;
static guint         n_items;
static guint         n_woken;

/* ------------------------------------------------------- with a mutex, as a rule */

static void
consume (gpointer data)
{
  x_lock (&mutex);
  while (n_items == 0)
    x_wait (&queue, &mutex);
  n_items--;
  x_unlock (&mutex);
}

static void
produce (gpointer data)
{
  x_lock (&mutex);
  n_items++;
  x_next (&queue);
  x_unlock (&mutex);
}

static void
set_up (void)
{
  gco_mutex_init (&mutex);
  gco_queue_init (&queue);
  explore_watch_mutex (&mutex, "m");
  explore_watch_queue (&queue, "q");
  n_items = n_woken = 0;
}

static void
tear_down (void)
{
  explore_assert_free (&mutex);
  explore_assert_free (&queue);
  explore_assert (n_items == 0);
}

static void
set_up_pair (void)
{
  set_up ();
  explore_spawn (0, "c", consume, NULL);
  explore_spawn (1, "p", produce, NULL);
}

const ExploreScenario scenario_queue = {
  "queue", 2, FALSE, set_up_pair, tear_down, { NULL }
};

static void
set_up_two_pairs (void)
{
  set_up_pair ();
  explore_spawn (2, "d", consume, NULL);
  explore_spawn (1, "r", produce, NULL);
}

const ExploreScenario scenario_queue_two = {
  "queue-two", 3, FALSE, set_up_two_pairs, tear_down, { NULL }
};

/* -------------------------------------------------- a wake goes to who still waits */

static void
wait_cancellable (gpointer data)
{
  if (x_wait_cancellable (&queue, NULL, cancellable))
    n_woken++;
}

static void
wait_plainly (gpointer data)
{
  x_wait (&queue, NULL);
  n_woken++;
}

static void
set_up_cancel (void)
{
  set_up ();
  cancellable = g_cancellable_new ();
  explore_spawn (0, "a", wait_cancellable, NULL);
  explore_spawn (1, "b", wait_plainly, NULL);
}

static void
tear_down_cancel (void)
{
  tear_down ();
  g_assert_finalize_object (cancellable);
}

/* The wake that a does not take, for it is cancelled, is b's, which nothing else ends. */
static void
cancel_and_wake (void)
{
  guint n_picked = 0;

  explore_note ("cancels");
  explore_cancel (cancellable);
  while (!explore_has_ended (1))
    if (x_next (&queue))
      n_picked++;
    else
      explore_pause ();
  explore_assert (n_picked >= n_woken);
}

const ExploreScenario scenario_queue_cancel = {
  "queue-cancel", 3, FALSE, set_up_cancel, tear_down_cancel, { NULL, NULL, cancel_and_wake }
};

/* --------------------------------------------------- nothing else ends the wait */

static void
cancel (void)
{
  explore_note ("cancels");
  explore_cancel (cancellable);
}

static void
set_up_only (void)
{
  set_up ();
  cancellable = g_cancellable_new ();
  explore_spawn (0, "a", wait_cancellable, NULL);
  explore_spawn (0, "b", wait_cancellable, NULL);
}

const ExploreScenario scenario_queue_cancel_only = {
  "queue-cancel-only", 2, FALSE, set_up_only, tear_down_cancel, { NULL, cancel }
};

/* ----------------------------------------------------------------- all at once */

static void
wait_for_flag (gpointer data)
{
  x_lock (&mutex);
  while (n_items == 0)
    x_wait (&queue, &mutex);
  x_unlock (&mutex);
}

static void
raise_flag (gpointer data)
{
  x_lock (&mutex);
  n_items = 1;
  x_unlock (&mutex);
  x_restart_all (&queue);
}

static void
set_up_restart (void)
{
  set_up ();
  explore_spawn (0, "a", wait_for_flag, NULL);
  explore_spawn (0, "b", wait_for_flag, NULL);
  explore_spawn (1, "p", raise_flag, NULL);
}

static void
tear_down_restart (void)
{
  n_items = 0;
  tear_down ();
}

const ExploreScenario scenario_queue_restart = {
  "queue-restart", 2, FALSE, set_up_restart, tear_down_restart, { NULL }
};
