/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* gco_task_run: a GTask whose body is a coroutine. Its callbacks come from a
 * GMainContext, so all this is for the door of the source. */

#include "gco-test.h"

typedef struct
{
  GcoTest      *t;
  GThread      *thread;  /* the callback is to run in it */
  gboolean      called;  /* (atomic) */
  gboolean      in_body; /* the body has not returned yet */
  GAsyncResult *result;  /* what the callback was given */
  GObject      *source_object;
  gpointer      task_data;
} Call;

static void
on_done (GObject      *source_object,
         GAsyncResult *result,
         gpointer      user_data)
{
  Call *call = user_data;

  g_assert_false (gco_in_coroutine ());
  g_assert_true (call->thread == g_thread_self ());
  g_assert_false (call->called);
  call->source_object = source_object;
  call->result = g_object_ref (result);
  g_atomic_int_set (&call->called, TRUE);
}

/* Makes and starts a task, and waits for its callback. */
static GTask *
run_task (GcoTest      *t,
          Call         *call,
          gpointer      source_object,
          GCancellable *cancellable,
          GcoTaskFunc   func)
{
  GTask *task;

  *call = (Call){ .t = t, .thread = g_thread_self () };
  task = gco_task_new (source_object, cancellable, on_done, call);
  g_task_set_task_data (task, call, NULL);
  gco_task_run (task, func);
  g_object_unref (task);
  gco_test_run_until (t, &call->called);
  g_assert_true (call->result == G_ASYNC_RESULT (task));
  gco_test_drain (t);
  /* the caller's reference is the last */
  g_assert_cmpint (G_OBJECT (task)->ref_count, ==, 1);
  return task;
}

/* -------------------------------------------------------------------- values */

static void
return_int (GTask        *task,
            gpointer      source_object,
            gpointer      task_data,
            GCancellable *cancellable)
{
  g_assert_true (gco_in_coroutine ());
  g_assert_true (source_object == g_task_get_source_object (task));
  g_assert_true (task_data == g_task_get_task_data (task));
  g_assert_true (cancellable == g_task_get_cancellable (task));
  gco_test_pass ();
  g_task_return_int (task, 42);
}

static void
test_value (GcoTest *t)
{
  g_autoptr (GObject) object = g_object_new (G_TYPE_OBJECT, NULL);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GTask) task = NULL;
  g_autoptr (GError) error = NULL;
  Call call;

  task = run_task (t, &call, object, cancellable, return_int);
  g_assert_true (call.source_object == object);
  g_assert_true (g_task_is_valid (call.result, object));
  g_assert_true (g_async_result_get_user_data (call.result) == &call);
  g_assert_cmpint (g_task_propagate_int (task, &error), ==, 42);
  g_assert_no_error (error);
  g_clear_object (&task);
  g_assert_cmpint (object->ref_count, ==, 1);
  g_assert_cmpint (G_OBJECT (cancellable)->ref_count, ==, 1);
}

static void
test_nothing_given (GcoTest *t)
{
  g_autoptr (GTask) task = NULL;
  Call call;

  task = run_task (t, &call, NULL, NULL, return_int);
  g_assert_null (call.source_object);
  g_assert_cmpint (g_task_propagate_int (task, NULL), ==, 42);
}

/* From however deep inside: the callback is called outside all the same. */
static void
return_in_handler (GCancellable *cancellable,
                   GTask        *task)
{
  g_assert_true (gco_in_coroutine ());
  g_task_return_int (task, 42);
}

static void
return_from_signal (GTask        *task,
                    gpointer      source_object,
                    gpointer      task_data,
                    GCancellable *unused)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();

  gco_test_pass ();
  g_signal_connect (cancellable, "cancelled", G_CALLBACK (return_in_handler), task);
  g_cancellable_cancel (cancellable);
}

static void
test_from_signal (GcoTest *t)
{
  g_autoptr (GTask) task = NULL;
  Call call;

  task = run_task (t, &call, NULL, NULL, return_from_signal);
  g_assert_cmpint (g_task_propagate_int (task, NULL), ==, 42);
}

/* Without ever waiting: it still starts in an iteration, not in gco_task_run. */
static void
return_at_once (GTask        *task,
                gpointer      source_object,
                gpointer      task_data,
                GCancellable *cancellable)
{
  g_task_return_pointer (task, g_strdup ("at once"), g_free);
}

static void
test_at_once (GcoTest *t)
{
  Call             call = { .t = t, .thread = g_thread_self () };
  GTask           *task = gco_task_new (NULL, NULL, on_done, &call);
  g_autofree char *value = NULL;

  gco_task_run (task, return_at_once);
  g_assert_false (g_task_get_completed (task));
  gco_test_drain (t);
  g_assert_true (call.called);
  value = g_task_propagate_pointer (task, NULL);
  g_assert_cmpstr (value, ==, "at once");
  g_object_unref (call.result);
  g_object_unref (task);
}

static void
return_error (GTask        *task,
              gpointer      source_object,
              gpointer      task_data,
              GCancellable *cancellable)
{
  gco_test_pass ();
  g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_BUSY, "busy");
}

static void
test_error (GcoTest *t)
{
  g_autoptr (GTask) task = NULL;
  g_autoptr (GError) error = NULL;
  Call call;

  task = run_task (t, &call, NULL, NULL, return_error);
  g_assert_false (g_task_propagate_boolean (task, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_BUSY);
}

/* ------------------------------------------------------------------- cancelled */

static void
sleep_for_ever (GTask        *task,
                gpointer      source_object,
                gpointer      task_data,
                GCancellable *cancellable)
{
  Call   *call = task_data;
  GError *error = NULL;

  call->in_body = TRUE;
  g_assert_false (gco_sleep_ns_cancellable (NULL, G_MAXINT64, cancellable, &error));
  call->in_body = FALSE;
  g_task_return_error (task, error);
}

static void
test_cancelled (GcoTest *t)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  Call   call = { .t = t, .thread = g_thread_self () };
  GTask *task = gco_task_new (NULL, cancellable, on_done, &call);

  g_task_set_task_data (task, &call, NULL);
  gco_task_run (task, sleep_for_ever);
  gco_test_drain (t);
  g_assert_true (call.in_body);
  g_cancellable_cancel (cancellable);
  g_assert_true (call.in_body);
  gco_test_drain (t);
  g_assert_true (call.called);
  g_assert_false (g_task_propagate_boolean (task, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_object_unref (call.result);
  g_object_unref (task);
}

/* As any GTask: what comes after the cancellation is an error to who asks. */
static void
test_cancelled_before (GcoTest *t)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GTask) task = NULL;
  g_autoptr (GError) error = NULL;
  Call call;

  g_cancellable_cancel (cancellable);
  task = run_task (t, &call, NULL, cancellable, return_int);
  g_assert_cmpint (g_task_propagate_int (task, &error), ==, -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

/* ---------------------------------------------------- the callback, and whose */

static void
on_done_propagate (GObject      *source_object,
                   GAsyncResult *result,
                   gpointer      user_data)
{
  GcoTest *t = user_data;
  g_autoptr (GError) error = NULL;

  g_assert_false (gco_in_coroutine ());
  g_assert_cmpint (g_task_propagate_int (G_TASK (result), &error), ==, 42);
  g_assert_no_error (error);
  gco_test_log (t, "callback ");
}

static void
return_and_go_on (GTask        *task,
                  gpointer      source_object,
                  gpointer      task_data,
                  GCancellable *cancellable)
{
  GcoTest *t = task_data;

  gco_test_pass ();
  gco_test_log (t, "body ");
  g_task_return_int (task, 42);
  g_assert_true (gco_in_coroutine ());
  gco_test_pass ();
  gco_test_log (t, "end ");
}

static void
log_freed (gpointer t)
{
  g_assert_false (gco_in_coroutine ());
  gco_test_log (t, "freed ");
}

/* Propagated in the callback; the body may go on after it returned. The task and
 * its data are let go of outside of the coroutine. */
static void
test_propagate_in_callback (GcoTest *t)
{
  GTask *task = gco_task_new (NULL, NULL, on_done_propagate, t);

  g_task_set_task_data (task, t, log_freed);
  gco_task_run (task, return_and_go_on);
  g_object_unref (task);
  gco_test_drain (t);
  gco_test_assert_log (t, "body callback end freed ");
}

static void
test_no_callback (GcoTest *t)
{
  GTask *task = gco_task_new (NULL, NULL, NULL, NULL);

  g_task_set_task_data (task, t, log_freed);
  gco_task_run (task, return_and_go_on);
  g_object_unref (task);
  gco_test_drain (t);
  gco_test_assert_log (t, "body end freed ");
}

/* A callback that starts the next: none of them inside of another's coroutine. */
static void
chain_next (GObject      *source_object,
            GAsyncResult *result,
            gpointer      user_data)
{
  Call  *call = user_data;
  GTask *task;
  gssize left = g_task_propagate_int (G_TASK (result), NULL);

  g_assert_false (gco_in_coroutine ());
  call->called = left == 0;
  if (call->called)
    return;
  task = gco_task_new (NULL, NULL, chain_next, call);
  g_task_set_task_data (task, GSIZE_TO_POINTER (left - 1), NULL);
  gco_task_run (task, call->task_data);
  g_object_unref (task);
}

static void
return_left (GTask        *task,
             gpointer      source_object,
             gpointer      task_data,
             GCancellable *cancellable)
{
  g_task_return_int (task, GPOINTER_TO_SIZE (task_data));
}

static void
test_chain (GcoTest *t)
{
  Call   call = { .t = t, .task_data = return_left };
  GTask *task = gco_task_new (NULL, NULL, chain_next, &call);

  g_task_set_task_data (task, GSIZE_TO_POINTER (1000), NULL);
  gco_task_run (task, return_left);
  g_object_unref (task);
  gco_test_run_until (t, &call.called);
}

/* ----------------------------------------------------------- another thread */

static gpointer
run_in_thread (gpointer user_data)
{
  GcoTest *t = user_data;
  g_autoptr (GMainContext) main_context = g_main_context_new ();
  Call   call = { .t = t, .thread = g_thread_self () };
  GTask *task;

  g_main_context_push_thread_default (main_context);
  task = gco_task_new (NULL, NULL, on_done, &call);
  gco_task_run (task, return_int);
  while (!call.called)
    g_main_context_iteration (main_context, TRUE);
  g_assert_cmpint (g_task_propagate_int (task, NULL), ==, 42);
  for (int i = 0; i < 50; i++)
    g_main_context_iteration (main_context, FALSE);
  g_object_unref (call.result);
  g_assert_finalize_object (task);
  g_main_context_pop_thread_default (main_context);
  return NULL;
}

/* Its body and its callback are in the main context in which it was made. */
static void
test_thread (GcoTest *t)
{
  g_thread_join (g_thread_new ("task", run_in_thread, t));
}

static gpointer
start_task (gpointer task)
{
  gco_task_run (task, return_int);
  return NULL;
}

static void
test_run_from_thread (GcoTest *t)
{
  Call   call = { .t = t, .thread = g_thread_self () };
  GTask *task = gco_task_new (NULL, NULL, on_done, &call);

  g_thread_join (g_thread_new ("starter", start_task, task));
  gco_test_run_until (t, &call.called);
  g_assert_cmpint (g_task_propagate_int (task, NULL), ==, 42);
  g_object_unref (call.result);
  gco_test_drain (t);
  g_assert_finalize_object (task);
}

/* ------------------------------------------------- awaited, and never returned */

static void
await_task (GTask        *task,
            gpointer      source_object,
            gpointer      task_data,
            GCancellable *cancellable)
{
  gssize depth = GPOINTER_TO_SIZE (task_data);
  g_autoptr (GTask) inner = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  GcoAwait await = GCO_AWAIT_INIT;

  if (depth == 0)
    {
      g_task_return_int (task, 0);
      return;
    }
  inner = gco_task_new (source_object, cancellable, gco_await_ready, &await);
  g_task_set_task_data (inner, GSIZE_TO_POINTER (depth - 1), NULL);
  gco_task_run (inner, await_task);
  result = gco_await (&await);
  g_assert_true (result == G_ASYNC_RESULT (inner));
  g_task_return_int (task, 1 + g_task_propagate_int (inner, NULL));
}

static void
test_awaited (GcoTest *t)
{
  Call   call = { .t = t, .thread = g_thread_self () };
  GTask *task = gco_task_new (NULL, NULL, on_done, &call);

  g_task_set_task_data (task, GSIZE_TO_POINTER (100), NULL);
  gco_task_run (task, await_task);
  gco_test_run_until (t, &call.called);
  g_assert_cmpint (g_task_propagate_int (task, NULL), ==, 100);
  g_object_unref (call.result);
  gco_test_drain (t);
  g_assert_finalize_object (task);
}

static void
return_nothing (GTask        *task,
                gpointer      source_object,
                gpointer      task_data,
                GCancellable *cancellable)
{
  gco_test_pass ();
}

/* A body that forgets to return: the task is freed, and nobody is called. GLib
 * has had a word for that since 2.76. */
static void
test_never_returned (GcoTest *t)
{
  Call   call = { .t = t };
  GTask *task = gco_task_new (NULL, NULL, on_done, &call);

  g_object_add_weak_pointer (G_OBJECT (task), (gpointer *) &task);
  gco_task_run (task, return_nothing);
  g_object_unref (task);
  if (glib_check_version (2, 76, 0) == NULL)
    g_test_expect_message ("GLib-GIO", G_LOG_LEVEL_CRITICAL, "*without ever returning*");
  gco_test_drain (t);
  g_test_assert_expected_messages ();
  g_assert_null (task);
  g_assert_false (call.called);
}

int
main (int   argc,
      char *argv[])
{
  gco_test_init (&argc, &argv);
  gco_test_add_source ("/task/value", test_value);
  gco_test_add_source ("/task/nothing-given", test_nothing_given);
  gco_test_add_source ("/task/from-signal", test_from_signal);
  gco_test_add_source ("/task/at-once", test_at_once);
  gco_test_add_source ("/task/error", test_error);
  gco_test_add_source ("/task/cancelled", test_cancelled);
  gco_test_add_source ("/task/cancelled-before", test_cancelled_before);
  gco_test_add_source ("/task/propagate-in-callback", test_propagate_in_callback);
  gco_test_add_source ("/task/no-callback", test_no_callback);
  gco_test_add_source ("/task/chain", test_chain);
  gco_test_add_source ("/task/thread", test_thread);
  gco_test_add_source ("/task/run-from-thread", test_run_from_thread);
  gco_test_add_source ("/task/awaited", test_awaited);
  gco_test_add_source ("/task/never-returned", test_never_returned);
  return g_test_run ();
}
