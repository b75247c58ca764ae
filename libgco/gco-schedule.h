/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#if !defined(GCO_INSIDE) && !defined(GCO_COMPILATION)
# error "Only <gco.h> can be included directly."
#endif

#include "gco-types.h"

G_BEGIN_DECLS

GCO_AVAILABLE_IN_1_0
void gco_coroutine_schedule (GcoCoroutine  *coroutine,
                             GcoAioContext *ctx);

GCO_AVAILABLE_IN_1_0
void gco_coroutine_wake (GcoCoroutine *coroutine);

GCO_AVAILABLE_IN_1_0
void gco_coroutine_fn gco_coroutine_reschedule (void);

GCO_AVAILABLE_IN_1_0
void gco_coroutine_fn gco_coroutine_move_to (GcoAioContext *ctx);

GCO_AVAILABLE_IN_1_0
GcoAioContext *gco_coroutine_get_aio_context (GcoCoroutine *coroutine);

GCO_AVAILABLE_IN_1_0
GcoCoroutine *gco_spawn (GcoAioContext   *ctx,
                         GcoCoroutineFunc func,
                         gpointer         user_data,
                         GDestroyNotify   destroy);

G_END_DECLS
