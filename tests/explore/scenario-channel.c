/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The channel and the sleep across threads: nothing is lost, nothing comes twice. */

#include "explore.h"
#include "scenarios.h"

static GcoChannel   *channel;
static GCancellable *cancellable;
static guint         n_sent;
static guint         n_received;
static guint         last;

static void
send_two (gpointer data)
{
  for (guint i = 1; i <= 2; i++)
    {
      explore_note ("sends %u", i);
      if (gco_channel_send (channel, GUINT_TO_POINTER (i), NULL, NULL))
        n_sent++;
    }
  gco_channel_close_send (channel);
}

static void
receive_all (gpointer data)
{
  gpointer item;

  while ((item = gco_channel_receive (channel, NULL, NULL)) != NULL)
    {
      explore_note ("receives %u", GPOINTER_TO_UINT (item));
      explore_assert (GPOINTER_TO_UINT (item) > last);
      last = GPOINTER_TO_UINT (item);
      n_received++;
    }
}

static void
set_up (void)
{
  channel = gco_channel_new (1, NULL);
  explore_name (channel, 256, "ch");
  n_sent = n_received = last = 0;
  explore_spawn (0, "s", send_two, NULL);
  explore_spawn (1, "r", receive_all, NULL);
}

static void
tear_down (void)
{
  explore_assert (n_sent == 2 && n_received == 2);
  g_assert_finalize_object (channel);
}

const ExploreScenario scenario_channel = { "channel", 2, FALSE, set_up, tear_down, { NULL } };

/* What one that is cancelled has not taken, the other one gets. */
static void
receive_cancellable (gpointer data)
{
  if (gco_channel_receive (channel, cancellable, NULL) != NULL)
    n_received++;
}

static void
receive_rest (gpointer data)
{
  while (gco_channel_receive (channel, NULL, NULL) != NULL)
    n_received++;
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
  channel = gco_channel_new (1, NULL);
  explore_name (channel, 256, "ch");
  cancellable = g_cancellable_new ();
  n_sent = n_received = last = 0;
  explore_spawn (0, "s", send_two, NULL);
  explore_spawn (1, "r", receive_cancellable, NULL);
  explore_spawn (1, "t", receive_rest, NULL);
}

static void
tear_down_cancel (void)
{
  tear_down ();
  g_assert_finalize_object (cancellable);
}

const ExploreScenario scenario_channel_cancel = {
  "channel-cancel", 3, FALSE, set_up_cancel, tear_down_cancel, { NULL, NULL, cancel }
};

/* ---------------------------------------------------------------------- sleep */

static GcoSleep  sleep_here;
static GcoClock *manual;
static guint     n_woken;

/* A wake that comes when the time is over is for the next sleep. */
static void
sleep_twice (gpointer data)
{
  if (gco_sleep_wait_until (&sleep_here, manual, 100, NULL, NULL))
    n_woken++;
  else
    {
      explore_note ("is late");
      if (gco_sleep_wait_until (&sleep_here, manual, G_MAXINT64, NULL, NULL))
        n_woken++;
    }
}

static void
wake (void)
{
  explore_note ("wakes it");
  gco_sleep_wake (&sleep_here);
}

static void
advance (void)
{
  explore_note ("moves the clock");
  gco_clock_advance (manual, 100);
}

static void
set_up_sleep (void)
{
  sleep_here = (GcoSleep){ 0 };
  explore_name (&sleep_here, sizeof sleep_here, "sleep");
  manual = gco_clock_new_manual ();
  n_woken = 0;
  explore_spawn (0, "a", sleep_twice, NULL);
}

static void
tear_down_sleep (void)
{
  explore_assert (n_woken == 1);
  /* The contexts have it until they go. */
  g_object_unref (manual);
}

const ExploreScenario scenario_sleep = {
  "sleep", 3, FALSE, set_up_sleep, tear_down_sleep, { NULL, wake, advance }
};

const ExploreScenario scenario_sleep_main = {
  "sleep-main", 3, FALSE, set_up_sleep, tear_down_sleep, { NULL, wake, advance }, 1
};
