/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* An invalidated GClosure has forgotten its data: a scope that went after an object
 * which it was bound to found NULL there. */

#include "gco-test.h"

static void
test_outlives (void)
{
  GcoScope *scope = gco_scope_new (NULL);
  GObject  *disposed = g_object_new (G_TYPE_OBJECT, NULL);
  GObject  *finalized = g_object_new (G_TYPE_OBJECT, NULL);

  gco_scope_bind_object (scope, disposed);
  gco_scope_bind_object (scope, finalized);
  g_object_run_dispose (disposed);
  g_assert_finalize_object (finalized);
  g_assert_true (g_cancellable_is_cancelled (gco_scope_get_cancellable (scope)));
  g_assert_finalize_object (scope);
  g_assert_finalize_object (disposed);
}

int
main (int   argc,
      char *argv[])
{
  gco_test_init (&argc, &argv);
  g_test_add_func ("/regress/scope-outlives-object", test_outlives);
  return g_test_run ();
}
