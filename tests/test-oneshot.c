/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "gco-test.h"

typedef struct
{
  GcoTest *t;
  char     name;
} Shot;

static void
log_shot (gpointer user_data)
{
  Shot *shot = user_data;

  g_assert_false (gco_in_coroutine ());
  g_assert_true (gco_aio_context_get_current () == shot->t->ctx);
  gco_test_log (shot->t, "%c", shot->name);
}

static void
log_destroy (gpointer user_data)
{
  Shot *shot = user_data;

  g_assert_false (gco_in_coroutine ());
  gco_test_log (shot->t, "-%c", shot->name);
  g_free (shot);
}

static void
schedule (GcoTest *t,
          char     name)
{
  Shot *shot = g_new (Shot, 1);

  *shot = (Shot){ t, name };
  gco_aio_context_schedule_oneshot (t->ctx, log_shot, shot, log_destroy);
}

static void
test_once (GcoTest *t)
{
  schedule (t, 'a');
  gco_test_assert_log (t, "");
  gco_test_iterate_blocking (t);
  gco_test_assert_log (t, "a-a");
  g_assert_false (gco_test_iterate (t));
  gco_test_assert_log (t, "");
}

static void
test_fifo (GcoTest *t)
{
  for (char name = 'a'; name <= 'h'; name++)
    schedule (t, name);
  gco_test_drain (t);
  gco_test_assert_log (t, "a-ab-bc-cd-de-ef-fg-gh-h");
}

static void
test_no_destroy (GcoTest *t)
{
  Shot shot = { t, 'a' };

  gco_aio_context_schedule_oneshot (t->ctx, log_shot, &shot, NULL);
  gco_aio_context_schedule_oneshot (t->ctx, log_shot, &shot, NULL);
  gco_test_drain (t);
  gco_test_assert_log (t, "aa");
}

static void
log_from_bh (gpointer user_data)
{
  gco_test_log (user_data, "B");
}

static void
log_from_coroutine (gpointer user_data)
{
  gco_test_log (user_data, "C");
  gco_coroutine_yield ();
  gco_test_log (user_data, "D");
}

/* One FIFO for one-shots, bottom halves and hand-offs. */
static void
test_fifo_of_kinds (GcoTest *t)
{
  GcoBh        *bh = gco_bh_new (t->ctx, log_from_bh, t, NULL);
  GcoCoroutine *coroutine;

  schedule (t, 'a');
  coroutine = gco_test_spawn (t, log_from_coroutine, t);
  gco_bh_schedule (bh);
  schedule (t, 'b');
  gco_test_drain (t);
  gco_test_assert_log (t, "a-aCBb-b");

  gco_bh_schedule (bh);
  schedule (t, 'a');
  gco_coroutine_wake (coroutine);
  schedule (t, 'b');
  gco_test_drain (t);
  gco_test_assert_log (t, "Ba-aDb-b");
  gco_bh_free (bh);
}

static void
schedule_from_thread (gpointer user_data)
{
  schedule (user_data, 'x');
  schedule (user_data, 'y');
}

/* Those of another thread stand where they came. */
static void
test_fifo_of_threads (GcoTest *t)
{
  GcoTestThread *thread = gco_test_thread_new (t);

  schedule (t, 'a');
  gco_test_thread_call (thread, schedule_from_thread, t);
  schedule (t, 'b');
  gco_test_drain (t);
  gco_test_assert_log (t, "a-ax-xy-yb-b");
  gco_test_thread_stop (thread);
}

static void
schedule_more (gpointer user_data)
{
  GcoTest *t = user_data;

  gco_test_log (t, "m");
  schedule (t, 'c');
  schedule (t, 'd');
}

/* What one schedules is drained in the same dispatch, at the end. */
static void
test_drained (GcoTest *t)
{
  gco_aio_context_schedule_oneshot (t->ctx, schedule_more, t, NULL);
  schedule (t, 'a');
  g_assert_true (gco_test_iterate_uncut (t));
  gco_test_assert_log (t, "ma-ac-cd-d");
}

static void
schedule_with_null (gpointer user_data)
{
  Shot *shot = g_new (Shot, 1);

  *shot = (Shot){ user_data, 'n' };
  gco_aio_context_schedule_oneshot (NULL, log_shot, shot, log_destroy);
}

static void
schedule_with_null_and_yield (gpointer user_data)
{
  schedule_with_null (user_data);
  gco_test_pass ();
}

/* NULL is the context that dispatches, or that of the coroutine. */
static void
test_null_context (GcoTest *t)
{
  gco_aio_context_schedule_oneshot (t->ctx, schedule_with_null, t, NULL);
  gco_test_drain (t);
  gco_test_assert_log (t, "n-n");
  gco_test_run (t, schedule_with_null_and_yield, t);
  gco_test_assert_log (t, "n-n");
}

typedef struct
{
  GcoTest *t;
  guint    n;
  guint    max;
  char    *address;
} Chain;

static void
link_chain (gpointer user_data)
{
  Chain *chain = user_data;

  if (chain->address == NULL)
    chain->address = __builtin_frame_address (0);
  g_assert_cmpint (ABS (chain->address - (char *) __builtin_frame_address (0)),
                   <,
                   4096);
  if (++chain->n < chain->max)
    gco_aio_context_schedule_oneshot (chain->t->ctx, link_chain, chain, NULL);
}

/* Each schedules the next: the stack does not grow. */
static void
test_chain (GcoTest *t)
{
  Chain chain = { .t = t, .max = gco_test_scale (1000000) };

  gco_aio_context_schedule_oneshot (t->ctx, link_chain, &chain, NULL);
  while (chain.n < chain.max)
    g_assert_true (gco_test_iterate (t));
  g_assert_false (gco_test_iterate (t));
}

/* ------------------------------------------------------- the context goes */

static void
test_finalized (void)
{
  GcoTest t = { .ctx = gco_aio_context_new (), .log = g_string_new (NULL) };

  schedule (&t, 'a');
  schedule (&t, 'b');
  g_test_expect_message ("Gco", G_LOG_LEVEL_WARNING, "*one-shot*not run*");
  g_test_expect_message ("Gco", G_LOG_LEVEL_WARNING, "*one-shot*not run*");
  g_assert_finalize_object (t.ctx);
  g_test_assert_expected_messages ();
  gco_test_assert_log (&t, "-a-b");
  g_string_free (t.log, TRUE);
}

static void
check_destroyed_outside (gpointer user_data)
{
  gboolean *destroyed = user_data;

  g_assert_false (gco_in_coroutine ());
  *destroyed = TRUE;
}

static void
drop_last_reference (gpointer user_data)
{
  GcoAioContext *ctx = gco_aio_context_new ();
  gboolean       destroyed = FALSE;

  gco_aio_context_schedule_oneshot (ctx,
                                    check_destroyed_outside,
                                    &destroyed,
                                    check_destroyed_outside);
  g_test_expect_message ("Gco", G_LOG_LEVEL_WARNING, "*one-shot*not run*");
  g_object_unref (ctx);
  g_test_assert_expected_messages ();
  g_assert_true (destroyed);
}

/* The last reference goes in a coroutine: foreign code runs outside of it. */
static void
test_finalized_in_coroutine (GcoTest *t)
{
  gco_test_run (t, drop_last_reference, NULL);
}

static void
test_bad_arguments (GcoTest *t)
{
  g_test_expect_message ("Gco", G_LOG_LEVEL_CRITICAL, "*func != NULL*");
  gco_aio_context_schedule_oneshot (t->ctx, NULL, NULL, NULL);
  g_test_assert_expected_messages ();
}

int
main (int    argc,
      char **argv)
{
  gco_test_init (&argc, &argv);
  gco_test_add ("/oneshot/once", test_once);
  gco_test_add ("/oneshot/fifo", test_fifo);
  gco_test_add ("/oneshot/no-destroy", test_no_destroy);
  gco_test_add ("/oneshot/fifo-of-kinds", test_fifo_of_kinds);
  gco_test_add ("/oneshot/fifo-of-threads", test_fifo_of_threads);
  gco_test_add ("/oneshot/drained", test_drained);
  gco_test_add ("/oneshot/null-context", test_null_context);
  gco_test_add ("/oneshot/chain", test_chain);
  g_test_add_func ("/oneshot/finalized", test_finalized);
  gco_test_add ("/oneshot/finalized-in-coroutine", test_finalized_in_coroutine);
  gco_test_add ("/oneshot/bad-arguments", test_bad_arguments);
  return g_test_run ();
}
