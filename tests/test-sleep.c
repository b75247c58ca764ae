/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Sleeps: by a clock that the test turns, and ended early by others. */

#include "gco-test-actor.h"

#include <string.h>

static void
test_size (void)
{
  g_assert_cmpuint (sizeof (GcoSleep), ==, 4 * sizeof (gpointer));
}

typedef struct
{
  GcoClock *clock;
  gint64    ns;
} Nap;

/* actor->data: a Nap */
static gboolean
do_sleep (Actor   *self,
          gpointer unused)
{
  Nap *nap = self->data;

  gco_sleep_ns (nap->clock, nap->ns);
  return TRUE;
}

static gboolean
do_sleep_cancellable (Actor   *self,
                      gpointer unused)
{
  Nap *nap = self->data;

  return gco_sleep_ns_cancellable (nap->clock,
                                   nap->ns,
                                   self->cancellable,
                                   &self->error);
}

static gboolean
do_sleep_in (Actor   *self,
             gpointer sleep)
{
  Nap *nap = self->data;

  return gco_sleep_wait_ns (sleep, nap->clock, nap->ns);
}

static gboolean
do_sleep_in_cancellable (Actor   *self,
                         gpointer sleep)
{
  Nap *nap = self->data;

  return gco_sleep_wait_ns_cancellable (sleep,
                                        nap->clock,
                                        nap->ns,
                                        self->cancellable,
                                        &self->error);
}

static void
advance (GcoTest  *t,
         GcoClock *clock,
         gint64    ns)
{
  gco_clock_advance (clock, ns);
  gco_test_drain (t);
}

/* -------------------------------------------------------------------- plain */

static void
test_manual_clock (GcoTest *t)
{
  g_autoptr (GcoClock) clock = gco_clock_new_manual ();
  Nap    nap = { clock, 100 };
  Actor *a = actor_new (t, "A");

  a->data = &nap;
  for (int i = 0; i < 2; i++)
    {
      actor_do (a, i == 0 ? do_sleep : do_sleep_cancellable, NULL);
      assert_waits (a);
      advance (t, clock, 99);
      assert_waits (a);
      advance (t, clock, 1);
      actor_assert_succeeded (a);
    }
  actor_end (a);
}

static void
test_order (GcoTest *t)
{
  g_autoptr (GcoClock) clock = gco_clock_new_manual ();
  Nap    naps[4] = { { clock, 2 }, { clock, 1 }, { clock, 2 }, { clock, 1 } };
  Actor *a = actor_new (t, "A");
  Actor *b = actor_new (t, "B");
  Actor *c = actor_new (t, "C");
  Actor *d = actor_new (t, "D");

  a->data = &naps[0];
  b->data = &naps[1];
  c->data = &naps[2];
  d->data = &naps[3];
  actor_do (a, do_sleep, NULL);
  actor_do (b, do_sleep, NULL);
  actor_do (c, do_sleep, NULL);
  actor_do (d, do_sleep, NULL);
  advance (t, clock, 1);
  gco_test_assert_log (t, "B D ");
  /* a second for the same time stands behind */
  actor_do (b, do_sleep, NULL);
  advance (t, clock, 1);
  gco_test_assert_log (t, "A C B ");
  actors_end (a, b, c, d);
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
  return do_sleep (self, unused);
}

/* No time at all, and less: the others run, then it goes on. */
static void
test_zero_and_negative (GcoTest *t)
{
  g_autoptr (GcoClock) clock = gco_clock_new_manual ();
  Nap    naps[] = { { clock, 0 }, { clock, -1 }, { clock, G_MININT64 }, { NULL, 0 } };
  Actor *a = actor_new (t, "A");

  for (gsize i = 0; i < G_N_ELEMENTS (naps); i++)
    {
      a->data = &naps[i];
      actor_tell (a, do_sleep_not_at_all, NULL);
      while (a->waits)
        gco_test_iterate_blocking (t);
      gco_test_assert_log (t, ". A ");
    }
  actor_end (a);
}

/* The clock would have to pass the end of time. */
static void
test_for_ever (GcoTest *t)
{
  g_autoptr (GcoClock) clock = gco_clock_new_manual ();
  Nap    nap = { clock, G_MAXINT64 };
  Actor *a = actor_new (t, "A");

  a->data = &nap;
  advance (t, clock, 5);
  actor_do (a, do_sleep_cancellable, NULL);
  advance (t, clock, G_MAXINT64 - 6);
  assert_waits (a);
  g_cancellable_cancel (a->cancellable);
  gco_test_drain (t);
  actor_assert_cancelled (a);
  actor_end (a);
}

static void
test_real_clocks (GcoTest *t)
{
  GcoClock *clocks[] = { NULL, gco_clock_get_monotonic (), gco_clock_get_realtime () };
  Actor    *a = actor_new (t, "A");

  for (gsize i = 0; i < G_N_ELEMENTS (clocks); i++)
    {
      Nap    nap = { clocks[i], 2000000 };
      gint64 start = gco_clock_get_time_ns (NULL);

      a->data = &nap;
      actor_tell (a, do_sleep, NULL);
      while (a->waits)
        gco_test_iterate_blocking (t);
      /* the clock on the wall may have been set meanwhile */
      if (i < 2)
        g_assert_cmpint (gco_clock_get_time_ns (NULL) - start, >=, nap.ns);
    }
  actor_end (a);
}

/* ----------------------------------------------------------------- GcoSleep */

static void
test_time_out (GcoTest *t)
{
  g_autoptr (GcoClock) clock = gco_clock_new_manual ();
  GcoSleep sleep = { 0 };
  Nap      nap = { clock, 100 };
  Actor   *a = actor_new (t, "A");

  a->data = &nap;
  actor_do (a, do_sleep_in, &sleep);
  advance (t, clock, 99);
  assert_waits (a);
  advance (t, clock, 1);
  assert_done (a);
  g_assert_false (a->result);

  actor_do (a, do_sleep_in_cancellable, &sleep);
  advance (t, clock, 100);
  assert_done (a);
  g_assert_false (a->result);
  g_assert_no_error (a->error);
  actor_end (a);
}

static void
test_woken (GcoTest *t)
{
  g_autoptr (GcoClock) clock = gco_clock_new_manual ();
  GcoSleep sleep = { 0 };
  Nap      nap = { clock, 100 };
  Nap      for_ever = { clock, -1 };
  Actor   *a = actor_new (t, "A");

  a->data = &nap;
  actor_do (a, do_sleep_in, &sleep);
  gco_sleep_wake (&sleep);
  /* not in the waker */
  assert_waits (a);
  gco_test_drain (t);
  actor_assert_succeeded (a);

  /* its timer went with it */
  actor_do (a, do_sleep_in, &sleep);
  advance (t, clock, 99);
  gco_sleep_wake (&sleep);
  advance (t, clock, 1);
  actor_assert_succeeded (a);

  a->data = &for_ever;
  actor_do (a, do_sleep_in_cancellable, &sleep);
  advance (t, clock, G_MAXINT64 / 2);
  assert_waits (a);
  gco_sleep_wake (&sleep);
  gco_test_drain (t);
  actor_assert_succeeded (a);
  actor_end (a);
}

/* A wake that comes before the sleep is kept, once. */
static void
test_sticky (GcoTest *t)
{
  g_autoptr (GcoClock) clock = gco_clock_new_manual ();
  GcoSleep sleep = { 0 };
  Nap      nap = { clock, 100 };
  Actor   *a = actor_new (t, "A");

  a->data = &nap;
  gco_sleep_wake (&sleep);
  gco_sleep_wake (&sleep);
  actor_do (a, do_sleep_in, &sleep);
  actor_assert_succeeded (a);
  actor_do (a, do_sleep_in, &sleep);
  assert_waits (a);

  /* the second of two is for the next sleep */
  gco_sleep_wake (&sleep);
  gco_sleep_wake (&sleep);
  gco_test_drain (t);
  actor_assert_succeeded (a);
  actor_do (a, do_sleep_in_cancellable, &sleep);
  actor_assert_succeeded (a);

  gco_sleep_wake (&sleep);
  gco_sleep_init (&sleep);
  actor_do (a, do_sleep_in, &sleep);
  assert_waits (a);
  advance (t, clock, 100);
  g_assert_false (a->result);
  actor_end (a);
}

typedef struct
{
  GcoSleep *sleep;
  GcoClock *clock;
} WakeData;

static void
wake_in_time (gpointer user_data)
{
  WakeData *data = user_data;

  /* due from now on, but in a later look at the timers than this */
  gco_clock_advance (data->clock, 100);
  gco_sleep_wake (data->sleep);
}

/* Woken or over, never both: the time that is over leaves the wake to the next
 * sleep, and the wake that was in time is all there is. */
static void
test_wake_when_over (GcoTest *t)
{
  g_autoptr (GcoClock) clock = gco_clock_new_manual ();
  GcoSleep sleep = { 0 };
  Nap      nap = { clock, 100 };
  Actor   *a = actor_new (t, "A");
  WakeData data = { &sleep, clock };

  a->data = &nap;
  actor_do (a, do_sleep_in, &sleep);
  gco_aio_context_schedule_oneshot (t->ctx, wake_in_time, &data, NULL);
  gco_test_drain (t);
  actor_assert_succeeded (a);
  actor_do (a, do_sleep_in, &sleep);
  assert_waits (a);

  advance (t, clock, 100);
  assert_done (a);
  g_assert_false (a->result);
  gco_sleep_wake (&sleep);
  actor_do (a, do_sleep_in, &sleep);
  actor_assert_succeeded (a);
  actor_end (a);
}

static gboolean
do_wake (Actor   *self,
         gpointer sleep)
{
  gco_sleep_wake (sleep);
  gco_test_log (self->t, "woken ");
  return TRUE;
}

static void
test_woken_by_coroutine (GcoTest *t)
{
  GcoSleep sleep = { 0 };
  Nap      nap = { NULL, -1 };
  Actor   *a = actor_new (t, "A");
  Actor   *b = actor_new (t, "B");

  a->data = &nap;
  actor_do (a, do_sleep_in, &sleep);
  actor_do (b, do_wake, &sleep);
  gco_test_assert_log (t, "woken B A ");
  actors_end (a, b);
}

static gpointer
wake_in_thread (gpointer sleep)
{
  gco_sleep_wake (sleep);
  return NULL;
}

/* Before the sleep or in it, as the threads run. */
static void
test_woken_by_thread (GcoTest *t)
{
  GcoSleep sleep = { 0 };
  Nap      nap = { NULL, -1 };
  Actor   *a = actor_new (t, "A");

  a->data = &nap;
  for (int i = 0; i < 200; i++)
    {
      GThread *thread = g_thread_new ("waker", wake_in_thread, &sleep);

      actor_tell (a, do_sleep_in, &sleep);
      while (a->waits)
        gco_test_iterate_blocking (t);
      g_assert_true (a->result);
      g_thread_join (thread);
    }
  actor_end (a);
}

/* ---------------------------------------------------------------- cancelled */

static void
test_cancelled (GcoTest *t)
{
  g_autoptr (GcoClock) clock = gco_clock_new_manual ();
  GcoSleep sleep = { 0 };
  Nap      nap = { clock, 100 };
  ActorOp  sleeps[] = { do_sleep_cancellable, do_sleep_in_cancellable };

  for (gsize i = 0; i < G_N_ELEMENTS (sleeps); i++)
    {
      Actor *a = actor_new (t, "A");

      a->data = &nap;
      actor_do (a, sleeps[i], &sleep);
      g_cancellable_cancel (a->cancellable);
      assert_waits (a);
      gco_test_drain (t);
      actor_assert_cancelled (a);
      /* before the sleep it is no different */
      actor_do (a, sleeps[i], &sleep);
      actor_assert_cancelled (a);
      /* neither is left in the clock or in the sleep */
      advance (t, clock, 1000);
      g_cancellable_reset (a->cancellable);
      actor_do (a, sleeps[i], &sleep);
      assert_waits (a);
      advance (t, clock, 100);
      assert_done (a);
      g_assert_no_error (a->error);
      actor_end (a);
    }
}

/* The cancelled one does not swallow the wake. */
static void
test_cancelled_then_woken (GcoTest *t)
{
  g_autoptr (GcoClock) clock = gco_clock_new_manual ();
  GcoSleep sleep = { 0 };
  Nap      nap = { clock, 100 };
  Actor   *a = actor_new (t, "A");

  a->data = &nap;
  actor_do (a, do_sleep_in_cancellable, &sleep);
  g_cancellable_cancel (a->cancellable);
  gco_sleep_wake (&sleep);
  gco_test_drain (t);
  actor_assert_cancelled (a);
  actor_do (a, do_sleep_in, &sleep);
  actor_assert_succeeded (a);

  g_cancellable_reset (a->cancellable);
  actor_do (a, do_sleep_in_cancellable, &sleep);
  gco_sleep_wake (&sleep);
  g_cancellable_cancel (a->cancellable);
  gco_test_drain (t);
  actor_assert_succeeded (a);
  actor_end (a);
}

int
main (int   argc,
      char *argv[])
{
  gco_test_init (&argc, &argv);
  g_test_add_func ("/sleep/size", test_size);
  gco_test_add ("/sleep/manual-clock", test_manual_clock);
  gco_test_add ("/sleep/order", test_order);
  gco_test_add ("/sleep/zero-and-negative", test_zero_and_negative);
  gco_test_add ("/sleep/for-ever", test_for_ever);
  gco_test_add ("/sleep/real-clocks", test_real_clocks);
  gco_test_add ("/sleep/time-out", test_time_out);
  gco_test_add ("/sleep/woken", test_woken);
  gco_test_add ("/sleep/sticky", test_sticky);
  gco_test_add ("/sleep/wake-when-over", test_wake_when_over);
  gco_test_add ("/sleep/woken-by-coroutine", test_woken_by_coroutine);
  gco_test_add ("/sleep/woken-by-thread", test_woken_by_thread);
  gco_test_add ("/sleep/cancelled", test_cancelled);
  gco_test_add ("/sleep/cancelled-then-woken", test_cancelled_then_woken);
  return g_test_run ();
}
