/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "gco-async-call-private.h"

static void
done (GcoAsyncWaiter *waiter,
      gboolean        granted)
{
  GcoAsyncCall *call = (GcoAsyncCall *) waiter;
  GTask        *task = call->task;

  if (granted)
    call->give (task, &waiter->waiter);
  else
    g_task_return_new_error (task,
                             G_IO_ERROR,
                             G_IO_ERROR_CANCELLED,
                             "Cancelled while waiting for %s",
                             waiter->waiter.klass->what);
  gco_async_waiter_clear (waiter);
  g_free (call);
  g_object_unref (task);
}

gboolean
gco_async_call_may_take (GTask *task)
{
  /* What was granted is had, cancelled or not. */
  g_task_set_check_cancellable (task, FALSE);
  return !g_cancellable_is_cancelled (g_task_get_cancellable (task));
}

GcoAsyncCall *
gco_async_call_new (const GcoWaiterClass *klass,
                    gpointer              lock,
                    GTask                *task,
                    void (*give) (GTask     *task,
                                  GcoWaiter *waiter))
{
  g_autoptr (GcoAioContext) ctx =
      gco_aio_context_dup_for_main_context (g_task_get_context (task));
  GcoAsyncCall *call = g_new (GcoAsyncCall, 1);

  /* What was granted is had, cancelled or not. */
  g_task_set_check_cancellable (task, FALSE);
  call->task = task;
  call->give = give;
  if (gco_async_waiter_init (&call->waiter,
                             klass,
                             lock,
                             ctx,
                             g_task_get_cancellable (task),
                             done))
    return call;
  done (&call->waiter, FALSE);
  return NULL;
}

void
gco_async_call_submit (GcoAsyncCall    *call,
                       GcoTakeOrEnqueue take)
{
  GcoWaiter    *waiter = &call->waiter.waiter;
  GcoAsyncWatch watch = gco_async_waiter_begin_watch (&call->waiter);

  if (take (waiter->lock, waiter))
    {
      gco_async_watch_drop (&watch);
      done (&call->waiter, TRUE);
    }
  else
    {
      gco_async_waiter_watch (&watch);
    }
}

void
gco_async_call_give_true (GTask     *task,
                          GcoWaiter *waiter)
{
  g_task_return_boolean (task, TRUE);
}
