/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Deadlines of the waits that are not for a lock: a queue, which has its mutex
 * taken again however the wait ends, and sleeps. */

#include "gco-test-actor.h"

#define DEADLINE 100

typedef struct
{
  GcoTest  *t;
  GcoClock *clock; /* at 0 */
  GcoMutex  mutex;
  GcoQueue  queue;
  Actor    *a; /* waits until DEADLINE, with the mutex */
  Actor    *b;
} Scene;

static void
scene_begin (Scene   *scene,
             GcoTest *t)
{
  *scene = (Scene){ .t = t, .clock = gco_clock_new_manual () };
  scene->a = actor_new (t, "A");
  scene->b = actor_new (t, "B");
  scene->a->clock = scene->clock;
  scene->a->deadline_ns = DEADLINE;
  scene->a->data = &scene->mutex;
}

static void
scene_end (Scene *scene)
{
  static const GcoMutex unlocked;
  static const GcoQueue empty;

  g_assert_cmpmem (&scene->mutex, sizeof unlocked, &unlocked, sizeof unlocked);
  g_assert_cmpmem (&scene->queue, sizeof empty, &empty, sizeof empty);
  actors_end (scene->a, scene->b);
  g_object_unref (scene->clock);
}

static void
pass (Scene *scene)
{
  gco_clock_advance (scene->clock, DEADLINE);
  gco_test_drain (scene->t);
}

/* --------------------------------------------------------------- the mutex */

static void
end_granted (Scene *scene)
{
  g_assert_true (gco_queue_next (&scene->queue));
  gco_clock_advance (scene->clock, DEADLINE);
}

static void
end_timed_out (Scene *scene)
{
  gco_clock_advance (scene->clock, DEADLINE);
}

static void
end_cancelled (Scene *scene)
{
  g_cancellable_cancel (scene->a->cancellable);
  gco_clock_advance (scene->clock, DEADLINE);
}

static const struct
{
  void (*end) (Scene *scene);
  void (*check) (Actor *actor);
} ends[] = {
  { end_granted, actor_assert_succeeded },
  { end_timed_out, actor_assert_timed_out },
  { end_cancelled, actor_assert_cancelled },
};

/* However it ends, A holds the mutex then. */
static void
test_retaken (GcoTest *t)
{
  for (gsize i = 0; i < G_N_ELEMENTS (ends); i++)
    {
      Scene scene;

      scene_begin (&scene, t);
      actor_do (scene.a, do_lock, &scene.mutex);
      actor_do (scene.a, do_wait_until, &scene.queue);
      assert_waits (scene.a);
      actor_do (scene.b, do_trylock, &scene.mutex);
      g_assert_true (scene.b->result);
      actor_do (scene.b, do_unlock, &scene.mutex);
      ends[i].end (&scene);
      gco_test_drain (t);
      ends[i].check (scene.a);
      actor_do (scene.b, do_trylock, &scene.mutex);
      g_assert_false (scene.b->result);
      actor_do (scene.a, do_unlock, &scene.mutex);
      scene_end (&scene);
    }
}

/* While another holds the mutex it goes on waiting, which no deadline ends. */
static void
test_retaken_late (GcoTest *t)
{
  for (gsize i = 0; i < G_N_ELEMENTS (ends); i++)
    {
      Scene scene;

      scene_begin (&scene, t);
      actor_do (scene.a, do_lock, &scene.mutex);
      actor_do (scene.a, do_wait_until, &scene.queue);
      actor_do (scene.b, do_lock, &scene.mutex);
      ends[i].end (&scene);
      pass (&scene);
      assert_waits (scene.a);
      g_assert_true (gco_queue_is_empty (&scene.queue));
      actor_do (scene.b, do_unlock, &scene.mutex);
      ends[i].check (scene.a);
      actor_do (scene.a, do_unlock, &scene.mutex);
      scene_end (&scene);
    }
}

/* Who is cancelled already keeps it; who is too late lets others have it first. */
static void
test_before (GcoTest *t)
{
  Scene scene;

  scene_begin (&scene, t);
  scene.a->deadline_ns = -1;
  actor_do (scene.a, do_lock, &scene.mutex);
  actor_tell (scene.b, do_lock, &scene.mutex);
  actor_do (scene.a, do_wait_until, &scene.queue);
  actor_assert_succeeded (scene.b);
  assert_waits (scene.a);
  actor_do (scene.b, do_unlock, &scene.mutex);
  actor_assert_timed_out (scene.a);

  g_cancellable_cancel (scene.a->cancellable);
  actor_tell (scene.b, do_lock, &scene.mutex);
  actor_do (scene.a, do_wait_until, &scene.queue);
  actor_assert_cancelled (scene.a);
  assert_waits (scene.b);
  actor_do (scene.a, do_unlock, &scene.mutex);
  actor_do (scene.b, do_unlock, &scene.mutex);
  scene_end (&scene);
}

static gboolean
do_wait_full_until (Actor   *self,
                    gpointer queue)
{
  return gco_queue_wait_full_until (queue,
                                    GCO_LOCKABLE ((GcoMutex *) self->data),
                                    GCO_QUEUE_WAIT_INSERT_HEAD,
                                    self->clock,
                                    self->deadline_ns,
                                    self->cancellable,
                                    &self->error);
}

/* In front of the others, while there is time. */
static void
test_insert_head (GcoTest *t)
{
  for (int late = 0; late < 2; late++)
    {
      Scene scene;

      scene_begin (&scene, t);
      actor_do (scene.b, do_wait, &scene.queue);
      actor_do (scene.a, do_lock, &scene.mutex);
      actor_do (scene.a, do_wait_full_until, &scene.queue);
      gco_clock_advance (scene.clock, late ? DEADLINE : DEADLINE - 1);
      if (late)
        gco_test_drain (t);
      g_assert_true (gco_queue_next (&scene.queue));
      gco_test_drain (t);
      if (late)
        actor_assert_timed_out (scene.a);
      else
        actor_assert_succeeded (scene.a);
      g_assert_true (scene.b->waits == !late);
      g_assert_true (gco_queue_next (&scene.queue) == !late);
      gco_test_drain (t);
      assert_done (scene.b);
      actor_do (scene.a, do_unlock, &scene.mutex);
      scene_end (&scene);
    }
}

static gpointer
pick_in_thread (gpointer queue)
{
  while (!gco_queue_next (queue))
    g_thread_yield ();
  return NULL;
}

/* Another thread picks one of two, when the first is about to be late: it is the
 * first or the second, and never nobody. */
static void
test_picked_by_thread (GcoTest *t)
{
  for (int i = 0; i < 200; i++)
    {
      Scene    scene;
      GThread *thread;

      scene_begin (&scene, t);
      actor_do (scene.a, do_lock, &scene.mutex);
      actor_do (scene.a, do_wait_until, &scene.queue);
      actor_do (scene.b, do_wait, &scene.queue);
      thread = g_thread_new ("picker", pick_in_thread, &scene.queue);
      gco_clock_advance (scene.clock, DEADLINE);
      while (scene.a->waits)
        gco_test_iterate_blocking (t);
      g_thread_join (thread);
      gco_test_drain (t);
      if (scene.a->error != NULL)
        {
          actor_assert_timed_out (scene.a);
          assert_done (scene.b);
        }
      else
        {
          assert_waits (scene.b);
          g_assert_true (gco_queue_next (&scene.queue));
          gco_test_drain (t);
        }
      actor_do (scene.a, do_unlock, &scene.mutex);
      scene_end (&scene);
    }
}

/* ------------------------------------------------------------------- sleeps */

static gboolean
do_sleep_until (Actor   *self,
                gpointer unused)
{
  return gco_sleep_until (self->clock,
                          self->deadline_ns,
                          self->cancellable,
                          &self->error);
}

static gboolean
do_sleep_wait_until (Actor   *self,
                     gpointer sleep)
{
  return gco_sleep_wait_until (sleep,
                               self->clock,
                               self->deadline_ns,
                               self->cancellable,
                               &self->error);
}

static void
test_sleep (GcoTest *t)
{
  Scene scene;

  scene_begin (&scene, t);
  for (int i = 1; i <= 2; i++)
    {
      scene.a->deadline_ns = i * DEADLINE;
      actor_do (scene.a, do_sleep_until, NULL);
      gco_clock_advance (scene.clock, DEADLINE - 1);
      gco_test_drain (t);
      assert_waits (scene.a);
      gco_clock_advance (scene.clock, 1);
      gco_test_drain (t);
      actor_assert_succeeded (scene.a);
      g_clear_object (&scene.a->cancellable);
    }
  scene_end (&scene);
}

static void
log_dot (gpointer t)
{
  gco_test_log (t, ". ");
}

static gboolean
do_sleep_not_at_all (Actor   *self,
                     gpointer unused)
{
  gco_aio_context_schedule_oneshot (self->t->ctx, log_dot, self->t, NULL);
  return do_sleep_until (self, unused);
}

static void
test_sleep_past (GcoTest *t)
{
  static const gint64 past[] = { DEADLINE, DEADLINE - 1, 0, -1, G_MININT64 };
  Scene               scene;

  scene_begin (&scene, t);
  pass (&scene);
  for (gsize i = 0; i < G_N_ELEMENTS (past); i++)
    {
      scene.a->deadline_ns = past[i];
      actor_do (scene.a, do_sleep_not_at_all, NULL);
      actor_assert_succeeded (scene.a);
      gco_test_assert_log (t, ". A ");
    }
  g_cancellable_cancel (scene.a->cancellable);
  actor_do (scene.a, do_sleep_until, NULL);
  actor_assert_cancelled (scene.a);
  scene_end (&scene);
}

static void
test_sleep_never (GcoTest *t)
{
  Scene scene;

  scene_begin (&scene, t);
  scene.a->deadline_ns = G_MAXINT64;
  actor_do (scene.a, do_sleep_until, NULL);
  gco_clock_advance (scene.clock, G_MAXINT64);
  gco_test_drain (t);
  assert_waits (scene.a);
  g_cancellable_cancel (scene.a->cancellable);
  gco_test_drain (t);
  actor_assert_cancelled (scene.a);
  scene_end (&scene);
}

static void
test_sleep_wait (GcoTest *t)
{
  GcoSleep sleep = { 0 };
  Scene    scene;

  scene_begin (&scene, t);
  actor_do (scene.a, do_sleep_wait_until, &sleep);
  pass (&scene);
  actor_assert_timed_out (scene.a);
  /* the wake is left to the next, who has it though it is late */
  gco_sleep_wake (&sleep);
  actor_do (scene.a, do_sleep_wait_until, &sleep);
  actor_assert_succeeded (scene.a);
  actor_do (scene.a, do_sleep_wait_until, &sleep);
  actor_assert_timed_out (scene.a);

  scene.a->deadline_ns = 2 * DEADLINE;
  actor_do (scene.a, do_sleep_wait_until, &sleep);
  assert_waits (scene.a);
  gco_sleep_wake (&sleep);
  pass (&scene);
  actor_assert_succeeded (scene.a);

  scene.a->deadline_ns = 3 * DEADLINE;
  actor_do (scene.a, do_sleep_wait_until, &sleep);
  g_cancellable_cancel (scene.a->cancellable);
  pass (&scene);
  actor_assert_cancelled (scene.a);
  scene_end (&scene);
}

static gboolean
do_wake (Actor   *self,
         gpointer sleep)
{
  gco_sleep_wake (sleep);
  return TRUE;
}

typedef struct
{
  Actor    *waker;
  GcoSleep *sleep;
} Wake;

static void
on_due (gpointer user_data)
{
  Wake *wake = user_data;

  actor_tell (wake->waker, do_wake, wake->sleep);
}

/* Woken after the deadline and before it has left, it leaves the wake. */
static void
test_sleep_wait_together (GcoTest *t)
{
  GcoSleep  sleep = { 0 };
  Scene     scene;
  Wake      wake;
  GcoTimer *timer;

  scene_begin (&scene, t);
  wake = (Wake){ scene.b, &sleep };
  timer = gco_timer_new (t->ctx, scene.clock, on_due, &wake, NULL);
  gco_timer_mod_ns (timer, DEADLINE);
  actor_do (scene.a, do_sleep_wait_until, &sleep);
  pass (&scene);
  actor_assert_timed_out (scene.a);
  assert_done (scene.b);
  actor_do (scene.a, do_sleep_wait_until, &sleep);
  actor_assert_succeeded (scene.a);
  gco_timer_free (timer);
  scene_end (&scene);
}

int
main (int   argc,
      char *argv[])
{
  gco_test_init (&argc, &argv);
  gco_test_add ("/queue-until/retaken", test_retaken);
  gco_test_add ("/queue-until/retaken-late", test_retaken_late);
  gco_test_add ("/queue-until/before", test_before);
  gco_test_add ("/queue-until/insert-head", test_insert_head);
  gco_test_add ("/queue-until/picked-by-thread", test_picked_by_thread);
  gco_test_add ("/sleep-until/plainly", test_sleep);
  gco_test_add ("/sleep-until/past", test_sleep_past);
  gco_test_add ("/sleep-until/never", test_sleep_never);
  gco_test_add ("/sleep-until/wait", test_sleep_wait);
  gco_test_add ("/sleep-until/wait-together", test_sleep_wait_together);
  return g_test_run ();
}
