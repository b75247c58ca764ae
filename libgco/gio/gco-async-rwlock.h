/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#if !defined(GCO_INSIDE) && !defined(GCO_COMPILATION)
# error "Only <gco.h> can be included directly."
#endif

#include "../gco-rwlock.h"

G_BEGIN_DECLS

#define GCO_TYPE_ASYNC_RWLOCK (gco_async_rwlock_get_type ())

GCO_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (GcoAsyncRwlock, gco_async_rwlock, GCO, ASYNC_RWLOCK, GObject)

GCO_AVAILABLE_IN_1_0
GcoAsyncRwlock *gco_async_rwlock_new (void);

GCO_AVAILABLE_IN_1_0
void gco_async_rwlock_rdlock_async (GcoAsyncRwlock     *self,
                                    GCancellable       *cancellable,
                                    GAsyncReadyCallback callback,
                                    gpointer            user_data);

GCO_AVAILABLE_IN_1_0
gboolean gco_async_rwlock_rdlock_finish (GcoAsyncRwlock *self,
                                         GAsyncResult   *result,
                                         GError        **error);

GCO_AVAILABLE_IN_1_0
void gco_async_rwlock_wrlock_async (GcoAsyncRwlock     *self,
                                    GCancellable       *cancellable,
                                    GAsyncReadyCallback callback,
                                    gpointer            user_data);

GCO_AVAILABLE_IN_1_0
gboolean gco_async_rwlock_wrlock_finish (GcoAsyncRwlock *self,
                                         GAsyncResult   *result,
                                         GError        **error);

GCO_AVAILABLE_IN_1_0
gboolean gco_async_rwlock_tryrdlock (GcoAsyncRwlock *self);

GCO_AVAILABLE_IN_1_0
gboolean gco_async_rwlock_trywrlock (GcoAsyncRwlock *self);

GCO_AVAILABLE_IN_1_0
gboolean gco_async_rwlock_unlock (GcoAsyncRwlock *self,
                                  GError        **error);

GCO_AVAILABLE_IN_1_0
void gco_async_rwlock_upgrade_async (GcoAsyncRwlock     *self,
                                     GCancellable       *cancellable,
                                     GAsyncReadyCallback callback,
                                     gpointer            user_data);

GCO_AVAILABLE_IN_1_0
gboolean gco_async_rwlock_upgrade_finish (GcoAsyncRwlock *self,
                                          GAsyncResult   *result,
                                          GError        **error);

GCO_AVAILABLE_IN_1_0
gboolean gco_async_rwlock_downgrade (GcoAsyncRwlock *self,
                                     GError        **error);

GCO_AVAILABLE_IN_1_0
GcoRwlock *gco_async_rwlock_get_rwlock (GcoAsyncRwlock *self);

G_END_DECLS
