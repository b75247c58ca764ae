/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* gco_coroutine_reschedule: all that is ready runs, in order, then the caller goes on. */

#include "gco-test.h"

typedef struct
{
  GcoTest      *t;
  GcoCoroutine *self;
  char          name;
  gboolean      ended;
} Who;

static void
two_turns (gpointer user_data)
{
  Who *who = user_data;

  for (int i = 1; i <= 2; i++)
    {
      gco_test_log (who->t, "%c%d ", who->name, i);
      gco_coroutine_reschedule ();
    }
  who->ended = TRUE;
}

static void
test_round_robin (GcoTest *t)
{
  Who a = { .t = t, .name = 'a' };
  Who b = { .t = t, .name = 'b' };
  Who c = { .t = t, .name = 'c' };

  gco_test_spawn (t, two_turns, &a);
  gco_test_spawn (t, two_turns, &b);
  gco_test_spawn (t, two_turns, &c);
  gco_test_drain (t);
  gco_test_assert_log (t, "a1 b1 c1 a2 b2 c2 ");
  g_assert_true (a.ended && b.ended && c.ended);
}

/* Nobody else is ready: it just goes on. */
static void
test_alone (GcoTest *t)
{
  Who a = { .t = t, .name = 'a' };

  gco_test_run (t, two_turns, &a);
  gco_test_assert_log (t, "a1 a2 ");
}

static void
enter (gpointer user_data)
{
  Who *who = user_data;

  gco_coroutine_enter (gco_coroutine_create (two_turns, who));
  gco_test_log (who->t, "here ");
}

/* The enterer goes on at once, the coroutine in the same dispatch. */
static void
test_entered_by_hand (GcoTest *t)
{
  Who a = { .t = t, .name = 'a' };

  gco_aio_context_schedule_oneshot (t->ctx, enter, &a, NULL);
  gco_test_drain (t);
  gco_test_assert_log (t, "a1 here a2 ");
  g_assert_true (a.ended);
}

/* ------------------------------------------------------------- behind whom */

static void
log_oneshot (gpointer user_data)
{
  Who *who = user_data;

  gco_test_log (who->t, "%c ", who->name);
}

static void
with_oneshot (gpointer user_data)
{
  Who *who = user_data;

  gco_aio_context_schedule_oneshot (who->t->ctx, log_oneshot, who, NULL);
  gco_coroutine_reschedule ();
  gco_test_log (who->t, "on ");
}

static void
test_behind_oneshots (GcoTest *t)
{
  Who o = { .t = t, .name = 'o' };

  gco_test_run (t, with_oneshot, &o);
  gco_test_assert_log (t, "o on ");
}

static gpointer
schedule_in_thread (gpointer data)
{
  Who *who = data;

  gco_aio_context_schedule_oneshot (who->t->ctx, log_oneshot, who, NULL);
  return NULL;
}

static void
with_thread (gpointer user_data)
{
  g_thread_join (g_thread_new (NULL, schedule_in_thread, user_data));
  with_oneshot (user_data);
}

/* What another thread made ready before that is before it, and before what came after. */
static void
test_behind_other_threads (GcoTest *t)
{
  Who o = { .t = t, .name = 'o' };

  gco_test_run (t, with_thread, &o);
  gco_test_assert_log (t, "o o on ");
}

static void
enter_who_reschedules (gpointer user_data)
{
  Who *who = user_data;

  gco_coroutine_enter (who->self);
  gco_test_log (who->t, "outer ");
  gco_coroutine_reschedule ();
  gco_test_log (who->t, "outer-on ");
}

/* One that another coroutine entered goes back to that. */
static void
test_nested (GcoTest *t)
{
  Who a = { .t = t, .name = 'a' };

  a.self = gco_coroutine_create (two_turns, &a);
  gco_test_run (t, enter_who_reschedules, &a);
  gco_test_drain (t);
  gco_test_assert_log (t, "a1 outer a2 outer-on ");
  g_assert_true (a.ended);
}

/* ------------------------------------------------------------------- misuse */

static void
test_outside (GcoTest *t)
{
  gco_coroutine_reschedule ();
}

static void
while_scheduled (gpointer user_data)
{
  gco_coroutine_schedule (gco_coroutine_self (), NULL);
  gco_coroutine_reschedule ();
}

static void
test_scheduled_already (GcoTest *t)
{
  gco_test_spawn (t, while_scheduled, NULL);
  gco_test_drain (t);
}

int
main (int    argc,
      char **argv)
{
  gco_test_init (&argc, &argv);
  gco_test_add ("/reschedule/round-robin", test_round_robin);
  gco_test_add ("/reschedule/alone", test_alone);
  gco_test_add ("/reschedule/entered-by-hand", test_entered_by_hand);
  gco_test_add ("/reschedule/behind-oneshots", test_behind_oneshots);
  gco_test_add ("/reschedule/behind-other-threads", test_behind_other_threads);
  gco_test_add ("/reschedule/nested", test_nested);
  gco_test_add_abort ("/reschedule/outside",
                      test_outside,
                      "*gco_coroutine_reschedule: not in a coroutine*");
  gco_test_add_abort ("/reschedule/scheduled-already",
                      test_scheduled_already,
                      "*gco_coroutine_reschedule: coroutine*was scheduled already in"
                      " gco_coroutine_schedule()*");
  return g_test_run ();
}
