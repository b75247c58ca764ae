/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A shutdown left coroutines behind that were about to run, with the lock they had been
 * given:
 *
 * - one whose wait another thread had ended, but which it had not woken yet;
 * - one that was let in when the one ahead of it was taken out of the line.
 */

#include "gco-test-waker.h"

#include "gco-rwlock-private.h"

typedef struct
{
  GcoTest      *t;
  GcoQueue      queue;
  GcoRwlock     rwlock;
  GcoCoroutine *writer;
  gboolean      ended;
} Data;

static void
wait_in_queue (gpointer user_data)
{
  Data *data = user_data;

  gco_queue_wait (&data->queue, NULL);
  data->ended = TRUE;
}

static void
test_granted (GcoTest *t)
{
  Data data = { .t = t };

  gco_test_spawn (t, wait_in_queue, &data);
  gco_test_drain (t);
  gco_test_shut_down_before_wake (t->ctx, &data.queue, NULL);
  g_assert_true (data.ended);
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
  data->ended = TRUE;
  gco_rwlock_unlock (&data->rwlock);
}

/* The shutdown goes through the stacks in the order of their addresses. */
static void
test_let_in (GcoTest *t)
{
  Data          data = { .t = t };
  GcoCoroutine *a = gco_coroutine_create (read_or_write, &data);
  GcoCoroutine *b = gco_coroutine_create (read_or_write, &data);

  data.writer = MIN (a, b);
  g_assert_true (gco_rwlock_try (&data.rwlock, GCO_HELD_ASYNC, FALSE));
  gco_coroutine_schedule (data.writer, t->ctx);
  gco_coroutine_schedule (MAX (a, b), t->ctx);
  gco_test_drain (t);
  g_test_expect_message ("Gco", G_LOG_LEVEL_WARNING, "*abandoned*a GcoRwlock to write*");
  gco_aio_context_shutdown (t->ctx);
  g_test_assert_expected_messages ();
  g_assert_true (data.ended);
  g_assert_true (gco_rwlock_unlock_async (&data.rwlock, "test_let_in"));
  g_assert_cmpuint (data.rwlock.n_readers, ==, 0);
}

int
main (int   argc,
      char *argv[])
{
  gco_test_init (&argc, &argv);
  gco_test_add ("/regress/shutdown-granted/granted", test_granted);
  gco_test_add ("/regress/shutdown-granted/let-in", test_let_in);
  return g_test_run ();
}
