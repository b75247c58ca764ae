/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The locks as scenarios use them: what is called is announced first, and each step that
 * changes a lock must be one that the model (gco-test-model.h) allows whoever makes it.
 */

#pragma once

#include "explore.h"

/* In set_up(). */
void explore_watch_mutex (GcoMutex   *mutex,
                          const char *name);
void explore_watch_rwlock (GcoRwlock  *rwlock,
                           const char *name);
void explore_watch_semaphore (GcoSemaphore *semaphore,
                              const char   *name);
void explore_watch_queue (GcoQueue   *queue,
                          const char *name);

/* Fails unless nobody has it or waits. */
void explore_assert_free (gpointer lock);

/* explore_kill_page(), and it is watched no longer. */
void explore_free_lock (gpointer lock);

/* Those of the library, watched. */
void     x_lock (GcoMutex *mutex);
gboolean x_lock_cancellable (GcoMutex     *mutex,
                             GCancellable *cancellable);
gboolean x_lock_until (GcoMutex *mutex,
                       GcoClock *clock,
                       gint64    deadline_ns);
gboolean x_trylock (GcoMutex *mutex);
void     x_unlock (GcoMutex *mutex);

void     x_rdlock (GcoRwlock *rwlock);
void     x_wrlock (GcoRwlock *rwlock);
gboolean x_rdlock_cancellable (GcoRwlock    *rwlock,
                               GCancellable *cancellable);
gboolean x_wrlock_cancellable (GcoRwlock    *rwlock,
                               GCancellable *cancellable);
gboolean x_trywrlock (GcoRwlock *rwlock);
void     x_upgrade (GcoRwlock *rwlock);
gboolean x_upgrade_cancellable (GcoRwlock    *rwlock,
                                GCancellable *cancellable);
void     x_downgrade (GcoRwlock *rwlock);
void     x_rwunlock (GcoRwlock *rwlock);

void     x_acquire (GcoSemaphore *semaphore);
gboolean x_acquire_cancellable (GcoSemaphore *semaphore,
                                GCancellable *cancellable);
void     x_release (GcoSemaphore *semaphore);

void     x_wait (GcoQueue *queue,
                 GcoMutex *mutex);
gboolean x_wait_cancellable (GcoQueue     *queue,
                             GcoMutex     *mutex,
                             GCancellable *cancellable);
gboolean x_next (GcoQueue *queue);
void     x_restart_all (GcoQueue *queue);
