/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A wait for a permit that ends without one: in each place of the line, from
 * everywhere, and at the moment in which the permit is granted. */

#include "gco-test-semaphore.h"

#define N_WAITERS 4
#define DEADLINE 100

/* Four who wait; only the one at position has a deadline. */
typedef struct
{
  GcoTest     *t;
  GcoSemaphore semaphore;
  GcoClock    *clock;
  Actor       *waiters[N_WAITERS];
  Actor       *other;
  int          position;
} Line;

static void
line_up (Line    *line,
         GcoTest *t,
         ActorOp  op,
         int      position)
{
  static const char *const names[N_WAITERS] = { "W0", "W1", "W2", "W3" };

  g_test_message ("place %d", position);
  *line = (Line){ .t = t, .position = position };
  line->clock = gco_clock_new_manual ();
  line->other = actor_new (t, "other");
  gco_semaphore_init (&line->semaphore, 1);
  g_assert_true (gco_semaphore_tryacquire (&line->semaphore));
  for (int i = 0; i < N_WAITERS; i++)
    {
      line->waiters[i] = actor_new (t, names[i]);
      line->waiters[i]->clock = line->clock;
      line->waiters[i]->deadline_ns = i == position ? DEADLINE : G_MAXINT64;
      actor_do (line->waiters[i], op, &line->semaphore);
      assert_waits (line->waiters[i]);
    }
}

static Actor *
victim (Line *line)
{
  return line->waiters[line->position];
}

/* All but the victim get the permit in order, if @granted by now the first, and
 * then it is free. */
static void
line_serve (Line    *line,
            gboolean victim_has_it,
            gboolean granted)
{
  for (int i = 0; i < N_WAITERS; i++)
    {
      if (i == line->position && !victim_has_it)
        continue;
      if (!granted)
        gco_semaphore_release (&line->semaphore);
      granted = FALSE;
      gco_test_drain (line->t);
      actor_assert_succeeded (line->waiters[i]);
      for (int k = i + 1; k < N_WAITERS; k++)
        g_assert_true (k == line->position || line->waiters[k]->waits);
    }
  gco_semaphore_release (&line->semaphore);
  g_assert_cmpuint (gco_semaphore_get_n_free (&line->semaphore), ==, 1);
  g_assert_null (line->semaphore.head);
  g_assert_null (line->semaphore.tail);
  for (int i = 0; i < N_WAITERS; i++)
    actor_end (line->waiters[i]);
  actor_end (line->other);
  g_object_unref (line->clock);
}

/* --------------------------------------------------------------- from where */

static void
cancel (Line *line)
{
  g_cancellable_cancel (victim (line)->cancellable);
}

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
  actor_do (line->other, do_cancel, line);
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

static void
cancel_asleep (Line *line)
{
  GThread *thread = g_thread_new ("canceller", cancel_in_thread, line);

  while (victim (line)->waits)
    gco_test_iterate_blocking (line->t);
  g_thread_join (thread);
}

static void
on_cancelled (GCancellable *cancellable,
              Line         *line)
{
  cancel (line);
}

static void
cancel_from_handler (Line *line)
{
  GCancellable *other = line->other->cancellable;

  g_signal_connect (other, "cancelled", G_CALLBACK (on_cancelled), line);
  g_cancellable_cancel (other);
}

static void
check_cancel (GcoTest *t,
              void (*cancel_one) (Line *line))
{
  for (int position = 0; position < N_WAITERS; position++)
    for (int until = 0; until < 2; until++)
      {
        Line line;

        line_up (&line, t, until ? do_acquire_until : do_acquire_cancellable, position);
        cancel_one (&line);
        gco_test_drain (t);
        actor_assert_cancelled (victim (&line));
        for (int i = 0; i < N_WAITERS; i++)
          g_assert_true (line.waiters[i]->waits == (i != position));
        line_serve (&line, FALSE, FALSE);
      }
}

static void
test_plainly (GcoTest *t)
{
  check_cancel (t, cancel);
}

static void
test_from_coroutine (GcoTest *t)
{
  check_cancel (t, cancel_from_coroutine);
}

static void
test_from_thread (GcoTest *t)
{
  check_cancel (t, cancel_from_thread);
}

static void
test_asleep (GcoTest *t)
{
  check_cancel (t, cancel_asleep);
}

static void
test_from_handler (GcoTest *t)
{
  check_cancel (t, cancel_from_handler);
}

/* ------------------------------------------------------ together with the grant */

typedef enum
{
  CANCEL_FIRST,
  RELEASE_FIRST,
} Order;

static void
check_together (GcoTest *t,
                Order    order)
{
  for (int position = 0; position < N_WAITERS; position++)
    {
      gboolean victim_has_it = order == RELEASE_FIRST && position == 0;
      Line     line;

      line_up (&line, t, do_acquire_cancellable, position);
      if (order == CANCEL_FIRST)
        cancel (&line);
      gco_semaphore_release (&line.semaphore);
      if (order == RELEASE_FIRST)
        cancel (&line);
      g_assert_false (gco_semaphore_tryacquire (&line.semaphore));
      gco_test_drain (t);
      if (!victim_has_it)
        actor_assert_cancelled (victim (&line));
      line_serve (&line, victim_has_it, TRUE);
    }
}

static void
test_cancelled_first (GcoTest *t)
{
  check_together (t, CANCEL_FIRST);
}

static void
test_granted_first (GcoTest *t)
{
  check_together (t, RELEASE_FIRST);
}

/* The handler that releases runs before or after the one that ends the wait. */
static void
on_cancelled_release (GCancellable *cancellable,
                      Line         *line)
{
  gco_semaphore_release (&line->semaphore);
}

static void
test_granted_in_handler (GcoTest *t)
{
  Line line;

  line_up (&line, t, do_acquire_cancellable, 0);
  g_signal_connect (victim (&line)->cancellable,
                    "cancelled",
                    G_CALLBACK (on_cancelled_release),
                    &line);
  cancel (&line);
  gco_test_drain (t);
  actor_assert_cancelled (victim (&line));
  line_serve (&line, FALSE, TRUE);
}

/* -------------------------------------------------------------------- never, all */

/* Cancelled already: it does not even take a free permit. */
static void
test_before (GcoTest *t)
{
  GcoSemaphore semaphore;
  Actor       *a = actor_new (t, "A");

  gco_semaphore_init (&semaphore, 1);
  g_cancellable_cancel (a->cancellable);
  for (int held = 0; held < 2; held++)
    {
      actor_do (a, do_acquire_cancellable, &semaphore);
      actor_assert_cancelled (a);
      actor_do (a, do_acquire_until, &semaphore);
      actor_assert_cancelled (a);
      g_assert_cmpuint (gco_semaphore_get_n_free (&semaphore), ==, 1 - held);
      g_assert_null (semaphore.head);
      if (!held)
        g_assert_true (gco_semaphore_tryacquire (&semaphore));
    }
  actor_end (a);
}

/* Everybody goes, some before the release and some after it: it is free then. */
static void
test_permit_not_lost_on_drop (GcoTest *t)
{
  for (int n_before = 0; n_before <= N_WAITERS; n_before++)
    {
      Line line;

      line_up (&line, t, do_acquire_cancellable, 0);
      for (int i = 0; i < n_before; i++)
        g_cancellable_cancel (line.waiters[i]->cancellable);
      gco_semaphore_release (&line.semaphore);
      for (int i = n_before; i < N_WAITERS; i++)
        g_cancellable_cancel (line.waiters[i]->cancellable);
      gco_test_drain (t);
      for (int i = 0; i < N_WAITERS; i++)
        if (i == n_before)
          actor_assert_succeeded (line.waiters[i]);
        else
          actor_assert_cancelled (line.waiters[i]);
      if (n_before < N_WAITERS)
        gco_semaphore_release (&line.semaphore);
      g_assert_cmpuint (gco_semaphore_get_n_free (&line.semaphore), ==, 1);
      g_assert_true (gco_semaphore_tryacquire (&line.semaphore));
      for (int i = 0; i < N_WAITERS; i++)
        actor_end (line.waiters[i]);
      actor_end (line.other);
      g_object_unref (line.clock);
    }
}

/* ----------------------------------------------------------------- deadlines */

static void
test_deadline (GcoTest *t)
{
  for (int position = 0; position < N_WAITERS; position++)
    {
      Line line;

      line_up (&line, t, do_acquire_until, position);
      gco_clock_advance (line.clock, DEADLINE - 1);
      gco_test_drain (t);
      assert_waits (victim (&line));
      gco_clock_advance (line.clock, 1);
      gco_test_drain (t);
      actor_assert_timed_out (victim (&line));
      line_serve (&line, FALSE, FALSE);
    }
}

static void
release_oneshot (gpointer line)
{
  gco_semaphore_release (&((Line *) line)->semaphore);
}

/* What is ready goes before the timers of the same dispatch: granted in time. */
static void
test_deadline_and_grant (GcoTest *t)
{
  for (int position = 0; position < N_WAITERS; position++)
    {
      Line line;

      line_up (&line, t, do_acquire_until, position);
      gco_aio_context_schedule_oneshot (t->ctx, release_oneshot, &line, NULL);
      gco_clock_advance (line.clock, DEADLINE);
      gco_test_drain (t);
      if (position != 0)
        actor_assert_timed_out (victim (&line));
      line_serve (&line, position == 0, TRUE);
    }
}

static gboolean
do_nothing_but_release (Actor   *self,
                        gpointer line)
{
  release_oneshot (line);
  return TRUE;
}

static gboolean
do_sleep_then_release (Actor   *self,
                       gpointer data)
{
  Line *line = data;

  gco_sleep_ns (line->clock, DEADLINE);
  return do_nothing_but_release (self, data);
}

/* The timer of the releaser comes behind: the victim was ended before. */
static void
test_deadline_then_grant (GcoTest *t)
{
  for (int position = 0; position < N_WAITERS; position++)
    {
      Line line;

      line_up (&line, t, do_acquire_until, position);
      actor_do (line.other, do_sleep_then_release, &line);
      gco_clock_advance (line.clock, DEADLINE);
      gco_test_drain (t);
      actor_assert_timed_out (victim (&line));
      line_serve (&line, FALSE, TRUE);
    }
}

static void
test_deadline_and_cancel (GcoTest *t)
{
  for (int cancel_first = 0; cancel_first < 2; cancel_first++)
    {
      Line line;

      line_up (&line, t, do_acquire_until, 1);
      if (cancel_first)
        cancel (&line);
      gco_clock_advance (line.clock, DEADLINE);
      if (!cancel_first)
        {
          gco_test_drain (t);
          cancel (&line);
        }
      gco_test_drain (t);
      if (cancel_first)
        actor_assert_cancelled (victim (&line));
      else
        actor_assert_timed_out (victim (&line));
      line_serve (&line, FALSE, FALSE);
    }
}

/* Over before it began: a free permit is taken, but none waited for. */
static void
test_deadline_passed (GcoTest *t)
{
  static const gint64 times[] = { DEADLINE, DEADLINE - 1, 0, -1, G_MININT64 };
  g_autoptr (GcoClock) clock = gco_clock_new_manual ();
  GcoSemaphore semaphore;
  Actor       *a = actor_new (t, "A");

  gco_clock_advance (clock, DEADLINE);
  gco_semaphore_init (&semaphore, 1);
  a->clock = clock;
  for (gsize i = 0; i < G_N_ELEMENTS (times); i++)
    {
      a->deadline_ns = times[i];
      actor_do (a, do_acquire_until, &semaphore);
      actor_assert_succeeded (a);
      actor_do (a, do_acquire_until, &semaphore);
      actor_assert_timed_out (a);
      gco_semaphore_release (&semaphore);
      g_assert_cmpuint (gco_semaphore_get_n_free (&semaphore), ==, 1);
    }
  actor_end (a);
}

int
main (int   argc,
      char *argv[])
{
  gco_test_init (&argc, &argv);
  gco_test_add ("/semaphore/cancel-plainly", test_plainly);
  gco_test_add ("/semaphore/cancel-from-coroutine", test_from_coroutine);
  gco_test_add ("/semaphore/cancel-from-thread", test_from_thread);
  gco_test_add ("/semaphore/cancel-asleep", test_asleep);
  gco_test_add ("/semaphore/cancel-from-handler", test_from_handler);
  gco_test_add ("/semaphore/cancelled-first", test_cancelled_first);
  gco_test_add ("/semaphore/granted-first", test_granted_first);
  gco_test_add ("/semaphore/granted-in-handler", test_granted_in_handler);
  gco_test_add ("/semaphore/cancelled-before", test_before);
  gco_test_add ("/semaphore/permit-not-lost-on-drop", test_permit_not_lost_on_drop);
  gco_test_add ("/semaphore/deadline", test_deadline);
  gco_test_add ("/semaphore/deadline-and-grant", test_deadline_and_grant);
  gco_test_add ("/semaphore/deadline-then-grant", test_deadline_then_grant);
  gco_test_add ("/semaphore/deadline-and-cancel", test_deadline_and_cancel);
  gco_test_add ("/semaphore/deadline-passed", test_deadline_passed);
  return g_test_run ();
}
