/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Who sleeps, who wakes. One word, changed only by atomic exchanges:
 *
 *   AWAKE     the home thread runs, and will look before it sleeps
 *   ASLEEP    it sleeps, or is about to: whoever changes this kicks
 *   NOTIFIED  there is, or was, something to look at
 *
 *   waker: push (ready); exchange (NOTIFIED), kick if that was ASLEEP
 *   home:  exchange (AWAKE); take what was pushed; run it; and again until
 *          cas (AWAKE -> ASLEEP) succeeds; sleep; exchange (AWAKE)
 *
 * No wake-up is lost: a push before the last exchange (AWAKE) is taken by what
 * follows it, any later one leaves NOTIFIED behind, and then the cas fails or
 * the kick comes. A waker writes to the descriptor at most once a sleep.
 */

#include "gco-aio-context-private.h"

void
gco_notify (GcoAioContext *ctx)
{
  /* pairs with gco_notify_begin_sleep() and gco_notify_accept() */
  if (gco_exchange (&ctx->notify_state, GCO_NOTIFY_NOTIFIED) == GCO_NOTIFY_ASLEEP)
    gco_poller_kick (ctx->poller);
}

void
gco_notify_sleeper (GcoAioContext *ctx)
{
  if (!gco_aio_context_is_home (ctx, gco_thread_get ()) ||
      gco_load_relaxed (&ctx->notify_state) == GCO_NOTIFY_ASLEEP)
    gco_notify (ctx);
}

gboolean
gco_notify_begin_sleep (GcoAioContext *ctx)
{
  guint awake = GCO_NOTIFY_AWAKE;

  /* pairs with gco_notify() */
  if (gco_cas (&ctx->notify_state, &awake, GCO_NOTIFY_ASLEEP))
    return TRUE;
  /* A GSource is prepared again and again without a check between. */
  return awake == GCO_NOTIFY_ASLEEP;
}

gboolean
gco_notify_end_sleep (GcoAioContext *ctx)
{
  guint asleep = GCO_NOTIFY_ASLEEP;

  return !gco_cas (&ctx->notify_state, &asleep, GCO_NOTIFY_AWAKE) &&
         asleep == GCO_NOTIFY_NOTIFIED;
}

void
gco_notify_accept (GcoAioContext *ctx)
{
  if (gco_load_relaxed (&ctx->notify_state) != GCO_NOTIFY_AWAKE)
    /* pairs with gco_notify(): what was pushed before is seen after */
    gco_exchange (&ctx->notify_state, GCO_NOTIFY_AWAKE);
}
