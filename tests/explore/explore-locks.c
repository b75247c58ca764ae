/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "explore-watch.h"

void
x_lock (GcoMutex *mutex)
{
  explore_begin (mutex, OP_ACQUIRE, "lock");
  gco_mutex_lock (mutex);
  explore_end (TRUE);
}

gboolean
x_lock_cancellable (GcoMutex     *mutex,
                    GCancellable *cancellable)
{
  explore_begin (mutex, OP_ACQUIRE, "lock");
  return explore_end (gco_mutex_lock_cancellable (mutex, cancellable, NULL));
}

gboolean
x_lock_until (GcoMutex *mutex,
              GcoClock *clock,
              gint64    deadline_ns)
{
  explore_begin (mutex, OP_ACQUIRE, "lock");
  return explore_end (gco_mutex_lock_until (mutex, clock, deadline_ns, NULL, NULL));
}

gboolean
x_trylock (GcoMutex *mutex)
{
  explore_begin (mutex, OP_TRY, "trylock");
  return explore_end (gco_mutex_trylock (mutex));
}

void
x_unlock (GcoMutex *mutex)
{
  explore_begin (mutex, OP_RELEASE, "unlock");
  gco_mutex_unlock (mutex);
  explore_end (TRUE);
}

/* ----------------------------------------------------------------- read/write */

void
x_rdlock (GcoRwlock *rwlock)
{
  explore_begin (rwlock, OP_SHARE, "rdlock");
  gco_rwlock_rdlock (rwlock);
  explore_end (TRUE);
}

void
x_wrlock (GcoRwlock *rwlock)
{
  explore_begin (rwlock, OP_ACQUIRE, "wrlock");
  gco_rwlock_wrlock (rwlock);
  explore_end (TRUE);
}

gboolean
x_rdlock_cancellable (GcoRwlock    *rwlock,
                      GCancellable *cancellable)
{
  explore_begin (rwlock, OP_SHARE, "rdlock");
  return explore_end (gco_rwlock_rdlock_cancellable (rwlock, cancellable, NULL));
}

gboolean
x_wrlock_cancellable (GcoRwlock    *rwlock,
                      GCancellable *cancellable)
{
  explore_begin (rwlock, OP_ACQUIRE, "wrlock");
  return explore_end (gco_rwlock_wrlock_cancellable (rwlock, cancellable, NULL));
}

gboolean
x_trywrlock (GcoRwlock *rwlock)
{
  explore_begin (rwlock, OP_TRY, "trywrlock");
  return explore_end (gco_rwlock_trywrlock (rwlock));
}

void
x_upgrade (GcoRwlock *rwlock)
{
  explore_begin (rwlock, OP_UPGRADE, "upgrade");
  gco_rwlock_upgrade (rwlock);
  explore_end (TRUE);
}

/* If it fails, it reads again. */
gboolean
x_upgrade_cancellable (GcoRwlock    *rwlock,
                       GCancellable *cancellable)
{
  gboolean upgraded;

  explore_begin (rwlock, OP_UPGRADE, "upgrade");
  explore_begin (rwlock, OP_SHARE, "or rdlock");
  upgraded = gco_rwlock_upgrade_cancellable (rwlock, cancellable, NULL);
  explore_end (FALSE);
  return upgraded;
}

void
x_downgrade (GcoRwlock *rwlock)
{
  explore_begin (rwlock, OP_DOWNGRADE, "downgrade");
  gco_rwlock_downgrade (rwlock);
  explore_end (TRUE);
}

void
x_rwunlock (GcoRwlock *rwlock)
{
  explore_begin (rwlock, OP_RELEASE, "unlock");
  gco_rwlock_unlock (rwlock);
  explore_end (TRUE);
}

/* ------------------------------------------------------------------ semaphore */

void
x_acquire (GcoSemaphore *semaphore)
{
  explore_begin (semaphore, OP_SHARE, "acquire");
  gco_semaphore_acquire (semaphore);
  explore_end (TRUE);
}

gboolean
x_acquire_cancellable (GcoSemaphore *semaphore,
                       GCancellable *cancellable)
{
  explore_begin (semaphore, OP_SHARE, "acquire");
  return explore_end (gco_semaphore_acquire_cancellable (semaphore, cancellable, NULL));
}

void
x_release (GcoSemaphore *semaphore)
{
  explore_begin (semaphore, OP_RELEASE, "release");
  gco_semaphore_release (semaphore);
  explore_end (TRUE);
}

/* ---------------------------------------------------------------------- queue */

static void
begin_wait (GcoQueue *queue,
            GcoMutex *mutex)
{
  explore_begin (queue, OP_WAIT, "wait in");
  if (mutex == NULL)
    return;
  explore_begin (mutex, OP_RELEASE, "meanwhile unlock");
  explore_begin (mutex, OP_ACQUIRE, "then lock");
}

void
x_wait (GcoQueue *queue,
        GcoMutex *mutex)
{
  begin_wait (queue, mutex);
  gco_queue_wait (queue, mutex);
  explore_end (TRUE);
}

gboolean
x_wait_cancellable (GcoQueue     *queue,
                    GcoMutex     *mutex,
                    GCancellable *cancellable)
{
  gboolean picked;

  explore_begin (queue, OP_WAIT, "wait in");
  picked = gco_queue_wait_cancellable (queue, mutex, cancellable, NULL);
  explore_end (picked);
  return picked;
}

gboolean
x_next (GcoQueue *queue)
{
  gboolean picked;

  explore_begin (queue, OP_NEXT, "next of");
  picked = gco_queue_next (queue);
  return explore_end (picked);
}

void
x_restart_all (GcoQueue *queue)
{
  explore_begin (queue, OP_RESTART, "restart all of");
  gco_queue_restart_all (queue);
  explore_end (FALSE);
}
