/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What each actor can know, as numbers. */

#pragma once

#include <glib.h>

void explore_past_begin_run (void);

/* The actor that runs, if any, looks at what is at @address, or @changes it. */
void explore_past_add (const volatile void *address,
                       gboolean             changes);

/* The same for two schedules that lead to the same: whose accesses differ in no order but
 * that of those which commute. */
guint64 explore_past_key (void);
