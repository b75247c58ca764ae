/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the GObject face of a queue needs of it. */

#pragma once

#include "gco-queue.h"
#include "gco-waiter-private.h"

extern const GcoWaiterClass gco_queue_waiter;

/* The item of a waiter that gco_queue_next() picked: if it turns out that nobody is
 * there, it is the turn of the next one. */
#define GCO_QUEUE_PICKED_ALONE ((gpointer) 1)

/* FALSE: @waiter stands in the queue. */
gboolean gco_queue_enqueue (gpointer   queue,
                            GcoWaiter *waiter);
