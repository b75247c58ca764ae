/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* gco_aio_context_shutdown() waited for ever for who joined a scope, when nothing
 * could make a child of it run. */

#include "gco-test.h"

/* The lost stacks refer to its insides. */
static GcoScope *scopes[2];
static guint     n_scopes;

static gboolean
yield_for_ever (GCancellable *cancellable,
                gpointer      user_data,
                GError      **error)
{
  gco_coroutine_yield ();
  return TRUE;
}

static void
join (gpointer user_data)
{
  gco_scope_join (user_data, NULL);
}

static void
test_joiner_of_stuck (GcoTest *t)
{
  GcoScope     *scope = scopes[n_scopes++] = gco_scope_new (NULL);
  GcoCoroutine *joiner;

  gco_scope_spawn_full (scope, t->ctx, "sloth", 0, yield_for_ever, NULL, NULL);
  joiner = gco_coroutine_create_full ("joiner", 0, join, scope, NULL, NULL);
  gco_coroutine_schedule (joiner, t->ctx);
  gco_test_drain (t);
  g_test_expect_message ("Gco", G_LOG_LEVEL_WARNING, "Coroutine * is abandoned*");
  g_test_expect_message ("Gco", G_LOG_LEVEL_WARNING, "Coroutine * is abandoned*");
  gco_aio_context_shutdown (t->ctx);
  g_test_assert_expected_messages ();
}

int
main (int    argc,
      char **argv)
{
  gco_test_init (&argc, &argv);
  gco_test_add ("/regress/joiner-of-stuck", test_joiner_of_stuck);
  return g_test_run ();
}
