/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Park and wake. A wait that can be cancelled has its state in a small counted
 * record: a canceller may come when the waiter, its stack and the lock are long
 * gone, and it touches nothing but that.
 */

#include "gco-waiter-private.h"

#include <sched.h>

#include "gco-clock-private.h"
#include "gco-debug-private.h"
#include "gco-fatal-private.h"
#include "gco-trace-private.h"

#define SPINS 100

const GcoWaitLimits gco_wait_no_limits = { FALSE, NULL, NULL, -1 };

guintptr
gco_busy_take_slowly (guintptr *state)
{
  guint n = 0;

  for (;;)
    {
      guintptr seen = gco_load_relaxed (state);

      if (!(seen & GCO_BUSY) && gco_cas_acquire (state, &seen, seen | GCO_BUSY))
        return seen;
      /* Whoever has it may have been preempted. */
      if (++n < SPINS)
        gco_cpu_relax ();
      else
        sched_yield ();
    }
}

void
gco_busy_let_pass (void)
{
  sched_yield ();
}

const char *
gco_holder_describe (guintptr holder)
{
  if (holder == GCO_HELD_ASYNC)
    return "an asynchronous caller";
  return gco_coroutine_describe (gco_holder_coroutine (holder));
}

/* --------------------------------------------------------------- the record */

GcoWaitRecord *
gco_wait_record_new (GcoWaiter *waiter)
{
  GcoWaitRecord *record = g_new (GcoWaitRecord, 1);

  *record = (GcoWaitRecord){ GCO_WAIT_WAITING, 1, 0, waiter };
  return record;
}

void
gco_wait_record_unref (GcoWaitRecord *record)
{
  if (g_atomic_int_dec_and_test (&record->ref_count))
    g_free (record);
}

static void
unref_closure (gpointer  data,
               GClosure *closure)
{
  gco_wait_record_unref (data);
}

/* Has a waiter that is WAITING no more look at what it is now. The last touch. */
static void
post (GcoWaiter  *waiter,
      const char *who)
{
  if (waiter->coroutine != NULL)
    gco_coroutine_wake_by (waiter->coroutine, who);
  else
    gco_aio_context_push (((GcoAsyncWaiter *) waiter)->ctx, &waiter->hop);
}

/* FALSE: the wait has ended, or gco_waiter_unpin() goes on from here. */
static gboolean
cancel_state (guint *state)
{
  guint seen = GCO_WAIT_WAITING;

  while (!gco_cas (state,
                   &seen,
                   seen == GCO_WAIT_WAITING ? GCO_WAIT_CANCELLED : GCO_WAIT_PINNED_CANCELLED))
    if (seen != GCO_WAIT_WAITING && seen != GCO_WAIT_PINNED)
      return FALSE;
  return seen == GCO_WAIT_WAITING;
}

void
gco_wait_record_cancel (GcoWaitRecord *record)
{
  GcoWaiter *waiter = record->waiter;

  /* Pairs with gco_waiter_grant(). From here on nobody else wakes the waiter. */
  if (!cancel_state (&record->state))
    return;
  GCO_PROBE1 (waiter__cancel, waiter);
  post (waiter, "g_cancellable_cancel");
}

/* Any thread, inside the emission: g_cancellable_disconnect() would deadlock
 * here, which is why nobody uses it. */
static void
on_cancelled (GCancellable  *cancellable,
              GcoWaitRecord *record)
{
  gco_wait_record_cancel (record);
}

gulong
gco_wait_record_connect (GcoWaitRecord *record,
                         GCancellable  *cancellable)
{
  g_atomic_int_inc (&record->ref_count);
  return g_signal_connect_data (cancellable,
                                "cancelled",
                                G_CALLBACK (on_cancelled),
                                record,
                                unref_closure,
                                0);
}

static void
on_deadline (gpointer user_data)
{
  GcoWaiter *waiter = user_data;

  if (!gco_wait_state_change (waiter->state, GCO_WAIT_WAITING, GCO_WAIT_CANCELLED))
    return;
  GCO_PROBE1 (waiter__cancel, waiter);
  waiter->timed_out = TRUE;
  gco_coroutine_wake_by (waiter->coroutine, waiter->klass->what);
}

gboolean
gco_waiter_pin (GcoWaiter *waiter)
{
  return gco_wait_state_change (waiter->state, GCO_WAIT_WAITING, GCO_WAIT_PINNED);
}

void
gco_waiter_unpin (GcoWaiter *waiter)
{
  /* pairs with cancel_state() */
  if (gco_wait_state_change (waiter->state, GCO_WAIT_PINNED, GCO_WAIT_WAITING))
    return;
  gco_store_release (waiter->state, GCO_WAIT_CANCELLED);
  GCO_PROBE1 (waiter__cancel, waiter);
  post (waiter, "g_cancellable_cancel");
}

/* ------------------------------------------------------------------- waiting */

void
gco_waiter_init (GcoWaiter            *waiter,
                 const GcoWaiterClass *klass,
                 gpointer              lock,
                 const char           *caller)
{
  waiter->coroutine = gco_coroutine_self_at_home (caller);
  waiter->lock = lock;
  waiter->klass = klass;
  waiter->state = &waiter->own_state;
  waiter->own_state = GCO_WAIT_WAITING;
  waiter->can_fail = FALSE;
  waiter->limited = FALSE;
  waiter->exclusive = FALSE;
  waiter->timer = NULL;
  waiter->timed_out = FALSE;
  waiter->item = NULL;
  waiter->blocker = NULL;
}

static void
set_error (GcoWaiter *waiter,
           GError   **error)
{
  if (waiter->timed_out)
    g_set_error (error,
                 G_IO_ERROR,
                 G_IO_ERROR_TIMED_OUT,
                 "Timed out while waiting for %s",
                 waiter->klass->what);
  else
    g_set_error (error,
                 G_IO_ERROR,
                 G_IO_ERROR_CANCELLED,
                 "Cancelled while waiting for %s",
                 waiter->klass->what);
}

gboolean
gco_waiter_is_doomed (GcoCoroutine *coroutine)
{
  return gco_waiter_is_doomed_at (coroutine, gco_coroutine_get_home (coroutine));
}

gboolean
gco_waiter_may_wait (GcoWaiter           *waiter,
                     const GcoWaitLimits *limits,
                     GError             **error)
{
  if (!limits->can_fail)
    return TRUE;
  if (G_UNLIKELY (gco_thread_here ()->debug) &&
      gco_debug_refuse_wait (waiter->coroutine, error))
    return FALSE;
  if (g_cancellable_is_cancelled (limits->cancellable) ||
      gco_waiter_is_doomed (waiter->coroutine))
    {
      set_error (waiter, error);
      return FALSE;
    }
  waiter->can_fail = TRUE;
  waiter->limited = limits->cancellable != NULL || limits->deadline_ns >= 0;
  if (limits->cancellable != NULL)
    waiter->state = &gco_wait_record_new (waiter)->state;
  return TRUE;
}

void
gco_waiter_forgo (GcoWaiter *waiter)
{
  if (waiter->state != &waiter->own_state)
    gco_wait_record_unref (gco_wait_record_of (waiter));
}

static G_GNUC_NORETURN void
fail_stray (GcoWaiter *waiter)
{
  gco_fatal ("coroutine %s was woken while waiting for %s, and not by what it"
             " waits for",
             gco_coroutine_describe (waiter->coroutine),
             waiter->klass->what);
}

/* The clock is read by each dispatch, not by each wait. */
static inline guint
ticks_now (GcoThread *thread)
{
  return G_LIKELY (thread->ctx != NULL) ? thread->ctx->began
                                        : gco_ticks_of_ns (gco_monotonic_ns ());
}

static void
suspend (GcoWaiter *waiter)
{
  GcoCoroutine *self = waiter->coroutine;
  GcoThread    *thread = gco_thread_get ();

  self->waiter = waiter;
  self->since = ticks_now (thread);
  if (GCO_PROBE_IS_ON (waiter__wait))
    gco_trace_suspend (waiter);
  else
    gco_coroutine_suspend (thread);
  GCO_PROBE2 (waiter__end, waiter, waiter->state);
  self->waiter = NULL;
  if (G_UNLIKELY (gco_load_acquire (waiter->state) == GCO_WAIT_WAITING))
    fail_stray (waiter);
}

/* The waiter runs again, or never stopped: how did it end? */
static gboolean
settle_outcome (GcoWaiter *waiter,
                GError   **error)
{
  if (G_LIKELY (gco_load_acquire (waiter->state) == GCO_WAIT_GRANTED))
    return TRUE;
  /* pairs with gco_waiter_grant(): DETACHED means hands off */
  if (gco_wait_state_change (waiter->state, GCO_WAIT_CANCELLED, GCO_WAIT_LEAVING) &&
      waiter->klass->leave != NULL)
    waiter->klass->leave (waiter);
  set_error (waiter, error);
  return FALSE;
}

static void
suspend_until (GcoWaiter           *waiter,
               const GcoWaitLimits *limits)
{
  GcoTimer timer;

  if (limits->deadline_ns < 0)
    {
      suspend (waiter);
      return;
    }
  gco_timer_embed (&timer,
                   gco_coroutine_get_home (waiter->coroutine),
                   limits->clock,
                   on_deadline,
                   waiter);
  gco_timer_mod_ns (&timer, limits->deadline_ns);
  waiter->timer = &timer;
  suspend (waiter);
  waiter->timer = NULL;
  gco_timer_del (&timer);
}

static gboolean
park_cancellable (GcoWaiter           *waiter,
                  const GcoWaitLimits *limits,
                  GError             **error)
{
  GcoWaitRecord *record = gco_wait_record_of (waiter);
  GCancellable  *cancellable = g_object_ref (limits->cancellable);
  gboolean       granted;
  gulong         handler;

  handler = gco_wait_record_connect (record, cancellable);
  /* Cancelled before the handler was there: nobody will wake us. */
  if (!g_cancellable_is_cancelled (cancellable) ||
      !gco_wait_state_change (&record->state, GCO_WAIT_WAITING, GCO_WAIT_CANCELLED))
    suspend_until (waiter, limits);
  g_signal_handler_disconnect (cancellable, handler);
  /* Whoever cancelled may have dropped it, and what goes with it is foreign. */
  gco_coroutine_call_outside (g_object_unref, cancellable);
  granted = settle_outcome (waiter, error);
  waiter->state = &waiter->own_state;
  gco_wait_record_unref (record);
  return granted;
}

gboolean
gco_waiter_park (GcoWaiter           *waiter,
                 const GcoWaitLimits *limits,
                 GError             **error)
{
  if (limits->cancellable != NULL)
    return park_cancellable (waiter, limits, error);
  if (waiter->blocker != NULL && !waiter->can_fail)
    gco_waiter_check_deadlock (waiter);
  suspend_until (waiter, limits);
  return settle_outcome (waiter, error);
}

/* ------------------------------------------------------------------ granting */

GcoWaitState
gco_waiter_grant (GcoWaiter   *waiter,
                  GcoWaitList *list)
{
  GcoWaiter *previous = waiter->previous;
  GcoWaiter *next = waiter->next;

  /* pairs with cancel_state(), on_deadline(), gco_waiter_interrupt() */
  if (G_LIKELY (gco_wait_state_change (waiter->state, GCO_WAIT_WAITING, GCO_WAIT_GRANTED)))
    {
      GCO_PROBE1 (waiter__grant, waiter);
      gco_wait_list_close (list, previous, next);
      return GCO_WAIT_GRANTED;
    }
  /* pairs with settle_outcome(): from then on @waiter may be gone */
  if (gco_wait_state_change (waiter->state, GCO_WAIT_CANCELLED, GCO_WAIT_DETACHED))
    {
      gco_wait_list_close (list, previous, next);
      return GCO_WAIT_DETACHED;
    }
  return GCO_WAIT_WAITING;
}

static GcoAioContext *
home_of (GcoWaiter *waiter)
{
  return waiter->coroutine != NULL ? gco_coroutine_get_home (waiter->coroutine)
                                   : ((GcoAsyncWaiter *) waiter)->ctx;
}

static void
arrive (GcoReady *hop)
{
  GcoWaiter *waiter = gco_waiter_from_hop (hop);

  if (waiter->coroutine != NULL)
    {
      gco_coroutine_push (waiter->coroutine);
      return;
    }
  hop->run = gco_async_waiter_finish;
  gco_aio_context_push (home_of (waiter), hop);
}

/* In a dispatch of the lock's context. */
static void
pass_on (GcoReady *hop)
{
  gco_thread_get ()->ctx->progress = TRUE;
  arrive (hop);
}

static void
send_by (GcoWaiter     *waiter,
         GcoAioContext *ctx,
         const char    *who)
{
  GcoAioContext *home;

  if (waiter->coroutine != NULL)
    gco_coroutine_claim (waiter->coroutine, who);
  /* Once it is pushed the waiter may go on, and its home go. */
  home = g_object_ref (home_of (waiter));
  waiter->hop.run = pass_on;
  gco_aio_context_push (ctx, &waiter->hop);
  /* Pairs with gco_aio_context_shutdown(): that sees the hop, or is seen here. */
  if (G_UNLIKELY (gco_fetch_or (&home->closing, 0) || gco_load_relaxed (&home->alone)))
    gco_notify (home);
  g_object_unref (home);
}

void
gco_waiter_wake (GcoWaiter     *waiter,
                 GcoAioContext *ctx,
                 const char    *who)
{
  if (G_LIKELY (ctx == NULL) || ctx == home_of (waiter))
    post (waiter, who);
  else
    send_by (waiter, ctx, who);
}

void
gco_waiter_wake_all (GcoWaiter     *granted,
                     GcoAioContext *ctx,
                     const char    *who)
{
  while (granted != NULL)
    {
      GcoWaiter *waiter = granted;

      granted = waiter->next;
      gco_waiter_wake (waiter, ctx, who);
    }
}

/* ------------------------------------------------------------------ teardown */

static gboolean
is_hop_to (GcoReady      *ready,
           GcoAioContext *ctx)
{
  return ready->run == pass_on && home_of (gco_waiter_from_hop (ready)) == ctx;
}

void
gco_waiter_fetch_hops (GcoAioContext *ctx)
{
  GcoReadyList hops = { NULL, NULL };
  GcoReady    *hop;

  gco_aio_context_take_from_others (ctx, is_hop_to, &hops);
  while ((hop = gco_ready_list_pop (&hops)) != NULL)
    arrive (hop);
}

gboolean
gco_waiter_interrupt (GcoWaiter  *waiter,
                      const char *who)
{
  if (waiter->klass->ask != NULL)
    return waiter->klass->ask (waiter);
  /* Granted in another thread, which has not woken it yet: that ends the wait, too. */
  if (!waiter->can_fail)
    return gco_load_relaxed (waiter->state) != GCO_WAIT_WAITING;
  if (gco_wait_state_change (waiter->state, GCO_WAIT_WAITING, GCO_WAIT_CANCELLED))
    {
      GCO_PROBE1 (waiter__cancel, waiter);
      gco_coroutine_wake_by (waiter->coroutine, who);
    }
  return TRUE;
}

gboolean
gco_waiter_abandon (GcoWaiter *waiter)
{
  if (!gco_wait_state_change (waiter->state, GCO_WAIT_WAITING, GCO_WAIT_LEAVING))
    return FALSE;
  if (waiter->timer != NULL)
    gco_timer_del (waiter->timer);
  if (waiter->klass->leave != NULL)
    waiter->klass->leave (waiter);
  return TRUE;
}
