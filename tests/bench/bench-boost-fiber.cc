/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Boost.Fiber, which has a scheduler and locks. */

#include <boost/fiber/all.hpp>

#include <algorithm>
#include <atomic>
#include <thread>
#include <vector>

#include "bench-boost.hh"

namespace fib = boost::fibers;

namespace
{

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
ring (unsigned n,
      unsigned size)
{
  std::vector<fib::fiber> fibers;
  unsigned                left = size;
  double                  start = 0, end = 0;

  for (unsigned i = 0; i < size; i++)
    fibers.emplace_back ([&left, &start, &end, n, size] {
      start_together (start);
      for (unsigned k = 0; k < n / size; k++)
        ring_1 ();
      if (--left == 0)
        end = bench_cpu_ns ();
    });
  for (auto &fiber : fibers)
    fiber.join ();
  return end - start;
}

double
create (unsigned n, unsigned)
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
mutex_pair (unsigned n, unsigned)
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

/* @size are made, then they are ended; they suspend in between. */
double
create_alive (unsigned n,
              unsigned size)
{
  static fib::pooled_fixedsize_stack pool;
  std::vector<fib::fiber>            fibers (size);
  unsigned                           rounds = std::max (n / size, 1U);
  unsigned                           count = 0;
  double                             ns = -bench_cpu_ns ();

  for (unsigned k = 0; k < rounds; k++)
    {
      for (auto &fiber : fibers)
        fiber = fib::fiber (fib::launch::dispatch, std::allocator_arg, pool, [&count] {
          boost::this_fiber::yield ();
          count++;
        });
      for (auto &fiber : fibers)
        fiber.join ();
    }
  ns += bench_cpu_ns ();
  return count == rounds * size ? ns / count * n : -1;
}

/* @size wait for a condition; all are woken, and wait again. */
double
condition (unsigned n,
           unsigned size)
{
  std::vector<fib::fiber> fibers;
  fib::mutex              mutex;
  fib::condition_variable woken;
  unsigned                rounds = std::max (n / size, 1U), count = 0;
  bool                    stop = false;
  double                  ns;

  for (unsigned i = 0; i < size; i++)
    fibers.emplace_back (fib::launch::dispatch, [&] {
      std::unique_lock<fib::mutex> lock (mutex);

      while (!stop)
        {
          woken.wait (lock);
          count++;
        }
    });
  ns = -bench_cpu_ns ();
  for (unsigned i = 1; i <= rounds; i++)
    {
      woken.notify_all ();
      while (count < i * size)
        boost::this_fiber::yield ();
    }
  ns += bench_cpu_ns ();
  stop = true;
  woken.notify_all ();
  for (auto &fiber : fibers)
    fiber.join ();
  return ns / rounds / size * n;
}

} // namespace

const std::vector<BenchMeasure> boost_fiber_measures = {
  { "fiber_ring", bench_guarded<ring>, nullptr },
  { "fiber_create", bench_guarded<create>, nullptr },
  { "fiber_create_alive", bench_guarded<create_alive>, nullptr },
  { "fiber_mutex_pair", bench_guarded<mutex_pair>, nullptr },
  { "fiber_handoff", bench_guarded<handoff>, nullptr },
  { "fiber_threads", bench_guarded<threads>, nullptr },
  { "fiber_condition", bench_guarded<condition>, nullptr },
};
