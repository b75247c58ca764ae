/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Operations that are shared out among coroutines or chains of callbacks, in a
 * GMainContext of their own. */

#pragma once

#include <gco.h>

#include "bench-c.h"

typedef struct
{
  unsigned total; /* operations */
  unsigned each;  /* of them for one coroutine or chain of callbacks */
  unsigned left;  /* coroutines or chains that have not ended */
  unsigned begun; /* coroutines that have begun */
  unsigned count; /* operations that were done */
  double   start;
  double   end;
} Work;

static inline void
work_init (Work    *work,
           unsigned n,
           unsigned n_workers)
{
  *work = (Work){ .total = n, .each = n / n_workers, .left = n_workers };
}

/* In a coroutine: goes to the end of what is ready. */
static inline void
work_pass (void)
{
  gco_coroutine_reschedule ();
}

/* In a coroutine: waits for those spawned together, so that what is measured starts
 * when each of them has its stack. Returns its number. */
static inline unsigned
work_begin (Work *work)
{
  unsigned number = work->begun++;

  work_pass ();
  if (work->start == 0)
    work->start = bench_process_ns ();
  return number;
}

static inline void
work_end (Work *work)
{
  if (--work->left == 0)
    work->end = bench_process_ns ();
}

/* Calls @begin for each worker, and iterates until all have ended. */
double work_run (Work *work,
                 void (*begin) (Work *work));

/* The same with a coroutine for each worker. */
double work_run_coroutines (Work            *work,
                            GcoCoroutineFunc body);
