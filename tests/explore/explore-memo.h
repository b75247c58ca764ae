/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Where the search has been. Two schedules that lead to the same place have the same ways
 * before them, so only the first is gone on from, or one that has more preemptions left
 * (Musuvathi and Qadeer: Partial-order reduction for context-bounded state exploration,
 * 2007). That they do is looked at each time: by the way on which nobody is preempted.
 */

#pragma once

#include <glib.h>

/* Nothing was seen. Not @reduced: everything is gone on from. */
void explore_memo_clear (gboolean reduced);

void explore_memo_begin_run (void);

/* TRUE: it was seen with as many preemptions @left, or what came before it in this run
 * was, and need not be gone on from. */
gboolean explore_memo_meet (guint64 key,
                            guint   left);

/* What happened since, as a number. */
void explore_memo_happens (guint64 number);

/* The run has come to @end. FALSE: what was met as the same has gone on in another way. */
gboolean explore_memo_end_run (guint64 end);

/* How many ends there were that differ, and the sum of them: the same for two searches that
 * have found the same. */
guint explore_memo_count_ends (guint64 *sum);
