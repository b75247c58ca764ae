/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Which interpreters have frames on the stack of the running coroutine. There they do
 * not belong: CPython crashes when such a frame is resumed after others ran, and
 * SpiderMonkey refuses to run at all.
 */

#pragma once

#include <glib.h>

/* The name of the library such a frame is of, or NULL. Takes microseconds. */
const char *gco_frames_find_language (void);
