/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Who holds a read/write lock, and lets go of it: coroutines, and those who call back. */

#include "gco-rwlock-private.h"

guintptr
gco_rwlock_holder_for (GcoWaiter *waiter)
{
  return gco_load_relaxed (&((GcoRwlock *) waiter->lock)->writer);
}

GcoCoroutine *
gco_rwlock_holder_in (GcoWaiter     *waiter,
                      GcoAioContext *home)
{
  GcoRwlock    *rwlock = waiter->lock;
  GcoCoroutine *found;

  gco_busy_take (&rwlock->state);
  found = gco_holder_of_context (rwlock->writer, home);
  gco_busy_release (&rwlock->state, 0);
  return found;
}

gboolean
gco_rwlock_is_read_async (GcoRwlock *rwlock)
{
  gboolean is_read;

  gco_busy_take (&rwlock->state);
  is_read = rwlock->n_async_readers > 0;
  gco_busy_release (&rwlock->state, 0);
  return is_read;
}

gboolean
gco_rwlock_unlock_async (GcoRwlock  *rwlock,
                         const char *caller)
{
  gco_busy_take (&rwlock->state);
  if (!gco_rwlock_end_write (rwlock, GCO_HELD_ASYNC) &&
      !gco_rwlock_end_read (rwlock, GCO_HELD_ASYNC))
    {
      gco_busy_release (&rwlock->state, 0);
      return FALSE;
    }
  gco_rwlock_let_in (rwlock, caller);
  return TRUE;
}

gboolean
gco_rwlock_downgrade_async (GcoRwlock  *rwlock,
                            const char *caller)
{
  gco_busy_take (&rwlock->state);
  if (!gco_rwlock_end_write (rwlock, GCO_HELD_ASYNC))
    {
      gco_busy_release (&rwlock->state, 0);
      return FALSE;
    }
  gco_rwlock_give (rwlock, GCO_HELD_ASYNC, FALSE);
  gco_rwlock_let_in (rwlock, caller);
  return TRUE;
}
