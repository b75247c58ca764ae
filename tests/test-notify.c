/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Who sleeps, who wakes, and how often that is written to a descriptor. The
 * linker leads calls of gco_poller_kick() through here. */

#include "gco-test.h"

#include "gco-aio-context-private.h"

void __real_gco_poller_kick (GcoPoller *poller);
void __wrap_gco_poller_kick (GcoPoller *poller);

static guint n_kicks; /* (atomic) */

void
__wrap_gco_poller_kick (GcoPoller *poller)
{
  g_atomic_int_add (&n_kicks, 1);
  __real_gco_poller_kick (poller);
}

static int
take_kicks (void)
{
  return (int) g_atomic_int_and (&n_kicks, 0);
}

static void
count (gpointer user_data)
{
  guint *n = user_data;

  (*n)++;
}

/* ---------------------------------------------------------------- protocol */

static void
test_awake (GcoTest *t)
{
  take_kicks ();
  gco_notify (t->ctx);
  gco_notify (t->ctx);
  g_assert_cmpint (take_kicks (), ==, 0);
  g_assert_false (gco_notify_begin_sleep (t->ctx));
  gco_notify_accept (t->ctx);
  g_assert_true (gco_notify_begin_sleep (t->ctx));
  gco_notify_end_sleep (t->ctx);
}

static void
test_asleep (GcoTest *t)
{
  g_assert_true (gco_notify_begin_sleep (t->ctx));
  /* a GSource is prepared again and again */
  g_assert_true (gco_notify_begin_sleep (t->ctx));
  take_kicks ();
  for (guint i = 0; i < 10; i++)
    gco_notify (t->ctx);
  g_assert_cmpint (take_kicks (), ==, 1);
  gco_notify_end_sleep (t->ctx);
  g_assert_false (gco_notify_begin_sleep (t->ctx));
  gco_notify_accept (t->ctx);
  g_assert_cmpint (take_kicks (), ==, 0);
}

static int n_run; /* (home thread) */

static void
count_run (gpointer user_data)
{
  n_run++;
}

static void
assert_runs (GcoTest *t)
{
  n_run = 0;
  g_assert_true (gco_test_iterate (t));
  gco_test_drain (t);
  g_assert_cmpint (n_run, ==, 100);
}

static void
schedule_many (gpointer user_data)
{
  GcoTest *t = user_data;

  for (guint i = 0; i < 100; i++)
    gco_aio_context_schedule_oneshot (t->ctx, count_run, NULL, NULL);
}

static gpointer
schedule_in_thread (gpointer data)
{
  schedule_many (data);
  return NULL;
}

/* From another thread: one write a sleep, however many. */
static void
test_from_thread (GcoTest *t)
{
  gco_test_drain (t);
  g_assert_true (gco_notify_begin_sleep (t->ctx));
  take_kicks ();
  g_thread_join (g_thread_new (NULL, schedule_in_thread, t));
  g_assert_cmpint (take_kicks (), ==, 1);
  gco_notify_end_sleep (t->ctx);
  assert_runs (t);
}

/* The thread that sleeps may have been the one that is asked. */
static void
test_home_about_to_sleep (GcoTest *t)
{
  gco_test_drain (t);
  g_assert_true (gco_notify_begin_sleep (t->ctx));
  take_kicks ();
  schedule_many (t);
  g_assert_cmpint (take_kicks (), ==, 1);
  gco_notify_end_sleep (t->ctx);
  assert_runs (t);
}

/* ---------------------------------------------------------------- at home */

static void
yield_many (gpointer user_data)
{
  for (guint i = 0; i < 50; i++)
    gco_test_pass ();
}

/* While dispatching, and at home between two iterations: none. */
static void
test_none_while_dispatching (GcoTest *t)
{
  GcoBh    *bh;
  GcoTimer *timer;
  guint     n = 0;

  gco_test_drain (t);
  take_kicks ();
  bh = gco_bh_new (t->ctx, count, &n, NULL);
  timer = gco_timer_new (t->ctx, NULL, count, &n, NULL);
  gco_aio_context_schedule_oneshot (t->ctx, schedule_many, t, NULL);
  gco_bh_schedule (bh);
  gco_timer_mod_ns (timer, 0);
  gco_test_spawn (t, yield_many, NULL);
  gco_test_drain (t);
  gco_bh_free (bh);
  gco_timer_free (timer);
  gco_test_drain (t);
  g_assert_cmpuint (n, ==, 2);
  g_assert_cmpint (take_kicks (), ==, 0);
}

static gboolean
schedule_in_source (gpointer user_data)
{
  schedule_many (user_data);
  return G_SOURCE_REMOVE;
}

/* From another source's callback, between our prepare and our check. */
static void
test_one_an_iteration (GcoTest *t)
{
  gco_test_drain (t);
  for (guint i = 0; i < 5; i++)
    {
      g_autoptr (GSource) other = g_idle_source_new ();

      g_source_set_priority (other, G_PRIORITY_HIGH);
      g_source_set_callback (other, schedule_in_source, t, NULL);
      g_source_attach (other, t->main_context);
      take_kicks ();
      g_assert_true (g_main_context_iteration (t->main_context, FALSE));
      g_assert_cmpint (take_kicks (), <=, 1);
      assert_runs (t);
    }
}

int
main (int    argc,
      char **argv)
{
  gco_test_init (&argc, &argv);
  gco_test_add ("/notify/awake", test_awake);
  gco_test_add ("/notify/asleep", test_asleep);
  gco_test_add ("/notify/from-thread", test_from_thread);
  gco_test_add ("/notify/home-about-to-sleep", test_home_about_to_sleep);
  gco_test_add ("/notify/none-while-dispatching", test_none_while_dispatching);
  gco_test_add_source ("/notify/one-an-iteration", test_one_an_iteration);
  return g_test_run ();
}
