/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Scopes: their coroutines run, and are joined. How they fail is for
 * test-scope-error, how they are cancelled for test-scope-cancel. */

#include "gco-test-scope.h"

/* ----------------------------------------------------------------- that succeed */

static void
test_empty (GcoTest *t)
{
  ScopeTest data;

  scope_begin (&data, t);
  gco_test_run (t, scope_join, &data);
  scope_end_with_success (&data);
}

static void
test_never_used (GcoTest *t)
{
  ScopeTest data;

  scope_begin (&data, t);
  scope_end (&data);
}

static void
test_children (GcoTest *t)
{
  ScopeTest data;
  guint     n = 300;

  scope_begin (&data, t);
  for (guint i = 0; i < n; i++)
    scope_spawn (&data, NULL, scope_pass_once);
  g_assert_cmpuint (gco_scope_get_n_running (data.scope), ==, n);
  g_assert_cmpuint (data.n_run, ==, 0);
  gco_test_run (t, scope_join, &data);
  g_assert_cmpuint (data.n_run, ==, n);
  scope_end_with_success (&data);
}

/* Of the context at hand, and with no destroy notify. */
static void
spawn_plainly (gpointer user_data)
{
  ScopeTest *data = user_data;

  g_assert_null (gco_scope_get_current_cancellable ());
  gco_scope_spawn (data->scope, scope_pass_once, data, NULL);
  gco_scope_spawn (data->scope, scope_pass_once, data, NULL);
  scope_join (data);
}

static void
test_context_at_hand (GcoTest *t)
{
  ScopeTest data;

  scope_begin (&data, t);
  gco_test_run (t, spawn_plainly, &data);
  g_assert_cmpuint (data.n_run, ==, 2);
  scope_end_with_success (&data);
}

static gboolean
log_name (GCancellable *cancellable,
          gpointer      user_data,
          GError      **error)
{
  ScopeTest *data = user_data;

  gco_test_log (data->t, "%s ", gco_coroutine_get_name (gco_coroutine_self ()));
  return TRUE;
}

static void
test_order (GcoTest *t)
{
  ScopeTest data;

  scope_begin (&data, t);
  scope_spawn (&data, "a", log_name);
  scope_spawn (&data, "b", log_name);
  scope_spawn (&data, "c", log_name);
  gco_test_run (t, scope_join, &data);
  gco_test_assert_log (t, "a b c ");
  scope_end_with_success (&data);
}

static gboolean
spawn_one (GCancellable *cancellable,
           gpointer      user_data,
           GError      **error)
{
  scope_spawn (user_data, NULL, scope_pass_once);
  return TRUE;
}

static gboolean
spawn_two (GCancellable *cancellable,
           gpointer      user_data,
           GError      **error)
{
  scope_spawn (user_data, NULL, spawn_one);
  gco_test_pass ();
  scope_spawn (user_data, NULL, spawn_one);
  return TRUE;
}

static void
test_spawned_by_child (GcoTest *t)
{
  ScopeTest data;

  scope_begin (&data, t);
  scope_spawn (&data, NULL, spawn_two);
  gco_test_run (t, scope_join, &data);
  g_assert_cmpuint (data.n_run, ==, 2);
  scope_end_with_success (&data);
}

static void
spawn_when_freed (gpointer user_data)
{
  scope_spawn (user_data, NULL, scope_pass_once);
  scope_note_freed (user_data);
}

/* Who joins waits for the destroy notifies, and for what those start. */
static void
test_spawned_by_destroy (GcoTest *t)
{
  ScopeTest data;

  scope_begin (&data, t);
  data.n_spawned = 1;
  gco_scope_spawn_full (data.scope, t->ctx, NULL, 0, scope_pass_once, &data, spawn_when_freed);
  gco_test_run (t, scope_join, &data);
  g_assert_cmpuint (data.n_run, ==, 2);
  scope_end_with_success (&data);
}

/* Joined again, with nothing and with more in it. */
static void
join_again (gpointer user_data)
{
  ScopeTest *data = user_data;

  for (guint i = 0; i < 3; i++)
    {
      scope_join (data);
      scope_join (data);
      scope_spawn (data, NULL, scope_pass_once);
    }
  scope_join (data);
}

static void
test_join_again (GcoTest *t)
{
  ScopeTest data;

  scope_begin (&data, t);
  gco_test_run (t, join_again, &data);
  g_assert_cmpuint (data.n_run, ==, 3);
  scope_end_with_success (&data);
}

static void
use_autoptr (gpointer user_data)
{
  ScopeTest *data = user_data;
  g_autoptr (GcoScope) scope = gco_scope_new (NULL);

  gco_scope_spawn (scope, scope_sleep_for_ever, data, scope_note_freed);
}

/* Dropped at the end of a block: its coroutines are cancelled, and unwind. */
static void
test_autoptr (GcoTest *t)
{
  ScopeTest data = { .t = t };

  gco_test_run (t, use_autoptr, &data);
  gco_test_drain (t);
  g_assert_cmpuint (data.n_run, ==, 1);
  g_assert_cmpuint (data.n_freed, ==, 1);
}

/* --------------------------------------------------------------- several threads */

#define N_THREADS 3

static gboolean
pass_often (GCancellable *cancellable,
            gpointer      user_data,
            GError      **error)
{
  for (guint i = 0; i < 10; i++)
    gco_test_pass ();
  return scope_pass_once (cancellable, user_data, error);
}

static void
test_threads (GcoTest *t)
{
  GcoTestThread *threads[N_THREADS];
  guint          n = gco_test_scale (200);
  ScopeTest      data;

  scope_begin (&data, t);
  for (guint i = 0; i < N_THREADS; i++)
    threads[i] = gco_test_thread_new (t);
  for (guint i = 0; i < n; i++)
    {
      gco_scope_spawn_full (data.scope,
                            gco_test_thread_get_context (threads[i % N_THREADS]),
                            NULL,
                            0,
                            pass_often,
                            &data,
                            scope_note_freed);
      data.n_spawned++;
    }
  gco_test_run (t, scope_join, &data);
  g_assert_cmpuint (data.n_run, ==, n);
  for (guint i = 0; i < N_THREADS; i++)
    gco_test_thread_stop (threads[i]);
  scope_end_with_success (&data);
}

/* ------------------------------------------------------------------------- wrong */

static gboolean
join_own (GCancellable *cancellable,
          gpointer      user_data,
          GError      **error)
{
  ScopeTest *data = user_data;

  return gco_scope_join (data->scope, error);
}

static void
test_join_own (GcoTest *t)
{
  ScopeTest data;

  scope_begin (&data, t);
  scope_spawn (&data, "ouroboros", join_own);
  gco_test_drain (t);
}

static void
test_join_outside (void)
{
  gco_scope_join (gco_scope_new (NULL), NULL);
}

int
main (int   argc,
      char *argv[])
{
  gco_test_init (&argc, &argv);
  gco_test_add ("/scope/empty", test_empty);
  gco_test_add ("/scope/never-used", test_never_used);
  gco_test_add ("/scope/children", test_children);
  gco_test_add ("/scope/context-at-hand", test_context_at_hand);
  gco_test_add ("/scope/order", test_order);
  gco_test_add ("/scope/spawned-by-child", test_spawned_by_child);
  gco_test_add ("/scope/spawned-by-destroy", test_spawned_by_destroy);
  gco_test_add ("/scope/join-again", test_join_again);
  gco_test_add ("/scope/autoptr", test_autoptr);
  gco_test_add ("/scope/threads", test_threads);
  gco_test_add_abort ("/scope/join-own", test_join_own, "*coroutine ouroboros*itself*");
  gco_test_add_abort_plain ("/scope/join-outside",
                            test_join_outside,
                            "*gco_scope_join: not in a coroutine*");
  return g_test_run ();
}
