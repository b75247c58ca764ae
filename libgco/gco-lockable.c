/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Locks of any kind, for waits that release one and take it again. */

#include "gco-lockable.h"

static void gco_coroutine_fn
take_mutex (gpointer lock)
{
  gco_mutex_lock (lock);
}

static void gco_coroutine_fn
release_mutex (gpointer lock)
{
  gco_mutex_unlock (lock);
}

static void
take_thread_mutex (gpointer lock)
{
  g_mutex_lock (lock);
}

static void
release_thread_mutex (gpointer lock)
{
  g_mutex_unlock (lock);
}

/**
 * gco_lockable_for_mutex: (skip)
 * @mutex: (nullable): a mutex, or NULL for no lock at all
 *
 * A view of @mutex for a wait that releases it; takes no lock and holds none.
 *
 * Returns: @mutex, as any lock
 *
 * Since: 1.0
 */
GcoLockable
gco_lockable_for_mutex (GcoMutex *mutex)
{
  if (mutex == NULL)
    return gco_lockable_none (NULL);
  return (GcoLockable){ mutex, take_mutex, release_mutex };
}

/**
 * gco_lockable_for_thread_mutex: (skip)
 * @mutex: (nullable): a mutex of threads, or NULL for no lock at all
 *
 * When it is taken again after a wait, the whole thread may block for it.
 *
 * Returns: @mutex, as any lock
 *
 * Since: 1.0
 */
GcoLockable
gco_lockable_for_thread_mutex (GMutex *mutex)
{
  if (mutex == NULL)
    return gco_lockable_none (NULL);
  return (GcoLockable){ mutex, take_thread_mutex, release_thread_mutex };
}

/**
 * gco_lockable_none: (skip)
 * @nothing: NULL
 *
 * For a wait that releases no lock.
 *
 * Returns: no lock, as any lock
 *
 * Since: 1.0
 */
GcoLockable
gco_lockable_none (gpointer nothing)
{
  g_return_val_if_fail (nothing == NULL, ((GcoLockable){ NULL, NULL, NULL }));

  return (GcoLockable){ NULL, NULL, NULL };
}
