/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Bottom halves that run when there is nothing else. */

#include "gco-test.h"

typedef struct
{
  GcoTest *t;
  GcoBh   *bh;
  guint    n;
  guint    max; /* reschedules itself while below */
  char     name;
} Idle;

static void
call (gpointer user_data)
{
  Idle *idle = user_data;

  idle->n++;
  if (idle->name != '\0')
    gco_test_log (idle->t, "%c", idle->name);
  if (idle->n < idle->max)
    gco_bh_schedule_idle (idle->bh);
}

static Idle *
make (GcoTest *t,
      char     name)
{
  Idle *idle = g_new0 (Idle, 1);

  idle->t = t;
  idle->name = name;
  idle->bh = gco_bh_new (t->ctx, call, idle, g_free);
  return idle;
}

static void
log_oneshot (gpointer user_data)
{
  gco_test_log (user_data, "o");
}

static void
test_runs (GcoTest *t)
{
  Idle *idle = make (t, '\0');

  gco_bh_schedule_idle (idle->bh);
  /* it keeps the loop from sleeping */
  gco_test_iterate_blocking (t);
  g_assert_cmpuint (idle->n, ==, 1);
  g_assert_false (gco_test_iterate (t));
  g_assert_cmpuint (idle->n, ==, 1);
  gco_bh_free (idle->bh);
}

static void
test_no_progress (GcoTest *t)
{
  Idle *idle = make (t, '\0');

  gco_bh_schedule_idle (idle->bh);
  g_assert_false (gco_aio_context_poll (t->ctx, TRUE));
  g_assert_cmpuint (idle->n, ==, 1);
  gco_bh_free (idle->bh);
}

static void
test_waits_for_others (GcoTest *t)
{
  Idle *idle = make (t, 'i');

  gco_bh_schedule_idle (idle->bh);
  gco_aio_context_schedule_oneshot (t->ctx, log_oneshot, t, NULL);
  g_assert_true (gco_test_iterate (t));
  gco_test_assert_log (t, "o");
  gco_test_iterate (t);
  gco_test_assert_log (t, "i");
  gco_bh_free (idle->bh);
}

static void
test_order (GcoTest *t)
{
  Idle *a = make (t, 'a');
  Idle *b = make (t, 'b');

  gco_bh_schedule_idle (b->bh);
  gco_bh_schedule_idle (a->bh);
  gco_test_iterate_uncut (t);
  gco_test_assert_log (t, "ba");
  gco_bh_free (a->bh);
  gco_bh_free (b->bh);
}

static void
test_reschedule (GcoTest *t)
{
  Idle *idle = make (t, '\0');
  guint n_iterations = 0;

  idle->max = 5;
  gco_bh_schedule_idle (idle->bh);
  for (; idle->n < 5; n_iterations++)
    gco_test_iterate_blocking (t);
  g_assert_cmpuint (n_iterations, >=, 5);
  g_assert_false (gco_test_iterate (t));
  gco_bh_free (idle->bh);
}

/* One that stands among the idle ones and is urgent now is called by a dispatch
 * that has other things to do, too. */
static void
test_becomes_urgent (GcoTest *t)
{
  Idle *idle = make (t, 'i');

  gco_bh_schedule_idle (idle->bh);
  gco_aio_context_schedule_oneshot (t->ctx, log_oneshot, t, NULL);
  gco_test_iterate (t);
  gco_test_assert_log (t, "o");
  gco_aio_context_schedule_oneshot (t->ctx, log_oneshot, t, NULL);
  gco_bh_schedule (idle->bh);
  gco_test_iterate (t);
  gco_test_assert_log (t, "oi");
  gco_bh_free (idle->bh);
}

static void
test_cancel (GcoTest *t)
{
  Idle *idle = make (t, '\0');

  gco_bh_schedule_idle (idle->bh);
  gco_bh_cancel (idle->bh);
  gco_test_drain (t);
  g_assert_cmpuint (idle->n, ==, 0);
  gco_bh_schedule_idle (idle->bh);
  gco_test_iterate (t);
  g_assert_cmpuint (idle->n, ==, 1);
  gco_bh_free (idle->bh);
}

static void
note_freed (gpointer user_data)
{
  gboolean *freed = user_data;

  *freed = TRUE;
}

static void
never_called (gpointer user_data)
{
  g_assert_not_reached ();
}

/* Its user data goes although it stands among those that nobody looks at. */
static void
test_free (GcoTest *t)
{
  gboolean freed = FALSE;
  GcoBh   *bh = gco_bh_new (t->ctx, never_called, &freed, note_freed);

  gco_bh_schedule_idle (bh);
  gco_aio_context_schedule_oneshot (t->ctx, log_oneshot, t, NULL);
  gco_test_iterate (t);
  gco_bh_free (bh);
  gco_test_drain (t);
  g_assert_true (freed);
}

static void
test_from_thread (GcoTest *t)
{
  GcoTestThread *thread = gco_test_thread_new (t);
  Idle          *idle = make (t, '\0');

  gco_test_thread_call (thread, (GcoFunc) gco_bh_schedule_idle, idle->bh);
  gco_test_iterate_blocking (t);
  g_assert_cmpuint (idle->n, ==, 1);
  gco_test_thread_stop (thread);
  gco_bh_free (idle->bh);
}

/* --------------------------------------------------- beside other GSources */

static gboolean
count_idle (gpointer user_data)
{
  guint *n = user_data;

  (*n)++;
  return G_SOURCE_CONTINUE;
}

static guint *
add_source (GcoTest *t,
            int      priority)
{
  guint   *n = g_new0 (guint, 1);
  GSource *source = g_idle_source_new ();

  g_source_set_priority (source, priority);
  g_source_set_callback (source, count_idle, n, g_free);
  g_source_attach (source, t->main_context);
  g_source_unref (source);
  return n;
}

/* An idle bottom half that goes on for ever leaves those below it their turn. */
static void
test_lower_priority_runs (GcoTest *t)
{
  Idle  *idle = make (t, '\0');
  guint *n_lower = add_source (t, G_PRIORITY_LOW);

  idle->max = G_MAXUINT;
  gco_bh_schedule_idle (idle->bh);
  for (guint i = 0; i < 100; i++)
    g_main_context_iteration (t->main_context, TRUE);
  g_assert_cmpuint (idle->n, >=, 20);
  g_assert_cmpuint (*n_lower, >=, 20);
  idle->max = 0;
  g_source_destroy (g_main_context_find_source_by_user_data (t->main_context, n_lower));
  gco_test_iterate (t);
  gco_test_iterate (t);
  gco_bh_free (idle->bh);
}

int
main (int    argc,
      char **argv)
{
  gco_test_init (&argc, &argv);
  gco_test_add ("/bh-idle/runs", test_runs);
  gco_test_add ("/bh-idle/no-progress", test_no_progress);
  gco_test_add ("/bh-idle/waits-for-others", test_waits_for_others);
  gco_test_add ("/bh-idle/order", test_order);
  gco_test_add ("/bh-idle/reschedule", test_reschedule);
  gco_test_add ("/bh-idle/becomes-urgent", test_becomes_urgent);
  gco_test_add ("/bh-idle/cancel", test_cancel);
  gco_test_add ("/bh-idle/free", test_free);
  gco_test_add ("/bh-idle/from-thread", test_from_thread);
  gco_test_add_source ("/bh-idle/lower-priority-runs", test_lower_priority_runs);
  return g_test_run ();
}
