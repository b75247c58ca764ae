/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Locks have no destroy function: their memory may be freed by whom they were
 * handed to, and by whoever emptied them. What anybody did to a freed lock
 * shows in what it was filled with before, or to AddressSanitizer. */

#include "gco-test-actor.h"

#include <string.h>

typedef union
{
  GcoMutex  mutex;
  GcoRwlock rwlock;
  GcoQueue  queue;
  GcoSleep  sleep;
} AnyLock;

/* Frees it, and has what is left of it be nonsense. */
static void
burn (AnyLock *lock)
{
  memset (lock, 0xee, sizeof *lock);
  g_free (lock);
}

static gboolean
do_nothing (Actor   *self,
            gpointer unused)
{
  return TRUE;
}

/* ------------------------------------------------------------- by the heir */

typedef struct
{
  ActorOp take;
  ActorOp release;
} Kind;

static const Kind kinds[] = {
  { do_lock, do_unlock },
  { do_lock_cancellable, do_unlock },
  { do_wrlock, do_rwunlock },
  { do_wrlock_cancellable, do_rwunlock },
  { do_rdlock, do_rwunlock },
};

/* actor->data: the kind */
static gboolean
do_inherit (Actor   *self,
            gpointer lock)
{
  const Kind *kind = self->data;

  g_assert_true (kind->take (self, lock));
  kind->release (self, lock);
  burn (lock);
  return TRUE;
}

static void
check_heirs (GcoTest       *t,
             GcoTestThread *thread,
             GcoAioContext *via)
{
  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      AnyLock *lock = g_new0 (AnyLock, 1);
      Actor   *a = actor_new (t, "A");
      Actor   *b = actor_new_in (t, thread, "B");
      gboolean is_mutex = kinds[i].release == do_unlock;

      if (is_mutex)
        gco_mutex_init_with_context (&lock->mutex, via);
      else
        gco_rwlock_init_with_context (&lock->rwlock, via);
      b->data = (gpointer) &kinds[i];
      actor_do (a, is_mutex ? do_lock : do_wrlock, lock);
      actor_do (b, do_inherit, lock);
      assert_waits (b);
      actor_do (a, kinds[i].release, lock);
      if (via != NULL)
        g_assert_true (gco_aio_context_poll (via, FALSE));
      actor_settle (b);
      actor_assert_succeeded (b);
      actors_end (a, b);
    }
}

static void
test_heir (GcoTest *t)
{
  check_heirs (t, NULL, NULL);
}

static void
test_heir_with_context (GcoTest *t)
{
  g_autoptr (GcoAioContext) via = gco_aio_context_new ();

  check_heirs (t, NULL, via);
}

/* The heir frees it while the unlock of the other thread may still be returning. */
static void
test_heir_in_thread (GcoTest *t)
{
  GcoTestThread *thread = gco_test_thread_new (t);

  for (int i = 0; i < 50; i++)
    check_heirs (t, thread, NULL);
  gco_test_thread_stop (thread);
}

/* The old holder goes on in the same breath: the lock is not its any more. */
static gboolean
do_hand_over (Actor   *self,
              gpointer lock)
{
  gco_mutex_unlock (lock);
  gco_test_pass ();
  gco_test_log (self->t, "after ");
  return TRUE;
}

static void
test_heir_runs_first (GcoTest *t)
{
  AnyLock *lock = g_new0 (AnyLock, 1);
  Actor   *a = actor_new (t, "A");
  Actor   *b = actor_new (t, "B");

  b->data = (gpointer) &kinds[0];
  actor_do (a, do_lock, lock);
  actor_do (b, do_inherit, lock);
  actor_do (a, do_hand_over, lock);
  gco_test_assert_log (t, "A B after A ");
  actors_end (a, b);
}

/* ------------------------------------------------- right after the last wake */

static void
check_queue (GcoTest       *t,
             GcoTestThread *thread,
             GcoAioContext *via,
             gboolean       all)
{
  AnyLock *lock = g_new0 (AnyLock, 1);
  Actor   *a = actor_new (t, "A");
  Actor   *b = actor_new_in (t, thread, "B");
  Actor   *c = actor_new (t, "C");

  gco_queue_init_with_context (&lock->queue, via);
  actor_do (a, do_wait, lock);
  actor_do (b, do_wait_cancellable, lock);
  actor_do (c, do_wait_cancellable, lock);
  if (all)
    gco_queue_restart_all (&lock->queue);
  else
    while (gco_queue_next (&lock->queue))
      ;
  burn (lock);
  if (via != NULL)
    g_assert_true (gco_aio_context_poll (via, FALSE));
  actor_settle (a);
  actor_settle (b);
  actor_assert_succeeded (a);
  actor_assert_succeeded (b);
  actor_assert_succeeded (c);
  actors_end (a, b, c);
}

static void
test_queue (GcoTest *t)
{
  g_autoptr (GcoAioContext) via = gco_aio_context_new ();
  GcoTestThread *thread = gco_test_thread_new (t);

  for (int all = 0; all < 2; all++)
    {
      check_queue (t, NULL, NULL, all);
      check_queue (t, NULL, via, all);
      for (int i = 0; i < 50; i++)
        check_queue (t, thread, NULL, all);
    }
  gco_test_thread_stop (thread);
}

static gboolean
do_sleep_and_burn (Actor   *self,
                   gpointer lock)
{
  AnyLock *any = lock;
  gboolean woken = gco_sleep_wait_ns (&any->sleep, NULL, -1);

  burn (any);
  return woken;
}

/* By the sleeper, when another thread's wake may still be returning. */
static void
test_sleep (GcoTest *t)
{
  GcoTestThread *thread = gco_test_thread_new (t);

  for (int i = 0; i < 50; i++)
    {
      AnyLock *lock = g_new0 (AnyLock, 1);
      Actor   *a = actor_new_in (t, i % 2 ? thread : NULL, "A");

      actor_do (a, do_sleep_and_burn, lock);
      gco_sleep_wake (&lock->sleep);
      actor_settle (a);
      actor_assert_succeeded (a);
      actor_end (a);
    }
  gco_test_thread_stop (thread);
}

/* --------------------------------------------------- after who was cancelled */

/* actor->data: whom to cancel */
static gboolean
do_cancel_and_burn (Actor   *self,
                    gpointer lock)
{
  AnyLock *any = lock;
  Actor   *other = self->data;

  g_cancellable_cancel (other->cancellable);
  if (other->op == do_lock_cancellable)
    gco_mutex_unlock (&any->mutex);
  else if (other->op == do_wait_cancellable)
    g_assert_false (gco_queue_next (&any->queue));
  else
    gco_rwlock_unlock (&any->rwlock);
  burn (any);
  return TRUE;
}

/* Cancelled and passed over: it is out of the lock before it has run. */
static void
test_passed_over (GcoTest *t)
{
  const ActorOp ops[][2] = {
    { do_lock, do_lock_cancellable },
    { do_wrlock, do_wrlock_cancellable },
    { do_wrlock, do_rdlock_cancellable },
    { do_rdlock, do_wrlock_cancellable },
    { do_nothing, do_wait_cancellable },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (ops); i++)
    {
      AnyLock *lock = g_new0 (AnyLock, 1);
      Actor   *a = actor_new (t, "A");
      Actor   *b = actor_new (t, "B");

      a->data = b;
      actor_do (a, ops[i][0], lock);
      actor_do (b, ops[i][1], lock);
      actor_do (a, do_cancel_and_burn, lock);
      actor_assert_cancelled (b);
      actors_end (a, b);
    }
}

/* Cancelled when it has long had the lock, and that is gone. */
static void
test_cancel_after (GcoTest *t)
{
  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      AnyLock *lock = g_new0 (AnyLock, 1);
      Actor   *a = actor_new (t, "A");
      Actor   *b = actor_new (t, "B");

      b->data = (gpointer) &kinds[i];
      actor_do (a, kinds[i].release == do_unlock ? do_lock : do_wrlock, lock);
      actor_do (b, do_inherit, lock);
      actor_tell (a, kinds[i].release, lock);
      gco_test_drain (t);
      assert_done (b);
      g_cancellable_cancel (b->cancellable);
      g_assert_false (gco_test_iterate (t));
      actor_assert_succeeded (b);
      actors_end (a, b);
    }
}

int
main (int   argc,
      char *argv[])
{
  gco_test_init (&argc, &argv);
  gco_test_add ("/freed-lock/heir", test_heir);
  gco_test_add ("/freed-lock/heir-with-context", test_heir_with_context);
  gco_test_add ("/freed-lock/heir-in-thread", test_heir_in_thread);
  gco_test_add ("/freed-lock/heir-runs-first", test_heir_runs_first);
  gco_test_add ("/freed-lock/queue", test_queue);
  gco_test_add ("/freed-lock/sleep", test_sleep);
  gco_test_add ("/freed-lock/passed-over", test_passed_over);
  gco_test_add ("/freed-lock/cancel-after", test_cancel_after);
  return g_test_run ();
}
