/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The mutex: one word says who holds it and whether anybody waits, so that the
 * uncontended pair is two compare-and-swaps and every misuse is seen for free.
 *
 *   holder | WAITERS | BUSY     the holder is a coroutine or GCO_HELD_ASYNC; the
 *                               list is not empty exactly with WAITERS, which
 *                               only changes under BUSY
 *
 * It is handed over, never let go while somebody waits: strictly FIFO. The
 * store that hands it over is the last touch of the mutex by unlock.
 */

#include "gco-mutex-private.h"

#include "gco-fatal-private.h"

#define WAITERS ((guintptr) 2)
#define FLAGS (GCO_BUSY | WAITERS)

G_STATIC_ASSERT (sizeof (GcoMutex) == 4 * sizeof (gpointer));

static guintptr
holder (guintptr state)
{
  return state & ~FLAGS;
}

static GcoWaitList *
waiters (GcoMutex *mutex)
{
  return (GcoWaitList *) &mutex->head;
}

static guintptr
state_of (GcoMutex *mutex,
          guintptr  held_by)
{
  return held_by | (waiters (mutex)->head != NULL ? WAITERS : 0);
}

static void
leave (GcoWaiter *waiter)
{
  GcoMutex    *mutex = waiter->lock;
  guintptr     state = gco_busy_take (&mutex->state);
  GcoWaitList *list = waiters (mutex);

  gco_wait_list_close (list, waiter->previous, waiter->next);
  gco_busy_release (&mutex->state, state_of (mutex, holder (state)));
}

static guintptr
holder_for (GcoWaiter *waiter)
{
  return holder (gco_load_relaxed (&((GcoMutex *) waiter->lock)->state));
}

static GcoCoroutine *
holder_in (GcoWaiter     *waiter,
           GcoAioContext *home)
{
  GcoMutex     *mutex = waiter->lock;
  guintptr      state = gco_busy_take (&mutex->state);
  GcoCoroutine *found = gco_holder_of_context (holder (state), home);

  gco_busy_release (&mutex->state, state);
  return found;
}

const GcoWaiterClass gco_mutex_waiter = {
  "a GcoMutex", leave, NULL, holder_for, holder_in
};

gboolean
gco_mutex_lock_or_enqueue (gpointer   lock,
                           GcoWaiter *waiter)
{
  GcoMutex *mutex = lock;
  guintptr  state = gco_busy_take (&mutex->state);

  if (state == 0)
    {
      gco_busy_release (&mutex->state, gco_waiter_as_holder (waiter));
      return TRUE;
    }
  gco_waiter_check_holder (waiter, holder (state), waiters (mutex));
  gco_wait_list_append (waiters (mutex), waiter);
  gco_busy_release (&mutex->state, state | WAITERS);
  return FALSE;
}

static __attribute__ ((noinline)) gboolean
lock_slowly (GcoMutex            *mutex,
             const GcoWaitLimits *limits,
             const char          *caller,
             GError             **error)
{
  GcoWaiter waiter;

  gco_waiter_init (&waiter, &gco_mutex_waiter, mutex, caller);
  if (!gco_waiter_may_wait (&waiter, limits, error))
    return FALSE;
  /* Nobody else makes it the holder, or ends that. */
  if (G_UNLIKELY (holder (gco_load_relaxed (&mutex->state)) == (guintptr) waiter.coroutine))
    gco_fatal ("%s: coroutine %s holds GcoMutex %p already",
               caller,
               gco_coroutine_describe (waiter.coroutine),
               (gpointer) mutex);
  if (gco_mutex_lock_or_enqueue (mutex, &waiter))
    gco_waiter_forgo (&waiter);
  else if (!gco_waiter_park (&waiter, limits, error))
    return FALSE;
  waiter.coroutine->held++;
  return TRUE;
}

static inline gboolean
try_fast (GcoMutex     *mutex,
          GcoCoroutine *self)
{
  guintptr unlocked = 0;

  /* pairs with the release in unlock */
  if (gco_load_relaxed (&mutex->state) != 0 ||
      !gco_cas_acquire (&mutex->state, &unlocked, (guintptr) self))
    return FALSE;
  self->held++;
  return TRUE;
}

/* TRUE if the running coroutine has the mutex, as gco_waiter_may_wait() would let it. FALSE:
 * to be tried with a waiter, in which a wait can begin and an error be told. */
static inline gboolean
try_limited (GcoMutex     *mutex,
             GCancellable *cancellable)
{
  GcoThread     *thread = gco_thread_here ();
  GcoCoroutine  *self = gco_thread_coroutine (thread);
  GcoAioContext *home = self != NULL ? gco_coroutine_get_home (self) : NULL;

  return G_LIKELY (home != NULL && !thread->debug && !gco_waiter_is_doomed_at (self, home) &&
                   !g_cancellable_is_cancelled (cancellable)) &&
         try_fast (mutex, self);
}

/**
 * gco_mutex_init: (skip)
 * @mutex: a mutex
 *
 * Makes @mutex unlocked, as zero-filled memory is anyway.
 *
 * Since: 1.0
 */
void
gco_mutex_init (GcoMutex *mutex)
{
  gco_mutex_init_with_context (mutex, NULL);
}

/**
 * gco_mutex_init_with_context: (skip)
 * @mutex: a mutex
 * @ctx: (nullable): a context that outlives all waits
 *
 * Makes @mutex unlocked. The wake-ups that it causes go through @ctx: a dispatch
 * of @ctx passes them on to the contexts of the coroutines. The mutex itself
 * changes hands in unlock, as ever.
 *
 * Since: 1.0
 */
void
gco_mutex_init_with_context (GcoMutex      *mutex,
                             GcoAioContext *ctx)
{
  g_return_if_fail (mutex != NULL);

  *mutex = (GcoMutex){ 0, NULL, NULL, ctx };
}

/**
 * gco_mutex_lock: (skip)
 * @mutex: a mutex
 *
 * Locks @mutex for the running coroutine, which waits behind all others that
 * want it. Coroutine only; may yield. Any thread; the holder may be in another.
 *
 * Locking a mutex that one holds is fatal, and so is to end while one holds it.
 *
 * Since: 1.0
 */
void
gco_mutex_lock (GcoMutex *mutex)
{
  GcoCoroutine *self = gco_coroutine_here ();

  if (G_UNLIKELY (self == NULL))
    gco_fatal ("gco_mutex_lock: not in a coroutine");
  if (G_UNLIKELY (!try_fast (mutex, self)))
    lock_slowly (mutex, &gco_wait_no_limits, "gco_mutex_lock", NULL);
}

/**
 * gco_mutex_lock_cancellable: (skip)
 * @mutex: a mutex
 * @cancellable: (nullable): what may end the wait
 * @error: return location for an error
 *
 * Locks @mutex like [method@Gco.Mutex.lock], or gives up with
 * `G_IO_ERROR_CANCELLED`. Whoever was handed the mutex before the cancellation
 * has it, and gets TRUE. Coroutine only; may yield.
 *
 * Returns: TRUE if the running coroutine holds @mutex
 *
 * Since: 1.0
 */
gboolean
gco_mutex_lock_cancellable (GcoMutex     *mutex,
                            GCancellable *cancellable,
                            GError      **error)
{
  g_return_val_if_fail (mutex != NULL, FALSE);
  g_return_val_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return G_LIKELY (try_limited (mutex, cancellable)) ||
         lock_slowly (mutex,
                      &GCO_WAIT_CANCELLABLE (cancellable),
                      "gco_mutex_lock_cancellable",
                      error);
}

/**
 * gco_mutex_lock_until: (skip)
 * @mutex: a mutex
 * @clock: (nullable): a clock, or NULL for the monotonic one
 * @deadline_ns: when to give up, in nanoseconds of @clock; `G_MAXINT64` for never
 * @cancellable: (nullable): what may end the wait as well
 * @error: return location for an error
 *
 * Locks @mutex like [method@Gco.Mutex.lock], or gives up with
 * `G_IO_ERROR_TIMED_OUT` or `G_IO_ERROR_CANCELLED`. Whoever was handed the mutex
 * before that has it, and gets TRUE. A free mutex is taken even after the
 * deadline; for one that is held, a deadline in the past ends the wait in the next
 * dispatch. Coroutine only; may yield.
 *
 * Returns: TRUE if the running coroutine holds @mutex
 *
 * Since: 1.0
 */
gboolean
gco_mutex_lock_until (GcoMutex     *mutex,
                      GcoClock     *clock,
                      gint64        deadline_ns,
                      GCancellable *cancellable,
                      GError      **error)
{
  g_return_val_if_fail (mutex != NULL, FALSE);
  g_return_val_if_fail (clock == NULL || GCO_IS_CLOCK (clock), FALSE);
  g_return_val_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return G_LIKELY (try_limited (mutex, cancellable)) ||
         lock_slowly (mutex,
                      &GCO_WAIT_UNTIL (clock, deadline_ns, cancellable),
                      "gco_mutex_lock_until",
                      error);
}

/**
 * gco_mutex_trylock: (skip)
 * @mutex: a mutex
 *
 * Locks @mutex if nobody holds it. Coroutine only; never yields.
 *
 * Returns: TRUE if the running coroutine holds @mutex now; FALSE if anybody
 *   does already
 *
 * Since: 1.0
 */
gboolean
gco_mutex_trylock (GcoMutex *mutex)
{
  GcoCoroutine *self = gco_coroutine_here ();

  if (G_UNLIKELY (self == NULL))
    gco_fatal ("gco_mutex_trylock: not in a coroutine");
  return try_fast (mutex, self);
}

static G_GNUC_NORETURN void
fail_unlock (GcoMutex     *mutex,
             guintptr      state,
             GcoCoroutine *self)
{
  if (self == NULL)
    gco_fatal ("gco_mutex_unlock: not in a coroutine; GcoMutex %p is held by %s",
               (gpointer) mutex,
               gco_holder_describe (holder (state)));
  if (holder (state) == 0)
    gco_fatal ("gco_mutex_unlock: GcoMutex %p is not locked (by %s)",
               (gpointer) mutex,
               gco_coroutine_describe (self));
  gco_fatal ("gco_mutex_unlock: GcoMutex %p is held by %s%s, not by %s",
             (gpointer) mutex,
             gco_holder_coroutine (holder (state)) != NULL ? "coroutine " : "",
             gco_holder_describe (holder (state)),
             gco_coroutine_describe (self));
}

/* Gives the mutex to the first that can have it: NULL if none can. @self has it. */
static GcoWaiter *
hand_over (GcoMutex *mutex,
           guintptr  self)
{
  GcoWaitList *list = waiters (mutex);
  guintptr     now;

  while (list->head != NULL)
    {
      GcoWaiter   *first = list->head;
      GcoWaitState state = gco_waiter_grant (first, list);

      if (G_LIKELY (state == GCO_WAIT_GRANTED))
        {
          gco_busy_release (&mutex->state, state_of (mutex, gco_waiter_as_holder (first)));
          return first;
        }
      if (state == GCO_WAIT_WAITING)
        {
          gco_busy_release (&mutex->state, state_of (mutex, self));
          gco_busy_let_pass ();
          now = gco_busy_take (&mutex->state);
          /* Of asynchronous callers one may unlock what another one has. */
          if (G_UNLIKELY (holder (now) != self))
            {
              gco_busy_release (&mutex->state, now);
              return NULL;
            }
        }
    }
  gco_busy_release (&mutex->state, 0);
  return NULL;
}

static __attribute__ ((noinline)) void
unlock_slowly (GcoMutex     *mutex,
               GcoCoroutine *self)
{
  guintptr       state = gco_busy_take (&mutex->state);
  GcoAioContext *ctx = mutex->ctx;
  GcoWaiter     *heir;

  if (G_UNLIKELY (self == NULL || holder (state) != (guintptr) self))
    fail_unlock (mutex, state, self);
  self->held--;
  heir = hand_over (mutex, (guintptr) self);
  if (heir != NULL)
    gco_waiter_wake (heir, ctx, "gco_mutex_unlock");
}

/**
 * gco_mutex_unlock: (skip)
 * @mutex: a mutex that the running coroutine holds
 *
 * Hands @mutex to the coroutine that has waited longest, which is made ready in
 * its own context, or unlocks it. Once it is handed over, @mutex is not touched
 * any more: the heir may free it. Coroutine only; never yields.
 *
 * Unlocking a mutex that another coroutine holds, or none, is fatal.
 *
 * Since: 1.0
 */
void
gco_mutex_unlock (GcoMutex *mutex)
{
  GcoCoroutine *self = gco_thread_here ()->current;
  guintptr      mine = (guintptr) self;

  /* Only coroutines hold it. Pairs with try_fast() */
  if (G_UNLIKELY (self == NULL || gco_load_relaxed (&mutex->state) != mine ||
                  !gco_cas_release (&mutex->state, &mine, 0)))
    unlock_slowly (mutex, gco_coroutine_here ());
  else
    self->held--;
}

/* ------------------------------------------------------ for those who call back */

gboolean
gco_mutex_trylock_async (GcoMutex *mutex)
{
  guintptr unlocked = 0;

  /* pairs with the release in unlock */
  return gco_cas_acquire (&mutex->state, &unlocked, GCO_HELD_ASYNC);
}

gboolean
gco_mutex_is_held_async (GcoMutex *mutex)
{
  return holder (gco_load_relaxed (&mutex->state)) == GCO_HELD_ASYNC;
}

gboolean
gco_mutex_is_locked (GcoMutex *mutex)
{
  return holder (gco_load_relaxed (&mutex->state)) != 0;
}

gboolean
gco_mutex_unlock_async (GcoMutex   *mutex,
                        const char *caller)
{
  guintptr       state = GCO_HELD_ASYNC;
  GcoAioContext *ctx;
  GcoWaiter     *heir;

  /* pairs with try_fast() */
  if (G_LIKELY (gco_cas_release (&mutex->state, &state, 0)))
    return TRUE;
  state = gco_busy_take (&mutex->state);
  ctx = mutex->ctx;
  if (holder (state) != GCO_HELD_ASYNC)
    {
      gco_busy_release (&mutex->state, state);
      return FALSE;
    }
  heir = hand_over (mutex, GCO_HELD_ASYNC);
  if (heir != NULL)
    gco_waiter_wake (heir, ctx, caller);
  return TRUE;
}
