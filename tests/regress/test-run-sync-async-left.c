/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * An _async wait that was begun in gco_run_sync() and not awaited there was never called
 * back, and the lock that it was granted later stayed locked.
 */

#include "gco-test.h"

typedef struct
{
  GcoAsyncMutex *mutex;
  GcoAsyncMutex *second;  /* that the callback locks next, or NULL */
  GSource       *unready; /* of the main context that is to go */
  guint          n_called;
  guint          n_granted;
} Data;

static void
on_locked (GObject      *mutex,
           GAsyncResult *result,
           gpointer      user_data)
{
  Data *data = user_data;
  g_autoptr (GError) error = NULL;

  g_assert_false (gco_in_coroutine ());
  data->n_called++;
  if (data->second != NULL)
    gco_async_mutex_lock_async (g_steal_pointer (&data->second), NULL, on_locked, data);
  if (gco_async_mutex_lock_finish (GCO_ASYNC_MUTEX (mutex), result, &error))
    {
      data->n_granted++;
      gco_async_mutex_unlock (GCO_ASYNC_MUTEX (mutex), NULL);
      return;
    }
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static gboolean
leave_lock (GCancellable *cancellable,
            gpointer      user_data,
            GError      **error)
{
  Data *data = user_data;

  g_source_attach (data->unready, g_main_context_get_thread_default ());
  gco_async_mutex_lock_async (data->mutex, cancellable, on_locked, data);
  return TRUE;
}

static void
try (Data         *data,
     GCancellable *cancellable)
{
  data->unready = g_timeout_source_new_seconds (G_MAXUINT / 1000);
  g_assert_true (gco_run_sync (leave_lock, data, cancellable, NULL));
  g_assert_true (g_source_is_destroyed (data->unready));
  g_source_unref (data->unready);
}

static void
assert_free (GcoAsyncMutex *mutex)
{
  g_assert_true (gco_async_mutex_trylock (mutex));
  gco_async_mutex_unlock (mutex, NULL);
}

static void
test_held (void)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();

  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (GcoAsyncMutex) mutex = gco_async_mutex_new ();
      Data data = { .mutex = mutex };

      g_assert_true (gco_async_mutex_trylock (mutex));
      try (&data, i == 0 ? NULL : cancellable);
      g_assert_cmpuint (data.n_called, ==, 1);
      g_assert_cmpuint (data.n_granted, ==, 0);
      gco_async_mutex_unlock (mutex, NULL);
      assert_free (mutex);
      g_assert_finalize_object (g_steal_pointer (&mutex));
    }
}

static void
test_free (void)
{
  g_autoptr (GcoAsyncMutex) mutex = gco_async_mutex_new ();
  Data data = { .mutex = mutex };

  try (&data, NULL);
  g_assert_cmpuint (data.n_called, ==, 1);
  g_assert_cmpuint (data.n_granted, ==, 1);
  assert_free (mutex);
}

/* Each callback begins the next wait, for what is held or free. */
static void
test_followed (void)
{
  for (guint held = 0; held < 4; held++)
    {
      g_autoptr (GcoAsyncMutex) first = gco_async_mutex_new ();
      g_autoptr (GcoAsyncMutex) second = gco_async_mutex_new ();
      Data data = { .mutex = first, .second = second };

      if (held & 1)
        g_assert_true (gco_async_mutex_trylock (first));
      if (held & 2)
        g_assert_true (gco_async_mutex_trylock (second));
      try (&data, NULL);
      g_assert_cmpuint (data.n_called, ==, 2);
      g_assert_cmpuint (data.n_granted, ==, !(held & 1) + !(held & 2));
      if (held & 1)
        gco_async_mutex_unlock (first, NULL);
      if (held & 2)
        gco_async_mutex_unlock (second, NULL);
      assert_free (first);
      assert_free (second);
    }
}

static void
on_locked_again (GObject      *mutex,
                 GAsyncResult *result,
                 gpointer      user_data)
{
  Data *data = user_data;

  g_assert_cmpuint (++data->n_called, <, 10000);
  g_assert_false (gco_async_mutex_lock_finish (GCO_ASYNC_MUTEX (mutex), result, NULL));
  gco_async_mutex_lock_async (data->mutex, NULL, on_locked_again, data);
}

static gboolean
leave_lock_for_ever (GCancellable *cancellable,
                     gpointer      user_data,
                     GError      **error)
{
  Data *data = user_data;

  gco_async_mutex_lock_async (data->mutex, NULL, on_locked_again, data);
  return TRUE;
}

/* What would never be over is left behind: it was cancelled, and began, for ever. */
static void
test_followed_for_ever (void)
{
  Data data = { .mutex = gco_async_mutex_new () };

  g_assert_true (gco_async_mutex_trylock (data.mutex));
  g_assert_true (gco_run_sync (leave_lock_for_ever, &data, NULL, NULL));
  g_assert_cmpuint (data.n_called, >, 2);
}

/* ------------------------------------------------- what must be taken back first */

static void
on_waited (GObject      *queue,
           GAsyncResult *result,
           gpointer      user_data)
{
  Data *data = user_data;
  g_autoptr (GError) error = NULL;

  data->n_called++;
  g_assert_false (gco_async_wait_queue_wait_finish (GCO_ASYNC_WAIT_QUEUE (queue), result, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_true (gco_async_mutex_unlock (data->mutex, NULL));
}

static gboolean
leave_queue (GCancellable *cancellable,
             gpointer      user_data,
             GError      **error)
{
  Data *data = user_data;
  g_autoptr (GcoAsyncWaitQueue) queue = gco_async_wait_queue_new ();

  g_assert_true (gco_async_mutex_trylock (data->mutex));
  gco_async_wait_queue_wait_async (queue, data->mutex, NULL, on_waited, data);
  g_assert_false (gco_async_mutex_is_locked (data->mutex));
  return TRUE;
}

static void
test_queue (void)
{
  g_autoptr (GcoAsyncMutex) mutex = gco_async_mutex_new ();
  Data data = { .mutex = mutex };

  g_assert_true (gco_run_sync (leave_queue, &data, NULL, NULL));
  g_assert_cmpuint (data.n_called, ==, 1);
  assert_free (mutex);
}

static void
on_upgraded (GObject      *lock,
             GAsyncResult *result,
             gpointer      user_data)
{
  guint *n_called = user_data;
  g_autoptr (GError) error = NULL;

  (*n_called)++;
  g_assert_false (gco_async_rwlock_upgrade_finish (GCO_ASYNC_RWLOCK (lock), result, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_true (gco_async_rwlock_unlock (GCO_ASYNC_RWLOCK (lock), NULL));
}

static guint n_upgraded;

static gboolean
leave_upgrade (GCancellable *cancellable,
               gpointer      user_data,
               GError      **error)
{
  g_assert_true (gco_async_rwlock_tryrdlock (user_data));
  gco_async_rwlock_upgrade_async (user_data, NULL, on_upgraded, &n_upgraded);
  return TRUE;
}

static void
test_upgrade (void)
{
  g_autoptr (GcoAsyncRwlock) lock = gco_async_rwlock_new ();

  g_assert_true (gco_async_rwlock_tryrdlock (lock));
  g_assert_true (gco_run_sync (leave_upgrade, lock, NULL, NULL));
  g_assert_cmpuint (n_upgraded, ==, 1);
  g_assert_true (gco_async_rwlock_unlock (lock, NULL));
  g_assert_true (gco_async_rwlock_trywrlock (lock));
  gco_async_rwlock_unlock (lock, NULL);
}

static guint n_long;

/* Together, what they do takes longer than one dispatch may. */
static void
on_upgraded_long (GObject      *lock,
                  GAsyncResult *result,
                  gpointer      user_data)
{
  gint64 until = g_get_monotonic_time () + 300;

  while (g_get_monotonic_time () < until)
    ;
  n_long++;
  gco_async_rwlock_upgrade_finish (GCO_ASYNC_RWLOCK (lock), result, NULL);
  g_assert_true (gco_async_rwlock_unlock (GCO_ASYNC_RWLOCK (lock), NULL));
}

static gboolean
leave_upgrades (GCancellable *cancellable,
                gpointer      lock,
                GError      **error)
{
  for (guint i = 0; i < 20; i++)
    g_assert_true (gco_async_rwlock_tryrdlock (lock));
  for (guint i = 0; i < 20; i++)
    gco_async_rwlock_upgrade_async (lock, NULL, on_upgraded_long, NULL);
  return TRUE;
}

/* The first writes. Those that read again after it are waited for, however long that takes. */
static void
test_upgrades_long (void)
{
  g_autoptr (GcoAsyncRwlock) lock = gco_async_rwlock_new ();

  g_assert_true (gco_run_sync (leave_upgrades, lock, NULL, NULL));
  g_assert_cmpuint (n_long, ==, 20);
  g_assert_true (gco_async_rwlock_trywrlock (lock));
  gco_async_rwlock_unlock (lock, NULL);
}

static void
never_called (GObject      *object,
              GAsyncResult *result,
              gpointer      user_data)
{
  g_assert_not_reached ();
}

static gboolean
leave_queue_behind (GCancellable *cancellable,
                    gpointer      mutex,
                    GError      **error)
{
  g_autoptr (GcoAsyncWaitQueue) queue = gco_async_wait_queue_new ();

  gco_async_wait_queue_wait_async (queue, mutex, NULL, never_called, NULL);
  return TRUE;
}

static void
lock_for_good (gpointer mutex)
{
  gco_mutex_lock (gco_async_mutex_get_mutex (mutex));
  gco_coroutine_yield ();
  gco_mutex_unlock (gco_async_mutex_get_mutex (mutex));
}

/* Who is before it in the mutex cannot go on: that is not waited for. */
static void
test_queue_behind (GcoTest *t)
{
  GcoAsyncMutex *mutex = gco_async_mutex_new ();
  GcoCoroutine  *locker = gco_test_spawn (t, lock_for_good, mutex);

  g_assert_true (gco_async_mutex_trylock (mutex));
  gco_test_drain (t);
  g_assert_true (gco_run_sync (leave_queue_behind, mutex, NULL, NULL));
  gco_test_drain (t);
  gco_coroutine_enter (locker);
  gco_test_drain (t);
}

/* -------------------------------------------- granted there while it is cancelled */

static gboolean
leave_lock_and_tell (GCancellable *cancellable,
                     gpointer      user_data,
                     GError      **error)
{
  Data *data = user_data;

  leave_lock (cancellable, data, error);
  gco_async_mutex_unlock (data->mutex, NULL);
  return TRUE;
}

/* Granted already: then it has it. */
static void
test_granted (void)
{
  g_autoptr (GcoAsyncMutex) mutex = gco_async_mutex_new ();
  Data data = { .mutex = mutex, .unready = g_timeout_source_new_seconds (G_MAXUINT / 1000) };

  g_assert_true (gco_async_mutex_trylock (mutex));
  g_assert_true (gco_run_sync (leave_lock_and_tell, &data, NULL, NULL));
  g_assert_cmpuint (data.n_called, ==, 1);
  g_assert_cmpuint (data.n_granted, ==, 1);
  assert_free (mutex);
  g_source_unref (data.unready);
}

int
main (int   argc,
      char *argv[])
{
  gco_test_init (&argc, &argv);
  g_test_add_func ("/regress/run-sync-async-left/held", test_held);
  g_test_add_func ("/regress/run-sync-async-left/free", test_free);
  g_test_add_func ("/regress/run-sync-async-left/followed", test_followed);
  g_test_add_func ("/regress/run-sync-async-left/followed-for-ever", test_followed_for_ever);
  g_test_add_func ("/regress/run-sync-async-left/queue", test_queue);
  g_test_add_func ("/regress/run-sync-async-left/upgrade", test_upgrade);
  g_test_add_func ("/regress/run-sync-async-left/upgrades-long", test_upgrades_long);
  gco_test_add ("/regress/run-sync-async-left/queue-behind", test_queue_behind);
  g_test_add_func ("/regress/run-sync-async-left/granted", test_granted);
  return g_test_run ();
}
