/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* By the other door: the context is a source of a GMainContext, which prepares, polls,
 * checks and dispatches when it likes, and others wake it in between. */

#include "explore.h"
#include "scenarios.h"

static guint n_said;
static guint n_run;
static guint log[4];

static void
set_up (void)
{
  n_said = n_run = 0;
}

static void
tear_down (void)
{
}

static void
tell (void)
{
  for (guint i = 0; i < 2; i++)
    {
      n_said++;
      explore_note ("says %u", n_said);
      gco_aio_context_notify (explore_context (0));
    }
}

/* ------------------------------------------------- prepared more often than checked */

/* Who asks whether anything is pending polls without sleeping; and who embeds the context
 * in a loop of another make may prepare it again and again. */
static void
ask_and_iterate (void)
{
  GMainContext *main_context = explore_main_context (0);

  while (n_said < 2)
    {
      int priority;

      g_main_context_prepare (main_context, &priority);
      g_main_context_prepare (main_context, &priority);
      g_main_context_pending (main_context);
      if (n_said < 2)
        g_main_context_iteration (main_context, TRUE);
    }
}

const ExploreScenario scenario_main_asked = {
  "main-asked", 2, FALSE, set_up, tear_down, { ask_and_iterate, tell }, 1
};

/* -------------------------------------------------------------- by both in turn */

/* prepare() has said that it sleeps, and then it is polled. */
static void
prepare_and_poll (void)
{
  while (n_said < 2)
    {
      int priority;

      g_main_context_prepare (explore_main_context (0), &priority);
      if (n_said < 2)
        gco_aio_context_poll (explore_context (0), TRUE);
      if (n_said < 2)
        g_main_context_iteration (explore_main_context (0), TRUE);
    }
}

const ExploreScenario scenario_main_polled = {
  "main-polled", 2, FALSE, set_up, tear_down, { prepare_and_poll, tell }, 1
};

/* --------------------------------------------------- an iteration within a dispatch */

static void
note_number (gpointer data)
{
  explore_note ("runs %u", GPOINTER_TO_UINT (data));
  log[n_run++] = GPOINTER_TO_UINT (data);
}

static void
push (guint number)
{
  explore_note ("pushes %u", number);
  gco_aio_context_schedule_oneshot (explore_context (0),
                                    note_number,
                                    GUINT_TO_POINTER (number),
                                    NULL);
}

/* The inner one takes what is ready, and sleeps until there is something. */
static void
iterate_within (gpointer data)
{
  explore_note ("iterates");
  while (n_run < 2)
    g_main_context_iteration (explore_main_context (0), TRUE);
  push (3);
}

static void
iterate_twice (void)
{
  gco_aio_context_schedule_oneshot (explore_context (0), iterate_within, NULL, NULL);
  while (n_run < 3)
    g_main_context_iteration (explore_main_context (0), TRUE);
}

static void
push_two (void)
{
  push (1);
  push (2);
}

static void
tear_down_within (void)
{
  explore_assert (n_run == 3 && log[0] == 1 && log[1] == 2 && log[2] == 3);
}

const ExploreScenario scenario_main_within = {
  "main-within", 2, FALSE, set_up, tear_down_within, { iterate_twice, push_two }, 1
};

/* --------------------------------------------------------------- a time to wake up at */

static void
sleep_twice (gpointer data)
{
  for (guint i = 0; i < 2; i++)
    {
      gco_sleep_ns (NULL, 1000);
      explore_note ("wakes up");
    }
}

static void
set_up_timer (void)
{
  set_up ();
  explore_spawn (0, "a", sleep_twice, NULL);
}

static void
iterate_all (void)
{
  while (n_run < 2 || !explore_has_ended (0))
    g_main_context_iteration (explore_main_context (0), TRUE);
}

static void
tear_down_timer (void)
{
  explore_assert (n_run == 2 && log[0] == 1 && log[1] == 2);
}

const ExploreScenario scenario_main_timer = {
  "main-timer", 2, FALSE, set_up_timer, tear_down_timer, { iterate_all, push_two }, 1
};

/* ------------------------------------------- its GMainContext goes while it is notified */

static GMainContext  *passing_main;
static GcoAioContext *passing;
static GcoCoroutine  *sleeper;
static gboolean       flag;

static void
yield_once (gpointer data)
{
  explore_note ("yields");
  flag = TRUE;
  gco_coroutine_yield ();
  n_run++;
}

/* The source has the last reference but the waker's. */
static void
iterate_and_forget (void)
{
  while (n_run == 0)
    g_main_context_iteration (passing_main, TRUE);
  gco_aio_context_release_thread (passing);
  g_main_context_unref (passing_main);
}

static void
wake_sleeper (void)
{
  while (!flag)
    explore_pause ();
  explore_note ("wakes it");
  gco_coroutine_wake (sleeper);
}

static void
set_up_teardown (void)
{
  set_up ();
  flag = FALSE;
  passing_main = explore_new_main_context ();
  passing = explore_new_context ("ctxX");
  gco_aio_context_attach (passing, passing_main);
  sleeper = gco_coroutine_create (yield_once, NULL);
  explore_name (sleeper, 256, "a");
  gco_coroutine_schedule (sleeper, passing);
  g_object_unref (passing);
}

const ExploreScenario scenario_main_teardown = {
  "main-teardown",
  2,
  FALSE,
  set_up_teardown,
  tear_down,
  { iterate_and_forget, wake_sleeper },
};
