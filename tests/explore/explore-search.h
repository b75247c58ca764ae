/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The reduced search: first all that can be without a preemption, then with one more each.
 * So a turn that one takes at a place is tried when there are the most preemptions left
 * after it, and once (Musuvathi and Qadeer: Iterative context bounding for systematic
 * testing of multithreaded programs, 2007).
 *
 * The last preemption is tried from the end of each run to its beginning, and only where it
 * makes a difference to the one tried before it.
 */

#pragma once

#include <glib.h>

/* Up to @bound preemptions. */
void explore_search_begin (guint bound);

/* Goes on to the next schedule. FALSE: that was the last. */
gboolean explore_search_next (void);

/* How many preemptions it has. */
guint explore_search_level (void);

void explore_search_begin_run (void);

/* Which of @options, of which there are @n; the first can go on, or whoever ran cannot. */
int explore_search_choose (const int *options,
                           int        n,
                           gboolean   can_go_on);
