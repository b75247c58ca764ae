/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A heap a clock keeps the first at hand. A round takes all that are due out of it at
 * once and sorts them, for to give up many one after the other costs a heap several
 * visits to each, in memory that is far by then. Equal deadlines run in the order they
 * were armed.
 */

#include "gco-timer-private.h"

#include "gco-aio-context-private.h"
#include "gco-clock-private.h"
#include "gco-timer-due-private.h"
#include "gco-timer-heap-private.h"

/* How far ahead a round asks for timers to be brought near: they lie anywhere. */
#define AHEAD 8

/* A clock may be set while we sleep on it: how often to look. */
#define REALTIME_LOOK_NS G_GINT64_CONSTANT (1000000000)

/* What is taken from the heap at once. In a round within a callback of another one,
 * what that one has left runs first: only the innermost has any. */
typedef struct
{
  GcoDue *due; /* (lock) */
  guint   n;   /* (immutable) */
  guint   at;  /* (lock) the next */
} GcoRound;

struct _GcoTimerList
{
  GcoTimerList *next;  /* (lock) */
  GcoClock     *clock; /* (immutable) */
  GcoTimer     *first; /* (lock) but gco_timers_run() has a look without it */
  GcoRound     *round; /* (lock) the innermost one that runs, or NULL */
};

/* (lock) */
static void
set_first (GcoTimerList *list,
           GcoTimer     *first)
{
  /* a look that misses it is made up for by the notify of gco_timer_mod_ns() */
  gco_store_relaxed (&list->first, first);
}

/* (lock) */
static void
disarm (GcoTimer *timer)
{
  if (timer->state == GCO_TIMER_ARMED)
    set_first (timer->list, gco_timer_heap_remove (timer->list->first, timer));
  else if (timer->state == GCO_TIMER_DUE)
    gco_due_forget (timer->list->round->due, timer->list->round->n, timer);
  timer->state = GCO_TIMER_OFF;
}

/* ------------------------------------------------------------------- lists */

static GcoTimerList *
find_list (GcoAioContext *ctx,
           GcoClock      *clock)
{
  GcoTimerList *list = gco_load_acquire (&ctx->timers);

  while (list != NULL && list->clock != clock)
    list = list->next;
  return list;
}

/* They stay as long as the context. */
static GcoTimerList *
list_for_clock (GcoAioContext *ctx,
                GcoClock      *clock)
{
  GcoTimerList *list;

  if (clock == NULL)
    clock = gco_clock_get_monotonic ();
  list = find_list (ctx, clock);
  if (list != NULL)
    return list;
  g_mutex_lock (&ctx->lock);
  list = find_list (ctx, clock);
  if (list == NULL)
    {
      list = g_new0 (GcoTimerList, 1);
      list->clock = g_object_ref (clock);
      list->next = ctx->timers;
      /* pairs with find_list() and gco_timers_run() */
      gco_store_release (&ctx->timers, list);
      gco_clock_add_context (clock, ctx);
    }
  g_mutex_unlock (&ctx->lock);
  return list;
}

/* The last reference went. */
static void
finalize (GcoTimer *timer)
{
  GcoAioContext *ctx = timer->ctx;

  gco_aio_context_run_anyway (ctx, timer->destroy, timer->user_data);
  g_object_unref (ctx);
  g_free (timer);
}

static inline void
bring_near (GcoTimer *timer)
{
  __builtin_prefetch (timer);
  if (timer != NULL)
    __builtin_prefetch (&timer->user_data);
}

/* (lock), but not while the functions run. */
static gboolean
run_round (GcoAioContext *ctx,
           GcoRound      *round)
{
  gboolean ran = FALSE;

  while (round->at < round->n)
    {
      GcoDue   *due = &round->due[round->at++];
      GcoTimer *timer = due->timer;
      gboolean  counted;

      if (round->n - round->at >= AHEAD)
        bring_near (due[AHEAD].timer);
      if (timer == NULL)
        continue;
      timer->state = GCO_TIMER_OFF;
      /* one that is part of something else may be gone afterwards */
      counted = timer->ref_count > 0;
      timer->ref_count += counted;
      g_mutex_unlock (&ctx->lock);
      timer->func (timer->user_data);
      ran = TRUE;
      g_mutex_lock (&ctx->lock);
      if (counted && --timer->ref_count == 0)
        {
          g_mutex_unlock (&ctx->lock);
          finalize (timer);
          g_mutex_lock (&ctx->lock);
        }
    }
  return ran;
}

/* (lock) Fills @round, from @few if they are few; returns what is to be freed. */
static GcoDue *
take_due (GcoTimerList *list,
          gint64        now,
          GcoRound     *round,
          GcoDue       *few)
{
  GcoDue   *many = NULL;
  GcoTimer *taken;

  set_first (list, gco_timer_heap_take_due (list->first, now, &taken, &round->n));
  if (round->n > GCO_DUE_FEW)
    many = g_new (GcoDue, 2 * (gsize) round->n);
  round->due = gco_due_sort (taken, round->n, many != NULL ? many : few);
  return many;
}

/* What a callback arms for the past was not taken before: it waits for the next round. */
static gboolean
run_list (GcoAioContext *ctx,
          GcoTimerList  *list)
{
  gint64   now = gco_clock_get_time_ns (list->clock);
  GcoRound round = { NULL, 0, 0 };
  GcoDue   few[GCO_DUE_FEW];
  GcoDue  *many = NULL;
  gboolean ran = FALSE;

  g_mutex_lock (&ctx->lock);
  if (list->round != NULL)
    ran = run_round (ctx, list->round);
  if (list->first != NULL && list->first->deadline <= now)
    {
      GcoRound *outer = list->round;

      many = take_due (list, now, &round, few);
      list->round = &round;
      run_round (ctx, &round);
      list->round = outer;
      ran = TRUE;
    }
  g_mutex_unlock (&ctx->lock);
  g_free (many);
  return ran;
}

gboolean
gco_timers_run (GcoAioContext *ctx)
{
  gboolean ran = FALSE;

  for (GcoTimerList *list = gco_load_acquire (&ctx->timers); list != NULL; list = list->next)
    if ((gco_load_relaxed (&list->first) != NULL || list->round != NULL) &&
        run_list (ctx, list))
      ran = TRUE;
  return ran;
}

/* When @timer is due by the monotonic clock, see gco_timers_next(). */
static gint64
due_ns (GcoTimerList *list,
        GcoTimer     *timer)
{
  GcoClockKind kind = gco_clock_get_kind (list->clock);
  gint64       now;

  if (kind == GCO_CLOCK_MONOTONIC && timer->deadline > 0)
    return timer->deadline;
  now = gco_clock_get_time_ns (list->clock);
  if (timer->deadline <= now)
    return 0;
  if (kind == GCO_CLOCK_MANUAL)
    return -1;
  return gco_monotonic_ns () + MIN (timer->deadline - now, REALTIME_LOOK_NS);
}

gint64
gco_timers_next (GcoAioContext *ctx)
{
  gint64 next = -1;

  if (gco_load_acquire (&ctx->timers) == NULL)
    return -1;
  g_mutex_lock (&ctx->lock);
  for (GcoTimerList *list = ctx->timers; list != NULL; list = list->next)
    {
      gint64 due = -1;

      if (list->round != NULL && list->round->at < list->round->n)
        due = 0;
      else if (list->first != NULL)
        due = due_ns (list, list->first);
      if (due >= 0 && (next < 0 || due < next))
        next = due;
    }
  g_mutex_unlock (&ctx->lock);
  return next;
}

void
gco_timers_clear (GcoAioContext *ctx)
{
  while (ctx->timers != NULL)
    {
      GcoTimerList *list = ctx->timers;

      ctx->timers = list->next;
      gco_clock_remove_context (list->clock, ctx);
      g_object_unref (list->clock);
      g_free (list);
    }
}

/* ------------------------------------------------------------------ timers */

void
gco_timer_embed (GcoTimer      *timer,
                 GcoAioContext *ctx,
                 GcoClock      *clock,
                 GcoFunc        func,
                 gpointer       user_data)
{
  *timer = (GcoTimer){
    .ctx = ctx,
    .list = list_for_clock (ctx, clock),
    .func = func,
    .user_data = user_data,
  };
}

/**
 * gco_timer_new: (skip)
 * @ctx: (nullable): a context, or NULL for the one at hand
 * @clock: (nullable): a clock, or NULL for the monotonic one
 * @func: a function
 * @user_data: data for @func
 * @destroy: (nullable): frees @user_data, in the home thread of @ctx, or where the
 *   last reference to @ctx goes if that is earlier
 *
 * Makes a timer, not yet armed, that calls @func from a dispatch of @ctx. Any
 * thread.
 *
 * Returns: (transfer full): a timer, which holds a reference to @ctx
 *
 * Since: 1.0
 */
GcoTimer *
gco_timer_new (GcoAioContext *ctx,
               GcoClock      *clock,
               GcoFunc        func,
               gpointer       user_data,
               GDestroyNotify destroy)
{
  GcoTimer *timer;

  g_return_val_if_fail (ctx == NULL || GCO_IS_AIO_CONTEXT (ctx), NULL);
  g_return_val_if_fail (clock == NULL || GCO_IS_CLOCK (clock), NULL);
  g_return_val_if_fail (func != NULL, NULL);

  timer = g_new (GcoTimer, 1);
  gco_timer_embed (timer, gco_aio_context_resolve (ctx), clock, func, user_data);
  g_object_ref (timer->ctx);
  timer->ref_count = 1;
  timer->destroy = destroy;
  return timer;
}

/**
 * gco_timer_mod_ns: (skip)
 * @timer: a timer
 * @deadline_ns: when, in nanoseconds of its clock
 *
 * Arms @timer, or moves it if it is armed. It runs once, not before
 * @deadline_ns, after those armed earlier for the same time. One whose time is
 * past runs in the next dispatch, never in here. Any thread; never yields.
 *
 * Since: 1.0
 */
void
gco_timer_mod_ns (GcoTimer *timer,
                  gint64    deadline_ns)
{
  GcoAioContext *ctx;
  gboolean       is_first;

  g_return_if_fail (timer != NULL);

  ctx = timer->ctx;
  g_mutex_lock (&ctx->lock);
  disarm (timer);
  timer->deadline = deadline_ns;
  timer->order = ctx->n_armed++;
  timer->state = GCO_TIMER_ARMED;
  set_first (timer->list, gco_timer_heap_add (timer->list->first, timer));
  is_first = timer->list->first == timer;
  g_mutex_unlock (&ctx->lock);

  if (is_first)
    gco_notify_sleeper (ctx);
}

/**
 * gco_timer_del: (skip)
 * @timer: a timer
 *
 * Disarms @timer. In the home thread of its context it is then certain not to
 * run; in another, a call may be on its way. Any thread.
 *
 * Since: 1.0
 */
void
gco_timer_del (GcoTimer *timer)
{
  g_return_if_fail (timer != NULL);

  g_mutex_lock (&timer->ctx->lock);
  disarm (timer);
  g_mutex_unlock (&timer->ctx->lock);
}

/**
 * gco_timer_is_pending: (skip)
 * @timer: a timer
 *
 * Any thread.
 *
 * Returns: TRUE if @timer is armed and has not run yet
 *
 * Since: 1.0
 */
gboolean
gco_timer_is_pending (GcoTimer *timer)
{
  gboolean armed;

  g_return_val_if_fail (timer != NULL, FALSE);

  g_mutex_lock (&timer->ctx->lock);
  armed = timer->state != GCO_TIMER_OFF;
  g_mutex_unlock (&timer->ctx->lock);
  return armed;
}

/**
 * gco_timer_free: (skip)
 * @timer: (transfer full): a timer
 *
 * Disarms and frees @timer. Its user data is freed by a dispatch of its context.
 * Any thread, its own callback included.
 *
 * Since: 1.0
 */
void
gco_timer_free (GcoTimer *timer)
{
  GcoAioContext *ctx;
  gboolean       last;

  g_return_if_fail (timer != NULL);

  ctx = timer->ctx;
  g_mutex_lock (&ctx->lock);
  disarm (timer);
  last = --timer->ref_count == 0;
  g_mutex_unlock (&ctx->lock);
  if (last)
    finalize (timer);
}
