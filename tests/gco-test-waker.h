/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Another thread that grants a wait in a queue, and wakes only when the context that is
 * shut down meanwhile sleeps for want of anything else to do. For tests that see the
 * private parts. */

#pragma once

#include "gco-test.h"

#include "gco-waiter-private.h"

typedef struct
{
  GcoAioContext *ctx; /* that is shut down */
  GcoAioContext *via; /* by way of which it wakes, or NULL */
  GcoWaiter     *granted;
  gboolean       returned; /* (atomic) from the shutdown */
} GcoTestWaker;

static inline gpointer
gco_test_waker_main (gpointer user_data)
{
  GcoTestWaker *self = user_data;

  while (!g_atomic_int_get (&self->returned) &&
         gco_load_relaxed (&self->ctx->notify_state) != GCO_NOTIFY_ASLEEP)
    g_thread_yield ();
  gco_waiter_wake (self->granted, self->via, "gco_test_waker_main");
  return NULL;
}

/* Grants as gco_queue_next() does, shuts down, and returns when both have ended. */
static inline void
gco_test_shut_down_before_wake (GcoAioContext *ctx,
                                GcoQueue      *queue,
                                GcoAioContext *via)
{
  GcoWaitList *list = (GcoWaitList *) &queue->head;
  GcoTestWaker self = { ctx, via, NULL, FALSE };
  GThread     *thread;

  gco_busy_take (&queue->state);
  self.granted = list->head;
  g_assert_cmpint (gco_waiter_grant (self.granted, list), ==, GCO_WAIT_GRANTED);
  gco_busy_release (&queue->state, 0);
  thread = g_thread_new ("waker", gco_test_waker_main, &self);
  gco_aio_context_shutdown (ctx);
  g_atomic_int_set (&self.returned, TRUE);
  g_thread_join (thread);
}
