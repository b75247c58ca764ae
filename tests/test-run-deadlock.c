/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What gco_run_sync() would wait for without end stops, and nothing else does. */

#include "gco-test-actor.h"

typedef struct
{
  GcoMutex  mutex;
  GcoRwlock rwlock;
} Locks;

static gboolean
lock_and_unlock (GCancellable *cancellable,
                 gpointer      user_data,
                 GError      **error)
{
  Locks *locks = user_data;

  gco_mutex_lock (&locks->mutex);
  gco_mutex_unlock (&locks->mutex);
  gco_rwlock_rdlock (&locks->rwlock);
  gco_rwlock_unlock (&locks->rwlock);
  gco_rwlock_wrlock (&locks->rwlock);
  gco_rwlock_unlock (&locks->rwlock);
  return TRUE;
}

static void
cancel (gpointer user_data)
{
  g_cancellable_cancel (user_data);
}

static gboolean
lock_cancellable (GCancellable *cancellable,
                  gpointer      user_data,
                  GError      **error)
{
  Locks *locks = user_data;

  gco_aio_context_schedule_oneshot (NULL, cancel, cancellable, NULL);
  return gco_mutex_lock_cancellable (&locks->mutex, cancellable, error);
}

static gboolean
lock_until_past (GCancellable *cancellable,
                 gpointer      user_data,
                 GError      **error)
{
  Locks *locks = user_data;

  return gco_mutex_lock_until (&locks->mutex, NULL, 0, NULL, error);
}

static gboolean
lock_to_read (GCancellable *cancellable,
              gpointer      user_data,
              GError      **error)
{
  Locks *locks = user_data;

  gco_rwlock_rdlock (&locks->rwlock);
  return TRUE;
}

static gboolean
upgrade (GCancellable *cancellable,
         gpointer      user_data,
         GError      **error)
{
  Locks *locks = user_data;

  gco_rwlock_rdlock (&locks->rwlock);
  gco_rwlock_upgrade (&locks->rwlock);
  return TRUE;
}

/* ------------------------------------------------------------------- that stop */

static void
test_holder (GcoTest *t)
{
  Locks  locks = { 0 };
  Actor *a = actor_new (t, "alice");

  actor_do (a, do_lock, &locks.mutex);
  gco_run_sync (lock_and_unlock, &locks, NULL, NULL);
}

static void
test_writer (GcoTest *t)
{
  Locks  locks = { 0 };
  Actor *a = actor_new (t, "alice");

  actor_do (a, do_wrlock, &locks.rwlock);
  gco_run_sync (lock_to_read, &locks, NULL, NULL);
}

/* It is held elsewhere; but before it comes here it is to go to alice. */
static void
test_ahead (GcoTest *t)
{
  Locks  locks = { 0 };
  Actor *far = actor_new_in (t, gco_test_thread_new (t), "far");
  Actor *a = actor_new (t, "alice");

  actor_do (far, do_lock, &locks.mutex);
  actor_do (a, do_lock, &locks.mutex);
  gco_run_sync (lock_and_unlock, &locks, NULL, NULL);
}

static void
test_rwlock_ahead (GcoTest *t)
{
  Locks  locks = { 0 };
  Actor *far = actor_new_in (t, gco_test_thread_new (t), "far");
  Actor *a = actor_new (t, "alice");

  actor_do (far, do_rdlock, &locks.rwlock);
  actor_do (a, do_wrlock, &locks.rwlock);
  gco_run_sync (lock_to_read, &locks, NULL, NULL);
}

static void
test_upgrade_ahead (GcoTest *t)
{
  Locks  locks = { 0 };
  Actor *far = actor_new_in (t, gco_test_thread_new (t), "far");
  Actor *a = actor_new (t, "alice");

  actor_do (far, do_rdlock, &locks.rwlock);
  actor_do (a, do_wrlock, &locks.rwlock);
  gco_run_sync (upgrade, &locks, NULL, NULL);
}

static void
run_sync_within (gpointer user_data)
{
  gco_run_sync (lock_and_unlock, user_data, NULL, NULL);
}

static gboolean
hold_and_run_sync (GCancellable *cancellable,
                   gpointer      user_data,
                   GError      **error)
{
  Locks *locks = user_data;

  gco_coroutine_set_name (gco_coroutine_self (), "alice");
  gco_mutex_lock (&locks->mutex);
  gco_coroutine_call_outside (run_sync_within, locks);
  return TRUE;
}

static void
test_nested (void)
{
  Locks locks = { 0 };

  gco_run_sync (hold_and_run_sync, &locks, NULL, NULL);
}

/* -------------------------------------------------------------- that do not stop */

typedef struct
{
  Locks  locks;
  Actor *far;
  guint  n_had;
} Far;

static gboolean
have_far_unlock (GCancellable *cancellable,
                 gpointer      user_data,
                 GError      **error)
{
  Far *self = user_data;

  actor_tell (self->far, do_unlock, &self->locks.mutex);
  return lock_and_unlock (cancellable, &self->locks, error);
}

/* The holder is at home in another thread, and goes on. */
static void
test_held_in_thread (GcoTest *t)
{
  GcoTestThread *thread = gco_test_thread_new (t);
  Far            self = { .far = actor_new_in (t, thread, "far") };

  for (guint i = 0; i < gco_test_scale (100); i++)
    {
      actor_do (self.far, do_lock, &self.locks.mutex);
      g_assert_true (gco_run_sync (have_far_unlock, &self, NULL, NULL));
      actor_settle (self.far);
    }
  actor_end (self.far);
  gco_test_thread_stop (thread);
}

static void
lock_for_a_while (gpointer user_data)
{
  Far *self = user_data;

  gco_mutex_lock (&self->locks.mutex);
  gco_rwlock_wrlock (&self->locks.rwlock);
  self->n_had++;
  gco_sleep_ns (NULL, 1000);
  gco_rwlock_unlock (&self->locks.rwlock);
  gco_mutex_unlock (&self->locks.mutex);
}

static gboolean
lock_among_others (GCancellable *cancellable,
                   gpointer      user_data,
                   GError      **error)
{
  Far *self = user_data;

  for (guint i = 0; i < 5; i++)
    gco_spawn (NULL, lock_for_a_while, self, NULL);
  gco_test_pass ();
  return lock_and_unlock (cancellable, &self->locks, error);
}

/* Among those that run in it. */
static void
test_held_within (void)
{
  Far self = { .n_had = 0 };

  g_assert_true (gco_run_sync (lock_among_others, &self, NULL, NULL));
  g_assert_cmpuint (self.n_had, ==, 5);
}

/* After it all is as before. */
static void
test_afterwards (GcoTest *t)
{
  Locks  locks = { 0 };
  Actor *a = actor_new (t, "A");
  Actor *b = actor_new (t, "B");

  g_assert_true (gco_run_sync (lock_and_unlock, &locks, NULL, NULL));
  actor_do (a, do_lock, &locks.mutex);
  actor_do (b, do_lock, &locks.mutex);
  assert_waits (b);
  actor_do (a, do_unlock, &locks.mutex);
  actor_do (b, do_unlock, &locks.mutex);
  actors_end (a, b);
}

/* ---------------------------------------------------- that something else ends */

static void
test_cancelled (GcoTest *t)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  Locks  locks = { 0 };
  Actor *a = actor_new (t, "alice");

  actor_do (a, do_lock, &locks.mutex);
  g_assert_false (gco_run_sync (lock_cancellable, &locks, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  actor_do (a, do_unlock, &locks.mutex);
  actor_end (a);
}

static void
test_timed_out (GcoTest *t)
{
  g_autoptr (GError) error = NULL;
  Locks  locks = { 0 };
  Actor *a = actor_new (t, "alice");

  actor_do (a, do_lock, &locks.mutex);
  g_assert_false (gco_run_sync (lock_until_past, &locks, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
  actor_do (a, do_unlock, &locks.mutex);
  actor_end (a);
}

int
main (int   argc,
      char *argv[])
{
  const char *mutex = "*gco_run_sync (0x*) would wait for a GcoMutex*alice (0x*";
  const char *rwlock = "*gco_run_sync (0x*) would wait for a GcoRwlock*alice (0x*";

  gco_test_init (&argc, &argv);
  gco_test_add_abort ("/run-deadlock/holder", test_holder, mutex);
  gco_test_add_abort ("/run-deadlock/ahead", test_ahead, mutex);
  gco_test_add_abort ("/run-deadlock/writer", test_writer, rwlock);
  gco_test_add_abort ("/run-deadlock/rwlock-ahead", test_rwlock_ahead, rwlock);
  gco_test_add_abort ("/run-deadlock/upgrade-ahead", test_upgrade_ahead, rwlock);
  gco_test_add_abort_plain ("/run-deadlock/nested", test_nested, mutex);
  gco_test_add ("/run-deadlock/cancelled", test_cancelled);
  gco_test_add ("/run-deadlock/timed-out", test_timed_out);
  gco_test_add ("/run-deadlock/held-in-thread", test_held_in_thread);
  g_test_add_func ("/run-deadlock/held-within", test_held_within);
  gco_test_add ("/run-deadlock/afterwards", test_afterwards);
  return g_test_run ();
}
