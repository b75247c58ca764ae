/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* GcoAsyncMutex: one line for coroutines and for those who call back. */

#include "gco-test-actor.h"
#include "gco-test-face.h"

#define FINISH gco_async_mutex_lock_finish

static void
lock (Caller        *caller,
      GcoAsyncMutex *mutex)
{
  caller_asks (caller, gco_async_mutex_lock_async, mutex);
}

static void
unlock (GcoAsyncMutex *mutex)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (gco_async_mutex_unlock (mutex, &error));
  g_assert_no_error (error);
}

static GcoAsyncMutex *
new_locked (void)
{
  GcoAsyncMutex *mutex = gco_async_mutex_new ();

  g_assert_false (gco_async_mutex_is_locked (mutex));
  g_assert_true (gco_async_mutex_trylock (mutex));
  g_assert_true (gco_async_mutex_is_locked (mutex));
  return mutex;
}

/* Nobody holds it, and nobody keeps it. */
static void
end_unlocked (GcoAsyncMutex *mutex)
{
  g_assert_false (gco_async_mutex_is_locked (mutex));
  g_assert_finalize_object (mutex);
}

/* --------------------------------------------------------------------- plain */

static void
test_free (GcoTest *t)
{
  GcoAsyncMutex *mutex = gco_async_mutex_new ();
  Caller        *a = caller_new (t, "A");

  lock (a, mutex);
  g_assert_true (gco_async_mutex_is_locked (mutex));
  g_assert_false (gco_async_mutex_trylock (mutex));
  g_assert_false (a->called);
  gco_test_drain (t);
  caller_assert_granted (a, FINISH);
  g_assert_true (gco_async_mutex_is_locked (mutex));
  unlock (mutex);
  caller_end (a);
  end_unlocked (mutex);
}

/* Coroutines and callers take turns in one line. */
static void
test_fifo (GcoTest *t)
{
  GcoAsyncMutex *mutex = new_locked ();
  GcoMutex      *inner = gco_async_mutex_get_mutex (mutex);
  Caller        *a = caller_new (t, "A");
  Actor         *b = actor_new (t, "b");
  Caller        *c = caller_new (t, "C");
  Caller        *d = caller_new (t, "D");
  Actor         *e = actor_new (t, "e");

  lock (a, mutex);
  actor_do (b, do_lock, inner);
  lock (c, mutex);
  lock (d, mutex);
  actor_do (e, do_lock_cancellable, inner);
  gco_test_assert_log (t, "");

  unlock (mutex);
  gco_test_drain (t);
  gco_test_assert_log (t, "A ");
  caller_assert_granted (a, FINISH);
  unlock (mutex);
  gco_test_drain (t);
  gco_test_assert_log (t, "b ");
  actor_do (b, do_unlock, inner);
  gco_test_assert_log (t, "b C ");
  caller_assert_granted (c, FINISH);
  unlock (mutex);
  gco_test_drain (t);
  gco_test_assert_log (t, "D ");
  caller_assert_granted (d, FINISH);
  unlock (mutex);
  gco_test_drain (t);
  gco_test_assert_log (t, "e ");
  actor_do (e, do_unlock, inner);
  callers_end (a, c, d);
  actors_end (b, e);
  end_unlocked (mutex);
}

/* No barging: between the unlock and the callback, it is the heir's. */
static void
test_handed_over (GcoTest *t)
{
  GcoAsyncMutex *mutex = new_locked ();
  Caller        *a = caller_new (t, "A");

  lock (a, mutex);
  unlock (mutex);
  g_assert_false (gco_async_mutex_trylock (mutex));
  gco_test_drain (t);
  caller_assert_granted (a, FINISH);
  unlock (mutex);
  caller_end (a);
  end_unlocked (mutex);
}

static void
test_misuse (GcoTest *t)
{
  GcoAsyncMutex *mutex = gco_async_mutex_new ();
  GcoMutex      *inner = gco_async_mutex_get_mutex (mutex);
  Actor         *a = actor_new (t, "a");
  Caller        *b = caller_new (t, "B");

  assert_permission_denied (gco_async_mutex_unlock (mutex, error));
  g_assert_false (gco_async_mutex_unlock (mutex, NULL));
  g_assert_false (gco_async_mutex_is_locked (mutex));

  actor_do (a, do_lock, inner);
  assert_permission_denied (gco_async_mutex_unlock (mutex, error));
  lock (b, mutex);
  assert_permission_denied (gco_async_mutex_unlock (mutex, error));
  gco_test_drain (t);
  g_assert_false (b->called);
  actor_do (a, do_unlock, inner);
  caller_assert_granted (b, FINISH);
  unlock (mutex);
  caller_end (b);
  actor_end (a);
  end_unlocked (mutex);
}

static gboolean
do_unlock_foreign (Actor   *self,
                   gpointer mutex)
{
  gco_mutex_unlock (mutex);
  return TRUE;
}

static void
test_coroutine_unlocks_callers (GcoTest *t)
{
  GcoAsyncMutex *mutex = new_locked ();
  Actor         *a = actor_new (t, "a");

  actor_do (a, do_unlock_foreign, gco_async_mutex_get_mutex (mutex));
}

/* ----------------------------------------------------------------- cancelled */

#define N_WAITERS 4

/* At every place, before, together with, and after the grant. */
static void
test_cancel (GcoTest *t)
{
  for (int victim = 0; victim < N_WAITERS; victim++)
    for (int when = 0; when < 3; when++)
      {
        GcoAsyncMutex *mutex = new_locked ();
        gboolean       has_it = when == 2 && victim == 0;
        Caller        *callers[N_WAITERS];

        for (int i = 0; i < N_WAITERS; i++)
          {
            callers[i] = caller_new (t, NULL);
            lock (callers[i], mutex);
          }
        if (when == 2)
          unlock (mutex);
        g_cancellable_cancel (callers[victim]->cancellable);
        if (when == 0)
          gco_test_drain (t);
        g_assert_true (callers[victim]->called == (when == 0));
        if (when < 2)
          unlock (mutex);
        for (int i = 0; i < N_WAITERS; i++)
          {
            gco_test_drain (t);
            if (i == victim && !has_it)
              {
                caller_assert_failed (callers[i], FINISH, G_IO_ERROR_CANCELLED);
                continue;
              }
            caller_assert_granted (callers[i], FINISH);
            for (int k = i + 1; k < N_WAITERS; k++)
              g_assert_true (!callers[k]->called || k == victim);
            unlock (mutex);
          }
        for (int i = 0; i < N_WAITERS; i++)
          caller_end (callers[i]);
        end_unlocked (mutex);
      }
}

static void
test_cancelled_before (GcoTest *t)
{
  GcoAsyncMutex *mutex = gco_async_mutex_new ();
  Caller        *a = caller_new (t, "A");

  g_cancellable_cancel (a->cancellable);
  lock (a, mutex);
  g_assert_false (gco_async_mutex_is_locked (mutex));
  gco_test_drain (t);
  caller_assert_failed (a, FINISH, G_IO_ERROR_CANCELLED);
  caller_end (a);
  end_unlocked (mutex);
}

/* Taken without a wait, and then cancelled: it is had. */
static void
test_cancelled_after (GcoTest *t)
{
  GcoAsyncMutex *mutex = gco_async_mutex_new ();
  Caller        *a = caller_new (t, "A");

  lock (a, mutex);
  g_cancellable_cancel (a->cancellable);
  gco_test_drain (t);
  caller_assert_granted (a, FINISH);
  unlock (mutex);
  caller_end (a);
  end_unlocked (mutex);
}

/* A cancellable may outlive many waits: nothing of them stays with it. */
static void
test_nothing_stays_connected (GcoTest *t)
{
  GcoAsyncMutex *mutex = new_locked ();
  Caller        *a = caller_new (t, "A");
  guint          cancelled = g_signal_lookup ("cancelled", G_TYPE_CANCELLABLE);

  lock (a, mutex);
  g_assert_true (g_signal_has_handler_pending (a->cancellable, cancelled, 0, TRUE));
  unlock (mutex);
  gco_test_drain (t);
  caller_assert_granted (a, FINISH);
  g_assert_false (g_signal_has_handler_pending (a->cancellable, cancelled, 0, TRUE));
  unlock (mutex);
  caller_end (a);
  end_unlocked (mutex);
}

/* ----------------------------------------------------------------- abandoned */

/* Granted, called back, and not fetched: the next in line has it. */
static void
test_not_fetched (GcoTest *t)
{
  for (int contended = 0; contended < 2; contended++)
    {
      GcoAsyncMutex *mutex = contended ? new_locked () : gco_async_mutex_new ();
      Caller        *a = caller_new (t, NULL);
      Actor         *b = actor_new (t, "b");

      lock (a, mutex);
      actor_do (b, do_lock, gco_async_mutex_get_mutex (mutex));
      if (contended)
        unlock (mutex);
      gco_test_drain (t);
      g_assert_true (b->waits);
      caller_forgets (a);
      gco_test_drain (t);
      g_assert_false (b->waits);
      actor_do (b, do_unlock, gco_async_mutex_get_mutex (mutex));
      gco_test_assert_log (t, "b b ");
      caller_free (a);
      actor_end (b);
      end_unlocked (mutex);
    }
}

/* The mutex itself may go with the result that nobody fetched. */
static void
test_not_fetched_last (GcoTest *t)
{
  GcoAsyncMutex *mutex = gco_async_mutex_new ();
  Caller        *a = caller_new (t, "A");
  gpointer       watch = mutex;

  g_object_add_weak_pointer (G_OBJECT (mutex), &watch);
  lock (a, mutex);
  g_object_unref (mutex);
  gco_test_drain (t);
  g_assert_nonnull (watch);
  caller_forgets (a);
  g_assert_null (watch);
  caller_free (a);
}

static void
test_no_callback (GcoTest *t)
{
  GcoAsyncMutex *mutex = new_locked ();
  Caller        *a = caller_new (t, "A");

  gco_async_mutex_lock_async (mutex, NULL, NULL, NULL);
  lock (a, mutex);
  gco_async_mutex_lock_async (mutex, NULL, NULL, NULL);
  unlock (mutex);
  gco_test_drain (t);
  caller_assert_granted (a, FINISH);
  unlock (mutex);
  gco_test_drain (t);
  caller_end (a);
  end_unlocked (mutex);
}

/* ------------------------------------------------------------------- threads */

typedef struct
{
  GcoTest       *t;
  GcoAsyncMutex *mutex;
  guint          n_inside;  /* (the mutex) */
  guint          n_running; /* (atomic) */
  gboolean       over;
} Crowd;

typedef struct
{
  Crowd        *crowd;
  GCancellable *cancellable;
  GRand        *random;
  guint         n_rounds;
} Member;

static void member_asks (Member *member);

static void
member_has_it (GObject      *source,
               GAsyncResult *result,
               gpointer      user_data)
{
  Member *member = user_data;
  Crowd  *crowd = member->crowd;
  g_autoptr (GError) error = NULL;

  if (gco_async_mutex_lock_finish (crowd->mutex, result, &error))
    {
      g_assert_cmpuint (crowd->n_inside++, ==, 0);
      crowd->n_inside--;
      unlock (crowd->mutex);
    }
  else
    g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  if (member->n_rounds-- > 0)
    {
      member_asks (member);
      return;
    }
  g_clear_object (&member->cancellable);
  g_rand_free (member->random);
  g_free (member);
  if (g_atomic_int_dec_and_test (&crowd->n_running))
    g_atomic_int_set (&crowd->over, TRUE);
}

/* One in four is cancelled, at once; one in eight is forgotten. */
static void
member_asks (Member *member)
{
  g_clear_object (&member->cancellable);
  member->cancellable = g_cancellable_new ();
  if (g_rand_int_range (member->random, 0, 8) == 0)
    gco_async_mutex_lock_async (member->crowd->mutex, member->cancellable, NULL, NULL);
  gco_async_mutex_lock_async (member->crowd->mutex,
                              member->cancellable,
                              member_has_it,
                              member);
  if (g_rand_int_range (member->random, 0, 4) == 0)
    g_cancellable_cancel (member->cancellable);
}

static void
member_starts (gpointer user_data)
{
  Crowd *crowd = user_data;

  for (guint i = 0; i < 3; i++)
    {
      Member *member = g_new0 (Member, 1);

      *member = (Member){ crowd, NULL, g_rand_new_with_seed (i), gco_test_scale (2000) };
      g_atomic_int_inc (&crowd->n_running);
      member_asks (member);
    }
}

static void
nothing (gpointer user_data)
{
}

/* Two threads with main contexts of their own, and cancellations: it is never lost. */
static void
test_threads (GcoTest *t)
{
  Crowd          crowd = { t, gco_async_mutex_new () };
  GcoTestThread *other = gco_test_thread_new (t);

  g_atomic_int_inc (&crowd.n_running);
  gco_test_thread_call (other, member_starts, &crowd);
  member_starts (&crowd);
  if (g_atomic_int_dec_and_test (&crowd.n_running))
    g_atomic_int_set (&crowd.over, TRUE);
  while (!g_atomic_int_get (&crowd.over))
    {
      gco_test_iterate (t);
      g_thread_yield ();
    }
  gco_test_thread_call (other, nothing, NULL);
  gco_test_thread_stop (other);
  gco_test_drain (t);
  end_unlocked (crowd.mutex);
}

int
main (int   argc,
      char *argv[])
{
  gco_test_init (&argc, &argv);
  gco_test_add_source ("/async-mutex/free", test_free);
  gco_test_add_source ("/async-mutex/fifo", test_fifo);
  gco_test_add_source ("/async-mutex/handed-over", test_handed_over);
  gco_test_add_source ("/async-mutex/misuse", test_misuse);
  gco_test_add_abort ("/async-mutex/coroutine-unlocks-callers",
                      test_coroutine_unlocks_callers,
                      "*held by an asynchronous caller, not by a *");
  gco_test_add_source ("/async-mutex/cancel", test_cancel);
  gco_test_add_source ("/async-mutex/cancelled-before", test_cancelled_before);
  gco_test_add_source ("/async-mutex/cancelled-after", test_cancelled_after);
  gco_test_add_source ("/async-mutex/nothing-stays-connected", test_nothing_stays_connected);
  gco_test_add_source ("/async-mutex/not-fetched", test_not_fetched);
  gco_test_add_source ("/async-mutex/not-fetched-last", test_not_fetched_last);
  gco_test_add_source ("/async-mutex/no-callback", test_no_callback);
  gco_test_add_source ("/async-mutex/threads", test_threads);
  return g_test_run ();
}
