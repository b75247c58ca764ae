/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Timers that are due, in the order in which a round runs them. */

#pragma once

#include "gco-timer-private.h"

typedef struct
{
  gint64    deadline;
  guint64   order;
  GcoTimer *timer; /* NULL: it is not to run after all */
} GcoDue;

/* So many are sorted where they are. */
#define GCO_DUE_FEW 16

/* Fills @due from @list, linked by @next, of @n. There is room for @n, or for twice as
 * many if those are more than GCO_DUE_FEW; what is returned is one half of it. */
GcoDue *gco_due_sort (GcoTimer *list,
                      guint     n,
                      GcoDue   *due);

/* @timer is among them, and not to run. */
void gco_due_forget (GcoDue   *due,
                     guint     n,
                     GcoTimer *timer);
