/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <boost/version.hpp>

#include <string>

#include "bench-boost.hh"

int
main (int    argc,
      char **argv)
{
  auto        measures = boost_context_measures;
  std::string version = "Boost " + std::to_string (BOOST_VERSION / 100000) + '.' +
                        std::to_string (BOOST_VERSION / 100 % 1000);

  measures.insert (measures.end (), boost_fiber_measures.begin (), boost_fiber_measures.end ());
  return bench_main (argc, argv, version.c_str (), measures.data (), measures.size ());
}
