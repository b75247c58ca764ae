/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A coroutine that handed over to the next one looked at what stood behind that
 * as if it were a coroutine as well: memory before a bottom half was read. Seen
 * by AddressSanitizer.
 */

#include "gco-test.h"

static void
log_coroutine (gpointer user_data)
{
  gco_test_log (user_data, "c");
}

static void
log_bh (gpointer user_data)
{
  gco_test_log (user_data, "b");
}

static void
test_prefetch (GcoTest *t)
{
  GcoBh *bh = gco_bh_new (t->ctx, log_bh, t, NULL);

  gco_test_spawn (t, log_coroutine, t);
  gco_test_spawn (t, log_coroutine, t);
  gco_bh_schedule (bh);
  gco_test_drain (t);
  gco_test_assert_log (t, "ccb");
  gco_bh_free (bh);
}

int
main (int    argc,
      char **argv)
{
  gco_test_init (&argc, &argv);
  gco_test_add ("/regress/prefetch-of-bottom-half", test_prefetch);
  return g_test_run ();
}
