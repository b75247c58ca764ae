/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The GObject face of a queue. A wait has two parts: until it is picked, which its
 * cancellable may end, and until it has the mutex again, which nothing ends. The
 * task's data is the mutex's face.
 */

#include "gco-async-wait-queue.h"

#include "../gco-debug-private.h"
#include "../gco-mutex-private.h"
#include "../gco-queue-private.h"
#include "gco-async-call-private.h"

/**
 * GcoAsyncWaitQueue:
 *
 * A [struct@Gco.Queue] for those who call back: in C, JavaScript, Python or Vala. It
 * is to asynchronous callers what a condition variable is to threads, with the order
 * kept and no spurious wake-ups, but for a turn that one who has gone did not take.
 * Coroutines that wait in what
 * [method@Gco.AsyncWaitQueue.get_queue] returns stand in the same line.
 *
 * Since: 1.0
 */
struct _GcoAsyncWaitQueue
{
  GObject parent_instance;

  GcoQueue queue;
};

G_DEFINE_FINAL_TYPE (GcoAsyncWaitQueue, gco_async_wait_queue, G_TYPE_OBJECT)

static void
gco_async_wait_queue_class_init (GcoAsyncWaitQueueClass *klass)
{
}

static void
gco_async_wait_queue_init (GcoAsyncWaitQueue *self)
{
}

/**
 * gco_async_wait_queue_new:
 *
 * Makes an empty queue. Any thread.
 *
 * Returns: (transfer full): a queue
 *
 * Since: 1.0
 */
GcoAsyncWaitQueue *
gco_async_wait_queue_new (void)
{
  return g_object_new (GCO_TYPE_ASYNC_WAIT_QUEUE, NULL);
}

/* Nobody fetched that the wait is over. */
static void
drop_mutex (GcoAsyncGrant *grant)
{
  if (grant->mutex != NULL)
    gco_async_mutex_unlock (grant->mutex, NULL);
}

/* The same, and there is a wake-up that somebody else may be waiting for. */
static void
drop_turn (GcoAsyncGrant *grant)
{
  drop_mutex (grant);
  gco_async_wait_queue_next (grant->face);
}

static void
end (GTask  *task,
     GError *error,
     void (*drop) (GcoAsyncGrant *grant))
{
  gco_async_grant_return (task,
                          g_task_get_source_object (task),
                          g_task_get_task_data (task),
                          error,
                          drop);
}

static void
end_picked (GTask     *task,
            GcoWaiter *waiter)
{
  end (task, NULL, drop_mutex);
}

static void
end_picked_alone (GTask     *task,
                  GcoWaiter *waiter)
{
  end (task, NULL, drop_turn);
}

static void
end_cancelled (GTask     *task,
               GcoWaiter *waiter)
{
  end (task,
       g_error_new (G_IO_ERROR,
                    G_IO_ERROR_CANCELLED,
                    "Cancelled while waiting for %s",
                    gco_queue_waiter.what),
       drop_mutex);
}

/* The second part. */
static void
retake (GTask *task,
        void (*give) (GTask     *task,
                      GcoWaiter *waiter))
{
  GcoAsyncMutex *mutex = g_task_get_task_data (task);

  if (mutex == NULL)
    give (task, NULL);
  else
    gco_async_call_submit (
        gco_async_call_new_second (&gco_mutex_waiter,
                                   gco_async_mutex_get_mutex (mutex),
                                   g_object_ref (task),
                                   give),
        gco_mutex_lock_or_enqueue);
}

static void
on_picked (GTask     *task,
           GcoWaiter *waiter)
{
  retake (task, waiter->item == GCO_QUEUE_PICKED_ALONE ? end_picked_alone : end_picked);
}

static void
on_cancelled (GTask     *task,
              GcoWaiter *waiter)
{
  retake (task, end_cancelled);
}

/**
 * gco_async_wait_queue_wait_async:
 * @self: a queue
 * @mutex: (nullable): a mutex that the caller holds, or NULL
 * @cancellable: (nullable): what may end the wait
 * @callback: (scope async) (closure user_data): called when the wait is over
 * @user_data: data for @callback
 *
 * Unlocks @mutex and waits behind all others in @self, coroutines included, until
 * [method@Gco.AsyncWaitQueue.next] or [method@Gco.AsyncWaitQueue.restart_all] picks
 * the caller; then locks @mutex again. No wake-up that comes after @mutex was
 * unlocked is missed. That another asynchronous caller holds @mutex is not noticed.
 *
 * @callback is called by the thread-default main context of the caller, never in
 * here. Whoever calls [method@Gco.AsyncWaitQueue.wait_finish] there holds @mutex,
 * cancelled or not. If nobody does, @mutex is unlocked and the wake-up of
 * [method@Gco.AsyncWaitQueue.next] goes to the next in line; a context that nobody
 * iterates any more keeps both. Any thread; never yields.
 *
 * Since: 1.0
 */
void
gco_async_wait_queue_wait_async (GcoAsyncWaitQueue  *self,
                                 GcoAsyncMutex      *mutex,
                                 GCancellable       *cancellable,
                                 GAsyncReadyCallback callback,
                                 gpointer            user_data)
{
  GcoAsyncCall *call;
  GTask        *task;

  g_return_if_fail (GCO_IS_ASYNC_WAIT_QUEUE (self));
  g_return_if_fail (mutex == NULL || GCO_IS_ASYNC_MUTEX (mutex));
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));
  gco_debug_called_by_language (G_STRFUNC);

  task = gco_async_call_task_new (self,
                                  callback,
                                  user_data,
                                  gco_async_wait_queue_wait_async);
  if (mutex != NULL && !gco_mutex_is_held_async (gco_async_mutex_get_mutex (mutex)))
    {
      g_task_return_new_error (task,
                               G_IO_ERROR,
                               G_IO_ERROR_PERMISSION_DENIED,
                               "No asynchronous caller holds the mutex");
      g_object_unref (task);
      return;
    }
  if (mutex != NULL)
    g_task_set_task_data (task, g_object_ref (mutex), g_object_unref);
  call = gco_async_call_new_holding (&gco_queue_waiter,
                                     &self->queue,
                                     task,
                                     cancellable,
                                     on_picked,
                                     end_cancelled);
  if (call == NULL)
    return;
  call->refuse = on_cancelled;
  gco_async_call_submit (call, gco_queue_enqueue);
  if (mutex != NULL)
    gco_async_mutex_unlock (mutex, NULL);
}

/**
 * gco_async_wait_queue_wait_finish:
 * @self: a queue
 * @result: what the callback was given
 * @error: return location for an error
 *
 * How [method@Gco.AsyncWaitQueue.wait_async] ended. The caller holds the mutex that it
 * gave, as before, whether it was picked or cancelled; only with
 * `G_IO_ERROR_PERMISSION_DENIED` it did not hold it then, and does not now. One that
 * was picked before the cancellation was picked: then this is TRUE.
 *
 * Returns: TRUE if the caller was picked; FALSE with `G_IO_ERROR_CANCELLED`, or with
 *   `G_IO_ERROR_PERMISSION_DENIED` if no asynchronous caller held the mutex
 *
 * Since: 1.0
 */
gboolean
gco_async_wait_queue_wait_finish (GcoAsyncWaitQueue *self,
                                  GAsyncResult      *result,
                                  GError           **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return gco_async_grant_fetch (result, error);
}

/**
 * gco_async_wait_queue_next:
 * @self: a queue
 *
 * Picks whoever has waited longest. Nothing of theirs runs in here. Any thread, with
 * the mutex held or not; never yields.
 *
 * Returns: TRUE if somebody was picked; FALSE if nobody waited
 *
 * Since: 1.0
 */
gboolean
gco_async_wait_queue_next (GcoAsyncWaitQueue *self)
{
  g_return_val_if_fail (GCO_IS_ASYNC_WAIT_QUEUE (self), FALSE);
  gco_debug_called_by_language (G_STRFUNC);

  return gco_queue_next (&self->queue);
}

/**
 * gco_async_wait_queue_restart_all:
 * @self: a queue
 *
 * Picks everybody who waits now, in order. Whoever waits again is not picked again.
 * Any thread, with the mutex held or not; never yields.
 *
 * Since: 1.0
 */
void
gco_async_wait_queue_restart_all (GcoAsyncWaitQueue *self)
{
  g_return_if_fail (GCO_IS_ASYNC_WAIT_QUEUE (self));
  gco_debug_called_by_language (G_STRFUNC);

  gco_queue_restart_all (&self->queue);
}

/**
 * gco_async_wait_queue_is_empty:
 * @self: a queue
 *
 * Whether nobody waits in @self. One that was cancelled counts until its main
 * context has run. Any thread; never yields.
 *
 * Returns: TRUE if the queue is empty
 *
 * Since: 1.0
 */
gboolean
gco_async_wait_queue_is_empty (GcoAsyncWaitQueue *self)
{
  g_return_val_if_fail (GCO_IS_ASYNC_WAIT_QUEUE (self), TRUE);

  return gco_queue_is_empty (&self->queue);
}

/**
 * gco_async_wait_queue_get_queue: (skip)
 * @self: a queue
 *
 * The queue itself, for coroutines. It goes with @self: whoever waits in it needs a
 * reference to @self. Any thread.
 *
 * Returns: (transfer none): a queue, part of @self
 *
 * Since: 1.0
 */
GcoQueue *
gco_async_wait_queue_get_queue (GcoAsyncWaitQueue *self)
{
  g_return_val_if_fail (GCO_IS_ASYNC_WAIT_QUEUE (self), NULL);

  return &self->queue;
}
