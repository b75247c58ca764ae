/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#if !defined(GCO_INSIDE) && !defined(GCO_COMPILATION)
# error "Only <gco.h> can be included directly."
#endif

#include "gco-types.h"

G_BEGIN_DECLS

/**
 * GcoFdFunc:
 * @fd: the descriptor
 * @condition: what is ready
 * @user_data: what was given with the function
 *
 * Called when a descriptor is ready, in the home thread of the context.
 *
 * Since: 1.0
 */
typedef void (*GcoFdFunc) (int          fd,
                           GIOCondition condition,
                           gpointer     user_data);

#define GCO_TYPE_AIO_CONTEXT (gco_aio_context_get_type ())

GCO_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (GcoAioContext, gco_aio_context, GCO, AIO_CONTEXT, GObject)

GCO_AVAILABLE_IN_1_0
GcoAioContext *gco_aio_context_new (void);

GCO_AVAILABLE_IN_1_0
GcoAioContext *gco_aio_context_get_default (void);

GCO_AVAILABLE_IN_1_0
GcoAioContext *gco_aio_context_get_thread_default (void);

GCO_AVAILABLE_IN_1_0
GcoAioContext *gco_aio_context_get_current (void);

GCO_AVAILABLE_IN_1_0
GSource *gco_aio_context_dup_source (GcoAioContext *ctx);

GCO_AVAILABLE_IN_1_0
guint gco_aio_context_attach (GcoAioContext *ctx,
                              GMainContext  *main_context);

GCO_AVAILABLE_IN_1_0
gboolean gco_aio_context_poll (GcoAioContext *ctx,
                               gboolean       may_block);

GCO_AVAILABLE_IN_1_0
gboolean gco_aio_context_trypoll (GcoAioContext *ctx,
                                  gboolean       may_block,
                                  GError       **error);

GCO_AVAILABLE_IN_1_0
void gco_aio_context_notify (GcoAioContext *ctx);

GCO_AVAILABLE_IN_1_0
void gco_aio_context_release_thread (GcoAioContext *ctx);

GCO_AVAILABLE_IN_1_0
void gco_aio_context_shutdown (GcoAioContext *ctx);

GCO_AVAILABLE_IN_1_0
void gco_aio_context_schedule_oneshot (GcoAioContext *ctx,
                                       GcoFunc        func,
                                       gpointer       user_data,
                                       GDestroyNotify destroy);

GCO_AVAILABLE_IN_1_0
void gco_aio_context_set_fd_handler (GcoAioContext *ctx,
                                     int            fd,
                                     GIOCondition   condition,
                                     GcoFdFunc      func,
                                     gpointer       user_data,
                                     GDestroyNotify destroy);

GCO_AVAILABLE_IN_1_0
void gco_aio_context_set_event_notifier (GcoAioContext    *ctx,
                                         GcoEventNotifier *notifier,
                                         GcoFunc           func,
                                         gpointer          user_data,
                                         GDestroyNotify    destroy);

G_END_DECLS
