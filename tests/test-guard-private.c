/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "gco-test.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "gco-guard-private.h"
#include "gco-stack-private.h"

/* What gco-guard keeps for the rest of the program. */
#define RESERVED 5000

static sigjmp_buf fault;

static void
on_fault (int number)
{
  siglongjmp (fault, 1);
}

static gboolean
faults (volatile char *at)
{
  struct sigaction action = { .sa_handler = on_fault };
  struct sigaction before;
  gboolean         faulted = TRUE;

  sigaction (SIGSEGV, &action, &before);
  if (sigsetjmp (fault, TRUE) == 0)
    {
      *at = 1;
      faulted = FALSE;
    }
  sigaction (SIGSEGV, &before, NULL);
  return faulted;
}

static gsize
page_size (void)
{
  return (gsize) sysconf (_SC_PAGESIZE);
}

/* ----------------------------------------------------------------- vectors */

static gboolean no_vectors;
static guint    n_vectors;

long __wrap_syscall (long number,
                     ...);
long __real_syscall (long number,
                     ...);

/* libgco makes no other call in this way. */
long
__wrap_syscall (long number,
                ...)
{
  va_list list;
  long    a[5];

  n_vectors++;
  if (no_vectors)
    {
      errno = ENOSYS;
      return -1;
    }
  va_start (list, number);
  for (int i = 0; i < 5; i++)
    a[i] = va_arg (list, long);
  va_end (list);
  return __real_syscall (number, a[0], a[1], a[2], a[3], a[4]);
}

/* Every second of 64 pages. */
static void
assert_guards_alternate (void)
{
  gsize        page = page_size ();
  char        *map = mmap (NULL,
                    65 * page,
                    PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS,
                    -1,
                    0);
  struct iovec pages[32];

  g_assert_true (map != MAP_FAILED);
  for (guint i = 0; i < 32; i++)
    pages[i] = (struct iovec){ map + (2 * i + 1) * page, page };
  if (gco_guard_advise (pages, 1) == 0)
    g_test_skip ("this kernel has no MADV_GUARD_INSTALL");
  else
    {
      guint done = 1;

      while (done < 32)
        {
          guint n = gco_guard_advise (pages + done, 32 - done);

          g_assert_cmpuint (n, >, 0);
          done += n;
        }
      g_assert_cmpuint (done, ==, 32);
      for (guint i = 0; i < 65; i++)
        {
          g_assert_cmpint (faults (map + i * page), ==, i % 2);
          g_assert_cmpint (faults (map + (i + 1) * page - 1), ==, i % 2);
        }
    }
  munmap (map, 65 * page);
}

static void
test_vector (void)
{
  assert_guards_alternate ();
}

/* Older kernels, and sandboxes: asked once, then done one by one. */
static void
test_no_vector (void)
{
  if (!g_test_subprocess ())
    {
      g_test_trap_subprocess (NULL, 0, 0);
      g_test_trap_assert_passed ();
      return;
    }
  no_vectors = TRUE;
  assert_guards_alternate ();
  assert_guards_alternate ();
  g_assert_cmpuint (n_vectors, <=, 1);
}

/* ------------------------------------------------------------------- stacks */

static void
assert_stacks_are_guarded (void)
{
  GError       *error = NULL;
  GcoStackCache cache = { NULL, 0, 100 };

  for (guint i = 0; i < 100; i++)
    {
      GcoStack *stack = gco_stack_new (gco_stack_class_for_size (32768), &error);

      g_assert_no_error (error);
      g_assert_false (faults (stack->top - 1));
      g_assert_false (faults (stack->base + page_size ()));
      g_assert_true (faults (stack->base + page_size () - 1));
      g_assert_true (faults (stack->base));
      gco_stack_cache_put (&cache, stack);
    }
  gco_stack_cache_clear (&cache);
}

static void
test_faults (void)
{
  assert_stacks_are_guarded ();
  /* what was given back comes again with its guard */
  assert_stacks_are_guarded ();
}

static void
test_faults_mprotect (void)
{
  if (!g_test_subprocess ())
    {
      g_test_trap_subprocess (NULL, 0, 0);
      g_test_trap_assert_passed ();
      return;
    }
  gco_stack_force_mprotect (0);
  assert_stacks_are_guarded ();
  assert_stacks_are_guarded ();
}

/* Each guard by a mapping splits one in two: they are counted. */
static void
budget_in_subprocess (void)
{
  GcoShortage shortage = { 0 };
  GError     *error = NULL;

  gco_stack_force_mprotect (RESERVED + 4);
  g_assert_true (gco_guard_take_mapping (&shortage));
  g_assert_true (gco_guard_take_mapping (&shortage));
  g_assert_cmpuint (shortage.max_mappings, ==, 0);
  g_assert_false (gco_guard_take_mapping (&shortage));
  gco_limits_set_error (&error, &shortage);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE);
  g_assert_nonnull (strstr (error->message, "raise vm.max_map_count (now 5004)"));
  g_assert_nonnull (strstr (error->message, "no MADV_GUARD_INSTALL (Linux 6.13)"));
  g_clear_error (&error);

  gco_guard_give_mappings (2);
  g_assert_true (gco_guard_take_mapping (&shortage));
  g_assert_true (gco_guard_take_mapping (&shortage));
  g_assert_false (gco_guard_take_mapping (&shortage));
}

static void
test_budget (void)
{
  if (g_test_subprocess ())
    {
      budget_in_subprocess ();
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
  g_test_add_func ("/guard/vector", test_vector);
  g_test_add_func ("/guard/no-vector", test_no_vector);
  g_test_add_func ("/guard/faults", test_faults);
  g_test_add_func ("/guard/faults-mprotect", test_faults_mprotect);
  g_test_add_func ("/guard/budget", test_budget);
  return g_test_run ();
}
