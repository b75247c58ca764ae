/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#if !defined(GCO_INSIDE) && !defined(GCO_COMPILATION)
# error "Only <gco.h> can be included directly."
#endif

#include "../gco-queue.h"
#include "gco-async-mutex.h"

G_BEGIN_DECLS

#define GCO_TYPE_ASYNC_WAIT_QUEUE (gco_async_wait_queue_get_type ())

GCO_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (GcoAsyncWaitQueue, gco_async_wait_queue, GCO, ASYNC_WAIT_QUEUE, GObject)

GCO_AVAILABLE_IN_1_0
GcoAsyncWaitQueue *gco_async_wait_queue_new (void);

GCO_AVAILABLE_IN_1_0
void gco_async_wait_queue_wait_async (GcoAsyncWaitQueue  *self,
                                      GcoAsyncMutex      *mutex,
                                      GCancellable       *cancellable,
                                      GAsyncReadyCallback callback,
                                      gpointer            user_data);

GCO_AVAILABLE_IN_1_0
gboolean gco_async_wait_queue_wait_finish (GcoAsyncWaitQueue *self,
                                           GAsyncResult      *result,
                                           GError           **error);

GCO_AVAILABLE_IN_1_0
gboolean gco_async_wait_queue_next (GcoAsyncWaitQueue *self);

GCO_AVAILABLE_IN_1_0
void gco_async_wait_queue_restart_all (GcoAsyncWaitQueue *self);

GCO_AVAILABLE_IN_1_0
gboolean gco_async_wait_queue_is_empty (GcoAsyncWaitQueue *self);

GCO_AVAILABLE_IN_1_0
GcoQueue *gco_async_wait_queue_get_queue (GcoAsyncWaitQueue *self);

G_END_DECLS
