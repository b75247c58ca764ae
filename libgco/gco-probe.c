/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The kernel, or a debugger, counts those who listen in here. */

#include "gco-probe-private.h"

#define DEFINE(name) volatile guint16 gco_##name##_semaphore GCO_PROBE_SECTION;
GCO_PROBES (DEFINE)
