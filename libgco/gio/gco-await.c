/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Waiting for a GAsyncReadyCallback.
 *
 *   state   0 at first; the GcoWaiter once the coroutine waits; READY once the
 *           callback was called, which is its last touch of the await
 */

#include "gco-await.h"

#include "../gco-fatal-private.h"
#include "gco-cancel-later-private.h"

#define READY ((guintptr) 1)

G_STATIC_ASSERT (sizeof (GcoAwait) == 8 * sizeof (gpointer));

static void
cancel (gpointer user_data)
{
  g_cancellable_cancel (user_data);
}

/* The operation is asked to end; its callback still comes. */
static gboolean
ask (GcoWaiter *waiter)
{
  GcoAwait *await = waiter->lock;

  gco_cancel_later (waiter, await->cancellable);
  return TRUE;
}

static const GcoWaiterClass await_waiter = { "a GAsyncResult", NULL, ask };

/**
 * gco_await_init: (skip)
 * @await: an await
 * @cancellable: (nullable): the cancellable that the operation was given, or is
 *   going to be
 *
 * Makes @await ready for use, like `GCO_AWAIT_INIT`. If @cancellable is
 * given, [method@Gco.AioContext.shutdown], the scope of the coroutine and the
 * deadline of [method@Gco.Await.until] cancel it; the caller keeps it alive.
 *
 * Since: 1.0
 */
void
gco_await_init (GcoAwait     *await,
                GCancellable *cancellable)
{
  g_return_if_fail (await != NULL);
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  *await = (GcoAwait){ 0, NULL, cancellable, { NULL } };
}

static G_GNUC_NORETURN void
fail_twice (GcoAwait *await)
{
  gco_fatal ("gco_await_ready: called twice for GcoAwait %p", (gpointer) await);
}

/**
 * gco_await_ready: (skip)
 * @source_object: (nullable): ignored
 * @result: what the operation gave
 * @await: the [struct@Gco.Await]
 *
 * The [callback@Gio.AsyncReadyCallback] to give to an asynchronous function,
 * with a [struct@Gco.Await] as its user data. It never runs the coroutine. Any
 * thread. Called twice for one await, it is fatal.
 *
 * Since: 1.0
 */
void
gco_await_ready (GObject      *source_object,
                 GAsyncResult *result,
                 gpointer      await)
{
  GcoAwait   *self = await;
  GcoWaiter  *waiter;
  GcoWaitList alone;
  guintptr    before;

  g_return_if_fail (self != NULL);

  if (gco_load_acquire (&self->state) == READY)
    fail_twice (self);
  self->result = g_object_ref (result);
  /* pairs with gco_await() */
  before = gco_exchange (&self->state, READY);
  if (before == 0)
    return;
  if (G_UNLIKELY (before == READY))
    fail_twice (self);
  waiter = (GcoWaiter *) before;
  waiter->next = waiter->previous = NULL;
  alone = (GcoWaitList){ waiter, waiter };
  if (gco_waiter_grant (waiter, &alone) == GCO_WAIT_GRANTED)
    gco_waiter_wake (waiter, NULL, "gco_await_ready");
}

static void
check_attached (GcoCoroutine *self)
{
  GcoAioContext *ctx = gco_coroutine_get_home (self);

  if (!gco_aio_context_is_attached (ctx))
    gco_fatal ("gco_await: coroutine %s waits for a callback of GLib, but its"
               " AioContext %p is attached to no GMainContext",
               gco_coroutine_describe (self),
               (gpointer) ctx);
}

static G_GNUC_NORETURN void
fail_shared (GcoAwait  *await,
             GcoWaiter *waiter,
             GcoWaiter *other)
{
  gco_fatal ("gco_await: coroutine %s finds coroutine %s waiting for GcoAwait %p",
             gco_coroutine_describe (waiter->coroutine),
             gco_coroutine_describe (other->coroutine),
             (gpointer) await);
}

/**
 * gco_await: (skip) (method)
 * @await: an await whose [func@Gco.Await.ready] was given to an operation
 *
 * Suspends the running coroutine until the operation has called back; returns at
 * once if it has. The wait itself cannot be cancelled: cancel the operation.
 * Afterwards @await can be used for another operation. Allocates nothing. Two
 * coroutines that wait for one @await are fatal.
 *
 * The callback comes from a GMainContext: in a coroutine whose AioContext is
 * attached to none this is fatal. Coroutine only; may yield.
 *
 * Returns: (transfer full): the result, for the finish function
 *
 * Since: 1.0
 */
GAsyncResult *
gco_await (GcoAwait *await)
{
  guintptr  nothing = 0;
  GcoWaiter waiter;

  g_return_val_if_fail (await != NULL, NULL);

  gco_waiter_init (&waiter, &await_waiter, await, "gco_await");
  if (gco_load_acquire (&await->state) != READY)
    {
      check_attached (waiter.coroutine);
      if (gco_waiter_is_doomed (waiter.coroutine))
        ask (&waiter);
      /* pairs with gco_await_ready() */
      if (gco_cas (&await->state, &nothing, (guintptr) &waiter))
        gco_waiter_park (&waiter, &gco_wait_no_limits, NULL);
      else if (G_UNLIKELY (nothing != READY))
        fail_shared (await, &waiter, (GcoWaiter *) nothing);
    }
  gco_store_relaxed (&await->state, 0);
  return g_steal_pointer (&await->result);
}

/**
 * gco_await_until: (skip)
 * @await: an await that was given a cancellable by [method@Gco.Await.init], and
 *   whose [func@Gco.Await.ready] was given to an operation
 * @clock: (nullable): a clock, or NULL for the monotonic one
 * @deadline_ns: when to cancel the operation, in nanoseconds of @clock
 *
 * Like [method@Gco.Await.await], and cancels the operation at the deadline: then its
 * finish function will tell of `G_IO_ERROR_CANCELLED`, unless it was quicker. The
 * callback is waited for in any case. Coroutine only; may yield.
 *
 * Returns: (transfer full): the result, for the finish function
 *
 * Since: 1.0
 */
GAsyncResult *
gco_await_until (GcoAwait *await,
                 GcoClock *clock,
                 gint64    deadline_ns)
{
  GAsyncResult *result;
  GcoCoroutine *self;
  GcoTimer      timer;

  g_return_val_if_fail (await != NULL, NULL);
  /* left at once, the operation would call back to where nothing is any more */
  g_return_val_if_fail (G_IS_CANCELLABLE (await->cancellable), gco_await (await));
  g_return_val_if_fail (clock == NULL || GCO_IS_CLOCK (clock), gco_await (await));

  self = gco_coroutine_self_at_home ("gco_await_until");
  gco_timer_embed (&timer,
                   gco_coroutine_get_home (self),
                   clock,
                   cancel,
                   await->cancellable);
  gco_timer_mod_ns (&timer, MAX (deadline_ns, 0));
  result = gco_await (await);
  gco_timer_del (&timer);
  return result;
}
