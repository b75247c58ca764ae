/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The loop: no wake-up is lost, what is pushed runs once and in order. */

#include "explore.h"
#include "scenarios.h"

static guint         n_run;
static guint         log[8];
static guint         n_logged;
static gboolean      flag;
static GcoCoroutine *sleeper;
static GcoBh        *bh;

static void
forget (void)
{
  n_run = n_logged = 0;
  flag = FALSE;
}

static void
note_number (gpointer data)
{
  g_assert (n_logged < G_N_ELEMENTS (log));
  log[n_logged++] = GPOINTER_TO_UINT (data);
  explore_note ("runs %u", GPOINTER_TO_UINT (data));
}

static void
push (int   actor,
      guint number)
{
  explore_note ("pushes %u", number);
  gco_aio_context_schedule_oneshot (explore_context (actor),
                                    note_number,
                                    GUINT_TO_POINTER (number),
                                    NULL);
}

/* -------------------------------------------------------------- sleep and notify */

static void
poll_until_told (void)
{
  while (n_run < 3)
    explore_iterate (TRUE);
}

static void
tell (void)
{
  for (guint i = 0; i < 3; i++)
    {
      n_run++;
      explore_note ("says %u", n_run);
      gco_aio_context_notify (explore_context (0));
    }
}

static void
tear_down_nothing (void)
{
}

const ExploreScenario scenario_notify = {
  "notify", 2, FALSE, forget, tear_down_nothing, { poll_until_told, tell }
};

const ExploreScenario scenario_notify_main = {
  "notify-main", 2, FALSE, forget, tear_down_nothing, { poll_until_told, tell }, 1
};

/* The same where a poll looks for a while before it sleeps. */
const ExploreScenario scenario_notify_spin = {
  "notify-spin", 2, TRUE, forget, tear_down_nothing, { poll_until_told, tell }
};

/* ------------------------------------------------------------------- the ready list */

static void
poll_until_logged (void)
{
  while (n_logged < 4)
    explore_iterate (TRUE);
}

static void
push_two (void)
{
  push (0, 1);
  push (0, 2);
}

static void
push_two_more (void)
{
  push (0, 11);
  push (0, 12);
}

static guint
place_of (guint number)
{
  for (guint i = 0; i < n_logged; i++)
    if (log[i] == number)
      return i;
  explore_fail ("%u has not run", number);
}

static void
tear_down_ready (void)
{
  explore_assert (n_logged == 4);
  explore_assert (place_of (1) < place_of (2));
  explore_assert (place_of (11) < place_of (12));
}

const ExploreScenario scenario_ready = {
  "ready", 3, FALSE, forget, tear_down_ready, { poll_until_logged, push_two, push_two_more }
};

const ExploreScenario scenario_ready_main = {
  "ready-main", 3, FALSE, forget, tear_down_ready, { poll_until_logged, push_two, push_two_more }, 1
};

/* -------------------------------------------------------- one-shots to and fro */

static void
answer (gpointer data)
{
  guint n = GPOINTER_TO_UINT (data);

  explore_note ("answers %u", n);
  n_run++;
  if (n > 0)
    gco_aio_context_schedule_oneshot (explore_context (n % 2),
                                      answer,
                                      GUINT_TO_POINTER (n - 1),
                                      NULL);
}

/* The last two are run here, the one by this and the other by that. */
static void
poll_even (void)
{
  gco_aio_context_schedule_oneshot (explore_context (1), answer, GUINT_TO_POINTER (2), NULL);
  while (n_run < 2)
    explore_iterate (TRUE);
}

static void
poll_odd (void)
{
  while (n_run < 3)
    explore_iterate (TRUE);
}

const ExploreScenario scenario_oneshot = {
  "oneshot", 2, FALSE, forget, tear_down_nothing, { poll_even, poll_odd }
};

const ExploreScenario scenario_oneshot_main = {
  "oneshot-main", 2, FALSE, forget, tear_down_nothing, { poll_even, poll_odd }, 1
};

/* ---------------------------------------------- woken before, and while, it yields */

static void
yield_once (gpointer data)
{
  explore_note ("yields");
  flag = TRUE;
  gco_coroutine_yield ();
  n_run++;
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
set_up_wake (void)
{
  forget ();
  sleeper = explore_spawn (0, "a", yield_once, NULL);
}

const ExploreScenario scenario_wake = {
  "wake", 2, FALSE, set_up_wake, tear_down_nothing, { NULL, wake_sleeper }
};

const ExploreScenario scenario_wake_main = {
  "wake-main", 2, FALSE, set_up_wake, tear_down_nothing, { NULL, wake_sleeper }, 1
};

/* It is entered by hand, so it has no home before it yields. */
static void
enter_it (gpointer data)
{
  sleeper = gco_coroutine_create (yield_once, NULL);
  explore_name (sleeper, 256, "a");
  gco_coroutine_enter (sleeper);
}

static void
enter_and_poll (void)
{
  gco_aio_context_schedule_oneshot (explore_context (0), enter_it, NULL, NULL);
  while (n_run == 0)
    explore_iterate (TRUE);
}

const ExploreScenario scenario_wake_early = {
  "wake-early", 2, FALSE, forget, tear_down_nothing, { enter_and_poll, wake_sleeper }
};

const ExploreScenario scenario_wake_early_main = {
  "wake-early-main", 2, FALSE, forget, tear_down_nothing, { enter_and_poll, wake_sleeper }, 1
};

/* -------------------------------------------------------------------- bottom halves */

static void
count_run (gpointer data)
{
  explore_note ("runs the bottom half");
  n_run++;
}

static void
poll_until_run (void)
{
  while (n_run == 0 || !flag)
    explore_iterate (TRUE);
}

/* Each schedule is followed by a call, and two by one at least. */
static void
schedule_bh (void)
{
  gco_bh_schedule (bh);
  flag = TRUE;
  gco_aio_context_notify (explore_context (0));
}

static void
schedule_bh_idle (void)
{
  gco_bh_schedule_idle (bh);
}

static void
set_up_bh (void)
{
  forget ();
  bh = gco_bh_new (explore_context (0), count_run, NULL, NULL);
}

static void
tear_down_bh (void)
{
  explore_assert (n_run >= 1 && n_run <= 2);
  gco_bh_free (bh);
}

const ExploreScenario scenario_bh = {
  "bh", 3, FALSE, set_up_bh, tear_down_bh, { poll_until_run, schedule_bh, schedule_bh_idle }
};

const ExploreScenario scenario_bh_main = {
  "bh-main", 3, FALSE, set_up_bh, tear_down_bh, { poll_until_run, schedule_bh, schedule_bh_idle }, 1
};

static void
note_destroyed (gpointer data)
{
  explore_note ("destroys its data");
  flag = TRUE;
}

static void
poll_until_destroyed (void)
{
  while (!flag)
    explore_iterate (TRUE);
}

static void
free_bh (void)
{
  gco_bh_schedule (bh);
  gco_bh_free (bh);
}

static void
set_up_bh_free (void)
{
  forget ();
  bh = gco_bh_new (explore_context (0), count_run, NULL, note_destroyed);
}

static void
tear_down_bh_free (void)
{
  explore_assert (n_run <= 1);
}

const ExploreScenario scenario_bh_free = {
  "bh-free", 2, FALSE, set_up_bh_free, tear_down_bh_free, { poll_until_destroyed, free_bh }
};

const ExploreScenario scenario_bh_free_main = {
  "bh-free-main", 2, FALSE, set_up_bh_free, tear_down_bh_free, { poll_until_destroyed, free_bh }, 1
};

/* ------------------------------------------------------------------ from here to there */

static void
move_over (gpointer data)
{
  gco_coroutine_move_to (explore_context (1));
  explore_note ("is there");
  explore_assert (explore_self () == 1);
  gco_coroutine_move_to (explore_context (0));
  explore_assert (explore_self () == 0);
  n_run++;
}

static void
stay (gpointer data)
{
  while (n_run == 0)
    {
      gco_coroutine_schedule (gco_coroutine_self (), NULL);
      explore_pause ();
      gco_coroutine_yield ();
    }
}

static void
set_up_move (void)
{
  forget ();
  explore_spawn (0, "a", move_over, NULL);
  explore_spawn (1, "b", stay, NULL);
}

const ExploreScenario scenario_move = {
  "move", 2, FALSE, set_up_move, tear_down_nothing, { NULL }
};

const ExploreScenario scenario_move_main = {
  "move-main", 2, FALSE, set_up_move, tear_down_nothing, { NULL }, 1
};

/* ------------------------------------------------- a context goes while it is notified */

static GcoAioContext *passing;

/* The coroutine keeps it: when that has been woken and has ended, nothing does. */
static void
poll_and_forget (void)
{
  while (n_run == 0)
    gco_aio_context_poll (passing, TRUE);
  gco_aio_context_release_thread (passing);
  (g_object_unref) (passing);
}

static void
set_up_teardown (void)
{
  forget ();
  passing = explore_new_context ("ctxX");
  sleeper = gco_coroutine_create (yield_once, NULL);
  explore_name (sleeper, 256, "a");
  gco_coroutine_schedule (sleeper, passing);
}

const ExploreScenario scenario_teardown = {
  "teardown", 2, FALSE, set_up_teardown, tear_down_nothing, { poll_and_forget, wake_sleeper }
};
