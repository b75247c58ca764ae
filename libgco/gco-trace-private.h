/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A wait that somebody watches: through a probe, or as a mark in Sysprof. */

#pragma once

#include "gco-probe-private.h"
#include "gco-waiter-private.h"

/* If the program runs under Sysprof, has every wait marked. Once. */
void gco_trace_begin (void);

/* Instead of gco_coroutine_suspend(), if GCO_PROBE_IS_ON (waiter__wait). */
void gco_trace_suspend (GcoWaiter *waiter);
