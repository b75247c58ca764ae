/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The context as a GSource. The source owns the context, never the reverse: the
 * context only remembers which source is its live one.
 */

#include "gco-aio-context-private.h"
#include "gco-clock-private.h"

/* How long it may be ready all the time before it sits out an iteration. */
#define MAX_BUSY_NS G_GINT64_CONSTANT (1000000)

/* And in how many dispatches, where what it ran goes on in other sources of its priority:
 * fewer are over soon anyway, and would only change places. */
#define MIN_TURNS 32

/* How often in a row it has nothing to run when that is over. What it ran may go on in
 * other sources, and come back by way of them: a promise, a loop of another make. */
#define MAX_QUIET 3

/* How many it sits out in a row, while those sources have their turn instead. */
#define MAX_RESTS 4

typedef struct
{
  GSource        source;
  GcoAioContext *ctx; /* (immutable) */
  GcoPollerView  view;
  gboolean       is_over; /* (atomic) it is destroyed, and all that follows was done */
} GcoAioSource;

/* Whether idle bottom halves are to run: every other time, so that one which
 * schedules itself again does not starve lower priorities. */
static gboolean
wants_idle (GcoAioContext *ctx)
{
  return ctx->idle.head != NULL && !ctx->idle_rest;
}

/* (lock) */
static void
set_live (GSource *source)
{
  GcoAioSource  *self = (GcoAioSource *) source;
  GcoAioContext *ctx = self->ctx;

  if (ctx->source != NULL)
    gco_poller_detach (ctx->poller);
  gco_poller_attach (ctx->poller, source, &self->view);
  gco_store_relaxed (&ctx->source, source);
}

/* gco_aio_context_dup_source() may have handed @source out while another thread,
 * dropping what was the last reference, was on its way into dispose(). */
static void
set_live_again (GSource *source)
{
  GcoAioContext *ctx = ((GcoAioSource *) source)->ctx;

  g_mutex_lock (&ctx->lock);
  if (ctx->source == NULL && !g_source_is_destroyed (source))
    set_live (source);
  g_mutex_unlock (&ctx->lock);
}

/* Whether something is to run, whatever the descriptors say; else *@due is what
 * gco_timers_next() says. */
static gboolean
has_work (GcoAioContext *ctx,
          gint64        *due)
{
  if (gco_aio_context_has_ready (ctx) || wants_idle (ctx))
    return TRUE;
  *due = gco_timers_next (ctx);
  return *due == 0 || (*due > 0 && *due <= gco_monotonic_ns ());
}

static void
end_rest (GcoAioContext *ctx)
{
  ctx->rest = GCO_REST_NONE;
  ctx->n_rests = 0;
  ctx->busy_since = 0;
  ctx->active_since = 0;
  ctx->n_turns = 0;
}

/* While a source is ready, nothing of a lower priority, such as a redraw, has its
 * turn: not beside one that has something to run each time it is asked. */
static void
see_whether_to_rest (GcoAioContext *ctx,
                     gint64         start)
{
  gint64 due;
  gint64 now = gco_monotonic_ns ();

  ctx->n_quiet = 0;
  ctx->last_turn = now;
  if (ctx->active_since == 0)
    ctx->active_since = start;
  if (!has_work (ctx, &due))
    ctx->busy_since = 0;
  else if (ctx->busy_since == 0)
    ctx->busy_since = start;
  ctx->n_turns++;
  if ((ctx->n_turns >= MIN_TURNS && now - ctx->active_since >= MAX_BUSY_NS) ||
      (ctx->busy_since != 0 && now - ctx->busy_since >= MAX_BUSY_NS))
    ctx->rest = GCO_REST_DUE;
}

/* Whether this iteration is for others. If those give it more to run, they were at its
 * own priority, and the next one is, too. */
static gboolean
sits_out (GcoAioContext *ctx)
{
  gint64 due;

  if (ctx->rest == GCO_REST_NONE || (ctx->rest == GCO_REST_DUE && !has_work (ctx, &due)))
    return FALSE;
  if (ctx->n_rests == MAX_RESTS ||
      (ctx->rest == GCO_REST_TAKEN && ctx->rest_tail == ctx->ready.tail))
    {
      end_rest (ctx);
      return FALSE;
    }
  ctx->rest = GCO_REST_NOW;
  ctx->rest_tail = ctx->ready.tail;
  return TRUE;
}

static gboolean
prepare (GSource *source,
         int     *timeout)
{
  GcoAioSource  *self = (GcoAioSource *) source;
  GcoAioContext *ctx = self->ctx;
  gint64         due;

  if (G_UNLIKELY (gco_load_relaxed (&ctx->source) == NULL))
    set_live_again (source);
  gco_aio_context_enter_loop (ctx, "g_main_context_prepare");
  *timeout = 0;
  if (sits_out (ctx))
    return FALSE;
  if (has_work (ctx, &due))
    return TRUE;
  if (ctx->idle.head != NULL)
    return FALSE;
  if (!gco_notify_begin_sleep (ctx))
    {
      gco_notify_accept (ctx);
      return gco_aio_context_has_ready (ctx);
    }
  *timeout = gco_poller_prepare (
      ctx->poller, source, &self->view, gco_load_relaxed (&ctx->n_watches) > 0, due);
  return FALSE;
}

static gboolean
check (GSource *source)
{
  GcoAioSource  *self = (GcoAioSource *) source;
  GcoAioContext *ctx = self->ctx;

  gco_notify_end_sleep (ctx);
  if (ctx->rest == GCO_REST_NOW)
    {
      ctx->rest = GCO_REST_TAKEN;
      ctx->n_rests++;
      return FALSE;
    }
  if (gco_aio_context_has_ready (ctx) ||
      gco_poller_check (ctx->poller, source, &self->view))
    return TRUE;
  /* This iteration was for others. */
  ctx->idle_rest = FALSE;
  if (ctx->active_since != 0 && ++ctx->n_quiet == MAX_QUIET)
    end_rest (ctx);
  return FALSE;
}

static gboolean
dispatch (GSource    *source,
          GSourceFunc callback,
          gpointer    user_data)
{
  GcoAioSource  *self = (GcoAioSource *) source;
  GcoAioContext *ctx = self->ctx;
  GcoPollerEvent events[GCO_POLLER_MAX_EVENTS];
  gint64         start = gco_monotonic_ns ();
  guint          n_events = 0;

  gco_aio_context_enter_loop (ctx, "g_main_context_dispatch");
  /* Others had as much time. */
  if (start - ctx->last_turn >= MAX_BUSY_NS)
    end_rest (ctx);
  /* prepare() may have said "ready" without a look at the descriptors */
  if (gco_poller_accept (ctx->poller, source, &self->view) ||
      gco_load_relaxed (&ctx->n_watches) > 0)
    n_events = gco_poller_wait (ctx->poller, 0, events);
  /* As GLib does with the descriptors that are the source's: a loop within is not to wake
   * up for one that it may not dispatch. */
  if (G_UNLIKELY (!g_source_get_can_recurse (source)))
    gco_poller_hide (ctx->poller, &self->view);
  gco_aio_context_dispatch (ctx, events, n_events, start);
  see_whether_to_rest (ctx, start);
  return G_SOURCE_CONTINUE;
}

/* It is destroyed. Any thread, perhaps more than once. */
static void
end_source (GSource *source)
{
  GcoAioSource *self = (GcoAioSource *) source;

  gco_store_relaxed (&self->is_over, TRUE);
  gco_aio_context_forget (self->ctx);
  gco_poller_source_destroyed (self->ctx->poller, source, &self->view);
}

static void
dispose (GSource *source)
{
  GcoAioContext *ctx = ((GcoAioSource *) source)->ctx;

  /* unref_callback() may have been taken from it by g_source_set_callback(). */
  if (g_source_is_destroyed (source))
    end_source (source);
  g_mutex_lock (&ctx->lock);
  if (ctx->source == source)
    {
      gco_poller_detach (ctx->poller);
      gco_store_relaxed (&ctx->source, NULL);
    }
  g_mutex_unlock (&ctx->lock);
}

static void
finalize (GSource *source)
{
  g_object_unref (((GcoAioSource *) source)->ctx);
}

static GSourceFuncs source_funcs = { prepare, check, dispatch, finalize, NULL, NULL };

static gboolean
never_called (gpointer user_data)
{
  return G_SOURCE_CONTINUE;
}

static void
get_callback (gpointer     source,
              GSource     *same,
              GSourceFunc *func,
              gpointer    *user_data)
{
  *func = never_called;
  *user_data = NULL;
}

static void
ref_callback (gpointer source)
{
}

/* Also when the source is destroyed, with its GMainContext or before; in the midst of its
 * dispatch, too, which has another reference. */
static void
unref_callback (gpointer source)
{
  GcoAioSource *self = source;

  /* GLib may call this even after finalize(): then dispose() has been there. */
  if (!gco_load_relaxed (&self->is_over) && g_source_is_destroyed (source))
    end_source (source);
}

static GSourceCallbackFuncs callback_funcs = { ref_callback, unref_callback, get_callback };

/* (lock) With a reference; NULL if it was destroyed. */
static GSource *
ref_live (GcoAioContext *ctx)
{
  if (ctx->source == NULL || g_source_is_destroyed (ctx->source))
    return NULL;
  return g_source_ref (ctx->source);
}

/* (lock) */
static GSource *
make_source (GcoAioContext *ctx)
{
  GSource *source = g_source_new (&source_funcs, sizeof (GcoAioSource));

  ((GcoAioSource *) source)->ctx = g_object_ref (ctx);
  g_source_set_dispose_function (source, dispose);
  g_source_set_static_name (source, "GcoAioContext");
  g_source_set_can_recurse (source, TRUE);
  g_source_set_callback_indirect (source, source, &callback_funcs);
  set_live (source);
  return source;
}

/* (lock) */
static GMainContext *
find_main_context (GcoAioContext *ctx)
{
  return ctx->source != NULL && !g_source_is_destroyed (ctx->source)
             ? g_source_get_context (ctx->source)
             : NULL;
}

gboolean
gco_aio_context_is_attached (GcoAioContext *ctx)
{
  gboolean is_attached;

  g_mutex_lock (&ctx->lock);
  is_attached = find_main_context (ctx) != NULL;
  g_mutex_unlock (&ctx->lock);
  return is_attached;
}

GMainContext *
gco_aio_context_dup_main_context (GcoAioContext *ctx)
{
  GMainContext *main_context;

  g_mutex_lock (&ctx->lock);
  main_context = find_main_context (ctx);
  if (main_context != NULL)
    g_main_context_ref (main_context);
  g_mutex_unlock (&ctx->lock);
  return main_context;
}

/**
 * gco_aio_context_dup_source:
 * @ctx: a context
 *
 * The source that runs @ctx when it is attached to a main context: of default
 * priority, which may be changed (once it is attached, in the thread that iterates),
 * and with recursion allowed. It holds a reference to @ctx. A context has one live
 * source: this returns the same one until it is destroyed, and a new one after. Any
 * thread.
 *
 * Returns: (transfer full): the source
 *
 * Since: 1.0
 */
GSource *
gco_aio_context_dup_source (GcoAioContext *ctx)
{
  GSource *source;

  g_return_val_if_fail (GCO_IS_AIO_CONTEXT (ctx), NULL);

  g_mutex_lock (&ctx->lock);
  source = ref_live (ctx);
  if (source == NULL)
    source = make_source (ctx);
  g_mutex_unlock (&ctx->lock);
  return source;
}

/**
 * gco_aio_context_attach:
 * @ctx: a context
 * @main_context: (nullable): a main context, or NULL for the default one
 *
 * Attaches the source of @ctx to @main_context, which then keeps @ctx alive and
 * runs it when it is iterated. One attachment at a time: attaching it again is a
 * programming error that changes nothing. Any thread.
 *
 * Returns: the ID of the source, for [func@GLib.Source.remove]; 0 if @ctx was
 *   attached already
 *
 * Since: 1.0
 */
guint
gco_aio_context_attach (GcoAioContext *ctx,
                        GMainContext  *main_context)
{
  g_autoptr (GSource) source = NULL;

  g_return_val_if_fail (GCO_IS_AIO_CONTEXT (ctx), 0);

  source = gco_aio_context_dup_source (ctx);
  set_live_again (source);
  if (g_source_get_context (source) != NULL)
    {
      g_critical ("AioContext %p is attached to a GMainContext already", (gpointer) ctx);
      return 0;
    }
  return g_source_attach (source, main_context);
}
