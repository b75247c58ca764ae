/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The GObject face of a read/write lock. An upgrade that is cancelled has a second
 * part, which nothing ends: until the caller reads again.
 */

#include "gco-async-rwlock.h"

#include "../gco-debug-private.h"
#include "../gco-rwlock-private.h"
#include "gco-async-call-private.h"

/**
 * GcoAsyncRwlock:
 *
 * A [struct@Gco.Rwlock] for those who call back: in C, JavaScript, Python or Vala.
 * Coroutines that lock what [method@Gco.AsyncRwlock.get_rwlock] returns stand in
 * the same line: many readers or one writer, in strict order of arrival.
 *
 * Since: 1.0
 */
struct _GcoAsyncRwlock
{
  GObject parent_instance;

  GcoRwlock rwlock;
};

G_DEFINE_FINAL_TYPE (GcoAsyncRwlock, gco_async_rwlock, G_TYPE_OBJECT)

static void
gco_async_rwlock_class_init (GcoAsyncRwlockClass *klass)
{
}

static void
gco_async_rwlock_init (GcoAsyncRwlock *self)
{
}

/**
 * gco_async_rwlock_new:
 *
 * Makes a read/write lock that nobody holds. Any thread.
 *
 * Returns: (transfer full): a read/write lock
 *
 * Since: 1.0
 */
GcoAsyncRwlock *
gco_async_rwlock_new (void)
{
  return g_object_new (GCO_TYPE_ASYNC_RWLOCK, NULL);
}

static void
drop (GcoAsyncGrant *grant)
{
  gco_async_rwlock_unlock (grant->face, NULL);
}

static void
give (GTask     *task,
      GcoWaiter *waiter)
{
  gco_async_grant_return (task, g_task_get_source_object (task), NULL, NULL, drop);
}

static void
lock (GcoAsyncRwlock     *self,
      gboolean            exclusive,
      GCancellable       *cancellable,
      GAsyncReadyCallback callback,
      gpointer            user_data,
      gpointer            source_tag)
{
  GcoAsyncCall *call;
  GTask        *task;

  task = gco_async_call_task_new (self, callback, user_data, source_tag);
  if (!g_cancellable_is_cancelled (cancellable) &&
      gco_rwlock_try (&self->rwlock, GCO_HELD_ASYNC, exclusive))
    {
      give (task, NULL);
      g_object_unref (task);
      return;
    }
  call = gco_async_call_new (exclusive ? &gco_rwlock_writer_waiter : &gco_rwlock_reader_waiter,
                             &self->rwlock,
                             task,
                             cancellable,
                             give);
  if (call == NULL)
    return;
  call->waiter.waiter.exclusive = exclusive;
  gco_async_call_submit (call, gco_rwlock_lock_or_enqueue);
}

/**
 * gco_async_rwlock_rdlock_async:
 * @self: a read/write lock
 * @cancellable: (nullable): what may end the wait
 * @callback: (scope async) (closure user_data): called when the wait is over
 * @user_data: data for @callback
 *
 * Takes @self together with other readers; waits while there is a writer, or anybody
 * waits already. @callback is called by the thread-default main context of the caller,
 * never in here; the lock belongs to whoever calls
 * [method@Gco.AsyncRwlock.rdlock_finish] there. If nobody does, it is unlocked; a
 * context that nobody iterates any more keeps it. Any thread; never yields.
 *
 * Who reads must not ask to read again: a writer that waits between the two would
 * block both for ever.
 *
 * Since: 1.0
 */
void
gco_async_rwlock_rdlock_async (GcoAsyncRwlock     *self,
                               GCancellable       *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer            user_data)
{
  g_return_if_fail (GCO_IS_ASYNC_RWLOCK (self));
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));
  gco_debug_called_by_language (G_STRFUNC);

  lock (self, FALSE, cancellable, callback, user_data, gco_async_rwlock_rdlock_async);
}

/**
 * gco_async_rwlock_rdlock_finish:
 * @self: a read/write lock
 * @result: what the callback was given
 * @error: return location for an error
 *
 * How [method@Gco.AsyncRwlock.rdlock_async] ended. A lock that was given before the
 * cancellation is had: then this is TRUE.
 *
 * Returns: TRUE if the caller holds @self as a reader; FALSE with
 *   `G_IO_ERROR_CANCELLED`
 *
 * Since: 1.0
 */
gboolean
gco_async_rwlock_rdlock_finish (GcoAsyncRwlock *self,
                                GAsyncResult   *result,
                                GError        **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return gco_async_grant_fetch (result, error);
}

/**
 * gco_async_rwlock_wrlock_async:
 * @self: a read/write lock
 * @cancellable: (nullable): what may end the wait
 * @callback: (scope async) (closure user_data): called when the wait is over
 * @user_data: data for @callback
 *
 * Takes @self alone; waits while anybody holds it. Readers that come later wait
 * behind. Who reads must not ask to write, but to upgrade: see
 * [method@Gco.AsyncRwlock.upgrade_async].
 *
 * @callback is called by the thread-default main context of the caller, never in here;
 * the lock belongs to whoever calls [method@Gco.AsyncRwlock.wrlock_finish] there. If
 * nobody does, it is unlocked; a context that nobody iterates any more keeps it. Any
 * thread; never yields.
 *
 * Since: 1.0
 */
void
gco_async_rwlock_wrlock_async (GcoAsyncRwlock     *self,
                               GCancellable       *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer            user_data)
{
  g_return_if_fail (GCO_IS_ASYNC_RWLOCK (self));
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));
  gco_debug_called_by_language (G_STRFUNC);

  lock (self, TRUE, cancellable, callback, user_data, gco_async_rwlock_wrlock_async);
}

/**
 * gco_async_rwlock_wrlock_finish:
 * @self: a read/write lock
 * @result: what the callback was given
 * @error: return location for an error
 *
 * How [method@Gco.AsyncRwlock.wrlock_async] ended. A lock that was given before the
 * cancellation is had: then this is TRUE.
 *
 * Returns: TRUE if the caller holds @self as the writer; FALSE with
 *   `G_IO_ERROR_CANCELLED`
 *
 * Since: 1.0
 */
gboolean
gco_async_rwlock_wrlock_finish (GcoAsyncRwlock *self,
                                GAsyncResult   *result,
                                GError        **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return gco_async_grant_fetch (result, error);
}

/**
 * gco_async_rwlock_tryrdlock:
 * @self: a read/write lock
 *
 * Takes @self as a reader if that needs no wait. Any thread; never yields.
 *
 * Returns: TRUE if the caller holds @self as a reader
 *
 * Since: 1.0
 */
gboolean
gco_async_rwlock_tryrdlock (GcoAsyncRwlock *self)
{
  g_return_val_if_fail (GCO_IS_ASYNC_RWLOCK (self), FALSE);
  gco_debug_called_by_language (G_STRFUNC);

  return gco_rwlock_try (&self->rwlock, GCO_HELD_ASYNC, FALSE);
}

/**
 * gco_async_rwlock_trywrlock:
 * @self: a read/write lock
 *
 * Takes @self as the writer if that needs no wait. Any thread; never yields.
 *
 * Returns: TRUE if the caller holds @self as the writer
 *
 * Since: 1.0
 */
gboolean
gco_async_rwlock_trywrlock (GcoAsyncRwlock *self)
{
  g_return_val_if_fail (GCO_IS_ASYNC_RWLOCK (self), FALSE);
  gco_debug_called_by_language (G_STRFUNC);

  return gco_rwlock_try (&self->rwlock, GCO_HELD_ASYNC, TRUE);
}

/**
 * gco_async_rwlock_unlock:
 * @self: a read/write lock that the caller holds
 * @error: return location for an error
 *
 * Lets go of @self, whichever way it is held, and lets in those that waited longest.
 * Nothing of theirs runs in here. Any thread; never yields.
 *
 * Which of the asynchronous callers holds it is not known: to unlock what another of
 * them holds is not noticed.
 *
 * Returns: TRUE; FALSE with `G_IO_ERROR_PERMISSION_DENIED` if no asynchronous caller
 *   holds it
 *
 * Since: 1.0
 */
gboolean
gco_async_rwlock_unlock (GcoAsyncRwlock *self,
                         GError        **error)
{
  g_return_val_if_fail (GCO_IS_ASYNC_RWLOCK (self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);
  gco_debug_called_by_language (G_STRFUNC);

  if (gco_rwlock_unlock_async (&self->rwlock, "gco_async_rwlock_unlock"))
    return TRUE;
  g_set_error_literal (error,
                       G_IO_ERROR,
                       G_IO_ERROR_PERMISSION_DENIED,
                       "No asynchronous caller holds the read/write lock");
  return FALSE;
}

/* ---------------------------------------------------------- up, and down again */

static void
give_back_reading (GTask     *task,
                   GcoWaiter *waiter)
{
  gco_async_grant_return (task,
                          g_task_get_source_object (task),
                          NULL,
                          g_error_new (G_IO_ERROR,
                                       G_IO_ERROR_CANCELLED,
                                       "Cancelled while waiting for %s",
                                       gco_rwlock_writer_waiter.what),
                          drop);
}

static void
on_upgrade_cancelled (GTask     *task,
                      GcoWaiter *waiter)
{
  gco_async_call_submit (gco_async_call_new_second (&gco_rwlock_reader_waiter,
                                                    waiter->lock,
                                                    g_object_ref (task),
                                                    give_back_reading),
                         gco_rwlock_lock_or_enqueue);
}

/**
 * gco_async_rwlock_upgrade_async:
 * @self: a read/write lock that the caller holds as a reader
 * @cancellable: (nullable): what may end the wait
 * @callback: (scope async) (closure user_data): called when the wait is over
 * @user_data: data for @callback
 *
 * Makes the reader the writer: at once if it reads alone and nobody waits, else it
 * lets go and waits behind all others. So others may have written in between, and
 * what was read must be read again; two readers that upgrade cannot block each other.
 *
 * @callback is called by the thread-default main context of the caller, never in
 * here. Whoever calls [method@Gco.AsyncRwlock.upgrade_finish] there holds @self, as
 * the writer or, cancelled, as a reader again, for which it may have had to wait. If
 * nobody does, it is unlocked; a context that nobody iterates any more keeps it. Any
 * thread; never yields.
 *
 * Since: 1.0
 */
void
gco_async_rwlock_upgrade_async (GcoAsyncRwlock     *self,
                                GCancellable       *cancellable,
                                GAsyncReadyCallback callback,
                                gpointer            user_data)
{
  GcoAsyncCall *call;
  GTask        *task;

  g_return_if_fail (GCO_IS_ASYNC_RWLOCK (self));
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));
  gco_debug_called_by_language (G_STRFUNC);

  task = gco_async_call_task_new (self,
                                  callback,
                                  user_data,
                                  gco_async_rwlock_upgrade_async);
  if (!gco_rwlock_is_read_async (&self->rwlock))
    {
      g_task_return_new_error (task,
                               G_IO_ERROR,
                               G_IO_ERROR_PERMISSION_DENIED,
                               "No asynchronous caller holds the read/write lock to read");
      g_object_unref (task);
      return;
    }
  call = gco_async_call_new_holding (&gco_rwlock_writer_waiter,
                                     &self->rwlock,
                                     task,
                                     cancellable,
                                     give,
                                     give_back_reading);
  if (call == NULL)
    return;
  call->waiter.waiter.exclusive = TRUE;
  call->refuse = on_upgrade_cancelled;
  gco_async_call_submit (call, gco_rwlock_upgrade_or_enqueue);
}

/**
 * gco_async_rwlock_upgrade_finish:
 * @self: a read/write lock
 * @result: what the callback was given
 * @error: return location for an error
 *
 * How [method@Gco.AsyncRwlock.upgrade_async] ended. A lock that was given to write
 * before the cancellation is had: then this is TRUE.
 *
 * Returns: TRUE if the caller is the writer; FALSE with `G_IO_ERROR_CANCELLED` if it
 *   is a reader, as before, or with `G_IO_ERROR_PERMISSION_DENIED` if no asynchronous
 *   caller was
 *
 * Since: 1.0
 */
gboolean
gco_async_rwlock_upgrade_finish (GcoAsyncRwlock *self,
                                 GAsyncResult   *result,
                                 GError        **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return gco_async_grant_fetch (result, error);
}

/**
 * gco_async_rwlock_downgrade:
 * @self: a read/write lock that the caller holds as the writer
 * @error: return location for an error
 *
 * Makes the writer a reader, and lets in the readers that wait in front of the next
 * writer. Nobody writes in between. Any thread; never yields.
 *
 * Returns: TRUE; FALSE with `G_IO_ERROR_PERMISSION_DENIED` if no asynchronous caller
 *   is the writer
 *
 * Since: 1.0
 */
gboolean
gco_async_rwlock_downgrade (GcoAsyncRwlock *self,
                            GError        **error)
{
  g_return_val_if_fail (GCO_IS_ASYNC_RWLOCK (self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);
  gco_debug_called_by_language (G_STRFUNC);

  if (gco_rwlock_downgrade_async (&self->rwlock, "gco_async_rwlock_downgrade"))
    return TRUE;
  g_set_error_literal (error,
                       G_IO_ERROR,
                       G_IO_ERROR_PERMISSION_DENIED,
                       "No asynchronous caller holds the read/write lock to write");
  return FALSE;
}

/**
 * gco_async_rwlock_get_rwlock: (skip)
 * @self: a read/write lock
 *
 * The read/write lock itself, for coroutines. It goes with @self: whoever waits for
 * it, or holds it, needs a reference to @self. Any thread.
 *
 * Returns: (transfer none): a read/write lock, part of @self
 *
 * Since: 1.0
 */
GcoRwlock *
gco_async_rwlock_get_rwlock (GcoAsyncRwlock *self)
{
  g_return_val_if_fail (GCO_IS_ASYNC_RWLOCK (self), NULL);

  return &self->rwlock;
}
