/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the system sets a limit to, and how its administrator calls that. */

#pragma once

#include <gio/gio.h>

/* vm.max_map_count, or what it is by default where that cannot be read. */
gsize gco_limits_read_max_mappings (void);

/* Why there is no memory for a stack. It is found out under a lock, where no sentence is to
 * be made of it: that allocates, translates and reads files. */
typedef struct
{
  gsize    size;   /* so many bytes were refused; 0: another guard would be one too many */
  int      number; /* an errno */
  gsize    n_guards;
  gsize    max_mappings;
  gboolean is_locked; /* which is why guards are mappings */
} GcoShortage;

/* G_IO_ERROR_NO_SPACE, with the setting that raises the limit. Outside of coroutines: their
 * stacks may be too small for it. */
void gco_limits_set_error (GError           **error,
                           const GcoShortage *shortage);
