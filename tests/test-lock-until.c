/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The deadline of a wait, for every lock alike: in each place of the line, by a
 * clock that the test turns, and at the moment in which the lock is granted or
 * the wait cancelled. */

#include "gco-test-line.h"

#define DEADLINE 100

static const Kind kinds[] = {
  { "mutex", EXCLUSIVE, do_lock, do_lock_until, do_unlock },
  { "rdlock", SHARED, do_wrlock, do_rdlock_until, do_rwunlock },
  { "wrlock", EXCLUSIVE, do_wrlock, do_wrlock_until, do_rwunlock },
  { "wrlock behind a reader", EXCLUSIVE, do_rdlock, do_wrlock_until, do_rwunlock },
  { "queue", QUEUE, do_nothing, do_wait_until, do_next },
};

/* The one at @position has time until DEADLINE, or with NOBODY everybody has. */
static void
line_up_until (GcoTest    *t,
               Line       *line,
               const Kind *kind,
               int         position,
               GcoClock   *clock,
               gboolean    cancellable)
{
  line_begin (t, line, kind, position);
  for (int i = 0; i < N_WAITERS; i++)
    {
      Actor   *waiter = line->waiters[i];
      gboolean has_deadline = position == NOBODY || position == i;

      waiter->clock = clock;
      waiter->deadline_ns = has_deadline ? DEADLINE : G_MAXINT64;
      if (!cancellable)
        g_clear_object (&waiter->cancellable);
    }
  line_wait (line);
}

static void
cancel (Line *line)
{
  g_cancellable_cancel (line->waiters[line->position]->cancellable);
}

static Actor *
victim (Line *line)
{
  return line->waiters[line->position];
}

typedef struct
{
  GcoTest  *t;
  GcoClock *clock; /* at 0, one for each */
  Line      line;
} Scene;

static void
for_each_place (GcoTest *t,
                gboolean cancellable,
                void (*before) (Scene *scene),
                void (*play) (Scene *scene))
{
  for (gsize kind = 0; kind < G_N_ELEMENTS (kinds); kind++)
    for (int position = 0; position < N_WAITERS; position++)
      {
        Scene scene = { .t = t, .clock = gco_clock_new_manual () };

        if (before != NULL)
          before (&scene);
        line_up_until (t, &scene.line, &kinds[kind], position, scene.clock, cancellable);
        play (&scene);
        line_end (&scene.line);
        g_object_unref (scene.clock);
      }
}

/* ------------------------------------------------------------ in each place */

static void
check_timed_out_alone (Scene *scene)
{
  Line *line = &scene->line;

  gco_test_drain (scene->t);
  actor_assert_timed_out (victim (line));
  for (int i = 0; i < N_WAITERS; i++)
    g_assert_true (line->waiters[i]->waits == (i != line->position));
  line_serve (line, line->position);
}

static void
play_plainly (Scene *scene)
{
  gco_clock_advance (scene->clock, DEADLINE - 1);
  gco_test_drain (scene->t);
  assert_waits (victim (&scene->line));
  gco_clock_advance (scene->clock, 1);
  assert_waits (victim (&scene->line));
  check_timed_out_alone (scene);
}

static gpointer
advance_in_thread (gpointer clock)
{
  gco_clock_advance (clock, DEADLINE);
  return NULL;
}

/* The loop may sleep: it is woken by nothing else. */
static void
play_asleep (Scene *scene)
{
  GThread *thread = g_thread_new ("clock", advance_in_thread, scene->clock);

  while (victim (&scene->line)->waits)
    gco_test_iterate_blocking (scene->t);
  g_thread_join (thread);
  check_timed_out_alone (scene);
}

static void
test_plainly (GcoTest *t)
{
  for_each_place (t, TRUE, NULL, play_plainly);
  for_each_place (t, FALSE, NULL, play_plainly);
}

static void
test_advanced_by_thread (GcoTest *t)
{
  for_each_place (t, TRUE, NULL, play_asleep);
  for_each_place (t, FALSE, NULL, play_asleep);
}

static void
test_all (GcoTest *t)
{
  static const AnyLock unused;

  for (gsize kind = 0; kind < G_N_ELEMENTS (kinds); kind++)
    {
      g_autoptr (GcoClock) clock = gco_clock_new_manual ();
      Line line;

      line_up_until (t, &line, &kinds[kind], NOBODY, clock, kind % 2);
      g_string_truncate (t->log, 0);
      gco_clock_advance (clock, DEADLINE);
      gco_test_drain (t);
      gco_test_assert_log (t, "W0 W1 W2 W3 ");
      for (int i = 0; i < N_WAITERS; i++)
        actor_assert_timed_out (line.waiters[i]);
      actor_do (line.holder, kinds[kind].release, &line.lock);
      g_assert_cmpmem (&line.lock, sizeof line.lock, &unused, sizeof unused);
      line_end (&line);
    }
}

/* Nothing of a deadline is left behind when the lock is granted before it. */
static void
test_granted_before (GcoTest *t)
{
  for (gsize kind = 0; kind < G_N_ELEMENTS (kinds); kind++)
    {
      g_autoptr (GcoClock) clock = gco_clock_new_manual ();
      Line line;

      line_up_until (t, &line, &kinds[kind], NOBODY, clock, kind % 2);
      gco_clock_advance (clock, DEADLINE - 1);
      line_serve (&line, NOBODY);
      gco_clock_advance (clock, 1);
      g_string_truncate (t->log, 0);
      gco_test_drain (t);
      gco_test_assert_log (t, "");
      line_end (&line);
    }
}

/* ------------------------------------------------------ together with the grant */

/* In the dispatch in which the deadline passes, before and after it. */
typedef struct
{
  GcoTimer *timer;
  void (*func) (Scene *scene);
  gboolean ran;
} Event;

static Event event;

static void
on_event (gpointer scene)
{
  event.ran = TRUE;
  event.func (scene);
}

static void
event_arm (Scene *scene)
{
  event.ran = FALSE;
  event.timer = gco_timer_new (scene->t->ctx, scene->clock, on_event, scene, NULL);
  gco_timer_mod_ns (event.timer, DEADLINE);
}

static void
event_end (void)
{
  g_assert_true (event.ran);
  gco_timer_free (event.timer);
}

static void
tell_release (Scene *scene)
{
  Line *line = &scene->line;

  actor_tell (line->holder, line->kind->release, &line->lock);
}

/* Who gives up does not take the wake along: the next has it by now. */
static void
check_passed_on (Scene *scene)
{
  Line *line = &scene->line;

  actor_assert_timed_out (victim (line));
  assert_done (line->waiters[line->position == 0 ? 1 : 0]);
  line_serve (line, line->position);
}

static void
play_event_before (Scene *scene)
{
  gco_clock_advance (scene->clock, DEADLINE);
  gco_test_drain (scene->t);
  event_end ();
  check_passed_on (scene);
}

static void
play_event_after (Scene *scene)
{
  event_arm (scene);
  play_event_before (scene);
}

/* The holder is ready when the deadline passes, and meets one who has not left. */
static void
test_released_before_it_left (GcoTest *t)
{
  event.func = tell_release;
  for_each_place (t, TRUE, event_arm, play_event_before);
  for_each_place (t, FALSE, event_arm, play_event_before);
}

static void
test_released_after_it_left (GcoTest *t)
{
  event.func = tell_release;
  for_each_place (t, TRUE, NULL, play_event_after);
  for_each_place (t, FALSE, NULL, play_event_after);
}

/* What is ready comes before what is due: who was granted it has it. */
static void
play_granted_first (Scene *scene)
{
  Line    *line = &scene->line;
  gboolean has_it = line->position == 0 || line->kind->sharing == SHARED;

  tell_release (scene);
  gco_clock_advance (scene->clock, DEADLINE);
  gco_test_drain (scene->t);
  if (has_it)
    actor_assert_succeeded (victim (line));
  else
    actor_assert_timed_out (victim (line));
  line_serve (line, has_it ? NOBODY : line->position);
}

static void
test_granted_first (GcoTest *t)
{
  for_each_place (t, TRUE, NULL, play_granted_first);
  for_each_place (t, FALSE, NULL, play_granted_first);
}

/* ------------------------------------------------------------- and the cancel */

static void
cancel_victim (Scene *scene)
{
  cancel (&scene->line);
}

static void
check_cancelled_alone (Scene *scene)
{
  Line *line = &scene->line;

  actor_assert_cancelled (victim (line));
  line_serve (line, line->position);
  /* its deadline went with it */
  gco_clock_advance (scene->clock, DEADLINE);
  g_string_truncate (scene->t->log, 0);
  gco_test_drain (scene->t);
  gco_test_assert_log (scene->t, "");
}

static void
play_cancelled_first (Scene *scene)
{
  gco_clock_advance (scene->clock, DEADLINE);
  gco_test_drain (scene->t);
  event_end ();
  check_cancelled_alone (scene);
}

static void
play_cancelled_after (Scene *scene)
{
  event_arm (scene);
  gco_clock_advance (scene->clock, DEADLINE);
  gco_test_drain (scene->t);
  event_end ();
  check_timed_out_alone (scene);
}

static void
test_cancelled_first (GcoTest *t)
{
  event.func = cancel_victim;
  for_each_place (t, TRUE, event_arm, play_cancelled_first);
}

static void
test_cancelled_after (GcoTest *t)
{
  event.func = cancel_victim;
  for_each_place (t, TRUE, NULL, play_cancelled_after);
}

static gpointer
cancel_in_thread (gpointer scene)
{
  cancel_victim (scene);
  return NULL;
}

static void
play_cancelled_by_thread (Scene *scene)
{
  GThread *thread = g_thread_new ("canceller", cancel_in_thread, scene);

  while (victim (&scene->line)->waits)
    gco_test_iterate_blocking (scene->t);
  g_thread_join (thread);
  check_cancelled_alone (scene);
}

static void
test_cancelled_by_thread (GcoTest *t)
{
  for_each_place (t, TRUE, NULL, play_cancelled_by_thread);
}

static void
on_other_cancelled (GCancellable *other,
                    Scene        *scene)
{
  cancel_victim (scene);
}

static void
play_cancelled_in_handler (Scene *scene)
{
  g_autoptr (GCancellable) other = g_cancellable_new ();

  g_signal_connect (other, "cancelled", G_CALLBACK (on_other_cancelled), scene);
  g_cancellable_cancel (other);
  assert_waits (victim (&scene->line));
  gco_test_drain (scene->t);
  check_cancelled_alone (scene);
}

static void
test_cancelled_in_handler (GcoTest *t)
{
  for_each_place (t, TRUE, NULL, play_cancelled_in_handler);
}

static void
on_cancelled (GCancellable *cancellable,
              Scene        *scene)
{
  gco_clock_advance (scene->clock, DEADLINE);
  gco_test_drain (scene->t);
  assert_done (victim (&scene->line));
}

/* Its handler has run when the deadline passes, and it leaves within the emission. */
static void
play_iterated_in_handler (Scene *scene)
{
  g_signal_connect (victim (&scene->line)->cancellable,
                    "cancelled",
                    G_CALLBACK (on_cancelled),
                    scene);
  cancel_victim (scene);
  check_cancelled_alone (scene);
}

static void
test_iterated_in_handler (GcoTest *t)
{
  for_each_place (t, TRUE, NULL, play_iterated_in_handler);
}

int
main (int   argc,
      char *argv[])
{
  gco_test_init (&argc, &argv);
  gco_test_add ("/lock-until/plainly", test_plainly);
  gco_test_add ("/lock-until/advanced-by-thread", test_advanced_by_thread);
  gco_test_add ("/lock-until/all", test_all);
  gco_test_add ("/lock-until/granted-before", test_granted_before);
  gco_test_add ("/lock-until/released-before-it-left", test_released_before_it_left);
  gco_test_add ("/lock-until/released-after-it-left", test_released_after_it_left);
  gco_test_add ("/lock-until/granted-first", test_granted_first);
  gco_test_add ("/lock-until/cancelled-first", test_cancelled_first);
  gco_test_add ("/lock-until/cancelled-after", test_cancelled_after);
  gco_test_add ("/lock-until/cancelled-by-thread", test_cancelled_by_thread);
  gco_test_add ("/lock-until/cancelled-in-handler", test_cancelled_in_handler);
  gco_test_add ("/lock-until/iterated-in-handler", test_iterated_in_handler);
  return g_test_run ();
}
