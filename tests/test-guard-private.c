/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "gco-test.h"

#include <setjmp.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
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

static char *
map_pages (gsize n)
{
  char *map = mmap (NULL,
                    n * page_size (),
                    PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS,
                    -1,
                    0);

  g_assert_true (map != MAP_FAILED);
  return map;
}

static void
assert_guards_middle (void)
{
  gsize    page = page_size ();
  char    *map = map_pages (3);
  gboolean is_mapping;
  GError  *error = NULL;

  g_assert_true (gco_guard_install (map + page, page, &is_mapping, &error));
  g_assert_no_error (error);
  g_assert_false (faults (map + page - 1));
  g_assert_true (faults (map + page));
  g_assert_true (faults (map + 2 * page - 1));
  g_assert_false (faults (map + 2 * page));
  gco_guard_forget (is_mapping);
  munmap (map, 3 * page);
}

static void
test_faults (void)
{
  assert_guards_middle ();
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
  assert_guards_middle ();
}

/* Each guard by mprotect() splits a mapping in two: they are counted. */
static void
budget_in_subprocess (void)
{
  gsize    page = page_size ();
  char    *map = map_pages (7);
  gboolean is_mapping = FALSE;
  GError  *error = NULL;

  gco_stack_force_mprotect (RESERVED + 4);
  g_assert_true (gco_guard_install (map + page, page, &is_mapping, NULL));
  g_assert_true (is_mapping);
  g_assert_true (gco_guard_install (map + 3 * page, page, &is_mapping, NULL));
  g_assert_false (gco_guard_install (map + 5 * page, page, &is_mapping, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE);
  g_assert_nonnull (strstr (error->message, "vm.max_map_count"));
  g_assert_false (faults (map + 5 * page));
  g_clear_error (&error);

  gco_guard_forget (TRUE);
  g_assert_true (gco_guard_install (map + 5 * page, page, &is_mapping, &error));
  g_assert_true (faults (map + 5 * page));
  munmap (map, 7 * page);
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

/* MADV_GUARD_INSTALL refuses locked memory: never silently unguarded. */
static void
locked_in_subprocess (void)
{
  gsize    page = page_size ();
  char    *map = map_pages (3);
  gboolean is_mapping = FALSE;
  GError  *error = NULL;

  g_assert_no_errno (mlock (map, 3 * page));
  g_assert_true (gco_guard_install (map + page, page, &is_mapping, &error));
  g_assert_no_error (error);
  g_assert_true (is_mapping);
  g_assert_true (faults (map + page));
}

static void
test_locked (void)
{
  struct rlimit limit;

  if (GCO_TEST_SANITIZED)
    {
      g_test_skip ("the sanitizer does not let mlock() through");
      return;
    }
  if (g_test_subprocess ())
    {
      locked_in_subprocess ();
      return;
    }
  if (getrlimit (RLIMIT_MEMLOCK, &limit) == 0 && limit.rlim_cur < 16 * page_size ())
    {
      g_test_skip ("RLIMIT_MEMLOCK is too low");
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
  g_test_add_func ("/guard/faults", test_faults);
  g_test_add_func ("/guard/faults-mprotect", test_faults_mprotect);
  g_test_add_func ("/guard/budget", test_budget);
  g_test_add_func ("/guard/locked", test_locked);
  return g_test_run ();
}
