/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Which turns the search has taken: a turn is a place, and who goes on from there. Two
 * schedules that lead to the same place have the same ways before them, so each turn is
 * taken once (Musuvathi and Qadeer: Partial-order reduction for context-bounded state
 * exploration, 2007). That they do is looked at each time: by the way on which nobody is
 * preempted.
 */

#pragma once

#include <glib.h>

/* Nothing was taken. */
void explore_memo_clear (void);

void explore_memo_begin_run (void);

/* TRUE: @turn is to be tried, with @level preemptions: it was neither taken nor offered
 * with as few. */
gboolean explore_memo_offer (guint64 turn,
                             guint   level);

/* Whether that is still so. */
gboolean explore_memo_wants (guint64 turn,
                             guint   level);

/* The run takes it. Not @keep: it is noted only if it was offered. @is_default: and goes on
 * as any other would. */
void explore_memo_take (guint64  turn,
                        guint    level,
                        gboolean keep,
                        gboolean is_default);

/* The run has taken what was taken before: all that may follow is known. */
gboolean explore_memo_is_known (void);

/* What happened since, as a number. */
void explore_memo_happens (guint64 number);

/* The run has come to @end. FALSE: what was taken for the same has gone on in another way. */
gboolean explore_memo_end_run (guint64 end);

/* How many ends there were that differ, and the sum of them: the same for two searches that
 * have found the same. */
guint explore_memo_count_ends (guint64 *sum);
