/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* gco_dump(): who waits where for what, and for whom. */

#include "gco-test-actor.h"

static char *
dump (void)
{
  char *written = NULL;
  char *text;
  gsize length;
  FILE *stream = open_memstream (&written, &length);

  gco_dump (stream);
  fclose (stream);
  text = g_strdup (written);
  free (written);
  g_test_message ("%s", text);
  return text;
}

static void
assert_says (const char *text,
             const char *pattern)
{
  g_autofree char *anywhere = g_strdup_printf ("*%s*", pattern);

  if (!g_pattern_match_simple (anywhere, text))
    g_error ("\"%s\" is not in: %s", pattern, text);
}

static void
assert_silent (const char *text,
               const char *word)
{
  if (strstr (text, word) != NULL)
    g_error ("\"%s\" is in: %s", word, text);
}

static void
test_nothing (GcoTest *t)
{
  g_autofree char *text = dump ();

  g_assert_cmpstr (text, ==, "0 coroutines in this thread; 0 in others, or not begun\n");
}

static void
test_waits (GcoTest *t)
{
  GcoMutex         mutex = { 0 };
  GcoQueue         queue = { 0 };
  GcoRwlock        rwlock = { 0 };
  Actor           *holder = actor_new (t, "holder");
  Actor           *waiter = actor_new (t, "waiter");
  Actor           *reader = actor_new (t, "reader");
  Actor           *sleeper = actor_new (t, "sleeper");
  g_autofree char *text = NULL;

  actor_do (holder, do_lock, &mutex);
  actor_do (holder, do_wrlock, &rwlock);
  actor_do (waiter, do_lock, &mutex);
  actor_do (reader, do_rdlock, &rwlock);
  actor_do (sleeper, do_wait, &queue);
  actor_tell (holder, do_unlock, &mutex);
  text = dump ();
  assert_says (text, "coroutine holder (*) is about to run, by gco_coroutine_wake()\n");
  assert_says (text, "coroutine waiter (*) waits for a GcoMutex * held by coroutine holder (");
  assert_says (text, "coroutine reader (*) waits for a GcoRwlock to read *holder (");
  assert_says (text, "coroutine sleeper (*) waits for a GcoQueue ");
  assert_says (text, "\n4 coroutines in this thread; 0 in others");
  assert_silent (text, "deadlock");
  gco_test_drain (t);
  actor_do (holder, do_rwunlock, &rwlock);
  actor_do (waiter, do_unlock, &mutex);
  actor_do (reader, do_rwunlock, &rwlock);
  gco_queue_next (&queue);
  gco_test_drain (t);
  actors_end (holder, waiter, reader, sleeper);
}

/* Each waits for the mutex of the next; one may be cancelled, so that it ends. */
static void
test_cycle (GcoTest *t)
{
  GcoMutex         mutexes[3] = { { 0 } };
  Actor           *actors[3] = { actor_new (t, "a"), actor_new (t, "b"), actor_new (t, "c") };
  Actor           *bystander = actor_new (t, "bystander");
  g_autofree char *text = NULL;

  for (int i = 0; i < 3; i++)
    actor_do (actors[i], do_lock, &mutexes[i]);
  for (int i = 0; i < 3; i++)
    actor_do (actors[i], i == 0 ? do_lock_cancellable : do_lock, &mutexes[(i + 1) % 3]);
  actor_do (bystander, do_lock, &mutexes[0]);
  text = dump ();
  assert_says (text,
               "deadlock: coroutine * waits for a GcoMutex *, which is held by coroutine *,"
               " which waits for *, which waits for *, which is held by coroutine ");
  g_assert_null (strstr (strstr (text, "deadlock") + 1, "deadlock"));
  g_cancellable_cancel (actors[0]->cancellable);
  gco_test_drain (t);
  actor_assert_cancelled (actors[0]);
  actor_do (actors[0], do_unlock, &mutexes[0]);
  assert_done (actors[2]);
  actor_do (actors[2], do_unlock, &mutexes[0]);
  actor_do (actors[2], do_unlock, &mutexes[2]);
  actor_do (actors[1], do_unlock, &mutexes[2]);
  actor_do (actors[1], do_unlock, &mutexes[1]);
  actor_do (bystander, do_unlock, &mutexes[0]);
  actors_end (actors[0], actors[1], actors[2], bystander);
}

/* In waits that nothing ends: it is said, and not waited for. */
static void
test_deadlock (GcoTest *t)
{
  GcoMutex  mutexes[2] = { { 0 } };
  GcoRwlock rwlock = { 0 };
  Actor    *a = actor_new (t, "alice");
  Actor    *b = actor_new (t, "bob");
  Actor    *c = actor_new (t, "carol");

  actor_do (a, do_lock, &mutexes[0]);
  actor_do (b, do_lock, &mutexes[1]);
  actor_do (c, do_wrlock, &rwlock);
  actor_do (a, do_lock, &mutexes[1]);
  actor_do (b, do_rdlock, &rwlock);
  assert_waits (b);
  actor_do (c, do_lock, &mutexes[0]);
}

static void
test_async_holder (GcoTest *t)
{
  g_autoptr (GcoAsyncMutex) mutex = gco_async_mutex_new ();
  Actor           *a = actor_new (t, "a");
  g_autofree char *text = NULL;

  g_assert_true (gco_async_mutex_trylock (mutex));
  actor_do (a, do_lock, gco_async_mutex_get_mutex (mutex));
  text = dump ();
  assert_says (text, "a (*) waits for a GcoMutex * held by an asynchronous caller\n");
  g_assert_true (gco_async_mutex_unlock (mutex, NULL));
  gco_test_drain (t);
  actor_do (a, do_unlock, gco_async_mutex_get_mutex (mutex));
  actor_end (a);
}

static void
test_other_thread (GcoTest *t)
{
  GcoTestThread   *thread = gco_test_thread_new (t);
  GcoMutex         mutex = { 0 };
  Actor           *there = actor_new_in (t, thread, "there");
  Actor           *here = actor_new (t, "here");
  g_autofree char *text = NULL;

  actor_do (there, do_lock, &mutex);
  actor_do (here, do_lock, &mutex);
  text = dump ();
  assert_says (text, "here (*) waits for a GcoMutex * held by coroutine 0x* of another");
  assert_silent (text, "there");
  assert_says (text, "1 coroutines in this thread; 1 in others");
  actor_do (there, do_unlock, &mutex);
  gco_test_drain (t);
  while (here->waits)
    gco_test_iterate_blocking (t);
  actor_do (here, do_unlock, &mutex);
  actors_end (here, there);
  gco_test_thread_stop (thread);
}

/* ---------------------------------------------------------------------- frames */

/* Not static, and no tail calls, so that they are found by name. */
guint dump_inner (guint depth, guint *sum);
guint dump_outer (guint *sum);

__attribute__ ((noinline)) guint
dump_inner (guint  depth,
            guint *sum)
{
  volatile guint kept = depth * 3;

  if (depth == 0)
    gco_coroutine_yield ();
  else
    *sum += dump_inner (depth - 1, sum);
  return kept;
}

__attribute__ ((noinline)) guint
dump_outer (guint *sum)
{
  volatile guint kept = dump_inner (5, sum);

  return kept + 1;
}

static void
suspend_deep (gpointer sum)
{
  gco_coroutine_set_name (gco_coroutine_self (), "deep");
  *(guint *) sum += dump_outer (sum);
}

static void
enter (gpointer coroutine)
{
  gco_coroutine_enter (coroutine);
}

/* By whichever way it came there. And it goes on as if nobody had looked. */
static void
check_frames (GcoTest *t,
              gboolean by_hand)
{
  guint         sum = 0;
  GcoCoroutine *deep = gco_coroutine_create (suspend_deep, &sum);

  if (by_hand)
    gco_aio_context_schedule_oneshot (t->ctx, enter, deep, NULL);
  else
    gco_coroutine_schedule (deep, t->ctx);
  gco_test_drain (t);
  for (int i = 0; i < 3; i++)
    {
      g_autofree char *text = dump ();

      assert_says (text, "coroutine deep (*) waits to be entered or woken\n");
      if (HAS_FRAMES)
        assert_says (text, "\n    dump_inner+0x*dump_inner+0x*dump_outer+0x");
      else
        assert_silent (text, "dump_inner");
    }
  gco_coroutine_wake (deep);
  gco_test_drain (t);
  g_assert_cmpuint (sum, ==, (0 + 1 + 2 + 3 + 4) * 3 + 15 + 1);
}

static void
test_frames (GcoTest *t)
{
  check_frames (t, FALSE);
}

static void
test_frames_by_hand (GcoTest *t)
{
  check_frames (t, TRUE);
}

static void
dump_self (gpointer user_data)
{
  g_autofree char *text = dump ();

  assert_says (text, "coroutine unnamed (*) runs\n");
  assert_says (text, "1 coroutines in this thread");
}

static void
test_from_coroutine (GcoTest *t)
{
  gco_test_run (t, dump_self, NULL);
}

int
main (int   argc,
      char *argv[])
{
  gco_test_init (&argc, &argv);
  gco_test_add ("/dump/nothing", test_nothing);
  gco_test_add ("/dump/waits", test_waits);
  gco_test_add ("/dump/cycle", test_cycle);
  gco_test_add_abort ("/dump/deadlock",
                      test_deadlock,
                      "*deadlock: *alice*deadlock: coroutine carol*without end*");
  gco_test_add_source ("/dump/async-holder", test_async_holder);
  gco_test_add ("/dump/other-thread", test_other_thread);
  gco_test_add ("/dump/frames", test_frames);
  gco_test_add ("/dump/frames-by-hand", test_frames_by_hand);
  gco_test_add ("/dump/from-coroutine", test_from_coroutine);
  return g_test_run ();
}
