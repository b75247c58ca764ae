/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Permits, handed over in the order in which they were asked for.
 *
 *   state   how many are free, by PERMIT; with WAITERS while the list is not
 *           empty, and then none is free; with BUSY while somebody changes either
 */

#include "gco-semaphore-private.h"

#include "gco-fatal-private.h"

#define WAITERS ((guintptr) 2)
#define PERMIT ((guintptr) 4)

G_STATIC_ASSERT (sizeof (GcoSemaphore) == 6 * sizeof (gpointer));

static GcoWaitList *
waiters (GcoSemaphore *semaphore)
{
  return (GcoWaitList *) &semaphore->head;
}

static guintptr
none_free (GcoSemaphore *semaphore)
{
  return semaphore->head != NULL ? WAITERS : 0;
}

static void
leave (GcoWaiter *waiter)
{
  GcoSemaphore *semaphore = waiter->lock;

  gco_busy_take (&semaphore->state);
  gco_wait_list_close (waiters (semaphore), waiter->previous, waiter->next);
  gco_busy_release (&semaphore->state, none_free (semaphore));
}

const GcoWaiterClass gco_semaphore_waiter = { "a GcoSemaphore", leave, NULL };

static inline gboolean
try_fast (GcoSemaphore *semaphore)
{
  guintptr state = gco_load_relaxed (&semaphore->state);

  /* pairs with the release in gco_semaphore_tryrelease() */
  return G_LIKELY (state >= PERMIT && !(state & (GCO_BUSY | WAITERS)) &&
                   gco_cas_acquire (&semaphore->state, &state, state - PERMIT));
}

gboolean
gco_semaphore_acquire_or_enqueue (gpointer   lock,
                                  GcoWaiter *waiter)
{
  GcoSemaphore *semaphore = lock;
  guintptr      state = gco_busy_take (&semaphore->state);

  if (state >= PERMIT)
    {
      gco_busy_release (&semaphore->state, state - PERMIT);
      return TRUE;
    }
  gco_wait_list_append (waiters (semaphore), waiter);
  gco_busy_release (&semaphore->state, WAITERS);
  return FALSE;
}

static __attribute__ ((noinline)) gboolean
acquire_slowly (GcoSemaphore        *semaphore,
                const GcoWaitLimits *limits,
                const char          *caller,
                GError             **error)
{
  GcoWaiter waiter;

  if (G_UNLIKELY (semaphore->n_permits == 0))
    gco_fatal ("%s: GcoSemaphore %p was not initialised", caller, (gpointer) semaphore);
  gco_waiter_init (&waiter, &gco_semaphore_waiter, semaphore, caller);
  if (!gco_waiter_may_wait (&waiter, limits, error))
    return FALSE;
  if (gco_semaphore_acquire_or_enqueue (semaphore, &waiter))
    {
      gco_waiter_forgo (&waiter);
      return TRUE;
    }
  return gco_waiter_park (&waiter, limits, error);
}

/**
 * gco_semaphore_init: (skip)
 * @semaphore: a semaphore
 * @n_permits: how many may hold it at once, 1 or more
 *
 * Makes all permits of @semaphore free.
 *
 * Since: 1.0
 */
void
gco_semaphore_init (GcoSemaphore *semaphore,
                    guint         n_permits)
{
  gco_semaphore_init_with_context (semaphore, n_permits, NULL);
}

/**
 * gco_semaphore_init_with_context: (skip)
 * @semaphore: a semaphore
 * @n_permits: how many may hold it at once, 1 or more
 * @ctx: (nullable): a context that outlives all waits
 *
 * Makes all permits of @semaphore free. The wake-ups that it causes go by way of @ctx:
 * a dispatch of @ctx passes them on to the contexts of those who wait.
 *
 * Since: 1.0
 */
void
gco_semaphore_init_with_context (GcoSemaphore  *semaphore,
                                 guint          n_permits,
                                 GcoAioContext *ctx)
{
  g_return_if_fail (semaphore != NULL);
  g_return_if_fail (n_permits > 0 && n_permits <= GCO_SEMAPHORE_MAX);

  *semaphore = (GcoSemaphore){ n_permits * PERMIT, NULL, NULL, ctx, n_permits, NULL };
}

/**
 * gco_semaphore_acquire: (skip)
 * @semaphore: a semaphore
 *
 * Takes a permit, behind all others that want one. Coroutine only; may yield.
 * Any thread.
 *
 * Since: 1.0
 */
void
gco_semaphore_acquire (GcoSemaphore *semaphore)
{
  g_return_if_fail (semaphore != NULL);

  if (G_UNLIKELY (!gco_in_coroutine ()))
    gco_fatal ("gco_semaphore_acquire: not in a coroutine");
  if (G_UNLIKELY (!try_fast (semaphore)))
    acquire_slowly (semaphore, &gco_wait_no_limits, "gco_semaphore_acquire", NULL);
}

/**
 * gco_semaphore_acquire_cancellable: (skip)
 * @semaphore: a semaphore
 * @cancellable: (nullable): what may end the wait
 * @error: return location for an error
 *
 * Takes a permit like [method@Gco.Semaphore.acquire], or gives up with
 * `G_IO_ERROR_CANCELLED`. Whoever was given a permit before the cancellation has
 * it, and gets TRUE. Coroutine only; may yield.
 *
 * Returns: TRUE if the caller has a permit
 *
 * Since: 1.0
 */
gboolean
gco_semaphore_acquire_cancellable (GcoSemaphore *semaphore,
                                   GCancellable *cancellable,
                                   GError      **error)
{
  g_return_val_if_fail (semaphore != NULL, FALSE);
  g_return_val_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return acquire_slowly (semaphore,
                         &GCO_WAIT_CANCELLABLE (cancellable),
                         "gco_semaphore_acquire_cancellable",
                         error);
}

/**
 * gco_semaphore_acquire_until: (skip)
 * @semaphore: a semaphore
 * @clock: (nullable): a clock, or NULL for the monotonic one
 * @deadline_ns: when to give up, in nanoseconds of @clock; `G_MAXINT64` for never
 * @cancellable: (nullable): what may end the wait as well
 * @error: return location for an error
 *
 * Takes a permit like [method@Gco.Semaphore.acquire], or gives up with
 * `G_IO_ERROR_TIMED_OUT` or `G_IO_ERROR_CANCELLED`. A free permit is taken even
 * after the deadline. Coroutine only; may yield.
 *
 * Returns: TRUE if the caller has a permit
 *
 * Since: 1.0
 */
gboolean
gco_semaphore_acquire_until (GcoSemaphore *semaphore,
                             GcoClock     *clock,
                             gint64        deadline_ns,
                             GCancellable *cancellable,
                             GError      **error)
{
  g_return_val_if_fail (semaphore != NULL, FALSE);
  g_return_val_if_fail (clock == NULL || GCO_IS_CLOCK (clock), FALSE);
  g_return_val_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return acquire_slowly (semaphore,
                         &GCO_WAIT_UNTIL (clock, deadline_ns, cancellable),
                         "gco_semaphore_acquire_until",
                         error);
}

/**
 * gco_semaphore_tryacquire: (skip)
 * @semaphore: a semaphore
 *
 * Takes a permit if one is free. Any thread, in a coroutine or not; never yields.
 *
 * Returns: TRUE if the caller has a permit
 *
 * Since: 1.0
 */
gboolean
gco_semaphore_tryacquire (GcoSemaphore *semaphore)
{
  guintptr state;
  gboolean acquired;

  g_return_val_if_fail (semaphore != NULL, FALSE);

  if (G_LIKELY (try_fast (semaphore)))
    return TRUE;
  state = gco_busy_take (&semaphore->state);
  acquired = state >= PERMIT;
  gco_busy_release (&semaphore->state, acquired ? state - PERMIT : state);
  return acquired;
}

/* (BUSY) Gives a permit to the first who can have it, or lets it be free, and ends
 * BUSY; returns whom to wake. @state is what BUSY was taken with. */
static GcoWaiter *
hand_over (GcoSemaphore *semaphore,
           guintptr      state)
{
  GcoWaitList *list = waiters (semaphore);

  while (list->head != NULL)
    {
      GcoWaiter   *first = list->head;
      GcoWaitState decided = gco_waiter_grant (first, list);

      if (G_LIKELY (decided == GCO_WAIT_GRANTED))
        {
          gco_busy_release (&semaphore->state, none_free (semaphore));
          return first;
        }
      if (decided == GCO_WAIT_WAITING)
        {
          gco_busy_release (&semaphore->state, WAITERS);
          gco_busy_let_pass ();
          state = gco_busy_take (&semaphore->state);
        }
    }
  gco_busy_release (&semaphore->state, (state & ~WAITERS) + PERMIT);
  return NULL;
}

gboolean
gco_semaphore_tryrelease (GcoSemaphore *semaphore,
                          const char   *caller)
{
  guintptr       all_free = semaphore->n_permits * PERMIT;
  guintptr       state = gco_load_relaxed (&semaphore->state);
  GcoAioContext *ctx;
  GcoWaiter     *heir;

  /* pairs with try_fast() */
  if (G_LIKELY (!(state & (GCO_BUSY | WAITERS)) && state < all_free &&
                gco_cas_release (&semaphore->state, &state, state + PERMIT)))
    return TRUE;
  state = gco_busy_take (&semaphore->state);
  ctx = semaphore->ctx;
  if (state >= all_free)
    {
      gco_busy_release (&semaphore->state, state);
      return FALSE;
    }
  heir = hand_over (semaphore, state);
  if (heir != NULL)
    gco_waiter_wake (heir, ctx, caller);
  return TRUE;
}

/**
 * gco_semaphore_release: (skip)
 * @semaphore: a semaphore
 *
 * Gives back a permit: to whoever has waited longest, or to be free. Once it is
 * handed over, @semaphore is not touched any more. Any thread, in a coroutine or
 * not; never yields.
 *
 * To give back more than was taken is fatal.
 *
 * Since: 1.0
 */
void
gco_semaphore_release (GcoSemaphore *semaphore)
{
  g_return_if_fail (semaphore != NULL);

  if (G_UNLIKELY (!gco_semaphore_tryrelease (semaphore, "gco_semaphore_release")))
    gco_fatal ("gco_semaphore_release: all %u permits of GcoSemaphore %p are free (by %s)",
               semaphore->n_permits,
               (gpointer) semaphore,
               gco_coroutine_describe (gco_coroutine_self ()));
}

/**
 * gco_semaphore_get_n_free: (skip)
 * @semaphore: a semaphore
 *
 * How many permits are free, now. Any thread.
 *
 * Returns: a number
 *
 * Since: 1.0
 */
guint
gco_semaphore_get_n_free (GcoSemaphore *semaphore)
{
  g_return_val_if_fail (semaphore != NULL, 0);

  return (guint) (gco_load_relaxed (&semaphore->state) / PERMIT);
}
