/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* gco_dump(): who waits where for what, and for whom. */

#include <unistd.h>

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
  GcoRwlock        read = { 0 };
  Actor           *holder = actor_new (t, "holder");
  Actor           *waiter = actor_new (t, "waiter");
  Actor           *reader = actor_new (t, "reader");
  Actor           *sleeper = actor_new (t, "sleeper");
  g_autofree char *text = NULL;

  actor_do (holder, do_lock, &mutex);
  actor_do (holder, do_wrlock, &rwlock);
  actor_do (waiter, do_lock, &mutex);
  actor_do (reader, do_rdlock, &rwlock);
  actor_do (sleeper, do_rdlock, &read);
  actor_do (sleeper, do_wait, &queue);
  actor_tell (holder, do_unlock, &mutex);
  text = dump ();
  assert_says (text, "coroutine holder (*) is about to run, by gco_coroutine_wake() [holds 2; ");
  assert_says (text, "coroutine waiter (*) waits for a GcoMutex * held by coroutine holder (");
  assert_says (text, "coroutine reader (*) waits for a GcoRwlock to read *holder (");
  assert_says (text, "coroutine sleeper (*) waits for a GcoQueue * reads under 1; stack ");
  assert_says (text, "\n4 coroutines in this thread; 0 in others");
  assert_silent (text, "deadlock");
  gco_test_drain (t);
  actor_do (holder, do_rwunlock, &rwlock);
  actor_do (waiter, do_unlock, &mutex);
  actor_do (reader, do_rwunlock, &rwlock);
  gco_queue_next (&queue);
  gco_test_drain (t);
  actor_do (sleeper, do_rwunlock, &read);
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

/* However many they are. */
static void
test_long_cycle (GcoTest *t)
{
  static GcoMutex  mutexes[100];
  Actor           *actors[G_N_ELEMENTS (mutexes)];
  g_autofree char *text = NULL;
  const char      *deadlock;
  guint            n = 0;

  for (guint i = 0; i < G_N_ELEMENTS (mutexes); i++)
    {
      actors[i] = actor_new (t, "member");
      actor_do (actors[i], do_lock, &mutexes[i]);
    }
  for (guint i = 0; i < G_N_ELEMENTS (mutexes); i++)
    actor_do (actors[i], do_lock_cancellable, &mutexes[(i + 1) % G_N_ELEMENTS (mutexes)]);
  text = dump ();
  deadlock = strstr (text, "deadlock");
  while ((deadlock = strstr (deadlock, "is held by")) != NULL)
    deadlock++, n++;
  g_assert_cmpuint (n, ==, G_N_ELEMENTS (mutexes));
  for (guint i = 0; i < G_N_ELEMENTS (mutexes); i++)
    {
      g_cancellable_cancel (actors[i]->cancellable);
      gco_test_drain (t);
      actor_assert_cancelled (actors[i]);
    }
  for (guint i = 0; i < G_N_ELEMENTS (mutexes); i++)
    {
      actor_do (actors[i], do_unlock, &mutexes[i]);
      actor_end (actors[i]);
    }
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
  assert_says (text, "a (*) waits for a GcoMutex * held by an asynchronous caller [for ");
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

static double
seconds_in (const char *text)
{
  const char *at = strstr (text, "[for ");

  g_assert_nonnull (at);
  return g_ascii_strtod (at + strlen ("[for "), NULL);
}

/* Since when: to a millisecond or two, as the clock is not read for each wait. */
static void
test_since (GcoTest *t)
{
  GcoMutex         mutex = { 0 };
  Actor           *holder = actor_new (t, "holder");
  Actor           *waiter = actor_new (t, "waiter");
  g_autofree char *text = NULL;
  gint64           before, after, end;

  actor_do (holder, do_lock, &mutex);
  before = g_get_monotonic_time ();
  actor_do (waiter, do_lock, &mutex);
  after = g_get_monotonic_time ();
  while (g_get_monotonic_time () < after + 10000)
    ;
  text = dump ();
  end = g_get_monotonic_time ();
  g_assert_cmpfloat (seconds_in (strstr (text, "coroutine waiter")), >=, 0.008);
  g_assert_cmpfloat (seconds_in (strstr (text, "coroutine waiter")),
                     <=,
                     (double) (end - before) / 1e6 + 0.002);
  actor_do (holder, do_unlock, &mutex);
  actor_do (waiter, do_unlock, &mutex);
  actors_end (holder, waiter);
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

static __attribute__ ((noinline)) int
suspend_at_end_of_page (volatile char *above)
{
  volatile char frame[256];

  frame[0] = above[0];
  if ((gsize) frame % (gsize) sysconf (_SC_PAGESIZE) < 6 * sizeof frame)
    gco_coroutine_yield ();
  else
    frame[1] = (char) suspend_at_end_of_page (frame);
  return frame[0] + frame[1];
}

static void
suspend_there (gpointer unused)
{
  volatile char frame[2] = { 0 };

  suspend_at_end_of_page (frame);
}

/* What a look at them needs of their stacks is given back. */
static void
test_leaves_no_trace (GcoTest *t)
{
  /* who comes first is deeper: functions are bound when they are called first */
  GcoCoroutine    *first = gco_test_spawn (t, suspend_there, NULL);
  GcoCoroutine    *second = gco_test_spawn (t, suspend_there, NULL);
  g_autofree char *text = NULL;
  gsize            before;

  gco_test_drain (t);
  before = gco_coroutine_get_stack_usage (second);
  text = dump ();
  g_assert_cmpuint (gco_coroutine_get_stack_usage (second), ==, before);
  gco_coroutine_wake (first);
  gco_coroutine_wake (second);
  gco_test_drain (t);
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

      assert_says (text, "coroutine deep (*) waits to be entered or woken [for 0.* s; stack ");
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

  assert_says (text, "coroutine unnamed (*) runs [stack * of 1024 KiB]\n");
  assert_says (text, "1 coroutines in this thread");
}

static void
test_from_coroutine (GcoTest *t)
{
  gco_test_run (t, dump_self, NULL);
}

static void
dump_within (gpointer unused)
{
  g_autofree char *text = dump ();

  assert_says (text, "coroutine enterer (*) has entered another coroutine, or called outside [st");
  if (HAS_FRAMES)
    assert_says (text, "coroutine enterer (*\n    dump_enter+0x");
}

void dump_enter (GcoCoroutine *within);

__attribute__ ((noinline)) void
dump_enter (GcoCoroutine *within)
{
  volatile gboolean entered = TRUE;

  gco_coroutine_enter (within);
  g_assert_true (entered); /* no tail call */
}

static void
enter_within (gpointer unused)
{
  gco_coroutine_set_name (gco_coroutine_self (), "enterer");
  dump_enter (gco_coroutine_create (dump_within, NULL));
}

static void
test_within (GcoTest *t)
{
  gco_test_run (t, enter_within, NULL);
}

static __attribute__ ((noinline)) int
dump_at_the_end (FILE          *stream,
                 volatile char *above)
{
  volatile char frame[128];
  gsize         size = gco_coroutine_get_stack_size (gco_coroutine_self ());
  gsize         used = gco_coroutine_get_stack_usage (gco_coroutine_self ());
  gsize         page = (gsize) sysconf (_SC_PAGESIZE);

  frame[0] = above[0];
  /* in the last page, and far into it */
  if (used == size - page && (gsize) frame % page < page / 2)
    gco_dump (stream);
  else
    frame[1] = (char) dump_at_the_end (stream, frame);
  return frame[0] + frame[1];
}

static void
fill_and_dump (gpointer stream)
{
  volatile char frame[2] = { 0 };

  dump_at_the_end (stream, frame);
}

/* Nothing of what it does may be done on a stack that is nearly full. */
static void
test_full_stack (GcoTest *t)
{
  char         *written = NULL;
  gsize         length;
  FILE         *stream = open_memstream (&written, &length);
  GcoCoroutine *full;

  full = gco_coroutine_create_full ("full", 1, fill_and_dump, stream, NULL, NULL);
  gco_coroutine_schedule (full, t->ctx);
  gco_test_drain (t);
  fclose (stream);
  assert_says (written, "coroutine full (*) runs [stack ");
  free (written);
}

int
main (int   argc,
      char *argv[])
{
  gco_test_init (&argc, &argv);
  gco_test_add ("/dump/nothing", test_nothing);
  gco_test_add ("/dump/waits", test_waits);
  gco_test_add ("/dump/cycle", test_cycle);
  gco_test_add ("/dump/long-cycle", test_long_cycle);
  gco_test_add ("/dump/since", test_since);
  gco_test_add_abort ("/dump/deadlock",
                      test_deadlock,
                      "*deadlock: *alice*deadlock: coroutine carol*without end*");
  gco_test_add_source ("/dump/async-holder", test_async_holder);
  gco_test_add ("/dump/other-thread", test_other_thread);
  gco_test_add ("/dump/frames", test_frames);
  gco_test_add ("/dump/frames-by-hand", test_frames_by_hand);
  gco_test_add ("/dump/from-coroutine", test_from_coroutine);
  gco_test_add ("/dump/within", test_within);
  gco_test_add ("/dump/leaves-no-trace", test_leaves_no_trace);
  /* a sanitizer makes frames of another size, and small stacks larger */
  if (!GCO_TEST_SANITIZED)
    gco_test_add ("/dump/full-stack", test_full_stack);
  return g_test_run ();
}
