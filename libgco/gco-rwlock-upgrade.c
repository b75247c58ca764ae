/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* From reader to writer, by way of the line, and back at once. */

#include "gco-rwlock-private.h"

#include "gco-fatal-private.h"

gboolean
gco_rwlock_upgrade_or_enqueue (gpointer   lock,
                               GcoWaiter *waiter)
{
  GcoRwlock *rwlock = lock;
  guintptr   self = gco_waiter_as_holder (waiter);

  gco_busy_take (&rwlock->state);
  /* Who calls back was asked before; see gco_rwlock_is_read_async(). */
  if (G_UNLIKELY (!gco_rwlock_end_read (rwlock, self) && waiter->coroutine != NULL))
    gco_fatal ("gco_rwlock_upgrade: GcoRwlock %p is not held to read (by %s; its writer"
               " is %s)",
               (gpointer) rwlock,
               gco_holder_describe (self),
               gco_holder_describe (rwlock->writer));
  /* It may be kept while somebody leaves; see let_pass(). */
  if (gco_rwlock_waiters (rwlock)->head == NULL && rwlock->n_readers == 0 &&
      rwlock->writer == 0)
    {
      gco_rwlock_give (rwlock, self, TRUE);
      gco_busy_release (&rwlock->state, 0);
      return TRUE;
    }
  gco_waiter_check_holder (waiter, rwlock->writer, gco_rwlock_waiters (rwlock));
  gco_wait_list_append (gco_rwlock_waiters (rwlock), waiter);
  gco_rwlock_let_in (rwlock, "gco_rwlock_upgrade");
  return FALSE;
}

static gboolean gco_coroutine_fn
upgrade (GcoRwlock           *rwlock,
         const GcoWaitLimits *limits,
         const char          *caller,
         GError             **error)
{
  GcoWaiter waiter;

  gco_waiter_init (&waiter, &gco_rwlock_writer_waiter, rwlock, caller);
  waiter.exclusive = TRUE;
  if (!gco_waiter_may_wait (&waiter, limits, error))
    return FALSE;

  if (gco_rwlock_upgrade_or_enqueue (rwlock, &waiter))
    gco_waiter_forgo (&waiter);
  else if (!gco_waiter_park (&waiter, limits, error))
    {
      gco_rwlock_rdlock (rwlock);
      return FALSE;
    }
  gco_rwlock_note_held (waiter.coroutine, TRUE);
  return TRUE;
}

/**
 * gco_rwlock_upgrade: (skip)
 * @rwlock: a read/write lock that the running coroutine holds as a reader
 *
 * Makes the reader the writer: at once if it reads alone and nobody waits, else
 * it lets go and waits behind all others. So others may have written in between,
 * and what was read must be read again; two readers that upgrade cannot block
 * each other. Coroutine only; may yield.
 *
 * Since: 1.0
 */
void
gco_rwlock_upgrade (GcoRwlock *rwlock)
{
  g_return_if_fail (rwlock != NULL);

  upgrade (rwlock, &gco_wait_no_limits, "gco_rwlock_upgrade", NULL);
}

/**
 * gco_rwlock_upgrade_cancellable: (skip)
 * @rwlock: a read/write lock that the running coroutine holds as a reader
 * @cancellable: (nullable): what may end the wait
 * @error: return location for an error
 *
 * Like [method@Gco.Rwlock.upgrade], or gives up with `G_IO_ERROR_CANCELLED` and
 * takes @rwlock as a reader again, for which it may have to wait. Coroutine
 * only; may yield.
 *
 * Returns: TRUE if the running coroutine is the writer; FALSE if it is a reader
 *
 * Since: 1.0
 */
gboolean
gco_rwlock_upgrade_cancellable (GcoRwlock    *rwlock,
                                GCancellable *cancellable,
                                GError      **error)
{
  g_return_val_if_fail (rwlock != NULL, FALSE);
  g_return_val_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return upgrade (rwlock,
                  &GCO_WAIT_CANCELLABLE (cancellable),
                  "gco_rwlock_upgrade_cancellable",
                  error);
}

/**
 * gco_rwlock_upgrade_until: (skip)
 * @rwlock: a read/write lock that the running coroutine holds as a reader
 * @clock: (nullable): a clock, or NULL for the monotonic one
 * @deadline_ns: when to give up, in nanoseconds of @clock; `G_MAXINT64` for never
 * @cancellable: (nullable): what may end the wait as well
 * @error: return location for an error
 *
 * Like [method@Gco.Rwlock.upgrade], or gives up with `G_IO_ERROR_TIMED_OUT` or
 * `G_IO_ERROR_CANCELLED` and takes @rwlock as a reader again, for which it may have
 * to wait beyond the deadline. What needs no wait is granted even after the
 * deadline; else a deadline in the past ends the wait in the next dispatch, and
 * others may have written until then. Coroutine only; may yield.
 *
 * Returns: TRUE if the running coroutine is the writer; FALSE if it is a reader
 *
 * Since: 1.0
 */
gboolean
gco_rwlock_upgrade_until (GcoRwlock    *rwlock,
                          GcoClock     *clock,
                          gint64        deadline_ns,
                          GCancellable *cancellable,
                          GError      **error)
{
  g_return_val_if_fail (rwlock != NULL, FALSE);
  g_return_val_if_fail (clock == NULL || GCO_IS_CLOCK (clock), FALSE);
  g_return_val_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return upgrade (rwlock,
                  &GCO_WAIT_UNTIL (clock, deadline_ns, cancellable),
                  "gco_rwlock_upgrade_until",
                  error);
}

/**
 * gco_rwlock_downgrade: (skip)
 * @rwlock: a read/write lock that the running coroutine holds as the writer
 *
 * Makes the writer a reader, and lets in the readers that wait in front of the
 * next writer. Nobody writes in between. Coroutine only; never yields. If the
 * running coroutine is not the writer, this is fatal.
 *
 * Since: 1.0
 */
void
gco_rwlock_downgrade (GcoRwlock *rwlock)
{
  GcoCoroutine *self = gco_coroutine_self ();

  g_return_if_fail (rwlock != NULL);

  gco_busy_take (&rwlock->state);
  if (G_UNLIKELY (self == NULL || !gco_rwlock_end_write (rwlock, (guintptr) self)))
    gco_rwlock_fail_not_held (rwlock, self, "gco_rwlock_downgrade", " to write");
  gco_rwlock_give (rwlock, (guintptr) self, FALSE);
  gco_rwlock_note_held (self, FALSE);
  gco_rwlock_let_in (rwlock, "gco_rwlock_downgrade");
}
