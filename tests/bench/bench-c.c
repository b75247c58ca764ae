/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* libgco and what is in the C libraries that are there anyway. */

#include <gco.h>

#include "bench-c.h"

static const BenchMeasure measures[] = {
#define FUNC(name) { #name, name, NULL },
#define REPORT(name) { #name, NULL, name },
#include "bench-c.def"
};

int
main (int    argc,
      char **argv)
{
  g_autofree char *version = g_strdup_printf ("libgco %u.%u.%u, GLib %u.%u.%u",
                                              GCO_MAJOR_VERSION,
                                              GCO_MINOR_VERSION,
                                              GCO_MICRO_VERSION,
                                              glib_major_version,
                                              glib_minor_version,
                                              glib_micro_version);

  return bench_main (argc, argv, version, measures, G_N_ELEMENTS (measures));
}
