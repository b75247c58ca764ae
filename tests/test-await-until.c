/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* gco_await_until: an await whose operation is cancelled at a deadline. */

#include "gco-test.h"

typedef struct
{
  GcoTest  *t;
  GcoClock *clock;
  gint64    deadline;
  gboolean  is_quick;
  gboolean  cancelled;
} Timed;

static void
return_cancelled (GCancellable *cancellable,
                  GTask        *task)
{
  g_assert_false (gco_in_coroutine ());
  g_task_return_error_if_cancelled (task);
}

static void
await_until (gpointer user_data)
{
  Timed *timed = user_data;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GTask) task = NULL;
  GcoAwait await;

  gco_await_init (&await, cancellable);
  task = g_task_new (NULL, cancellable, gco_await_ready, &await);
  g_signal_connect_object (cancellable,
                           "cancelled",
                           G_CALLBACK (return_cancelled),
                           task,
                           0);
  if (timed->is_quick)
    g_task_return_boolean (task, TRUE);
  result = gco_await_until (&await, timed->clock, timed->deadline);
  g_task_propagate_boolean (G_TASK (result), &error);
  timed->cancelled = g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  gco_test_log (timed->t, "unwound ");
}

static void
test_until (GcoTest *t)
{
  g_autoptr (GcoClock) clock = gco_clock_new_manual ();
  Timed timed = { t, clock, .deadline = 1000 };

  gco_test_spawn (t, await_until, &timed);
  gco_test_drain (t);
  gco_clock_advance (clock, 999);
  gco_test_drain (t);
  gco_test_assert_log (t, "");
  gco_clock_advance (clock, 1);
  gco_test_drain (t);
  gco_test_assert_log (t, "unwound ");
  g_assert_true (timed.cancelled);
}

/* The timer is on the coroutine's stack: it must be gone with it. */
static void
test_until_in_time (GcoTest *t)
{
  g_autoptr (GcoClock) clock = gco_clock_new_manual ();
  Timed timed = { t, clock, .deadline = 1000, .is_quick = TRUE };

  gco_test_spawn (t, await_until, &timed);
  gco_test_drain (t);
  gco_test_assert_log (t, "unwound ");
  g_assert_false (timed.cancelled);
  gco_clock_advance (clock, 2000);
  gco_test_drain (t);
}

static void
test_until_past (GcoTest *t)
{
  Timed timed = { t, NULL, .deadline = -1 };

  gco_test_spawn (t, await_until, &timed);
  gco_test_drain (t);
  gco_test_assert_log (t, "unwound ");
  g_assert_true (timed.cancelled);
}

int
main (int    argc,
      char **argv)
{
  gco_test_init (&argc, &argv);
  gco_test_add_source ("/await-until/at-the-deadline", test_until);
  gco_test_add_source ("/await-until/in-time", test_until_in_time);
  gco_test_add_source ("/await-until/past", test_until_past);
  return g_test_run ();
}
