/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The measures of bench-boost. */

#pragma once

#include <vector>

#include "bench.h"

/* No exception goes on into C. */
template <double (*func) (unsigned n, unsigned size)>
double
bench_guarded (unsigned n,
               unsigned size)
{
  try
    {
      return func (n, size);
    }
  catch (...)
    {
      return -1;
    }
}

extern const std::vector<BenchMeasure> boost_context_measures;
extern const std::vector<BenchMeasure> boost_fiber_measures;

gboolean boost_parked_64k (unsigned size,
                           double   ms);
gboolean boost_parked_1m (unsigned size,
                          double   ms);
