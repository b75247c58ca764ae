/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A descriptor that is none, and has a large number, is refused as one with a small
 * number is: no table is made that reaches up to it. */

#include "gco-test.h"

static void
wait_for_none (gpointer user_data)
{
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (gco_wait_fd (G_MAXINT - 1, G_IO_IN, NULL, &error), ==, 0);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT);
}

static void
test_wait (GcoTest *t)
{
  gco_test_run (t, wait_for_none, NULL);
}

static void
never (int          fd,
       GIOCondition condition,
       gpointer     user_data)
{
  g_assert_not_reached ();
}

static void
destroy (gpointer user_data)
{
  *(gboolean *) user_data = TRUE;
}

static void
test_handler (GcoTest *t)
{
  gboolean destroyed = FALSE;

  g_test_expect_message ("Gco",
                         G_LOG_LEVEL_CRITICAL,
                         "*descriptor 2147483646 cannot have a handler*");
  gco_aio_context_set_fd_handler (t->ctx, G_MAXINT - 1, G_IO_IN, never, &destroyed, destroy);
  g_test_assert_expected_messages ();
  gco_test_drain (t);
  g_assert_true (destroyed);
  gco_aio_context_set_fd_handler (t->ctx, G_MAXINT - 1, 0, NULL, NULL, NULL);
}

int
main (int   argc,
      char *argv[])
{
  gco_test_init (&argc, &argv);
  gco_test_add ("/regress/fd-out-of-range/wait", test_wait);
  gco_test_add ("/regress/fd-out-of-range/handler", test_handler);
  return g_test_run ();
}
