/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* GLib keeps state per thread; a coroutine that changes it and suspends before
 * undoing that is caught. */

#include "gco-test.h"

#include <fenv.h>

static void
run (GcoTest         *t,
     GcoCoroutineFunc func)
{
  GcoCoroutine *bob = gco_coroutine_create_full ("bob", 0, func, t, NULL, NULL);

  gco_coroutine_schedule (bob, t->ctx);
  gco_test_drain (t);
}

/* In a process of its own: what the suite asks for is taken back before the
 * library looks. */
static void
without_debug (void)
{
  g_setenv ("GCO_DEBUG", "", TRUE);
}

/* ----------------------------------------------------------------- good ones */

static void
push_and_pop (gpointer user_data)
{
  GMainContext *main_context = g_main_context_new ();

  for (guint i = 0; i < 3; i++)
    {
      g_main_context_push_thread_default (main_context);
      g_assert_true (g_main_context_get_thread_default () == main_context);
      g_main_context_pop_thread_default (main_context);
      gco_test_pass ();
    }
  g_main_context_unref (main_context);
}

static gboolean
note_source (gpointer user_data)
{
  gboolean *ran = user_data;

  *ran = TRUE;
  return G_SOURCE_REMOVE;
}

/* A private GMainContext, with nothing of ours in it, iterated to the end. */
static void
iterate_and_finish (gpointer user_data)
{
  GMainContext *main_context = g_main_context_new ();
  GSource      *source = g_idle_source_new ();
  gboolean      ran = FALSE;

  g_source_set_callback (source, note_source, &ran, NULL);
  g_source_attach (source, main_context);
  g_main_context_iteration (main_context, TRUE);
  g_assert_true (ran);
  g_source_unref (source);
  g_main_context_unref (main_context);
  gco_test_pass ();
}

static void
test_undone (GcoTest *t)
{
  gco_test_run (t, push_and_pop, NULL);
  gco_test_run (t, iterate_and_finish, NULL);
}

static void
note_depth (gpointer user_data)
{
  int *depth = user_data;

  *depth = g_main_depth ();
}

/* Entered at one depth, resumed at another: that is not its own doing. */
static void
yield_once (gpointer user_data)
{
  note_depth (user_data);
  gco_coroutine_yield ();
  note_depth (user_data);
}

static void
test_resumed_deeper (GcoTest *t)
{
  int           depth = -1;
  GcoCoroutine *coroutine = gco_coroutine_create (yield_once, &depth);

  gco_coroutine_enter (coroutine);
  g_assert_cmpint (depth, ==, 0);
  gco_coroutine_wake (coroutine);
  while (depth == 0)
    g_main_context_iteration (t->main_context, TRUE);
  g_assert_cmpint (depth, ==, 1);
}

/* ------------------------------------------------------------------ bad ones */

static void
push_and_yield (gpointer user_data)
{
  g_main_context_push_thread_default (g_main_context_new ());
  gco_coroutine_yield ();
}

static void
test_push_and_yield (GcoTest *t)
{
  run (t, push_and_yield);
}

static void
push_and_end (gpointer user_data)
{
  g_main_context_push_thread_default (g_main_context_new ());
}

static void
test_push_and_end (GcoTest *t)
{
  run (t, push_and_end);
}

/* At the end of the dispatch, in release builds too. */
static void
test_push_and_yield_in_release (GcoTest *t)
{
  without_debug ();
  run (t, push_and_yield);
}

static gboolean
yield_in_source (gpointer user_data)
{
  gco_coroutine_yield ();
  return G_SOURCE_REMOVE;
}

static void
iterate_and_yield (gpointer user_data)
{
  GMainContext *main_context = g_main_context_new ();
  GSource      *source = g_idle_source_new ();

  g_source_set_callback (source, yield_in_source, NULL, NULL);
  g_source_attach (source, main_context);
  g_main_context_iteration (main_context, TRUE);
}

static void
test_iterate_and_yield (GcoTest *t)
{
  run (t, iterate_and_yield);
}

static void
test_iterate_and_yield_in_release (GcoTest *t)
{
  without_debug ();
  run (t, iterate_and_yield);
}

static void
round_down_and_yield (gpointer user_data)
{
  fesetround (FE_DOWNWARD);
  gco_coroutine_yield ();
}

static void
test_round_down_and_yield (GcoTest *t)
{
  run (t, round_down_and_yield);
}

static void
round_down_and_undo (gpointer user_data)
{
  volatile double one = 1.0;
  volatile double third;
  int             before = fegetround ();

  fesetround (FE_DOWNWARD);
  third = one / 3.0; /* and the flag that says it was inexact */
  fesetround (before);
  gco_test_pass ();
  g_assert_cmpfloat (third, <, 0.34);
}

static void
test_round_down_and_undo (GcoTest *t)
{
  gco_test_run (t, round_down_and_undo, NULL);
}

int
main (int    argc,
      char **argv)
{
  gco_test_init (&argc, &argv);
  gco_test_add ("/glib-state/undone", test_undone);
  gco_test_add_source ("/glib-state/resumed-deeper", test_resumed_deeper);
  gco_test_add_abort ("/glib-state/push-and-yield",
                      test_push_and_yield,
                      "*coroutine bob*thread-default GMainContext*");
  gco_test_add_abort ("/glib-state/push-and-end",
                      test_push_and_end,
                      "*coroutine bob*thread-default GMainContext*");
  gco_test_add_abort ("/glib-state/push-and-yield-in-release",
                      test_push_and_yield_in_release,
                      "*thread-default GMainContext was changed*GCO_DEBUG=glib*");
  gco_test_add_abort ("/glib-state/iterate-and-yield",
                      test_iterate_and_yield,
                      "*coroutine bob*suspends while it iterates*");
  gco_test_add_abort ("/glib-state/iterate-and-yield-in-release",
                      test_iterate_and_yield_in_release,
                      "*suspended while it iterated*GCO_DEBUG=glib*");
  gco_test_add_abort ("/glib-state/round-down-and-yield",
                      test_round_down_and_yield,
                      "*coroutine bob*floating-point modes*");
  gco_test_add ("/glib-state/round-down-and-undo", test_round_down_and_undo);
  return g_test_run ();
}
