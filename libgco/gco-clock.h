/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#if !defined(GCO_INSIDE) && !defined(GCO_COMPILATION)
# error "Only <gco.h> can be included directly."
#endif

#include "gco-types.h"

G_BEGIN_DECLS

#define GCO_TYPE_CLOCK (gco_clock_get_type ())

GCO_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (GcoClock, gco_clock, GCO, CLOCK, GObject)

GCO_AVAILABLE_IN_1_0
GcoClock *gco_clock_get_monotonic (void);

GCO_AVAILABLE_IN_1_0
GcoClock *gco_clock_get_realtime (void);

GCO_AVAILABLE_IN_1_0
GcoClock *gco_clock_new_manual (void);

GCO_AVAILABLE_IN_1_0
void gco_clock_advance (GcoClock *clock,
                        gint64    ns);

GCO_AVAILABLE_IN_1_0
gint64 gco_clock_get_time_ns (GcoClock *clock);

G_END_DECLS
