/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The timers of a clock that are armed, known by the one that is due first. */

#pragma once

#include "gco-timer-private.h"

/* Each returns what is the first now, or NULL. What is not in a heap may have any links. */

GcoTimer *gco_timer_heap_add (GcoTimer *first,
                              GcoTimer *timer);

/* @timer is in the heap of @first. */
GcoTimer *gco_timer_heap_remove (GcoTimer *first,
                                 GcoTimer *timer);

/* Takes the @n that are due at @now out: in no order, linked by @next. */
GcoTimer *gco_timer_heap_take_due (GcoTimer  *first,
                                   gint64     now,
                                   GcoTimer **due,
                                   guint     *n);
