/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Many readers or one writer, strictly in the order they came: a reader that
 * comes after a waiting writer waits behind it. Everything is under BUSY;
 * whoever makes room calls gco_rwlock_let_in(), for all at the head that fit.
 *
 * Readers are only counted, by the lock and by the coroutine: who reads under which lock
 * is not known.
 */

#include "gco-rwlock-private.h"

#include "gco-fatal-private.h"

G_STATIC_ASSERT (sizeof (GcoRwlock) == 8 * sizeof (gpointer));

/* (BUSY) */
static gboolean
has_room (GcoRwlock *rwlock,
          gboolean   exclusive)
{
  return rwlock->writer == 0 && (!exclusive || rwlock->n_readers == 0);
}

/* (BUSY) Lets a waiter that is LEAVING take itself out. The lock is kept meanwhile: whom
 * another thread let in could be done with it, and free it. In nobody's name: an
 * asynchronous caller that unlocks what it does not hold would be taken for the keeper. */
static void
let_pass (GcoRwlock *rwlock)
{
  gco_store_relaxed (&rwlock->writer, GCO_HELD_PASSING);
  gco_busy_release (&rwlock->state, 0);
  gco_busy_let_pass ();
  gco_busy_take (&rwlock->state);
  gco_store_relaxed (&rwlock->writer, 0);
}

/* (BUSY) Grants all at the head for whom there is room; returns them, linked. */
static GcoWaiter *
grant (GcoRwlock *rwlock)
{
  GcoWaitList *list = gco_rwlock_waiters (rwlock);
  GcoWaiter   *granted = NULL;
  GcoWaiter  **end = &granted;

  while (list->head != NULL)
    {
      GcoWaiter   *first = list->head;
      gboolean     exclusive = first->exclusive;
      GcoWaitState state;

      if (!has_room (rwlock, exclusive))
        break;
      state = gco_waiter_grant (first, list);
      if (state == GCO_WAIT_GRANTED)
        {
          gco_rwlock_give (rwlock, gco_waiter_as_holder (first), exclusive);
          *end = first;
          end = &first->next;
        }
      else if (state == GCO_WAIT_WAITING)
        let_pass (rwlock);
    }
  *end = NULL;
  return granted;
}

void
gco_rwlock_let_in (GcoRwlock  *rwlock,
                   const char *who)
{
  GcoWaiter     *granted = grant (rwlock);
  GcoAioContext *ctx = rwlock->ctx;

  gco_busy_release (&rwlock->state, 0);
  gco_waiter_wake_all (granted, ctx, who);
}

static void
leave (GcoWaiter *waiter)
{
  GcoRwlock *rwlock = waiter->lock;

  gco_busy_take (&rwlock->state);
  gco_wait_list_close (gco_rwlock_waiters (rwlock), waiter->previous, waiter->next);
  /* It may have stood in the way of others. */
  gco_rwlock_let_in (rwlock, waiter->klass->what);
}

const GcoWaiterClass gco_rwlock_reader_waiter = {
  "a GcoRwlock to read", leave, NULL, gco_rwlock_holder_for, gco_rwlock_holder_in
};

const GcoWaiterClass gco_rwlock_writer_waiter = {
  "a GcoRwlock to write", leave, NULL, gco_rwlock_holder_for, gco_rwlock_holder_in
};

gboolean
gco_rwlock_lock_or_enqueue (gpointer   lock,
                            GcoWaiter *waiter)
{
  GcoRwlock   *rwlock = lock;
  GcoWaitList *list = gco_rwlock_waiters (rwlock);

  gco_busy_take (&rwlock->state);
  if (list->head == NULL && has_room (rwlock, waiter->exclusive))
    {
      gco_rwlock_give (rwlock, gco_waiter_as_holder (waiter), waiter->exclusive);
      gco_busy_release (&rwlock->state, 0);
      return TRUE;
    }
  gco_waiter_check_holder (waiter, rwlock->writer, list);
  gco_wait_list_append (list, waiter);
  gco_busy_release (&rwlock->state, 0);
  return FALSE;
}

static inline gboolean
try_as (GcoRwlock *rwlock,
        guintptr   holder,
        gboolean   exclusive)
{
  gboolean locked;

  gco_busy_take (&rwlock->state);
  locked = gco_rwlock_waiters (rwlock)->head == NULL && has_room (rwlock, exclusive);
  if (locked)
    gco_rwlock_give (rwlock, holder, exclusive);
  gco_busy_release (&rwlock->state, 0);
  return locked;
}

gboolean
gco_rwlock_try (GcoRwlock *rwlock,
                guintptr   holder,
                gboolean   exclusive)
{
  return try_as (rwlock, holder, exclusive);
}

static inline gboolean
try_lock (GcoRwlock  *rwlock,
          gboolean    exclusive,
          const char *caller)
{
  GcoCoroutine *self = gco_coroutine_here ();

  if (G_UNLIKELY (self == NULL))
    gco_fatal ("%s: not in a coroutine", caller);
  if (!try_as (rwlock, (guintptr) self, exclusive))
    return FALSE;
  gco_rwlock_note_held (self, exclusive);
  return TRUE;
}

static __attribute__ ((noinline)) gboolean
lock (GcoRwlock           *rwlock,
      gboolean             exclusive,
      const GcoWaitLimits *limits,
      const char          *caller,
      GError             **error)
{
  GcoWaiter waiter;

  gco_waiter_init (&waiter,
                   exclusive ? &gco_rwlock_writer_waiter : &gco_rwlock_reader_waiter,
                   rwlock,
                   caller);
  waiter.exclusive = exclusive;
  if (!gco_waiter_may_wait (&waiter, limits, error))
    return FALSE;

  /* Nobody else makes it the writer, or ends that. */
  if (G_UNLIKELY (gco_load_relaxed (&rwlock->writer) == (guintptr) waiter.coroutine))
    gco_fatal ("%s: coroutine %s holds GcoRwlock %p as the writer already",
               caller,
               gco_coroutine_describe (waiter.coroutine),
               (gpointer) rwlock);
  if (gco_rwlock_lock_or_enqueue (rwlock, &waiter))
    gco_waiter_forgo (&waiter);
  else if (!gco_waiter_park (&waiter, limits, error))
    return FALSE;
  gco_rwlock_note_held (waiter.coroutine, exclusive);
  return TRUE;
}

/**
 * gco_rwlock_init: (skip)
 * @rwlock: a read/write lock
 *
 * Makes @rwlock unlocked, as zero-filled memory is anyway.
 *
 * Since: 1.0
 */
void
gco_rwlock_init (GcoRwlock *rwlock)
{
  gco_rwlock_init_with_context (rwlock, NULL);
}

/**
 * gco_rwlock_init_with_context: (skip)
 * @rwlock: a read/write lock
 * @ctx: (nullable): a context that outlives all waits
 *
 * Makes @rwlock unlocked. The wake-ups that it causes go through @ctx: a
 * dispatch of @ctx passes them on to the contexts of the coroutines.
 *
 * Since: 1.0
 */
void
gco_rwlock_init_with_context (GcoRwlock     *rwlock,
                              GcoAioContext *ctx)
{
  g_return_if_fail (rwlock != NULL);

  *rwlock = (GcoRwlock){ .ctx = ctx };
}

/**
 * gco_rwlock_rdlock: (skip)
 * @rwlock: a read/write lock
 *
 * Takes @rwlock together with other readers; waits while there is a writer, or
 * anybody waits already. A coroutine that reads must not ask to read again: a
 * writer that waits between the two would block both for ever. To end while one
 * reads is fatal. Coroutine only; may yield.
 *
 * Since: 1.0
 */
void
gco_rwlock_rdlock (GcoRwlock *rwlock)
{
  g_return_if_fail (rwlock != NULL);

  if (G_UNLIKELY (!try_lock (rwlock, FALSE, "gco_rwlock_rdlock")))
    lock (rwlock, FALSE, &gco_wait_no_limits, "gco_rwlock_rdlock", NULL);
}

/**
 * gco_rwlock_rdlock_cancellable: (skip)
 * @rwlock: a read/write lock
 * @cancellable: (nullable): what may end the wait
 * @error: return location for an error
 *
 * Like [method@Gco.Rwlock.rdlock], or gives up with `G_IO_ERROR_CANCELLED`.
 * Coroutine only; may yield.
 *
 * Returns: TRUE if the running coroutine holds @rwlock as a reader
 *
 * Since: 1.0
 */
gboolean
gco_rwlock_rdlock_cancellable (GcoRwlock    *rwlock,
                               GCancellable *cancellable,
                               GError      **error)
{
  g_return_val_if_fail (rwlock != NULL, FALSE);
  g_return_val_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return lock (rwlock,
               FALSE,
               &GCO_WAIT_CANCELLABLE (cancellable),
               "gco_rwlock_rdlock_cancellable",
               error);
}

/**
 * gco_rwlock_rdlock_until: (skip)
 * @rwlock: a read/write lock
 * @clock: (nullable): a clock, or NULL for the monotonic one
 * @deadline_ns: when to give up, in nanoseconds of @clock; `G_MAXINT64` for never
 * @cancellable: (nullable): what may end the wait as well
 * @error: return location for an error
 *
 * Like [method@Gco.Rwlock.rdlock], or gives up with `G_IO_ERROR_TIMED_OUT` or
 * `G_IO_ERROR_CANCELLED`. What needs no wait is granted even after the deadline;
 * else a deadline in the past ends the wait in the next dispatch. Coroutine only;
 * may yield.
 *
 * Returns: TRUE if the running coroutine holds @rwlock as a reader
 *
 * Since: 1.0
 */
gboolean
gco_rwlock_rdlock_until (GcoRwlock    *rwlock,
                         GcoClock     *clock,
                         gint64        deadline_ns,
                         GCancellable *cancellable,
                         GError      **error)
{
  g_return_val_if_fail (rwlock != NULL, FALSE);
  g_return_val_if_fail (clock == NULL || GCO_IS_CLOCK (clock), FALSE);
  g_return_val_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return lock (rwlock,
               FALSE,
               &GCO_WAIT_UNTIL (clock, deadline_ns, cancellable),
               "gco_rwlock_rdlock_until",
               error);
}

/**
 * gco_rwlock_wrlock: (skip)
 * @rwlock: a read/write lock
 *
 * Takes @rwlock alone; waits while anybody holds it. Readers that come later
 * wait behind. A coroutine that reads must not ask to write, for it would wait
 * for itself: [method@Gco.Rwlock.upgrade] makes it the writer. To end as the
 * writer is fatal. Coroutine only; may yield.
 *
 * Since: 1.0
 */
void
gco_rwlock_wrlock (GcoRwlock *rwlock)
{
  g_return_if_fail (rwlock != NULL);

  if (G_UNLIKELY (!try_lock (rwlock, TRUE, "gco_rwlock_wrlock")))
    lock (rwlock, TRUE, &gco_wait_no_limits, "gco_rwlock_wrlock", NULL);
}

/**
 * gco_rwlock_wrlock_cancellable: (skip)
 * @rwlock: a read/write lock
 * @cancellable: (nullable): what may end the wait
 * @error: return location for an error
 *
 * Like [method@Gco.Rwlock.wrlock], or gives up with `G_IO_ERROR_CANCELLED`.
 * Coroutine only; may yield.
 *
 * Returns: TRUE if the running coroutine holds @rwlock as the writer
 *
 * Since: 1.0
 */
gboolean
gco_rwlock_wrlock_cancellable (GcoRwlock    *rwlock,
                               GCancellable *cancellable,
                               GError      **error)
{
  g_return_val_if_fail (rwlock != NULL, FALSE);
  g_return_val_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return lock (rwlock,
               TRUE,
               &GCO_WAIT_CANCELLABLE (cancellable),
               "gco_rwlock_wrlock_cancellable",
               error);
}

/**
 * gco_rwlock_wrlock_until: (skip)
 * @rwlock: a read/write lock
 * @clock: (nullable): a clock, or NULL for the monotonic one
 * @deadline_ns: when to give up, in nanoseconds of @clock; `G_MAXINT64` for never
 * @cancellable: (nullable): what may end the wait as well
 * @error: return location for an error
 *
 * Like [method@Gco.Rwlock.wrlock], or gives up with `G_IO_ERROR_TIMED_OUT` or
 * `G_IO_ERROR_CANCELLED`; readers that waited behind come in then. What needs no
 * wait is granted even after the deadline; else a deadline in the past ends the
 * wait in the next dispatch. Coroutine only; may yield.
 *
 * Returns: TRUE if the running coroutine holds @rwlock as the writer
 *
 * Since: 1.0
 */
gboolean
gco_rwlock_wrlock_until (GcoRwlock    *rwlock,
                         GcoClock     *clock,
                         gint64        deadline_ns,
                         GCancellable *cancellable,
                         GError      **error)
{
  g_return_val_if_fail (rwlock != NULL, FALSE);
  g_return_val_if_fail (clock == NULL || GCO_IS_CLOCK (clock), FALSE);
  g_return_val_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return lock (rwlock,
               TRUE,
               &GCO_WAIT_UNTIL (clock, deadline_ns, cancellable),
               "gco_rwlock_wrlock_until",
               error);
}

/**
 * gco_rwlock_tryrdlock: (skip)
 * @rwlock: a read/write lock
 *
 * Takes @rwlock as a reader if that needs no wait. Coroutine only; never yields.
 *
 * Returns: TRUE if the running coroutine holds @rwlock as a reader
 *
 * Since: 1.0
 */
gboolean
gco_rwlock_tryrdlock (GcoRwlock *rwlock)
{
  g_return_val_if_fail (rwlock != NULL, FALSE);

  return try_lock (rwlock, FALSE, "gco_rwlock_tryrdlock");
}

/**
 * gco_rwlock_trywrlock: (skip)
 * @rwlock: a read/write lock
 *
 * Takes @rwlock as the writer if that needs no wait. Coroutine only; never
 * yields.
 *
 * Returns: TRUE if the running coroutine holds @rwlock as the writer
 *
 * Since: 1.0
 */
gboolean
gco_rwlock_trywrlock (GcoRwlock *rwlock)
{
  g_return_val_if_fail (rwlock != NULL, FALSE);

  return try_lock (rwlock, TRUE, "gco_rwlock_trywrlock");
}

void
gco_rwlock_fail_not_held (GcoRwlock    *rwlock,
                          GcoCoroutine *self,
                          const char   *caller,
                          const char   *how)
{
  if (self == NULL)
    gco_fatal ("%s: not in a coroutine; the writer of GcoRwlock %p is %s",
               caller,
               (gpointer) rwlock,
               gco_holder_describe (rwlock->writer));
  gco_fatal ("%s: GcoRwlock %p is not held%s by coroutine %s; its writer is %s",
             caller,
             (gpointer) rwlock,
             how,
             gco_coroutine_describe (self),
             gco_holder_describe (rwlock->writer));
}

/**
 * gco_rwlock_unlock: (skip)
 * @rwlock: a read/write lock that the running coroutine holds
 *
 * Lets go of @rwlock, whichever way it is held, and lets in those that waited
 * longest. Once another one has it, @rwlock is not touched any more. Coroutine
 * only; never yields.
 *
 * Unlocking a lock that nobody holds, or of which another coroutine is the
 * writer, is fatal; and so is one that others read, when the running coroutine reads
 * under no lock at all.
 *
 * Since: 1.0
 */
void
gco_rwlock_unlock (GcoRwlock *rwlock)
{
  GcoCoroutine *self = gco_coroutine_here ();

  g_return_if_fail (rwlock != NULL);

  gco_busy_take (&rwlock->state);
  if (G_UNLIKELY (self == NULL || (!gco_rwlock_end_write (rwlock, (guintptr) self) &&
                                   !gco_rwlock_end_read (rwlock, (guintptr) self))))
    gco_rwlock_fail_not_held (rwlock, self, "gco_rwlock_unlock", "");
  if (G_LIKELY (gco_rwlock_waiters (rwlock)->head == NULL))
    gco_busy_release (&rwlock->state, 0);
  else
    gco_rwlock_let_in (rwlock, "gco_rwlock_unlock");
}
