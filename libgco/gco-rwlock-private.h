/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "gco-rwlock.h"
#include "gco-waiter-private.h"

/* The fields: writer is a coroutine, GCO_HELD_ASYNC or GCO_HELD_PASSING; n_readers counts all,
 * n_async_readers those of them who call back. All are written under BUSY; writer is
 * read without, by who wants to know only of himself. */

extern const GcoWaiterClass gco_rwlock_reader_waiter;
extern const GcoWaiterClass gco_rwlock_writer_waiter;

static inline GcoWaitList *
gco_rwlock_waiters (GcoRwlock *rwlock)
{
  return (GcoWaitList *) &rwlock->head;
}

/* (BUSY) */
static inline void
gco_rwlock_give (GcoRwlock *rwlock,
                 guintptr   holder,
                 gboolean   exclusive)
{
  if (exclusive)
    {
      gco_store_relaxed (&rwlock->writer, holder);
      return;
    }
  rwlock->n_readers++;
  if (gco_holder_coroutine (holder) == NULL)
    rwlock->n_async_readers++;
}

/* The running coroutine was given it. */
static inline void
gco_rwlock_note_held (GcoCoroutine *self,
                      gboolean      exclusive)
{
  self->held += exclusive ? 1 : GCO_HELD_TO_READ;
}

/* What the classes of waiters tell of the writer. */
guintptr      gco_rwlock_holder_for (GcoWaiter *waiter);
GcoCoroutine *gco_rwlock_holder_in (GcoWaiter     *waiter,
                                    GcoAioContext *home);

/* (BUSY) FALSE, and nothing is done, if @holder is not the writer. */
static inline gboolean
gco_rwlock_end_write (GcoRwlock *rwlock,
                      guintptr   holder)
{
  GcoCoroutine *coroutine = gco_holder_coroutine (holder);

  if (rwlock->writer != holder)
    return FALSE;
  gco_store_relaxed (&rwlock->writer, 0);
  if (coroutine != NULL)
    coroutine->held--;
  return TRUE;
}

/* (BUSY) FALSE, and nothing is done, if nobody of @holder's kind reads, or it is a coroutine
 * that reads nothing. */
static inline gboolean
gco_rwlock_end_read (GcoRwlock *rwlock,
                     guintptr   holder)
{
  GcoCoroutine *coroutine = gco_holder_coroutine (holder);

  if (coroutine == NULL)
    {
      if (rwlock->n_async_readers == 0)
        return FALSE;
      rwlock->n_async_readers--;
    }
  else
    {
      if (rwlock->n_readers == rwlock->n_async_readers || coroutine->held < GCO_HELD_TO_READ)
        return FALSE;
      coroutine->held -= GCO_HELD_TO_READ;
    }
  rwlock->n_readers--;
  return TRUE;
}

/* (BUSY) Grants it to all at the head for whom there is room, ends BUSY, which is
 * the last touch of the lock, and wakes them. */
void gco_rwlock_let_in (GcoRwlock  *rwlock,
                        const char *who);

/* TRUE: taken, and @waiter is not needed. FALSE: it stands in the list. Whether to
 * write is for @waiter to say. */
gboolean gco_rwlock_lock_or_enqueue (gpointer   rwlock,
                                     GcoWaiter *waiter);

/* Who reads lets go of it, and wants it to write: as above. Fatal if @waiter is that
 * of a coroutine, and no coroutine reads. */
gboolean gco_rwlock_upgrade_or_enqueue (gpointer   rwlock,
                                        GcoWaiter *waiter);

/* Takes it for @holder if that needs no wait. */
gboolean gco_rwlock_try (GcoRwlock *rwlock,
                         guintptr   holder,
                         gboolean   exclusive);

/* For those who call back. Any thread. */
gboolean gco_rwlock_is_read_async (GcoRwlock *rwlock);

/* FALSE, and nothing is done, if no asynchronous caller holds it so. */
gboolean gco_rwlock_unlock_async (GcoRwlock  *rwlock,
                                  const char *caller);
gboolean gco_rwlock_downgrade_async (GcoRwlock  *rwlock,
                                     const char *caller);

/* Fatal: @self, or nobody, calls what only who holds it may; " to write" says @how. */
G_GNUC_NORETURN void gco_rwlock_fail_not_held (GcoRwlock    *rwlock,
                                               GcoCoroutine *self,
                                               const char   *caller,
                                               const char   *how);
