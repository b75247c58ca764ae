/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* To cancel a scope ended no wait of a child as long as the home of an older child
 * did not run. */

#include "gco-test.h"

static gboolean
sleep_for_ever (GCancellable *cancellable,
                gpointer      n_ended,
                GError      **error)
{
  gco_sleep_ns_cancellable (NULL, G_MAXINT64, NULL, NULL);
  ++*(guint *) n_ended;
  return TRUE;
}

static void
test_home_blocked (GcoTest *t)
{
  g_autoptr (GcoAioContext) other = gco_aio_context_new ();
  g_autoptr (GcoScope) scope = gco_scope_new (NULL);
  guint n_ended = 0;

  gco_scope_spawn_full (scope, t->ctx, "older", 0, sleep_for_ever, &n_ended, NULL);
  gco_scope_spawn_full (scope, other, "younger", 0, sleep_for_ever, &n_ended, NULL);
  gco_test_drain (t);
  while (gco_aio_context_poll (other, FALSE))
    ;
  g_assert_cmpuint (n_ended, ==, 0);

  gco_scope_cancel (scope);
  while (gco_aio_context_poll (other, FALSE))
    ;
  g_assert_cmpuint (n_ended, ==, 1);
  gco_test_drain (t);
  g_assert_cmpuint (n_ended, ==, 2);
  g_assert_cmpuint (gco_scope_get_n_running (scope), ==, 0);
}

int
main (int    argc,
      char **argv)
{
  gco_test_init (&argc, &argv);
  gco_test_add ("/regress/scope-home-blocked", test_home_blocked);
  return g_test_run ();
}
