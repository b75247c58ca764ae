/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A wait that somebody watches: through a probe, or as a mark in Sysprof. */

#pragma once

#include "gco-probe-private.h"
#include "gco-waiter-private.h"

/* If the program runs under Sysprof, has every wait marked. Once. */
void gco_trace_begin (void);

/* If it does, gets ready what the marks of this thread are written to: that asks Sysprof for
 * memory, and waits for an answer, which is not for the stack of a coroutine. */
void gco_trace_begin_thread (void);

/* Instead of gco_coroutine_suspend(), if GCO_PROBE_IS_ON (waiter__wait). */
void gco_trace_suspend (GcoWaiter *waiter);

/* The same for one without a coroutine: before its publication, if GCO_PROBE_IS_ON
 * (waiter__wait), and when the wait is over. */
void gco_trace_async_wait (GcoAsyncWaiter *waiter);
void gco_trace_async_end (GcoAsyncWaiter *waiter);
