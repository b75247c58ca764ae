/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Nobody joined a scope, and its context was shut down: that its coroutines were
 * cancelled by that was told as a failure. */

#include "gco-test.h"

static gboolean
sleep_for_ever (GCancellable *cancellable,
                gpointer      user_data,
                GError      **error)
{
  return gco_sleep_ns_cancellable (NULL, G_MAXINT64, cancellable, error);
}

static void
join (gpointer user_data)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (gco_scope_join (user_data, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static void
test_warning (GcoTest *t)
{
  GcoScope *scope = gco_scope_new (NULL);
  GcoScope *joined = gco_scope_new (NULL);

  gco_scope_spawn_full (scope, t->ctx, NULL, 0, sleep_for_ever, NULL, NULL);
  gco_scope_spawn_full (joined, t->ctx, NULL, 0, sleep_for_ever, NULL, NULL);
  gco_test_drain (t);
  gco_aio_context_shutdown (t->ctx);
  gco_test_run (t, join, joined);
  g_assert_finalize_object (joined);
  g_assert_finalize_object (scope);
}

int
main (int   argc,
      char *argv[])
{
  gco_test_init (&argc, &argv);
  gco_test_add ("/regress/scope-shut-down-warning", test_warning);
  return g_test_run ();
}
