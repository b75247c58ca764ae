/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "gco-test.h"

typedef struct
{
  GcoTest *t;
  GcoBh   *bh;
  guint    n;     /* calls so far */
  guint    max;   /* acts while below */
  guint    freed; /* destroy notifies */
  char     name;
  GcoBh   *other;
} Half;

static void
note_free (gpointer user_data)
{
  Half *half = user_data;

  g_assert_false (gco_in_coroutine ());
  half->freed++;
}

static void
note_call (gpointer user_data)
{
  Half *half = user_data;

  g_assert_false (gco_in_coroutine ());
  g_assert_true (gco_aio_context_get_current () == half->t->ctx);
  half->n++;
  if (half->name != '\0')
    gco_test_log (half->t, "%c", half->name);
}

static Half
make (GcoTest *t,
      char     name)
{
  return (Half){ .t = t, .name = name };
}

static void
new_bh (Half   *half,
        GcoFunc func)
{
  half->bh = gco_bh_new (half->t->ctx, func, half, note_free);
  g_assert_nonnull (half->bh);
}

static void
free_bh (Half *half)
{
  gco_bh_free (half->bh);
  gco_test_drain (half->t);
  g_assert_cmpuint (half->freed, ==, 1);
}

/* ---------------------------------------------------------------- schedule */

static void
test_schedule (GcoTest *t)
{
  Half half = make (t, '\0');

  new_bh (&half, note_call);
  g_assert_false (gco_test_iterate (t));
  gco_bh_schedule (half.bh);
  g_assert_cmpuint (half.n, ==, 0);
  g_assert_true (gco_test_iterate (t));
  g_assert_cmpuint (half.n, ==, 1);
  g_assert_false (gco_test_iterate (t));
  g_assert_cmpuint (half.n, ==, 1);
  gco_bh_schedule (half.bh);
  gco_test_iterate_blocking (t);
  g_assert_cmpuint (half.n, ==, 2);
  free_bh (&half);
}

static void
test_schedule_twice (GcoTest *t)
{
  Half half = make (t, '\0');

  new_bh (&half, note_call);
  gco_bh_schedule (half.bh);
  gco_bh_schedule (half.bh);
  gco_test_drain (t);
  g_assert_cmpuint (half.n, ==, 1);
  free_bh (&half);
}

static void
test_fifo (GcoTest *t)
{
  Half a = make (t, 'a');
  Half b = make (t, 'b');
  Half c = make (t, 'c');

  new_bh (&c, note_call);
  new_bh (&a, note_call);
  new_bh (&b, note_call);
  gco_bh_schedule (a.bh);
  gco_bh_schedule (b.bh);
  gco_bh_schedule (c.bh);
  gco_bh_schedule (a.bh); /* keeps its place */
  gco_test_drain (t);
  gco_test_assert_log (t, "abc");
  free_bh (&a);
  free_bh (&b);
  free_bh (&c);
}

static void
call_and_schedule_other (gpointer user_data)
{
  Half *half = user_data;

  note_call (half);
  gco_bh_schedule (half->other);
}

/* What a bottom half schedules runs in the same dispatch, behind the others. */
static void
test_schedule_other (GcoTest *t)
{
  Half a = make (t, 'a');
  Half b = make (t, 'b');
  Half c = make (t, 'c');

  new_bh (&a, call_and_schedule_other);
  new_bh (&b, note_call);
  new_bh (&c, note_call);
  a.other = c.bh;
  gco_bh_schedule (a.bh);
  gco_bh_schedule (b.bh);
  g_assert_true (gco_test_iterate_uncut (t));
  gco_test_assert_log (t, "abc");
  free_bh (&a);
  free_bh (&b);
  free_bh (&c);
}

static void
call_and_reschedule (gpointer user_data)
{
  Half *half = user_data;

  note_call (half);
  if (half->n < half->max)
    gco_bh_schedule (half->bh);
}

/* Rescheduled from its own callback: once a dispatch. */
static void
test_reschedule (GcoTest *t)
{
  Half half = make (t, '\0');

  half.max = 10;
  new_bh (&half, call_and_reschedule);
  gco_bh_schedule (half.bh);
  for (guint i = 1; i <= 10; i++)
    {
      gco_test_iterate_blocking (t);
      g_assert_cmpuint (half.n, ==, i);
    }
  g_assert_false (gco_test_iterate (t));
  free_bh (&half);
}

static void
test_schedule_from_thread (GcoTest *t)
{
  GcoTestThread *thread = gco_test_thread_new (t);
  Half           half = make (t, '\0');

  new_bh (&half, note_call);
  gco_test_thread_call (thread, (GcoFunc) gco_bh_schedule, half.bh);
  gco_test_iterate_blocking (t);
  g_assert_cmpuint (half.n, ==, 1);
  gco_test_thread_stop (thread);
  free_bh (&half);
}

/* ------------------------------------------------------------------ cancel */

static void
test_cancel (GcoTest *t)
{
  Half half = make (t, '\0');

  new_bh (&half, note_call);
  gco_bh_cancel (half.bh);
  gco_bh_schedule (half.bh);
  gco_bh_cancel (half.bh);
  gco_test_drain (t);
  g_assert_cmpuint (half.n, ==, 0);
  gco_bh_schedule (half.bh);
  gco_test_drain (t);
  g_assert_cmpuint (half.n, ==, 1);
  free_bh (&half);
}

/* While it still stands in the list: it is scheduled, so it is called. */
static void
test_cancel_schedule (GcoTest *t)
{
  Half half = make (t, '\0');

  new_bh (&half, note_call);
  gco_bh_schedule (half.bh);
  gco_bh_cancel (half.bh);
  gco_bh_schedule (half.bh);
  gco_test_drain (t);
  g_assert_cmpuint (half.n, ==, 1);
  free_bh (&half);
}

static void
call_and_cancel_other (gpointer user_data)
{
  Half *half = user_data;

  note_call (half);
  gco_bh_cancel (half->other);
}

static void
test_cancel_other (GcoTest *t)
{
  Half a = make (t, 'a');
  Half b = make (t, 'b');

  new_bh (&a, call_and_cancel_other);
  new_bh (&b, note_call);
  a.other = b.bh;
  gco_bh_schedule (a.bh);
  gco_bh_schedule (b.bh);
  gco_test_drain (t);
  gco_test_assert_log (t, "a");
  free_bh (&a);
  free_bh (&b);
}

/* -------------------------------------------------------------------- free */

static void
test_free_scheduled (GcoTest *t)
{
  Half half = make (t, '\0');

  new_bh (&half, note_call);
  gco_bh_schedule (half.bh);
  gco_bh_free (half.bh);
  g_assert_cmpuint (half.freed, ==, 0);
  gco_test_drain (t);
  g_assert_cmpuint (half.n, ==, 0);
  g_assert_cmpuint (half.freed, ==, 1);
}

static void
test_free_never_scheduled (GcoTest *t)
{
  Half half = make (t, '\0');

  new_bh (&half, note_call);
  gco_bh_free (half.bh);
  gco_test_drain (t);
  g_assert_cmpuint (half.n, ==, 0);
  g_assert_cmpuint (half.freed, ==, 1);
}

static void
call_and_free (gpointer user_data)
{
  Half *half = user_data;

  note_call (half);
  if (half->n < half->max)
    gco_bh_schedule (half->bh);
  else
    gco_bh_free (half->bh);
  g_assert_cmpuint (half->freed, ==, 0);
}

static void
test_free_itself (GcoTest *t)
{
  Half half = make (t, '\0');

  new_bh (&half, call_and_free);
  gco_bh_schedule (half.bh);
  gco_test_drain (t);
  g_assert_cmpuint (half.n, ==, 1);
  g_assert_cmpuint (half.freed, ==, 1);
}

static void
schedule_and_free (gpointer user_data)
{
  Half *half = user_data;

  note_call (half);
  gco_bh_schedule (half->bh);
  gco_bh_free (half->bh);
}

static void
test_free_itself_scheduled (GcoTest *t)
{
  Half half = make (t, '\0');

  new_bh (&half, schedule_and_free);
  gco_bh_schedule (half.bh);
  gco_test_drain (t);
  g_assert_cmpuint (half.n, ==, 1);
  g_assert_cmpuint (half.freed, ==, 1);
}

/* Four with lives of different length. */
static void
test_free_itself_many (GcoTest *t)
{
  Half halves[4];

  for (guint i = 0; i < 4; i++)
    {
      halves[i] = make (t, '\0');
      halves[i].max = 4 - i;
      new_bh (&halves[i], call_and_free);
      gco_bh_schedule (halves[i].bh);
    }
  gco_test_drain (t);
  for (guint i = 0; i < 4; i++)
    {
      g_assert_cmpuint (halves[i].n, ==, 4 - i);
      g_assert_cmpuint (halves[i].freed, ==, 1);
    }
}

static void
test_free_from_thread (GcoTest *t)
{
  GcoTestThread *thread = gco_test_thread_new (t);
  Half           half = make (t, '\0');

  new_bh (&half, note_call);
  gco_test_drain (t);
  gco_bh_schedule (half.bh);
  gco_test_thread_call (thread, (GcoFunc) gco_bh_free, half.bh);
  g_assert_cmpuint (half.freed, ==, 0);
  gco_test_drain (t);
  g_assert_cmpuint (half.n, ==, 0);
  g_assert_cmpuint (half.freed, ==, 1);
  gco_test_thread_stop (thread);
}

/* It holds the context: nobody else does here. */
static void
test_holds_context (void)
{
  GcoTest t = { .ctx = gco_aio_context_new () };
  Half    half = make (&t, '\0');

  new_bh (&half, note_call);
  g_object_add_weak_pointer (G_OBJECT (t.ctx), (gpointer *) &t.ctx);
  g_object_unref (t.ctx);
  g_assert_nonnull (t.ctx);
  gco_bh_schedule (half.bh);
  g_assert_true (gco_aio_context_poll (t.ctx, FALSE));
  g_assert_cmpuint (half.n, ==, 1);
  gco_bh_free (half.bh);
  g_assert_null (t.ctx);
  g_assert_cmpuint (half.freed, ==, 1);
}

/* -------------------------------------------------------------------- main */

int
main (int    argc,
      char **argv)
{
  gco_test_init (&argc, &argv);
  gco_test_add ("/bh/schedule", test_schedule);
  gco_test_add ("/bh/schedule-twice", test_schedule_twice);
  gco_test_add ("/bh/fifo", test_fifo);
  gco_test_add ("/bh/schedule-other", test_schedule_other);
  gco_test_add ("/bh/reschedule", test_reschedule);
  gco_test_add ("/bh/schedule-from-thread", test_schedule_from_thread);
  gco_test_add ("/bh/cancel", test_cancel);
  gco_test_add ("/bh/cancel-schedule", test_cancel_schedule);
  gco_test_add ("/bh/cancel-other", test_cancel_other);
  gco_test_add ("/bh/free-scheduled", test_free_scheduled);
  gco_test_add ("/bh/free-never-scheduled", test_free_never_scheduled);
  gco_test_add ("/bh/free-itself", test_free_itself);
  gco_test_add ("/bh/free-itself-scheduled", test_free_itself_scheduled);
  gco_test_add ("/bh/free-itself-many", test_free_itself_many);
  gco_test_add ("/bh/free-from-thread", test_free_from_thread);
  g_test_add_func ("/bh/holds-context", test_holds_context);
  return g_test_run ();
}
