/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Where the system has no room for one stack more, creating a coroutine is an error
 * that names the setting; those that are there go on, and when some have ended, there
 * can be others.
 */

#include "gco-test.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "gco-coroutine-private.h"
#include "gco-guard-private.h"

/* What gco-guard keeps for the rest of the program. */
#define RESERVED 5000

static void
yield_once (gpointer n_ended)
{
  char bytes[1000];

  memset (bytes, 1, sizeof bytes);
  gco_coroutine_yield ();
  g_assert_cmpint (bytes[0] + bytes[sizeof bytes - 1], ==, 2);
  ++*(guint *) n_ended;
}

/* Until there is an error, or @max; those that are there are suspended in it. */
static GPtrArray *
create_all (gsize    size,
            guint    max,
            guint   *n_ended,
            GError **error)
{
  GPtrArray    *coroutines = g_ptr_array_new ();
  GcoCoroutine *coroutine;

  while (coroutines->len < max &&
         (coroutine = gco_coroutine_create_full (NULL, size, yield_once, n_ended, NULL, error)))
    {
      gco_coroutine_enter (coroutine);
      g_ptr_array_add (coroutines, coroutine);
    }
  return coroutines;
}

static void
end_last (GPtrArray *coroutines,
          guint      n)
{
  for (guint i = coroutines->len - n; i < coroutines->len; i++)
    gco_coroutine_enter (g_ptr_array_index (coroutines, i));
  g_ptr_array_set_size (coroutines, (int) (coroutines->len - n));
}

/* To the limit, and, when half of them have ended, to the same limit again. */
static void
assert_limit (gsize       size,
              guint       min,
              guint       max,
              const char *setting)
{
  guint      n_ended = 0;
  GError    *error = NULL;
  GPtrArray *coroutines = create_all (size, max + 1, &n_ended, &error);
  guint      n = coroutines->len;

  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE);
  g_test_message ("after %u: %s", n, error->message);
  g_assert_nonnull (strstr (error->message, setting));
  g_assert_cmpuint (n, >=, min);
  g_clear_error (&error);

  end_last (coroutines, n / 2);
  g_assert_cmpuint (n_ended, ==, n / 2);
  for (guint round = 0; round < 2; round++)
    {
      GPtrArray *more = create_all (size, max + 1, &n_ended, &error);

      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE);
      g_clear_error (&error);
      g_assert_cmpuint (more->len, >=, n / 2);
      g_assert_cmpuint (more->len, <=, max);
      end_last (more, more->len);
      g_ptr_array_unref (more);
    }
  end_last (coroutines, coroutines->len);
  g_ptr_array_unref (coroutines);
}

static gsize
statm (int field)
{
  g_autofree char *text = NULL;
  g_auto (GStrv) words = NULL;

  g_assert_true (g_file_get_contents ("/proc/self/statm", &text, NULL, NULL));
  words = g_strsplit (text, " ", -1);
  return g_ascii_strtoull (words[field], NULL, 10) * (gsize) sysconf (_SC_PAGESIZE);
}

static void
limit_to (__rlimit_resource_t resource,
          gsize               bytes)
{
  struct rlimit limit;

  g_assert_no_errno (getrlimit (resource, &limit));
  limit.rlim_cur = MIN (bytes, limit.rlim_max);
  g_assert_no_errno (setrlimit (resource, &limit));
}

/* Each in a process of its own. */
static void
run_apart (void (*func) (void))
{
  if (g_test_subprocess ())
    {
      /* what is made once is not to be counted */
      guint n_ended = 0;

      g_ptr_array_unref (create_all (0, 0, &n_ended, NULL));
      g_assert_true (g_strerror (ENOMEM) != g_strerror (EAGAIN));
      gco_aio_context_get_default ();
      func ();
      return;
    }
  g_test_trap_subprocess (NULL, 60 * G_USEC_PER_SEC, G_TEST_SUBPROCESS_INHERIT_STDOUT);
  g_test_trap_assert_passed ();
}

/* ------------------------------------------------------------------ scenarios */

static void
old_kernel (void)
{
  gco_stack_force_mprotect (RESERVED + 2 * 300);
  assert_limit (65536, 300, 300, "raise vm.max_map_count (now 5600)");
}

static void
test_old_kernel (void)
{
  run_apart (old_kernel);
}

/* What the thread keeps of one size makes room for another. */
static void
other_size (void)
{
  guint n_ended = 0;

  gco_stack_force_mprotect (RESERVED + 2 * 12);
  for (guint round = 1; round <= 6; round++)
    {
      GError    *error = NULL;
      gsize      size = round % 2 != 0 ? 0 : 65536 << round / 3;
      GPtrArray *coroutines = create_all (size, 12, &n_ended, &error);

      g_assert_no_error (error);
      end_last (coroutines, 12);
      g_assert_cmpuint (n_ended, ==, 12 * round);
      g_ptr_array_unref (coroutines);
    }
}

static void
test_other_size (void)
{
  run_apart (other_size);
}

static void
address_space (void)
{
  limit_to (RLIMIT_AS, statm (0) + (100u << 20));
  assert_limit (1 << 20, 60, 100, "raise RLIMIT_AS (ulimit -v)");
}

static void
data (void)
{
  limit_to (RLIMIT_DATA, statm (5) + (100u << 20));
  assert_limit (1 << 20, 60, 100, "raise RLIMIT_DATA (ulimit -d)");
}

static void
no_memory (void)
{
  guint      n_ended = 0;
  GPtrArray *coroutines = create_all (1 << 20, 100, &n_ended, NULL);

  limit_to (RLIMIT_AS, statm (0) + (1u << 20));
  assert_limit (4 << 20, 0, 0, "No memory for a coroutine's stack of");
  g_assert_cmpuint (coroutines->len, ==, 100);
  end_last (coroutines, 100);
  g_assert_cmpuint (n_ended, ==, 100);
  g_ptr_array_unref (coroutines);
}

/* The addresses themselves: no setting makes them more. */
static void
addresses (void)
{
  guint      n_ended = 0;
  GError    *error = NULL;
  GPtrArray *coroutines = create_all (16u << 20, 257, &n_ended, &error);

  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE);
  g_assert_nonnull (strstr (error->message, "ask for smaller stacks"));
  g_clear_error (&error);
  g_assert_cmpuint (coroutines->len, >=, 60);
  end_last (coroutines, coroutines->len);
  g_ptr_array_unref (coroutines);

  coroutines = create_all (16u << 20, 50, &n_ended, &error);
  g_assert_no_error (error);
  end_last (coroutines, 50);
  g_ptr_array_unref (coroutines);
}

static void
test_addresses (void)
{
  run_apart (addresses);
}

/* An emulator may take a limit and not keep it. */
static gboolean
is_kept (__rlimit_resource_t resource,
         gsize               used)
{
  struct rlimit before;
  gpointer      map;

  g_assert_no_errno (getrlimit (resource, &before));
  limit_to (resource, used + (32u << 20));
  map = mmap (NULL, 64u << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  g_assert_no_errno (setrlimit (resource, &before));
  if (map == MAP_FAILED)
    return TRUE;
  munmap (map, 64u << 20);
  return FALSE;
}

static void
run_limited (void (*func) (void),
             __rlimit_resource_t resource,
             int                 field)
{
  if (gco_sanitizer_is_watching () || !is_kept (resource, statm (field)))
    g_test_skip ("this system does not limit memory");
  else
    run_apart (func);
}

static void
test_address_space (void)
{
  run_limited (address_space, RLIMIT_AS, 0);
}

static void
test_data (void)
{
  run_limited (data, RLIMIT_DATA, 5);
}

static void
test_no_memory (void)
{
  run_limited (no_memory, RLIMIT_AS, 0);
}

/* -------------------------------------------------------------- locked memory */

/* Of a region, only what is used is locked in memory, for the system provides all that
 * is. */
static void
locked (void)
{
  guint      n_ended = 0;
  GPtrArray *before = create_all (65536, 100, &n_ended, NULL);
  gsize      resident;

  g_assert_no_errno (mlockall (MCL_CURRENT | MCL_FUTURE));
  resident = statm (1);
  gco_stack_force_max_mappings (RESERVED + 2 * 200);
  assert_limit (1 << 17, 200, 200, "its memory is locked; raise vm.max_map_count (now 5400)");
  g_assert_cmpuint (statm (1), <, resident + 200 * (1 << 17) + (8u << 20));

  g_assert_no_errno (munlockall ());
  g_ptr_array_unref (create_all (1 << 18, 1000, &n_ended, NULL));
  end_last (before, 100);
  g_ptr_array_unref (before);
}

#define LOCK_LIMIT (8u << 20)

static void
locked_limit (void)
{
  limit_to (RLIMIT_MEMLOCK, LOCK_LIMIT);
  if (geteuid () == 0)
    g_assert_no_errno (setuid (65534));
  g_assert_no_errno (mlockall (MCL_FUTURE));
  assert_limit (1 << 17, 16, LOCK_LIMIT >> 17, "raise RLIMIT_MEMLOCK (ulimit -l)");
}

/* By then the kernel guards pages, or not. */
static gboolean
guards_cost_nothing (void)
{
  gsize        page = gco_stack_page_size ();
  gpointer     map = mmap (NULL, page, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  struct iovec guard = { map, page };
  gboolean     answer = map != MAP_FAILED && gco_guard_advise (&guard, 1) == 1;

  munmap (map, page);
  return answer;
}

/* Why what depends on locked memory cannot be tested, or NULL. */
static const char *
why_not_locked (void)
{
  if (gco_sanitizer_is_watching ())
    return "what looks for errors locks more than the program";
  if (!guards_cost_nothing ())
    return "this kernel has no MADV_GUARD_INSTALL";
  return NULL;
}

static void
test_locked (void)
{
  const char *reason = why_not_locked ();

  if (reason == NULL && !g_test_subprocess () && mlockall (MCL_CURRENT) != 0)
    reason = "memory may not be locked";
  munlockall ();
  if (reason != NULL)
    g_test_skip (reason);
  else
    run_apart (locked);
}

static void
test_locked_limit (void)
{
  const char   *reason = why_not_locked ();
  struct rlimit limit;

  g_assert_no_errno (getrlimit (RLIMIT_MEMLOCK, &limit));
  if (reason == NULL && limit.rlim_max < LOCK_LIMIT)
    reason = "too little memory may be locked";
  if (reason != NULL)
    g_test_skip (reason);
  else
    run_apart (locked_limit);
}

/* ----------------------------------------------------------------- huge pages */

/* What the kernel says of the mapping that holds @address. */
static char *
dup_smaps_entry (gpointer address)
{
  FILE    *file = fopen ("/proc/self/smaps", "r");
  GString *entry = g_string_new (NULL);
  char     line[512];
  gboolean inside = FALSE;

  while (file != NULL && fgets (line, sizeof line, file) != NULL)
    {
      unsigned long first, end;

      if (sscanf (line, "%lx-%lx ", &first, &end) == 2)
        inside = first <= (gsize) address && (gsize) address < end;
      if (inside)
        g_string_append (entry, line);
    }
  if (file != NULL)
    fclose (file);
  return g_string_free (entry, FALSE);
}

static void
test_huge_pages (void)
{
  guint            n_ended = 0;
  GPtrArray       *coroutines = create_all (4u << 20, 64, &n_ended, NULL);
  GcoCoroutine    *coroutine = g_ptr_array_index (coroutines, 30);
  g_autofree char *entry = dup_smaps_entry (coroutine->stack.top - 1);
  const char      *flags = strstr (entry, "VmFlags:");

  if (flags == NULL ||
      !g_file_test ("/sys/kernel/mm/transparent_hugepage", G_FILE_TEST_EXISTS))
    g_test_skip ("this system has no huge pages, or does not tell of them");
  else
    {
      g_assert_nonnull (strstr (flags, " nh"));
      g_assert_nonnull (strstr (entry, "AnonHugePages:         0 kB"));
    }
  end_last (coroutines, coroutines->len);
  g_ptr_array_unref (coroutines);
}

int
main (int    argc,
      char **argv)
{
  gco_test_init (&argc, &argv);
  g_test_add_func ("/stack-limits/old-kernel", test_old_kernel);
  g_test_add_func ("/stack-limits/other-size", test_other_size);
  g_test_add_func ("/stack-limits/address-space", test_address_space);
  g_test_add_func ("/stack-limits/data", test_data);
  g_test_add_func ("/stack-limits/no-memory", test_no_memory);
  if (sizeof (gpointer) == 4)
    g_test_add_func ("/stack-limits/addresses", test_addresses);
  g_test_add_func ("/stack-limits/locked", test_locked);
  g_test_add_func ("/stack-limits/locked-limit", test_locked_limit);
  g_test_add_func ("/stack-limits/huge-pages", test_huge_pages);
  return g_test_run ();
}
