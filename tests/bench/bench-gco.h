/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the measures of libgco share that poll a context of their own. */

#pragma once

#include <gco.h>

#include "bench-c.h"

/* Some operations, shared out among coroutines. */
typedef struct
{
  unsigned each;  /* operations of one of them */
  unsigned left;  /* of them, that have not ended */
  unsigned count; /* operations that were done */
  double   start;
  double   end;
} Shared;

/* Goes to the end of what is ready. */
static inline void
pass (void)
{
  gco_coroutine_reschedule ();
}

/* Waits for all that were spawned together: what is measured starts when each of
 * them has its stack. */
static inline void
shared_begin (Shared *shared)
{
  pass ();
  if (shared->start == 0)
    shared->start = bench_cpu_ns ();
}

static inline void
shared_end (Shared *shared)
{
  if (--shared->left == 0)
    shared->end = bench_cpu_ns ();
}

/* Has @n operations done by @n_coroutines that run @body with @shared, the first
 * member of something, or the whole. */
static inline double
shared_run (Shared          *shared,
            unsigned         n,
            unsigned         n_coroutines,
            GcoCoroutineFunc body)
{
  g_autoptr (GcoAioContext) ctx = gco_aio_context_new ();

  shared->each = n / n_coroutines;
  shared->left = n_coroutines;
  for (unsigned i = 0; i < n_coroutines; i++)
    gco_spawn (ctx, body, shared, NULL);
  while (shared->left > 0)
    gco_aio_context_poll (ctx, TRUE);
  return shared->count == n ? shared->end - shared->start : -1;
}
