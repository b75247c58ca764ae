/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What gco_task_run() refuses. */

#include "gco-test.h"

static void
return_true (GTask        *task,
             gpointer      source_object,
             gpointer      task_data,
             GCancellable *cancellable)
{
  g_task_return_boolean (task, TRUE);
}

static void
expect_refusal (GTask      *task,
                const char *message)
{
  g_test_expect_message ("Gco", G_LOG_LEVEL_CRITICAL, message);
  gco_task_run (task, return_true);
  g_test_assert_expected_messages ();
}

static void
test_plain_task (GcoTest *t)
{
  GTask *task = g_task_new (NULL, NULL, NULL, NULL);

  expect_refusal (task, "gco_task_run: *not made by gco_task_new*");
  g_assert_finalize_object (task);
}

static void
test_run_twice (GcoTest *t)
{
  GTask *task = gco_task_new (NULL, NULL, NULL, NULL);

  gco_task_run (task, return_true);
  expect_refusal (task, "gco_task_run: *was run before*");
  gco_test_drain (t);
  g_assert_true (g_task_propagate_boolean (task, NULL));
  expect_refusal (task, "gco_task_run: *was run before*");
  g_assert_finalize_object (task);
}

int
main (int   argc,
      char *argv[])
{
  gco_test_init (&argc, &argv);
  gco_test_add_source ("/task-wrong/plain-task", test_plain_task);
  gco_test_add_source ("/task-wrong/run-twice", test_run_twice);
  return g_test_run ();
}
