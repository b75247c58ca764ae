/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Who lets a waiter pass that is just leaving stands in for a writer meanwhile. A reader
 * that did something at that moment, in another thread, took that for a real one:
 *
 * - an asynchronous one that unlocked, for itself: it was counted as a reader for ever;
 * - one that unlocked though it held nothing was believed, and could have let a coroutine
 *   in, which lost the lock again when the waiter was out;
 * - one that upgraded did not look at all, and wrote in a lock that then was free.
 */

#include "gco-test.h"

#include "gco-rwlock-private.h"

/* Comes to a waiter that is LEAVING, and waits until it is out. */
static gpointer
unlock (gpointer face)
{
  g_assert_true (gco_async_rwlock_unlock (face, NULL));
  return NULL;
}

static gboolean
is_stood_in_for (GcoRwlock *rwlock)
{
  gboolean is;

  gco_busy_take (&rwlock->state);
  is = rwlock->writer != 0;
  gco_busy_release (&rwlock->state, 0);
  return is;
}

static gboolean
is_kept (GcoRwlock *rwlock)
{
  gboolean is;

  gco_busy_take (&rwlock->state);
  is = rwlock->writer == GCO_HELD_PASSING;
  gco_busy_release (&rwlock->state, 0);
  return is;
}

static void
leave (GcoRwlock *rwlock,
       GcoWaiter *waiter)
{
  gco_busy_take (&rwlock->state);
  gco_wait_list_close (gco_rwlock_waiters (rwlock), waiter->previous, waiter->next);
  gco_busy_release (&rwlock->state, 0);
}

static void
test_unlock_meanwhile (void)
{
  g_autoptr (GcoAsyncRwlock) face = gco_async_rwlock_new ();
  GcoRwlock *rwlock = gco_async_rwlock_get_rwlock (face);
  GcoWaiter  waiter = { .state = &waiter.own_state, .own_state = GCO_WAIT_LEAVING };
  GThread   *other;

  g_assert_true (gco_async_rwlock_tryrdlock (face));
  g_assert_true (gco_async_rwlock_tryrdlock (face));
  gco_wait_list_append (gco_rwlock_waiters (rwlock), &waiter);
  other = g_thread_new ("other", unlock, face);
  while (!is_stood_in_for (rwlock))
    g_thread_yield ();
  g_assert_true (gco_async_rwlock_unlock (face, NULL));
  leave (rwlock, &waiter);
  g_thread_join (other);

  g_assert_true (gco_async_rwlock_trywrlock (face));
  g_assert_true (gco_async_rwlock_unlock (face, NULL));
  g_assert_false (gco_async_rwlock_unlock (face, NULL));
}

static void
test_unlock_unheld (void)
{
  g_autoptr (GcoAsyncRwlock) face = gco_async_rwlock_new ();
  g_autoptr (GError) error = NULL;
  GcoRwlock *rwlock = gco_async_rwlock_get_rwlock (face);
  GcoWaiter  waiter = { .state = &waiter.own_state, .own_state = GCO_WAIT_LEAVING };
  GThread   *other;

  g_assert_true (gco_async_rwlock_trywrlock (face));
  gco_wait_list_append (gco_rwlock_waiters (rwlock), &waiter);
  other = g_thread_new ("other", unlock, face);
  while (!is_kept (rwlock))
    g_thread_yield ();
  g_assert_false (gco_async_rwlock_unlock (face, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED);
  leave (rwlock, &waiter);
  g_thread_join (other);
}

typedef struct
{
  GcoRwlock rwlock;
  GcoQueue  pause;
  gboolean  writes;
} Data;

static void
read_then_write (gpointer user_data)
{
  Data *data = user_data;

  gco_rwlock_rdlock (&data->rwlock);
  gco_queue_wait (&data->pause, NULL);
  gco_rwlock_upgrade (&data->rwlock);
  data->writes = TRUE;
  gco_rwlock_unlock (&data->rwlock);
}

static void
test_upgrade_meanwhile (GcoTest *t)
{
  Data data = { .writes = FALSE };

  gco_test_spawn (t, read_then_write, &data);
  gco_test_drain (t);
  g_assert_cmpuint (data.rwlock.n_readers, ==, 1);
  /* as if another thread had just unlocked, and met a waiter that is leaving */
  data.rwlock.writer = GCO_HELD_PASSING;
  g_assert_true (gco_queue_next (&data.pause));
  gco_test_drain (t);
  g_assert_false (data.writes);
  gco_busy_take (&data.rwlock.state);
  data.rwlock.writer = 0;
  gco_rwlock_let_in (&data.rwlock, "test_upgrade_meanwhile");
  gco_test_drain (t);
  g_assert_true (data.writes);
}

int
main (int   argc,
      char *argv[])
{
  gco_test_init (&argc, &argv);
  g_test_add_func ("/regress/rwlock-stand-in/unlock", test_unlock_meanwhile);
  g_test_add_func ("/regress/rwlock-stand-in/unlock-unheld", test_unlock_unheld);
  gco_test_add ("/regress/rwlock-stand-in/upgrade", test_upgrade_meanwhile);
  return g_test_run ();
}
