/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A shutdown while a grant is on its way through the context of a lock. */

#include "explore-locks.h"
#include "scenarios.h"

static GcoQueue       queue;
static GcoAioContext *via;
static gboolean       shut_down;

/* Picked or cancelled, whichever came first. */
static void
wait_cancellable (gpointer data)
{
  x_wait_cancellable (&queue, NULL, NULL);
}

static void
set_up (void)
{
  via = explore_new_context ("ctxV");
  gco_queue_init_with_context (&queue, via);
  explore_watch_queue (&queue, "q");
  explore_spawn (0, "a", wait_cancellable, NULL);
  shut_down = FALSE;
}

static void
tear_down (void)
{
  explore_assert_free (&queue);
  (g_object_unref) (via);
}

static void
shut_down_nobody (void)
{
  gco_aio_context_poll (explore_context (0), FALSE);
  gco_aio_context_shutdown (explore_context (0));
  explore_assert (explore_has_ended (0));
  shut_down = TRUE;
  gco_aio_context_notify (via);
}

/* Who would dispatch it is who shuts down. */
static void
shut_down_here (void)
{
  gco_aio_context_poll (via, FALSE);
  shut_down_nobody ();
  gco_aio_context_release_thread (via);
}

static void
wake_one (void)
{
  x_next (&queue);
}

const ExploreScenario scenario_shutdown_hop = {
  "shutdown-hop", 2, FALSE, set_up, tear_down, { shut_down_here, wake_one }
};

/* It is nobody's, until it becomes somebody else's. */
static void
pass_on_until_shut_down (void)
{
  while (!shut_down)
    gco_aio_context_poll (via, TRUE);
  gco_aio_context_release_thread (via);
}

const ExploreScenario scenario_shutdown_hop_claimed = {
  "shutdown-hop-claimed",
  3,
  FALSE,
  set_up,
  tear_down,
  { shut_down_nobody, wake_one, pass_on_until_shut_down }
};
