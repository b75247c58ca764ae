/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#if !defined(GCO_INSIDE) && !defined(GCO_COMPILATION)
# error "Only <gco.h> can be included directly."
#endif

#include "gco-types.h"

G_BEGIN_DECLS

/**
 * GcoMutex: (skip)
 *
 * A mutex that suspends the coroutine and not the thread. Embed it by value;
 * zero-filled it is unlocked; there is nothing to destroy.
 *
 * Since: 1.0
 */
struct _GcoMutex
{
  /*< private >*/
  guintptr       state;
  gpointer       head;
  gpointer       tail;
  GcoAioContext *ctx;
};

GCO_AVAILABLE_IN_1_0
void gco_mutex_init (GcoMutex *mutex);

GCO_AVAILABLE_IN_1_0
void gco_mutex_init_with_context (GcoMutex      *mutex,
                                  GcoAioContext *ctx);

GCO_AVAILABLE_IN_1_0
void gco_coroutine_fn gco_mutex_lock (GcoMutex *mutex);

GCO_AVAILABLE_IN_1_0
gboolean gco_coroutine_fn gco_mutex_lock_cancellable (GcoMutex     *mutex,
                                                      GCancellable *cancellable,
                                                      GError      **error);

GCO_AVAILABLE_IN_1_0
gboolean gco_coroutine_fn gco_mutex_lock_until (GcoMutex     *mutex,
                                                GcoClock     *clock,
                                                gint64        deadline_ns,
                                                GCancellable *cancellable,
                                                GError      **error);

GCO_AVAILABLE_IN_1_0
gboolean gco_coroutine_fn gco_mutex_trylock (GcoMutex *mutex);

GCO_AVAILABLE_IN_1_0
void gco_coroutine_fn gco_mutex_unlock (GcoMutex *mutex);

/**
 * GcoMutexLocker: (skip)
 *
 * A mutex that is unlocked when the scope is left, see
 * [func@Gco.MUTEX_AUTO_LOCK].
 *
 * Since: 1.0
 */
typedef struct _GcoMutexLocker GcoMutexLocker;

/**
 * gco_mutex_locker_new: (skip)
 * @mutex: a mutex
 *
 * Locks @mutex for as long as the `g_autoptr (GcoMutexLocker)` lives that the
 * result is put into. Allocates nothing. Coroutine only; may yield.
 *
 * Returns: @mutex, as a locker
 *
 * Since: 1.0
 */
static inline GcoMutexLocker *gco_coroutine_fn
gco_mutex_locker_new (GcoMutex *mutex)
{
  gco_mutex_lock (mutex);
  return (GcoMutexLocker *) mutex;
}

/**
 * gco_mutex_locker_free: (skip)
 * @locker: a locker
 *
 * Unlocks what [func@Gco.mutex_locker_new] locked. Coroutine only; never yields.
 *
 * Since: 1.0
 */
static inline void gco_coroutine_fn
gco_mutex_locker_free (GcoMutexLocker *locker)
{
  gco_mutex_unlock ((GcoMutex *) locker);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GcoMutexLocker, gco_mutex_locker_free)

/**
 * GCO_MUTEX_AUTO_LOCK: (skip)
 * @mutex: a mutex
 * @var: a name for the variable that holds the lock
 *
 * Locks @mutex until the scope is left.
 *
 * Since: 1.0
 */
#define GCO_MUTEX_AUTO_LOCK(mutex, var) \
 g_autoptr (GcoMutexLocker) G_GNUC_UNUSED var = gco_mutex_locker_new (mutex)

G_END_DECLS
