/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Guard pages. (lock of gco-stack) */

#pragma once

#include <gio/gio.h>

/* Makes every access to the page at @page fault. G_IO_ERROR_NO_SPACE, with the
 * kernel setting that raises the limit, when that cannot be had. *@is_mapping
 * tells gco_guard_forget() what the guard was made of. */
gboolean gco_guard_install (char     *page,
                            gsize     page_size,
                            gboolean *is_mapping,
                            GError  **error);

/* The page is about to be unmapped. */
void gco_guard_forget (gboolean is_mapping);
