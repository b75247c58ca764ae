/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#if !defined(GCO_INSIDE) && !defined(GCO_COMPILATION)
# error "Only <gco.h> can be included directly."
#endif

#include "gco-types.h"

G_BEGIN_DECLS

/**
 * GcoSleep: (skip)
 *
 * A sleep that others can end early. Embed it by value; zero-filled it is
 * ready for use; there is nothing to destroy.
 *
 * Since: 1.0
 */
struct _GcoSleep
{
  /*< private >*/
  guintptr state;
  gpointer reserved[3];
};

GCO_AVAILABLE_IN_1_0
void gco_coroutine_fn gco_sleep_ns (GcoClock *clock,
                                    gint64    ns);

GCO_AVAILABLE_IN_1_0
gboolean gco_coroutine_fn gco_sleep_ns_cancellable (GcoClock     *clock,
                                                    gint64        ns,
                                                    GCancellable *cancellable,
                                                    GError      **error);

GCO_AVAILABLE_IN_1_0
gboolean gco_coroutine_fn gco_sleep_until (GcoClock     *clock,
                                           gint64        deadline_ns,
                                           GCancellable *cancellable,
                                           GError      **error);

GCO_AVAILABLE_IN_1_0
void gco_sleep_init (GcoSleep *sleep);

GCO_AVAILABLE_IN_1_0
gboolean gco_coroutine_fn gco_sleep_wait_ns (GcoSleep *sleep,
                                             GcoClock *clock,
                                             gint64    ns);

GCO_AVAILABLE_IN_1_0
gboolean gco_coroutine_fn gco_sleep_wait_ns_cancellable (GcoSleep     *sleep,
                                                         GcoClock     *clock,
                                                         gint64        ns,
                                                         GCancellable *cancellable,
                                                         GError      **error);

GCO_AVAILABLE_IN_1_0
gboolean gco_coroutine_fn gco_sleep_wait_until (GcoSleep     *sleep,
                                                GcoClock     *clock,
                                                gint64        deadline_ns,
                                                GCancellable *cancellable,
                                                GError      **error);

GCO_AVAILABLE_IN_1_0
void gco_sleep_wake (GcoSleep *sleep);

G_END_DECLS
