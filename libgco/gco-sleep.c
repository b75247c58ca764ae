/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A sleep is a wait with a deadline. A GcoSleep is a lock with room for one
 * waiter, that grants it an early end:
 *
 *   state   the GcoWaiter, or 0; with WOKEN, a wake that nobody had yet; BUSY
 */

#include "gco-sleep.h"

#include "gco-fatal-private.h"
#include "gco-waiter-private.h"

#define WOKEN ((guintptr) 2)

G_STATIC_ASSERT (sizeof (GcoSleep) == 4 * sizeof (gpointer));

static void
leave (GcoWaiter *waiter)
{
  GcoSleep *sleep = waiter->lock;
  guintptr  state = gco_busy_take (&sleep->state);

  gco_busy_release (&sleep->state, state & WOKEN);
}

static const GcoWaiterClass plain_sleeper = { "a sleep to end", NULL, NULL };
static const GcoWaiterClass sleeper = { "a GcoSleep to end", leave, NULL };

static GcoWaitLimits
limits_for (GcoClock     *clock,
            gint64        ns,
            gboolean      can_fail,
            GCancellable *cancellable)
{
  GcoWaitLimits limits = { can_fail, cancellable, clock, -1 };
  gint64        now;

  if (ns >= 0)
    {
      now = gco_clock_get_time_ns (clock);
      limits.deadline_ns = ns > G_MAXINT64 - now ? G_MAXINT64 : now + ns;
    }
  return limits;
}

/* FALSE if there is nothing to tell but that the time was over. */
static gboolean
pass_on_error (GError **error,
               GError  *local_error)
{
  if (g_error_matches (local_error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT))
    g_clear_error (&local_error);
  if (local_error == NULL)
    return FALSE;
  g_propagate_error (error, local_error);
  return TRUE;
}

static gboolean
sleep_plainly (const GcoWaitLimits *limits,
               const char          *caller,
               GError             **error)
{
  GError   *local_error = NULL;
  GcoWaiter waiter;

  gco_waiter_init (&waiter, &plain_sleeper, NULL, caller);
  if (!gco_waiter_may_wait (&waiter, limits, error))
    return FALSE;
  gco_waiter_park (&waiter, limits, &local_error);
  return !pass_on_error (error, local_error);
}

/**
 * gco_sleep_ns: (skip)
 * @clock: (nullable): a clock, or NULL for the monotonic one
 * @ns: how long, in nanoseconds; 0 or less lets others run and goes on
 *
 * Suspends the running coroutine for at least @ns. Coroutine only; yields.
 *
 * Since: 1.0
 */
void
gco_sleep_ns (GcoClock *clock,
              gint64    ns)
{
  GcoWaitLimits limits;

  g_return_if_fail (clock == NULL || GCO_IS_CLOCK (clock));

  limits = limits_for (clock, MAX (ns, 0), FALSE, NULL);
  sleep_plainly (&limits, "gco_sleep_ns", NULL);
}

/**
 * gco_sleep_ns_cancellable: (skip)
 * @clock: (nullable): a clock, or NULL for the monotonic one
 * @ns: how long, in nanoseconds; 0 or less lets others run and goes on
 * @cancellable: (nullable): what may end the sleep
 * @error: return location for an error
 *
 * Like [func@Gco.Sleep.ns], or gives up with `G_IO_ERROR_CANCELLED`. Coroutine
 * only; may yield.
 *
 * Returns: TRUE if the time is over; FALSE with @error if it was cancelled
 *
 * Since: 1.0
 */
gboolean
gco_sleep_ns_cancellable (GcoClock     *clock,
                          gint64        ns,
                          GCancellable *cancellable,
                          GError      **error)
{
  GcoWaitLimits limits;

  g_return_val_if_fail (clock == NULL || GCO_IS_CLOCK (clock), FALSE);
  g_return_val_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  limits = limits_for (clock, MAX (ns, 0), TRUE, cancellable);
  return sleep_plainly (&limits, "gco_sleep_ns_cancellable", error);
}

/**
 * gco_sleep_until: (skip)
 * @clock: (nullable): a clock, or NULL for the monotonic one
 * @deadline_ns: when to go on, in nanoseconds of @clock; `G_MAXINT64` for never
 * @cancellable: (nullable): what may end the sleep as well
 * @error: return location for an error
 *
 * Suspends the running coroutine until @clock says @deadline_ns, or gives up with
 * `G_IO_ERROR_CANCELLED`. A deadline in the past lets others run and goes on in the
 * next dispatch. Coroutine only; may yield.
 *
 * Returns: TRUE if the time has come; FALSE with @error if it was cancelled
 *
 * Since: 1.0
 */
gboolean
gco_sleep_until (GcoClock     *clock,
                 gint64        deadline_ns,
                 GCancellable *cancellable,
                 GError      **error)
{
  g_return_val_if_fail (clock == NULL || GCO_IS_CLOCK (clock), FALSE);
  g_return_val_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return sleep_plainly (&GCO_WAIT_UNTIL (clock, deadline_ns, cancellable),
                        "gco_sleep_until",
                        error);
}

/* ----------------------------------------------------------------- GcoSleep */

/**
 * gco_sleep_init: (skip)
 * @sleep: a sleep
 *
 * Makes @sleep ready for use, as zero-filled memory is anyway.
 *
 * Since: 1.0
 */
void
gco_sleep_init (GcoSleep *sleep)
{
  g_return_if_fail (sleep != NULL);

  *sleep = (GcoSleep){ 0 };
}

/* FALSE if there was a wake already, which this takes. */
static gboolean
publish (GcoSleep   *sleep,
         GcoWaiter  *waiter,
         const char *caller)
{
  guintptr   state = gco_busy_take (&sleep->state);
  GcoWaiter *other = (GcoWaiter *) (state & ~WOKEN);

  if (G_UNLIKELY (other != NULL))
    gco_fatal ("%s: coroutine %s finds coroutine %s asleep in GcoSleep %p",
               caller,
               gco_coroutine_describe (waiter->coroutine),
               gco_coroutine_describe (other->coroutine),
               (gpointer) sleep);
  gco_busy_release (&sleep->state, state & WOKEN ? 0 : (guintptr) waiter);
  return !(state & WOKEN);
}

static gboolean
sleep_in (GcoSleep            *sleep,
          const GcoWaitLimits *limits,
          const char          *caller,
          GError             **error)
{
  GcoWaiter waiter;

  gco_waiter_init (&waiter, &sleeper, sleep, caller);
  if (!gco_waiter_may_wait (&waiter, limits, error))
    return FALSE;
  if (!publish (sleep, &waiter, caller))
    {
      gco_waiter_forgo (&waiter);
      return TRUE;
    }
  return gco_waiter_park (&waiter, limits, error);
}

static gboolean
sleep_in_ns (GcoSleep            *sleep,
             const GcoWaitLimits *limits,
             const char          *caller,
             GError             **error)
{
  GError *local_error = NULL;

  if (sleep_in (sleep, limits, caller, &local_error))
    return TRUE;
  pass_on_error (error, local_error);
  return FALSE;
}

/**
 * gco_sleep_wait_ns: (skip)
 * @sleep: a sleep, in which nobody sleeps
 * @clock: (nullable): a clock, or NULL for the monotonic one
 * @ns: how long at most, in nanoseconds; < 0 for as long as it takes
 *
 * Suspends the running coroutine until [method@Gco.Sleep.wake], or for @ns. A
 * wake that came before the sleep ends it at once. Coroutine only; may yield.
 *
 * Returns: TRUE if it was woken; FALSE if the time is over
 *
 * Since: 1.0
 */
gboolean
gco_sleep_wait_ns (GcoSleep *sleep,
                   GcoClock *clock,
                   gint64    ns)
{
  GcoWaitLimits limits;

  g_return_val_if_fail (sleep != NULL, FALSE);
  g_return_val_if_fail (clock == NULL || GCO_IS_CLOCK (clock), FALSE);

  limits = limits_for (clock, ns, FALSE, NULL);
  return sleep_in_ns (sleep, &limits, "gco_sleep_wait_ns", NULL);
}

/**
 * gco_sleep_wait_ns_cancellable: (skip)
 * @sleep: a sleep, in which nobody sleeps
 * @clock: (nullable): a clock, or NULL for the monotonic one
 * @ns: how long at most, in nanoseconds; < 0 for as long as it takes
 * @cancellable: (nullable): what may end the sleep as well
 * @error: return location for an error
 *
 * Like [method@Gco.Sleep.wait_ns], or gives up with `G_IO_ERROR_CANCELLED`.
 * Coroutine only; may yield.
 *
 * Returns: TRUE if it was woken; FALSE without @error if the time is over, and
 *   with it if it was cancelled
 *
 * Since: 1.0
 */
gboolean
gco_sleep_wait_ns_cancellable (GcoSleep     *sleep,
                               GcoClock     *clock,
                               gint64        ns,
                               GCancellable *cancellable,
                               GError      **error)
{
  GcoWaitLimits limits;

  g_return_val_if_fail (sleep != NULL, FALSE);
  g_return_val_if_fail (clock == NULL || GCO_IS_CLOCK (clock), FALSE);
  g_return_val_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  limits = limits_for (clock, ns, TRUE, cancellable);
  return sleep_in_ns (sleep, &limits, "gco_sleep_wait_ns_cancellable", error);
}

/**
 * gco_sleep_wait_until: (skip)
 * @sleep: a sleep, in which nobody sleeps
 * @clock: (nullable): a clock, or NULL for the monotonic one
 * @deadline_ns: when to give up, in nanoseconds of @clock; `G_MAXINT64` for never
 * @cancellable: (nullable): what may end the wait as well
 * @error: return location for an error
 *
 * Suspends the running coroutine until [method@Gco.Sleep.wake], or gives up with
 * `G_IO_ERROR_TIMED_OUT` or `G_IO_ERROR_CANCELLED`. A wake that came before the
 * sleep ends it at once, even after the deadline; without one, a deadline in the
 * past ends it in the next dispatch. Who gave up before the wake leaves it to the
 * next sleep. Coroutine only; may yield.
 *
 * Returns: TRUE if it was woken
 *
 * Since: 1.0
 */
gboolean
gco_sleep_wait_until (GcoSleep     *sleep,
                      GcoClock     *clock,
                      gint64        deadline_ns,
                      GCancellable *cancellable,
                      GError      **error)
{
  g_return_val_if_fail (sleep != NULL, FALSE);
  g_return_val_if_fail (clock == NULL || GCO_IS_CLOCK (clock), FALSE);
  g_return_val_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return sleep_in (sleep,
                   &GCO_WAIT_UNTIL (clock, deadline_ns, cancellable),
                   "gco_sleep_wait_until",
                   error);
}

/**
 * gco_sleep_wake: (skip)
 * @sleep: a sleep
 *
 * Wakes the coroutine that sleeps in @sleep, or else the next one that is about
 * to; several wakes before a sleep are one. @sleep may be freed as soon as this
 * returns. Any thread, in a coroutine or not; never yields.
 *
 * Since: 1.0
 */
void
gco_sleep_wake (GcoSleep *sleep)
{
  g_return_if_fail (sleep != NULL);

  for (;;)
    {
      guintptr     state = gco_busy_take (&sleep->state);
      GcoWaiter   *waiter = (GcoWaiter *) (state & ~WOKEN);
      GcoWaitList  alone = { waiter, waiter };
      GcoWaitState decided;

      if (waiter == NULL)
        {
          gco_busy_release (&sleep->state, WOKEN);
          return;
        }
      waiter->next = waiter->previous = NULL;
      decided = gco_waiter_grant (waiter, &alone);
      if (decided == GCO_WAIT_WAITING)
        {
          gco_busy_release (&sleep->state, state);
          gco_busy_let_pass ();
          continue;
        }
      /* One that was cancelled just before leaves the wake to the next. */
      gco_busy_release (&sleep->state, decided == GCO_WAIT_GRANTED ? 0 : WOKEN);
      if (decided == GCO_WAIT_GRANTED)
        gco_waiter_wake (waiter, NULL, "gco_sleep_wake");
      return;
    }
}
