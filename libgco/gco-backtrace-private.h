/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where a coroutine is suspended. */

#pragma once

#include "gco-coroutine-private.h"

/* The return addresses of the frames of @coroutine, innermost first; returns how many.
 * In its home thread, while it is suspended, has entered another or called outside; or of
 * the running coroutine itself. 0 where that cannot be found out. */
int gco_coroutine_backtrace (GcoCoroutine *coroutine,
                             gpointer     *addresses,
                             int           max);
