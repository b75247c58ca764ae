/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a program of the benchmark is made of: measures of what one or more
 * libraries take for something. `run` beside this file starts the programs, and
 * rows.py says which measures are compared.
 *
 *   PROGRAM --version        which versions of what: "GLib 2.74.6"
 *   PROGRAM MEASURE[/SIZE] MS
 *
 * prints what was measured, one value a line: "ns 7.25". Or "cannot WHY".
 */

#pragma once

#include <glib.h>
#include <time.h>

G_BEGIN_DECLS

/* What operations are counted in: bench.c asks for multiples of it, so that they
 * can be shared out among that many coroutines. */
#define BENCH_UNIT 100

/* Does @n operations with @size of something. Returns the ns they took, or less
 * than 0 if they did not add up or bench_cannot() was called. */
typedef double (*BenchFunc) (unsigned n,
                             unsigned size);

/* Prints several values. The program is to end in about @ms. Returns whether it
 * could, like a BenchFunc. */
typedef gboolean (*BenchReport) (unsigned size,
                                 double   ms);

typedef struct
{
  const char *name;
  BenchFunc   func;
  BenchReport report; /* instead of func */
} BenchMeasure;

/* What main() returns. */
int bench_main (int                 argc,
                char              **argv,
                const char         *version,
                const BenchMeasure *measures,
                unsigned            n_measures);

void bench_value (const char *name,
                  double      value);

/* Says why this machine does not let it be measured. Returns -1. */
double bench_cannot (const char *format,
                     ...) G_GNUC_PRINTF (1, 2);

/* Raises the limit of descriptors to at least @n, or says that it cannot. */
gboolean bench_may_open (unsigned n);

/* How many times one more is armed, and fires, beside those that are not due. */
#define BENCH_MORE 100

/* Timers that are to fire: armed from so far ahead that all are armed first, and due
 * within so much. */
#define BENCH_AHEAD_MS 150
#define BENCH_WITHIN_MS 50

/* Until all of them are due. */
static inline void
bench_sleep_ms (long ms)
{
  struct timespec time = { ms / 1000, ms % 1000 * 1000000 };

  while (nanosleep (&time, &time) != 0)
    ;
}

/* Sorts them, and prints two as "p50" and "p99". */
void bench_percentiles (double  *values,
                        unsigned n);

typedef struct
{
  double rss;
  double page_tables;
  double ns;
} BenchMemory;

/* Before @n of something are made to wait. FALSE: there is not enough memory, or the
 * system does not tell how much there is. */
gboolean bench_memory_begin (BenchMemory *before,
                             unsigned     n);

/* Prints what each takes: "bytes" in all, of them "rss" and "pte", and "ns". */
void bench_memory_end (const BenchMemory *before,
                       unsigned           n);

/* A call that is neither inlined nor turned into a jump, so that a depth of calls
 * is one. */
#ifdef __clang__
# define BENCH_CALL __attribute__ ((noinline))
#else
# define BENCH_CALL __attribute__ ((noinline, noclone))
#endif
#define BENCH_NO_TAIL_CALL() __asm__ volatile("")

static inline double
bench_clock_ns (clockid_t id)
{
  struct timespec now;

  clock_gettime (id, &now);
  return now.tv_sec * 1e9 + now.tv_nsec;
}

/* Processor time of the thread: what else runs on the machine is not counted. */
static inline double
bench_cpu_ns (void)
{
  return bench_clock_ns (CLOCK_THREAD_CPUTIME_ID);
}

/* The same of all threads of the process, for those that take turns. */
static inline double
bench_process_ns (void)
{
  return bench_clock_ns (CLOCK_PROCESS_CPUTIME_ID);
}

/* For what two threads do at once, and for what waits. */
static inline double
bench_wall_ns (void)
{
  return bench_clock_ns (CLOCK_MONOTONIC);
}

G_END_DECLS
