/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What gco_run() and gco_run_sync() run may end in another thread, where nobody
 * told the one that iterates: it waited for ever. */

#include "gco-test.h"

static gboolean
end_there (GCancellable *cancellable,
           gpointer      ctx,
           GError      **error)
{
  gco_coroutine_move_to (ctx);
  return TRUE;
}

static void
try (gboolean (*run) (GcoRunFunc, gpointer, GCancellable *, GError **))
{
  GcoTestThread *thread = gco_test_thread_new (NULL);

  for (guint i = gco_test_scale (100); i > 0; i--)
    g_assert_true (run (end_there, gco_test_thread_get_context (thread), NULL, NULL));
  gco_test_thread_stop (thread);
}

static void
test_run (void)
{
  try (gco_run);
}

static void
test_run_sync (void)
{
  try (gco_run_sync);
}

int
main (int   argc,
      char *argv[])
{
  gco_test_init (&argc, &argv);
  g_test_add_func ("/regress/run-ends-elsewhere/run", test_run);
  g_test_add_func ("/regress/run-ends-elsewhere/run-sync", test_run_sync);
  return g_test_run ();
}
