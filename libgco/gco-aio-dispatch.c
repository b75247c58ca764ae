/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * One dispatch: what is ready, those who wait for descriptors that are, and what
 * they make ready, in order; then handlers of descriptors and timers, and what
 * those make ready; idle bottom halves if all that was nothing. Cut short after
 * MAX_ITEMS or MAX_NS: then the rest is for the next one.
 */

#include "gco-aio-context-private.h"
#include "gco-clock-private.h"
#include "gco-fatal-private.h"

#define MAX_ITEMS 1024
#define MAX_NS G_GINT64_CONSTANT (1000000)

/* How many items run between two looks at the clock: more and more while they
 * are short. */
#define MAX_SLICE 64
#define LONG_NS G_GINT64_CONSTANT (50000)

struct _GcoBudget
{
  int      n_left;
  int      slice; /* that the thread was given last */
  gint64   start;
  gint64   looked; /* at the clock, last */
  gboolean late;
};

/* What a dispatch within another one gives back. */
typedef struct
{
  GcoReadyList  *ready;
  int            slice;
  GcoAioContext *ctx;
  GcoBudget     *budget;
  gboolean       progress;
  gboolean       in_idle;
  guint          began;
  GMainContext  *main_context;
  int            main_depth;
} GcoDispatchFrame;

static void
run_one (GcoReady *ready)
{
  if (ready->run == NULL)
    gco_coroutine_resume (gco_coroutine_from_ready (ready));
  else
    ready->run (ready);
}

static void
look_at_clock (GcoBudget *budget)
{
  gint64 now = gco_monotonic_ns ();

  budget->late = now - budget->start >= MAX_NS;
  budget->slice = now - budget->looked >= LONG_NS ? 1 : MIN (budget->slice * 2, MAX_SLICE);
  budget->looked = now;
}

/* Called on the stacks of coroutines as well: what hands over to the next need not
 * come back here for that, which costs more than to look at the clock. */
gboolean
gco_aio_context_take_slice (GcoThread *thread)
{
  GcoBudget *budget = thread->ctx->budget;

  if (budget->slice == 0)
    budget->slice = 1;
  else
    look_at_clock (budget);
  if (budget->late || budget->n_left <= 0)
    return FALSE;
  thread->slice = MIN (budget->slice, budget->n_left);
  budget->n_left -= thread->slice;
  return TRUE;
}

static void
drain (GcoAioContext *ctx,
       GcoThread     *thread)
{
  while (ctx->ready.head != NULL &&
         (thread->slice > 0 || gco_aio_context_take_slice (thread)))
    {
      thread->slice--;
      if (ctx->ready.head->run == NULL)
        ctx->progress = TRUE;
      run_one (gco_ready_list_pop (&ctx->ready));
    }
}

static void
run_idle (GcoAioContext *ctx)
{
  GcoReady *ready;
  guint     n = 0;

  for (ready = ctx->idle.head; ready != NULL; ready = ready->next)
    n++;
  /* One of them cannot wait: then they are not idle ones this time. */
  ctx->in_idle = !gco_exchange (&ctx->idle_hurry, FALSE);
  ctx->idle_rest = ctx->in_idle;
  /* They stay in the list until their turn, for a loop within one of them. Those
   * that come meanwhile are behind, and for the next dispatch. */
  while (n-- > 0 && (ready = gco_ready_list_pop (&ctx->idle)) != NULL)
    ready->run (ready);
  ctx->in_idle = FALSE;
}

static void
begin (GcoAioContext    *ctx,
       GcoThread        *thread,
       GcoBudget        *budget,
       GcoDispatchFrame *frame)
{
  *frame = (GcoDispatchFrame){
    thread->ready,
    thread->slice,
    thread->ctx,
    ctx->budget,
    ctx->progress,
    ctx->in_idle,
    ctx->began,
    g_main_context_get_thread_default (),
    g_main_depth (),
  };
  thread->ready = &ctx->ready;
  thread->slice = 0;
  thread->ctx = ctx;
  ctx->budget = budget;
  ctx->began = gco_ticks_of_ns (budget->start);
  ctx->progress = FALSE;
  ctx->in_idle = FALSE;
  ctx->depth++;
}

/* Once a dispatch, not once a switch: that is what GCO_DEBUG=glib is for. */
static void
check_glib (GcoDispatchFrame *frame)
{
  if (frame->main_context != g_main_context_get_thread_default ())
    gco_fatal ("the thread-default GMainContext was changed in a coroutine that"
               " suspended without undoing it; GCO_DEBUG=glib tells in which");
  if (frame->main_depth != g_main_depth ())
    gco_fatal ("a coroutine suspended while it iterated a GMainContext;"
               " GCO_DEBUG=glib tells which");
}

static gboolean
finish (GcoAioContext    *ctx,
        GcoThread        *thread,
        GcoDispatchFrame *frame)
{
  gboolean progress = ctx->progress;

  check_glib (frame);
  gco_ready_list_append (&ctx->ready, &ctx->deferred);
  ctx->depth--;
  ctx->budget = frame->budget;
  ctx->in_idle = frame->in_idle;
  ctx->began = frame->began;
  ctx->progress = frame->progress || progress;
  thread->ctx = frame->ctx;
  thread->slice = frame->slice;
  thread->ready = frame->ready;
  return progress;
}

gboolean
gco_aio_context_dispatch (GcoAioContext  *ctx,
                          GcoPollerEvent *events,
                          guint           n_events,
                          gint64          now)
{
  GcoThread       *thread = gco_thread_get ();
  GcoBudget        budget = { MAX_ITEMS, 0, now, now, FALSE };
  GcoDispatchFrame frame;

  begin (ctx, thread, &budget, &frame);

  gco_notify_accept (ctx);
  gco_aio_context_take_remote (ctx);
  gco_fd_wake_waiters (ctx, events, n_events);
  drain (ctx, thread);
  if (gco_fd_dispatch (ctx, events, n_events))
    ctx->progress = TRUE;
  if (gco_timers_run (ctx))
    ctx->progress = TRUE;
  drain (ctx, thread);
  if (gco_load_relaxed (&ctx->idle_hurry) ||
      (!ctx->progress && ctx->ready.head == NULL && ctx->idle.head != NULL))
    run_idle (ctx);
  drain (ctx, thread);

  return finish (ctx, thread, &frame);
}
