/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The loop: what it returns, when it wakes up, how long a dispatch goes on. */

#include "gco-test.h"

#define MS G_GINT64_CONSTANT (1000000)

static void
count (gpointer user_data)
{
  guint *n = user_data;

  (*n)++;
}

static void
log_oneshot (gpointer user_data)
{
  gco_test_log (user_data, "o");
}

/* ------------------------------------------------------------------- results */

static void
test_nothing (GcoTest *t)
{
  for (guint i = 0; i < 3; i++)
    g_assert_false (gco_aio_context_poll (t->ctx, FALSE));
}

static void
yield_once (gpointer user_data)
{
  gco_coroutine_yield ();
}

/* Each kind of thing is progress, with and without waiting. */
static void
test_progress (GcoTest *t)
{
  guint         n = 0;
  GcoBh        *bh = gco_bh_new (t->ctx, count, &n, NULL);
  GcoTimer     *timer = gco_timer_new (t->ctx, NULL, count, &n, NULL);
  GcoCoroutine *coroutine;

  for (int block = 0; block < 2; block++)
    {
      gco_aio_context_schedule_oneshot (t->ctx, count, &n, NULL);
      g_assert_true (gco_aio_context_poll (t->ctx, block));
      gco_bh_schedule (bh);
      g_assert_true (gco_aio_context_poll (t->ctx, block));
      gco_timer_mod_ns (timer, 0);
      g_assert_true (gco_aio_context_poll (t->ctx, block));
      coroutine = gco_test_spawn (t, yield_once, NULL);
      g_assert_true (gco_aio_context_poll (t->ctx, block));
      gco_coroutine_wake (coroutine);
      g_assert_true (gco_aio_context_poll (t->ctx, block));
      g_assert_false (gco_aio_context_poll (t->ctx, FALSE));
    }
  g_assert_cmpuint (n, ==, 6);
  gco_bh_free (bh);
  gco_timer_free (timer);
}

/* ------------------------------------------------------------------- wake-ups */

static gpointer
notify (gpointer data)
{
  gco_aio_context_notify (data);
  return NULL;
}

/* It returns although there is nothing to do. */
static void
test_notify_wakes (GcoTest *t)
{
  GThread *thread = g_thread_new (NULL, notify, t->ctx);

  g_assert_false (gco_aio_context_poll (t->ctx, TRUE));
  g_thread_join (thread);
  g_assert_false (gco_aio_context_poll (t->ctx, FALSE));
}

/* A notification before counts for the next poll. */
static void
test_notified_before (GcoTest *t)
{
  gco_aio_context_notify (t->ctx);
  g_assert_false (gco_aio_context_poll (t->ctx, TRUE));
}

typedef struct
{
  GcoAioContext *ctx;
  int            n;
  int            max;
} Stream;

static void
count_atomically (gpointer user_data)
{
  g_atomic_int_inc ((int *) user_data);
}

static gpointer
stream (gpointer data)
{
  Stream *s = data;

  for (int i = 0; i < s->max; i++)
    {
      /* sometimes the loop has fallen asleep, sometimes it is about to */
      if (i % 7 == 0)
        while (g_atomic_int_get (&s->n) < i)
          g_thread_yield ();
      gco_aio_context_schedule_oneshot (s->ctx, count_atomically, &s->n, NULL);
    }
  return NULL;
}

/* No wake-up is lost, however the two threads meet. */
static void
test_stream_from_thread (GcoTest *t)
{
  Stream   s = { .ctx = t->ctx, .max = (int) gco_test_scale (20000) };
  GThread *thread = g_thread_new (NULL, stream, &s);

  while (g_atomic_int_get (&s.n) < s.max)
    gco_test_iterate_blocking (t);
  g_thread_join (thread);
  g_assert_cmpint (s.n, ==, s.max);
}

/* -------------------------------------------------------------------- budget */

typedef struct
{
  GcoTest *t;
  guint    n;
  guint    max;
  gint64   ns; /* how long each takes */
  gboolean other_ran;
  guint    n_when_other_ran;
} Busy;

static void
spin (gint64 ns)
{
  gint64 end = gco_clock_get_time_ns (NULL) + ns;

  while (gco_clock_get_time_ns (NULL) < end)
    ;
}

static void
go_on (gpointer user_data)
{
  Busy *busy = user_data;

  busy->n++;
  spin (busy->ns);
  if (busy->n < busy->max)
    gco_aio_context_schedule_oneshot (busy->t->ctx, go_on, busy, NULL);
}

#define MAX_ITEMS 1024 /* of a dispatch */

/* Work that makes work is cut after so many items. */
static void
test_cut_by_items (GcoTest *t)
{
  Busy busy = { .t = t, .max = 4000 };

  gco_aio_context_schedule_oneshot (t->ctx, go_on, &busy, NULL);
  for (guint i = 1; i <= 3; i++)
    {
      g_assert_true (gco_test_iterate (t));
      g_assert_cmpuint (busy.n, <=, MAX_ITEMS * i);
    }
  gco_test_iterate_blocking (t);
  gco_test_drain (t);
  g_assert_cmpuint (busy.n, ==, 4000);
}

/* Or after a millisecond, when each takes its time. */
static void
test_cut_by_time (GcoTest *t)
{
  Busy busy = { .t = t, .max = 60, .ns = MS / 4 };

  gco_aio_context_schedule_oneshot (t->ctx, go_on, &busy, NULL);
  for (guint i = 1; busy.n < busy.max; i++)
    {
      guint before = busy.n;

      /* the source says it is ready at once */
      g_assert_true (gco_test_iterate (t));
      g_assert_cmpuint (busy.n - before, <=, 10);
      g_assert_cmpuint (busy.n - before, >=, 1);
    }
}

static void
pass_on (gpointer user_data)
{
  Busy *busy = user_data;

  while (busy->n < busy->max)
    {
      busy->n++;
      spin (busy->ns);
      gco_test_pass ();
    }
}

/* Coroutines that hand over to each other are cut likewise. */
static void
test_cut_coroutines_by_items (GcoTest *t)
{
  Busy  busy = { .t = t, .max = 8000 };
  guint n_iterations = 0;

  for (guint i = 0; i < 3; i++)
    gco_test_spawn (t, pass_on, &busy);
  for (; busy.n < busy.max; n_iterations++)
    {
      guint before = busy.n;

      g_assert_true (gco_test_iterate (t));
      g_assert_cmpuint (busy.n - before, <=, MAX_ITEMS);
    }
  gco_test_drain (t);
  g_assert_cmpuint (n_iterations, >=, 8000 / MAX_ITEMS);
  g_assert_cmpuint (n_iterations, <, 8000 / 16);
}

static void
test_cut_coroutines_by_time (GcoTest *t)
{
  Busy busy = { .t = t, .max = 60, .ns = MS / 4 };

  for (guint i = 0; i < 3; i++)
    gco_test_spawn (t, pass_on, &busy);
  while (busy.n < busy.max)
    {
      guint before = busy.n;

      g_assert_true (gco_test_iterate (t));
      g_assert_cmpuint (busy.n - before, <=, 10);
    }
  gco_test_drain (t);
}

static gboolean
note_other (gpointer user_data)
{
  Busy *busy = user_data;

  busy->other_ran = TRUE;
  busy->n_when_other_ran = busy->n;
  return G_SOURCE_REMOVE;
}

/* Redraws and input, at our priority, get their turn in between. */
static void
test_others_get_their_turn (GcoTest *t)
{
  Busy     busy = { .t = t, .max = G_MAXUINT };
  GSource *other = g_idle_source_new ();

  g_source_set_priority (other, G_PRIORITY_DEFAULT);
  g_source_set_callback (other, note_other, &busy, NULL);
  gco_aio_context_schedule_oneshot (t->ctx, go_on, &busy, NULL);
  gco_test_iterate (t);
  g_source_attach (other, t->main_context);
  while (!busy.other_ran)
    gco_test_iterate (t);
  g_assert_cmpuint (busy.n_when_other_ran, <=, 2 * MAX_ITEMS);
  busy.max = 0;
  gco_test_drain (t);
  g_source_unref (other);
}

static void
on_notifier (gpointer user_data)
{
  Busy *busy = user_data;

  busy->other_ran = TRUE;
  busy->n_when_other_ran = busy->n;
  busy->max = 0;
}

/* So do descriptors and timers of the same context. */
static void
test_descriptors_get_their_turn (GcoTest *t)
{
  Busy              busy = { .t = t, .max = G_MAXUINT };
  GcoEventNotifier *notifier = gco_event_notifier_new (NULL);

  gco_aio_context_set_event_notifier (t->ctx, notifier, on_notifier, &busy, NULL);
  gco_event_notifier_set (notifier);
  gco_aio_context_schedule_oneshot (t->ctx, go_on, &busy, NULL);
  while (!busy.other_ran)
    gco_test_iterate (t);
  g_assert_cmpuint (busy.n_when_other_ran, <=, 2 * MAX_ITEMS);
  gco_test_drain (t);
  gco_aio_context_set_event_notifier (t->ctx, notifier, NULL, NULL, NULL);
  gco_event_notifier_free (notifier);
}

static void
test_timers_get_their_turn (GcoTest *t)
{
  Busy      busy = { .t = t, .max = G_MAXUINT };
  GcoTimer *timer = gco_timer_new (t->ctx, NULL, on_notifier, &busy, NULL);

  gco_timer_mod_ns (timer, 0);
  gco_aio_context_schedule_oneshot (t->ctx, go_on, &busy, NULL);
  while (!busy.other_ran)
    gco_test_iterate (t);
  g_assert_cmpuint (busy.n_when_other_ran, <=, 2 * MAX_ITEMS);
  gco_test_drain (t);
  gco_timer_free (timer);
}

/* ------------------------------------------------------------------- nesting */

typedef struct
{
  GcoTest *t;
  GcoBh   *bh;
  guint    depth;
  guint    max;
} Nested;

static void
poll_in_bh (gpointer user_data)
{
  Nested *nested = user_data;

  nested->depth++;
  gco_test_log (nested->t, "(");
  if (nested->depth < nested->max)
    gco_bh_schedule (nested->bh);
  gco_aio_context_schedule_oneshot (nested->t->ctx, log_oneshot, nested->t, NULL);
  g_assert_true (gco_aio_context_poll (nested->t->ctx, TRUE));
  /* where every step is slow, a dispatch is cut short */
  while (gco_aio_context_poll (nested->t->ctx, FALSE))
    ;
  gco_test_log (nested->t, ")");
}

/* What is ready behind a bottom half runs in the poll inside of it. */
static void
test_nested (GcoTest *t)
{
  Nested nested = { .t = t, .max = 1 };

  nested.bh = gco_bh_new (t->ctx, poll_in_bh, &nested, NULL);
  gco_bh_schedule (nested.bh);
  gco_aio_context_schedule_oneshot (t->ctx, log_oneshot, t, NULL);
  gco_test_drain (t);
  gco_test_assert_log (t, "(oo)");
  gco_bh_free (nested.bh);
}

static void
poll_deeper (gpointer user_data)
{
  Nested *nested = user_data;
  guint   depth = ++nested->depth;

  if (depth < nested->max)
    {
      gco_aio_context_schedule_oneshot (nested->t->ctx, poll_deeper, nested, NULL);
      while (nested->depth == depth)
        gco_aio_context_poll (nested->t->ctx, TRUE);
    }
  gco_test_log (nested->t, "%u ", depth);
}

static void
test_nested_deep (GcoTest *t)
{
  Nested nested = { .t = t, .max = 10 };

  gco_aio_context_schedule_oneshot (t->ctx, poll_deeper, &nested, NULL);
  gco_test_drain (t);
  gco_test_assert_log (t, "10 9 8 7 6 5 4 3 2 1 ");
}

static void
wait_for_flag (gpointer user_data)
{
  gboolean **flags = user_data;

  while (!*flags[0])
    gco_test_pass ();
  *flags[1] = TRUE;
}

static void
poll_until_flag (gpointer user_data)
{
  GcoTest  *t = user_data;
  gboolean  start = TRUE;
  gboolean  end = FALSE;
  gboolean *flags[] = { &start, &end };

  gco_test_spawn (t, wait_for_flag, flags);
  while (!end)
    gco_aio_context_poll (t->ctx, TRUE);
  gco_test_log (t, "p");
}

/* A loop within a loop waits for coroutines that it started. */
static void
test_nested_waits (GcoTest *t)
{
  gco_aio_context_schedule_oneshot (t->ctx, poll_until_flag, t, NULL);
  gco_test_drain (t);
  gco_test_assert_log (t, "p");
}

typedef struct
{
  GcoTest       *t;
  GcoAioContext *inner;
} Two;

static void
poll_inner (gpointer user_data)
{
  Two  *two = user_data;
  guint n = 0;

  gco_aio_context_schedule_oneshot (two->inner, count, &n, NULL);
  gco_aio_context_schedule_oneshot (two->t->ctx, log_oneshot, two->t, NULL);
  g_assert_true (gco_aio_context_poll (two->inner, FALSE));
  g_assert_cmpuint (n, ==, 1);
  g_assert_true (gco_aio_context_get_current () == two->t->ctx);
  gco_test_log (two->t, "i");
}

/* Another context's loop within ours: each runs its own. */
static void
test_nested_other (GcoTest *t)
{
  Two two = { t, gco_aio_context_new () };

  gco_aio_context_schedule_oneshot (t->ctx, poll_inner, &two, NULL);
  gco_test_drain (t);
  gco_test_assert_log (t, "io");
  g_assert_finalize_object (two.inner);
}

/* --------------------------------------------------------- beside a GSource */

/* A context that is attached may be polled too, by who owns its GMainContext. */
static void
test_attached (GcoTest *t)
{
  guint n = 0;

  gco_aio_context_schedule_oneshot (t->ctx, count, &n, NULL);
  g_assert_true (gco_aio_context_poll (t->ctx, TRUE));
  g_assert_cmpuint (n, ==, 1);
  gco_aio_context_schedule_oneshot (t->ctx, count, &n, NULL);
  g_assert_true (g_main_context_iteration (t->main_context, FALSE));
  g_assert_cmpuint (n, ==, 2);
}

int
main (int    argc,
      char **argv)
{
  gco_test_init (&argc, &argv);
  gco_test_add ("/aio-poll/nothing", test_nothing);
  gco_test_add ("/aio-poll/progress", test_progress);
  gco_test_add ("/aio-poll/notify-wakes", test_notify_wakes);
  gco_test_add ("/aio-poll/notified-before", test_notified_before);
  gco_test_add ("/aio-poll/stream-from-thread", test_stream_from_thread);
  gco_test_add ("/aio-poll/cut-by-items", test_cut_by_items);
  gco_test_add ("/aio-poll/cut-by-time", test_cut_by_time);
  gco_test_add ("/aio-poll/cut-coroutines-by-items", test_cut_coroutines_by_items);
  gco_test_add ("/aio-poll/cut-coroutines-by-time", test_cut_coroutines_by_time);
  gco_test_add_source ("/aio-poll/others-get-their-turn", test_others_get_their_turn);
  gco_test_add ("/aio-poll/descriptors-get-their-turn", test_descriptors_get_their_turn);
  gco_test_add ("/aio-poll/timers-get-their-turn", test_timers_get_their_turn);
  gco_test_add ("/aio-poll/nested", test_nested);
  gco_test_add ("/aio-poll/nested-deep", test_nested_deep);
  gco_test_add ("/aio-poll/nested-waits", test_nested_waits);
  gco_test_add ("/aio-poll/nested-other", test_nested_other);
  gco_test_add_source ("/aio-poll/attached", test_attached);
  return g_test_run ();
}
