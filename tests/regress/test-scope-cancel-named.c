/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Of a wait that its scope had ended, a dump said that gco_aio_context_shutdown() had. */

#include <stdio.h>

#include "gco-test.h"

static gboolean
sleep_for_ever (GCancellable *cancellable,
                gpointer      user_data,
                GError      **error)
{
  return gco_sleep_ns_cancellable (NULL, G_MAXINT64, NULL, error);
}

static void
dump_into (gpointer text)
{
  gsize length;
  FILE *stream = open_memstream (text, &length);

  gco_dump (stream);
  fclose (stream);
}

/* What is scheduled after the cancellation comes before the child, which is made ready by
 * what the cancellation scheduled. */
static void
test_scope_cancel_named (GcoTest *t)
{
  g_autoptr (GcoScope) scope = gco_scope_new (NULL);
  char *text = NULL;

  gco_scope_spawn_full (scope, t->ctx, "child", 0, sleep_for_ever, NULL, NULL);
  gco_test_drain (t);
  gco_scope_cancel (scope);
  gco_aio_context_schedule_oneshot (t->ctx, dump_into, &text, NULL);
  gco_test_drain (t);
  g_assert_cmpuint (gco_scope_get_n_running (scope), ==, 0);
  g_assert_true (g_pattern_match_simple (
      "coroutine child (*) is about to run, by gco_scope_cancel() [*", text));
  free (text);
}

int
main (int    argc,
      char **argv)
{
  gco_test_init (&argc, &argv);
  gco_test_add ("/regress/scope-cancel-named", test_scope_cancel_named);
  return g_test_run ();
}
