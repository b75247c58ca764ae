/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* gco_run() and gco_run_sync(). */

#include "gco-test.h"

typedef struct
{
  GcoTest *t;
  gboolean nested;
  guint    n_unwound;
  gboolean stray; /* what others do, who must not while a run_sync lasts */
  GMutex   lock;
  GCond    cond;
  int      phase; /* (lock) */
} Data;

static gboolean
return_true (GCancellable *cancellable,
             gpointer      user_data,
             GError      **error)
{
  g_assert_true (gco_in_coroutine ());
  g_assert_null (gco_scope_get_current_cancellable ());
  gco_test_pass ();
  gco_sleep_ns (NULL, 1000);
  return TRUE;
}

static gboolean
check_cancellable (GCancellable *cancellable,
                   gpointer      user_data,
                   GError      **error)
{
  g_assert_true (cancellable == user_data);
  return return_true (cancellable, user_data, error);
}

static gboolean
fail_busy (GCancellable *cancellable,
           gpointer      user_data,
           GError      **error)
{
  gco_test_pass ();
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_BUSY, "busy");
  return FALSE;
}

static gboolean
fail_silently (GCancellable *cancellable,
               gpointer      user_data,
               GError      **error)
{
  return FALSE;
}

static gboolean
sleep_for_ever (GCancellable *cancellable,
                gpointer      user_data,
                GError      **error)
{
  return gco_sleep_ns_cancellable (NULL, G_MAXINT64, cancellable, error);
}

typedef gboolean (*Run) (GcoRunFunc    func,
                         gpointer      user_data,
                         GCancellable *cancellable,
                         GError      **error);

static gpointer
cancel_it (gpointer cancellable)
{
  g_cancellable_cancel (cancellable);
  return NULL;
}

static void
check_outcomes (Run run)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  GThread *thread;

  g_assert_true (run (return_true, NULL, NULL, &error));
  g_assert_no_error (error);
  g_assert_true (run (check_cancellable, cancellable, cancellable, NULL));
  g_assert_false (run (fail_busy, NULL, NULL, NULL));
  g_assert_false (run (fail_busy, NULL, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_BUSY);
  g_clear_error (&error);
  g_assert_false (run (fail_silently, NULL, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_FAILED);
  g_clear_error (&error);
  thread = g_thread_new ("canceller", cancel_it, cancellable);
  g_assert_false (run (sleep_for_ever, NULL, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_thread_join (thread);
  g_assert_null (g_main_context_get_thread_default ());
  g_assert_false (gco_in_coroutine ());
}

static void
test_outcomes (void)
{
  check_outcomes (gco_run);
}

static void
test_sync_outcomes (void)
{
  check_outcomes (gco_run_sync);
}

/* Within a dispatch: of a source, and of its own context. */
static void
run_nested (gpointer user_data)
{
  Data *data = user_data;

  g_assert_true (gco_run (return_true, NULL, NULL, NULL));
  g_assert_true (gco_run_sync (return_true, NULL, NULL, NULL));
  data->nested = TRUE;
}

static gboolean
nest (GCancellable *cancellable,
      gpointer      user_data,
      GError      **error)
{
  Data *data = user_data;

  gco_aio_context_schedule_oneshot (NULL, run_nested, data, NULL);
  while (!data->nested)
    gco_test_pass ();
  data->nested = FALSE;
  gco_coroutine_call_outside (run_nested, data);
  g_assert_true (data->nested);
  return TRUE;
}

static void
test_nested (void)
{
  Data data = { .nested = FALSE };

  g_assert_true (gco_run (nest, &data, NULL, NULL));
}

static gboolean
run_in_coroutine (GCancellable *cancellable,
                  gpointer      run,
                  GError      **error)
{
  return ((Run) run) (return_true, NULL, NULL, error);
}

static void
test_in_coroutine (void)
{
  gco_run (run_in_coroutine, gco_run, NULL, NULL);
}

static void
test_sync_in_coroutine (void)
{
  gco_run (run_in_coroutine, gco_run_sync, NULL, NULL);
}

static gpointer
own_default (gpointer user_data)
{
  Data *data = user_data;

  g_assert_true (g_main_context_acquire (NULL));
  g_mutex_lock (&data->lock);
  data->phase = 1;
  g_cond_signal (&data->cond);
  while (data->phase != 2)
    g_cond_wait (&data->cond, &data->lock);
  g_mutex_unlock (&data->lock);
  return NULL;
}

static void
test_owned_elsewhere (void)
{
  Data data = { .phase = 0 };

  g_thread_new ("owner", own_default, &data);
  g_mutex_lock (&data.lock);
  while (data.phase != 1)
    g_cond_wait (&data.cond, &data.lock);
  g_mutex_unlock (&data.lock);
  gco_run (return_true, NULL, NULL, NULL);
}

/* ------------------------------------------------------------------ gco_run_sync */

static gboolean
note_stray (gpointer user_data)
{
  Data *data = user_data;

  data->stray = TRUE;
  return G_SOURCE_REMOVE;
}

static void
note_stray_later (gpointer data)
{
  note_stray (data);
}

static void
return_in_thread (GTask        *task,
                  gpointer      source_object,
                  gpointer      task_data,
                  GCancellable *cancellable)
{
  g_task_return_int (task, 42);
}

/* A GTask that is returned in a thread, and one that is in an idle callback. */
static gboolean
await_all (GCancellable *cancellable,
           gpointer      user_data,
           GError      **error)
{
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (GAsyncResult) result = NULL;
      g_autoptr (GTask) task = NULL;
      GcoAwait await = GCO_AWAIT_INIT;

      task = g_task_new (NULL, NULL, gco_await_ready, &await);
      if (i == 0)
        g_task_run_in_thread (task, return_in_thread);
      else
        g_task_return_int (task, 42);
      result = gco_await (&await);
      g_assert_cmpint (g_task_propagate_int (G_TASK (result), error), ==, 42);
    }
  gco_sleep_ns (NULL, 1000);
  return TRUE;
}

/* Nothing of others runs meanwhile: neither of the default main context and its
 * AioContext, nor of the test's. */
static void
test_sync_alone (GcoTest *t)
{
  Data  data = { .t = t };
  guint idle = g_idle_add (note_stray, &data);
  guint timer = g_timeout_add (0, note_stray, &data);

  gco_aio_context_schedule_oneshot (gco_aio_context_get_default (),
                                    note_stray_later,
                                    &data,
                                    NULL);
  gco_aio_context_schedule_oneshot (t->ctx, note_stray_later, &data, NULL);
  for (guint i = 0; i < 3; i++)
    g_assert_true (gco_run_sync (await_all, &data, NULL, NULL));
  g_assert_false (data.stray);
  g_source_remove (idle);
  g_source_remove (timer);
  gco_test_drain (t);
  g_assert_true (data.stray);
  data.stray = FALSE;
  /* Not until there is nothing: a source that rests has nothing for a moment. */
  for (int i = 0; i < 50; i++)
    g_main_context_iteration (NULL, FALSE);
  g_assert_true (data.stray);
}

static void
note_unwound (Data **place)
{
  (*place)->n_unwound++;
}

static void
linger (gpointer user_data)
{
  __attribute__ ((cleanup (note_unwound))) Data *data = user_data;

  g_assert_false (gco_sleep_ns_cancellable (NULL, G_MAXINT64, NULL, NULL));
  data->stray = TRUE;
}

static gboolean
leave_behind (GCancellable *cancellable,
              gpointer      user_data,
              GError      **error)
{
  for (guint i = 0; i < 100; i++)
    gco_spawn (NULL, linger, user_data, NULL);
  return TRUE;
}

/* What is left behind is ended before it returns. */
static void
test_sync_left_behind (void)
{
  Data data = { NULL };

  g_assert_true (gco_run_sync (leave_behind, &data, NULL, NULL));
  g_assert_cmpuint (data.n_unwound, ==, 100);
}

static void
yield_for_ever (gpointer user_data)
{
  gco_coroutine_set_name (gco_coroutine_self (), "sloth");
  gco_coroutine_yield ();
}

static gboolean
leave_stuck (GCancellable *cancellable,
             gpointer      user_data,
             GError      **error)
{
  gco_spawn (NULL, yield_for_ever, NULL, NULL);
  gco_test_pass ();
  return TRUE;
}

static void
test_sync_left_stuck (void)
{
  g_test_expect_message ("Gco", G_LOG_LEVEL_WARNING, "Coroutine sloth*abandoned*");
  g_assert_true (gco_run_sync (leave_stuck, NULL, NULL, NULL));
  g_test_assert_expected_messages ();
}

static void
run_sync_outside (gpointer user_data)
{
  Data *data = user_data;

  g_assert_true (gco_run_sync (return_true, NULL, NULL, NULL));
  data->nested = TRUE;
}

static gboolean
run_sync_within (GCancellable *cancellable,
                 gpointer      user_data,
                 GError      **error)
{
  GMainContext *before = g_main_context_get_thread_default ();

  gco_coroutine_call_outside (run_sync_outside, user_data);
  g_assert_true (g_main_context_get_thread_default () == before);
  return return_true (cancellable, user_data, error);
}

/* In a run_sync, from a coroutine. */
static void
test_sync_nested (void)
{
  Data data = { NULL };

  g_assert_true (gco_run_sync (run_sync_within, &data, NULL, NULL));
  g_assert_true (data.nested);
}

/* In a dispatch of another context of this thread. */
static void
test_sync_in_dispatch (GcoTest *t)
{
  Data data = { NULL };

  gco_aio_context_schedule_oneshot (t->ctx, run_sync_outside, &data, NULL);
  gco_test_drain (t);
  g_assert_true (data.nested);
}

static void
call_run_sync_outside (gpointer user_data)
{
  gco_test_pass ();
  gco_coroutine_call_outside (run_sync_outside, user_data);
  gco_test_pass ();
}

static void
test_sync_outside (GcoTest *t)
{
  Data data = { NULL };

  gco_test_run (t, call_run_sync_outside, &data);
  g_assert_true (data.nested);
}

int
main (int   argc,
      char *argv[])
{
  gco_test_init (&argc, &argv);
  g_test_add_func ("/run/outcomes", test_outcomes);
  g_test_add_func ("/run/nested", test_nested);
  gco_test_add_abort_plain ("/run/in-coroutine",
                            test_in_coroutine,
                            "*gco_run: called by coroutine gco_run*");
  gco_test_add_abort_plain ("/run/owned-elsewhere",
                            test_owned_elsewhere,
                            "*gco_run: another thread owns*");
  g_test_add_func ("/run/sync/outcomes", test_sync_outcomes);
  gco_test_add ("/run/sync/alone", test_sync_alone);
  g_test_add_func ("/run/sync/left-behind", test_sync_left_behind);
  g_test_add_func ("/run/sync/left-stuck", test_sync_left_stuck);
  g_test_add_func ("/run/sync/nested", test_sync_nested);
  gco_test_add ("/run/sync/in-dispatch", test_sync_in_dispatch);
  gco_test_add ("/run/sync/outside", test_sync_outside);
  gco_test_add_abort_plain ("/run/sync/in-coroutine",
                            test_sync_in_coroutine,
                            "*gco_run_sync: called by coroutine gco_run*");
  return g_test_run ();
}
