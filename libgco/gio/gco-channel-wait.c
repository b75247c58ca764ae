/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The waits in a channel: of coroutines, and of those who call back. */

#include "gco-async-call-private.h"
#include "gco-channel-private.h"

static void
set_closed (GError **error)
{
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_CLOSED, "The channel is closed");
}

static gboolean
send (GcoChannel          *self,
      gpointer             item,
      const GcoWaitLimits *limits,
      const char          *caller,
      GError             **error)
{
  GcoWaiter waiter;

  gco_waiter_init (&waiter, &gco_channel_sender, self, caller);
  waiter.item = item;
  if (!gco_waiter_may_wait (&waiter, limits, error))
    return FALSE;
  if (gco_channel_send_or_enqueue (self, &waiter))
    gco_waiter_forgo (&waiter);
  else if (!gco_waiter_park (&waiter, limits, error))
    return FALSE;
  if (waiter.item != NULL)
    set_closed (error);
  return waiter.item == NULL;
}

static gpointer
receive (GcoChannel          *self,
         const GcoWaitLimits *limits,
         const char          *caller,
         GError             **error)
{
  GcoWaiter waiter;

  gco_waiter_init (&waiter, &gco_channel_receiver, self, caller);
  if (!gco_waiter_may_wait (&waiter, limits, error))
    return NULL;
  if (gco_channel_receive_or_enqueue (self, &waiter))
    gco_waiter_forgo (&waiter);
  else if (!gco_waiter_park (&waiter, limits, error))
    return NULL;
  if (waiter.item == NULL)
    set_closed (error);
  return waiter.item;
}

/**
 * gco_channel_send: (skip)
 * @self: a channel
 * @item: an item, not NULL
 * @cancellable: (nullable): what may end the wait
 * @error: return location for an error
 *
 * Gives @item to whoever has waited longest for one, or puts it behind the others
 * in @self, for which it may wait until there is room. When this fails, with
 * `G_IO_ERROR_CLOSED` or `G_IO_ERROR_CANCELLED`, @item is the caller's as before.
 * Coroutine only; may yield. Any thread.
 *
 * Returns: TRUE if @item is @self's, or the receiver's, now
 *
 * Since: 1.0
 */
gboolean
gco_channel_send (GcoChannel   *self,
                  gpointer      item,
                  GCancellable *cancellable,
                  GError      **error)
{
  g_return_val_if_fail (GCO_IS_CHANNEL (self), FALSE);
  g_return_val_if_fail (item != NULL, FALSE);
  g_return_val_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return send (self, item, &GCO_WAIT_CANCELLABLE (cancellable), "gco_channel_send", error);
}

/**
 * gco_channel_send_until: (skip)
 * @self: a channel
 * @item: an item, not NULL
 * @clock: (nullable): a clock, or NULL for the monotonic one
 * @deadline_ns: when to give up, in nanoseconds of @clock; `G_MAXINT64` for never
 * @cancellable: (nullable): what may end the wait as well
 * @error: return location for an error
 *
 * Like [method@Gco.Channel.send], or gives up with `G_IO_ERROR_TIMED_OUT`.
 * Coroutine only; may yield.
 *
 * Returns: TRUE if @item is @self's, or the receiver's, now
 *
 * Since: 1.0
 */
gboolean
gco_channel_send_until (GcoChannel   *self,
                        gpointer      item,
                        GcoClock     *clock,
                        gint64        deadline_ns,
                        GCancellable *cancellable,
                        GError      **error)
{
  g_return_val_if_fail (GCO_IS_CHANNEL (self), FALSE);
  g_return_val_if_fail (item != NULL, FALSE);
  g_return_val_if_fail (clock == NULL || GCO_IS_CLOCK (clock), FALSE);
  g_return_val_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return send (self,
               item,
               &GCO_WAIT_UNTIL (clock, deadline_ns, cancellable),
               "gco_channel_send_until",
               error);
}

/**
 * gco_channel_receive: (skip)
 * @self: a channel
 * @cancellable: (nullable): what may end the wait
 * @error: return location for an error
 *
 * Takes the first item, or waits for one behind all others. A wait that ends with
 * `G_IO_ERROR_CANCELLED` took no item; `G_IO_ERROR_CLOSED` says that none is left
 * and none will come. Coroutine only; may yield. Any thread.
 *
 * Returns: (transfer full) (nullable): an item; NULL with @error set
 *
 * Since: 1.0
 */
gpointer
gco_channel_receive (GcoChannel   *self,
                     GCancellable *cancellable,
                     GError      **error)
{
  g_return_val_if_fail (GCO_IS_CHANNEL (self), NULL);
  g_return_val_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  return receive (self, &GCO_WAIT_CANCELLABLE (cancellable), "gco_channel_receive", error);
}

/**
 * gco_channel_receive_until: (skip)
 * @self: a channel
 * @clock: (nullable): a clock, or NULL for the monotonic one
 * @deadline_ns: when to give up, in nanoseconds of @clock; `G_MAXINT64` for never
 * @cancellable: (nullable): what may end the wait as well
 * @error: return location for an error
 *
 * Like [method@Gco.Channel.receive], or gives up with `G_IO_ERROR_TIMED_OUT`,
 * having taken nothing. Coroutine only; may yield.
 *
 * Returns: (transfer full) (nullable): an item; NULL with @error set
 *
 * Since: 1.0
 */
gpointer
gco_channel_receive_until (GcoChannel   *self,
                           GcoClock     *clock,
                           gint64        deadline_ns,
                           GCancellable *cancellable,
                           GError      **error)
{
  g_return_val_if_fail (GCO_IS_CHANNEL (self), NULL);
  g_return_val_if_fail (clock == NULL || GCO_IS_CLOCK (clock), NULL);
  g_return_val_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  return receive (self,
                  &GCO_WAIT_UNTIL (clock, deadline_ns, cancellable),
                  "gco_channel_receive_until",
                  error);
}

/* ------------------------------------------------------- those who call back */

static void
give_sent (GTask     *task,
           GcoWaiter *waiter)
{
  GError *error = NULL;

  if (waiter->item == NULL)
    {
      g_task_return_boolean (task, TRUE);
      return;
    }
  set_closed (&error);
  g_task_return_error (task, error);
}

static void
give_item (GTask     *task,
           GcoWaiter *waiter)
{
  GcoChannel *self = waiter->lock;
  GError     *error = NULL;

  if (waiter->item != NULL)
    {
      g_task_return_pointer (task, waiter->item, self->item_destroy);
      return;
    }
  set_closed (&error);
  g_task_return_error (task, error);
}

/**
 * gco_channel_send_async: (skip)
 * @self: a channel
 * @item: an item, not NULL
 * @cancellable: (nullable): what may end the wait
 * @callback: (scope async) (closure user_data): called when the wait is over
 * @user_data: data for @callback
 *
 * [method@Gco.Channel.send] for those who call back: in the same line, and by the
 * thread-default main context of the caller. Any thread; never yields.
 *
 * Since: 1.0
 */
void
gco_channel_send_async (GcoChannel         *self,
                        gpointer            item,
                        GCancellable       *cancellable,
                        GAsyncReadyCallback callback,
                        gpointer            user_data)
{
  GcoAsyncCall *call;
  GTask        *task;

  g_return_if_fail (GCO_IS_CHANNEL (self));
  g_return_if_fail (item != NULL);
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  task = gco_async_call_task_new (self, callback, user_data, gco_channel_send_async);
  if (!g_cancellable_is_cancelled (cancellable) && gco_channel_trysend (self, item))
    {
      g_task_return_boolean (task, TRUE);
      g_object_unref (task);
      return;
    }
  call = gco_async_call_new (&gco_channel_sender, self, task, cancellable, give_sent);
  if (call == NULL)
    return;
  call->waiter.waiter.item = item;
  gco_async_call_submit (call, gco_channel_send_or_enqueue);
}

/**
 * gco_channel_send_finish: (skip)
 * @self: a channel
 * @result: what the callback was given
 * @error: return location for an error
 *
 * How [method@Gco.Channel.send_async] ended. When that failed, with
 * `G_IO_ERROR_CLOSED` or `G_IO_ERROR_CANCELLED`, the item is the caller's as
 * before.
 *
 * Returns: TRUE if the item is @self's, or the receiver's, now
 *
 * Since: 1.0
 */
gboolean
gco_channel_send_finish (GcoChannel   *self,
                         GAsyncResult *result,
                         GError      **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

/**
 * gco_channel_receive_async: (skip)
 * @self: a channel
 * @cancellable: (nullable): what may end the wait
 * @callback: (scope async) (closure user_data): called when the wait is over
 * @user_data: data for @callback
 *
 * [method@Gco.Channel.receive] for those who call back: in the same line, and by
 * the thread-default main context of the caller. Any thread; never yields.
 *
 * Since: 1.0
 */
void
gco_channel_receive_async (GcoChannel         *self,
                           GCancellable       *cancellable,
                           GAsyncReadyCallback callback,
                           gpointer            user_data)
{
  gpointer      item = NULL;
  GcoAsyncCall *call;
  GTask        *task;

  g_return_if_fail (GCO_IS_CHANNEL (self));
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  task = gco_async_call_task_new (self, callback, user_data, gco_channel_receive_async);
  if (!g_cancellable_is_cancelled (cancellable))
    item = gco_channel_tryreceive (self);
  if (item != NULL)
    {
      g_task_return_pointer (task, item, self->item_destroy);
      g_object_unref (task);
      return;
    }
  call = gco_async_call_new (&gco_channel_receiver, self, task, cancellable, give_item);
  if (call != NULL)
    gco_async_call_submit (call, gco_channel_receive_or_enqueue);
}

/**
 * gco_channel_receive_finish: (skip)
 * @self: a channel
 * @result: what the callback was given
 * @error: return location for an error
 *
 * How [method@Gco.Channel.receive_async] ended. An item that is not asked for
 * here is freed with @result.
 *
 * Returns: (transfer full) (nullable): an item; NULL with @error set
 *
 * Since: 1.0
 */
gpointer
gco_channel_receive_finish (GcoChannel   *self,
                            GAsyncResult *result,
                            GError      **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}
