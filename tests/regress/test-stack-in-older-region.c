/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * When no further stack could be guarded in the newest region, those that were
 * free in older ones were not found.
 */

#include "gco-test.h"

#include "gco-stack-private.h"

/* What gco-guard keeps for the rest of the program; stacks in one region. */
#define RESERVED 5000
#define N_REGION 1024

static void
exhaust (GPtrArray *stacks)
{
  g_autoptr (GError) error = NULL;
  GcoStack *stack;

  while ((stack = gco_stack_new (0, &error)) != NULL)
    g_ptr_array_add (stacks, stack);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE);
}

static void
in_subprocess (void)
{
  g_autoptr (GPtrArray) stacks = g_ptr_array_new ();
  guint         n_all = N_REGION + 100;
  GcoStackCache oldest;

  gco_stack_force_mprotect (RESERVED + 2 * n_all);
  exhaust (stacks);
  g_assert_cmpuint (stacks->len, ==, n_all);

  oldest = (GcoStackCache){ g_ptr_array_steal_index (stacks, 0), 1, 0 };
  oldest.head->next = NULL;
  gco_stack_cache_clear (&oldest);
  exhaust (stacks);
  g_assert_cmpuint (stacks->len, ==, n_all);
}

static void
test_stack_in_older_region (void)
{
  if (g_test_subprocess ())
    {
      in_subprocess ();
      return;
    }
  g_test_trap_subprocess (NULL, 0, 0);
  g_test_trap_assert_passed ();
}

int
main (int    argc,
      char **argv)
{
  gco_test_init (&argc, &argv);
  g_test_add_func ("/regress/stack-in-older-region", test_stack_in_older_region);
  return g_test_run ();
}
