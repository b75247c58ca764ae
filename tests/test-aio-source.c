/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The context as a GSource: how it gets along with a GMainContext. */

#include "gco-test.h"

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

static gboolean
log_idle (gpointer user_data)
{
  gco_test_log (user_data, "i");
  return G_SOURCE_REMOVE;
}

static void
add_idle (GcoTest *t,
          int      priority)
{
  g_autoptr (GSource) source = g_idle_source_new ();

  g_source_set_priority (source, priority);
  g_source_set_callback (source, log_idle, t, NULL);
  g_source_attach (source, t->main_context);
}

/* -------------------------------------------------------------------- attach */

static void
test_attach (void)
{
  GMainContext  *main_context = g_main_context_new ();
  GcoAioContext *ctx = gco_aio_context_new ();
  guint          id = gco_aio_context_attach (ctx, main_context);
  guint          n = 0;

  g_assert_cmpuint (id, !=, 0);
  g_assert_nonnull (g_main_context_find_source_by_id (main_context, id));
  gco_aio_context_schedule_oneshot (ctx, count, &n, NULL);
  g_assert_true (g_main_context_iteration (main_context, FALSE));
  g_assert_cmpuint (n, ==, 1);

  /* the source owns the context, and the GMainContext the source */
  g_object_add_weak_pointer (G_OBJECT (ctx), (gpointer *) &ctx);
  g_object_unref (ctx);
  g_assert_nonnull (ctx);
  g_main_context_unref (main_context);
  g_assert_null (ctx);
}

static void
test_attach_twice (GcoTest *t)
{
  g_autoptr (GMainContext) other = g_main_context_new ();
  guint n = 0;

  g_test_expect_message ("Gco", G_LOG_LEVEL_CRITICAL, "*attached*already*");
  g_assert_cmpuint (gco_aio_context_attach (t->ctx, t->main_context), ==, 0);
  g_test_expect_message ("Gco", G_LOG_LEVEL_CRITICAL, "*attached*already*");
  g_assert_cmpuint (gco_aio_context_attach (t->ctx, other), ==, 0);
  g_test_assert_expected_messages ();
  gco_aio_context_schedule_oneshot (t->ctx, count, &n, NULL);
  g_assert_true (gco_test_iterate (t));
  g_assert_cmpuint (n, ==, 1);
}

static void
test_dup_source (GcoTest *t)
{
  GSource *again = gco_aio_context_dup_source (t->ctx);

  g_assert_true (again == t->source);
  g_assert_true (g_source_get_can_recurse (again));
  g_assert_cmpint (g_source_get_priority (again), ==, G_PRIORITY_DEFAULT);
  g_assert_nonnull (g_source_get_name (again));
  g_source_unref (again);
}

/* After one source was destroyed a new one serves the same context. */
static void
test_new_source (GcoTest *t)
{
  guint n = 0;

  for (guint i = 1; i <= 3; i++)
    {
      GSource *old = t->source;

      g_source_destroy (old);
      gco_aio_context_schedule_oneshot (t->ctx, count, &n, NULL);
      g_assert_false (gco_test_iterate (t));
      t->source = gco_aio_context_dup_source (t->ctx);
      g_assert_true (t->source != old);
      g_source_unref (old);
      g_assert_cmpuint (g_source_attach (t->source, t->main_context), !=, 0);
      g_assert_true (gco_test_iterate (t));
      g_assert_cmpuint (n, ==, i);
    }
}

/* The old source is still referenced when the new one is made and used. */
static void
test_new_source_beside_old (GcoTest *t)
{
  g_autoptr (GSource) old = g_source_ref (t->source);
  guint     n = 0;
  GcoTimer *timer = gco_timer_new (t->ctx, NULL, count, &n, NULL);

  g_source_destroy (t->source);
  g_source_unref (t->source);
  t->source = gco_aio_context_dup_source (t->ctx);
  g_assert_true (t->source != old);
  g_source_attach (t->source, t->main_context);
  g_clear_pointer (&old, g_source_unref);
  gco_timer_mod_ns (timer, gco_clock_get_time_ns (NULL) + 1000000);
  while (n == 0)
    gco_test_iterate_blocking (t);
  gco_timer_free (timer);
}

/* From one GMainContext to another one, and with a handler in it. */
static void
on_notifier (gpointer user_data)
{
  count (user_data);
}

static void
test_other_main_context (GcoTest *t)
{
  g_autoptr (GMainContext) other = g_main_context_new ();
  GcoEventNotifier *notifier = gco_event_notifier_new (NULL);
  GSource          *source;
  guint             n = 0;

  gco_aio_context_set_event_notifier (t->ctx, notifier, on_notifier, &n, NULL);
  gco_event_notifier_set (notifier);
  gco_test_iterate_blocking (t);
  g_assert_cmpuint (n, ==, 1);
  g_source_destroy (t->source);
  source = gco_aio_context_dup_source (t->ctx);
  g_source_attach (source, other);
  gco_event_notifier_set (notifier);
  g_assert_false (gco_test_iterate (t));
  while (n < 2)
    g_main_context_iteration (other, TRUE);
  gco_aio_context_set_event_notifier (t->ctx, notifier, NULL, NULL, NULL);
  gco_event_notifier_free (notifier);
  g_source_destroy (source);
  g_source_unref (source);
}

/* ------------------------------------------------------------------ readiness */

/* Not ready by itself; one notification is one iteration. */
static void
test_quiet (GcoTest *t)
{
  for (guint i = 0; i < 3; i++)
    g_assert_false (gco_test_iterate (t));
  gco_aio_context_notify (t->ctx);
  gco_test_drain (t);
  for (guint i = 0; i < 3; i++)
    g_assert_false (gco_test_iterate (t));
}

static void
test_priority (GcoTest *t)
{
  g_source_set_priority (t->source, G_PRIORITY_LOW);
  gco_aio_context_schedule_oneshot (t->ctx, log_oneshot, t, NULL);
  add_idle (t, G_PRIORITY_DEFAULT);
  gco_test_drain (t);
  gco_test_assert_log (t, "io");

  g_source_set_priority (t->source, G_PRIORITY_HIGH);
  add_idle (t, G_PRIORITY_DEFAULT);
  gco_aio_context_schedule_oneshot (t->ctx, log_oneshot, t, NULL);
  gco_test_drain (t);
  gco_test_assert_log (t, "oi");
}

/* Work from a source of higher priority, which ran before ours was asked. */
static gboolean
schedule_from_source (gpointer user_data)
{
  GcoTest *t = user_data;

  gco_aio_context_schedule_oneshot (t->ctx, log_oneshot, t, NULL);
  return G_SOURCE_REMOVE;
}

static void
test_scheduled_by_source (GcoTest *t)
{
  g_autoptr (GSource) high = g_idle_source_new ();
  g_autoptr (GSource) low = g_idle_source_new ();

  g_source_set_priority (high, G_PRIORITY_HIGH);
  g_source_set_callback (high, schedule_from_source, t, NULL);
  g_source_attach (high, t->main_context);
  g_source_set_callback (low, schedule_from_source, t, NULL);
  g_source_attach (low, t->main_context);
  while (t->log->len < 2)
    g_main_context_iteration (t->main_context, TRUE);
  gco_test_assert_log (t, "oo");
}

/* What goes from the context to another source and back, for ever, as the promises of
 * JavaScript do: some at once, each with a way of its own. */
typedef struct
{
  GcoTest *t;
  int      priority; /* of the other source */
  guint    n_hops;
  gboolean stop;
} ToAndFro;

static void to (gpointer user_data);

static gboolean
fro (gpointer user_data)
{
  ToAndFro *way = user_data;

  gco_aio_context_schedule_oneshot (way->t->ctx, to, way, NULL);
  return G_SOURCE_REMOVE;
}

static void
to (gpointer user_data)
{
  ToAndFro *way = user_data;
  g_autoptr (GSource) source = g_idle_source_new ();
  gint64 end = g_get_monotonic_time () + 20;

  if (way->stop)
    return;
  while (g_get_monotonic_time () < end)
    ;
  way->n_hops++;
  g_source_set_priority (source, way->priority);
  g_source_set_callback (source, fro, way, NULL);
  g_source_attach (source, way->t->main_context);
}

static gboolean
count_turn (gpointer user_data)
{
  ++*(guint *) user_data;
  return G_SOURCE_CONTINUE;
}

static void
test_to_and_fro (GcoTest *t)
{
  static const int priorities[][3] = {
    { -1000, -1000, -1000 },
    { G_PRIORITY_DEFAULT, G_PRIORITY_DEFAULT, G_PRIORITY_DEFAULT },
    { -1000, G_PRIORITY_HIGH, G_PRIORITY_DEFAULT },
  };

  for (guint i = 0; i < G_N_ELEMENTS (priorities); i++)
    {
      ToAndFro ways[3];
      guint    n_turns = 0;
      g_autoptr (GSource) low = g_idle_source_new ();

      g_source_set_callback (low, count_turn, &n_turns, NULL);
      for (guint j = 0; j < G_N_ELEMENTS (ways); j++)
        {
          ways[j] = (ToAndFro){ t, priorities[i][j], 0, FALSE };
          fro (&ways[j]);
        }
      g_source_attach (low, t->main_context);
      /* one turn a millisecond, which is 50 hops */
      while (n_turns < 10 && ways[0].n_hops < 10000)
        g_main_context_iteration (t->main_context, FALSE);
      g_test_message ("%u hops, %u turns of a lower priority", ways[0].n_hops, n_turns);
      g_assert_cmpuint (n_turns, ==, 10);
      g_source_destroy (low);
      for (guint j = 0; j < G_N_ELEMENTS (ways); j++)
        {
          g_assert_cmpuint (ways[j].n_hops, >, 10);
          ways[j].stop = TRUE;
        }
      gco_test_drain (t);
    }
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
iterate_in_bh (gpointer user_data)
{
  Nested *nested = user_data;
  guint   depth = ++nested->depth;

  gco_test_log (nested->t, "(");
  gco_aio_context_schedule_oneshot (nested->t->ctx, log_oneshot, nested->t, NULL);
  if (depth < nested->max)
    gco_bh_schedule (nested->bh);
  g_main_context_iteration (nested->t->main_context, FALSE);
  gco_test_log (nested->t, ")");
}

/* A bottom half iterates the GMainContext: the rest runs in there. */
static void
test_nested_iteration (GcoTest *t)
{
  Nested nested = { .t = t, .max = 1 };

  nested.bh = gco_bh_new (t->ctx, iterate_in_bh, &nested, NULL);
  gco_bh_schedule (nested.bh);
  gco_test_drain (t);
  gco_test_assert_log (t, "(o)");
  gco_bh_free (nested.bh);
}

static void
step (gpointer user_data)
{
  GcoTest *t = user_data;

  gco_test_log (t, "a");
  gco_test_pass ();
  gco_test_log (t, "b");
}

static void
iterate_all (gpointer user_data)
{
  GcoTest *t = user_data;

  gco_test_log (t, "(");
  gco_test_drain (t);
  gco_test_log (t, ")");
}

/* Coroutines that were ready behind it run in the loop inside. */
static void
test_nested_coroutines (GcoTest *t)
{
  gco_test_spawn (t, step, t);
  gco_aio_context_schedule_oneshot (t->ctx, iterate_all, t, NULL);
  gco_test_spawn (t, step, t);
  gco_test_drain (t);
  gco_test_assert_log (t, "a(abb)");
}

/* The loop inside is reached from a coroutine, through call_outside. */
static void
iterate_outside (gpointer user_data)
{
  GcoTest *t = user_data;

  gco_test_log (t, "<");
  gco_coroutine_call_outside (iterate_all, t);
  gco_test_log (t, ">");
}

static void
test_nested_from_coroutine (GcoTest *t)
{
  gco_test_spawn (t, iterate_outside, t);
  gco_test_spawn (t, step, t);
  gco_test_drain (t);
  gco_test_assert_log (t, "<(ab)>");
}

static void
destroy_source (gpointer user_data)
{
  GcoTest *t = user_data;

  g_source_destroy (t->source);
  gco_aio_context_schedule_oneshot (t->ctx, log_oneshot, t, NULL);
}

/* The source is destroyed by what it runs; what was ready is drained. */
static void
test_destroyed_in_dispatch (GcoTest *t)
{
  gco_aio_context_schedule_oneshot (t->ctx, destroy_source, t, NULL);
  gco_aio_context_schedule_oneshot (t->ctx, log_oneshot, t, NULL);
  gco_test_iterate_uncut (t);
  gco_test_assert_log (t, "oo");
  g_assert_false (gco_test_iterate (t));
}

static void
drop_everything (gpointer user_data)
{
  GSource **source = user_data;

  g_source_destroy (*source);
  g_clear_pointer (source, g_source_unref);
}

/* So are the last references to it and to the context. */
static void
test_dropped_in_dispatch (void)
{
  GMainContext  *main_context = g_main_context_new ();
  GcoAioContext *ctx = gco_aio_context_new ();
  GSource       *source = gco_aio_context_dup_source (ctx);

  g_source_attach (source, main_context);
  gco_aio_context_schedule_oneshot (ctx, drop_everything, &source, NULL);
  g_object_add_weak_pointer (G_OBJECT (ctx), (gpointer *) &ctx);
  g_object_unref (ctx);
  g_main_context_iteration (main_context, FALSE);
  g_assert_null (source);
  g_assert_null (ctx);
  g_main_context_unref (main_context);
}

int
main (int    argc,
      char **argv)
{
  gco_test_init (&argc, &argv);
  g_test_add_func ("/aio-source/attach", test_attach);
  gco_test_add_source ("/aio-source/attach-twice", test_attach_twice);
  gco_test_add_source ("/aio-source/dup-source", test_dup_source);
  gco_test_add_source ("/aio-source/new-source", test_new_source);
  gco_test_add_source ("/aio-source/new-source-beside-old", test_new_source_beside_old);
  gco_test_add_source ("/aio-source/other-main-context", test_other_main_context);
  gco_test_add_source ("/aio-source/quiet", test_quiet);
  gco_test_add_source ("/aio-source/priority", test_priority);
  gco_test_add_source ("/aio-source/scheduled-by-source", test_scheduled_by_source);
  gco_test_add_source ("/aio-source/to-and-fro", test_to_and_fro);
  gco_test_add_source ("/aio-source/nested-iteration", test_nested_iteration);
  gco_test_add_source ("/aio-source/nested-coroutines", test_nested_coroutines);
  gco_test_add_source ("/aio-source/nested-from-coroutine", test_nested_from_coroutine);
  gco_test_add_source ("/aio-source/destroyed-in-dispatch", test_destroyed_in_dispatch);
  g_test_add_func ("/aio-source/dropped-in-dispatch", test_dropped_in_dispatch);
  return g_test_run ();
}
