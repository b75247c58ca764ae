/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Guard pages, and advice to the kernel in vectors. (lock of gco-stack) */

#pragma once

#include <sys/uio.h>

#include "gco-limits-private.h"

/* Makes every access to these pages fault, at no cost in mappings. Returns how many
 * from the first on it could: none on older kernels and in locked memory. */
guint gco_guard_advise (const struct iovec *pages,
                        guint               n);

/* Takes one guard that is a mapping of its own out of what the system allows.
 * FALSE, with @shortage set: there is none left. */
gboolean gco_guard_take_mapping (GcoShortage *shortage);
void     gco_guard_give_mappings (guint n);

/* madvise() of each, in one call where that can be had. Returns how many were done,
 * from the first on. */
guint gco_advise_all (const struct iovec *parts,
                      guint               n,
                      int                 advice);
