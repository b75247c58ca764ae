/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "gco-async-call-private.h"

static void
return_cancelled (GTask     *task,
                  GcoWaiter *waiter)
{
  g_task_return_new_error (task,
                           G_IO_ERROR,
                           G_IO_ERROR_CANCELLED,
                           "Cancelled while waiting for %s",
                           waiter->klass->what);
}

static void
done (GcoAsyncWaiter *waiter,
      gboolean        granted)
{
  GcoAsyncCall *call = (GcoAsyncCall *) waiter;
  GTask        *task = call->task;

  if (granted)
    call->give (task, &waiter->waiter);
  else
    call->refuse (task, &waiter->waiter);
  gco_async_waiter_clear (waiter);
  g_free (call);
  g_object_unref (task);
}

GTask *
gco_async_call_task_new (gpointer            face,
                         GAsyncReadyCallback callback,
                         gpointer            user_data,
                         gpointer            source_tag)
{
  GTask *task = g_task_new (face, NULL, callback, user_data);

  (g_task_set_source_tag) (task, source_tag);
  return task;
}

GcoAsyncCall *
gco_async_call_new_holding (const GcoWaiterClass *klass,
                            gpointer              lock,
                            GTask                *task,
                            GCancellable         *cancellable,
                            void (*give) (GTask     *task,
                                          GcoWaiter *waiter),
                            void (*refuse) (GTask     *task,
                                            GcoWaiter *waiter))
{
  GcoAioContext *ctx = gco_aio_context_dup_for_main_context (g_task_get_context (task));
  GcoAsyncCall  *call = g_new (GcoAsyncCall, 1);

  call->task = task;
  call->give = give;
  call->refuse = refuse;
  if (gco_async_waiter_init (&call->waiter, klass, lock, ctx, cancellable, done))
    return call;
  done (&call->waiter, FALSE);
  return NULL;
}

GcoAsyncCall *
gco_async_call_new (const GcoWaiterClass *klass,
                    gpointer              lock,
                    GTask                *task,
                    GCancellable         *cancellable,
                    void (*give) (GTask     *task,
                                  GcoWaiter *waiter))
{
  return gco_async_call_new_holding (klass, lock, task, cancellable, give, return_cancelled);
}

GcoAsyncCall *
gco_async_call_new_second (const GcoWaiterClass *klass,
                           gpointer              lock,
                           GTask                *task,
                           void (*give) (GTask     *task,
                                         GcoWaiter *waiter))
{
  GcoAsyncCall *call = gco_async_call_new (klass, lock, task, NULL, give);

  call->waiter.waiter.can_fail = FALSE;
  return call;
}

void
gco_async_call_submit (GcoAsyncCall    *call,
                       GcoTakeOrEnqueue take)
{
  GcoWaiter    *waiter = &call->waiter.waiter;
  GcoAsyncWatch watch = gco_async_waiter_begin_watch (&call->waiter);

  if (take (waiter->lock, waiter))
    {
      gco_async_waiter_take (&call->waiter, &watch);
      done (&call->waiter, TRUE);
    }
  else
    {
      gco_async_waiter_watch (&watch);
    }
}

static void
grant_free (gpointer data)
{
  GcoAsyncGrant *grant = data;

  g_clear_error (&grant->error);
  g_clear_object (&grant->mutex);
  g_object_unref (grant->face);
  g_free (grant);
}

static void
grant_drop (gpointer data)
{
  GcoAsyncGrant *grant = data;

  grant->drop (grant);
  grant_free (grant);
}

void
gco_async_grant_return (GTask   *task,
                        gpointer face,
                        gpointer mutex,
                        GError  *error,
                        void (*drop) (GcoAsyncGrant *grant))
{
  GcoAsyncGrant *grant = g_new (GcoAsyncGrant, 1);

  *grant = (GcoAsyncGrant){
    g_object_ref (face), mutex != NULL ? g_object_ref (mutex) : NULL, error, drop
  };
  g_task_return_pointer (task, grant, grant_drop);
}

gboolean
gco_async_grant_fetch (GAsyncResult *result,
                       GError      **error)
{
  GcoAsyncGrant *grant = g_task_propagate_pointer (G_TASK (result), error);
  gboolean       succeeded;

  if (grant == NULL)
    return FALSE;
  succeeded = grant->error == NULL;
  if (!succeeded)
    g_propagate_error (error, g_steal_pointer (&grant->error));
  grant_free (grant);
  return succeeded;
}
