/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#if !defined(GCO_INSIDE) && !defined(GCO_COMPILATION)
# error "Only <gco.h> can be included directly."
#endif

#include "../gco-types.h"

G_BEGIN_DECLS

#define GCO_TYPE_CHANNEL (gco_channel_get_type ())

GCO_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (GcoChannel, gco_channel, GCO, CHANNEL, GObject)

GCO_AVAILABLE_IN_1_0
GcoChannel *gco_channel_new (guint          capacity,
                             GDestroyNotify item_destroy);

GCO_AVAILABLE_IN_1_0
gboolean gco_coroutine_fn gco_channel_send (GcoChannel   *self,
                                            gpointer      item,
                                            GCancellable *cancellable,
                                            GError      **error);

GCO_AVAILABLE_IN_1_0
gboolean gco_coroutine_fn gco_channel_send_until (GcoChannel   *self,
                                                  gpointer      item,
                                                  GcoClock     *clock,
                                                  gint64        deadline_ns,
                                                  GCancellable *cancellable,
                                                  GError      **error);

GCO_AVAILABLE_IN_1_0
gpointer gco_coroutine_fn gco_channel_receive (GcoChannel   *self,
                                               GCancellable *cancellable,
                                               GError      **error);

GCO_AVAILABLE_IN_1_0
gpointer gco_coroutine_fn gco_channel_receive_until (GcoChannel   *self,
                                                     GcoClock     *clock,
                                                     gint64        deadline_ns,
                                                     GCancellable *cancellable,
                                                     GError      **error);

GCO_AVAILABLE_IN_1_0
gboolean gco_channel_trysend (GcoChannel *self,
                              gpointer    item);

GCO_AVAILABLE_IN_1_0
gpointer gco_channel_tryreceive (GcoChannel *self);

GCO_AVAILABLE_IN_1_0
void gco_channel_send_async (GcoChannel         *self,
                             gpointer            item,
                             GCancellable       *cancellable,
                             GAsyncReadyCallback callback,
                             gpointer            user_data);

GCO_AVAILABLE_IN_1_0
gboolean gco_channel_send_finish (GcoChannel   *self,
                                  GAsyncResult *result,
                                  GError      **error);

GCO_AVAILABLE_IN_1_0
void gco_channel_receive_async (GcoChannel         *self,
                                GCancellable       *cancellable,
                                GAsyncReadyCallback callback,
                                gpointer            user_data);

GCO_AVAILABLE_IN_1_0
gpointer gco_channel_receive_finish (GcoChannel   *self,
                                     GAsyncResult *result,
                                     GError      **error);

GCO_AVAILABLE_IN_1_0
void gco_channel_close_send (GcoChannel *self);

GCO_AVAILABLE_IN_1_0
void gco_channel_close_receive (GcoChannel *self);

GCO_AVAILABLE_IN_1_0
guint gco_channel_get_n_items (GcoChannel *self);

GCO_AVAILABLE_IN_1_0
guint gco_channel_get_capacity (GcoChannel *self);

G_END_DECLS
