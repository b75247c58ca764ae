/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#if !defined(GCO_INSIDE) && !defined(GCO_COMPILATION)
# error "Only <gco.h> can be included directly."
#endif

#include "gco-types.h"

G_BEGIN_DECLS

/**
 * GcoRwlock: (skip)
 *
 * A lock for many readers or one writer. Embed it by value; zero-filled it is
 * unlocked; there is nothing to destroy.
 *
 * Since: 1.0
 */
struct _GcoRwlock
{
  /*< private >*/
  guintptr       state;
  guintptr       writer;
  gsize          n_readers;
  gpointer       head;
  gpointer       tail;
  GcoAioContext *ctx;
  gsize          n_async_readers;
  gpointer       reserved;
};

GCO_AVAILABLE_IN_1_0
void gco_rwlock_init (GcoRwlock *rwlock);

GCO_AVAILABLE_IN_1_0
void gco_rwlock_init_with_context (GcoRwlock     *rwlock,
                                   GcoAioContext *ctx);

GCO_AVAILABLE_IN_1_0
void gco_coroutine_fn gco_rwlock_rdlock (GcoRwlock *rwlock);

GCO_AVAILABLE_IN_1_0
gboolean gco_coroutine_fn gco_rwlock_rdlock_cancellable (GcoRwlock    *rwlock,
                                                         GCancellable *cancellable,
                                                         GError      **error);

GCO_AVAILABLE_IN_1_0
gboolean gco_coroutine_fn gco_rwlock_rdlock_until (GcoRwlock    *rwlock,
                                                   GcoClock     *clock,
                                                   gint64        deadline_ns,
                                                   GCancellable *cancellable,
                                                   GError      **error);

GCO_AVAILABLE_IN_1_0
void gco_coroutine_fn gco_rwlock_wrlock (GcoRwlock *rwlock);

GCO_AVAILABLE_IN_1_0
gboolean gco_coroutine_fn gco_rwlock_wrlock_cancellable (GcoRwlock    *rwlock,
                                                         GCancellable *cancellable,
                                                         GError      **error);

GCO_AVAILABLE_IN_1_0
gboolean gco_coroutine_fn gco_rwlock_wrlock_until (GcoRwlock    *rwlock,
                                                   GcoClock     *clock,
                                                   gint64        deadline_ns,
                                                   GCancellable *cancellable,
                                                   GError      **error);

GCO_AVAILABLE_IN_1_0
gboolean gco_coroutine_fn gco_rwlock_tryrdlock (GcoRwlock *rwlock);

GCO_AVAILABLE_IN_1_0
gboolean gco_coroutine_fn gco_rwlock_trywrlock (GcoRwlock *rwlock);

GCO_AVAILABLE_IN_1_0
void gco_coroutine_fn gco_rwlock_upgrade (GcoRwlock *rwlock);

GCO_AVAILABLE_IN_1_0
gboolean gco_coroutine_fn gco_rwlock_upgrade_cancellable (GcoRwlock    *rwlock,
                                                          GCancellable *cancellable,
                                                          GError      **error);

GCO_AVAILABLE_IN_1_0
gboolean gco_coroutine_fn gco_rwlock_upgrade_until (GcoRwlock    *rwlock,
                                                    GcoClock     *clock,
                                                    gint64        deadline_ns,
                                                    GCancellable *cancellable,
                                                    GError      **error);

GCO_AVAILABLE_IN_1_0
void gco_coroutine_fn gco_rwlock_downgrade (GcoRwlock *rwlock);

GCO_AVAILABLE_IN_1_0
void gco_coroutine_fn gco_rwlock_unlock (GcoRwlock *rwlock);

/**
 * GcoRwlockLocker: (skip)
 *
 * A read/write lock that is unlocked when the scope is left, see
 * [func@Gco.RWLOCK_READER_AUTO_LOCK] and [func@Gco.RWLOCK_WRITER_AUTO_LOCK].
 *
 * Since: 1.0
 */
typedef struct _GcoRwlockLocker GcoRwlockLocker;

/**
 * gco_rwlock_reader_locker_new: (skip)
 * @rwlock: a read/write lock
 *
 * Takes @rwlock as a reader for as long as the `g_autoptr (GcoRwlockLocker)`
 * lives that the result is put into. Coroutine only; may yield.
 *
 * Returns: @rwlock, as a locker
 *
 * Since: 1.0
 */
static inline GcoRwlockLocker *gco_coroutine_fn
gco_rwlock_reader_locker_new (GcoRwlock *rwlock)
{
  gco_rwlock_rdlock (rwlock);
  return (GcoRwlockLocker *) rwlock;
}

/**
 * gco_rwlock_writer_locker_new: (skip)
 * @rwlock: a read/write lock
 *
 * Takes @rwlock as the writer for as long as the `g_autoptr (GcoRwlockLocker)`
 * lives that the result is put into. Coroutine only; may yield.
 *
 * Returns: @rwlock, as a locker
 *
 * Since: 1.0
 */
static inline GcoRwlockLocker *gco_coroutine_fn
gco_rwlock_writer_locker_new (GcoRwlock *rwlock)
{
  gco_rwlock_wrlock (rwlock);
  return (GcoRwlockLocker *) rwlock;
}

/**
 * gco_rwlock_locker_free: (skip)
 * @locker: a locker
 *
 * Unlocks what the locker holds, whichever way it holds it by now. Coroutine only;
 * never yields.
 *
 * Since: 1.0
 */
static inline void gco_coroutine_fn
gco_rwlock_locker_free (GcoRwlockLocker *locker)
{
  gco_rwlock_unlock ((GcoRwlock *) locker);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GcoRwlockLocker, gco_rwlock_locker_free)

/**
 * GCO_RWLOCK_READER_AUTO_LOCK: (skip)
 * @rwlock: a read/write lock
 * @var: a name for the variable that holds the lock
 *
 * Takes @rwlock as a reader until the scope is left.
 *
 * Since: 1.0
 */
#define GCO_RWLOCK_READER_AUTO_LOCK(rwlock, var) \
 g_autoptr (GcoRwlockLocker) G_GNUC_UNUSED var = \
     gco_rwlock_reader_locker_new (rwlock)

/**
 * GCO_RWLOCK_WRITER_AUTO_LOCK: (skip)
 * @rwlock: a read/write lock
 * @var: a name for the variable that holds the lock
 *
 * Takes @rwlock as the writer until the scope is left.
 *
 * Since: 1.0
 */
#define GCO_RWLOCK_WRITER_AUTO_LOCK(rwlock, var) \
 g_autoptr (GcoRwlockLocker) G_GNUC_UNUSED var = \
     gco_rwlock_writer_locker_new (rwlock)

G_END_DECLS
