/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the GObject face of a semaphore needs of it. */

#pragma once

#include "gco-semaphore.h"
#include "gco-waiter-private.h"

/* The state word holds the number of permits, times 4. */
#define GCO_SEMAPHORE_MAX (G_MAXUINT / 4)

extern const GcoWaiterClass gco_semaphore_waiter;

/* TRUE: acquired, and @waiter is not needed. FALSE: it stands in the list. */
gboolean gco_semaphore_acquire_or_enqueue (gpointer   semaphore,
                                           GcoWaiter *waiter);

/* FALSE, and nothing is done, if no permit is out. */
gboolean gco_semaphore_tryrelease (GcoSemaphore *semaphore,
                                   const char   *caller);
