/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Coroutines that meet code of other languages. */

#pragma once

#include <gco.h>

G_BEGIN_DECLS

#define GCO_PARTNER_TYPE_ACTOR (gco_partner_actor_get_type ())

G_DECLARE_FINAL_TYPE (GcoPartnerActor, gco_partner_actor, GCO_PARTNER, ACTOR, GObject)

GcoPartnerActor *gco_partner_actor_new (void);

void     gco_partner_actor_tell_async (GcoPartnerActor    *self,
                                       gboolean            outside,
                                       GCancellable       *cancellable,
                                       GAsyncReadyCallback callback,
                                       gpointer            user_data);
gboolean gco_partner_actor_tell_finish (GcoPartnerActor *self,
                                        GAsyncResult    *result,
                                        GError         **error);

void  gco_partner_actor_fetch_async (GcoPartnerActor    *self,
                                     const char         *key,
                                     GCancellable       *cancellable,
                                     GAsyncReadyCallback callback,
                                     gpointer            user_data);
char *gco_partner_actor_fetch_finish (GcoPartnerActor *self,
                                      GAsyncResult    *result,
                                      GError         **error);

void     gco_partner_actor_call_inside_async (GcoPartnerActor    *self,
                                              GcoFunc             func,
                                              gpointer            func_data,
                                              GDestroyNotify      func_destroy,
                                              GCancellable       *cancellable,
                                              GAsyncReadyCallback callback,
                                              gpointer            user_data);
gboolean gco_partner_actor_call_inside_finish (GcoPartnerActor *self,
                                               GAsyncResult    *result,
                                               GError         **error);

gboolean gco_partner_is_inside (void);
void     gco_partner_yield_here (void);

G_END_DECLS
