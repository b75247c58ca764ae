/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the system sets a limit to, and how its administrator calls that. */

#pragma once

#include <gio/gio.h>

/* vm.max_map_count, or what it is by default where that cannot be read. */
gsize gco_limits_read_max_mappings (void);

/* G_IO_ERROR_NO_SPACE for memory of @size bytes that could not be had because of
 * @number, an errno, with the setting that raises the limit. */
void gco_limits_set_error (GError **error,
                           gsize    size,
                           int      number);
