/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Who goes next: all ways with few preemptions, or as a seed says, or as before. */

#pragma once

#include <glib.h>

/* The default everywhere, but where a schedule such as "17B,42A" says otherwise. FALSE:
 * it is no schedule. */
gboolean explore_follow (const char *schedule);

/* @length: about how many steps a run has, the same each time. */
void explore_follow_seed (guint64 seed,
                          guint   length);

/* Begins with the first schedule of those with up to @bound preemptions. @reduced: of those
 * that come to the same place, one is enough; and those with fewer come first. */
void explore_begin_all (guint    bound,
                        gboolean reduced);

/* How many preemptions the schedule has, or may have where the search is not @reduced. */
guint explore_level (void);

/* FALSE: the run that is over has shown that the reduction is wrong. */
gboolean explore_end_run (void);

/* Goes on to the next. FALSE: that was the last. */
gboolean explore_next (void);

/* Before each run. */
void explore_begin_run (void);
