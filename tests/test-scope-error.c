/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Scopes whose coroutines fail, and what those are told who join. */

#include "gco-test-scope.h"

/* ---------------------------------------------------------------------- that fail */

static gboolean
fail_when_cancelled (GCancellable *cancellable,
                     gpointer      user_data,
                     GError      **error)
{
  ScopeTest *data = user_data;

  g_assert_false (gco_sleep_ns_cancellable (NULL, G_MAXINT64, NULL, NULL));
  g_assert_true (g_cancellable_is_cancelled (cancellable));
  data->n_run++;
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "not found");
  return FALSE;
}

/* Cancels the others; what they say then does not count. */
static void
test_first_error (GcoTest *t)
{
  ScopeTest data;

  scope_begin (&data, t);
  scope_spawn (&data, "sleeper", scope_sleep_for_ever);
  scope_spawn (&data, "late", fail_when_cancelled);
  scope_spawn (&data, "first", scope_fail_busy);
  scope_spawn (&data, "second", scope_fail_busy);
  gco_test_run (t, scope_join, &data);
  g_assert_cmpuint (data.n_run, ==, 2);
  g_assert_cmpstr (data.error->message, ==, "busy");
  scope_end_with_error (&data, G_IO_ERROR_BUSY);
}

static gboolean
return_without_error (GCancellable *cancellable,
                      gpointer      user_data,
                      GError      **error)
{
  return FALSE;
}

static void
test_no_error_set (GcoTest *t)
{
  ScopeTest data;

  scope_begin (&data, t);
  scope_spawn (&data, NULL, return_without_error);
  gco_test_run (t, scope_join, &data);
  scope_end_with_error (&data, G_IO_ERROR_FAILED);
}

/* Each who joins gets it, and who does not want it. */
static void
join_twice (gpointer user_data)
{
  ScopeTest *data = user_data;

  g_assert_false (gco_scope_join (data->scope, NULL));
  scope_join (data);
}

static void
test_error_again (GcoTest *t)
{
  ScopeTest data;

  scope_begin (&data, t);
  scope_spawn (&data, NULL, scope_fail_busy);
  gco_test_run (t, join_twice, &data);
  scope_end_with_error (&data, G_IO_ERROR_BUSY);
}

/* Unless somebody was told. */
static void
test_error_uncollected (GcoTest *t)
{
  ScopeTest data;

  scope_begin (&data, t);
  scope_spawn (&data, "bob", scope_fail_busy);
  scope_spawn (&data, "alice", scope_fail_busy);
  gco_test_drain (t);
  g_test_expect_message ("Gco", G_LOG_LEVEL_WARNING, "Coroutine bob failed*busy*");
  scope_end (&data);
  g_test_assert_expected_messages ();
}

static void
test_error_uncollected_unnamed (GcoTest *t)
{
  ScopeTest data;

  scope_begin (&data, t);
  scope_spawn (&data, NULL, scope_fail_busy);
  scope_end (&data);
  g_test_expect_message ("Gco", G_LOG_LEVEL_WARNING, "Coroutine unnamed failed*busy*");
  gco_test_drain (t);
  g_test_assert_expected_messages ();
}

/* The user data is let go of as if it had run. */
static void
spawn_without_stack (gpointer user_data)
{
  ScopeTest *data = user_data;

  gco_scope_spawn_full (data->scope,
                        data->t->ctx,
                        "giant",
                        G_MAXSIZE,
                        scope_pass_once,
                        data,
                        scope_note_freed);
  data->n_spawned++;
  g_assert_cmpuint (data->n_freed, ==, 1);
}

static void
test_no_stack (GcoTest *t)
{
  ScopeTest data;

  scope_begin (&data, t);
  gco_test_run (t, spawn_without_stack, &data);
  scope_spawn (&data, NULL, scope_sleep_for_ever);
  gco_test_run (t, scope_join, &data);
  g_assert_cmpuint (data.n_run, ==, 1);
  scope_end_with_error (&data, G_IO_ERROR_NO_SPACE);
}

/* -------------------------------------------------------------------- join_async */

static void
on_joined (GObject      *source_object,
           GAsyncResult *result,
           gpointer      user_data)
{
  ScopeTest *data = user_data;

  g_assert_false (gco_in_coroutine ());
  g_assert_true (source_object == G_OBJECT (data->scope));
  data->joined = gco_scope_join_finish (data->scope, result, &data->error);
  gco_test_log (data->t, "joined ");
}

static void
test_async (GcoTest *t)
{
  ScopeTest data;

  scope_begin (&data, t);
  scope_spawn (&data, NULL, scope_pass_once);
  gco_scope_join_async (data.scope, NULL, on_joined, &data);
  gco_test_assert_log (t, "");
  gco_test_drain (t);
  gco_test_assert_log (t, "joined ");
  g_assert_cmpuint (data.n_freed, ==, 1);
  gco_scope_join_async (data.scope, NULL, on_joined, &data);
  gco_test_assert_log (t, "");
  gco_test_drain (t);
  gco_test_assert_log (t, "joined ");
  scope_end_with_success (&data);
}

static void
test_async_error (GcoTest *t)
{
  ScopeTest data;

  scope_begin (&data, t);
  scope_spawn (&data, NULL, scope_sleep_for_ever);
  scope_spawn (&data, NULL, scope_fail_busy);
  gco_scope_join_async (data.scope, NULL, on_joined, &data);
  gco_test_drain (t);
  scope_end_with_error (&data, G_IO_ERROR_BUSY);
}

/* It ends the wait and nothing else. */
static void
test_async_cancelled (GcoTest *t)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  ScopeTest data;

  scope_begin (&data, t);
  scope_spawn (&data, NULL, scope_sleep_for_ever);
  gco_scope_join_async (data.scope, cancellable, on_joined, &data);
  gco_test_drain (t);
  g_cancellable_cancel (cancellable);
  gco_test_drain (t);
  g_assert_error (data.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&data.error);
  gco_scope_join_async (data.scope, cancellable, on_joined, &data);
  gco_test_drain (t);
  g_assert_error (data.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  gco_test_assert_log (t, "joined joined ");
  g_assert_cmpuint (gco_scope_get_n_running (data.scope), ==, 1);
  g_assert_false (g_cancellable_is_cancelled (gco_scope_get_cancellable (data.scope)));
  scope_end (&data);
  gco_test_drain (t);
  g_assert_cmpuint (data.n_freed, ==, 1);
}

int
main (int   argc,
      char *argv[])
{
  gco_test_init (&argc, &argv);
  gco_test_add ("/scope-error/first-error", test_first_error);
  gco_test_add ("/scope-error/no-error-set", test_no_error_set);
  gco_test_add ("/scope-error/again", test_error_again);
  gco_test_add ("/scope-error/uncollected", test_error_uncollected);
  gco_test_add ("/scope-error/uncollected-unnamed", test_error_uncollected_unnamed);
  gco_test_add ("/scope-error/no-stack", test_no_stack);
  gco_test_add_source ("/scope-error/async", test_async);
  gco_test_add_source ("/scope-error/async-error", test_async_error);
  gco_test_add_source ("/scope-error/async-cancelled", test_async_cancelled);
  return g_test_run ();
}
