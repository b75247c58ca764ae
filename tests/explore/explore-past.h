/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What each actor can know, as numbers. */

#pragma once

#include <glib.h>

void explore_past_begin_run (void);

/* The actor that runs, if any, looks at what is at @address, or @changes it. */
void explore_past_add (const volatile void *address,
                       gboolean             changes);

/* The actor waits for a change of what is there. What it knows by that it adds later. */
void explore_past_look (const volatile void *address);

/* The actor gives way, until another has changed something. */
void explore_past_pause (void);

/* What the actor does now commutes with nothing. */
void explore_past_bar (void);

/* A number that grows with each access of the run. */
guint explore_past_now (void);

/* @actor could go on, and others do. Until it does: the last of what it has done that does
 * not commute with what they do, or G_MAXUINT. */
void  explore_past_begin_wait (int actor);
guint explore_past_end_wait (void);
int   explore_past_who_waits (void);

/* The same for two schedules that lead to the same: whose accesses differ in no order but
 * that of those which commute. */
guint64 explore_past_key (void);
