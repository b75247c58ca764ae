/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a parked coroutine costs, when there are very many: 100,000, or a million with
 * GCO_TEST_MILLION or -m slow, or as many as fit into what memory and addresses there are.
 * Times are printed and not judged, for the system decides them: beside them is what it
 * takes to provide the same pages alone.
 */

#include "gco-test.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "gco-coroutine-private.h"
#include "gco-guard-private.h"

/* What stress-memory leaves to others. */
#define SPARE_KIB (1024 * 1024)

/* What the thread and the depot keep of a class, if each lies in a page of its own, and its
 * record as well: this stays, however many there were. */
#define KEPT ((2 * GCO_STACK_CACHE_MIN + GCO_STACK_DEPOT_MIN) * 2 * gco_stack_page_size ())

/* Where the switch is libc's, each has a context of libc's. */
#define OF_LIBC (GCO_SWITCH_ASM ? 0 : 1024)

/* Beside so many, what is kept is little. */
#define MANY 50000

typedef struct
{
  const char *path;
  gsize       size;
  gsize       max_bytes; /* each, with page tables */
} Kind;

static const Kind kinds[] = {
  { "64-KiB", 64 << 10, 4600 },
  { "1-MiB", 1 << 20, 6500 },
};

typedef struct
{
  gsize  rss;
  gsize  page_tables;
  gsize  n_mappings;
  double cpu_ns;
} Usage;

/* The number behind @key in a file of /proc, or 0. */
static gsize
read_key (const char *path,
          const char *key)
{
  FILE *file = fopen (path, "r");
  char  line[256];
  gsize value = 0;

  while (file != NULL && fgets (line, sizeof line, file) != NULL)
    if (g_str_has_prefix (line, key))
      value = g_ascii_strtoull (g_strchug (line + strlen (key)), NULL, 10);
  if (file != NULL)
    fclose (file);
  return value;
}

static gsize
count_mappings (void)
{
  FILE *file = fopen ("/proc/self/maps", "r");
  gsize n = 0;
  int   c;

  while ((c = getc (file)) != EOF)
    n += c == '\n';
  fclose (file);
  return n;
}

static double
cpu_ns (void)
{
  struct timespec now;

  clock_gettime (CLOCK_PROCESS_CPUTIME_ID, &now);
  return now.tv_sec * 1e9 + now.tv_nsec;
}

static void
measure (Usage *usage)
{
  usage->cpu_ns = cpu_ns ();
  usage->rss = read_key ("/proc/self/smaps_rollup", "Rss:") * 1024;
  usage->page_tables = read_key ("/proc/self/status", "VmPTE:") * 1024;
  usage->n_mappings = count_mappings ();
}

/* --------------------------------------------------------------------- park */

static __attribute__ ((noinline)) void
park (guint *n_ended)
{
  char bytes[200];

  memset (bytes, 1, sizeof bytes);
  __asm__ volatile("" ::"r"(bytes)
                   : "memory");
  gco_coroutine_yield ();
  g_assert_cmpint (bytes[0], ==, 1);
  ++*n_ended;
}

static __attribute__ ((noinline)) void
call_park (guint *n_ended)
{
  park (n_ended);
  __asm__ volatile("");
}

static void
body (gpointer n_ended)
{
  call_park (n_ended);
  __asm__ volatile("");
}

static GcoCoroutine *
create_parked (gsize  size,
               guint *n_ended)
{
  GError       *error = NULL;
  GcoCoroutine *coroutine =
      gco_coroutine_create_full (NULL, size, body, n_ended, NULL, &error);

  g_assert_no_error (error);
  gco_coroutine_enter (coroutine);
  return coroutine;
}

/* Here, not on the heap, which would be in the figures. */
static GcoCoroutine **
new_list (guint n)
{
  gpointer list = mmap (NULL,
                        n * sizeof (GcoCoroutine *),
                        PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS,
                        -1,
                        0);

  g_assert_true (list != MAP_FAILED);
  memset (list, 1, n * sizeof (GcoCoroutine *));
  return list;
}

static void
shuffle (GcoCoroutine **list,
         guint          n)
{
  for (guint i = n - 1; i > 0; i--)
    {
      guint         j = (guint) g_test_rand_int_range (0, (int) i + 1);
      GcoCoroutine *other = list[i];

      list[i] = list[j];
      list[j] = other;
    }
}

/* ------------------------------------------------------------------- judge */

/* Whether the kernel says that nothing is there: it may not write there for us. */
static gboolean
faults (int   fd,
        char *at)
{
  return pread (fd, at, 1, 0) == -1;
}

static void
assert_guarded (GcoCoroutine **list,
                guint          n)
{
  int fd = open ("/proc/self/exe", O_RDONLY | O_CLOEXEC);

  g_assert_no_errno (fd);
  g_assert_false (faults (fd, list[0]->stack.base + gco_stack_page_size ()));
  for (guint i = 0; i < n; i += MAX (n / 1000, 1))
    {
      GcoStack *stack = &list[i]->stack;

      g_assert_true (faults (fd, stack->base));
      g_assert_true (faults (fd, stack->base + gco_stack_page_size () - 1));
    }
  close (fd);
}

/* What the system takes for pages alone, as far apart, in ns each. */
static double
time_of_pages (guint n,
               gsize size)
{
  double start;
  double end;
  char  *map;

  n = MIN (n, 20000);
  map = mmap (NULL,
              n * size,
              PROT_READ | PROT_WRITE,
              MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
              -1,
              0);
  g_assert_true (map != MAP_FAILED);
  madvise (map, n * size, MADV_NOHUGEPAGE);
  start = cpu_ns ();
  for (guint i = 0; i < n; i++)
    map[i * size] = 1;
  end = cpu_ns ();
  munmap (map, n * size);
  return (end - start) / n;
}

static guint
how_many (const Kind *kind)
{
  gboolean full = g_test_slow () || g_getenv ("GCO_TEST_MILLION") != NULL;
  guint    wanted = gco_test_crowd (full ? 1000 * 1000 : 100 * 1000, kind->size);
  gsize    free_kib = read_key ("/proc/meminfo", "MemAvailable:");
  gsize    fit = free_kib > SPARE_KIB ? (free_kib - SPARE_KIB) * 1024 / kind->max_bytes : 0;

  /* for each stack they keep a record of their own */
  if (gco_sanitizer_is_watching ())
    return MIN (wanted, 2000);
  if (fit < wanted)
    g_test_message ("memory for %zu of %u", fit, wanted);
  return MIN (wanted, (guint) fit);
}

static gsize
bytes_each (const Usage *before,
            const Usage *now,
            guint        n)
{
  return (now->rss + now->page_tables - before->rss - before->page_tables) / n;
}

static void
judge_parked (const Kind    *kind,
              const Usage   *before,
              GcoCoroutine **list,
              guint          n)
{
  Usage now;

  measure (&now);
  g_test_message ("%u stacks of %s: %.2f us each (the pages alone: %.2f), %zu bytes each,"
                  " %zu mappings",
                  n,
                  kind->path,
                  (now.cpu_ns - before->cpu_ns) / n / 1000,
                  time_of_pages (n, kind->size) / 1000,
                  bytes_each (before, &now, n),
                  now.n_mappings);
  assert_guarded (list, n);
  if (gco_sanitizer_is_watching ())
    return;
  if (n >= 10000)
    g_assert_cmpuint (bytes_each (before, &now, n),
                      <=,
                      kind->max_bytes + OF_LIBC);
  g_assert_cmpuint (now.n_mappings, <, before->n_mappings + 100 + n / 1000);
}

/* ---------------------------------------------------------------- scenarios */

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

static guint
depot_max (const Kind *kind)
{
  return MIN (GCO_STACK_DEPOT_MAX, GCO_STACK_DEPOT_BYTES / kind->size);
}

/* What half of them may take when the others have ended. */
static gsize
rest_max (const Kind *kind,
          guint       n)
{
  gsize n_kept = n < MANY ? depot_max (kind) : 1024;

  return (n - n / 2) * (5000 + OF_LIBC) + n_kept * 4500;
}

static void
judge_ended (const Usage *before,
             gsize        of_list,
             gboolean     many_in_order)
{
  gsize begun = before->rss - of_list;
  Usage now;

  measure (&now);
  g_test_message ("%zu KiB before, %zu KiB after", begun / 1024, (now.rss - of_list) / 1024);
  if (!gco_sanitizer_is_watching ())
    g_assert_cmpuint (now.rss, <=, before->rss + (many_in_order ? begun / 20 : KEPT));
}

/* Parks @n, ends half of them, and the others. */
static void
run (const Kind *kind,
     guint       n,
     gboolean    in_order)
{
  GcoCoroutine **list = new_list (n);
  guint          n_ended = 0;
  guint          i;
  Usage          before;
  Usage          now;
  double         start;

  /* what is made once is not to be counted */
  gco_coroutine_enter (create_parked (kind->size, &n_ended));
  n_ended = 0;
  measure (&before);
  for (i = 0; i < n; i++)
    list[i] = create_parked (kind->size, &n_ended);
  judge_parked (kind, &before, list, n);

  if (!in_order)
    shuffle (list, n);
  start = cpu_ns ();
  for (i = 0; i < n / 2; i++)
    gco_coroutine_enter (list[i]);
  measure (&now);
  if (!gco_sanitizer_is_watching ())
    g_assert_cmpuint (now.rss - before.rss, <, rest_max (kind, n));
  assert_guarded (list + n / 2, n - n / 2);
  for (; i < n; i++)
    gco_coroutine_enter (list[i]);
  g_assert_cmpuint (n_ended, ==, n);

  now.cpu_ns = cpu_ns ();
  g_test_message ("ended %s in %.2f us each",
                  in_order ? "in order" : "at random",
                  (now.cpu_ns - start) / n / 1000);
  judge_ended (&before, n * sizeof *list, in_order && n >= MANY);
  munmap (list, n * sizeof *list);
}

static void
test_kind (gconstpointer data)
{
  const Kind *kind = data;
  guint       n;

  if (!guards_cost_nothing ())
    {
      g_test_skip ("this kernel has no MADV_GUARD_INSTALL: see test-stack-limits");
      return;
    }
  n = how_many (kind);
  if (n < 100)
    {
      g_test_skip ("too little memory");
      return;
    }
  run (kind, n, TRUE);
  /* needed again within a second, few would all be kept */
  if (n >= 3 * depot_max (kind) || gco_sanitizer_is_watching ())
    run (kind, MIN (n, MANY), FALSE);
}

int
main (int    argc,
      char **argv)
{
  gco_test_init (&argc, &argv);
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      g_autofree char *path = g_strdup_printf ("/memory/%s", kinds[i].path);

      g_test_add_data_func (path, &kinds[i], test_kind);
    }
  return g_test_run ();
}
