/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * An _async call that waits in a lock: a waiter, and the GTask that it ends. The
 * callback comes to the thread-default main context of the caller, never inside
 * the call and never inside the grant.
 */

#pragma once

#include "../gco-waiter-private.h"

typedef struct _GcoAsyncCall GcoAsyncCall;

struct _GcoAsyncCall
{
  GcoAsyncWaiter waiter;
  GTask         *task;

  /* Returns on @task what was granted with @waiter. */
  void (*give) (GTask     *task,
                GcoWaiter *waiter);
};

/* Under the lock's own protection: TRUE if @waiter was granted, else it stands in
 * the list now. */
typedef gboolean (*GcoTakeOrEnqueue) (gpointer   lock,
                                      GcoWaiter *waiter);

/* TRUE: @task is not cancelled, and may return what is to be had without a wait. */
gboolean gco_async_call_may_take (GTask *task);

/* NULL: @cancellable is cancelled already, and the task returned that. */
GcoAsyncCall *gco_async_call_new (const GcoWaiterClass *klass,
                                  gpointer              lock,
                                  GTask                *task,
                                  void (*give) (GTask     *task,
                                                GcoWaiter *waiter));

/* Takes or waits. The last touch of @call. */
void gco_async_call_submit (GcoAsyncCall    *call,
                            GcoTakeOrEnqueue take);

/* For @give: TRUE. */
void gco_async_call_give_true (GTask     *task,
                               GcoWaiter *waiter);
