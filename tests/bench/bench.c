/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "bench.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

static gboolean cannot;

void
bench_value (const char *name,
             double      value)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE];

  printf ("%s %s\n", name, g_ascii_formatd (text, sizeof text, "%.3f", value));
}

double
bench_cannot (const char *format,
              ...)
{
  va_list args;

  cannot = TRUE;
  va_start (args, format);
  printf ("cannot ");
  vprintf (format, args);
  printf ("\n");
  va_end (args);
  return -1;
}

gboolean
bench_may_open (unsigned n)
{
  struct rlimit limit;

  if (getrlimit (RLIMIT_NOFILE, &limit) != 0)
    return TRUE;
  if (limit.rlim_cur >= n)
    return TRUE;
  if (limit.rlim_max >= n)
    {
      limit.rlim_cur = n;
      if (setrlimit (RLIMIT_NOFILE, &limit) == 0)
        return TRUE;
    }
  bench_cannot ("needs %u descriptors, and %lu is the limit", n, (unsigned long) limit.rlim_max);
  return FALSE;
}

static int
compare (const void *a,
         const void *b)
{
  double x = *(const double *) a;
  double y = *(const double *) b;

  return (x > y) - (x < y);
}

void
bench_percentiles (double  *values,
                   unsigned n)
{
  qsort (values, n, sizeof *values, compare);
  bench_value ("p50", values[n / 2]);
  bench_value ("p99", values[MIN (n * 99 / 100, n - 1)]);
}

/* A line of a file of /proc, in bytes; less than 0 if it is not there. */
static double
read_kib (const char *path,
          const char *key)
{
  g_autofree char *text = NULL;
  const char      *line;

  if (!g_file_get_contents (path, &text, NULL, NULL))
    return -1;
  line = strstr (text, key);
  return line == NULL ? -1 : g_ascii_strtod (line + strlen (key), NULL) * 1024;
}

static BenchMemory
memory_now (void)
{
  return (BenchMemory){
    read_kib ("/proc/self/status", "VmRSS:"),
    read_kib ("/proc/self/status", "VmPTE:"),
    bench_process_ns (),
  };
}

gboolean
bench_memory_begin (BenchMemory *before,
                    unsigned     n)
{
  double needed = n * 10e3;
  double available = read_kib ("/proc/meminfo", "MemAvailable:");

  *before = memory_now ();
  if (before->rss < 0 || before->page_tables < 0)
    bench_cannot ("nothing here tells the size of a process");
  else if (available < needed)
    bench_cannot ("needs %.1f GB, and %.1f are free", needed / 1e9, available / 1e9);
  else
    return TRUE;
  return FALSE;
}

void
bench_memory_end (const BenchMemory *before,
                  unsigned           n)
{
  BenchMemory after = memory_now ();
  double      rss = (after.rss - before->rss) / n;
  double      page_tables = (after.page_tables - before->page_tables) / n;

  bench_value ("ns", (after.ns - before->ns) / n);
  bench_value ("rss", rss);
  bench_value ("pte", page_tables);
  bench_value ("bytes", rss + page_tables);
}

/* More and more operations, until they take about @target ns; those before were
 * the warm-up. */
static gboolean
run_func (BenchFunc func,
          unsigned  size,
          double    target)
{
  unsigned n = BENCH_UNIT;

  func (n, size);
  for (;;)
    {
      double ns = func (n, size);
      double more;

      if (ns < 0)
        return FALSE;
      if (ns >= target / 2)
        {
          bench_value ("ns", ns / n);
          return TRUE;
        }
      more = MIN (target / MAX (ns, 1), 10) * n / BENCH_UNIT;
      n = MAX ((unsigned) more, n / BENCH_UNIT + 1) * BENCH_UNIT;
    }
}

int
bench_main (int                 argc,
            char              **argv,
            const char         *version,
            const BenchMeasure *measures,
            unsigned            n_measures)
{
  g_auto (GStrv) what = argc > 1 ? g_strsplit (argv[1], "/", 2) : NULL;
  unsigned size = what != NULL && what[0] != NULL && what[1] != NULL ? atoi (what[1]) : 1;
  double   ms = argc > 2 ? g_ascii_strtod (argv[2], NULL) : 0;

  if (argc == 2 && strcmp (argv[1], "--version") == 0)
    {
      printf ("%s\n", version);
      return EXIT_SUCCESS;
    }
  for (unsigned i = 0; argc == 3 && i < n_measures; i++)
    if (strcmp (measures[i].name, what[0]) == 0)
      {
        gboolean fine = measures[i].func != NULL ? run_func (measures[i].func, size, ms * 1e6)
                                                 : measures[i].report (size, ms);

        if (!fine && !cannot)
          fprintf (stderr, "%s: it did not add up\n", argv[1]);
        return fine || cannot ? EXIT_SUCCESS : EXIT_FAILURE;
      }
  fprintf (stderr, "usage: %s MEASURE[/SIZE] MS; there are:", argv[0]);
  for (unsigned i = 0; i < n_measures; i++)
    fprintf (stderr, " %s", measures[i].name);
  fprintf (stderr, "\n");
  return 2;
}
