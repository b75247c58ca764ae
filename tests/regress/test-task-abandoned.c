/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The callback of a task was never called when a shutdown abandoned its coroutine. It is,
 * once, whatever had become of the task before.
 */

#include "gco-test.h"

typedef struct
{
  GThread       *thread;     /* the callback is to run in it */
  GSource       *unready;    /* of a main context that is to go, or NULL */
  GcoAioContext *there;      /* where the body goes first, or NULL */
  GcoAioContext *to_be_shut; /* by the callback, or NULL */
  gboolean       returns;    /* the body does, before it waits for ever */
  gboolean       waits;      /* (atomic) the body is about to */
  guint          n_called;
  guint          n_freed;
  GError        *error;
} Data;

static void
data_freed (gpointer user_data)
{
  ((Data *) user_data)->n_freed++;
}

static void
wait_for_ever (GTask        *task,
               gpointer      source_object,
               gpointer      task_data,
               GCancellable *cancellable)
{
  Data *data = task_data;

  gco_coroutine_set_name (gco_coroutine_self (), "sloth");
  if (data->there != NULL)
    gco_coroutine_move_to (data->there);
  if (data->returns)
    g_task_return_int (task, 42);
  g_atomic_int_set (&data->waits, TRUE);
  g_main_context_wakeup (g_task_get_context (task));
  gco_coroutine_yield ();
  g_assert_not_reached ();
}

static void
shut_down (gpointer ctx)
{
  g_test_expect_message ("Gco", G_LOG_LEVEL_WARNING, "Coroutine sloth*abandoned*");
  gco_aio_context_shutdown (ctx);
  g_test_assert_expected_messages ();
}

static void
on_done (GObject      *source_object,
         GAsyncResult *result,
         gpointer      user_data)
{
  Data  *data = user_data;
  gssize value;

  g_assert_false (gco_in_coroutine ());
  g_assert_true (data->thread == g_thread_self ());
  g_assert_true (g_main_context_get_thread_default () ==
                 g_task_get_context (G_TASK (result)));
  data->n_called++;
  value = g_task_propagate_int (G_TASK (result), &data->error);
  g_assert_cmpint (value, ==, data->returns ? 42 : -1);
  if (data->to_be_shut != NULL)
    shut_down (data->to_be_shut);
}

/* Begins one that has no reference but its own. */
static void
begin (Data *data)
{
  g_autoptr (GTask) task = gco_task_new (NULL, NULL, on_done, data);

  data->thread = g_thread_self ();
  g_task_set_task_data (task, data, data_freed);
  gco_task_run (task, wait_for_ever);
}

static void
assert_ended (Data *data)
{
  g_assert_cmpuint (data->n_called, ==, 1);
  g_assert_cmpuint (data->n_freed, ==, 1);
  if (data->returns)
    {
      g_assert_no_error (data->error);
      return;
    }
  g_assert_error (data->error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_nonnull (strstr (data->error->message, "abandoned"));
  g_clear_error (&data->error);
}

/* That is the context of gco_task_run(), not the test's. */
static GcoAioContext *
context_of_tasks (void)
{
  return gco_aio_context_get_thread_default ();
}

/* ------------------------------------------------------------------------- here */

static void
try_here (GcoTest *t,
          gboolean returns)
{
  Data data = { .returns = returns };

  begin (&data);
  gco_test_drain (t);
  g_assert_true (data.waits);
  shut_down (context_of_tasks ());
  /* by the shutdown: there might be no iteration after it */
  assert_ended (&data);
  gco_test_drain (t);
  g_assert_cmpuint (data.n_called, ==, 1);
}

static void
test_here (GcoTest *t)
{
  try_here (t, FALSE);
}

static void
test_returned (GcoTest *t)
{
  try_here (t, TRUE);
}

static void
test_many (GcoTest *t)
{
  Data data[3] = { { NULL }, { .returns = TRUE }, { NULL } };

  for (guint i = 0; i < G_N_ELEMENTS (data); i++)
    begin (&data[i]);
  gco_test_drain (t);
  for (guint i = 0; i < G_N_ELEMENTS (data) - 1; i++)
    g_test_expect_message ("Gco", G_LOG_LEVEL_WARNING, "Coroutine sloth*abandoned*");
  shut_down (context_of_tasks ());
  for (guint i = 0; i < G_N_ELEMENTS (data); i++)
    assert_ended (&data[i]);
}

/* Of a low priority, beside what is always ready. */
static gboolean
keep_busy (gpointer user_data)
{
  (*(guint *) user_data)++;
  return G_SOURCE_CONTINUE;
}

static void
test_low_priority (GcoTest *t)
{
  GSource *busy = g_idle_source_new ();
  guint    n = 0;
  Data     data = { NULL };
  GTask   *task = gco_task_new (NULL, NULL, on_done, &data);

  data.thread = g_thread_self ();
  g_task_set_task_data (task, &data, data_freed);
  g_task_set_priority (task, G_PRIORITY_DEFAULT_IDLE);
  gco_task_run (task, wait_for_ever);
  g_object_unref (task);
  gco_test_drain (t);
  g_source_set_callback (busy, keep_busy, &n, NULL);
  g_source_attach (busy, t->main_context);
  shut_down (context_of_tasks ());
  g_source_destroy (busy);
  g_source_unref (busy);
  assert_ended (&data);
}

static void
test_no_callback (GcoTest *t)
{
  Data   data = { NULL };
  GTask *task = gco_task_new (NULL, NULL, NULL, NULL);

  g_task_set_task_data (task, &data, data_freed);
  gco_task_run (task, wait_for_ever);
  gco_test_drain (t);
  shut_down (context_of_tasks ());
  g_assert_true (g_task_get_completed (task));
  g_assert_cmpint (g_task_propagate_int (task, &data.error), ==, -1);
  g_assert_error (data.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_error_free (data.error);
  g_assert_finalize_object (task);
  g_assert_cmpuint (data.n_freed, ==, 1);
}

static void
on_done_first_of_two (GObject      *source_object,
                      GAsyncResult *result,
                      gpointer      user_data)
{
  on_done (source_object, result, user_data);
  gco_aio_context_shutdown (context_of_tasks ());
}

/* The callback shuts down as well: that waited for the end of itself. */
static void
test_shut_down_again (GcoTest *t)
{
  Data   data[2] = { { NULL }, { NULL } };
  GTask *task = gco_task_new (NULL, NULL, on_done_first_of_two, &data[0]);

  data[0].thread = g_thread_self ();
  g_task_set_task_data (task, &data[0], data_freed);
  gco_task_run (task, wait_for_ever);
  g_object_unref (task);
  begin (&data[1]);
  gco_test_drain (t);
  g_test_expect_message ("Gco", G_LOG_LEVEL_WARNING, "Coroutine sloth*abandoned*");
  shut_down (context_of_tasks ());
  assert_ended (&data[0]);
  assert_ended (&data[1]);
}

/* ------------------------------------------ returned, and its callback is to come */

/* Made and run in one dispatch: a GTask returns in a later one. */
static void
begin_and_shut_down (gpointer user_data)
{
  Data *data = user_data;

  begin (data);
  gco_test_pass ();
  g_assert_true (data->waits);
  g_assert_cmpuint (data->n_called, ==, 0);
  if (data->to_be_shut == NULL)
    gco_coroutine_call_outside (shut_down, gco_aio_context_get_current ());
}

static void
test_pending (GcoTest *t)
{
  Data data = { .returns = TRUE };

  gco_spawn (context_of_tasks (), begin_and_shut_down, &data, NULL);
  gco_test_drain (t);
  assert_ended (&data);
}

/* It is the callback that shuts down: it is not called within itself. */
static void
test_within_callback (GcoTest *t)
{
  Data data = { .returns = TRUE, .to_be_shut = context_of_tasks () };

  gco_spawn (context_of_tasks (), begin_and_shut_down, &data, NULL);
  gco_test_drain (t);
  assert_ended (&data);
}

/* -------------------------------------------------------------------- elsewhere */

static void
try_elsewhere (GcoTest *t,
               gboolean returns)
{
  GcoTestThread *thread = gco_test_thread_new (NULL);
  Data           data = { .there = gco_test_thread_get_context (thread), .returns = returns };

  begin (&data);
  gco_test_run_until (t, &data.waits);
  gco_test_thread_call (thread, shut_down, data.there);
  while (data.n_called == 0)
    g_main_context_iteration (t->main_context, TRUE);
  gco_test_drain (t);
  assert_ended (&data);
  gco_test_thread_stop (thread);
}

static void
test_elsewhere (GcoTest *t)
{
  try_elsewhere (t, FALSE);
  try_elsewhere (t, TRUE);
}

/* Its own context is shut down after that, and not iterated in between. */
static void
test_elsewhere_then_here (GcoTest *t)
{
  GcoTestThread *thread = gco_test_thread_new (NULL);
  Data           data = { .there = gco_test_thread_get_context (thread) };

  begin (&data);
  gco_test_run_until (t, &data.waits);
  gco_test_thread_call (thread, shut_down, data.there);
  gco_aio_context_shutdown (context_of_tasks ());
  assert_ended (&data);
  gco_test_thread_stop (thread);
}

/* In another context of this thread. */
static void
test_beside_then_here (GcoTest *t)
{
  g_autoptr (GcoAioContext) there = gco_aio_context_new ();
  g_autoptr (GSource) source = gco_aio_context_dup_source (there);
  Data data = { .there = there };

  gco_aio_context_attach (there, t->main_context);
  begin (&data);
  gco_test_run_until (t, &data.waits);
  shut_down (there);
  gco_aio_context_shutdown (context_of_tasks ());
  assert_ended (&data);
  g_source_destroy (source);
}

static gboolean
leave_behind (GCancellable *cancellable,
              gpointer      user_data,
              GError      **error)
{
  Data *data = user_data;

  g_source_attach (data->unready, g_main_context_get_thread_default ());
  begin (data);
  while (!data->waits)
    gco_test_pass ();
  return TRUE;
}

/* Nobody iterates its main context later, and that goes. */
static void
test_run_sync (void)
{
  Data data[] = { { NULL }, { .returns = TRUE } };

  for (guint i = 0; i < G_N_ELEMENTS (data); i++)
    {
      g_test_expect_message ("Gco", G_LOG_LEVEL_WARNING, "Coroutine sloth*abandoned*");
      data[i].unready = g_timeout_source_new_seconds (G_MAXUINT / 1000);
      g_assert_true (gco_run_sync (leave_behind, &data[i], NULL, NULL));
      g_test_assert_expected_messages ();
      assert_ended (&data[i]);
      g_assert_true (g_source_is_destroyed (data[i].unready));
      g_source_unref (data[i].unready);
    }
}

int
main (int   argc,
      char *argv[])
{
  gco_test_init (&argc, &argv);
  gco_test_add_source ("/regress/task-abandoned/here", test_here);
  gco_test_add_source ("/regress/task-abandoned/returned", test_returned);
  gco_test_add_source ("/regress/task-abandoned/many", test_many);
  gco_test_add_source ("/regress/task-abandoned/low-priority", test_low_priority);
  gco_test_add_source ("/regress/task-abandoned/no-callback", test_no_callback);
  gco_test_add_source ("/regress/task-abandoned/shut-down-again", test_shut_down_again);
  gco_test_add_source ("/regress/task-abandoned/pending", test_pending);
  gco_test_add_source ("/regress/task-abandoned/within-callback", test_within_callback);
  gco_test_add_source ("/regress/task-abandoned/elsewhere", test_elsewhere);
  gco_test_add_source ("/regress/task-abandoned/elsewhere-then-here", test_elsewhere_then_here);
  gco_test_add_source ("/regress/task-abandoned/beside-then-here", test_beside_then_here);
  g_test_add_func ("/regress/task-abandoned/run-sync", test_run_sync);
  return g_test_run ();
}
