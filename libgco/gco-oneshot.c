/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Functions that a dispatch calls once. Their records are kept by the thread
 * that ran them, for those that it or another one schedules. */

#include "gco-aio-context-private.h"

#include "gco-bh-private.h"

/* So many spare records a thread keeps, and then passes on. */
#define BATCH 256

typedef struct
{
  GcoReady       ready;
  GcoFunc        func;      /* NULL: only destroy */
  gpointer       user_data; /* of a spare one: how many there are from it on */
  GDestroyNotify destroy;
} GcoOneshot;

static void
recycle (GcoOneshot *oneshot)
{
  GcoThread  *thread = gco_thread_get ();
  GcoOneshot *spare = (GcoOneshot *) thread->spare;
  guint       n = spare != NULL ? GPOINTER_TO_UINT (spare->user_data) : 0;

  if (G_UNLIKELY (n >= BATCH))
    {
      gco_thread_pass_on_spare (thread);
      n = 0;
    }
  oneshot->ready.next = thread->spare;
  oneshot->user_data = GUINT_TO_POINTER (n + 1);
  thread->spare = &oneshot->ready;
}

static __attribute__ ((noinline)) GcoOneshot *
take_first (GcoThread *thread)
{
  GcoReady *first = gco_thread_refill_spare (thread);

  if (first == NULL)
    return g_new (GcoOneshot, 1);
  thread->spare = first->next;
  return (GcoOneshot *) first;
}

static void
run (GcoReady *ready)
{
  GcoOneshot *oneshot = (GcoOneshot *) ready;

  if (oneshot->func != NULL)
    {
      GCO_PROBE2 (oneshot__run, oneshot->func, oneshot->user_data);
      gco_thread_get ()->ctx->progress = TRUE;
      oneshot->func (oneshot->user_data);
    }
  if (oneshot->destroy != NULL)
    oneshot->destroy (oneshot->user_data);
  recycle (oneshot);
}

GcoReady *
gco_oneshot_new (GcoFunc        func,
                 gpointer       user_data,
                 GDestroyNotify destroy)
{
  GcoThread  *thread = gco_thread_get ();
  GcoOneshot *oneshot = (GcoOneshot *) thread->spare;

  if (G_UNLIKELY (oneshot == NULL))
    oneshot = take_first (thread);
  else
    thread->spare = oneshot->ready.next;
  oneshot->ready.run = run;
  oneshot->func = func;
  oneshot->user_data = user_data;
  oneshot->destroy = destroy;
  return &oneshot->ready;
}

void
gco_ready_discard (GcoReady      *ready,
                   GcoAioContext *ctx)
{
  GcoOneshot *oneshot = (GcoOneshot *) ready;

  if (gco_bh_discard (ready))
    return;
  g_assert (ready->run == run);
  if (oneshot->func != NULL)
    g_warning ("A one-shot of AioContext %p is not run: the context is gone",
               (gpointer) ctx);
  if (oneshot->destroy != NULL)
    oneshot->destroy (oneshot->user_data);
  /* in any thread */
  g_free (oneshot);
}

void
gco_aio_context_run_anyway (GcoAioContext *ctx,
                            GcoFunc        func,
                            gpointer       user_data)
{
  if (func != NULL)
    gco_aio_context_push (ctx, gco_oneshot_new (NULL, user_data, func));
}

/**
 * gco_aio_context_schedule_oneshot:
 * @ctx: (nullable): a context, or NULL for the one at hand
 * @func: (scope notified) (closure user_data) (destroy destroy): a function
 * @user_data: data for @func
 * @destroy: (nullable): frees @user_data
 *
 * Has @func called once, from a dispatch of @ctx in its home thread, after all
 * that was scheduled there before. @destroy is called there too, right after.
 *
 * Any thread may call this; it never yields. If the context is freed first,
 * @func is not called, with a warning, and @destroy is called where the last
 * reference goes.
 *
 * Since: 1.0
 */
void
gco_aio_context_schedule_oneshot (GcoAioContext *ctx,
                                  GcoFunc        func,
                                  gpointer       user_data,
                                  GDestroyNotify destroy)
{
  g_return_if_fail (ctx == NULL || GCO_IS_AIO_CONTEXT (ctx));
  g_return_if_fail (func != NULL);

  gco_aio_context_push (gco_aio_context_resolve (ctx),
                        gco_oneshot_new (func, user_data, destroy));
}
