/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* gco_await_until() for an await without a cancellable complained and returned, and
 * the operation then called back to a stack that was somebody else's. */

#include "gco-test.h"

static GTask *task;

static void
await_until (gpointer user_data)
{
  GcoTest *t = user_data;
  GcoAwait await = GCO_AWAIT_INIT;
  g_autoptr (GAsyncResult) result = NULL;

  task = g_task_new (NULL, NULL, gco_await_ready, &await);
  result = gco_await_until (&await, NULL, 0);
  g_assert_true (result == G_ASYNC_RESULT (task));
  gco_test_log (t, "unwound ");
}

static void
test_uncancellable (GcoTest *t)
{
  g_test_expect_message ("Gco", G_LOG_LEVEL_CRITICAL, "*G_IS_CANCELLABLE*");
  gco_test_spawn (t, await_until, t);
  gco_test_drain (t);
  g_test_assert_expected_messages ();
  gco_test_assert_log (t, "");
  g_task_return_boolean (task, TRUE);
  gco_test_drain (t);
  g_clear_object (&task);
  gco_test_assert_log (t, "unwound ");
}

int
main (int    argc,
      char **argv)
{
  gco_test_init (&argc, &argv);
  gco_test_add_source ("/regress/await-until-uncancellable", test_uncancellable);
  return g_test_run ();
}
