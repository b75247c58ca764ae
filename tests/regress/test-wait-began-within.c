/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A wait is counted from the dispatch in which it began. After a dispatch within that one, it
 * was counted from the inner one.
 */

#include "gco-test.h"

#include "gco-aio-context-private.h"
#include "gco-clock-private.h"

static gboolean done;

static void
dispatch_within (gpointer user_data)
{
  GcoAioContext *ctx = user_data;
  guint          began = ctx->began;

  /* of the inner one it is not the same */
  while (gco_ticks_of_ns (gco_monotonic_ns ()) == began)
    ;
  gco_aio_context_poll (ctx, FALSE);
  g_assert_cmpuint (ctx->began, ==, began);
  done = TRUE;
}

static void
test_began (GcoTest *t)
{
  done = FALSE;
  gco_aio_context_schedule_oneshot (t->ctx, dispatch_within, t->ctx, NULL);
  gco_test_run_until (t, &done);
}

int
main (int    argc,
      char **argv)
{
  gco_test_init (&argc, &argv);
  gco_test_add ("/regress/wait-began-within", test_began);
  return g_test_run ();
}
