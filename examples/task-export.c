/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A coroutine that others call as an ordinary pair of GIO functions, without
 * knowing that it is one: sum_async() and sum_finish(). The caller's callback
 * runs in the main loop, outside of the coroutine.
 */

#include <gco.h>

static void gco_coroutine_fn
sum_in_coroutine (GTask        *task,
                  gpointer      source_object,
                  gpointer      task_data,
                  GCancellable *cancellable)
{
  int     n = GPOINTER_TO_INT (task_data);
  gssize  sum = 0;
  GError *error = NULL;

  for (int i = 1; i <= n; i++)
    {
      /* what is waited for here could be anything */
      if (!gco_sleep_ns_cancellable (NULL, 1000, cancellable, &error))
        {
          g_task_return_error (task, error);
          return;
        }
      sum += i;
    }
  g_task_return_int (task, sum);
}

static void
sum_async (int                 n,
           GCancellable       *cancellable,
           GAsyncReadyCallback callback,
           gpointer            user_data)
{
  g_autoptr (GTask) task = gco_task_new (NULL, cancellable, callback, user_data);

  g_task_set_task_data (task, GINT_TO_POINTER (n), NULL);
  gco_task_run (task, sum_in_coroutine);
}

static gssize
sum_finish (GAsyncResult *result,
            GError      **error)
{
  return g_task_propagate_int (G_TASK (result), error);
}

typedef struct
{
  const char *name;
  GMainLoop  *loop;
  int        *n_calls;
} Call;

static void
on_sum (GObject      *source_object,
        GAsyncResult *result,
        gpointer      user_data)
{
  Call *call = user_data;
  g_autoptr (GError) error = NULL;
  gssize sum = sum_finish (result, &error);

  g_print ("%s: ", call->name);
  if (error == NULL)
    g_print ("%" G_GSSIZE_FORMAT, sum);
  else
    g_print ("%s", error->code == G_IO_ERROR_CANCELLED ? "cancelled" : error->message);
  g_print (gco_in_coroutine () ? ", in a coroutine\n" : "\n");
  if (--*call->n_calls == 0)
    g_main_loop_quit (call->loop);
}

int
main (void)
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (GCancellable) cancelled = g_cancellable_new ();
  int  n_calls = 2;
  Call first = { "cancelled at the start", loop, &n_calls };
  Call second = { "1 + ... + 100", loop, &n_calls };

  sum_async (G_MAXINT, cancelled, on_sum, &first);
  g_cancellable_cancel (cancelled);
  sum_async (100, NULL, on_sum, &second);
  g_main_loop_run (loop);
  return 0;
}
