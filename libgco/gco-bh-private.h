/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "gco-bh.h"
#include "gco-list-private.h"

/* If @ready is that of a bottom half whose context goes: frees it if it was to
 * be freed, and returns TRUE. */
gboolean gco_bh_discard (GcoReady *ready);
