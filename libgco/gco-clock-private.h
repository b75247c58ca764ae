/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "gco-clock.h"

typedef enum
{
  GCO_CLOCK_MONOTONIC,
  GCO_CLOCK_REALTIME,
  GCO_CLOCK_MANUAL,
} GcoClockKind;

GcoClockKind gco_clock_get_kind (GcoClock *clock);

gint64 gco_monotonic_ns (void);

/* @ctx has timers on the manual @clock: gco_clock_advance() is to notify it. */
void gco_clock_add_context (GcoClock      *clock,
                            GcoAioContext *ctx);
void gco_clock_remove_context (GcoClock      *clock,
                               GcoAioContext *ctx);
