/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#if !defined(GCO_INSIDE) && !defined(GCO_COMPILATION)
# error "Only <gco.h> can be included directly."
#endif

#include "gco-mutex.h"
#include "gco-types.h"

G_BEGIN_DECLS

/**
 * GcoLockable: (skip)
 *
 * "Any lock", for waits that release one and take it again. Made by
 * [func@Gco.LOCKABLE], used at once and never kept.
 *
 * Since: 1.0
 */
struct _GcoLockable
{
  /*< private >*/
  gpointer lock;
  void gco_coroutine_fn (*take) (gpointer lock);
  void gco_coroutine_fn (*release) (gpointer lock);
};

GCO_AVAILABLE_IN_1_0
GcoLockable gco_lockable_for_mutex (GcoMutex *mutex);

GCO_AVAILABLE_IN_1_0
GcoLockable gco_lockable_for_thread_mutex (GMutex *mutex);

GCO_AVAILABLE_IN_1_0
GcoLockable gco_lockable_none (gpointer nothing);

/**
 * GCO_LOCKABLE: (skip)
 * @lock: a `GcoMutex *`, a `GMutex *`, or NULL
 *
 * Makes a [struct@Gco.Lockable] of @lock. C only.
 *
 * Since: 1.0
 */
#ifndef __cplusplus
# define GCO_LOCKABLE(lock)                  \
  (_Generic((lock),                          \
            GcoMutex *                       \
            : gco_lockable_for_mutex,        \
              GMutex *                       \
            : gco_lockable_for_thread_mutex, \
              void *                         \
            : gco_lockable_none) (lock))
#endif

G_END_DECLS
