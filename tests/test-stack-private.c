/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "gco-test.h"

#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "gco-stack-private.h"

#define MIN_CLASS_SIZE ((gsize) 1 << GCO_STACK_MIN_SHIFT)

/* What gco-guard keeps for the rest of the program. */
#define RESERVED 5000

static gsize
page_size (void)
{
  return (gsize) sysconf (_SC_PAGESIZE);
}

static GcoStack *
new_stack (gsize size)
{
  GError   *error = NULL;
  GcoStack *stack = gco_stack_new (gco_stack_class_for_size (size), &error);

  g_assert_no_error (error);
  g_assert_nonnull (stack);
  return stack;
}

/* All of one class. */
static void
free_list (GcoStack *list)
{
  GcoStackCache cache = { .head = list };

  for (GcoStack *stack = list; stack != NULL; stack = stack->next)
    cache.n++;
  gco_stack_cache_clear (&cache);
  g_assert_null (cache.head);
}

static void
free_stack (GcoStack *stack)
{
  stack->next = NULL;
  free_list (stack);
}

static GcoStack *
new_list (guint n,
          gsize size)
{
  GcoStack *list = NULL;

  for (guint i = 0; i < n; i++)
    {
      GcoStack *stack = new_stack (size);

      stack->next = list;
      list = stack;
    }
  return list;
}

/* ----------------------------------------------------------------- classes */

static void
test_class (void)
{
  int smallest = gco_stack_class_for_size (1);

  g_assert_cmpint (smallest, >=, 0);
  g_assert_cmpint (gco_stack_class_for_size (0), ==, smallest);
  g_assert_cmpint (gco_stack_class_for_size (1 << 20), ==, GCO_STACK_DEFAULT_CLASS);
  g_assert_cmpint (gco_stack_class_for_size ((1 << 20) - 1),
                   ==,
                   GCO_STACK_DEFAULT_CLASS);
  g_assert_cmpint (gco_stack_class_for_size ((1 << 20) + 1),
                   ==,
                   GCO_STACK_DEFAULT_CLASS + 1);
  g_assert_cmpint (gco_stack_class_for_size (G_MAXSIZE), ==, -1);
  g_assert_cmpint (gco_stack_class_for_size (
                       MIN_CLASS_SIZE << (GCO_STACK_N_CLASSES - 1)),
                   ==,
                   GCO_STACK_N_CLASSES - 1);
  g_assert_cmpint (gco_stack_class_for_size (
                       (MIN_CLASS_SIZE << (GCO_STACK_N_CLASSES - 1)) + 1),
                   ==,
                   -1);
}

static void
assert_sound (GcoStack *stack,
              gsize     wanted)
{
  char *first = stack->base + page_size ();

  g_assert_cmpuint (stack->size, >=, MAX (wanted, MIN_CLASS_SIZE));
  g_assert_true (((gsize) stack->top & 15) == 0);
  g_assert_true (stack->top <= stack->base + stack->size);
  g_assert_true (stack->top > first + 8192);
  g_assert_cmpint (gco_stack_get_class (stack),
                   ==,
                   gco_stack_class_for_size (stack->size));
  /* all of it can be written to, and the page below is the guard */
  memset (first, 1, (gsize) (stack->top - first));
  g_assert_true (gco_stack_find_guard (stack->base) == stack);
  g_assert_true (gco_stack_find_guard (first - 1) == stack);
  g_assert_null (gco_stack_find_guard (first));
  g_assert_null (gco_stack_find_guard (stack->top - 1));
}

static void
test_sizes (void)
{
  for (gsize size = 1; size <= (4u << 20); size *= 2)
    {
      GcoStack *stack = new_stack (size);

      assert_sound (stack, size);
      free_stack (stack);
    }
  g_assert_null (gco_stack_find_guard (NULL));
  g_assert_null (gco_stack_find_guard (&page_size));
}

/* A GiB of address space is no GiB of memory. */
static void
test_huge (void)
{
  GcoStack *stack = new_stack (1u << 30);

  g_assert_cmpuint (stack->size, ==, 1u << 30);
  stack->top[-1] = 1;
  stack->base[page_size ()] = 1;
  free_stack (stack);
}

/* -------------------------------------------------------------------- many */

static void
test_distinct (void)
{
  GcoStack   *stacks[64];
  GHashTable *offsets = g_hash_table_new (NULL, NULL);

  for (guint i = 0; i < 64; i++)
    {
      stacks[i] = new_stack (64 * 1024);
      g_hash_table_add (offsets,
                        GSIZE_TO_POINTER ((gsize) stacks[i]->top % page_size ()));
      for (guint j = 0; j < i; j++)
        g_assert_true (stacks[j]->base + stacks[j]->size <= stacks[i]->base ||
                       stacks[i]->base + stacks[i]->size <= stacks[j]->base);
    }
  /* lest all first frames compete for the same cache lines */
  g_assert_cmpuint (g_hash_table_size (offsets), >=, 8);
  for (guint i = 0; i < 64; i++)
    free_stack (stacks[i]);
  g_hash_table_unref (offsets);
}

static void
count (GcoStack *stack,
       gpointer  user_data)
{
  guint *n = user_data;

  (*n)++;
}

static void
test_foreach (void)
{
  GcoStack *list;
  guint     before = 0;
  guint     after = 0;

  gco_stack_foreach (count, &before);
  list = new_list (200, 32 * 1024);
  gco_stack_foreach (count, &after);
  g_assert_cmpuint (after, >=, 200);
  g_assert_cmpuint (after, >=, before);
  free_list (list);
}

/* -------------------------------------------------------------- give back */

/* Writes to all, and tells how many had been written to before. */
static guint
mark (GcoStack *list)
{
  guint n_marked = 0;

  for (; list != NULL; list = list->next)
    {
      n_marked += list->top[-1] != 0;
      list->top[-1] = 1;
    }
  return n_marked;
}

/* What was given back is the system's: it comes again as zeroes. What is needed again
 * at once is kept the next time, and what is not, is not. */
static void
test_memory_goes_back (void)
{
  const guint n = 500;
  GcoStack   *list = new_list (n, 128 * 1024);
  GcoStack   *more;

  g_assert_cmpuint (mark (list), <=, GCO_STACK_DEPOT_MIN);
  free_list (list);
  list = new_list (n, 128 * 1024);
  g_assert_cmpuint (mark (list), <=, GCO_STACK_DEPOT_MIN);
  free_list (list);
  list = new_list (n, 128 * 1024);
  g_assert_cmpuint (mark (list), ==, n);
  free_list (list);

  /* so many that keeping those few would not help */
  list = new_list (5 * n, 128 * 1024);
  more = new_list (5 * n, 128 * 1024);
  free_list (list);
  free_list (more);
  list = new_list (n, 128 * 1024);
  g_assert_cmpuint (mark (list), <=, GCO_STACK_DEPOT_MIN);
  free_list (list);
}

static gsize
resident (GcoStack *list)
{
  gsize         page = page_size ();
  gsize         n = 0;
  unsigned char pages[256];

  for (; list != NULL; list = list->next)
    {
      g_assert_no_errno (mincore (list->base + page, list->size - page, pages));
      for (gsize i = 0; i < list->size / page - 1; i++)
        n += pages[i] & 1;
    }
  return n * page;
}

/* One that was used to its depth once does not keep that. */
static void
test_depth_goes_back (void)
{
  GcoStack *list = new_list (100, 256 * 1024);

  for (GcoStack *stack = list; stack != NULL; stack = stack->next)
    memset (stack->base + page_size (), 1, (gsize) (stack->top - stack->base) - page_size ());
  free_list (list);
  list = new_list (100, 256 * 1024);
  g_assert_cmpuint (resident (list), >, 0);
  g_assert_cmpuint (resident (list), <=, GCO_STACK_DEPOT_MIN * 4 * page_size ());
  free_list (list);
}

/* A program at the edge of a region does not map and unmap it for ever, and
 * one that is done with many does not keep them. */
static void
test_regions_go_back (void)
{
  GcoStack *list;
  guint     before = 0;
  guint     after = 0;

  gco_stack_foreach (count, &before);
  list = new_list (5000, 256 * 1024);
  gco_stack_foreach (count, &after);
  g_assert_cmpuint (after, >=, 5000);
  free_list (list);
  after = 0;
  gco_stack_foreach (count, &after);
  g_assert_cmpuint (after, <=, before + 512);
}

/* ------------------------------------------------------------------- cache */

static void
test_cache_is_lifo (void)
{
  GcoStackCache cache = { NULL, 0, 0 };
  GcoStack     *a = new_stack (16384);
  GcoStack     *b = new_stack (16384);

  g_assert_null (gco_stack_cache_take (&cache));
  gco_stack_cache_put (&cache, a);
  gco_stack_cache_put (&cache, b);
  g_assert_cmpuint (cache.n, ==, 2);
  g_assert_true (gco_stack_cache_take (&cache) == b);
  g_assert_true (gco_stack_cache_take (&cache) == a);
  g_assert_null (gco_stack_cache_take (&cache));
  free_stack (a);
  free_stack (b);
}

static void
test_cache_is_capped (void)
{
  const guint   n = 16 * GCO_STACK_CACHE_MAX;
  GcoStackCache cache = { NULL, 0, 0 };
  GcoStack     *list = new_list (n, 16384);
  guint         n_put = 0;

  while (list != NULL)
    {
      GcoStack *newest = list;

      list = list->next;
      gco_stack_cache_put (&cache, newest);
      g_assert_true (cache.head == newest);
      g_assert_cmpuint (cache.n, <=, GCO_STACK_CACHE_MAX);
      n_put++;
      g_assert_cmpuint (cache.n, >=, MIN (n_put, GCO_STACK_CACHE_MIN));
    }
  g_assert_cmpuint (cache.n, <=, 2 * GCO_STACK_CACHE_MIN);
  gco_stack_cache_clear (&cache);
  g_assert_null (gco_stack_cache_take (&cache));
}

/* ------------------------------------------------------------------ limits */

static gsize
address_space (void)
{
  g_autofree char *text = NULL;

  g_assert_true (g_file_get_contents ("/proc/self/statm", &text, NULL, NULL));
  return g_ascii_strtoull (text, NULL, 10) * page_size ();
}

/* The largest class, or in 32 bits the largest of which four fit. */
#define LARGE_CLASS (GCO_STACK_N_CLASSES - (sizeof (gpointer) == 8 ? 1 : 3))
#define LARGE_SIZE ((gsize) 1 << (GCO_STACK_MIN_SHIFT + LARGE_CLASS))

/* Such stacks, in an address space with room for a few. */
static void
no_room_in_subprocess (void)
{
  g_autoptr (GError) error = NULL;
  struct rlimit limit;
  GcoStack     *list = NULL;
  GcoStack     *stack;
  guint         n = 0;

  g_assert_no_errno (getrlimit (RLIMIT_AS, &limit));
  limit.rlim_cur = address_space () + LARGE_SIZE * 9 / 2;
  g_assert_no_errno (setrlimit (RLIMIT_AS, &limit));
  while ((stack = gco_stack_new (LARGE_CLASS, &error)) != NULL)
    {
      stack->next = list;
      list = stack;
      n++;
    }
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE);
  g_assert_cmpuint (n, ==, 4);
  free_list (list);
  free_stack (new_stack (LARGE_SIZE));
}

/* An emulator may take a limit and not keep it. */
static gboolean
limits_are_kept (void)
{
  struct rlimit before;
  struct rlimit limit;
  gpointer      map;

  g_assert_no_errno (getrlimit (RLIMIT_AS, &before));
  limit = before;
  limit.rlim_cur = address_space () + LARGE_SIZE;
  g_assert_no_errno (setrlimit (RLIMIT_AS, &limit));
  map = mmap (NULL, LARGE_SIZE * 4, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  g_assert_no_errno (setrlimit (RLIMIT_AS, &before));
  if (map == MAP_FAILED)
    return TRUE;
  munmap (map, LARGE_SIZE * 4);
  return FALSE;
}

static void
test_no_room (void)
{
  if (g_test_subprocess ())
    {
      no_room_in_subprocess ();
      return;
    }
  if (!limits_are_kept ())
    {
      g_test_skip ("this system does not limit address space");
      return;
    }
  g_test_trap_subprocess (NULL, 0, 0);
  g_test_trap_assert_passed ();
}

/* Takes stacks until there are no more; the newest first. */
static guint
exhaust (GcoStack **list)
{
  g_autoptr (GError) error = NULL;
  GcoStack *stack;
  guint     n = 0;

  while ((stack = gco_stack_new (0, &error)) != NULL)
    {
      stack->next = *list;
      *list = stack;
      n++;
    }
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE);
  return n;
}

static void
exhaustion_in_subprocess (void)
{
  const guint n = 1300; /* more than a region, which goes with its guards */
  GcoStack   *list = NULL;
  GcoStack   *first;

  gco_stack_force_mprotect (RESERVED + 2 * n);
  g_assert_cmpuint (exhaust (&list), ==, n);

  first = list;
  list = list->next;
  free_stack (first);
  g_assert_cmpuint (exhaust (&list), ==, 1);
  free_list (list);
  list = NULL;
  g_assert_cmpuint (exhaust (&list), ==, n);
}

static void
test_exhaustion (void)
{
  if (g_test_subprocess ())
    {
      exhaustion_in_subprocess ();
      return;
    }
  g_test_trap_subprocess (NULL, 0, 0);
  g_test_trap_assert_passed ();
}

/* What is idle of one size makes room for another. */
static void
other_size_in_subprocess (void)
{
  gco_stack_force_mprotect (RESERVED + 2 * GCO_STACK_DEPOT_MIN);
  for (guint round = 0; round < 3; round++)
    {
      free_list (new_list (GCO_STACK_DEPOT_MIN, 16384));
      free_list (new_list (GCO_STACK_DEPOT_MIN, 32768));
    }
}

static void
test_other_size (void)
{
  if (g_test_subprocess ())
    {
      other_size_in_subprocess ();
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
  g_test_add_func ("/stack/class", test_class);
  g_test_add_func ("/stack/sizes", test_sizes);
  g_test_add_func ("/stack/huge", test_huge);
  g_test_add_func ("/stack/distinct", test_distinct);
  g_test_add_func ("/stack/foreach", test_foreach);
  g_test_add_func ("/stack/memory-goes-back", test_memory_goes_back);
  g_test_add_func ("/stack/depth-goes-back", test_depth_goes_back);
  g_test_add_func ("/stack/regions-go-back", test_regions_go_back);
  g_test_add_func ("/stack/cache-is-lifo", test_cache_is_lifo);
  g_test_add_func ("/stack/cache-is-capped", test_cache_is_capped);
  g_test_add_func ("/stack/no-room", test_no_room);
  g_test_add_func ("/stack/exhaustion", test_exhaustion);
  g_test_add_func ("/stack/other-size", test_other_size);
  return g_test_run ();
}
