/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A shutdown waited for ever for what had been granted and was on its way through the
 * context of the lock, when nobody was to dispatch that: it is of the same thread, or of
 * none.
 */

#include "gco-test-waker.h"

#include "gco-rwlock-private.h"

typedef struct
{
  GcoTest       *t;
  GcoAioContext *via;
  GcoQueue       queue;
  GcoMutex       mutex;
  GcoRwlock      rwlock;
  GcoCoroutine  *writer;
  GcoAsyncMutex *face;
  guint          n_ended;
} Data;

static void
set_up (Data    *data,
        GcoTest *t)
{
  *data = (Data){ .t = t, .via = gco_aio_context_new () };
  gco_queue_init_with_context (&data->queue, data->via);
  gco_mutex_init_with_context (&data->mutex, data->via);
  gco_rwlock_init_with_context (&data->rwlock, data->via);
}

static void
tear_down (Data *data,
           guint n_ended)
{
  g_assert_cmpuint (data->n_ended, ==, n_ended);
  gco_aio_context_poll (data->via, FALSE);
  gco_aio_context_release_thread (data->via);
  g_assert_finalize_object (data->via);
}

static void
wait_in_queue (gpointer user_data)
{
  Data *data = user_data;

  gco_queue_wait (&data->queue, NULL);
  data->n_ended++;
}

static void
start_waiters (Data *data)
{
  gco_test_spawn (data->t, wait_in_queue, data);
  gco_test_spawn (data->t, wait_in_queue, data);
  gco_test_drain (data->t);
}

/* ------------------------------------------------------------ it is there already */

static void
test_of_none (GcoTest *t)
{
  Data data;

  set_up (&data, t);
  start_waiters (&data);
  gco_queue_restart_all (&data.queue);
  gco_aio_context_shutdown (t->ctx);
  tear_down (&data, 2);
}

static void
test_of_this_thread (GcoTest *t)
{
  Data data;

  set_up (&data, t);
  gco_aio_context_poll (data.via, FALSE);
  start_waiters (&data);
  gco_queue_restart_all (&data.queue);
  gco_aio_context_shutdown (t->ctx);
  tear_down (&data, 2);
}

static void
log_run (gpointer user_data)
{
  gco_test_log (user_data, "run ");
}

static void
shut_down (gpointer user_data)
{
  Data *data = user_data;

  gco_aio_context_shutdown (data->t->ctx);
  g_assert_cmpuint (data->n_ended, ==, 2);
  gco_test_log (data->t, "shut-down ");
}

/* What else is in that list is left there, and runs when its context does. */
static void
test_in_dispatch (GcoTest *t)
{
  Data data;

  set_up (&data, t);
  gco_aio_context_poll (data.via, FALSE);
  start_waiters (&data);
  gco_aio_context_schedule_oneshot (data.via, shut_down, &data, NULL);
  gco_queue_next (&data.queue);
  gco_aio_context_schedule_oneshot (data.via, log_run, t, NULL);
  gco_queue_next (&data.queue);
  /* a dispatch may be cut short */
  while (gco_aio_context_poll (data.via, FALSE))
    ;
  gco_test_assert_log (t, "shut-down run ");
  gco_aio_context_schedule_oneshot (data.via, log_run, t, NULL);
  gco_aio_context_poll (data.via, FALSE);
  gco_test_assert_log (t, "run ");
  tear_down (&data, 2);
}

/* One of a context that goes on is left to the dispatch. */
static void
test_of_another (GcoTest *t)
{
  GcoAioContext *other = gco_aio_context_new ();
  Data           data;

  set_up (&data, t);
  gco_spawn (other, wait_in_queue, &data, NULL);
  gco_aio_context_poll (other, FALSE);
  gco_test_spawn (t, wait_in_queue, &data);
  gco_test_drain (t);
  gco_queue_restart_all (&data.queue);
  gco_aio_context_shutdown (t->ctx);
  gco_aio_context_poll (other, FALSE);
  g_assert_cmpuint (data.n_ended, ==, 1);
  gco_aio_context_poll (data.via, FALSE);
  gco_aio_context_poll (other, FALSE);
  tear_down (&data, 2);
  g_assert_finalize_object (other);
}

/* ----------------------------------------------------------------- it comes later */

static void
lock_and_unlock (gpointer user_data)
{
  Data *data = user_data;

  g_autoptr (GError) error = NULL;

  gco_mutex_lock (&data->mutex);
  g_assert_false (gco_sleep_ns_cancellable (NULL, G_MAXINT64, NULL, &error));
  gco_mutex_unlock (&data->mutex);
  data->n_ended++;
}

static void
lock_after (gpointer user_data)
{
  Data *data = user_data;

  gco_mutex_lock (&data->mutex);
  gco_mutex_unlock (&data->mutex);
  data->n_ended++;
}

/* By one that unwinds. */
static void
test_unwinding (GcoTest *t)
{
  Data data;

  set_up (&data, t);
  gco_test_spawn (t, lock_and_unlock, &data);
  gco_test_spawn (t, lock_after, &data);
  gco_test_drain (t);
  gco_aio_context_shutdown (t->ctx);
  tear_down (&data, 2);
}

static void
read_or_write (gpointer user_data)
{
  Data *data = user_data;

  if (gco_coroutine_self () == data->writer)
    {
      gco_rwlock_wrlock (&data->rwlock);
      g_assert_not_reached ();
    }
  gco_rwlock_rdlock (&data->rwlock);
  data->n_ended++;
  gco_rwlock_unlock (&data->rwlock);
}

/* By one that is abandoned: the shutdown goes by the addresses of the stacks. */
static void
test_let_in (GcoTest *t)
{
  GcoCoroutine *a;
  GcoCoroutine *b;
  Data          data;

  set_up (&data, t);
  a = gco_coroutine_create (read_or_write, &data);
  b = gco_coroutine_create (read_or_write, &data);
  data.writer = MIN (a, b);
  g_assert_true (gco_rwlock_try (&data.rwlock, GCO_HELD_ASYNC, FALSE));
  gco_coroutine_schedule (data.writer, t->ctx);
  gco_coroutine_schedule (MAX (a, b), t->ctx);
  gco_test_drain (t);
  g_test_expect_message ("Gco", G_LOG_LEVEL_WARNING, "*abandoned*a GcoRwlock to write*");
  gco_aio_context_shutdown (t->ctx);
  g_test_assert_expected_messages ();
  g_assert_true (gco_rwlock_unlock_async (&data.rwlock, "test_let_in"));
  tear_down (&data, 1);
}

static void
test_by_another_thread (GcoTest *t)
{
  Data data;

  set_up (&data, t);
  gco_aio_context_poll (data.via, FALSE);
  gco_test_spawn (t, wait_in_queue, &data);
  gco_test_drain (t);
  gco_test_shut_down_before_wake (t->ctx, &data.queue, data.via);
  tear_down (&data, 1);
}

/* One who calls back, and whose callback a coroutine awaits. */
static void
await_lock (gpointer user_data)
{
  Data    *data = user_data;
  GcoAwait await = GCO_AWAIT_INIT;
  g_autoptr (GAsyncResult) result = NULL;

  gco_async_mutex_lock_async (data->face, NULL, gco_await_ready, &await);
  result = gco_await (&await);
  g_assert_true (gco_async_mutex_lock_finish (data->face, result, NULL));
  data->n_ended++;
}

static void
test_async (GcoTest *t)
{
  /* to which callbacks come */
  GcoAioContext *ctx = gco_aio_context_get_thread_default ();
  Data           data;

  set_up (&data, t);
  data.face = gco_async_mutex_new ();
  gco_mutex_init_with_context (gco_async_mutex_get_mutex (data.face), data.via);
  g_assert_true (gco_async_mutex_trylock (data.face));
  gco_spawn (ctx, await_lock, &data, NULL);
  gco_test_drain (t);
  g_assert_true (gco_async_mutex_unlock (data.face, NULL));
  gco_aio_context_shutdown (ctx);
  g_assert_true (gco_async_mutex_unlock (data.face, NULL));
  tear_down (&data, 1);
  g_assert_finalize_object (data.face);
}

int
main (int   argc,
      char *argv[])
{
  gco_test_init (&argc, &argv);
  gco_test_add ("/regress/shutdown-hop/of-none", test_of_none);
  gco_test_add ("/regress/shutdown-hop/of-this-thread", test_of_this_thread);
  gco_test_add ("/regress/shutdown-hop/in-dispatch", test_in_dispatch);
  gco_test_add ("/regress/shutdown-hop/of-another", test_of_another);
  gco_test_add ("/regress/shutdown-hop/unwinding", test_unwinding);
  gco_test_add ("/regress/shutdown-hop/let-in", test_let_in);
  gco_test_add ("/regress/shutdown-hop/by-another-thread", test_by_another_thread);
  gco_test_add_source ("/regress/shutdown-hop/async", test_async);
  return g_test_run ();
}
