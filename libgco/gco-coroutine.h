/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#if !defined(GCO_INSIDE) && !defined(GCO_COMPILATION)
# error "Only <gco.h> can be included directly."
#endif

#include "gco-types.h"

G_BEGIN_DECLS

GCO_AVAILABLE_IN_1_0
GcoCoroutine *gco_coroutine_create (GcoCoroutineFunc func,
                                    gpointer         user_data);

GCO_AVAILABLE_IN_1_0
GcoCoroutine *gco_coroutine_create_full (const char      *name,
                                         gsize            stack_size,
                                         GcoCoroutineFunc func,
                                         gpointer         user_data,
                                         GDestroyNotify   destroy,
                                         GError         **error);

GCO_AVAILABLE_IN_1_0
void gco_coroutine_free (GcoCoroutine *coroutine);

GCO_AVAILABLE_IN_1_0
void gco_coroutine_enter (GcoCoroutine *coroutine);

GCO_AVAILABLE_IN_1_0
void gco_coroutine_fn gco_coroutine_yield (void);

GCO_AVAILABLE_IN_1_0
GcoCoroutine *gco_coroutine_self (void);

GCO_AVAILABLE_IN_1_0
gboolean gco_in_coroutine (void);

GCO_AVAILABLE_IN_1_0
gboolean gco_coroutine_is_entered (GcoCoroutine *coroutine);

GCO_AVAILABLE_IN_1_0
const char *gco_coroutine_get_name (GcoCoroutine *coroutine);

GCO_AVAILABLE_IN_1_0
void gco_coroutine_set_name (GcoCoroutine *coroutine,
                             const char   *name);

GCO_AVAILABLE_IN_1_0
gsize gco_coroutine_get_stack_size (GcoCoroutine *coroutine);

GCO_AVAILABLE_IN_1_0
gsize gco_coroutine_get_stack_usage (GcoCoroutine *coroutine);

GCO_AVAILABLE_IN_1_0
void gco_coroutine_call_outside (GcoFunc  func,
                                 gpointer user_data);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GcoCoroutine, gco_coroutine_free)

G_END_DECLS
