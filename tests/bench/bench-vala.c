/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The measures that are written in Vala. */

#include "bench.h"

double vala_create (guint n,
                    guint size);
double vala_read (guint n,
                  guint size);
double vala_ring (guint n,
                  guint size);

static const BenchMeasure measures[] = {
  { "create", vala_create, NULL },
  { "read", vala_read, NULL },
  { "ring", vala_ring, NULL },
};

int
main (int    argc,
      char **argv)
{
  return bench_main (argc, argv, "Vala " VALA_VERSION, measures, G_N_ELEMENTS (measures));
}
