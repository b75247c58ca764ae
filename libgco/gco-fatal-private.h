/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

#ifdef G_DISABLE_ASSERT
# error "libgco relies on its assertions: do not define G_DISABLE_ASSERT"
#endif

/* Broken protocol: says what was done to whom, by whom, and aborts, in release
 * builds too. There is no way back: the stacks or the lock are already wrong. */
void gco_fatal (const char *format,
                ...) G_GNUC_NORETURN G_GNUC_PRINTF (1, 2);
