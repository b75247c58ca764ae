/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Broken protocol stops the process, and says who did what to whom. */

#include "gco-test.h"

static GcoTest      *test;
static GcoCoroutine *alice;
static GcoCoroutine *bob;

static GcoCoroutine *
create (const char      *name,
        GcoCoroutineFunc func)
{
  return gco_coroutine_create_full (name, 0, func, NULL, NULL, NULL);
}

static void
yield (gpointer user_data)
{
  gco_coroutine_yield ();
}

static void
return_at_once (gpointer user_data)
{
}

/* Creates alice, who yields once she has run, and bob, who does @func. */
static void
cast (GcoTest         *t,
      GcoCoroutineFunc func)
{
  test = t;
  alice = create ("alice", yield);
  bob = create ("bob", func);
}

static void
run (GcoCoroutine *coroutine)
{
  gco_coroutine_schedule (coroutine, test->ctx);
  gco_test_drain (test);
}

static void
in_thread (GThreadFunc func,
           gpointer    data)
{
  g_thread_join (g_thread_new (NULL, func, data));
}

/* ----------------------------------------------------------------- entering */

static void
enter_bob (gpointer user_data)
{
  gco_coroutine_enter (bob);
}

static void
test_enter_self (GcoTest *t)
{
  cast (t, enter_bob);
  run (bob);
}

static void
enter_alice (gpointer user_data)
{
  gco_coroutine_enter (alice);
}

static void
test_enter_enterer (GcoTest *t)
{
  cast (t, enter_alice);
  gco_coroutine_free (alice);
  alice = create ("alice", enter_bob);
  run (alice);
}

static void
test_enter_scheduled (GcoTest *t)
{
  cast (t, enter_alice);
  gco_coroutine_schedule (alice, t->ctx);
  gco_coroutine_enter (bob);
}

static void
test_enter_woken (GcoTest *t)
{
  cast (t, enter_alice);
  run (alice);
  gco_coroutine_wake (alice);
  gco_coroutine_enter (bob);
}

static gpointer
enter_alice_in_thread (gpointer data)
{
  gco_coroutine_enter (alice);
  return NULL;
}

/* She would run until she waits. */
static void
test_enter_elsewhere (GcoTest *t)
{
  cast (t, return_at_once);
  run (alice);
  in_thread (enter_alice_in_thread, NULL);
}

static void
test_enter_ended (GcoTest *t)
{
  cast (t, return_at_once);
  run (bob);
  gco_coroutine_enter (bob);
}

static void
lock_twice (gpointer user_data)
{
  static GcoMutex mutex;

  gco_mutex_lock (&mutex);
  gco_coroutine_yield ();
  gco_mutex_unlock (&mutex);
}

/* Alice waits for a lock: that wakes her, nobody else. */
static void
test_enter_waiting (GcoTest *t)
{
  cast (t, lock_twice);
  gco_coroutine_free (alice);
  alice = create ("alice", lock_twice);
  run (bob);
  run (alice);
  gco_coroutine_enter (alice);
}

static void
test_wake_waiting (GcoTest *t)
{
  cast (t, lock_twice);
  gco_coroutine_free (alice);
  alice = create ("alice", lock_twice);
  run (bob);
  run (alice);
  gco_coroutine_wake (alice);
  gco_test_drain (t);
}

/* ------------------------------------------------------------------- waking */

static void
wake_alice_twice (gpointer user_data)
{
  gco_coroutine_wake (alice);
  gco_coroutine_wake (alice);
}

static void
test_wake_twice (GcoTest *t)
{
  cast (t, wake_alice_twice);
  run (alice);
  run (bob);
}

static gpointer
wake_alice (gpointer data)
{
  gco_coroutine_wake (alice);
  return NULL;
}

static void
test_wake_twice_from_threads (GcoTest *t)
{
  cast (t, yield);
  run (alice);
  in_thread (wake_alice, NULL);
  in_thread (wake_alice, NULL);
}

static void
test_schedule_twice (GcoTest *t)
{
  cast (t, yield);
  gco_coroutine_schedule (alice, t->ctx);
  gco_coroutine_schedule (alice, t->ctx);
}

static void
test_wake_ended (GcoTest *t)
{
  cast (t, return_at_once);
  run (bob);
  gco_coroutine_wake (bob);
}

static void
test_schedule_ended (GcoTest *t)
{
  cast (t, return_at_once);
  run (bob);
  gco_coroutine_schedule (bob, t->ctx);
}

static void
test_schedule_elsewhere (GcoTest *t)
{
  cast (t, yield);
  run (alice);
  gco_coroutine_schedule (alice, gco_aio_context_new ());
}

static void
wake_self_and_end (gpointer user_data)
{
  gco_coroutine_wake (gco_coroutine_self ());
}

static void
test_end_scheduled (GcoTest *t)
{
  cast (t, wake_self_and_end);
  run (bob);
}

/* -------------------------------------------------------------- not in one */

static void
test_yield_outside (void)
{
  gco_coroutine_yield ();
}

static void
yield_from_oneshot (GcoTest *t)
{
  gco_aio_context_schedule_oneshot (t->ctx, yield, NULL, NULL);
  gco_test_drain (t);
}

static void
yield_outside (gpointer user_data)
{
  gco_coroutine_call_outside (yield, NULL);
}

static void
test_yield_in_call_outside (GcoTest *t)
{
  cast (t, yield_outside);
  run (bob);
}

static void
test_move_outside (void)
{
  gco_coroutine_move_to (NULL);
}

/* --------------------------------------------------------------------- free */

static void
test_free_started (GcoTest *t)
{
  cast (t, yield);
  run (alice);
  gco_coroutine_free (alice);
}

static void
test_free_scheduled (GcoTest *t)
{
  cast (t, yield);
  gco_coroutine_schedule (alice, t->ctx);
  gco_coroutine_free (alice);
}

static void
free_self (gpointer user_data)
{
  gco_coroutine_free (gco_coroutine_self ());
}

static void
test_free_running (GcoTest *t)
{
  cast (t, free_self);
  run (bob);
}

static void
test_free_bh_twice (GcoTest *t)
{
  GcoBh *bh = gco_bh_new (t->ctx, yield, NULL, NULL);

  gco_bh_free (bh);
  gco_bh_free (bh);
}

static void
add_entering (void)
{
  gco_test_add_abort ("/misuse/enter-self",
                      test_enter_self,
                      "*gco_coroutine_enter: coroutine bob*entered already (by bob*");
  gco_test_add_abort ("/misuse/enter-enterer",
                      test_enter_enterer,
                      "*gco_coroutine_enter: coroutine alice*entered already (by bob*");
  gco_test_add_abort ("/misuse/enter-scheduled",
                      test_enter_scheduled,
                      "*coroutine alice*scheduled already in "
                      "gco_coroutine_schedule()*by bob*");
  gco_test_add_abort ("/misuse/enter-woken",
                      test_enter_woken,
                      "*coroutine alice*scheduled already in "
                      "gco_coroutine_wake()*by bob*");
  gco_test_add_abort ("/misuse/enter-elsewhere",
                      test_enter_elsewhere,
                      "*gco_coroutine_enter: coroutine alice*at home in another thread*");
  gco_test_add_abort ("/misuse/enter-ended",
                      test_enter_ended,
                      "*gco_coroutine_enter: 0x* is no coroutine any more*");
  gco_test_add_abort ("/misuse/enter-waiting",
                      test_enter_waiting,
                      "*coroutine alice*woken while waiting for*");
}

static void
add_waking (void)
{
  gco_test_add_abort ("/misuse/wake-waiting",
                      test_wake_waiting,
                      "*coroutine alice*woken while waiting for*");
  gco_test_add_abort ("/misuse/wake-twice",
                      test_wake_twice,
                      "*gco_coroutine_wake: coroutine alice*scheduled already in "
                      "gco_coroutine_wake()*by bob*");
  gco_test_add_abort ("/misuse/wake-twice-from-threads",
                      test_wake_twice_from_threads,
                      "*gco_coroutine_wake: coroutine alice*scheduled already*");
  gco_test_add_abort ("/misuse/wake-ended",
                      test_wake_ended,
                      "*gco_coroutine_wake: 0x* is no coroutine any more*");
  gco_test_add_abort ("/misuse/schedule-twice",
                      test_schedule_twice,
                      "*gco_coroutine_schedule: coroutine alice*scheduled already*");
  gco_test_add_abort ("/misuse/schedule-ended",
                      test_schedule_ended,
                      "*gco_coroutine_schedule: 0x* is no coroutine any more*");
  gco_test_add_abort ("/misuse/schedule-elsewhere",
                      test_schedule_elsewhere,
                      "*coroutine alice*belongs to*gco_coroutine_move_to*");
  gco_test_add_abort ("/misuse/end-scheduled",
                      test_end_scheduled,
                      "*coroutine bob*ended although gco_coroutine_wake()*");
}

static void
add_outside_and_free (void)
{
  gco_test_add_abort_plain ("/misuse/yield-outside",
                            test_yield_outside,
                            "*gco_coroutine_yield: not in a coroutine*");
  gco_test_add_abort ("/misuse/yield-from-oneshot",
                      yield_from_oneshot,
                      "*gco_coroutine_yield: not in a coroutine*");
  gco_test_add_abort ("/misuse/yield-in-call-outside",
                      test_yield_in_call_outside,
                      "*gco_coroutine_yield: not in a coroutine*");
  gco_test_add_abort_plain ("/misuse/move-outside",
                            test_move_outside,
                            "*gco_coroutine_move_to: not in a coroutine*");
  gco_test_add_abort ("/misuse/free-started",
                      test_free_started,
                      "*gco_coroutine_free: coroutine alice*");
  gco_test_add_abort ("/misuse/free-scheduled",
                      test_free_scheduled,
                      "*gco_coroutine_free: coroutine alice*");
  gco_test_add_abort ("/misuse/free-running",
                      test_free_running,
                      "*gco_coroutine_free: coroutine bob*");
  gco_test_add_abort ("/misuse/free-bh-twice",
                      test_free_bh_twice,
                      "*gco_bh_free: bottom half 0x*freed already*");
}

int
main (int    argc,
      char **argv)
{
  gco_test_init (&argc, &argv);
  add_entering ();
  add_waking ();
  add_outside_and_free ();
  return g_test_run ();
}
