/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "gco-rwlock.h"
#include "gco-waiter-private.h"

extern const GcoWaiterClass gco_rwlock_writer_waiter;

static inline GcoWaitList *
gco_rwlock_waiters (GcoRwlock *rwlock)
{
  return (GcoWaitList *) &rwlock->head;
}

static inline GcoCoroutine *
gco_rwlock_writer (GcoRwlock *rwlock)
{
  return (GcoCoroutine *) rwlock->writer;
}

/* (BUSY) */
static inline void
gco_rwlock_give (GcoRwlock    *rwlock,
                 GcoCoroutine *coroutine,
                 gboolean      exclusive)
{
  if (exclusive)
    {
      rwlock->writer = (guintptr) coroutine;
      coroutine->n_held++;
    }
  else
    rwlock->n_readers++;
}

/* (BUSY) The writer is one no longer. */
static inline void
gco_rwlock_take_back (GcoRwlock *rwlock)
{
  gco_rwlock_writer (rwlock)->n_held--;
  rwlock->writer = 0;
}

/* (BUSY) Grants it to all at the head for whom there is room, ends BUSY, which is
 * the last touch of the lock, and wakes them. @self is the running coroutine. */
void gco_rwlock_let_in (GcoRwlock    *rwlock,
                        GcoCoroutine *self,
                        const char   *who);

/* Fatal: @self, or nobody, calls what only the writer may, or one who reads. */
G_GNUC_NORETURN void gco_rwlock_fail_not_writer (GcoRwlock    *rwlock,
                                                 GcoCoroutine *self,
                                                 const char   *caller);
