/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the GObject face of a mutex needs of it. */

#pragma once

#include "gco-mutex.h"
#include "gco-waiter-private.h"

extern const GcoWaiterClass gco_mutex_waiter;

/* TRUE: locked, and @waiter is not needed. FALSE: it stands in the list. */
gboolean gco_mutex_lock_or_enqueue (gpointer   mutex,
                                    GcoWaiter *waiter);

/* Any thread, in a coroutine or not, as all below. */
gboolean gco_mutex_trylock_async (GcoMutex *mutex);

/* FALSE, and nothing is done, if no asynchronous caller holds it. */
gboolean gco_mutex_unlock_async (GcoMutex   *mutex,
                                 const char *caller);

gboolean gco_mutex_is_held_async (GcoMutex *mutex);

/* By whomever. */
gboolean gco_mutex_is_locked (GcoMutex *mutex);
