/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The GObject face of a mutex. */

#include "gco-async-mutex.h"

#include "../gco-debug-private.h"
#include "../gco-mutex-private.h"
#include "gco-async-call-private.h"

/**
 * GcoAsyncMutex:
 *
 * A [struct@Gco.Mutex] for those who call back: in C, JavaScript, Python or Vala.
 * It may be held across any number of iterations of the main loop. Coroutines
 * that lock what [method@Gco.AsyncMutex.get_mutex] returns stand in the same
 * line, in strict order of arrival.
 *
 * Since: 1.0
 */
struct _GcoAsyncMutex
{
  GObject parent_instance;

  GcoMutex mutex;
};

G_DEFINE_FINAL_TYPE (GcoAsyncMutex, gco_async_mutex, G_TYPE_OBJECT)

static void
gco_async_mutex_class_init (GcoAsyncMutexClass *klass)
{
}

static void
gco_async_mutex_init (GcoAsyncMutex *self)
{
}

/**
 * gco_async_mutex_new:
 *
 * Makes a mutex that nobody holds. Any thread.
 *
 * Returns: (transfer full): a mutex
 *
 * Since: 1.0
 */
GcoAsyncMutex *
gco_async_mutex_new (void)
{
  return g_object_new (GCO_TYPE_ASYNC_MUTEX, NULL);
}

static void
drop (GcoAsyncGrant *grant)
{
  gco_async_mutex_unlock (grant->face, NULL);
}

static void
give (GTask     *task,
      GcoWaiter *waiter)
{
  gco_async_grant_return (task, g_task_get_source_object (task), NULL, NULL, drop);
}

/**
 * gco_async_mutex_lock_async:
 * @self: a mutex
 * @cancellable: (nullable): what may end the wait
 * @callback: (scope async) (closure user_data): called when the wait is over
 * @user_data: data for @callback
 *
 * Locks @self, behind all others that want it, coroutines included. @callback is
 * called by the thread-default main context of the caller, never in here; the
 * mutex belongs to whoever calls [method@Gco.AsyncMutex.lock_finish] there. If
 * nobody does, it goes to the next in line; a context that nobody iterates any more
 * keeps it. Any thread; never yields.
 *
 * To lock a mutex that one holds already is to wait for ever, or for @cancellable.
 *
 * Since: 1.0
 */
void
gco_async_mutex_lock_async (GcoAsyncMutex      *self,
                            GCancellable       *cancellable,
                            GAsyncReadyCallback callback,
                            gpointer            user_data)
{
  GcoAsyncCall *call;
  GTask        *task;

  g_return_if_fail (GCO_IS_ASYNC_MUTEX (self));
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));
  gco_debug_called_by_language (G_STRFUNC);

  task = gco_async_call_task_new (self,
                                  callback,
                                  user_data,
                                  gco_async_mutex_lock_async);
  if (!g_cancellable_is_cancelled (cancellable) && gco_mutex_trylock_async (&self->mutex))
    {
      give (task, NULL);
      g_object_unref (task);
      return;
    }
  call = gco_async_call_new (&gco_mutex_waiter, &self->mutex, task, cancellable, give);
  if (call != NULL)
    gco_async_call_submit (call, gco_mutex_lock_or_enqueue);
}

/**
 * gco_async_mutex_lock_finish:
 * @self: a mutex
 * @result: what the callback was given
 * @error: return location for an error
 *
 * How [method@Gco.AsyncMutex.lock_async] ended. A mutex that was given before the
 * cancellation is had: then this is TRUE.
 *
 * Returns: TRUE if the caller holds @self; FALSE with `G_IO_ERROR_CANCELLED`
 *
 * Since: 1.0
 */
gboolean
gco_async_mutex_lock_finish (GcoAsyncMutex *self,
                             GAsyncResult  *result,
                             GError       **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return gco_async_grant_fetch (result, error);
}

/**
 * gco_async_mutex_trylock:
 * @self: a mutex
 *
 * Locks @self if nobody holds it. Any thread; never yields.
 *
 * Returns: TRUE if the caller holds @self now; FALSE if anybody does already
 *
 * Since: 1.0
 */
gboolean
gco_async_mutex_trylock (GcoAsyncMutex *self)
{
  g_return_val_if_fail (GCO_IS_ASYNC_MUTEX (self), FALSE);
  gco_debug_called_by_language (G_STRFUNC);

  return gco_mutex_trylock_async (&self->mutex);
}

/**
 * gco_async_mutex_unlock:
 * @self: a mutex that the caller holds
 * @error: return location for an error
 *
 * Hands @self to whoever has waited longest, or unlocks it. Nothing of theirs runs
 * in here. Any thread; never yields.
 *
 * Which of the asynchronous callers holds it is not known: to unlock what another of
 * them holds is not noticed.
 *
 * Returns: TRUE; FALSE with `G_IO_ERROR_PERMISSION_DENIED` if nobody holds it, or a
 *   coroutine does
 *
 * Since: 1.0
 */
gboolean
gco_async_mutex_unlock (GcoAsyncMutex *self,
                        GError       **error)
{
  g_return_val_if_fail (GCO_IS_ASYNC_MUTEX (self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);
  gco_debug_called_by_language (G_STRFUNC);

  if (gco_mutex_unlock_async (&self->mutex, "gco_async_mutex_unlock"))
    return TRUE;
  g_set_error_literal (error,
                       G_IO_ERROR,
                       G_IO_ERROR_PERMISSION_DENIED,
                       gco_mutex_is_locked (&self->mutex)
                           ? "The mutex is held by a coroutine, not by an asynchronous caller"
                           : "The mutex is not locked");
  return FALSE;
}

/**
 * gco_async_mutex_is_locked:
 * @self: a mutex
 *
 * Whether anybody holds @self, now. Any thread; never yields.
 *
 * Returns: TRUE if it is locked, now
 *
 * Since: 1.0
 */
gboolean
gco_async_mutex_is_locked (GcoAsyncMutex *self)
{
  g_return_val_if_fail (GCO_IS_ASYNC_MUTEX (self), FALSE);

  return gco_mutex_is_locked (&self->mutex);
}

/**
 * gco_async_mutex_get_mutex: (skip)
 * @self: a mutex
 *
 * The mutex itself, for coroutines. It goes with @self: whoever waits for it, or
 * holds it, needs a reference to @self. Any thread.
 *
 * Returns: (transfer none): a mutex, part of @self
 *
 * Since: 1.0
 */
GcoMutex *
gco_async_mutex_get_mutex (GcoAsyncMutex *self)
{
  g_return_val_if_fail (GCO_IS_ASYNC_MUTEX (self), NULL);

  return &self->mutex;
}
