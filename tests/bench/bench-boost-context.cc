/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Boost.Context, which only switches. */

#include <boost/context/fiber.hpp>
#include <boost/context/pooled_fixedsize_stack.hpp>

#include <algorithm>
#include <vector>

#include "bench-boost.hh"

namespace ctx = boost::context;

namespace
{

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
enter_flat (unsigned n, unsigned)
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
enter_deep (unsigned n, unsigned)
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
create (unsigned n, unsigned)
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

/* @size are made, then they are ended; they suspend in between. */
double
create_alive (unsigned n,
              unsigned size)
{
  static ctx::pooled_fixedsize_stack pool;
  std::vector<ctx::fiber>            fibers (size);
  unsigned                           rounds = std::max (n / size, 1U);
  unsigned                           count = 0;
  double                             ns = -bench_cpu_ns ();

  for (unsigned k = 0; k < rounds; k++)
    {
      for (auto &fiber : fibers)
        fiber = ctx::fiber (std::allocator_arg, pool, [&count] (ctx::fiber &&caller) {
                  caller = std::move (caller).resume ();
                  count++;
                  return std::move (caller);
                }).resume ();
      for (auto &fiber : fibers)
        fiber = std::move (fiber).resume ();
    }
  ns += bench_cpu_ns ();
  return count == rounds * size ? ns / count * n : -1;
}

/* One of a chain, in which each resumes the next, before it goes back to the one
 * before. */
ctx::fiber
make_nest (unsigned  below,
           bool     &stop,
           unsigned &count)
{
  return ctx::fiber ([below, &stop, &count] (ctx::fiber &&caller) {
    ctx::fiber next;

    if (below > 0)
      next = make_nest (below - 1, stop, count);
    while (!stop)
      {
        if (next)
          next = std::move (next).resume ();
        count++;
        caller = std::move (caller).resume ();
      }
    if (next)
      next = std::move (next).resume ();
    return std::move (caller);
  });
}

double
nested (unsigned n,
        unsigned size)
{
  bool       stop = false;
  unsigned   count = 0;
  ctx::fiber outer = make_nest (size - 1, stop, count);
  double     ns = -bench_cpu_ns ();

  for (unsigned i = 0; i < n / size; i++)
    outer = std::move (outer).resume ();
  ns += bench_cpu_ns ();
  stop = true;
  outer = std::move (outer).resume ();
  return count == n / size * size && !outer ? ns : -1;
}

} // namespace

const std::vector<BenchMeasure> boost_context_measures = {
  { "context_enter_flat", bench_guarded<enter_flat>, nullptr },
  { "context_enter_deep", bench_guarded<enter_deep>, nullptr },
  { "context_nested", bench_guarded<nested>, nullptr },
  { "context_create", bench_guarded<create>, nullptr },
  { "context_create_alive", bench_guarded<create_alive>, nullptr },
  { "context_parked_64k", nullptr, boost_parked_64k },
  { "context_parked_1m", nullptr, boost_parked_1m },
};
