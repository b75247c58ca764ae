/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SQLite blocks: the coroutine waits for it, and the main loop goes on. */

#include "in-thread.h"

typedef struct
{
  GcoRunFunc func;
  gpointer   data;
} Job;

static void
run (GTask        *task,
     gpointer      source_object,
     gpointer      task_data,
     GCancellable *cancellable)
{
  Job    *job = task_data;
  GError *error = NULL;

  if (job->func (cancellable, job->data, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

/* Runs func in a thread of GLib's pool. data may live on the caller's stack: an
 * await always waits until the call is over, cancelled or not. */
gboolean gco_coroutine_fn
in_thread (GcoRunFunc    func,
           gpointer      data,
           GCancellable *cancellable,
           GError      **error)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GTask) task = NULL;
  GcoAwait await;
  Job      job = { func, data };

  gco_await_init (&await, cancellable);
  task = g_task_new (NULL, cancellable, gco_await_ready, &await);
  /* what was written was written, even if its caller went a moment later */
  g_task_set_check_cancellable (task, FALSE);
  g_task_set_task_data (task, &job, NULL);
  g_task_run_in_thread (task, run);
  result = gco_await (&await);
  return g_task_propagate_boolean (G_TASK (result), error);
}
