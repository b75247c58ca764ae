/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "gco-test.h"

static void
count (gpointer user_data)
{
  guint *n = user_data;

  (*n)++;
}

static void
test_monotonic (void)
{
  gint64 before = g_get_monotonic_time () * 1000;
  gint64 last = 0;

  g_assert_true (gco_clock_get_monotonic () == gco_clock_get_monotonic ());
  for (guint i = 0; i < 1000; i++)
    {
      gint64 now = gco_clock_get_time_ns (i % 2 != 0 ? gco_clock_get_monotonic () : NULL);

      g_assert_cmpint (now, >=, last);
      last = now;
    }
  g_assert_cmpint (last, >=, before);
  g_assert_cmpint (last, <=, (g_get_monotonic_time () + 1) * 1000);
}

static void
test_realtime (void)
{
  gint64 before = g_get_real_time () * 1000;
  gint64 now = gco_clock_get_time_ns (gco_clock_get_realtime ());

  g_assert_true (gco_clock_get_realtime () == gco_clock_get_realtime ());
  g_assert_true (gco_clock_get_realtime () != gco_clock_get_monotonic ());
  g_assert_cmpint (now, >=, before);
  g_assert_cmpint (now, <=, (g_get_real_time () + 1) * 1000);
}

static void
test_manual (void)
{
  GcoClock *clock = gco_clock_new_manual ();
  GcoClock *other = gco_clock_new_manual ();

  g_assert_cmpint (gco_clock_get_time_ns (clock), ==, 0);
  gco_clock_advance (clock, 5);
  gco_clock_advance (clock, 0);
  gco_clock_advance (clock, 7);
  g_assert_cmpint (gco_clock_get_time_ns (clock), ==, 12);
  g_assert_cmpint (gco_clock_get_time_ns (other), ==, 0);
  gco_clock_advance (clock, G_MAXINT64);
  g_assert_cmpint (gco_clock_get_time_ns (clock), ==, G_MAXINT64);
  g_assert_finalize_object (clock);
  g_assert_finalize_object (other);
}

static void
test_misuse (void)
{
  g_autoptr (GcoClock) clock = gco_clock_new_manual ();

  g_test_expect_message ("Gco", G_LOG_LEVEL_CRITICAL, "*ns >= 0*");
  gco_clock_advance (clock, -1);
  g_test_expect_message ("Gco", G_LOG_LEVEL_CRITICAL, "*MANUAL*");
  gco_clock_advance (gco_clock_get_monotonic (), 1);
  g_test_assert_expected_messages ();
  g_assert_cmpint (gco_clock_get_time_ns (clock), ==, 0);
}

/* Advancing runs nothing by itself. */
static void
test_advance_runs_nothing (GcoTest *t)
{
  g_autoptr (GcoClock) clock = gco_clock_new_manual ();
  guint     n = 0;
  GcoTimer *timer = gco_timer_new (t->ctx, clock, count, &n, NULL);

  gco_timer_mod_ns (timer, 10);
  gco_test_drain (t);
  gco_clock_advance (clock, 9);
  gco_test_drain (t);
  g_assert_cmpuint (n, ==, 0);
  gco_clock_advance (clock, 1);
  g_assert_cmpuint (n, ==, 0);
  gco_test_iterate_blocking (t);
  g_assert_cmpuint (n, ==, 1);
  gco_timer_free (timer);
}

static gpointer
advance (gpointer data)
{
  gco_clock_advance (data, 10);
  return NULL;
}

/* While the home thread sleeps, with no other reason to wake up. */
static void
test_advance_from_thread (GcoTest *t)
{
  g_autoptr (GcoClock) clock = gco_clock_new_manual ();
  guint     n = 0;
  GcoTimer *timer = gco_timer_new (t->ctx, clock, count, &n, NULL);
  GThread  *thread;

  gco_timer_mod_ns (timer, 10);
  thread = g_thread_new (NULL, advance, clock);
  while (n == 0)
    gco_test_iterate_blocking (t);
  g_thread_join (thread);
  gco_timer_free (timer);
}

/* One clock, timers in two contexts. */
static void
test_two_contexts (GcoTest *t)
{
  GcoClock      *clock = gco_clock_new_manual ();
  GcoAioContext *other = gco_aio_context_new ();
  guint          n_here = 0;
  guint          n_there = 0;
  GcoTimer      *here = gco_timer_new (t->ctx, clock, count, &n_here, NULL);
  GcoTimer      *there = gco_timer_new (other, clock, count, &n_there, NULL);

  gco_timer_mod_ns (here, 10);
  gco_timer_mod_ns (there, 10);
  gco_clock_advance (clock, 10);
  gco_test_drain (t);
  g_assert_cmpuint (n_here, ==, 1);
  g_assert_cmpuint (n_there, ==, 0);
  g_assert_true (gco_aio_context_poll (other, TRUE));
  g_assert_cmpuint (n_there, ==, 1);
  gco_timer_free (here);
  gco_timer_free (there);
  g_assert_finalize_object (other);
  gco_clock_advance (clock, 10);
  g_object_unref (clock);
}

int
main (int    argc,
      char **argv)
{
  gco_test_init (&argc, &argv);
  g_test_add_func ("/clock/monotonic", test_monotonic);
  g_test_add_func ("/clock/realtime", test_realtime);
  g_test_add_func ("/clock/manual", test_manual);
  g_test_add_func ("/clock/misuse", test_misuse);
  gco_test_add ("/clock/advance-runs-nothing", test_advance_runs_nothing);
  gco_test_add ("/clock/advance-from-thread", test_advance_from_thread);
  gco_test_add ("/clock/two-contexts", test_two_contexts);
  return g_test_run ();
}
