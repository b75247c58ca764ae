/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* GcoMutex: who gets it, in which order, and that nobody gets in between. */

#include "gco-test-actor.h"

#include <string.h>

static void
test_size (void)
{
  g_assert_cmpuint (sizeof (GcoMutex), ==, 4 * sizeof (gpointer));
}

static void
test_zero_filled (GcoTest *t)
{
  GcoMutex zero;
  GcoMutex made;
  Actor   *a = actor_new (t, "A");
  Actor   *b = actor_new (t, "B");

  memset (&zero, 0, sizeof zero);
  memset (&made, 0xff, sizeof made);
  gco_mutex_init (&made);
  g_assert_cmpmem (&zero, sizeof zero, &made, sizeof made);

  actor_do (a, do_lock, &zero);
  actor_do (b, do_lock, &zero);
  assert_done (a);
  assert_waits (b);
  actor_do (a, do_unlock, &zero);
  assert_done (b);
  actor_do (b, do_unlock, &zero);
  g_assert_cmpmem (&zero, sizeof zero, &made, sizeof made);
  actors_end (a, b);
}

/* ------------------------------------------------------------- uncontended */

static void
set_flag (gpointer flag)
{
  *(gboolean *) flag = TRUE;
}

typedef struct
{
  GcoTest *t;
  GcoMutex mutex;
} PairsData;

static void
run_pairs (gpointer user_data)
{
  PairsData *data = user_data;
  gboolean   others = FALSE;

  gco_aio_context_schedule_oneshot (data->t->ctx, set_flag, &others, NULL);
  for (int i = 0; i < 1000; i++)
    {
      gco_mutex_lock (&data->mutex);
      gco_mutex_unlock (&data->mutex);
      g_assert_true (gco_mutex_trylock (&data->mutex));
      gco_mutex_unlock (&data->mutex);
      g_assert_true (gco_mutex_lock_cancellable (&data->mutex, NULL, NULL));
      gco_mutex_unlock (&data->mutex);
    }
  g_assert_false (others);
  gco_test_pass ();
  g_assert_true (others);
}

static void
test_pairs_never_yield (GcoTest *t)
{
  PairsData data = { .t = t };

  gco_test_run (t, run_pairs, &data);
}

/* --------------------------------------------------------------- contended */

static void
test_fifo (GcoTest *t)
{
  GcoMutex mutex = { 0 };
  Actor   *a = actor_new (t, "A");
  Actor   *b = actor_new (t, "B");
  Actor   *c = actor_new (t, "C");
  Actor   *d = actor_new (t, "D");

  actor_do (a, do_lock, &mutex);
  actor_do (b, do_lock, &mutex);
  actor_do (c, do_lock, &mutex);
  actor_do (d, do_lock, &mutex);
  gco_test_assert_log (t, "A ");

  actor_do (a, do_unlock, &mutex);
  gco_test_assert_log (t, "A B ");
  /* behind D now */
  actor_do (a, do_lock, &mutex);
  actor_do (b, do_unlock, &mutex);
  gco_test_assert_log (t, "B C ");
  actor_do (c, do_unlock, &mutex);
  gco_test_assert_log (t, "C D ");
  actor_do (d, do_unlock, &mutex);
  gco_test_assert_log (t, "D A ");
  actor_do (a, do_unlock, &mutex);
  actors_end (a, b, c, d);
}

static void
test_told_at_once (GcoTest *t)
{
  GcoMutex mutex = { 0 };
  Actor   *actors[5];
  char     names[5][2] = { "A", "B", "C", "D", "E" };

  for (int i = 0; i < 5; i++)
    actors[i] = actor_new (t, names[i]);
  for (int i = 0; i < 5; i++)
    actor_tell (actors[i], do_lock, &mutex);
  for (int i = 0; i < 5; i++)
    {
      gco_test_drain (t);
      assert_done (actors[i]);
      g_assert_true (i == 4 || actors[i + 1]->waits);
      actor_tell (actors[i], do_unlock, &mutex);
    }
  gco_test_drain (t);
  gco_test_assert_log (t, "A A B B C C D D E E ");
  for (int i = 0; i < 5; i++)
    actor_end (actors[i]);
}

/* The old holder goes on; the heir runs when it yields, and has the lock. */
static gboolean
do_unlock_and_lock_again (Actor   *self,
                          gpointer mutex)
{
  gco_mutex_unlock (mutex);
  g_assert_false (gco_mutex_trylock (mutex));
  gco_test_log (self->t, "%s-unlocked ", self->name);
  gco_mutex_lock (mutex);
  return TRUE;
}

static void
test_no_barging (GcoTest *t)
{
  GcoMutex mutex = { 0 };
  Actor   *a = actor_new (t, "A");
  Actor   *b = actor_new (t, "B");

  actor_do (a, do_lock, &mutex);
  actor_do (b, do_lock, &mutex);
  gco_test_assert_log (t, "A ");
  actor_do (a, do_unlock_and_lock_again, &mutex);
  gco_test_assert_log (t, "A-unlocked B ");
  assert_waits (a);
  actor_do (b, do_unlock, &mutex);
  gco_test_assert_log (t, "B A ");
  actor_do (a, do_unlock, &mutex);
  actors_end (a, b);
}

static void
test_trylock (GcoTest *t)
{
  GcoMutex mutex = { 0 };
  Actor   *a = actor_new (t, "A");
  Actor   *b = actor_new (t, "B");
  Actor   *c = actor_new (t, "C");

  actor_do (a, do_trylock, &mutex);
  g_assert_true (a->result);
  actor_do (b, do_trylock, &mutex);
  g_assert_false (b->result);

  /* handed to B, which has not run yet: C is too late */
  actor_do (b, do_lock, &mutex);
  actor_tell (a, do_unlock, &mutex);
  actor_tell (c, do_trylock, &mutex);
  gco_test_drain (t);
  assert_done (b);
  g_assert_false (c->result);

  actor_do (b, do_unlock, &mutex);
  actor_do (c, do_trylock, &mutex);
  g_assert_true (c->result);
  actor_do (c, do_unlock, &mutex);
  actors_end (a, b, c);
}

static void
test_cancellable_is_granted (GcoTest *t)
{
  GcoMutex mutex = { 0 };
  Actor   *a = actor_new (t, "A");
  Actor   *b = actor_new (t, "B");
  Actor   *c = actor_new (t, "C");

  actor_do (a, do_lock_cancellable, &mutex);
  actor_do (b, do_lock_cancellable, &mutex);
  actor_do (c, do_lock, &mutex);
  assert_waits (b);
  actor_do (a, do_unlock, &mutex);
  actor_assert_succeeded (b);
  assert_waits (c);
  actor_do (b, do_unlock, &mutex);
  actor_do (c, do_unlock, &mutex);
  actors_end (a, b, c);
}

/* ------------------------------------------------------------ with a context */

static void
test_with_context (GcoTest *t)
{
  g_autoptr (GcoAioContext) via = gco_aio_context_new ();
  GcoMutex mutex;
  Actor   *a = actor_new (t, "A");
  Actor   *b = actor_new (t, "B");

  gco_mutex_init_with_context (&mutex, via);
  actor_do (a, do_lock, &mutex);
  actor_do (b, do_lock, &mutex);
  actor_do (a, do_unlock, &mutex);
  /* decided already, but on its way */
  assert_waits (b);
  actor_do (a, do_trylock, &mutex);
  g_assert_false (a->result);

  g_assert_true (gco_aio_context_poll (via, FALSE));
  assert_waits (b);
  gco_test_drain (t);
  assert_done (b);
  g_assert_false (gco_aio_context_poll (via, FALSE));

  actor_do (b, do_unlock, &mutex);
  g_assert_false (gco_aio_context_poll (via, FALSE));
  actors_end (a, b);
}

/* ------------------------------------------------------------ other threads */

static void
test_threads (GcoTest *t)
{
  GcoTestThread *thread = gco_test_thread_new (t);
  GcoMutex       mutex = { 0 };
  Actor         *here = actor_new (t, "here");
  Actor         *here2 = actor_new (t, "here2");
  Actor         *there = actor_new_in (t, thread, "there");
  Actor         *there2 = actor_new_in (t, thread, "there2");

  actor_do (here, do_lock, &mutex);
  actor_do (there, do_lock, &mutex);
  actor_do (here2, do_lock, &mutex);
  actor_do (there2, do_lock, &mutex);
  assert_waits (there);
  assert_waits (here2);
  assert_waits (there2);

  actor_do (here, do_unlock, &mutex);
  actor_settle (there);
  assert_done (there);
  assert_waits (here2);
  actor_do (there, do_unlock, &mutex);
  actor_settle (here2);
  assert_done (here2);
  assert_waits (there2);
  actor_do (here2, do_unlock, &mutex);
  actor_settle (there2);
  assert_done (there2);
  actor_do (there2, do_unlock, &mutex);

  actors_end (here, here2, there, there2);
  gco_test_thread_stop (thread);
}

/* The holder is a coroutine, whatever thread it is in. */
static gboolean
do_lock_and_unlock_elsewhere (Actor   *self,
                              gpointer mutex)
{
  GcoTestThread *thread = self->data;

  gco_mutex_lock (mutex);
  gco_coroutine_move_to (gco_test_thread_get_context (thread));
  gco_mutex_unlock (mutex);
  gco_coroutine_move_to (self->t->ctx);
  return TRUE;
}

static void
test_moved_holder (GcoTest *t)
{
  GcoTestThread *thread = gco_test_thread_new (t);
  GcoMutex       mutex = { 0 };
  Actor         *a = actor_new (t, "A");

  a->data = thread;
  actor_tell (a, do_lock_and_unlock_elsewhere, &mutex);
  while (a->waits)
    gco_test_iterate_blocking (t);
  actor_do (a, do_trylock, &mutex);
  g_assert_true (a->result);
  actor_do (a, do_unlock, &mutex);
  actor_end (a);
  gco_test_thread_stop (thread);
}

/* ------------------------------------------------------------------ lockers */

static gboolean
do_scope (Actor   *self,
          gpointer mutex)
{
  {
    GCO_MUTEX_AUTO_LOCK (mutex, locker);

    gco_test_log (self->t, "locked ");
    gco_coroutine_yield ();
  }
  g_assert_true (gco_mutex_trylock (mutex));
  gco_mutex_unlock (mutex);
  GCO_MUTEX_AUTO_LOCK (mutex, again);
  return TRUE;
}

static void
test_auto_lock (GcoTest *t)
{
  GcoMutex mutex = { 0 };
  Actor   *a = actor_new (t, "A");
  Actor   *b = actor_new (t, "B");

  actor_do (a, do_scope, &mutex);
  gco_test_assert_log (t, "locked ");
  actor_do (b, do_trylock, &mutex);
  g_assert_false (b->result);
  gco_coroutine_wake (a->coroutine);
  gco_test_drain (t);
  assert_done (a);
  actor_do (b, do_trylock, &mutex);
  g_assert_true (b->result);
  actor_do (b, do_unlock, &mutex);
  actors_end (a, b);
}

int
main (int   argc,
      char *argv[])
{
  gco_test_init (&argc, &argv);
  g_test_add_func ("/mutex/size", test_size);
  gco_test_add ("/mutex/zero-filled", test_zero_filled);
  gco_test_add ("/mutex/pairs-never-yield", test_pairs_never_yield);
  gco_test_add ("/mutex/fifo", test_fifo);
  gco_test_add ("/mutex/told-at-once", test_told_at_once);
  gco_test_add ("/mutex/no-barging", test_no_barging);
  gco_test_add ("/mutex/trylock", test_trylock);
  gco_test_add ("/mutex/cancellable-is-granted", test_cancellable_is_granted);
  gco_test_add ("/mutex/with-context", test_with_context);
  gco_test_add ("/mutex/threads", test_threads);
  gco_test_add ("/mutex/moved-holder", test_moved_holder);
  gco_test_add ("/mutex/auto-lock", test_auto_lock);
  return g_test_run ();
}
