/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#if !defined(GCO_INSIDE) && !defined(GCO_COMPILATION)
# error "Only <gco.h> can be included directly."
#endif

#include "../gco-mutex.h"

G_BEGIN_DECLS

#define GCO_TYPE_ASYNC_MUTEX (gco_async_mutex_get_type ())

GCO_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (GcoAsyncMutex, gco_async_mutex, GCO, ASYNC_MUTEX, GObject)

GCO_AVAILABLE_IN_1_0
GcoAsyncMutex *gco_async_mutex_new (void);

GCO_AVAILABLE_IN_1_0
void gco_async_mutex_lock_async (GcoAsyncMutex      *self,
                                 GCancellable       *cancellable,
                                 GAsyncReadyCallback callback,
                                 gpointer            user_data);

GCO_AVAILABLE_IN_1_0
gboolean gco_async_mutex_lock_finish (GcoAsyncMutex *self,
                                      GAsyncResult  *result,
                                      GError       **error);

GCO_AVAILABLE_IN_1_0
gboolean gco_async_mutex_trylock (GcoAsyncMutex *self);

GCO_AVAILABLE_IN_1_0
gboolean gco_async_mutex_unlock (GcoAsyncMutex *self,
                                 GError       **error);

GCO_AVAILABLE_IN_1_0
gboolean gco_async_mutex_is_locked (GcoAsyncMutex *self);

GCO_AVAILABLE_IN_1_0
GcoMutex *gco_async_mutex_get_mutex (GcoAsyncMutex *self);

G_END_DECLS
