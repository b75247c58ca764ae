/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#if !defined(GCO_INSIDE) && !defined(GCO_COMPILATION)
# error "Only <gco.h> can be included directly."
#endif

#include "gco-lockable.h"
#include "gco-types.h"

G_BEGIN_DECLS

/**
 * GcoQueue: (skip)
 *
 * A FIFO of waiting coroutines: what a condition variable is to threads, with
 * the order kept and no spurious wake-ups. Embed it by value; zero-filled it is
 * empty; there is nothing to destroy.
 *
 * Since: 1.0
 */
struct _GcoQueue
{
  /*< private >*/
  guintptr       state;
  gpointer       head;
  gpointer       tail;
  GcoAioContext *ctx;
};

/**
 * GcoQueueWaitFlags: (skip)
 * @GCO_QUEUE_WAIT_DEFAULT: wait behind all others
 * @GCO_QUEUE_WAIT_INSERT_HEAD: wait in front of all others
 *
 * How to stand in a queue.
 *
 * Since: 1.0
 */
typedef enum
{
  GCO_QUEUE_WAIT_DEFAULT = 0,
  GCO_QUEUE_WAIT_INSERT_HEAD = 1 << 0,
} GcoQueueWaitFlags;

GCO_AVAILABLE_IN_1_0
void gco_queue_init (GcoQueue *queue);

GCO_AVAILABLE_IN_1_0
void gco_queue_init_with_context (GcoQueue      *queue,
                                  GcoAioContext *ctx);

GCO_AVAILABLE_IN_1_0
void gco_coroutine_fn gco_queue_wait (GcoQueue *queue,
                                      GcoMutex *mutex);

GCO_AVAILABLE_IN_1_0
void gco_coroutine_fn gco_queue_wait_insert_head (GcoQueue *queue,
                                                  GcoMutex *mutex);

GCO_AVAILABLE_IN_1_0
gboolean gco_coroutine_fn gco_queue_wait_cancellable (GcoQueue     *queue,
                                                      GcoMutex     *mutex,
                                                      GCancellable *cancellable,
                                                      GError      **error);

GCO_AVAILABLE_IN_1_0
gboolean gco_coroutine_fn gco_queue_wait_full (GcoQueue         *queue,
                                               GcoLockable       lockable,
                                               GcoQueueWaitFlags flags,
                                               GCancellable     *cancellable,
                                               GError          **error);

GCO_AVAILABLE_IN_1_0
gboolean gco_coroutine_fn gco_queue_wait_until (GcoQueue     *queue,
                                                GcoMutex     *mutex,
                                                GcoClock     *clock,
                                                gint64        deadline_ns,
                                                GCancellable *cancellable,
                                                GError      **error);

GCO_AVAILABLE_IN_1_0
gboolean gco_coroutine_fn gco_queue_wait_full_until (GcoQueue         *queue,
                                                     GcoLockable       lockable,
                                                     GcoQueueWaitFlags flags,
                                                     GcoClock         *clock,
                                                     gint64            deadline_ns,
                                                     GCancellable     *cancellable,
                                                     GError          **error);

GCO_AVAILABLE_IN_1_0
gboolean gco_queue_next (GcoQueue *queue);

GCO_AVAILABLE_IN_1_0
void gco_queue_restart_all (GcoQueue *queue);

GCO_AVAILABLE_IN_1_0
gboolean gco_queue_is_empty (GcoQueue *queue);

G_END_DECLS
