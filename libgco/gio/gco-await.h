/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#if !defined(GCO_INSIDE) && !defined(GCO_COMPILATION)
# error "Only <gco.h> can be included directly."
#endif

#include "../gco-types.h"

G_BEGIN_DECLS

/**
 * GcoAwait: (skip)
 *
 * One asynchronous call that a coroutine waits for. Lives on the coroutine's
 * stack, starts out as `GCO_AWAIT_INIT`.
 *
 * Since: 1.0
 */
struct _GcoAwait
{
  /*< private >*/
  guintptr      state;
  GAsyncResult *result;
  GCancellable *cancellable;
  gpointer      reserved[5];
};

/**
 * GCO_AWAIT_INIT: (skip)
 *
 * The start value of a [struct@Gco.Await].
 *
 * Since: 1.0
 */
#define GCO_AWAIT_INIT                            \
 {                                                \
  0, NULL, NULL, { NULL, NULL, NULL, NULL, NULL } \
 }

GCO_AVAILABLE_IN_1_0
void gco_await_init (GcoAwait     *await,
                     GCancellable *cancellable);

GCO_AVAILABLE_IN_1_0
void gco_await_ready (GObject      *source_object,
                      GAsyncResult *result,
                      gpointer      await);

GCO_AVAILABLE_IN_1_0
GAsyncResult *gco_coroutine_fn gco_await (GcoAwait *await) G_GNUC_WARN_UNUSED_RESULT;

GCO_AVAILABLE_IN_1_0
GAsyncResult *gco_coroutine_fn gco_await_until (GcoAwait *await,
                                                GcoClock *clock,
                                                gint64    deadline_ns)
    G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
