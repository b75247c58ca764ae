/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "bench.h"

#define FUNC(name) double name (unsigned n, unsigned size);
#define REPORT(name) gboolean name (unsigned size, double ms);
#include "bench-c.def"
#undef FUNC
#undef REPORT
