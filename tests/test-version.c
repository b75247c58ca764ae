/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "gco-test.h"

static void
test_check (void)
{
  g_assert_true (GCO_CHECK_VERSION (GCO_MAJOR_VERSION,
                                    GCO_MINOR_VERSION,
                                    GCO_MICRO_VERSION));
  g_assert_true (GCO_CHECK_VERSION (0, 99, 99));
  g_assert_true (GCO_CHECK_VERSION (1, 0, 0));
  g_assert_false (GCO_CHECK_VERSION (GCO_MAJOR_VERSION,
                                     GCO_MINOR_VERSION,
                                     GCO_MICRO_VERSION + 1));
  g_assert_false (GCO_CHECK_VERSION (GCO_MAJOR_VERSION, GCO_MINOR_VERSION + 1, 0));
  g_assert_false (GCO_CHECK_VERSION (GCO_MAJOR_VERSION + 1, 0, 0));
}

static void
test_project (void)
{
  char *version = g_strdup_printf ("%d.%d.%d",
                                   GCO_MAJOR_VERSION,
                                   GCO_MINOR_VERSION,
                                   GCO_MICRO_VERSION);

  g_assert_cmpstr (version, ==, g_getenv ("GCO_TEST_VERSION"));
  g_free (version);
}

int
main (int    argc,
      char **argv)
{
  gco_test_init (&argc, &argv);
  g_test_add_func ("/version/check", test_check);
  g_test_add_func ("/version/project", test_project);
  return g_test_run ();
}
