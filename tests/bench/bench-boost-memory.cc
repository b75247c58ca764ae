/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Boost.Context: what stacks take that wait, each with a guard page as libgco has them.
 * That there is none Boost only tells by an assertion, which shall not end the program. */

#define BOOST_ENABLE_ASSERT_HANDLER

#include <boost/assert.hpp>
#include <boost/context/fiber.hpp>
#include <boost/context/protected_fixedsize_stack.hpp>

#include <exception>
#include <stdexcept>
#include <vector>

#include "bench-boost.hh"

namespace ctx = boost::context;

void
boost::assertion_failed (const char *, const char *, const char *, long)
{
  throw std::runtime_error ("no guard page");
}

void
boost::assertion_failed_msg (const char *, const char *, const char *, const char *, long)
{
  throw std::runtime_error ("no stack");
}

namespace
{

bool
parked (unsigned size,
        size_t   stack_size)
{
  ctx::protected_fixedsize_stack stacks (stack_size);
  std::vector<ctx::fiber>        fibers (size);
  unsigned                       n = 0;
  BenchMemory                    before;

  if (!bench_memory_begin (&before, size))
    return false;
  try
    {
      for (; n < size; n++)
        fibers[n] = ctx::fiber (std::allocator_arg, stacks, [] (ctx::fiber &&caller) {
                      return std::move (caller).resume ();
                    }).resume ();
    }
  catch (const std::exception &error)
    {
      bench_cannot ("ended at %u: %s", n, error.what ());
    }
  if (n == size)
    bench_memory_end (&before, size);
  return n == size;
}

} // namespace

gboolean
boost_parked_64k (unsigned size, double)
{
  return parked (size, 64 * 1024);
}

gboolean
boost_parked_1m (unsigned size, double)
{
  return parked (size, 1024 * 1024);
}
