/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the tests of the languages need from C, not installed. */

#pragma once

#include "gco-partner-actor.h"
#include "gco-partner-contend.h"
#include "gco-partner-line.h"

G_BEGIN_DECLS

void  gco_partner_count_coroutine (int n);
guint gco_partner_get_n_coroutines (void);

void  gco_partner_watch (GObject *object);
guint gco_partner_get_n_watched (void);
guint gco_partner_get_n_context_refs (void);

void gco_partner_hold (GObject *lock);
void gco_partner_wait (GObject *lock);

void gco_partner_schedule_from_thread (GcoAioContext *ctx,
                                       GcoFunc        func,
                                       gpointer       user_data,
                                       GDestroyNotify destroy);

G_END_DECLS
