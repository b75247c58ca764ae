/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* gco_await: a coroutine waits for a GAsyncReadyCallback, whenever and from
 * wherever that comes. The callbacks of GLib need a GMainContext, so all this is
 * for the door of the source. */

#include "gco-test-actor.h"

#include <glib/gstdio.h>
#include <string.h>

/* ----------------------------------------------------- an operation by hand */

/* actor->data: the GTask to be completed */
static gboolean
do_await (Actor   *self,
          gpointer unused)
{
  GcoAwait await = GCO_AWAIT_INIT;
  g_autoptr (GAsyncResult) result = NULL;
  gssize value;

  self->data = g_task_new (NULL, self->cancellable, gco_await_ready, &await);
  result = gco_await (&await);
  g_assert_true (result == self->data);
  value = g_task_propagate_int (G_TASK (result), &self->error);
  return value == 42;
}

static void
test_size (void)
{
  g_assert_cmpuint (sizeof (GcoAwait), ==, 8 * sizeof (gpointer));
}

static void
test_init (void)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  GcoAwait made;
  GcoAwait constant = GCO_AWAIT_INIT;
  GcoAwait zero;

  memset (&zero, 0, sizeof zero);
  memset (&made, 0xff, sizeof made);
  gco_await_init (&made, NULL);
  g_assert_cmpmem (&made, sizeof made, &zero, sizeof zero);
  g_assert_cmpmem (&constant, sizeof constant, &zero, sizeof zero);
  gco_await_init (&made, cancellable);
  g_assert_cmpint (G_OBJECT (cancellable)->ref_count, ==, 1);
}

/* The result is the caller's; what the task had is gone with it. */
static void
test_later (GcoTest *t)
{
  Actor *a = actor_new (t, "A");
  GTask *task;

  actor_do (a, do_await, NULL);
  assert_waits (a);
  task = a->data;
  g_object_add_weak_pointer (G_OBJECT (task), (gpointer *) &task);
  g_task_return_int (task, 42);
  g_object_unref (a->data);
  /* neither the task nor the coroutine goes on in here */
  assert_waits (a);
  gco_test_drain (t);
  actor_assert_succeeded (a);
  g_assert_null (task);
  actor_end (a);
}

static void
test_error (GcoTest *t)
{
  Actor *a = actor_new (t, "A");

  actor_do (a, do_await, NULL);
  g_task_return_new_error (a->data, G_IO_ERROR, G_IO_ERROR_BUSY, "busy");
  g_object_unref (a->data);
  gco_test_drain (t);
  assert_done (a);
  g_assert_error (a->error, G_IO_ERROR, G_IO_ERROR_BUSY);
  g_clear_error (&a->error);
  actor_end (a);
}

/* Whoever calls back runs to its end before the coroutine does. */
static gboolean
do_await_log (Actor   *self,
              gpointer await)
{
  g_autoptr (GAsyncResult) result = gco_await (await);

  return result == self->data;
}

static void
test_not_inside_callback (GcoTest *t)
{
  g_autoptr (GTask) result = g_task_new (NULL, NULL, NULL, NULL);
  GcoAwait await = GCO_AWAIT_INIT;
  Actor   *a = actor_new (t, "A");

  a->data = result;
  actor_do (a, do_await_log, &await);
  gco_await_ready (NULL, G_ASYNC_RESULT (result), &await);
  gco_test_log (t, "called ");
  gco_test_drain (t);
  gco_test_assert_log (t, "called A ");
  actor_assert_succeeded (a);
  actor_end (a);
}

/* ------------------------------------------------------ before, and elsewhere */

static gboolean
do_await_called (Actor   *self,
                 gpointer unused)
{
  g_autoptr (GTask) task = g_task_new (NULL, NULL, NULL, NULL);
  GcoAwait await = GCO_AWAIT_INIT;

  for (int i = 0; i < 3; i++)
    {
      g_autoptr (GAsyncResult) result = NULL;

      gco_await_ready (NULL, G_ASYNC_RESULT (task), &await);
      result = gco_await (&await);
      g_assert_true (result == G_ASYNC_RESULT (task));
    }
  return TRUE;
}

/* The callback was first: the await returns without yielding, and can be used
 * again. That needs no GMainContext. */
static void
test_before (GcoTest *t)
{
  Actor *a = actor_new (t, "A");

  actor_tell (a, do_await_called, NULL);
  gco_test_iterate (t);
  actor_assert_succeeded (a);
  actor_end (a);
}

typedef struct
{
  GcoAwait *await;
  GTask    *result;
} Call;

static gpointer
call_ready (gpointer user_data)
{
  Call *call = user_data;

  gco_await_ready (NULL, G_ASYNC_RESULT (call->result), call->await);
  return NULL;
}

static gboolean
do_await_thread (Actor   *self,
                 gpointer unused)
{
  for (int i = 0; i < 200; i++)
    {
      GcoAwait await = GCO_AWAIT_INIT;
      Call     call = { &await, g_task_new (NULL, NULL, NULL, NULL) };
      GThread *thread = g_thread_new ("caller", call_ready, &call);
      g_autoptr (GAsyncResult) result = gco_await (&await);

      g_assert_true (result == G_ASYNC_RESULT (call.result));
      /* call lives here: not before the thread is through with it */
      g_thread_join (thread);
      g_object_unref (call.result);
    }
  return TRUE;
}

static void
test_thread (GcoTest *t)
{
  Actor *a = actor_new (t, "A");

  actor_tell (a, do_await_thread, NULL);
  while (a->waits)
    gco_test_iterate_blocking (t);
  actor_assert_succeeded (a);
  actor_end (a);
}

/* ------------------------------------------------------------------- cancel */

/* Cancelling is the operation's business: the await goes on until it calls back. */
static void
test_cancel (GcoTest *t)
{
  Actor *a = actor_new (t, "A");

  actor_do (a, do_await, NULL);
  g_cancellable_cancel (a->cancellable);
  gco_test_drain (t);
  assert_waits (a);
  g_task_return_int (a->data, 42);
  g_object_unref (a->data);
  gco_test_drain (t);
  actor_assert_cancelled (a);
  actor_end (a);
}

static void
return_cancelled (GCancellable *cancellable,
                  GTask        *task)
{
  g_assert_false (gco_in_coroutine ());
  g_task_return_error_if_cancelled (task);
}

/* An operation that ends when it is cancelled, as they should. */
static void
await_operation (gpointer user_data)
{
  GcoTest *t = user_data;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GTask) task = NULL;
  GcoAwait await;

  gco_await_init (&await, cancellable);
  task = g_task_new (NULL, cancellable, gco_await_ready, &await);
  g_signal_connect_object (cancellable,
                           "cancelled",
                           G_CALLBACK (return_cancelled),
                           task,
                           0);
  result = gco_await (&await);
  g_assert_false (g_task_propagate_boolean (G_TASK (result), &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  gco_test_log (t, "unwound ");
}

static void
test_shutdown (GcoTest *t)
{
  gco_test_spawn (t, await_operation, t);
  gco_test_drain (t);
  gco_test_assert_log (t, "");
  gco_aio_context_shutdown (t->ctx);
  gco_test_assert_log (t, "unwound ");
}

/* ------------------------------------------------------------ real operations */

static gboolean
do_copy_file (Actor   *self,
              gpointer path)
{
  static const char text[] = "not much of a file";
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GAsyncResult) written = NULL;
  g_autoptr (GAsyncResult) read = NULL;
  g_autoptr (GAsyncResult) deleted = NULL;
  g_autoptr (GAsyncResult) missed = NULL;
  g_autofree char *unread = NULL;
  g_autofree char *contents = NULL;
  GcoAwait         await = GCO_AWAIT_INIT;
  gsize            length;

  g_file_replace_contents_async (file,
                                 text,
                                 strlen (text),
                                 NULL,
                                 FALSE,
                                 G_FILE_CREATE_NONE,
                                 NULL,
                                 gco_await_ready,
                                 &await);
  written = gco_await (&await);
  g_file_replace_contents_finish (file, written, NULL, &self->error);
  g_assert_no_error (self->error);

  g_file_load_contents_async (file, NULL, gco_await_ready, &await);
  read = gco_await (&await);
  g_file_load_contents_finish (file, read, &contents, &length, NULL, &self->error);
  g_assert_no_error (self->error);
  g_assert_cmpmem (contents, length, text, strlen (text));

  g_file_delete_async (file, G_PRIORITY_DEFAULT, NULL, gco_await_ready, &await);
  deleted = gco_await (&await);
  g_assert_true (g_file_delete_finish (file, deleted, &self->error));

  g_cancellable_cancel (self->cancellable);
  g_file_load_contents_async (file, self->cancellable, gco_await_ready, &await);
  missed = gco_await (&await);
  return g_file_load_contents_finish (file, missed, &unread, &length, NULL, &self->error);
}

static void
test_file (GcoTest *t)
{
  g_autofree char *path = NULL;
  g_autoptr (GError) error = NULL;
  Actor *a = actor_new (t, "A");
  int    fd = g_file_open_tmp ("gco-await-XXXXXX", &path, &error);

  g_assert_no_error (error);
  g_close (fd, NULL);
  actor_tell (a, do_copy_file, path);
  while (a->waits)
    gco_test_iterate_blocking (t);
  actor_assert_cancelled (a);
  actor_end (a);
}

/* ---------------------------------------------------------------------- many */

#define N_MANY 5000

typedef struct
{
  GPtrArray *tasks;
  int        n_done;
  int        n_alive;
} Many;

static void
forget (gpointer many,
        GObject *where_it_was)
{
  ((Many *) many)->n_alive--;
}

static void
await_one (gpointer user_data)
{
  Many    *many = user_data;
  GcoAwait await = GCO_AWAIT_INIT;
  GTask   *task = g_task_new (NULL, NULL, gco_await_ready, &await);
  g_autoptr (GAsyncResult) result = NULL;

  g_object_weak_ref (G_OBJECT (task), forget, many);
  many->n_alive++;
  g_ptr_array_add (many->tasks, task);
  result = gco_await (&await);
  g_assert_true (result == G_ASYNC_RESULT (task));
  g_assert_true (g_task_propagate_boolean (task, NULL));
  many->n_done++;
}

/* Many at once, completed in another order. */
static void
test_many (GcoTest *t)
{
  Many many = { g_ptr_array_new_with_free_func (g_object_unref), 0, 0 };
  int  n = gco_test_crowd (N_MANY, 1 << 20);

  for (int i = 0; i < n; i++)
    gco_test_spawn (t, await_one, &many);
  gco_test_drain (t);
  g_assert_cmpint (many.n_alive, ==, n);
  for (int i = 0; i < n; i++)
    g_task_return_boolean (many.tasks->pdata[n - 1 - i], TRUE);
  g_ptr_array_unref (many.tasks);
  gco_test_drain (t);
  g_assert_cmpint (many.n_done, ==, n);
  g_assert_cmpint (many.n_alive, ==, 0);
}

/* ------------------------------------------------------------------- misuse */

static void
test_twice (void)
{
  g_autoptr (GTask) result = g_task_new (NULL, NULL, NULL, NULL);
  GcoAwait await = GCO_AWAIT_INIT;

  gco_await_ready (NULL, G_ASYNC_RESULT (result), &await);
  gco_await_ready (NULL, G_ASYNC_RESULT (result), &await);
}

static void
test_outside (void)
{
  GcoAwait await = GCO_AWAIT_INIT;

  g_clear_object (&(GAsyncResult *){ gco_await (&await) });
}

static void
await_nothing (gpointer user_data)
{
  GcoAwait await = GCO_AWAIT_INIT;

  gco_coroutine_set_name (gco_coroutine_self (), "alice");
  g_clear_object (&(GAsyncResult *){ gco_await (&await) });
}

static void
test_not_attached (void)
{
  GcoAioContext *ctx = gco_aio_context_new ();

  gco_spawn (ctx, await_nothing, NULL, NULL);
  gco_aio_context_poll (ctx, FALSE);
}

/* Attached once, but no more. */
static void
test_detached (void)
{
  GcoAioContext *ctx = gco_aio_context_new ();
  GSource       *source = gco_aio_context_dup_source (ctx);

  g_source_attach (source, NULL);
  g_source_destroy (source);
  gco_spawn (ctx, await_nothing, NULL, NULL);
  gco_aio_context_poll (ctx, FALSE);
}

int
main (int   argc,
      char *argv[])
{
  gco_test_init (&argc, &argv);
  g_test_add_func ("/await/size", test_size);
  g_test_add_func ("/await/init", test_init);
  gco_test_add_source ("/await/later", test_later);
  gco_test_add_source ("/await/error", test_error);
  gco_test_add_source ("/await/not-inside-callback", test_not_inside_callback);
  gco_test_add ("/await/before", test_before);
  gco_test_add_source ("/await/thread", test_thread);
  gco_test_add_source ("/await/cancel", test_cancel);
  gco_test_add_source ("/await/shutdown", test_shutdown);
  gco_test_add_source ("/await/file", test_file);
  gco_test_add_source ("/await/many", test_many);
  gco_test_add_abort_plain ("/await/misuse/twice",
                            test_twice,
                            "*libgco: gco_await_ready: called twice*");
  gco_test_add_abort_plain ("/await/misuse/outside",
                            test_outside,
                            "*libgco: gco_await: not in a coroutine*");
  gco_test_add_abort_plain ("/await/misuse/not-attached",
                            test_not_attached,
                            "*libgco: gco_await: *alice*attached to no GMainContext*");
  gco_test_add_abort_plain ("/await/misuse/detached",
                            test_detached,
                            "*libgco: gco_await: *alice*attached to no GMainContext*");
  return g_test_run ();
}
