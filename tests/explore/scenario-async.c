/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Callers that are no coroutines: they stand in the same lines, are cancelled by another
 * thread while a third one grants, and their callbacks come once each. */

#include "explore.h"
#include "scenarios.h"

static GcoAsyncMutex     *mutex;
static GcoAsyncWaitQueue *queue;
static GCancellable      *cancellable;
static guint              n_inside;
static guint              n_called;
static guint              n_granted;

static void
go_in (void)
{
  explore_assert (++n_inside == 1);
  n_granted++;
  explore_note ("is inside");
  n_inside--;
}

static void
on_locked (GObject      *face,
           GAsyncResult *result,
           gpointer      user_data)
{
  g_autoptr (GError) error = NULL;

  n_called++;
  if (!gco_async_mutex_lock_finish (mutex, result, &error))
    {
      explore_note ("was cancelled");
      explore_assert (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED));
      return;
    }
  go_in ();
  explore_assert (gco_async_mutex_unlock (mutex, NULL));
}

static void
lock_in_coroutine (gpointer data)
{
  gco_mutex_lock (gco_async_mutex_get_mutex (mutex));
  go_in ();
  gco_mutex_unlock (gco_async_mutex_get_mutex (mutex));
}

static void
set_up (void)
{
  mutex = gco_async_mutex_new ();
  explore_name (gco_async_mutex_get_mutex (mutex), sizeof (GcoMutex), "m");
  n_inside = n_called = n_granted = 0;
}

static void
tear_down (void)
{
  explore_assert (!gco_async_mutex_is_locked (mutex));
  g_assert_finalize_object (mutex);
}

static void
iterate_until_called (guint n)
{
  while (n_called < n || !explore_has_ended (explore_self ()))
    explore_iterate (TRUE);
}

/* --------------------------------------------------------- beside coroutines */

static void
lock_twice (void)
{
  gco_async_mutex_lock_async (mutex, NULL, on_locked, NULL);
  gco_async_mutex_lock_async (mutex, NULL, on_locked, NULL);
  iterate_until_called (2);
}

static void
set_up_beside (void)
{
  set_up ();
  explore_spawn (1, "b", lock_in_coroutine, NULL);
}

static void
tear_down_beside (void)
{
  explore_assert (n_called == 2 && n_granted == 3);
  tear_down ();
}

const ExploreScenario scenario_async = {
  "async", 2, FALSE, set_up_beside, tear_down_beside, { lock_twice, NULL }, 1
};

/* ----------------------------------------------------------------- cancelled */

static void
cancel (void)
{
  explore_note ("cancels");
  explore_cancel (cancellable);
}

/* The first may be cancelled; what it does not take, the second gets. */
static void
lock_cancellable (void)
{
  gco_async_mutex_lock_async (mutex, cancellable, on_locked, NULL);
  gco_async_mutex_lock_async (mutex, NULL, on_locked, NULL);
  iterate_until_called (2);
}

static void
set_up_cancel (void)
{
  set_up_beside ();
  cancellable = g_cancellable_new ();
}

static void
tear_down_cancel (void)
{
  explore_assert (n_called == 2 && (n_granted == 2 || n_granted == 3));
  tear_down ();
  g_assert_finalize_object (cancellable);
}

const ExploreScenario scenario_async_cancel = {
  "async-cancel",
  3,
  FALSE,
  set_up_cancel,
  tear_down_cancel,
  { lock_cancellable, NULL, cancel },
  1,
};

/* ------------------------------------------------------- fetched by nobody */

/* Without a callback the grant goes to the next in line, cancelled or not. */
static void
lock_unheard (void)
{
  gco_async_mutex_lock_async (mutex, cancellable, NULL, NULL);
  gco_async_mutex_lock_async (mutex, NULL, on_locked, NULL);
  iterate_until_called (1);
  /* its task has the mutex, and a cancellation that lost may still be on its way */
  while (G_OBJECT (mutex)->ref_count > 1)
    explore_iterate (TRUE);
}

static void
tear_down_unheard (void)
{
  explore_assert (n_called == 1 && n_granted == 2);
  tear_down ();
  g_assert_finalize_object (cancellable);
}

const ExploreScenario scenario_async_unheard = {
  "async-unheard",
  3,
  FALSE,
  set_up_cancel,
  tear_down_unheard,
  { lock_unheard, NULL, cancel },
  1,
};

/* ------------------------------------------- a wake goes to who still waits for it */

static void
on_woken (GObject      *face,
          GAsyncResult *result,
          gpointer      is_first)
{
  gboolean woken = gco_async_wait_queue_wait_finish (queue, result, NULL);

  n_called++;
  explore_note (woken ? "was woken" : "was cancelled");
  /* The other one was woken by nobody yet. */
  if (woken && is_first != NULL)
    gco_async_wait_queue_next (queue);
  explore_assert (woken || is_first != NULL);
}

static void
wait_twice (void)
{
  gco_async_wait_queue_wait_async (queue, NULL, cancellable, on_woken, queue);
  gco_async_wait_queue_wait_async (queue, NULL, NULL, on_woken, NULL);
  iterate_until_called (2);
}

static void
wake_one (void)
{
  while (!gco_async_wait_queue_next (queue))
    explore_pause ();
}

static void
set_up_queue (void)
{
  n_called = 0;
  queue = gco_async_wait_queue_new ();
  explore_name (gco_async_wait_queue_get_queue (queue), sizeof (GcoQueue), "q");
  cancellable = g_cancellable_new ();
}

static void
tear_down_queue (void)
{
  explore_assert (n_called == 2 && gco_async_wait_queue_is_empty (queue));
  g_assert_finalize_object (queue);
  g_assert_finalize_object (cancellable);
}

/* Nothing else ends it. */
static void
wait_once (void)
{
  gco_async_wait_queue_wait_async (queue, NULL, cancellable, on_woken, queue);
  iterate_until_called (1);
}

static void
tear_down_only (void)
{
  explore_assert (n_called == 1);
  g_assert_finalize_object (queue);
  g_assert_finalize_object (cancellable);
}

const ExploreScenario scenario_async_cancel_only = {
  "async-cancel-only", 2, FALSE, set_up_queue, tear_down_only, { wait_once, cancel }, 1
};

const ExploreScenario scenario_async_queue = {
  "async-queue",
  3,
  FALSE,
  set_up_queue,
  tear_down_queue,
  { wait_twice, wake_one, cancel },
  1,
};
