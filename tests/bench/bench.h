/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a benchmark program is made of: rows, each of one thing done by several
 * sides, ours first. bench.c runs them and prints the table.
 */

#pragma once

#include <stdint.h>
#include <time.h>

#ifdef __cplusplus
extern "C"
{
#endif

#define BENCH_MAX_SIDES 6

/* What operations are counted in: bench.c asks for multiples of it, so that they
 * can be shared out among that many coroutines. */
#define BENCH_UNIT 100

  /* Does @n operations. Returns the ns they took, or less than 0 if they could not
   * be done or did not add up. */
  typedef double (*BenchFunc) (unsigned n);

  typedef struct
  {
    const char *name;
    BenchFunc   func;
    const char *go;   /* instead of func: what the Go program calls it */
    double      goal; /* ours shall take at most this much of it; 0: no goal */
  } BenchSide;

  typedef struct
  {
    const char *title;
    double      limit;                  /* ours shall take at most so many ns; 0: no limit */
    BenchSide   sides[BENCH_MAX_SIDES]; /* up to the first without a name */
  } BenchRow;

  /* What main() returns. */
  int bench_main (int             argc,
                  char          **argv,
                  const BenchRow *rows,
                  unsigned        n_rows);

  static inline double
  bench_clock_ns (clockid_t id)
  {
    struct timespec now;

    clock_gettime (id, &now);
    return now.tv_sec * 1e9 + now.tv_nsec;
  }

  /* Processor time of the thread: for rows that need one thread. */
  static inline double
  bench_cpu_ns (void)
  {
    return bench_clock_ns (CLOCK_THREAD_CPUTIME_ID);
  }

  /* For rows that need two. */
  static inline double
  bench_wall_ns (void)
  {
    return bench_clock_ns (CLOCK_MONOTONIC);
  }

#ifdef __cplusplus
}
#endif
