/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The witness of one lock, for waiters of every language. Each draws a ticket at the
 * moment it asks, and shows it when it has the lock; whether that was in order is
 * decided in here, once for all.
 */

#pragma once

#include <gco.h>

G_BEGIN_DECLS

#define GCO_PARTNER_TYPE_LINE (gco_partner_line_get_type ())

G_DECLARE_FINAL_TYPE (GcoPartnerLine, gco_partner_line, GCO_PARTNER, LINE, GObject)

GcoPartnerLine *gco_partner_line_new (guint capacity,
                                      guint seed);

guint gco_partner_line_ask (GcoPartnerLine *self,
                            const char     *name,
                            guint           weight,
                            GCancellable   *cancellable);
void  gco_partner_line_got (GcoPartnerLine *self,
                            guint           ticket);
void  gco_partner_line_gave_up (GcoPartnerLine *self,
                                guint           ticket);
void  gco_partner_line_give_back (GcoPartnerLine *self,
                                  guint           ticket);
void  gco_partner_line_downgrade (GcoPartnerLine *self,
                                  guint           ticket,
                                  guint           weight);
void  gco_partner_line_forget (GcoPartnerLine *self,
                               guint           ticket);

void  gco_partner_line_disturb (GcoPartnerLine *self);
guint gco_partner_line_toss (GcoPartnerLine *self,
                             guint           n_sides);

guint gco_partner_line_get_capacity (GcoPartnerLine *self);
guint gco_partner_line_get_n_asked (GcoPartnerLine *self);
guint gco_partner_line_get_n_granted (GcoPartnerLine *self);
guint gco_partner_line_get_n_cancelled (GcoPartnerLine *self);
guint gco_partner_line_get_n_there (GcoPartnerLine *self);
guint gco_partner_line_get_n_granted_to (GcoPartnerLine *self,
                                         const char     *name);
char *gco_partner_line_dup_complaint (GcoPartnerLine *self);

G_END_DECLS
