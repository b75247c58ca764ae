/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#if !defined(GCO_INSIDE) && !defined(GCO_COMPILATION)
# error "Only <gco.h> can be included directly."
#endif

#include "../gco-types.h"

G_BEGIN_DECLS

GCO_AVAILABLE_IN_1_0
gboolean gco_coroutine_fn gco_run_in_thread (GcoRunFunc    func,
                                             gpointer      user_data,
                                             GCancellable *cancellable,
                                             GError      **error);

G_END_DECLS
