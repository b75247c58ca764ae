/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What takes more than a moment (decoding, scaling, encoding) leaves the main
 * thread: the coroutine waits, the main loop goes on.
 */

#include "offload.h"

/*
 * Runs func in a thread of GLib's pool; it gets data as its task data and
 * returns a pointer or an error on the task. data may live on the caller's
 * stack: an await always waits until the call is over, cancelled or not.
 */
gpointer gco_coroutine_fn
offload (GTaskThreadFunc func,
         gpointer        data,
         GCancellable   *cancellable,
         GError        **error)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GTask) task = NULL;
  GcoAwait await;

  gco_await_init (&await, cancellable);
  task = g_task_new (NULL, cancellable, gco_await_ready, &await);
  /* what the thread did counts, even when the user cancelled a moment later:
   * a renamed file must not be reported as an unwritten one */
  g_task_set_check_cancellable (task, FALSE);
  g_task_set_task_data (task, data, NULL);
  g_task_run_in_thread (task, func);
  result = gco_await (&await);
  return g_task_propagate_pointer (G_TASK (result), error);
}
