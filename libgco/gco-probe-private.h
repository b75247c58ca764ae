/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Places where a tracer can look: gdb, perf, bpftrace and SystemTap know them as gco:NAME.
 * One costs a nop; its arguments are what stands in registers anyway. Where more is to be
 * told, the code asks first whether anybody listens: gco_NAME_semaphore counts those who do.
 */

#pragma once

#include <glib.h>

#include "gco-config.h"

#if HAVE_SDT
# define _SDT_HAS_SEMAPHORES 1
# include <sys/sdt.h>
# define GCO_PROBE1(name, a) DTRACE_PROBE1 (gco, name, a)
# define GCO_PROBE2(name, a, b) DTRACE_PROBE2 (gco, name, a, b)
# define GCO_PROBE4(name, a, b, c, d) DTRACE_PROBE4 (gco, name, a, b, c, d)
# define GCO_PROBE_SECTION __attribute__ ((used, section (".probes")))
#else
# define GCO_PROBE1(name, a)
# define GCO_PROBE2(name, a, b)
# define GCO_PROBE4(name, a, b, c, d)
# define GCO_PROBE_SECTION
#endif

/* Every probe there is, for libgco/docs/diagnosis.md tells of each. */
#define GCO_PROBES(X)  \
 X (coroutine__create) \
 X (coroutine__name)   \
 X (coroutine__enter)  \
 X (coroutine__yield)  \
 X (coroutine__end)    \
 X (waiter__wait)      \
 X (waiter__grant)     \
 X (waiter__cancel)    \
 X (waiter__end)       \
 X (oneshot__run)

#define GCO_PROBE_DECLARE(name) extern G_GNUC_INTERNAL volatile guint16 gco_##name##_semaphore;
GCO_PROBES (GCO_PROBE_DECLARE)
#undef GCO_PROBE_DECLARE

#define GCO_PROBE_IS_ON(name) G_UNLIKELY (gco_##name##_semaphore != 0)
