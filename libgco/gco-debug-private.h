/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * GCO_DEBUG, a comma-separated list: "glib" checks at each switch that the
 * coroutine leaves GLib's state of the thread as it found it, "fp" does so for
 * the modes of floating point. "frames" looks for frames of an interpreter, which have no
 * business on a coroutine's stack: when it suspends, and when they call what a language
 * may call.
 */

#pragma once

#include "gco-coroutine-private.h"

gboolean gco_debug_is_on (void);

/* @coroutine is about to run, or has just stopped. */
void gco_debug_enter (GcoCoroutine *coroutine);
void gco_debug_leave (GcoCoroutine *coroutine);

/* Before @coroutine, the running one, suspends: TRUE if it is to be refused. */
gboolean gco_debug_refuse_wait (GcoCoroutine *coroutine,
                                GError      **error);

/* In what a language may call: complains, naming @caller, if it does so on the stack
 * of a coroutine. */
void gco_debug_called_by_language (const char *caller);
