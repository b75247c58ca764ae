/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The mutex across threads: handed over, freed at once, given up, and timed out. */

#include "explore-locks.h"
#include "gco-waiter-private.h"
#include "scenarios.h"

static GcoMutex      mutex;
static GcoMutex     *heap_mutex;
static GCancellable *cancellable;
static GcoClock     *manual;
static guint         n_turns;

static void
lock_and_unlock (gpointer data)
{
  x_lock (&mutex);
  n_turns++;
  x_unlock (&mutex);
}

static void
set_up (void)
{
  gco_mutex_init (&mutex);
  explore_watch_mutex (&mutex, "m");
  n_turns = 0;
}

static void
tear_down (void)
{
  explore_assert_free (&mutex);
}

/* ----------------------------------------------------------------- handed over */

static void
set_up_two (void)
{
  set_up ();
  explore_spawn (0, "a", lock_and_unlock, NULL);
  explore_spawn (1, "b", lock_and_unlock, NULL);
}

const ExploreScenario scenario_mutex = {
  "mutex", 2, FALSE, set_up_two, tear_down, { NULL }
};

const ExploreScenario scenario_mutex_main = {
  "mutex-main", 2, FALSE, set_up_two, tear_down, { NULL }, 3
};

/* One of them hands over to another one of its own thread, too. */
static void
set_up_three (void)
{
  set_up ();
  explore_spawn (0, "a", lock_and_unlock, NULL);
  explore_spawn (0, "b", lock_and_unlock, NULL);
  explore_spawn (1, "c", lock_and_unlock, NULL);
}

static void
tear_down_three (void)
{
  tear_down ();
  explore_assert (n_turns == 3);
}

const ExploreScenario scenario_mutex_three = {
  "mutex-three", 2, FALSE, set_up_three, tear_down_three, { NULL }
};

static void
try_and_unlock (gpointer data)
{
  if (x_trylock (&mutex))
    x_unlock (&mutex);
}

static void
set_up_try (void)
{
  set_up ();
  explore_spawn (0, "a", lock_and_unlock, NULL);
  explore_spawn (1, "b", try_and_unlock, NULL);
  explore_spawn (2, "c", lock_and_unlock, NULL);
}

const ExploreScenario scenario_mutex_try = {
  "mutex-try", 3, FALSE, set_up_try, tear_down, { NULL }
};

/* ----------------------------------------------------------------------- freed */

/* Whoever is the last to have it frees it as soon as it can. */
static void
lock_and_free (gpointer data)
{
  gboolean last;

  x_lock (heap_mutex);
  last = ++n_turns == 2;
  x_unlock (heap_mutex);
  if (last)
    explore_free_lock (heap_mutex);
}

static void
set_up_freed (void)
{
  heap_mutex = explore_new_page ();
  explore_watch_mutex (heap_mutex, "m");
  n_turns = 0;
  explore_spawn (0, "a", lock_and_free, NULL);
  explore_spawn (1, "b", lock_and_free, NULL);
}

static void
tear_down_freed (void)
{
  explore_assert (n_turns == 2);
}

const ExploreScenario scenario_mutex_freed = {
  "mutex-freed", 2, FALSE, set_up_freed, tear_down_freed, { NULL }
};

/* ------------------------------------------------------------------- cancelled */

static void
lock_cancellable (gpointer data)
{
  if (x_lock_cancellable (&mutex, cancellable))
    x_unlock (&mutex);
}

static void
cancel (void)
{
  explore_note ("cancels");
  explore_cancel (cancellable);
}

static void
set_up_cancel (void)
{
  set_up ();
  cancellable = g_cancellable_new ();
  explore_spawn (0, "a", lock_and_unlock, NULL);
  explore_spawn (1, "b", lock_cancellable, NULL);
}

static void
tear_down_cancel (void)
{
  tear_down ();
  g_assert_finalize_object (cancellable);
}

const ExploreScenario scenario_mutex_cancel = {
  "mutex-cancel", 3, FALSE, set_up_cancel, tear_down_cancel, { NULL, NULL, cancel }
};

const ExploreScenario scenario_mutex_cancel_main = {
  "mutex-cancel-main", 3, FALSE, set_up_cancel, tear_down_cancel, { NULL, NULL, cancel }, 2
};

/* The one that is cancelled has others before and behind it. */
static void
set_up_cancel_line (void)
{
  set_up_cancel ();
  explore_spawn (1, "c", lock_and_unlock, NULL);
}

const ExploreScenario scenario_mutex_cancel_line = {
  "mutex-cancel-line", 3, FALSE, set_up_cancel_line, tear_down_cancel, { NULL, NULL, cancel }
};

/* ------------------------------------------------------------------- looked at */

static GcoCoroutine *looked_at;
static gboolean      waits;

/* Who is cancelled is out as soon as this has unlocked. */
static void
unlock_and_free (gpointer data)
{
  x_lock (heap_mutex);
  x_unlock (heap_mutex);
  if (waits && heap_mutex->state == 0)
    explore_free_lock (heap_mutex);
}

static void
lock_looked_at (gpointer data)
{
  if (x_lock_cancellable (heap_mutex, cancellable))
    x_unlock (heap_mutex);
  looked_at = NULL;
}

/* As gco_dump() does, between dispatches. */
static void
poll_and_look (void)
{
  while (!explore_has_ended (1))
    {
      GcoWaiter *waiter = looked_at != NULL ? looked_at->waiter : NULL;

      waits = waiter != NULL;
      if (waits && gco_waiter_pin (waiter))
        {
          explore_note ("looks");
          waiter->klass->holder (waiter);
          gco_waiter_unpin (waiter);
        }
      gco_aio_context_poll (explore_context (1), TRUE);
    }
}

static void
set_up_look (void)
{
  heap_mutex = explore_new_page ();
  explore_watch_mutex (heap_mutex, "m");
  cancellable = g_cancellable_new ();
  waits = FALSE;
  explore_spawn (0, "a", unlock_and_free, NULL);
  looked_at = explore_spawn (1, "b", lock_looked_at, NULL);
}

static void
tear_down_look (void)
{
  g_assert_finalize_object (cancellable);
}

const ExploreScenario scenario_mutex_look = {
  "mutex-look", 3, FALSE, set_up_look, tear_down_look, { NULL, poll_and_look, cancel }
};

/* ------------------------------------------------------------------- timed out */

static void
lock_until (gpointer data)
{
  if (x_lock_until (&mutex, manual, 100))
    x_unlock (&mutex);
}

static void
advance (void)
{
  explore_note ("moves the clock");
  gco_clock_advance (manual, 100);
}

static void
set_up_until (void)
{
  set_up ();
  manual = gco_clock_new_manual ();
  explore_spawn (0, "a", lock_and_unlock, NULL);
  explore_spawn (1, "b", lock_until, NULL);
}

static void
tear_down_until (void)
{
  tear_down ();
  g_object_unref (manual);
}

const ExploreScenario scenario_mutex_until = {
  "mutex-until", 3, FALSE, set_up_until, tear_down_until, { NULL, NULL, advance }
};

/* --------------------------------------------------------- by way of another context */

static void
lock_unlock_and_tell (gpointer data)
{
  lock_and_unlock (data);
  gco_aio_context_notify (explore_context (2));
}

static void
pass_on_until_done (void)
{
  while (n_turns < 2 || !explore_has_ended (0) || !explore_has_ended (1))
    explore_iterate (TRUE);
}

static void
set_up_hop (void)
{
  gco_mutex_init_with_context (&mutex, explore_context (2));
  explore_watch_mutex (&mutex, "m");
  n_turns = 0;
  explore_spawn (0, "a", lock_unlock_and_tell, NULL);
  explore_spawn (1, "b", lock_unlock_and_tell, NULL);
}

const ExploreScenario scenario_mutex_hop = {
  "mutex-hop", 3, FALSE, set_up_hop, tear_down, { NULL, NULL, pass_on_until_done }
};
