/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Bottom halves: functions that may be scheduled again and again and are called
 * once each time.
 *
 *   QUEUED     it is in a list of its context (never in two)
 *   SCHEDULED  and is to be called when it comes out
 *   IDLE       but only by a dispatch that finds nothing else
 *   FREED      and is to be freed when it comes out
 *
 * Only the home thread takes one out. Nothing is touched after the callback has
 * run: it may have freed the bottom half, and a loop inside it taken it out.
 */

#include "gco-bh-private.h"

#include "gco-aio-context-private.h"
#include "gco-fatal-private.h"

enum
{
  QUEUED = 1 << 0,
  SCHEDULED = 1 << 1,
  IDLE = 1 << 2,
  FREED = 1 << 3,
};

struct _GcoBh
{
  GcoReady       ready;
  guint          flags;     /* (atomic) */
  GcoAioContext *ctx;       /* (immutable) */
  GcoFunc        func;      /* (immutable) */
  gpointer       user_data; /* (immutable) */
  GDestroyNotify destroy;   /* (immutable) */
};

static void
finish (GcoBh *bh)
{
  if (bh->destroy != NULL)
    bh->destroy (bh->user_data);
  g_free (bh);
}

static void
call (GcoBh *bh)
{
  GcoAioContext *ctx = bh->ctx;
  gpointer       outer = ctx->running;

  ctx->running = bh;
  ctx->progress = ctx->progress || !ctx->in_idle;
  bh->func (bh->user_data);
  ctx->running = outer;
}

static void
run (GcoReady *ready)
{
  GcoBh *bh = (GcoBh *) ready;
  guint  flags;

  /* From here on it can be queued again. Pairs with enqueue(). */
  flags = gco_fetch_and (&bh->flags, ~(guint) (QUEUED | SCHEDULED | IDLE));
  if (flags & FREED)
    finish (bh);
  else if (flags & SCHEDULED)
    call (bh);
}

/* An idle one that came out of the ready list goes to stand with the others. */
static void
run_idle (GcoReady *ready)
{
  GcoBh *bh = (GcoBh *) ready;
  guint  flags = gco_load_acquire (&bh->flags);

  ready->run = run;
  if ((flags & IDLE) && !(flags & FREED))
    gco_ready_list_push (&bh->ctx->idle, ready);
  else
    run (ready);
}

static void
place (GcoAioContext *ctx,
       GcoBh         *bh,
       gboolean       idle)
{
  gboolean may_touch = gco_aio_context_is_home (ctx, gco_thread_get ()) &&
                       gco_load_relaxed (&ctx->notify_state) != GCO_NOTIFY_ASLEEP;

  bh->ready.run = idle && !may_touch ? run_idle : run;
  if (may_touch && idle)
    gco_ready_list_push (&ctx->idle, &bh->ready);
  else if (may_touch && ctx->running == bh)
    gco_ready_list_push (&ctx->deferred, &bh->ready);
  else
    gco_aio_context_push (ctx, &bh->ready);
}

static void
enqueue (GcoBh *bh,
         guint  add)
{
  /* It may run, and be freed, as soon as it is queued. */
  GcoAioContext *ctx = g_object_ref (bh->ctx);
  guint          before = gco_fetch_or (&bh->flags, add | QUEUED);

  if (before & QUEUED)
    {
      /* It may stand among the idle ones and is urgent now. */
      if ((before & IDLE) && !(add & IDLE))
        {
          gco_fetch_and (&bh->flags, ~(guint) IDLE);
          gco_store_release (&ctx->idle_hurry, TRUE);
          gco_notify (ctx);
        }
    }
  else
    {
      place (ctx, bh, add & IDLE);
    }
  g_object_unref (ctx);
}

gboolean
gco_bh_discard (GcoReady *ready)
{
  GcoBh *bh = (GcoBh *) ready;

  if (ready->run != run && ready->run != run_idle)
    return FALSE;
  if (gco_load_acquire (&bh->flags) & FREED)
    finish (bh);
  return TRUE;
}

/**
 * gco_bh_new: (skip)
 * @ctx: (nullable): a context, or NULL for the one at hand
 * @func: a function
 * @user_data: data for @func
 * @destroy: (nullable): frees @user_data, in the home thread of @ctx, or where the
 *   last reference to @ctx goes if that is earlier
 *
 * Makes a bottom half of @ctx, not yet scheduled. Any thread.
 *
 * Returns: (transfer full): the bottom half, which holds a reference to @ctx
 *
 * Since: 1.0
 */
GcoBh *
gco_bh_new (GcoAioContext *ctx,
            GcoFunc        func,
            gpointer       user_data,
            GDestroyNotify destroy)
{
  GcoBh *bh;

  g_return_val_if_fail (ctx == NULL || GCO_IS_AIO_CONTEXT (ctx), NULL);
  g_return_val_if_fail (func != NULL, NULL);

  bh = g_new0 (GcoBh, 1);
  bh->ready.run = run;
  bh->ctx = g_object_ref (gco_aio_context_resolve (ctx));
  bh->func = func;
  bh->user_data = user_data;
  bh->destroy = destroy;
  return bh;
}

/**
 * gco_bh_schedule: (skip)
 * @bh: a bottom half
 *
 * Has @bh called once, from a dispatch of its context, after all that was
 * scheduled there before; if that is so already, this changes nothing. From its
 * own callback it means the next dispatch. Any thread; never yields.
 *
 * Since: 1.0
 */
void
gco_bh_schedule (GcoBh *bh)
{
  g_return_if_fail (bh != NULL);

  enqueue (bh, SCHEDULED);
}

/**
 * gco_bh_schedule_idle: (skip)
 * @bh: a bottom half
 *
 * Has @bh called once by a dispatch that finds nothing else to do. It keeps the
 * loop from sleeping; one that schedules itself again leaves lower priorities of
 * the GMainContext their turn. Any thread; never yields.
 *
 * Since: 1.0
 */
void
gco_bh_schedule_idle (GcoBh *bh)
{
  g_return_if_fail (bh != NULL);

  enqueue (bh, SCHEDULED | IDLE);
}

/**
 * gco_bh_cancel: (skip)
 * @bh: a bottom half
 *
 * Takes back that @bh is scheduled. In the home thread of its context it is
 * then certain not to be called; in another, a call may be on its way.
 *
 * Since: 1.0
 */
void
gco_bh_cancel (GcoBh *bh)
{
  g_return_if_fail (bh != NULL);

  gco_fetch_and (&bh->flags, ~(guint) SCHEDULED);
}

/**
 * gco_bh_free: (skip)
 * @bh: (transfer full): a bottom half
 *
 * Frees @bh, which is not called any more; its user data is freed by a dispatch
 * of its context. Any thread, its own callback included.
 *
 * Since: 1.0
 */
void
gco_bh_free (GcoBh *bh)
{
  GcoAioContext *ctx;

  g_return_if_fail (bh != NULL);

  ctx = bh->ctx;
  if (gco_load_relaxed (&bh->flags) & FREED)
    gco_fatal ("gco_bh_free: bottom half %p is freed already", (gpointer) bh);
  gco_bh_cancel (bh);
  enqueue (bh, FREED);
  g_object_unref (ctx);
}
