/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Waiters that are no coroutines. They stand in the same lists; only what a
 * grant or a cancellation does to them differs: it posts the hop, and the rest
 * happens in a dispatch of their own context.
 */

#include "gco-waiter-private.h"

#include "gco-trace-private.h"

gboolean
gco_async_waiter_init (GcoAsyncWaiter       *self,
                       const GcoWaiterClass *klass,
                       gpointer              lock,
                       GcoAioContext        *ctx,
                       GCancellable         *cancellable,
                       void (*done) (GcoAsyncWaiter *self,
                                     gboolean        granted))
{
  *self = (GcoAsyncWaiter){
    .waiter.lock = lock,
    .waiter.klass = klass,
    .waiter.state = &self->waiter.own_state,
    .waiter.own_state = GCO_WAIT_WAITING,
    .waiter.can_fail = TRUE,
    .waiter.hop.run = gco_async_waiter_finish,
    .ctx = ctx,
    .done = done,
  };
  if (cancellable == NULL)
    return TRUE;
  self->cancellable = g_object_ref (cancellable);
  self->waiter.state = &gco_wait_record_new (&self->waiter)->state;
  return !g_cancellable_is_cancelled (cancellable);
}

void
gco_async_waiter_clear (GcoAsyncWaiter *self)
{
  if (self->cancellable != NULL)
    {
      gco_wait_record_unref (gco_wait_record_of (&self->waiter));
      g_object_unref (self->cancellable);
    }
  g_object_unref (self->ctx);
}

/* Nobody iterates a context that is alone for long: see gco_run_sync(). */
static void
note_lone (GcoAsyncWaiter *self)
{
  self->link.data = self;
  g_queue_push_tail_link (&self->ctx->lone_waits, &self->link);
}

static void
forget_lone (GcoAsyncWaiter *self)
{
  if (self->link.data != NULL)
    g_queue_unlink (&self->ctx->lone_waits, &self->link);
}

gboolean
gco_async_waiter_cancel_lone (GcoAioContext *ctx)
{
  gboolean any = FALSE;

  for (GList *link = ctx->lone_waits.head; link->data != NULL; link = link->next)
    {
      GcoAsyncWaiter *self = link->data;

      if (self->waiter.can_fail &&
          gco_wait_state_change (self->waiter.state, GCO_WAIT_WAITING, GCO_WAIT_CANCELLED))
        {
          GCO_PROBE1 (waiter__cancel, &self->waiter);
          gco_aio_context_push (ctx, &self->waiter.hop);
        }
      any = any || gco_load_relaxed (self->waiter.state) != GCO_WAIT_WAITING;
    }
  return any;
}

GcoAsyncWatch
gco_async_waiter_begin_watch (GcoAsyncWaiter *self)
{
  if (G_UNLIKELY (gco_load_relaxed (&self->ctx->alone)))
    note_lone (self);
  if (GCO_PROBE_IS_ON (waiter__wait))
    gco_trace_async_wait (self);
  if (self->cancellable == NULL)
    return (GcoAsyncWatch){ NULL, NULL };
  g_atomic_int_inc (&gco_wait_record_of (&self->waiter)->ref_count);
  return (GcoAsyncWatch){ g_object_ref (self->cancellable), gco_wait_record_of (&self->waiter) };
}

static void
drop (GcoAsyncWatch *watch)
{
  if (watch->cancellable == NULL)
    return;
  gco_wait_record_unref (watch->record);
  g_object_unref (watch->cancellable);
}

/* Two may come to do it, and one of them before the handler is there. */
static void
disconnect (GCancellable  *cancellable,
            GcoWaitRecord *record)
{
  /* pairs with gco_async_waiter_watch() */
  gulong handler = gco_exchange (&record->handler, 0);

  if (handler != 0)
    g_signal_handler_disconnect (cancellable, handler);
}

void
gco_async_waiter_watch (GcoAsyncWatch *watch)
{
  if (watch->cancellable == NULL)
    return;
  /* Pairs with disconnect(): who finds no handler has ended the wait before, as is
   * seen below. */
  gco_exchange (&watch->record->handler,
                gco_wait_record_connect (watch->record, watch->cancellable));
  /* Before the handler was there it was cancelled, or the wait was over. */
  if (g_cancellable_is_cancelled (watch->cancellable))
    gco_wait_record_cancel (watch->record);
  if (gco_load_acquire (&watch->record->state) != GCO_WAIT_WAITING)
    disconnect (watch->cancellable, watch->record);
  drop (watch);
}

void
gco_async_waiter_take (GcoAsyncWaiter *self,
                       GcoAsyncWatch  *watch)
{
  forget_lone (self);
  gco_store_relaxed (self->waiter.state, GCO_WAIT_GRANTED);
  GCO_PROBE2 (waiter__end, self, self->waiter.state);
  drop (watch);
}

/* What settle_outcome() is to a coroutine. */
void
gco_async_waiter_finish (GcoReady *hop)
{
  GcoWaiter      *waiter = gco_waiter_from_hop (hop);
  GcoAsyncWaiter *self = (GcoAsyncWaiter *) waiter;
  gboolean        granted = gco_load_acquire (waiter->state) == GCO_WAIT_GRANTED;

  forget_lone (self);
  self->ctx->progress = TRUE;
  GCO_PROBE2 (waiter__end, waiter, waiter->state);
  if (self->began != 0)
    gco_trace_async_end (self);
  if (self->cancellable != NULL)
    disconnect (self->cancellable, gco_wait_record_of (&self->waiter));
  /* pairs with gco_waiter_grant(): DETACHED means hands off */
  if (!granted &&
      gco_wait_state_change (waiter->state, GCO_WAIT_CANCELLED, GCO_WAIT_LEAVING) &&
      waiter->klass->leave != NULL)
    waiter->klass->leave (waiter);
  self->done (self, granted);
}
