/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#if !defined(GCO_INSIDE) && !defined(GCO_COMPILATION)
# error "Only <gco.h> can be included directly."
#endif

#include "gco-types.h"

G_BEGIN_DECLS

GCO_AVAILABLE_IN_1_0
GcoEventNotifier *gco_event_notifier_new (GError **error);

GCO_AVAILABLE_IN_1_0
void gco_event_notifier_set (GcoEventNotifier *notifier);

GCO_AVAILABLE_IN_1_0
gboolean gco_event_notifier_test_and_clear (GcoEventNotifier *notifier);

GCO_AVAILABLE_IN_1_0
int gco_event_notifier_get_fd (GcoEventNotifier *notifier);

GCO_AVAILABLE_IN_1_0
void gco_event_notifier_free (GcoEventNotifier *notifier);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GcoEventNotifier, gco_event_notifier_free)

G_END_DECLS
