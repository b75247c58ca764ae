/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#if !defined(GCO_INSIDE) && !defined(GCO_COMPILATION)
# error "Only <gco.h> can be included directly."
#endif

#include "gco-types.h"

G_BEGIN_DECLS

GCO_AVAILABLE_IN_1_0
GIOCondition gco_coroutine_fn gco_wait_fd (int           fd,
                                           GIOCondition  condition,
                                           GCancellable *cancellable,
                                           GError      **error);

GCO_AVAILABLE_IN_1_0
GIOCondition gco_coroutine_fn gco_wait_fd_until (int           fd,
                                                 GIOCondition  condition,
                                                 GcoClock     *clock,
                                                 gint64        deadline_ns,
                                                 GCancellable *cancellable,
                                                 GError      **error);

G_END_DECLS
