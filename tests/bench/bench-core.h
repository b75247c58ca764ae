/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The sides of bench-core, one file a library. */

#pragma once

#include "bench.h"

#ifdef __cplusplus
extern "C"
{
#endif

/* A call that is neither inlined nor turned into a jump, so that a depth of
 * calls is one. */
#ifdef __clang__
# define BENCH_CALL __attribute__ ((noinline))
#else
# define BENCH_CALL __attribute__ ((noinline, noclone))
#endif
#define BENCH_NO_TAIL_CALL() __asm__ volatile("")

  double gco_ring_poll (unsigned n);
  double gco_ring_source (unsigned n);
  double gco_enter_flat (unsigned n);
  double gco_enter_deep (unsigned n);
  double gco_create (unsigned n);
  double gco_mutex_pair (unsigned n);
  double gco_handoff_2 (unsigned n);
  double gco_handoff_100 (unsigned n);
  double gco_oneshots_poll (unsigned n);
  double gco_oneshots_source (unsigned n);

  double gco_threads_2 (unsigned n);
  double gco_threads_100 (unsigned n);
  double gco_round_trip (unsigned n);
  double gco_round_trip_move (unsigned n);

  double boost_fiber_ring (unsigned n);
  double boost_fiber_create (unsigned n);
  double boost_fiber_mutex_pair (unsigned n);
  double boost_fiber_handoff_2 (unsigned n);
  double boost_fiber_handoff_100 (unsigned n);
  double boost_fiber_threads_2 (unsigned n);
  double boost_fiber_threads_100 (unsigned n);

  double boost_context_enter_flat (unsigned n);
  double boost_context_enter_deep (unsigned n);
  double boost_context_create (unsigned n);

  double ucontext_enter_flat (unsigned n);
  double ucontext_enter_deep (unsigned n);
  double ucontext_create (unsigned n);

  double glib_mutex_pair (unsigned n);
  double glib_idle_sources (unsigned n);
  double glib_round_trip (unsigned n);

#ifdef __cplusplus
}
#endif
