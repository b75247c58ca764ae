/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * gco_run() and gco_run_sync() iterated for ever when their coroutine was abandoned by a
 * shutdown of its context, for it did not end; here, and where it had moved to.
 */

#include "gco-test.h"

typedef struct
{
  GcoAioContext *there; /* where it goes first, or NULL */
  gboolean       fails; /* has set an error before */
} Data;

static void
shut_down (gpointer ctx)
{
  g_test_expect_message ("Gco", G_LOG_LEVEL_WARNING, "*abandoned*enter or wake*");
  gco_aio_context_shutdown (ctx);
  g_test_assert_expected_messages ();
}

static gboolean
wait_for_ever (GCancellable *cancellable,
               gpointer      user_data,
               GError      **error)
{
  Data *data = user_data;

  gco_coroutine_move_to (data->there);
  if (data->fails)
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_BUSY, "busy");
  gco_aio_context_schedule_oneshot (NULL, shut_down, gco_aio_context_get_current (), NULL);
  gco_coroutine_yield ();
  g_assert_not_reached ();
}

typedef gboolean (*Run) (GcoRunFunc    func,
                         gpointer      user_data,
                         GCancellable *cancellable,
                         GError      **error);

static void
try (Run      run,
     gboolean elsewhere,
     gboolean fails)
{
  GcoTestThread *thread = elsewhere ? gco_test_thread_new (NULL) : NULL;
  Data           data = { .fails = fails };
  g_autoptr (GError) error = NULL;

  data.there = elsewhere ? gco_test_thread_get_context (thread) : NULL;
  g_assert_false (run (wait_for_ever, &data, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  if (thread != NULL)
    gco_test_thread_stop (thread);
}

static void
test_run_here (void)
{
  if (!g_test_subprocess ())
    {
      /* the default context is not to be used after that */
      g_test_trap_subprocess (NULL, 10000000, G_TEST_SUBPROCESS_DEFAULT);
      g_test_trap_assert_passed ();
      return;
    }
  try (gco_run, FALSE, FALSE);
}

static void
test_run_elsewhere (void)
{
  try (gco_run, TRUE, FALSE);
}

static void
test_run_sync (void)
{
  try (gco_run_sync, FALSE, FALSE);
  try (gco_run_sync, TRUE, FALSE);
  try (gco_run_sync, TRUE, TRUE);
}

int
main (int   argc,
      char *argv[])
{
  gco_test_init (&argc, &argv);
  g_test_add_func ("/regress/run-abandoned/here", test_run_here);
  g_test_add_func ("/regress/run-abandoned/elsewhere", test_run_elsewhere);
  g_test_add_func ("/regress/run-abandoned/sync", test_run_sync);
  return g_test_run ();
}
