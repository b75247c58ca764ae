/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * GCO_DEBUG, a comma-separated list: "glib" checks at each switch that the
 * coroutine leaves GLib's state of the thread as it found it, "fp" does so for
 * the modes of floating point. "frames" looks for frames of an interpreter, which have no
 * business on a coroutine's stack: when it suspends, and when they call what a language
 * may call. "stack-usage" has each coroutine begin on a stack that nobody has used.
 * "overflow", "leaks" and "dump-signal" are asked about once.
 */

#pragma once

#include "gco-coroutine-private.h"

typedef enum
{
  GCO_DEBUG_GLIB = 1 << 0,
  GCO_DEBUG_FP = 1 << 1,
  GCO_DEBUG_FRAMES = 1 << 2,
  GCO_DEBUG_STACK_USAGE = 1 << 3,
  GCO_DEBUG_OVERFLOW = 1 << 4,
  GCO_DEBUG_LEAKS = 1 << 5,
  GCO_DEBUG_DUMP_SIGNAL = 1 << 6,
} GcoDebugFlags;

gboolean gco_debug_has (GcoDebugFlags flag);

/* Whether each switch is to ask. */
gboolean gco_debug_is_on (void);

/* @coroutine is about to run, to suspend, or to end. */
void gco_debug_enter (GcoCoroutine *coroutine);
void gco_debug_leave (GcoCoroutine *coroutine);
void gco_debug_end (GcoCoroutine *coroutine);

/* Before @coroutine, the running one, suspends: TRUE if it is to be refused. */
gboolean gco_debug_refuse_wait (GcoCoroutine *coroutine,
                                GError      **error);

/* In what a language may call: complains, naming @caller, if it does so on the stack
 * of a coroutine. */
void gco_debug_called_by_language (const char *caller);
