/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The loop without a GMainContext. Before it blocks it spins for a while, as
 * long as the last wake-ups came soon: a thread that hands work to and fro with
 * another one then does so in less time than falling asleep takes.
 */

#include "gco-aio-context-private.h"
#include "gco-clock-private.h"
#include "gco-fatal-private.h"

#include <sched.h>

#define SPIN_NS G_GINT64_CONSTANT (50000)
#define SOON_NS G_GINT64_CONSTANT (200000)

/* Who has not come by then may be waiting for this very processor. */
#define POLITE_NS G_GINT64_CONSTANT (3000)

/* How many looks at the word between two at the clock and the descriptors. */
#define SPIN_BATCH 16

/* How long a poll may block: 0 not at all, < 0 for ever. */
static gint64
time_left_ns (GcoAioContext *ctx)
{
  gint64 due;
  gint64 now;

  if (gco_aio_context_has_ready (ctx) || ctx->idle.head != NULL)
    return 0;
  due = gco_timers_next (ctx);
  if (due <= 0)
    return due;
  /* once: MAX() looks twice, and it may be due in between */
  now = gco_monotonic_ns ();
  return due > now ? due - now : 0;
}

static gboolean
has_several_cpus (void)
{
  static guint n_cpus;

  if (G_UNLIKELY (gco_load_relaxed (&n_cpus) == 0))
    gco_store_relaxed (&n_cpus, g_get_num_processors ());
  return gco_load_relaxed (&n_cpus) > 1;
}

/* TRUE if there is something to do, @n_events of @events maybe. */
static gboolean
spin (GcoAioContext  *ctx,
      gint64          start,
      gint64          spin_ns,
      GcoPollerEvent *events,
      guint          *n_events)
{
  gint64 now = start;

  do
    {
      if (now - start >= POLITE_NS)
        sched_yield ();
      for (int i = 0; i < SPIN_BATCH; i++)
        {
          if (gco_load_relaxed (&ctx->notify_state) == GCO_NOTIFY_NOTIFIED)
            return TRUE;
          gco_cpu_relax ();
        }
      if (gco_load_relaxed (&ctx->n_watches) > 0)
        *n_events = gco_poller_wait (ctx->poller, 0, events);
      now = gco_monotonic_ns ();
    }
  while (*n_events == 0 && now - start < spin_ns);
  return *n_events > 0;
}

/* Returns when there is something to do, or when it was notified. */
static guint
block (GcoAioContext  *ctx,
       gint64          timeout,
       GcoPollerEvent *events)
{
  guint    n_events = 0;
  gboolean notified = FALSE;
  gint64   start = gco_monotonic_ns ();
  gint64   spin_ns = timeout < 0 ? ctx->spin_ns : MIN (timeout, ctx->spin_ns);

  if (spin_ns > 0)
    {
      if (spin (ctx, start, spin_ns, events, &n_events))
        return n_events;
      timeout = time_left_ns (ctx);
    }
  while (n_events == 0 && !notified && timeout != 0)
    {
      if (!gco_notify_begin_sleep (ctx))
        break;
      n_events = gco_poller_wait (ctx->poller, timeout, events);
      notified = gco_notify_end_sleep (ctx);
      /* A kick that was left over, a signal: not what the caller waits for. */
      timeout = time_left_ns (ctx);
    }

  ctx->spin_ns = has_several_cpus () && gco_monotonic_ns () - start < SOON_NS
                     ? SPIN_NS
                     : 0;
  return n_events;
}

/* A context that is attached is polled as the owner of its GMainContext. */
static GMainContext *
acquire_main_context (GcoAioContext *ctx)
{
  GMainContext *main_context = gco_aio_context_dup_main_context (ctx);

  if (main_context != NULL && !g_main_context_acquire (main_context))
    gco_fatal ("gco_aio_context_poll: AioContext %p is attached to a GMainContext"
               " that another thread owns",
               (gpointer) ctx);
  return main_context;
}

/**
 * gco_aio_context_poll:
 * @ctx: a context
 * @may_block: whether to wait until there is something to do
 *
 * Runs what is ready in @ctx: coroutines, bottom halves, handlers, timers; the
 * same that its source runs in a GMainContext. Coroutines it runs may wait, but
 * the caller must not be one.
 *
 * The calling thread becomes the home of @ctx if it has none; in another thread
 * than its home, or in a coroutine, this is fatal. If @ctx is attached, its
 * GMainContext is acquired meanwhile, but nothing else in it is dispatched: what
 * waits for GLib's own callbacks needs that to be iterated.
 *
 * A blocking poll also returns after [method@Gco.AioContext.notify].
 *
 * Returns: TRUE if anything ran other than idle bottom halves
 *
 * Since: 1.0
 */
gboolean
gco_aio_context_poll (GcoAioContext *ctx,
                      gboolean       may_block)
{
  GcoPollerEvent events[GCO_POLLER_MAX_EVENTS];
  guint          n_events = 0;
  GMainContext  *main_context = NULL;
  gint64         timeout;
  gboolean       progress;

  g_return_val_if_fail (GCO_IS_AIO_CONTEXT (ctx), FALSE);

  gco_aio_context_enter_loop (ctx, "gco_aio_context_poll");
  if (gco_load_relaxed (&ctx->source) != NULL)
    main_context = acquire_main_context (ctx);

  timeout = may_block ? time_left_ns (ctx) : 0;
  if (timeout != 0)
    n_events = block (ctx, timeout, events);
  else if (gco_load_relaxed (&ctx->n_watches) > 0)
    n_events = gco_poller_wait (ctx->poller, 0, events);
  /* what it runs may drop the last that others have */
  g_object_ref (ctx);
  progress = gco_aio_context_dispatch (ctx, events, n_events, gco_monotonic_ns ());
  g_object_unref (ctx);

  if (main_context != NULL)
    {
      g_main_context_release (main_context);
      g_main_context_unref (main_context);
    }
  return progress;
}

/**
 * gco_aio_context_trypoll: (rename-to gco_aio_context_poll)
 * @ctx: a context
 * @may_block: whether to wait until there is something to do
 * @error: return location for an error
 *
 * Like [method@Gco.AioContext.poll], but where that would be fatal this fails: with
 * `G_IO_ERROR_PERMISSION_DENIED` if @ctx is at home in another thread, or another
 * thread owns the GMainContext that it is attached to; with `G_IO_ERROR_WOULD_BLOCK` in
 * a coroutine. What other languages know as `poll()`.
 *
 * Returns: TRUE if anything ran other than idle bottom halves; FALSE if nothing did, or
 *   with @error set
 *
 * Since: 1.0
 */
gboolean
gco_aio_context_trypoll (GcoAioContext *ctx,
                         gboolean       may_block,
                         GError       **error)
{
  g_autoptr (GMainContext) main_context = NULL;
  GcoThread *home;
  gboolean   progress;

  g_return_val_if_fail (GCO_IS_AIO_CONTEXT (ctx), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (gco_in_coroutine ())
    {
      g_set_error_literal (error,
                           G_IO_ERROR,
                           G_IO_ERROR_WOULD_BLOCK,
                           "An AioContext is not polled in a coroutine");
      return FALSE;
    }
  home = gco_load_relaxed (&ctx->home);
  main_context = gco_aio_context_dup_main_context (ctx);
  if ((home != NULL && home != gco_thread_get ()) ||
      (main_context != NULL && !g_main_context_acquire (main_context)))
    {
      g_set_error_literal (error,
                           G_IO_ERROR,
                           G_IO_ERROR_PERMISSION_DENIED,
                           "The AioContext, or its main context, is another thread's");
      return FALSE;
    }
  progress = gco_aio_context_poll (ctx, may_block);
  if (main_context != NULL)
    g_main_context_release (main_context);
  return progress;
}
