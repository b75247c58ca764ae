/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#if !defined(GCO_INSIDE) && !defined(GCO_COMPILATION)
# error "Only <gco.h> can be included directly."
#endif

#include "gco-types.h"

G_BEGIN_DECLS

/**
 * GcoSemaphore: (skip)
 *
 * A number of permits: as many coroutines at once, the others in order of their
 * arrival. Embed it by value; initialise it; there is nothing to destroy.
 *
 * Since: 1.0
 */
struct _GcoSemaphore
{
  /*< private >*/
  guintptr       state;
  gpointer       head;
  gpointer       tail;
  GcoAioContext *ctx;
  guint          n_permits;
  gpointer       reserved;
};

GCO_AVAILABLE_IN_1_0
void gco_semaphore_init (GcoSemaphore *semaphore,
                         guint         n_permits);

GCO_AVAILABLE_IN_1_0
void gco_semaphore_init_with_context (GcoSemaphore  *semaphore,
                                      guint          n_permits,
                                      GcoAioContext *ctx);

GCO_AVAILABLE_IN_1_0
void gco_coroutine_fn gco_semaphore_acquire (GcoSemaphore *semaphore);

GCO_AVAILABLE_IN_1_0
gboolean gco_coroutine_fn gco_semaphore_acquire_cancellable (GcoSemaphore *semaphore,
                                                             GCancellable *cancellable,
                                                             GError      **error);

GCO_AVAILABLE_IN_1_0
gboolean gco_coroutine_fn gco_semaphore_acquire_until (GcoSemaphore *semaphore,
                                                       GcoClock     *clock,
                                                       gint64        deadline_ns,
                                                       GCancellable *cancellable,
                                                       GError      **error);

GCO_AVAILABLE_IN_1_0
gboolean gco_semaphore_tryacquire (GcoSemaphore *semaphore);

GCO_AVAILABLE_IN_1_0
void gco_semaphore_release (GcoSemaphore *semaphore);

GCO_AVAILABLE_IN_1_0
guint gco_semaphore_get_n_free (GcoSemaphore *semaphore);

G_END_DECLS
