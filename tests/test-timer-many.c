/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Many timers are due at once: a round takes them all, and then there are changes. */

#include "gco-test.h"

typedef struct _Crowd Crowd;

typedef struct
{
  Crowd    *crowd;
  GcoTimer *timer;
  gint64    deadline;
  guint     order; /* when it was armed last */
  guint     n;
} Alarm;

struct _Crowd
{
  GcoTest  *t;
  GcoClock *clock; /* manual */
  Alarm    *alarms;
  guint     n;
  guint     n_armed;
  guint     n_ran;
  guint     n_freed;
  Alarm    *last; /* that ran, or NULL */
  guint     change_at;
  void (*change) (Crowd *crowd, guint at);
};

static void
note_free (gpointer user_data)
{
  ((Alarm *) user_data)->crowd->n_freed++;
}

static void
note_alarm (gpointer user_data)
{
  Alarm *alarm = user_data;
  Crowd *crowd = alarm->crowd;
  Alarm *last = crowd->last;

  g_assert_false (gco_timer_is_pending (alarm->timer));
  g_assert_cmpint (alarm->deadline, <=, gco_clock_get_time_ns (crowd->clock));
  if (last != NULL)
    {
      g_assert_cmpint (last->deadline, <=, alarm->deadline);
      if (last->deadline == alarm->deadline)
        g_assert_cmpuint (last->order, <, alarm->order);
    }
  alarm->n++;
  crowd->last = alarm;
  if (crowd->n_ran++ == crowd->change_at && crowd->change != NULL)
    crowd->change (crowd, (guint) (alarm - crowd->alarms));
}

static void
arm (Alarm *alarm,
     gint64 deadline)
{
  alarm->deadline = deadline;
  alarm->order = alarm->crowd->n_armed++;
  gco_timer_mod_ns (alarm->timer, deadline);
  g_assert_true (gco_timer_is_pending (alarm->timer));
}

static void
start (GcoTest *t,
       Crowd   *crowd,
       guint    n)
{
  *crowd = (Crowd){ .t = t, .n = n };
  crowd->clock = gco_clock_new_manual ();
  crowd->alarms = g_new0 (Alarm, n);
  for (guint i = 0; i < n; i++)
    {
      Alarm *alarm = &crowd->alarms[i];

      alarm->crowd = crowd;
      alarm->timer = gco_timer_new (t->ctx, crowd->clock, note_alarm, alarm, note_free);
    }
}

static void
finish (Crowd *crowd)
{
  for (guint i = 0; i < crowd->n; i++)
    if (crowd->alarms[i].timer != NULL)
      gco_timer_free (crowd->alarms[i].timer);
  while (crowd->n_freed < crowd->n)
    gco_test_iterate (crowd->t);
  g_free (crowd->alarms);
  g_object_unref (crowd->clock);
}

static void
assert_ran (Crowd *crowd,
            guint  i,
            guint  n)
{
  g_assert_cmpuint (crowd->alarms[i].n, ==, n);
}

/* -------------------------------------------------------------------- order */

static gint64
same (void)
{
  return 7;
}

static gint64
near (void)
{
  return g_test_rand_int_range (0, 300);
}

static gint64
far (void)
{
  return g_test_rand_int () * (G_GINT64_CONSTANT (1) << 31) + g_test_rand_int_range (0, 10);
}

/* A few that are far from all others. */
static gint64
outliers (void)
{
  static const gint64 deadlines[] = { G_MININT64, G_MININT64 + 1, -1, 0, 1 };

  return g_test_rand_int_range (0, 4) > 0
             ? (G_GINT64_CONSTANT (1) << 61) + near ()
             : deadlines[g_test_rand_int_range (0, G_N_ELEMENTS (deadlines))];
}

static void
assert_order (GcoTest *t,
              guint    n,
              gint64 (*deadline) (void))
{
  Crowd crowd;

  start (t, &crowd, n);
  for (guint i = 0; i < n; i++)
    arm (&crowd.alarms[i], deadline ());
  /* some move: their place in memory says nothing of when they were armed */
  for (guint i = 0; i < n / 2; i++)
    arm (&crowd.alarms[g_test_rand_int_range (0, (int) n)], deadline ());
  gco_clock_advance (crowd.clock, G_MAXINT64 - 1);
  gco_test_iterate (t);
  g_assert_cmpuint (crowd.n_ran, ==, n);
  for (guint i = 0; i < n; i++)
    assert_ran (&crowd, i, 1);
  finish (&crowd);
}

static void
test_order (GcoTest *t)
{
  static gint64 (*const deadlines[]) (void) = { same, near, far, outliers };
  static const guint sizes[] = { 1, 2, 3, 15, 16, 17, 31, 64, 255, 257, 1500 };

  for (guint d = 0; d < G_N_ELEMENTS (deadlines); d++)
    for (guint s = 0; s < G_N_ELEMENTS (sizes); s++)
      assert_order (t, sizes[s], deadlines[d]);
}

/* What is not due stays, and in order: the rounds take the heap apart. */
static void
test_rounds (GcoTest *t)
{
  const guint n = 1000;
  Crowd       crowd;

  start (t, &crowd, n);
  for (guint i = 0; i < n; i++)
    arm (&crowd.alarms[i], g_test_rand_int_range (1, 1000));
  for (gint64 now = 40; crowd.n_ran < n; now += 40)
    {
      gco_clock_advance (crowd.clock, 40);
      gco_test_iterate (t);
      for (guint i = 0; i < n; i++)
        assert_ran (&crowd, i, crowd.alarms[i].deadline <= now);
    }
  finish (&crowd);
}

/* ------------------------------------------------------------------ changes */

#define N 200

/* A fifth of what is to come: deleted, freed, armed for the past, for later. */
static void
take_back (Crowd *crowd,
           guint  at)
{
  for (guint i = at + 1; i < N; i++)
    {
      Alarm *alarm = &crowd->alarms[i];

      if (i % 5 == 1)
        gco_timer_del (alarm->timer);
      else if (i % 5 == 2)
        gco_timer_free (g_steal_pointer (&alarm->timer));
      else if (i % 5 == 3)
        arm (alarm, -1);
      else if (i % 5 == 4)
        arm (alarm, 1000);
    }
}

static gpointer
take_back_thread (gpointer data)
{
  Crowd *crowd = data;

  take_back (crowd, 0);
  return NULL;
}

static void
take_back_elsewhere (Crowd *crowd,
                     guint  at)
{
  g_thread_join (g_thread_new (NULL, take_back_thread, crowd));
}

static void
assert_taken_back (GcoTest *t,
                   guint    n,
                   void (*change) (Crowd *crowd, guint at))
{
  Crowd crowd;

  start (t, &crowd, N);
  crowd.change = change;
  for (guint i = 0; i < N; i++)
    arm (&crowd.alarms[i], i < n ? 10 : 1000);
  gco_clock_advance (crowd.clock, 10);
  gco_test_iterate (t);
  for (guint i = 0; i < n; i++)
    {
      assert_ran (&crowd, i, i % 5 == 0);
      if (i % 5 != 2)
        g_assert_true (gco_timer_is_pending (crowd.alarms[i].timer) == (i % 5 >= 3));
    }
  /* what was armed for the past has waited for this round */
  crowd.last = NULL;
  gco_test_iterate (t);
  for (guint i = 0; i < n; i++)
    assert_ran (&crowd, i, i % 5 == 0 || i % 5 == 3);
  gco_clock_advance (crowd.clock, 2000);
  gco_test_iterate (t);
  for (guint i = 0; i < N; i++)
    assert_ran (&crowd, i, i % 5 == 0 || i % 5 >= 3);
  finish (&crowd);
}

static void
test_taken_back (GcoTest *t)
{
  assert_taken_back (t, 10, take_back);
  assert_taken_back (t, N, take_back);
}

static void
test_taken_back_elsewhere (GcoTest *t)
{
  assert_taken_back (t, 10, take_back_elsewhere);
  assert_taken_back (t, N, take_back_elsewhere);
}

/* ------------------------------------------------------------- a loop within */

/* It does not sleep while there are some left, and runs those first. */
static void
iterate_within (Crowd *crowd,
                guint  at)
{
  crowd->change = NULL;
  crowd->last = NULL;
  arm (&crowd->alarms[at], 11);
  gco_test_iterate_blocking (crowd->t);
  g_assert_cmpuint (crowd->n_ran, ==, N + 1);
  g_assert_true (crowd->last == &crowd->alarms[at]);
}

static void
test_within (GcoTest *t)
{
  Crowd crowd;

  start (t, &crowd, N);
  crowd.change = iterate_within;
  crowd.change_at = N / 3;
  for (guint i = 0; i < N; i++)
    arm (&crowd.alarms[i], 10);
  gco_clock_advance (crowd.clock, 11);
  gco_test_iterate (t);
  g_assert_cmpuint (crowd.n_ran, ==, N + 1);
  for (guint i = 0; i < N; i++)
    assert_ran (&crowd, i, i == N / 3 ? 2 : 1);
  finish (&crowd);
}

int
main (int    argc,
      char **argv)
{
  gco_test_init (&argc, &argv);
  gco_test_add ("/timer-many/order", test_order);
  gco_test_add ("/timer-many/rounds", test_rounds);
  gco_test_add ("/timer-many/taken-back", test_taken_back);
  gco_test_add ("/timer-many/taken-back-elsewhere", test_taken_back_elsewhere);
  gco_test_add ("/timer-many/within", test_within);
  return g_test_run ();
}
