/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#if !defined(GCO_INSIDE) && !defined(GCO_COMPILATION)
# error "Only <gco.h> can be included directly."
#endif

#include "../gco-semaphore.h"

G_BEGIN_DECLS

#define GCO_TYPE_ASYNC_SEMAPHORE (gco_async_semaphore_get_type ())

GCO_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (GcoAsyncSemaphore, gco_async_semaphore, GCO, ASYNC_SEMAPHORE, GObject)

GCO_AVAILABLE_IN_1_0
GcoAsyncSemaphore *gco_async_semaphore_new (guint n_permits);

GCO_AVAILABLE_IN_1_0
void gco_async_semaphore_acquire_async (GcoAsyncSemaphore  *self,
                                        GCancellable       *cancellable,
                                        GAsyncReadyCallback callback,
                                        gpointer            user_data);

GCO_AVAILABLE_IN_1_0
gboolean gco_async_semaphore_acquire_finish (GcoAsyncSemaphore *self,
                                             GAsyncResult      *result,
                                             GError           **error);

GCO_AVAILABLE_IN_1_0
gboolean gco_async_semaphore_tryacquire (GcoAsyncSemaphore *self);

GCO_AVAILABLE_IN_1_0
gboolean gco_async_semaphore_release (GcoAsyncSemaphore *self,
                                      GError           **error);

GCO_AVAILABLE_IN_1_0
guint gco_async_semaphore_get_n_permits (GcoAsyncSemaphore *self);

GCO_AVAILABLE_IN_1_0
guint gco_async_semaphore_get_n_free (GcoAsyncSemaphore *self);

GCO_AVAILABLE_IN_1_0
GcoSemaphore *gco_async_semaphore_get_semaphore (GcoAsyncSemaphore *self);

G_END_DECLS
