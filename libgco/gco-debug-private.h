/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * GCO_DEBUG, a comma-separated list: "glib" checks at each switch that the
 * coroutine leaves GLib's state of the thread as it found it, "fp" does so for
 * the modes of floating point.
 */

#pragma once

#include "gco-coroutine-private.h"

gboolean gco_debug_is_on (void);

/* @coroutine is about to run, or has just stopped. */
void gco_debug_enter (GcoCoroutine *coroutine);
void gco_debug_leave (GcoCoroutine *coroutine);
