/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A number of permits that GObject refuses is not set at all. The semaphore then had
 * none: whoever called back waited for ever, and a coroutine was told that it was
 * not initialised. From a language, that is one typing error.
 */

#include "gco-test.h"

static void
test_refused (gconstpointer user_data)
{
  g_autoptr (GcoAsyncSemaphore) semaphore = NULL;

  g_test_expect_message ("GLib-GObject", G_LOG_LEVEL_WARNING, "*n-permits*");
  semaphore = g_object_new (GCO_TYPE_ASYNC_SEMAPHORE,
                            "n-permits",
                            GPOINTER_TO_UINT (user_data),
                            NULL);
  g_test_assert_expected_messages ();

  g_assert_cmpuint (gco_async_semaphore_get_n_permits (semaphore), ==, 1);
  g_assert_cmpuint (gco_async_semaphore_get_n_free (semaphore), ==, 1);
  g_assert_true (gco_async_semaphore_tryacquire (semaphore));
  g_assert_true (gco_async_semaphore_release (semaphore, NULL));
}

int
main (int    argc,
      char **argv)
{
  gco_test_init (&argc, &argv);
  g_test_add_data_func ("/regress/semaphore-refused-permits/none",
                        GUINT_TO_POINTER (0),
                        test_refused);
  g_test_add_data_func ("/regress/semaphore-refused-permits/too-many",
                        GUINT_TO_POINTER (G_MAXUINT),
                        test_refused);
  return g_test_run ();
}
