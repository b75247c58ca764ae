/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Who joined a scope last went on first. */

#include "gco-test.h"

typedef struct
{
  GcoTest    *t;
  GcoScope   *scope;
  const char *name;
} Joiner;

static gboolean
pass_once (GCancellable *cancellable,
           gpointer      user_data,
           GError      **error)
{
  gco_test_pass ();
  return TRUE;
}

static void
join_and_log (gpointer user_data)
{
  Joiner *joiner = user_data;

  g_assert_true (gco_scope_join (joiner->scope, NULL));
  gco_test_log (joiner->t, "%s ", joiner->name);
}

static void
test_order (GcoTest *t)
{
  g_autoptr (GcoScope) scope = gco_scope_new (NULL);
  Joiner joiners[] = { { t, scope, "a" }, { t, scope, "b" }, { t, scope, "c" } };

  gco_scope_spawn_full (scope, t->ctx, NULL, 0, pass_once, NULL, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (joiners); i++)
    gco_test_spawn (t, join_and_log, &joiners[i]);
  gco_test_drain (t);
  gco_test_assert_log (t, "a b c ");
}

int
main (int   argc,
      char *argv[])
{
  gco_test_init (&argc, &argv);
  gco_test_add ("/regress/scope-joiners-reversed", test_order);
  return g_test_run ();
}
