/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* C coroutines that stand in the line, as ordinary asynchronous operations. */

#pragma once

#include "gco-partner-line.h"

G_BEGIN_DECLS

void     gco_partner_line_contend_async (GcoPartnerLine     *self,
                                         GObject            *lock,
                                         const char         *name,
                                         guint               n_rounds,
                                         GCancellable       *cancellable,
                                         GAsyncReadyCallback callback,
                                         gpointer            user_data);
gboolean gco_partner_line_contend_finish (GcoPartnerLine *self,
                                          GAsyncResult   *result,
                                          GError        **error);

void     gco_partner_line_queue_async (GcoPartnerLine     *self,
                                       GcoAsyncWaitQueue  *queue,
                                       GcoAsyncMutex      *mutex,
                                       const char         *name,
                                       guint               n_rounds,
                                       GCancellable       *cancellable,
                                       GAsyncReadyCallback callback,
                                       gpointer            user_data);
gboolean gco_partner_line_queue_finish (GcoPartnerLine *self,
                                        GAsyncResult   *result,
                                        GError        **error);

void   gco_partner_line_pump_async (GcoPartnerLine     *self,
                                    GcoAsyncWaitQueue  *queue,
                                    GCancellable       *cancellable,
                                    GAsyncReadyCallback callback,
                                    gpointer            user_data);
gssize gco_partner_line_pump_finish (GcoPartnerLine *self,
                                     GAsyncResult   *result,
                                     GError        **error);

G_END_DECLS
