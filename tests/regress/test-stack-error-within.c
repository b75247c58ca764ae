/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The error of a stack that could not be had was made under the lock of all stacks, and on
 * the stack of the coroutine that had asked, which may be a small one.
 */

#include "gco-test.h"

#include "gco-stack-private.h"

/* What gco-guard keeps for the rest of the program. */
#define RESERVED 5000

static guint n_errors;

static void
ignore (GcoStack *stack,
        gpointer  unused)
{
}

/* In the place of GLib's. */
void
g_set_error (GError    **error,
             GQuark      domain,
             int         code,
             const char *format,
             ...)
{
  va_list arguments;

  g_assert_false (gco_in_coroutine ());
  gco_stack_foreach (ignore, NULL); /* ends only if nobody has the lock */
  n_errors++;
  va_start (arguments, format);
  *error = g_error_new_valist (domain, code, format, arguments);
  va_end (arguments);
}

static void
never (gpointer unused)
{
  g_assert_not_reached ();
}

static void
assert_refused (gsize stack_size)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (gco_coroutine_create_full (NULL, stack_size, never, NULL, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE);
}

static void
ask (gpointer unused)
{
  assert_refused (1u << 18);
  assert_refused (G_MAXSIZE);
  g_assert_cmpuint (n_errors, ==, 2);
}

static void
test_error_within (void)
{
  GcoCoroutine *small = gco_coroutine_create_full (NULL, 1, ask, NULL, NULL, NULL);

  gco_stack_force_mprotect (RESERVED);
  gco_coroutine_enter (small);
  g_assert_cmpuint (n_errors, ==, 2);
}

int
main (int    argc,
      char **argv)
{
  gco_test_init (&argc, &argv);
  g_test_add_func ("/regress/stack-error-within", test_error_within);
  return g_test_run ();
}
