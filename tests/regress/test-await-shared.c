/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A second coroutine that waits for the same GcoAwait got NULL at once, and the
 * first one waited for ever. */

#include "gco-test.h"

static GcoAwait await = GCO_AWAIT_INIT;

static void
wait_for_it (gpointer user_data)
{
  g_object_unref (gco_await (&await));
}

static void
test_shared (void)
{
  gco_spawn (NULL, wait_for_it, NULL, NULL);
  gco_spawn (NULL, wait_for_it, NULL, NULL);
  /* Not until there is nothing: a source that rests has nothing for a moment. */
  for (int i = 0; i < 50; i++)
    g_main_context_iteration (NULL, FALSE);
}

int
main (int   argc,
      char *argv[])
{
  gco_test_init (&argc, &argv);
  gco_test_add_abort_plain ("/regress/await-shared",
                            test_shared,
                            "*gco_await: coroutine * finds coroutine * waiting for GcoAwait*");
  return g_test_run ();
}
