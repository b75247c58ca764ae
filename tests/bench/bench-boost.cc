/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Boost.Context, which only switches, and Boost.Fiber, which has a scheduler. */

#include <boost/context/fiber.hpp>
#include <boost/context/pooled_fixedsize_stack.hpp>
#include <boost/fiber/all.hpp>

#include <algorithm>
#include <atomic>
#include <thread>
#include <vector>

#include "bench-core.h"

namespace ctx = boost::context;
namespace fib = boost::fibers;

namespace
{

/* ------------------------------------------------------------------ Boost.Context */

BENCH_CALL void
deep_3 (ctx::fiber &caller)
{
  caller = std::move (caller).resume ();
  BENCH_NO_TAIL_CALL ();
}

BENCH_CALL void
deep_2 (ctx::fiber &caller)
{
  deep_3 (caller);
  BENCH_NO_TAIL_CALL ();
}

BENCH_CALL void
deep_1 (ctx::fiber &caller)
{
  deep_2 (caller);
  BENCH_NO_TAIL_CALL ();
}

BENCH_CALL void
deep_enter (ctx::fiber &callee)
{
  callee = std::move (callee).resume ();
  BENCH_NO_TAIL_CALL ();
}

double
enter_flat (unsigned n)
{
  bool       stop = false;
  ctx::fiber callee ([&stop] (ctx::fiber &&caller) {
    while (!stop)
      caller = std::move (caller).resume ();
    return std::move (caller);
  });
  double     ns = -bench_cpu_ns ();

  for (unsigned i = 0; i < n; i++)
    callee = std::move (callee).resume ();
  ns += bench_cpu_ns ();
  stop = true;
  callee = std::move (callee).resume ();
  return callee ? -1 : ns;
}

double
enter_deep (unsigned n)
{
  bool       stop = false;
  ctx::fiber callee ([&stop] (ctx::fiber &&caller) {
    while (!stop)
      deep_1 (caller);
    return std::move (caller);
  });
  double     ns = -bench_cpu_ns ();

  for (unsigned i = 0; i < n; i++)
    deep_enter (callee);
  ns += bench_cpu_ns ();
  stop = true;
  callee = std::move (callee).resume ();
  return callee ? -1 : ns;
}

double
context_create (unsigned n)
{
  ctx::pooled_fixedsize_stack pool;
  unsigned                    count = 0;
  double                      ns = -bench_cpu_ns ();

  for (unsigned i = 0; i < n; i++)
    {
      ctx::fiber callee (std::allocator_arg, pool, [&count] (ctx::fiber &&caller) {
        count++;
        return std::move (caller);
      });
      callee = std::move (callee).resume ();
    }
  ns += bench_cpu_ns ();
  return count == n ? ns : -1;
}

/* -------------------------------------------------------------------- Boost.Fiber */

const unsigned RING = 100;

BENCH_CALL void
ring_3 ()
{
  boost::this_fiber::yield ();
  BENCH_NO_TAIL_CALL ();
}

BENCH_CALL void
ring_2 ()
{
  ring_3 ();
  BENCH_NO_TAIL_CALL ();
}

BENCH_CALL void
ring_1 ()
{
  ring_2 ();
  BENCH_NO_TAIL_CALL ();
}

/* Waits for all that were made together: what is measured starts when each of
 * them has run. */
void
start_together (double &start)
{
  boost::this_fiber::yield ();
  if (start == 0)
    start = bench_cpu_ns ();
}

double
fiber_ring (unsigned n)
{
  std::vector<fib::fiber> fibers;
  unsigned                left = RING;
  double                  start = 0, end = 0;

  for (unsigned i = 0; i < RING; i++)
    fibers.emplace_back ([&left, &start, &end, n] {
      start_together (start);
      for (unsigned k = 0; k < n / RING; k++)
        ring_1 ();
      if (--left == 0)
        end = bench_cpu_ns ();
    });
  for (auto &fiber : fibers)
    fiber.join ();
  return end - start;
}

double
fiber_create (unsigned n)
{
  fib::pooled_fixedsize_stack pool;
  unsigned                    count = 0;
  double                      ns = -bench_cpu_ns ();

  for (unsigned i = 0; i < n; i++)
    {
      fib::fiber fiber (fib::launch::dispatch, std::allocator_arg, pool, [&count] { count++; });
      fiber.join ();
    }
  ns += bench_cpu_ns ();
  return count == n ? ns : -1;
}

double
mutex_pair (unsigned n)
{
  fib::mutex mutex;
  unsigned   count = 0;
  double     ns = 0;
  fib::fiber fiber ([&] {
    ns = -bench_cpu_ns ();
    for (unsigned i = 0; i < n; i++)
      {
        mutex.lock ();
        count++;
        mutex.unlock ();
      }
    ns += bench_cpu_ns ();
  });

  fiber.join ();
  return count == n ? ns : -1;
}

/* Takes @mutex @each times and yields with it. */
void
take_turns (fib::mutex &mutex,
            unsigned   &count,
            unsigned    each)
{
  for (unsigned i = 0; i < each; i++)
    {
      mutex.lock ();
      count++;
      boost::this_fiber::yield ();
      mutex.unlock ();
    }
}

double
handoff (unsigned n,
         unsigned n_fibers)
{
  std::vector<fib::fiber> fibers;
  fib::mutex              mutex;
  unsigned                count = 0, left = n_fibers;
  double                  start = 0, end = 0;

  for (unsigned i = 0; i < n_fibers; i++)
    fibers.emplace_back ([&] {
      start_together (start);
      take_turns (mutex, count, n / n_fibers);
      if (--left == 0)
        end = bench_cpu_ns ();
    });
  for (auto &fiber : fibers)
    fiber.join ();
  return count == n ? end - start : -1;
}

double
threads (unsigned n,
         unsigned n_fibers)
{
  fib::mutex            mutex;
  unsigned              count = 0;
  std::atomic<unsigned> ready (0);
  double                starts[2], ends[2];
  auto                  side = [&] (unsigned i) {
    std::vector<fib::fiber> fibers;

    for (unsigned k = 0; k < n_fibers / 2; k++)
      fibers.emplace_back ([&] { take_turns (mutex, count, n / n_fibers); });
    for (ready++; ready < 2;)
      std::this_thread::yield ();
    starts[i] = bench_wall_ns ();
    for (auto &fiber : fibers)
      fiber.join ();
    ends[i] = bench_wall_ns ();
  };
  std::thread a (side, 0), b (side, 1);

  a.join ();
  b.join ();
  if (count != n)
    return -1;
  return std::max (ends[0], ends[1]) - std::min (starts[0], starts[1]);
}

/* No exception goes on into C. */
template <typename... Args>
double
guarded (double (*func) (Args...),
         Args... args)
{
  try
    {
      return func (args...);
    }
  catch (...)
    {
      return -1;
    }
}

} // namespace

double
boost_context_enter_flat (unsigned n)
{
  return guarded (enter_flat, n);
}

double
boost_context_enter_deep (unsigned n)
{
  return guarded (enter_deep, n);
}

double
boost_context_create (unsigned n)
{
  return guarded (context_create, n);
}

double
boost_fiber_ring (unsigned n)
{
  return guarded (fiber_ring, n);
}

double
boost_fiber_create (unsigned n)
{
  return guarded (fiber_create, n);
}

double
boost_fiber_mutex_pair (unsigned n)
{
  return guarded (mutex_pair, n);
}

double
boost_fiber_handoff_2 (unsigned n)
{
  return guarded (handoff, n, 2U);
}

double
boost_fiber_handoff_100 (unsigned n)
{
  return guarded (handoff, n, 100U);
}

double
boost_fiber_threads_2 (unsigned n)
{
  return guarded (threads, n, 2U);
}

double
boost_fiber_threads_100 (unsigned n)
{
  return guarded (threads, n, 100U);
}
