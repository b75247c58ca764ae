/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Deadlines that are past, that never come, and those of real clocks. */

#include "gco-test-line.h"

#include <string.h>

static const Kind kinds[] = {
  { "mutex", EXCLUSIVE, do_lock, do_lock_until, do_unlock },
  { "rdlock", EXCLUSIVE, do_wrlock, do_rdlock_until, do_rwunlock },
  { "wrlock", EXCLUSIVE, do_wrlock, do_wrlock_until, do_rwunlock },
  { "wrlock behind a reader", EXCLUSIVE, do_rdlock, do_wrlock_until, do_rwunlock },
  { "queue", QUEUE, do_nothing, do_wait_until, do_next },
};

static const gint64 past[] = { 1000, 999, 1, 0, -1, G_MININT64 };

typedef struct
{
  GcoTest    *t;
  const Kind *kind;
  AnyLock     lock;
  Actor      *a; /* the holder */
  Actor      *b; /* who has a deadline */
} Pair;

static void
for_each_kind (GcoTest *t,
               void (*play) (Pair *pair))
{
  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    for (int cancellable = 0; cancellable < 2; cancellable++)
      {
        Pair pair = { t, &kinds[i], { { 0 } }, actor_new (t, "A"), actor_new (t, "B") };

        g_test_message ("%s", kinds[i].name);
        if (!cancellable)
          g_clear_object (&pair.b->cancellable);
        play (&pair);
        actors_end (pair.a, pair.b);
      }
}

static void
hand_over (Pair *pair)
{
  actor_do (pair->a, pair->kind->release, &pair->lock);
  actor_assert_succeeded (pair->b);
  if (pair->kind->sharing != QUEUE)
    actor_do (pair->b, pair->kind->release, &pair->lock);
}

/* --------------------------------------------------------------------- past */

static void
log_dot (gpointer t)
{
  gco_test_log (t, ". ");
}

static gboolean
do_wait_last (Actor   *self,
              gpointer pair)
{
  gco_aio_context_schedule_oneshot (self->t->ctx, log_dot, self->t, NULL);
  return ((Pair *) pair)->kind->wait (self, &((Pair *) pair)->lock);
}

/* It stands in the line, lets the others run, and leaves. */
static void
play_past (Pair *pair)
{
  g_autoptr (GcoClock) clock = gco_clock_new_manual ();

  gco_clock_advance (clock, 1000);
  actor_do (pair->a, pair->kind->hold, &pair->lock);
  for (gsize i = 0; i < G_N_ELEMENTS (past); i++)
    {
      AnyLock before = pair->lock;

      pair->b->clock = clock;
      pair->b->deadline_ns = past[i];
      g_string_truncate (pair->t->log, 0);
      actor_do (pair->b, do_wait_last, pair);
      gco_test_assert_log (pair->t, ". B ");
      actor_assert_timed_out (pair->b);
      g_assert_cmpmem (&pair->lock, sizeof before, &before, sizeof before);
    }
  pair->b->deadline_ns = 1001;
  actor_do (pair->b, pair->kind->wait, &pair->lock);
  hand_over (pair);
}

static void
test_past (GcoTest *t)
{
  for_each_kind (t, play_past);
}

/* A lock that is free is taken, whatever the time is, and at once. */
static void
play_past_free (Pair *pair)
{
  static const AnyLock unused;

  if (pair->kind->sharing == QUEUE)
    return;
  for (gsize i = 0; i < G_N_ELEMENTS (past); i++)
    {
      pair->b->deadline_ns = past[i];
      actor_tell (pair->b, pair->kind->wait, &pair->lock);
      gco_test_iterate (pair->t);
      actor_assert_succeeded (pair->b);
      actor_do (pair->b, pair->kind->release, &pair->lock);
      g_assert_cmpmem (&pair->lock, sizeof unused, &unused, sizeof unused);
    }
}

static void
test_past_free (GcoTest *t)
{
  for_each_kind (t, play_past_free);
}

/* Cancelled already says more than too late, be the lock free or not. */
static void
play_past_and_cancelled (Pair *pair)
{
  if (pair->b->cancellable == NULL)
    return;
  g_cancellable_cancel (pair->b->cancellable);
  for (int held = 0; held < 2; held++)
    {
      if (held)
        actor_do (pair->a, pair->kind->hold, &pair->lock);
      actor_tell (pair->b, pair->kind->wait, &pair->lock);
      gco_test_iterate (pair->t);
      actor_assert_cancelled (pair->b);
    }
  if (pair->kind->sharing != QUEUE)
    actor_do (pair->a, pair->kind->release, &pair->lock);
}

static void
test_past_and_cancelled (GcoTest *t)
{
  for_each_kind (t, play_past_and_cancelled);
}

/* -------------------------------------------------------------- never, again */

static void
play_never (Pair *pair)
{
  g_autoptr (GcoClock) clock = gco_clock_new_manual ();

  pair->b->clock = clock;
  pair->b->deadline_ns = G_MAXINT64;
  actor_do (pair->a, pair->kind->hold, &pair->lock);
  actor_do (pair->b, pair->kind->wait, &pair->lock);
  gco_clock_advance (clock, G_MAXINT64);
  gco_test_drain (pair->t);
  assert_waits (pair->b);
  hand_over (pair);
}

static void
test_never (GcoTest *t)
{
  for_each_kind (t, play_never);
}

/* Who timed out can wait again, with more time. */
static void
play_again (Pair *pair)
{
  g_autoptr (GcoClock) clock = gco_clock_new_manual ();

  pair->b->clock = clock;
  actor_do (pair->a, pair->kind->hold, &pair->lock);
  for (int i = 1; i <= 3; i++)
    {
      pair->b->deadline_ns = i * 100;
      actor_do (pair->b, pair->kind->wait, &pair->lock);
      assert_waits (pair->b);
      gco_clock_advance (clock, 100);
      gco_test_drain (pair->t);
      actor_assert_timed_out (pair->b);
    }
  pair->b->deadline_ns = 400;
  actor_do (pair->b, pair->kind->wait, &pair->lock);
  hand_over (pair);
}

static void
test_again (GcoTest *t)
{
  for_each_kind (t, play_again);
}

/* -------------------------------------------------------------- real clocks */

static void
play_real (Pair *pair)
{
  GcoClock *clocks[] = { NULL, gco_clock_get_monotonic (), gco_clock_get_realtime () };

  actor_do (pair->a, pair->kind->hold, &pair->lock);
  for (gsize i = 0; i < G_N_ELEMENTS (clocks); i++)
    {
      Actor *b = pair->b;

      b->clock = clocks[i];
      b->deadline_ns = gco_clock_get_time_ns (b->clock) + 2000000;
      actor_tell (b, pair->kind->wait, &pair->lock);
      while (b->waits)
        gco_test_iterate_blocking (pair->t);
      actor_assert_timed_out (b);
      /* the clock on the wall may have been set meanwhile */
      if (i < 2)
        g_assert_cmpint (gco_clock_get_time_ns (NULL), >=, b->deadline_ns);
    }
  pair->b->deadline_ns += 3600 * G_GINT64_CONSTANT (1000000000);
  actor_do (pair->b, pair->kind->wait, &pair->lock);
  assert_waits (pair->b);
  hand_over (pair);
}

static void
test_real_clocks (GcoTest *t)
{
  for_each_kind (t, play_real);
}

/* ------------------------------------------------------------ the heir frees it */

/* A thread that stands between a deadline and those whose it was. */
typedef struct
{
  GMutex   lock;
  GCond    changed;
  gboolean passed; /* (lock) the deadline */
  gboolean freed;  /* (lock) the lock */
} Gate;

static void
say (Gate     *gate,
     gboolean *what)
{
  g_mutex_lock (&gate->lock);
  *what = TRUE;
  g_cond_signal (&gate->changed);
  g_mutex_unlock (&gate->lock);
}

static void
listen_for (Gate     *gate,
            gboolean *what)
{
  g_mutex_lock (&gate->lock);
  while (!*what)
    g_cond_wait (&gate->changed, &gate->lock);
  g_mutex_unlock (&gate->lock);
}

static void
on_passed (gpointer gate)
{
  say (gate, &((Gate *) gate)->passed);
  listen_for (gate, &((Gate *) gate)->freed);
}

/* B's deadline has passed, but B has not run, when A hands the lock over to C, who
 * frees it: B, which is detached, does not look at it. */
static void
check_freed (GcoTest       *t,
             GcoTestThread *thread,
             const Kind    *kind)
{
  g_autoptr (GcoClock) clock = gco_clock_new_manual ();
  GcoAioContext *there = gco_test_thread_get_context (thread);
  GcoTimer      *timer;
  Gate           gate = { .passed = FALSE };
  AnyLock       *lock = g_new0 (AnyLock, 1);
  Actor         *a = actor_new (t, "A");
  Actor         *b = actor_new_in (t, thread, "B");
  Actor         *c = actor_new (t, "C");

  timer = gco_timer_new (there, clock, on_passed, &gate, NULL);
  b->clock = c->clock = clock;
  b->deadline_ns = 100;
  c->deadline_ns = G_MAXINT64;
  actor_do (a, kind->hold, lock);
  actor_do (b, kind->wait, lock);
  actor_do (c, kind->wait, lock);
  assert_waits (b);
  assert_waits (c);
  gco_timer_mod_ns (timer, 100);
  gco_clock_advance (clock, 100);
  listen_for (&gate, &gate.passed);

  actor_do (a, kind->release, lock);
  actor_assert_succeeded (c);
  if (kind->sharing != QUEUE)
    actor_do (c, kind->release, lock);
  memset (lock, 0xee, sizeof *lock);
  g_free (lock);
  say (&gate, &gate.freed);
  actor_settle (b);
  actor_assert_timed_out (b);
  gco_timer_free (timer);
  actors_end (a, b, c);
}

static void
test_freed (GcoTest *t)
{
  GcoTestThread *thread = gco_test_thread_new (t);

  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    check_freed (t, thread, &kinds[i]);
  gco_test_thread_stop (thread);
}

int
main (int   argc,
      char *argv[])
{
  gco_test_init (&argc, &argv);
  gco_test_add ("/lock-until-times/past", test_past);
  gco_test_add ("/lock-until-times/past-free", test_past_free);
  gco_test_add ("/lock-until-times/past-and-cancelled", test_past_and_cancelled);
  gco_test_add ("/lock-until-times/never", test_never);
  gco_test_add ("/lock-until-times/again", test_again);
  gco_test_add ("/lock-until-times/real-clocks", test_real_clocks);
  gco_test_add ("/lock-until-times/freed", test_freed);
  return g_test_run ();
}
