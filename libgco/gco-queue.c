/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The wait queue: the simplest lock, for its state is nothing but the list. */

#include "gco-queue-private.h"

G_STATIC_ASSERT (sizeof (GcoQueue) == 4 * sizeof (gpointer));

static GcoWaitList *
waiters (GcoQueue *queue)
{
  return (GcoWaitList *) &queue->head;
}

static void
leave (GcoWaiter *waiter)
{
  GcoQueue *queue = waiter->lock;

  gco_busy_take (&queue->state);
  gco_wait_list_close (waiters (queue), waiter->previous, waiter->next);
  gco_busy_release (&queue->state, 0);
}

const GcoWaiterClass gco_queue_waiter = { "a GcoQueue", leave, NULL };

/**
 * gco_queue_init: (skip)
 * @queue: a queue
 *
 * Makes @queue empty, as zero-filled memory is anyway.
 *
 * Since: 1.0
 */
void
gco_queue_init (GcoQueue *queue)
{
  gco_queue_init_with_context (queue, NULL);
}

/**
 * gco_queue_init_with_context: (skip)
 * @queue: a queue
 * @ctx: (nullable): a context that outlives all waits
 *
 * Makes @queue empty. The wake-ups that it causes go through @ctx: a dispatch of
 * @ctx passes them on to the contexts of the coroutines. Whom a wake is for is
 * decided before that, so @queue may be freed meanwhile.
 *
 * Since: 1.0
 */
void
gco_queue_init_with_context (GcoQueue      *queue,
                             GcoAioContext *ctx)
{
  g_return_if_fail (queue != NULL);

  *queue = (GcoQueue){ 0, NULL, NULL, ctx };
}

static void
publish (GcoQueue         *queue,
         GcoWaiter        *waiter,
         GcoQueueWaitFlags flags)
{
  gco_busy_take (&queue->state);
  if (flags & GCO_QUEUE_WAIT_INSERT_HEAD)
    gco_wait_list_prepend (waiters (queue), waiter);
  else
    gco_wait_list_append (waiters (queue), waiter);
  gco_busy_release (&queue->state, 0);
}

gboolean
gco_queue_enqueue (gpointer   queue,
                   GcoWaiter *waiter)
{
  publish (queue, waiter, GCO_QUEUE_WAIT_DEFAULT);
  return FALSE;
}

static gboolean gco_coroutine_fn
wait_turn (GcoQueue            *queue,
           GcoLockable          lockable,
           GcoQueueWaitFlags    flags,
           const GcoWaitLimits *limits,
           const char          *caller,
           GError             **error)
{
  GcoWaiter waiter;
  gboolean  woken;

  gco_waiter_init (&waiter, &gco_queue_waiter, queue, caller);
  if (!gco_waiter_may_wait (&waiter, limits, error))
    return FALSE;
  publish (queue, &waiter, flags);
  if (lockable.release != NULL)
    lockable.release (lockable.lock);
  woken = gco_waiter_park (&waiter, limits, error);
  if (lockable.take != NULL)
    lockable.take (lockable.lock);
  return woken;
}

/**
 * gco_queue_wait: (skip)
 * @queue: a queue
 * @mutex: (nullable): a mutex that the running coroutine holds, or NULL
 *
 * Releases @mutex and waits behind all others in @queue, until
 * [method@Gco.Queue.next] or [method@Gco.Queue.restart_all] picks the running
 * coroutine; then takes @mutex again. No wake-up that comes after @mutex was
 * released is missed. Coroutine only; yields.
 *
 * Since: 1.0
 */
void
gco_queue_wait (GcoQueue *queue,
                GcoMutex *mutex)
{
  g_return_if_fail (queue != NULL);

  wait_turn (queue,
             gco_lockable_for_mutex (mutex),
             GCO_QUEUE_WAIT_DEFAULT,
             &gco_wait_no_limits,
             "gco_queue_wait",
             NULL);
}

/**
 * gco_queue_wait_insert_head: (skip)
 * @queue: a queue
 * @mutex: (nullable): a mutex that the running coroutine holds, or NULL
 *
 * Like [method@Gco.Queue.wait], but in front of all others: for who was woken
 * and finds that it must wait once more. Coroutine only; yields.
 *
 * Since: 1.0
 */
void
gco_queue_wait_insert_head (GcoQueue *queue,
                            GcoMutex *mutex)
{
  g_return_if_fail (queue != NULL);

  wait_turn (queue,
             gco_lockable_for_mutex (mutex),
             GCO_QUEUE_WAIT_INSERT_HEAD,
             &gco_wait_no_limits,
             "gco_queue_wait_insert_head",
             NULL);
}

/**
 * gco_queue_wait_cancellable: (skip)
 * @queue: a queue
 * @mutex: (nullable): a mutex that the running coroutine holds, or NULL
 * @cancellable: (nullable): what may end the wait
 * @error: return location for an error
 *
 * Like [method@Gco.Queue.wait], or gives up with `G_IO_ERROR_CANCELLED`. In
 * either case @mutex is held when this returns. A coroutine that was picked
 * before the cancellation gets TRUE; one that was cancelled before never takes
 * the wake-up from the next in line. Coroutine only; may yield.
 *
 * Returns: TRUE if it was picked
 *
 * Since: 1.0
 */
gboolean
gco_queue_wait_cancellable (GcoQueue     *queue,
                            GcoMutex     *mutex,
                            GCancellable *cancellable,
                            GError      **error)
{
  return gco_queue_wait_full (queue,
                              gco_lockable_for_mutex (mutex),
                              GCO_QUEUE_WAIT_DEFAULT,
                              cancellable,
                              error);
}

/**
 * gco_queue_wait_full: (skip)
 * @queue: a queue
 * @lockable: the lock that is released during the wait, see [func@Gco.LOCKABLE]
 * @flags: how to stand in the queue
 * @cancellable: (nullable): what may end the wait
 * @error: return location for an error
 *
 * Like [method@Gco.Queue.wait_cancellable] with any lock, @flags, or both.
 * Coroutine only; may yield.
 *
 * Returns: TRUE if it was picked
 *
 * Since: 1.0
 */
gboolean
gco_queue_wait_full (GcoQueue         *queue,
                     GcoLockable       lockable,
                     GcoQueueWaitFlags flags,
                     GCancellable     *cancellable,
                     GError          **error)
{
  g_return_val_if_fail (queue != NULL, FALSE);
  g_return_val_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return wait_turn (queue,
                    lockable,
                    flags,
                    &GCO_WAIT_CANCELLABLE (cancellable),
                    "gco_queue_wait_cancellable",
                    error);
}

/**
 * gco_queue_wait_until: (skip)
 * @queue: a queue
 * @mutex: (nullable): a mutex that the running coroutine holds, or NULL
 * @clock: (nullable): a clock, or NULL for the monotonic one
 * @deadline_ns: when to give up, in nanoseconds of @clock; `G_MAXINT64` for never
 * @cancellable: (nullable): what may end the wait as well
 * @error: return location for an error
 *
 * Like [method@Gco.Queue.wait], or gives up with `G_IO_ERROR_TIMED_OUT` or
 * `G_IO_ERROR_CANCELLED`. In every case @mutex is held when this returns, for which
 * it may have to wait beyond the deadline. A coroutine that was picked before the
 * end gets TRUE; one that gave up before never takes the wake-up from the next in
 * line. A deadline in the past ends the wait in the next dispatch, with @mutex
 * released until then. Coroutine only; may yield.
 *
 * Returns: TRUE if it was picked
 *
 * Since: 1.0
 */
gboolean
gco_queue_wait_until (GcoQueue     *queue,
                      GcoMutex     *mutex,
                      GcoClock     *clock,
                      gint64        deadline_ns,
                      GCancellable *cancellable,
                      GError      **error)
{
  return gco_queue_wait_full_until (queue,
                                    gco_lockable_for_mutex (mutex),
                                    GCO_QUEUE_WAIT_DEFAULT,
                                    clock,
                                    deadline_ns,
                                    cancellable,
                                    error);
}

/**
 * gco_queue_wait_full_until: (skip)
 * @queue: a queue
 * @lockable: the lock that is released during the wait, see [func@Gco.LOCKABLE]
 * @flags: how to stand in the queue
 * @clock: (nullable): a clock, or NULL for the monotonic one
 * @deadline_ns: when to give up, in nanoseconds of @clock; `G_MAXINT64` for never
 * @cancellable: (nullable): what may end the wait as well
 * @error: return location for an error
 *
 * Like [method@Gco.Queue.wait_until] with any lock, @flags, or both. Coroutine
 * only; may yield.
 *
 * Returns: TRUE if it was picked
 *
 * Since: 1.0
 */
gboolean
gco_queue_wait_full_until (GcoQueue         *queue,
                           GcoLockable       lockable,
                           GcoQueueWaitFlags flags,
                           GcoClock         *clock,
                           gint64            deadline_ns,
                           GCancellable     *cancellable,
                           GError          **error)
{
  g_return_val_if_fail (queue != NULL, FALSE);
  g_return_val_if_fail (clock == NULL || GCO_IS_CLOCK (clock), FALSE);
  g_return_val_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return wait_turn (queue,
                    lockable,
                    flags,
                    &GCO_WAIT_UNTIL (clock, deadline_ns, cancellable),
                    "gco_queue_wait_until",
                    error);
}

/* --------------------------------------------------------------------- wake */

/* (BUSY) Grants the first that can be, and returns it; NULL if none can. */
static GcoWaiter *
grant_first (GcoQueue *queue)
{
  GcoWaitList *list = waiters (queue);

  while (list->head != NULL)
    {
      GcoWaiter   *first = list->head;
      GcoWaitState state = gco_waiter_grant (first, list);

      if (G_LIKELY (state == GCO_WAIT_GRANTED))
        return first;
      if (state == GCO_WAIT_WAITING)
        {
          gco_busy_release (&queue->state, 0);
          gco_busy_let_pass ();
          gco_busy_take (&queue->state);
        }
    }
  return NULL;
}

/**
 * gco_queue_next: (skip)
 * @queue: a queue
 *
 * Picks the coroutine that has waited longest: it is made ready in its own
 * context and does not run in here. @queue may be freed as soon as this returns.
 * Any thread, in a coroutine or not; never yields.
 *
 * Returns: TRUE if somebody was picked; FALSE if nobody waited
 *
 * Since: 1.0
 */
gboolean
gco_queue_next (GcoQueue *queue)
{
  GcoAioContext *ctx;
  GcoWaiter     *picked;

  g_return_val_if_fail (queue != NULL, FALSE);

  gco_busy_take (&queue->state);
  ctx = queue->ctx;
  picked = grant_first (queue);
  if (picked != NULL)
    picked->item = GCO_QUEUE_PICKED_ALONE;
  gco_busy_release (&queue->state, 0);
  if (picked == NULL)
    return FALSE;
  gco_waiter_wake (picked, ctx, "gco_queue_next");
  return TRUE;
}

/**
 * gco_queue_restart_all: (skip)
 * @queue: a queue
 *
 * Picks everybody who waits now, in order, like [method@Gco.Queue.next]. Whoever
 * waits again is not picked again. Any thread, in a coroutine or not; never
 * yields.
 *
 * Since: 1.0
 */
void
gco_queue_restart_all (GcoQueue *queue)
{
  GcoAioContext *ctx;
  GcoWaiter     *picked = NULL;
  GcoWaiter    **end = &picked;
  GcoWaiter     *waiter;

  g_return_if_fail (queue != NULL);

  gco_busy_take (&queue->state);
  ctx = queue->ctx;
  while ((waiter = grant_first (queue)) != NULL)
    {
      *end = waiter;
      end = &waiter->next;
    }
  *end = NULL;
  gco_busy_release (&queue->state, 0);
  gco_waiter_wake_all (picked, ctx, "gco_queue_restart_all");
}

/**
 * gco_queue_is_empty: (skip)
 * @queue: a queue
 *
 * Whether nobody waits in @queue. One whose wait was cancelled counts until it
 * has run. Any thread; never yields.
 *
 * Returns: TRUE if the queue is empty
 *
 * Since: 1.0
 */
gboolean
gco_queue_is_empty (GcoQueue *queue)
{
  gboolean is_empty;

  g_return_val_if_fail (queue != NULL, TRUE);

  gco_busy_take (&queue->state);
  is_empty = waiters (queue)->head == NULL;
  gco_busy_release (&queue->state, 0);
  return is_empty;
}
