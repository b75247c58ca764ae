/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The warning of coroutines left behind crashed where there was no memory to name them. */

#include <errno.h>
#include <stdio.h>

#include "gco-test.h"

static guint n_refused;

/* In the place of libc's, which nothing else here calls. */
FILE *
open_memstream (char  **text,
                size_t *length)
{
  n_refused++;
  errno = ENOMEM;
  return NULL;
}

static void
wait_for_ever (gpointer unused)
{
  gco_coroutine_yield ();
}

static void
test_no_memory (GcoTest *t)
{
  GcoAioContext *ctx = gco_aio_context_new ();
  GcoCoroutine  *coroutine = gco_spawn (ctx, wait_for_ever, NULL, NULL);

  gco_aio_context_poll (ctx, FALSE);
  n_refused = 0;
  g_test_expect_message ("Gco",
                         G_LOG_LEVEL_WARNING,
                         "*1 of its coroutines have not ended: no mem*");
  g_object_unref (ctx);
  g_test_assert_expected_messages ();
  g_assert_cmpuint (n_refused, ==, 1);
  gco_coroutine_enter (coroutine);
}

int
main (int    argc,
      char **argv)
{
  gco_test_init (&argc, &argv);
  gco_test_add ("/regress/left-behind-no-memory", test_no_memory);
  return g_test_run ();
}
