/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#if !defined(GCO_INSIDE) && !defined(GCO_COMPILATION)
# error "Only <gco.h> can be included directly."
#endif

#include "gco-types.h"

G_BEGIN_DECLS

GCO_AVAILABLE_IN_1_0
GcoBh *gco_bh_new (GcoAioContext *ctx,
                   GcoFunc        func,
                   gpointer       user_data,
                   GDestroyNotify destroy);

GCO_AVAILABLE_IN_1_0
void gco_bh_schedule (GcoBh *bh);

GCO_AVAILABLE_IN_1_0
void gco_bh_schedule_idle (GcoBh *bh);

GCO_AVAILABLE_IN_1_0
void gco_bh_cancel (GcoBh *bh);

GCO_AVAILABLE_IN_1_0
void gco_bh_free (GcoBh *bh);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GcoBh, gco_bh_free)

G_END_DECLS
