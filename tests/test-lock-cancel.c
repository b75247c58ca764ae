/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Cancelling a wait, for every lock alike: in each place of the line, from
 * everywhere, and at the moment in which the lock is granted. */

#include "gco-test-line.h"

static const Kind kinds[] = {
  { "mutex", EXCLUSIVE, do_lock, do_lock_cancellable, do_unlock },
  { "rdlock", SHARED, do_wrlock, do_rdlock_cancellable, do_rwunlock },
  { "wrlock", EXCLUSIVE, do_wrlock, do_wrlock_cancellable, do_rwunlock },
  { "wrlock behind a reader", EXCLUSIVE, do_rdlock, do_wrlock_cancellable, do_rwunlock },
  { "queue", QUEUE, do_nothing, do_wait_cancellable, do_next },
};

static void
cancel (Line *line)
{
  g_cancellable_cancel (line->waiters[line->position]->cancellable);
}

/* --------------------------------------------------------------- from where */

static gboolean
do_cancel (Actor   *self,
           gpointer line)
{
  cancel (line);
  return TRUE;
}

static void
cancel_from_coroutine (Line *line)
{
  Actor *actor = actor_new (line->holder->t, "canceller");

  actor_do (actor, do_cancel, line);
  actor_end (actor);
}

static gpointer
cancel_in_thread (gpointer line)
{
  cancel (line);
  return NULL;
}

static void
cancel_from_thread (Line *line)
{
  g_thread_join (g_thread_new ("canceller", cancel_in_thread, line));
}

/* The loop may sleep: it is woken by nothing else. */
static void
cancel_asleep (Line *line)
{
  Actor   *waiter = line->waiters[line->position];
  GThread *thread = g_thread_new ("canceller", cancel_in_thread, line);

  while (waiter->waits)
    gco_test_iterate_blocking (waiter->t);
  g_thread_join (thread);
}

static void
check_positions (GcoTest *t,
                 void (*cancel_one) (Line *line))
{
  for (gsize kind = 0; kind < G_N_ELEMENTS (kinds); kind++)
    for (int position = 0; position < N_WAITERS; position++)
      {
        Line line;

        line_up (t, &line, &kinds[kind], position);
        cancel_one (&line);
        gco_test_drain (t);
        actor_assert_cancelled (line.waiters[position]);
        for (int i = 0; i < N_WAITERS; i++)
          g_assert_true (line.waiters[i]->waits == (i != position));
        line_serve (&line, position);
        line_end (&line);
      }
}

static void
test_plainly (GcoTest *t)
{
  check_positions (t, cancel);
}

static void
test_from_coroutine (GcoTest *t)
{
  check_positions (t, cancel_from_coroutine);
}

static void
test_from_thread (GcoTest *t)
{
  check_positions (t, cancel_from_thread);
}

static void
test_asleep (GcoTest *t)
{
  check_positions (t, cancel_asleep);
}

static void
test_all (GcoTest *t)
{
  static const AnyLock unused;

  for (gsize kind = 0; kind < G_N_ELEMENTS (kinds); kind++)
    {
      Line line;

      line_up (t, &line, &kinds[kind], NOBODY);
      for (int i = 0; i < N_WAITERS; i++)
        {
          line.position = (i + 2) % N_WAITERS;
          cancel (&line);
        }
      actor_do (line.holder, kinds[kind].release, &line.lock);
      for (int i = 0; i < N_WAITERS; i++)
        actor_assert_cancelled (line.waiters[i]);
      g_assert_cmpmem (&line.lock, sizeof line.lock, &unused, sizeof unused);
      line_end (&line);
    }
}

/* ------------------------------------------------------ together with the grant */

static gboolean
do_cancel_and_release (Actor   *self,
                       gpointer data)
{
  Line *line = data;

  cancel (line);
  return line->kind->release (self, &line->lock);
}

static gboolean
do_release_and_cancel (Actor   *self,
                       gpointer data)
{
  Line    *line = data;
  gboolean result = line->kind->release (self, &line->lock);

  cancel (line);
  return result;
}

static void
check_together (GcoTest *t,
                ActorOp  op,
                gboolean cancel_before,
                gboolean cancel_after)
{
  for (gsize kind = 0; kind < G_N_ELEMENTS (kinds); kind++)
    for (int position = 0; position < N_WAITERS; position++)
      {
        Line line;
        int  cancelled = position;

        line_up (t, &line, &kinds[kind], position);
        if (cancel_before)
          cancel (&line);
        actor_tell (line.holder,
                    op != NULL ? op : kinds[kind].release,
                    op != NULL ? (gpointer) &line : &line.lock);
        if (cancel_after)
          cancel (&line);
        gco_test_drain (t);
        /* who was granted it before has it */
        if (op == do_release_and_cancel &&
            (position == 0 || kinds[kind].sharing == SHARED))
          cancelled = NOBODY;
        else
          actor_assert_cancelled (line.waiters[position]);
        /* the wake was not swallowed: one has it by now */
        g_assert_false (line.waiters[cancelled == 0 ? 1 : 0]->waits);
        line_serve (&line, cancelled);
        line_end (&line);
      }
}

static void
test_cancel_then_tell (GcoTest *t)
{
  check_together (t, NULL, TRUE, FALSE);
}

static void
test_tell_then_cancel (GcoTest *t)
{
  check_together (t, NULL, FALSE, TRUE);
}

static void
test_cancelled_first (GcoTest *t)
{
  check_together (t, do_cancel_and_release, FALSE, FALSE);
}

static void
test_granted_first (GcoTest *t)
{
  check_together (t, do_release_and_cancel, FALSE, FALSE);
}

/* ---------------------------------------------------------------- before, never */

/* Cancelled already: it does not even try, be the lock free or not. */
static void
test_before (GcoTest *t)
{
  for (gsize kind = 0; kind < G_N_ELEMENTS (kinds); kind++)
    {
      AnyLock lock = { 0 };
      AnyLock before;
      Actor  *a = actor_new (t, "A");
      Actor  *b = actor_new (t, "B");

      g_cancellable_cancel (b->cancellable);
      for (int held = 0; held < 2; held++)
        {
          if (held)
            actor_do (a, kinds[kind].hold, &lock);
          before = lock;
          actor_tell (b, kinds[kind].wait, &lock);
          gco_test_iterate (t);
          actor_assert_cancelled (b);
          g_assert_cmpmem (&lock, sizeof lock, &before, sizeof before);
        }
      if (kinds[kind].sharing != QUEUE)
        actor_do (a, kinds[kind].release, &lock);
      actors_end (a, b);
    }
}

/* Cancelled in vain, it can wait again, and gets the lock in its new place. */
static void
test_again (GcoTest *t)
{
  for (gsize kind = 0; kind < G_N_ELEMENTS (kinds); kind++)
    {
      Line line;

      line_up (t, &line, &kinds[kind], N_WAITERS - 1);
      for (int i = 0; i < 3; i++)
        {
          cancel (&line);
          gco_test_drain (t);
          actor_assert_cancelled (line.waiters[N_WAITERS - 1]);
          g_cancellable_reset (line.waiters[N_WAITERS - 1]->cancellable);
          actor_do (line.waiters[N_WAITERS - 1], kinds[kind].wait, &line.lock);
        }
      line_serve (&line, NOBODY);
      line_end (&line);
    }
}

/* Without a cancellable it is a wait like any other. */
static void
test_null (GcoTest *t)
{
  for (gsize kind = 0; kind < G_N_ELEMENTS (kinds); kind++)
    {
      AnyLock       lock = { 0 };
      Actor        *a = actor_new (t, "A");
      Actor        *b = actor_new (t, "B");
      GCancellable *saved = g_steal_pointer (&b->cancellable);

      actor_do (a, kinds[kind].hold, &lock);
      actor_do (b, kinds[kind].wait, &lock);
      assert_waits (b);
      actor_do (a, kinds[kind].release, &lock);
      actor_assert_succeeded (b);
      b->cancellable = saved;
      if (kinds[kind].sharing != QUEUE)
        actor_do (b, kinds[kind].release, &lock);
      actors_end (a, b);
    }
}

/* One cancellable for all, who leave in the order in which they came. */
static void
test_shared_cancellable (GcoTest *t)
{
  for (gsize kind = 0; kind < G_N_ELEMENTS (kinds); kind++)
    {
      AnyLock       lock = { 0 };
      Actor        *a = actor_new (t, "A");
      Actor        *b = actor_new (t, "B");
      Actor        *c = actor_new (t, "C");
      GCancellable *own = c->cancellable;

      c->cancellable = b->cancellable;
      actor_do (a, kinds[kind].hold, &lock);
      actor_do (b, kinds[kind].wait, &lock);
      actor_do (c, kinds[kind].wait, &lock);
      g_string_truncate (t->log, 0);
      g_cancellable_cancel (b->cancellable);
      gco_test_drain (t);
      gco_test_assert_log (t, "B C ");
      actor_assert_cancelled (b);
      actor_assert_cancelled (c);
      c->cancellable = own;
      if (kinds[kind].sharing != QUEUE)
        actor_do (a, kinds[kind].release, &lock);
      actors_end (a, b, c);
    }
}

/* ------------------------------------------------------------ other threads */

static void
test_waiter_elsewhere (GcoTest *t)
{
  GcoTestThread *thread = gco_test_thread_new (t);

  for (gsize kind = 0; kind < G_N_ELEMENTS (kinds); kind++)
    {
      AnyLock lock = { 0 };
      Actor  *a = actor_new (t, "A");
      Actor  *b = actor_new_in (t, thread, "B");
      Actor  *c = actor_new_in (t, thread, "C");

      actor_do (a, kinds[kind].hold, &lock);
      actor_do (b, kinds[kind].wait, &lock);
      actor_do (c, kinds[kind].wait, &lock);
      g_cancellable_cancel (b->cancellable);
      /* B may have left, or be about to: C gets it all the same */
      actor_do (a, kinds[kind].release, &lock);
      actor_settle (c);
      actor_assert_cancelled (b);
      actor_assert_succeeded (c);
      if (kinds[kind].sharing != QUEUE)
        actor_do (c, kinds[kind].release, &lock);
      actors_end (a, b, c);
    }
  gco_test_thread_stop (thread);
}

int
main (int   argc,
      char *argv[])
{
  gco_test_init (&argc, &argv);
  gco_test_add ("/lock-cancel/plainly", test_plainly);
  gco_test_add ("/lock-cancel/from-coroutine", test_from_coroutine);
  gco_test_add ("/lock-cancel/from-thread", test_from_thread);
  gco_test_add ("/lock-cancel/asleep", test_asleep);
  gco_test_add ("/lock-cancel/all", test_all);
  gco_test_add ("/lock-cancel/cancel-then-tell", test_cancel_then_tell);
  gco_test_add ("/lock-cancel/tell-then-cancel", test_tell_then_cancel);
  gco_test_add ("/lock-cancel/cancelled-first", test_cancelled_first);
  gco_test_add ("/lock-cancel/granted-first", test_granted_first);
  gco_test_add ("/lock-cancel/before", test_before);
  gco_test_add ("/lock-cancel/again", test_again);
  gco_test_add ("/lock-cancel/null", test_null);
  gco_test_add ("/lock-cancel/shared-cancellable", test_shared_cancellable);
  gco_test_add ("/lock-cancel/waiter-elsewhere", test_waiter_elsewhere);
  return g_test_run ();
}
