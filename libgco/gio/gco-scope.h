/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#if !defined(GCO_INSIDE) && !defined(GCO_COMPILATION)
# error "Only <gco.h> can be included directly."
#endif

#include "../gco-types.h"

G_BEGIN_DECLS

#define GCO_TYPE_SCOPE (gco_scope_get_type ())

GCO_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (GcoScope, gco_scope, GCO, SCOPE, GObject)

GCO_AVAILABLE_IN_1_0
GcoScope *gco_scope_new (GCancellable *parent);

GCO_AVAILABLE_IN_1_0
void gco_scope_spawn (GcoScope      *self,
                      GcoRunFunc     func,
                      gpointer       user_data,
                      GDestroyNotify destroy);

GCO_AVAILABLE_IN_1_0
void gco_scope_spawn_full (GcoScope      *self,
                           GcoAioContext *ctx,
                           const char    *name,
                           gsize          stack_size,
                           GcoRunFunc     func,
                           gpointer       user_data,
                           GDestroyNotify destroy);

GCO_AVAILABLE_IN_1_0
gboolean gco_coroutine_fn gco_scope_join (GcoScope *self,
                                          GError  **error);

GCO_AVAILABLE_IN_1_0
void gco_scope_join_async (GcoScope           *self,
                           GCancellable       *cancellable,
                           GAsyncReadyCallback callback,
                           gpointer            user_data);

GCO_AVAILABLE_IN_1_0
gboolean gco_scope_join_finish (GcoScope     *self,
                                GAsyncResult *result,
                                GError      **error);

GCO_AVAILABLE_IN_1_0
void gco_scope_cancel (GcoScope *self);

GCO_AVAILABLE_IN_1_0
void gco_scope_set_deadline (GcoScope *self,
                             GcoClock *clock,
                             gint64    deadline_ns);

GCO_AVAILABLE_IN_1_0
void gco_scope_bind_object (GcoScope *self,
                            GObject  *object);

GCO_AVAILABLE_IN_1_0
GCancellable *gco_scope_get_cancellable (GcoScope *self);

GCO_AVAILABLE_IN_1_0
guint gco_scope_get_n_running (GcoScope *self);

GCO_AVAILABLE_IN_1_0
GCancellable *gco_scope_get_current_cancellable (void);

G_END_DECLS
