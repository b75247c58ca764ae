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

  /* Goes on with @task: returns on it what was granted with @waiter. */
  void (*give) (GTask     *task,
                GcoWaiter *waiter);

  /* The same for a wait that was cancelled. */
  void (*refuse) (GTask     *task,
                  GcoWaiter *waiter);
};

/* Under the lock's own protection: TRUE if @waiter was granted, else it stands in
 * the list now. */
typedef gboolean (*GcoTakeOrEnqueue) (gpointer   lock,
                                      GcoWaiter *waiter);

/* The task of a call. It gets no name, which the macro g_task_set_source_tag() gives:
 * GTask prints that into the name of a source each time it returns. Nor is it told what
 * may cancel the call: it would hold back what was granted before, and so change the
 * order, or even say CANCELLED. */
GTask *gco_async_call_task_new (gpointer            face,
                                GAsyncReadyCallback callback,
                                gpointer            user_data,
                                gpointer            source_tag);

/* Takes over @task. NULL: @cancellable is cancelled already, and the task has returned
 * that. */
GcoAsyncCall *gco_async_call_new (const GcoWaiterClass *klass,
                                  gpointer              lock,
                                  GTask                *task,
                                  GCancellable         *cancellable,
                                  void (*give) (GTask     *task,
                                                GcoWaiter *waiter));

/* The same for who holds something meanwhile: @refuse returns it with the cancellation. */
GcoAsyncCall *gco_async_call_new_holding (const GcoWaiterClass *klass,
                                          gpointer              lock,
                                          GTask                *task,
                                          GCancellable         *cancellable,
                                          void (*give) (GTask     *task,
                                                        GcoWaiter *waiter),
                                          void (*refuse) (GTask     *task,
                                                          GcoWaiter *waiter));

/* The same for a second part, which nothing ends. */
GcoAsyncCall *gco_async_call_new_second (const GcoWaiterClass *klass,
                                         gpointer              lock,
                                         GTask                *task,
                                         void (*give) (GTask     *task,
                                                       GcoWaiter *waiter));

/* Takes or waits. The last touch of @call. */
void gco_async_call_submit (GcoAsyncCall    *call,
                            GcoTakeOrEnqueue take);

/* ------------------------------------------------------ what a grant becomes */

typedef struct _GcoAsyncGrant GcoAsyncGrant;

/* A grant belongs to who fetches it with the _finish function. If nobody does (there
 * was no callback, it was collected, or it forgot), @drop gives it back. */
struct _GcoAsyncGrant
{
  gpointer face;  /* with a reference: GTask lets go of its own first */
  gpointer mutex; /* likewise: that of a wait in a queue, or NULL */
  GError  *error; /* the end of a wait that left something to hold; or NULL */
  void (*drop) (GcoAsyncGrant *grant);
};

/* Returns it on @task. Takes @error, not the references. */
void gco_async_grant_return (GTask   *task,
                             gpointer face,
                             gpointer mutex,
                             GError  *error,
                             void (*drop) (GcoAsyncGrant *grant));

/* Fetches it: FALSE with the task's error, or that of the grant. */
gboolean gco_async_grant_fetch (GAsyncResult *result,
                                GError      **error);
