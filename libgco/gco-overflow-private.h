/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Says which coroutine ran over the end of its stack, then lets the crash take
 * its course. The handler is only installed where SIGSEGV still has its default
 * action, unless GCO_DEBUG=overflow asks for it; whatever was there before gets
 * the signal afterwards.
 */

#pragma once

#include <glib.h>

/* Gives the calling thread a stack for signals, if it has none. Returns what
 * gco_overflow_unwatch_thread() takes back, at the end of the thread. */
gpointer gco_overflow_watch_thread (void);
void     gco_overflow_unwatch_thread (gpointer signal_stack);
