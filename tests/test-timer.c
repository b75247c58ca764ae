/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "gco-test.h"

#define MS G_GINT64_CONSTANT (1000000)
#define S (1000 * MS)

typedef struct
{
  GcoTest  *t;
  GcoTimer *timer;
  GcoClock *clock;
  gint64    deadline;
  gint64    fired_at;
  guint     n;
  guint     max; /* arms itself again while below */
  guint     freed;
  char      name;
  gpointer  other;
} Alarm;

static void
note_free (gpointer user_data)
{
  Alarm *alarm = user_data;

  g_assert_false (gco_in_coroutine ());
  alarm->freed++;
}

static void
note_alarm (gpointer user_data)
{
  Alarm *alarm = user_data;

  g_assert_false (gco_in_coroutine ());
  g_assert_true (gco_aio_context_get_current () == alarm->t->ctx);
  g_assert_false (gco_timer_is_pending (alarm->timer));
  alarm->n++;
  alarm->fired_at = gco_clock_get_time_ns (alarm->clock);
  g_assert_cmpint (alarm->fired_at, >=, alarm->deadline);
  if (alarm->name != '\0')
    gco_test_log (alarm->t, "%c", alarm->name);
}

static void
arm (Alarm *alarm,
     gint64 deadline)
{
  alarm->deadline = deadline;
  gco_timer_mod_ns (alarm->timer, deadline);
  g_assert_true (gco_timer_is_pending (alarm->timer));
}

static void
arm_in (Alarm *alarm,
        gint64 ns)
{
  arm (alarm, gco_clock_get_time_ns (alarm->clock) + ns);
}

/* On a manual clock that all alarms of a test share, or with NULL on the
 * monotonic one. */
static void
start (GcoTest  *t,
       Alarm    *alarm,
       GcoClock *clock,
       GcoFunc   func)
{
  *alarm = (Alarm){ .t = t, .clock = clock };
  alarm->timer = gco_timer_new (t->ctx, clock, func, alarm, note_free);
  g_assert_nonnull (alarm->timer);
  g_assert_false (gco_timer_is_pending (alarm->timer));
}

static void
finish (Alarm *alarm)
{
  gco_timer_free (alarm->timer);
  gco_test_drain (alarm->t);
  g_assert_cmpuint (alarm->freed, ==, 1);
}

/* --------------------------------------------------------------- real clocks */

static void
test_never_early (GcoTest *t)
{
  Alarm alarm;

  start (t, &alarm, NULL, note_alarm);
  for (guint i = 1; i <= 10; i++)
    {
      /* odd, so that rounding to ms or us would show */
      arm_in (&alarm, i * MS / 2 + 333);
      while (alarm.n < i)
        gco_test_iterate_blocking (t);
      g_assert_cmpuint (alarm.n, ==, i);
    }
  finish (&alarm);
}

/* A blocking iteration waits for it, and for no longer than that. */
static void
test_blocks (GcoTest *t)
{
  Alarm  alarm;
  Alarm  far;
  gint64 start_time;

  start (t, &alarm, NULL, note_alarm);
  start (t, &far, NULL, note_alarm);
  arm_in (&far, 3600 * S);
  start_time = gco_clock_get_time_ns (NULL);
  arm_in (&alarm, 20 * MS);
  while (alarm.n == 0)
    gco_test_iterate_blocking (t);
  g_assert_cmpint (gco_clock_get_time_ns (NULL) - start_time, >=, 20 * MS);
  g_assert_cmpuint (far.n, ==, 0);
  finish (&alarm);
  finish (&far);
}

/* Expired before: an iteration that does not wait runs it. */
static void
test_non_blocking (GcoTest *t)
{
  Alarm alarm;

  start (t, &alarm, NULL, note_alarm);
  arm_in (&alarm, 2 * MS);
  while (gco_clock_get_time_ns (NULL) < alarm.deadline)
    g_assert_cmpuint (alarm.n, ==, 0);
  g_assert_true (gco_test_iterate (t));
  g_assert_cmpuint (alarm.n, ==, 1);
  g_assert_false (gco_test_iterate (t));
  g_assert_cmpuint (alarm.n, ==, 1);
  finish (&alarm);
}

static void
test_realtime (GcoTest *t)
{
  Alarm alarm;

  start (t, &alarm, gco_clock_get_realtime (), note_alarm);
  arm_in (&alarm, 3 * MS);
  while (alarm.n == 0)
    gco_test_iterate_blocking (t);
  finish (&alarm);
}

static void
rearm (gpointer user_data)
{
  Alarm *alarm = user_data;

  note_alarm (alarm);
  if (alarm->n < alarm->max)
    arm_in (alarm, MS);
}

static void
test_rearm (GcoTest *t)
{
  Alarm alarm;

  start (t, &alarm, NULL, rearm);
  alarm.max = 5;
  arm_in (&alarm, MS);
  while (alarm.n < 5)
    gco_test_iterate_blocking (t);
  g_assert_false (gco_timer_is_pending (alarm.timer));
  finish (&alarm);
}

static gpointer
arm_from_thread (gpointer data)
{
  gco_timer_mod_ns (data, gco_clock_get_time_ns (NULL) + MS);
  return NULL;
}

/* While the home thread sleeps on a later one, or for ever. */
static void
test_arm_from_thread (GcoTest *t)
{
  Alarm    alarm;
  Alarm    far;
  GThread *thread;

  start (t, &alarm, NULL, note_alarm);
  start (t, &far, NULL, note_alarm);
  arm_in (&far, 3600 * S);
  thread = g_thread_new (NULL, arm_from_thread, alarm.timer);
  while (alarm.n == 0)
    gco_test_iterate_blocking (t);
  g_thread_join (thread);
  g_assert_cmpuint (far.n, ==, 0);
  finish (&alarm);
  finish (&far);
}

/* ---------------------------------------------------------------- deadlines */

/* Past, negative and the smallest: in the next dispatch, never in mod. */
static void
test_past (GcoTest *t)
{
  static const gint64 deadlines[] = { 0, 1, -1, G_MININT64 };
  Alarm               alarm;

  for (guint c = 0; c < 2; c++)
    {
      start (t, &alarm, c == 0 ? NULL : gco_clock_get_realtime (), note_alarm);
      for (guint i = 0; i < G_N_ELEMENTS (deadlines); i++)
        {
          arm (&alarm, deadlines[i]);
          g_assert_cmpuint (alarm.n, ==, i);
          gco_test_iterate_blocking (t);
          g_assert_cmpuint (alarm.n, ==, i + 1);
        }
      finish (&alarm);
    }
}

static void
test_never (GcoTest *t)
{
  Alarm alarm;

  start (t, &alarm, NULL, note_alarm);
  arm (&alarm, G_MAXINT64);
  gco_test_drain (t);
  g_assert_cmpuint (alarm.n, ==, 0);
  g_assert_true (gco_timer_is_pending (alarm.timer));
  finish (&alarm);
}

static void
arm_for_the_past (gpointer user_data)
{
  Alarm *alarm = user_data;

  note_alarm (alarm);
  if (alarm->n < alarm->max)
    arm (alarm, 0);
}

/* Armed for the past by its own callback: once a dispatch, no endless loop. */
static void
test_past_in_callback (GcoTest *t)
{
  Alarm alarm;

  start (t, &alarm, NULL, arm_for_the_past);
  alarm.max = 5;
  arm (&alarm, 0);
  for (guint i = 1; i <= 5; i++)
    {
      gco_test_iterate_blocking (t);
      g_assert_cmpuint (alarm.n, ==, i);
    }
  finish (&alarm);
}

/* -------------------------------------------------------------------- order */

static void
test_order (GcoTest *t)
{
  static const gint64 deadlines[] = { 30, 10, 20, 10, 30, 40, 5 };
  g_autoptr (GcoClock) clock = gco_clock_new_manual ();
  Alarm alarms[G_N_ELEMENTS (deadlines)];

  for (guint i = 0; i < G_N_ELEMENTS (deadlines); i++)
    {
      start (t, &alarms[i], clock, note_alarm);
      alarms[i].name = (char) ('a' + i);
      arm (&alarms[i], deadlines[i]);
    }
  gco_clock_advance (clock, 9);
  gco_test_drain (t);
  gco_test_assert_log (t, "g");
  /* ties in the order they were armed */
  gco_clock_advance (clock, 1);
  gco_test_drain (t);
  gco_test_assert_log (t, "bd");
  gco_clock_advance (clock, 100);
  gco_test_drain (t);
  gco_test_assert_log (t, "caef");
  for (guint i = 0; i < G_N_ELEMENTS (deadlines); i++)
    finish (&alarms[i]);
}

/* Arming anew counts as arming later. */
static void
test_order_of_rearmed (GcoTest *t)
{
  g_autoptr (GcoClock) clock = gco_clock_new_manual ();
  Alarm a;
  Alarm b;

  start (t, &a, clock, note_alarm);
  start (t, &b, clock, note_alarm);
  a.name = 'a';
  b.name = 'b';
  arm (&a, 10);
  arm (&b, 10);
  arm (&a, 10);
  gco_clock_advance (clock, 10);
  gco_test_drain (t);
  gco_test_assert_log (t, "ba");
  finish (&a);
  finish (&b);
}

/* Random arming, moving and deleting: what is due is gone, the rest is not. */
static void
test_random (GcoTest *t)
{
  guint n_all = 200;
  g_autoptr (GcoClock) clock = gco_clock_new_manual ();
  Alarm *alarms = g_new (Alarm, n_all);
  gint64 last = 0;

  for (guint i = 0; i < n_all; i++)
    start (t, &alarms[i], clock, note_alarm);
  for (guint i = 0; i < 5 * n_all; i++)
    {
      Alarm *alarm = &alarms[g_test_rand_int_range (0, (int) n_all)];

      alarm->max = g_test_rand_int_range (0, 4) > 0;
      if (alarm->max == 0)
        gco_timer_del (alarm->timer);
      else
        arm (alarm, g_test_rand_int_range (1, 1000));
    }
  for (gint64 now = 0; now <= 1000; now += 10)
    {
      for (guint i = 0; i < n_all; i++)
        g_assert_true (!gco_timer_is_pending (alarms[i].timer) ||
                       alarms[i].deadline > last);
      last = now;
      gco_clock_advance (clock, now - gco_clock_get_time_ns (clock));
      gco_test_drain (t);
    }
  for (guint i = 0; i < n_all; i++)
    {
      g_assert_false (gco_timer_is_pending (alarms[i].timer));
      g_assert_cmpuint (alarms[i].n, ==, alarms[i].max);
      finish (&alarms[i]);
    }
  g_free (alarms);
}

/* ------------------------------------------------------------------ changes */

static void
test_move (GcoTest *t)
{
  g_autoptr (GcoClock) clock = gco_clock_new_manual ();
  Alarm alarm;

  start (t, &alarm, clock, note_alarm);
  arm (&alarm, 10);
  arm (&alarm, 50);
  gco_clock_advance (clock, 20);
  gco_test_drain (t);
  g_assert_cmpuint (alarm.n, ==, 0);
  arm (&alarm, 30);
  gco_clock_advance (clock, 10);
  gco_test_drain (t);
  g_assert_cmpuint (alarm.n, ==, 1);
  gco_clock_advance (clock, 100);
  gco_test_drain (t);
  g_assert_cmpuint (alarm.n, ==, 1);
  finish (&alarm);
}

static void
test_del (GcoTest *t)
{
  g_autoptr (GcoClock) clock = gco_clock_new_manual ();
  Alarm alarm;

  start (t, &alarm, clock, note_alarm);
  gco_timer_del (alarm.timer);
  arm (&alarm, 10);
  gco_timer_del (alarm.timer);
  gco_timer_del (alarm.timer);
  g_assert_false (gco_timer_is_pending (alarm.timer));
  gco_clock_advance (clock, 20);
  gco_test_drain (t);
  g_assert_cmpuint (alarm.n, ==, 0);
  finish (&alarm);
}

static void
del_other (gpointer user_data)
{
  Alarm *alarm = user_data;
  Alarm *other = alarm->other;

  note_alarm (alarm);
  gco_timer_del (other->timer);
}

/* Both are due: the first one's callback takes the second back. */
static void
test_del_other (GcoTest *t)
{
  g_autoptr (GcoClock) clock = gco_clock_new_manual ();
  Alarm a;
  Alarm b;

  start (t, &a, clock, del_other);
  start (t, &b, clock, note_alarm);
  a.other = &b;
  arm (&a, 10);
  arm (&b, 10);
  gco_clock_advance (clock, 10);
  gco_test_drain (t);
  g_assert_cmpuint (a.n, ==, 1);
  g_assert_cmpuint (b.n, ==, 0);
  finish (&a);
  finish (&b);
}

static void
free_itself (gpointer user_data)
{
  Alarm *alarm = user_data;

  note_alarm (alarm);
  gco_timer_free (alarm->timer);
  g_assert_cmpuint (alarm->freed, ==, 0);
}

static void
test_free_in_callback (GcoTest *t)
{
  Alarm alarm;

  start (t, &alarm, NULL, free_itself);
  arm (&alarm, 0);
  gco_test_drain (t);
  g_assert_cmpuint (alarm.n, ==, 1);
  g_assert_cmpuint (alarm.freed, ==, 1);
}

static void
test_free_armed (GcoTest *t)
{
  Alarm alarm;

  start (t, &alarm, NULL, note_alarm);
  arm (&alarm, 0);
  finish (&alarm);
  g_assert_cmpuint (alarm.n, ==, 0);
}

int
main (int    argc,
      char **argv)
{
  gco_test_init (&argc, &argv);
  gco_test_add ("/timer/never-early", test_never_early);
  gco_test_add ("/timer/blocks", test_blocks);
  gco_test_add ("/timer/non-blocking", test_non_blocking);
  gco_test_add ("/timer/realtime", test_realtime);
  gco_test_add ("/timer/rearm", test_rearm);
  gco_test_add ("/timer/arm-from-thread", test_arm_from_thread);
  gco_test_add ("/timer/past", test_past);
  gco_test_add ("/timer/never", test_never);
  gco_test_add ("/timer/past-in-callback", test_past_in_callback);
  gco_test_add ("/timer/order", test_order);
  gco_test_add ("/timer/order-of-rearmed", test_order_of_rearmed);
  gco_test_add ("/timer/random", test_random);
  gco_test_add ("/timer/move", test_move);
  gco_test_add ("/timer/del", test_del);
  gco_test_add ("/timer/del-other", test_del_other);
  gco_test_add ("/timer/free-in-callback", test_free_in_callback);
  gco_test_add ("/timer/free-armed", test_free_armed);
  return g_test_run ();
}
