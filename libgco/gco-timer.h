/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#if !defined(GCO_INSIDE) && !defined(GCO_COMPILATION)
# error "Only <gco.h> can be included directly."
#endif

#include "gco-types.h"

G_BEGIN_DECLS

GCO_AVAILABLE_IN_1_0
GcoTimer *gco_timer_new (GcoAioContext *ctx,
                         GcoClock      *clock,
                         GcoFunc        func,
                         gpointer       user_data,
                         GDestroyNotify destroy);

GCO_AVAILABLE_IN_1_0
void gco_timer_mod_ns (GcoTimer *timer,
                       gint64    deadline_ns);

GCO_AVAILABLE_IN_1_0
void gco_timer_del (GcoTimer *timer);

GCO_AVAILABLE_IN_1_0
gboolean gco_timer_is_pending (GcoTimer *timer);

GCO_AVAILABLE_IN_1_0
void gco_timer_free (GcoTimer *timer);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GcoTimer, gco_timer_free)

G_END_DECLS
