/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Misuse of a lock stops the process, and the message names both parties. */

#include "gco-test-actor.h"

static GcoMutex  mutex;
static GcoRwlock rwlock;
static GcoQueue  queue;
static GcoSleep  sleep_;

/* ------------------------------------------------------------------- mutex */

static void
test_unlock_of_another (GcoTest *t)
{
  Actor *alice = actor_new (t, "alice");
  Actor *bob = actor_new (t, "bob");

  actor_do (alice, do_lock, &mutex);
  actor_do (bob, do_unlock, &mutex);
}

/* The heir is the holder as soon as it was handed over. */
static gboolean
do_unlock_twice (Actor   *self,
                 gpointer lock)
{
  gco_mutex_unlock (lock);
  gco_mutex_unlock (lock);
  return TRUE;
}

static void
test_unlock_after_hand_over (GcoTest *t)
{
  Actor *alice = actor_new (t, "alice");
  Actor *bob = actor_new (t, "bob");

  actor_do (bob, do_lock, &mutex);
  actor_do (alice, do_lock, &mutex);
  actor_do (bob, do_unlock_twice, &mutex);
}

static void
test_unlock_unlocked (GcoTest *t)
{
  actor_do (actor_new (t, "bob"), do_unlock, &mutex);
}

static void
test_relock (GcoTest *t)
{
  Actor *bob = actor_new (t, "bob");

  actor_do (bob, do_lock, &mutex);
  actor_do (bob, do_lock, &mutex);
}

static void
test_relock_cancellable (GcoTest *t)
{
  Actor *bob = actor_new (t, "bob");

  actor_do (bob, do_lock, &mutex);
  actor_do (bob, do_lock_cancellable, &mutex);
}

static void
test_relock_contended (GcoTest *t)
{
  Actor *bob = actor_new (t, "bob");

  actor_do (bob, do_lock, &mutex);
  actor_do (actor_new (t, "alice"), do_lock, &mutex);
  actor_do (bob, do_lock, &mutex);
}

static void
test_wait_without_mutex (GcoTest *t)
{
  Actor *alice = actor_new (t, "alice");
  Actor *bob = actor_new (t, "bob");

  actor_do (alice, do_lock, &mutex);
  bob->data = &mutex;
  actor_do (bob, do_wait, &queue);
}

/* --------------------------------------------------------- outside coroutines */

static void
test_mutex_lock_outside (void)
{
  gco_mutex_lock (&mutex);
}

static void
test_mutex_lock_cancellable_outside (void)
{
  gco_mutex_lock_cancellable (&mutex, NULL, NULL);
}

static void
test_mutex_trylock_outside (void)
{
  gco_mutex_trylock (&mutex);
}

static void
test_mutex_unlock_outside (void)
{
  gco_mutex_unlock (&mutex);
}

static void
test_rdlock_outside (void)
{
  gco_rwlock_rdlock (&rwlock);
}

static void
test_wrlock_outside (void)
{
  gco_rwlock_wrlock (&rwlock);
}

static void
test_tryrdlock_outside (void)
{
  gco_rwlock_tryrdlock (&rwlock);
}

static void
test_upgrade_outside (void)
{
  gco_rwlock_upgrade (&rwlock);
}

static void
test_downgrade_outside (void)
{
  gco_rwlock_downgrade (&rwlock);
}

static void
test_rwunlock_outside (void)
{
  gco_rwlock_unlock (&rwlock);
}

static void
test_queue_wait_outside (void)
{
  gco_queue_wait (&queue, NULL);
}

static void
test_sleep_outside (void)
{
  gco_sleep_ns (NULL, 1);
}

static void
test_sleep_wait_outside (void)
{
  gco_sleep_wait_ns (&sleep_, NULL, 1);
}

static void
lock_mutex (gpointer user_data)
{
  gco_mutex_lock (&mutex);
}

static gboolean
do_lock_outside (Actor   *self,
                 gpointer lock)
{
  gco_coroutine_call_outside (lock_mutex, NULL);
  return TRUE;
}

static void
test_lock_in_call_outside (GcoTest *t)
{
  actor_do (actor_new (t, "bob"), do_lock_outside, &mutex);
}

/* ------------------------------------------------------------------- rwlock */

static void
test_rwunlock_unlocked (GcoTest *t)
{
  actor_do (actor_new (t, "bob"), do_rwunlock, &rwlock);
}

static void
test_rwunlock_of_writer (GcoTest *t)
{
  Actor *bob = actor_new (t, "bob");

  actor_do (actor_new (t, "alice"), do_wrlock, &rwlock);
  actor_do (bob, do_rwunlock, &rwlock);
}

static void
test_upgrade_of_nobody (GcoTest *t)
{
  actor_do (actor_new (t, "bob"), do_upgrade, &rwlock);
}

static void
test_upgrade_of_writer (GcoTest *t)
{
  Actor *bob = actor_new (t, "bob");

  actor_do (bob, do_wrlock, &rwlock);
  actor_do (bob, do_upgrade, &rwlock);
}

static void
test_downgrade_of_reader (GcoTest *t)
{
  Actor *bob = actor_new (t, "bob");

  actor_do (bob, do_rdlock, &rwlock);
  actor_do (bob, do_downgrade, &rwlock);
}

static void
test_downgrade_of_another (GcoTest *t)
{
  actor_do (actor_new (t, "alice"), do_wrlock, &rwlock);
  actor_do (actor_new (t, "bob"), do_downgrade, &rwlock);
}

static void
test_wrlock_twice (GcoTest *t)
{
  Actor *bob = actor_new (t, "bob");

  actor_do (bob, do_wrlock, &rwlock);
  actor_do (bob, do_wrlock, &rwlock);
}

static void
test_rdlock_of_writer (GcoTest *t)
{
  Actor *bob = actor_new (t, "bob");

  actor_do (bob, do_wrlock, &rwlock);
  actor_do (bob, do_rdlock, &rwlock);
}

/* -------------------------------------------------------------- stray wakes */

static gboolean
do_sleep_in (Actor   *self,
             gpointer sleep)
{
  return gco_sleep_wait_ns (sleep, NULL, -1);
}

typedef struct
{
  ActorOp  hold;
  ActorOp  wait;
  gpointer lock;
} Parking;

static Actor *
park (GcoTest *t,
      Parking  parking)
{
  Actor *bob = actor_new (t, "bob");

  if (parking.hold != NULL)
    actor_do (actor_new (t, "alice"), parking.hold, parking.lock);
  actor_do (bob, parking.wait, parking.lock);
  assert_waits (bob);
  return bob;
}

static void
test_wake_in_mutex (GcoTest *t)
{
  Actor *bob = park (t, (Parking){ do_lock, do_lock, &mutex });

  gco_coroutine_wake (bob->coroutine);
  gco_test_drain (t);
}

static void
test_wake_in_cancellable (GcoTest *t)
{
  Actor *bob = park (t, (Parking){ do_lock, do_lock_cancellable, &mutex });

  gco_coroutine_wake (bob->coroutine);
  gco_test_drain (t);
}

static void
test_wake_in_rwlock (GcoTest *t)
{
  Actor *bob = park (t, (Parking){ do_rdlock, do_wrlock, &rwlock });

  gco_coroutine_wake (bob->coroutine);
  gco_test_drain (t);
}

static void
test_wake_in_queue (GcoTest *t)
{
  Actor *bob = park (t, (Parking){ NULL, do_wait, &queue });

  gco_coroutine_wake (bob->coroutine);
  gco_test_drain (t);
}

static void
test_wake_in_sleep (GcoTest *t)
{
  Actor *bob = park (t, (Parking){ NULL, do_sleep_in, &sleep_ });

  gco_coroutine_wake (bob->coroutine);
  gco_test_drain (t);
}

static void
test_schedule_in_mutex (GcoTest *t)
{
  Actor *bob = park (t, (Parking){ do_lock, do_lock, &mutex });

  gco_coroutine_schedule (bob->coroutine, NULL);
  gco_test_drain (t);
}

static void
test_enter_in_mutex (GcoTest *t)
{
  Actor *bob = park (t, (Parking){ do_lock, do_lock, &mutex });

  gco_coroutine_enter (bob->coroutine);
}

/* Granted, but not yet run: the second wake is the one too many. */
static void
test_wake_when_granted (GcoTest *t)
{
  Actor *bob = park (t, (Parking){ NULL, do_wait, &queue });

  gco_queue_next (&queue);
  gco_coroutine_wake (bob->coroutine);
}

static void
test_two_sleepers (GcoTest *t)
{
  actor_do (actor_new (t, "alice"), do_sleep_in, &sleep_);
  actor_do (actor_new (t, "bob"), do_sleep_in, &sleep_);
}

static void
add_mutex_tests (void)
{
  gco_test_add_abort ("/lock-misuse/mutex/unlock-of-another",
                      test_unlock_of_another,
                      "*libgco: *held by*alice*not by bob*");
  gco_test_add_abort ("/lock-misuse/mutex/unlock-after-hand-over",
                      test_unlock_after_hand_over,
                      "*libgco: *held by*alice*not by bob*");
  gco_test_add_abort ("/lock-misuse/mutex/unlock-unlocked",
                      test_unlock_unlocked,
                      "*libgco: *not locked*bob*");
  gco_test_add_abort ("/lock-misuse/mutex/relock",
                      test_relock,
                      "*libgco: *gco_mutex_lock*bob*holds*already*");
  gco_test_add_abort ("/lock-misuse/mutex/relock-cancellable",
                      test_relock_cancellable,
                      "*libgco: *gco_mutex_lock_cancellable*bob*holds*already*");
  gco_test_add_abort ("/lock-misuse/mutex/relock-contended",
                      test_relock_contended,
                      "*libgco: *gco_mutex_lock*bob*holds*already*");
  gco_test_add_abort ("/lock-misuse/queue/wait-without-mutex",
                      test_wait_without_mutex,
                      "*libgco: *held by*alice*not by bob*");
}

static const struct
{
  const char *name;
  void (*func) (void);
  const char *function;
} outside[] = {
  { "mutex-lock", test_mutex_lock_outside, "gco_mutex_lock" },
  { "mutex-lock-c", test_mutex_lock_cancellable_outside, "gco_mutex_lock_cancellable" },
  { "mutex-trylock", test_mutex_trylock_outside, "gco_mutex_trylock" },
  { "mutex-unlock", test_mutex_unlock_outside, "gco_mutex_unlock" },
  { "rdlock", test_rdlock_outside, "gco_rwlock_rdlock" },
  { "wrlock", test_wrlock_outside, "gco_rwlock_wrlock" },
  { "tryrdlock", test_tryrdlock_outside, "gco_rwlock_tryrdlock" },
  { "upgrade", test_upgrade_outside, "gco_rwlock_upgrade" },
  { "downgrade", test_downgrade_outside, "gco_rwlock_downgrade" },
  { "rwunlock", test_rwunlock_outside, "gco_rwlock_unlock" },
  { "queue-wait", test_queue_wait_outside, "gco_queue_wait" },
  { "sleep", test_sleep_outside, "gco_sleep_ns" },
  { "sleep-wait", test_sleep_wait_outside, "gco_sleep_wait_ns" },
};

static void
add_outside_tests (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (outside); i++)
    {
      g_autofree char *path = g_strconcat ("/lock-misuse/outside/", outside[i].name, NULL);
      g_autofree char *pattern = g_strdup_printf ("*libgco: %s: not in a coroutine*",
                                                  outside[i].function);

      gco_test_add_abort_plain (path, outside[i].func, g_intern_string (pattern));
    }
  gco_test_add_abort ("/lock-misuse/outside/call-outside",
                      test_lock_in_call_outside,
                      "*libgco: gco_mutex_lock: not in a coroutine*");
}

static void
add_rwlock_tests (void)
{
  gco_test_add_abort ("/lock-misuse/rwlock/unlock-unlocked",
                      test_rwunlock_unlocked,
                      "*libgco: *gco_rwlock_unlock*not held*bob*no coroutine*");
  gco_test_add_abort ("/lock-misuse/rwlock/unlock-of-writer",
                      test_rwunlock_of_writer,
                      "*libgco: *gco_rwlock_unlock*not held*bob*alice*");
  gco_test_add_abort ("/lock-misuse/rwlock/upgrade-of-nobody",
                      test_upgrade_of_nobody,
                      "*libgco: *gco_rwlock_upgrade*not held to read*bob*");
  gco_test_add_abort ("/lock-misuse/rwlock/upgrade-of-writer",
                      test_upgrade_of_writer,
                      "*libgco: *gco_rwlock_upgrade*not held to read*bob*bob*");
  gco_test_add_abort ("/lock-misuse/rwlock/downgrade-of-reader",
                      test_downgrade_of_reader,
                      "*libgco: gco_rwlock_downgrade*not held to write by coroutine bob*"
                      "writer is no coroutine*");
  gco_test_add_abort ("/lock-misuse/rwlock/downgrade-of-another",
                      test_downgrade_of_another,
                      "*libgco: *gco_rwlock_downgrade*bob*writer is alice*");
  gco_test_add_abort ("/lock-misuse/rwlock/wrlock-twice",
                      test_wrlock_twice,
                      "*libgco: *gco_rwlock_wrlock*bob*writer already*");
  gco_test_add_abort ("/lock-misuse/rwlock/rdlock-of-writer",
                      test_rdlock_of_writer,
                      "*libgco: *gco_rwlock_rdlock*bob*writer already*");
}

static void
add_stray_tests (void)
{
  gco_test_add_abort ("/lock-misuse/stray/wake-in-mutex",
                      test_wake_in_mutex,
                      "*libgco: *bob*woken while waiting for a GcoMutex*");
  gco_test_add_abort ("/lock-misuse/stray/wake-in-cancellable",
                      test_wake_in_cancellable,
                      "*libgco: *bob*woken while waiting for a GcoMutex*");
  gco_test_add_abort ("/lock-misuse/stray/wake-in-rwlock",
                      test_wake_in_rwlock,
                      "*libgco: *bob*woken while waiting for a GcoRwlock*");
  gco_test_add_abort ("/lock-misuse/stray/wake-in-queue",
                      test_wake_in_queue,
                      "*libgco: *bob*woken while waiting for a GcoQueue*");
  gco_test_add_abort ("/lock-misuse/stray/wake-in-sleep",
                      test_wake_in_sleep,
                      "*libgco: *bob*woken while waiting for a GcoSleep*");
  gco_test_add_abort ("/lock-misuse/stray/schedule-in-mutex",
                      test_schedule_in_mutex,
                      "*libgco: *bob*woken while waiting for a GcoMutex*");
  gco_test_add_abort ("/lock-misuse/stray/enter-in-mutex",
                      test_enter_in_mutex,
                      "*libgco: *bob*woken while waiting for a GcoMutex*");
  gco_test_add_abort ("/lock-misuse/stray/wake-when-granted",
                      test_wake_when_granted,
                      "*libgco: *gco_coroutine_wake*bob*gco_queue_next*");
  gco_test_add_abort ("/lock-misuse/stray/two-sleepers",
                      test_two_sleepers,
                      "*libgco: *bob*finds*alice*asleep*");
}

int
main (int   argc,
      char *argv[])
{
  gco_test_init (&argc, &argv);
  add_mutex_tests ();
  add_outside_tests ();
  add_rwlock_tests ();
  add_stray_tests ();
  return g_test_run ();
}
