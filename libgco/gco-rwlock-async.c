/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a read/write lock does for those who call back, and hold it as such. */

#include "gco-rwlock-private.h"

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
  gco_rwlock_let_in (rwlock, GCO_HELD_ASYNC, caller);
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
  gco_rwlock_let_in (rwlock, GCO_HELD_ASYNC, caller);
  return TRUE;
}
