/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Two threads that called back for one await at the same moment: the later one took READY
 * for the address of a waiter, and crashed without a word. */

#include "gco-test.h"

static GcoAwait await = GCO_AWAIT_INIT;

/* Called with the first look at the await behind it, and the exchange still to come. */
static void
call_back_first (gpointer user_data,
                 GObject *second,
                 gboolean is_last_ref)
{
  if (!is_last_ref)
    {
      g_object_remove_toggle_ref (second, call_back_first, user_data);
      gco_await_ready (NULL, user_data, &await);
    }
}

static void
test_at_once (void)
{
  GTask *first = g_task_new (NULL, NULL, NULL, NULL);
  GTask *second = g_task_new (NULL, NULL, NULL, NULL);

  g_object_add_toggle_ref (G_OBJECT (second), call_back_first, first);
  g_object_unref (second);
  gco_await_ready (NULL, G_ASYNC_RESULT (second), &await);
}

int
main (int   argc,
      char *argv[])
{
  gco_test_init (&argc, &argv);
  gco_test_add_abort_plain ("/regress/await-twice-at-once",
                            test_at_once,
                            "*gco_await_ready: called twice for GcoAwait*");
  return g_test_run ();
}
