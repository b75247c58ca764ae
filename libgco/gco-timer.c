/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A pairing heap needs no memory of its own, inserts in constant time and keeps
 * the first at hand. Equal deadlines run in the order they were armed.
 */

#include "gco-timer-private.h"

#include "gco-aio-context-private.h"
#include "gco-clock-private.h"

/* A clock may be set while we sleep on it: how often to look. */
#define REALTIME_LOOK_NS G_GINT64_CONSTANT (1000000000)

struct _GcoTimerList
{
  GcoTimerList *next;  /* (lock) */
  GcoClock     *clock; /* (immutable) */
  GcoTimer     *first; /* (lock) but gco_timers_run() has a look without it */
  gint64        round; /* (lock) the time of the round that runs, or G_MININT64 */
};

/* ------------------------------------------------------------ pairing heap */

static gboolean
before (const GcoTimer *a,
        const GcoTimer *b)
{
  if (a->deadline != b->deadline)
    return a->deadline < b->deadline;
  return a->order < b->order;
}

/* Either may be NULL; both are without siblings. */
static GcoTimer *
meld (GcoTimer *a,
      GcoTimer *b)
{
  GcoTimer *winner;
  GcoTimer *loser;

  if (a == NULL || b == NULL)
    return a != NULL ? a : b;
  winner = before (b, a) ? b : a;
  loser = winner == a ? b : a;
  loser->next = winner->child;
  if (winner->child != NULL)
    winner->child->previous = loser;
  loser->previous = winner;
  winner->child = loser;
  return winner;
}

/* Melds a list of siblings: in pairs on the way there, all on the way back. */
static GcoTimer *
meld_siblings (GcoTimer *list)
{
  GcoTimer *pairs = NULL;
  GcoTimer *root = NULL;

  while (list != NULL)
    {
      GcoTimer *a = list;
      GcoTimer *b = a->next;
      GcoTimer *pair;

      list = b != NULL ? b->next : NULL;
      a->next = a->previous = NULL;
      if (b != NULL)
        b->next = b->previous = NULL;
      pair = meld (a, b);
      pair->next = pairs;
      pairs = pair;
    }
  while (pairs != NULL)
    {
      GcoTimer *pair = pairs;

      pairs = pair->next;
      pair->next = NULL;
      root = meld (root, pair);
    }
  return root;
}

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
  GcoTimer *below = meld_siblings (timer->child);

  timer->child = NULL;
  if (timer == timer->list->first)
    set_first (timer->list, below);
  else
    {
      if (timer->previous->child == timer)
        timer->previous->child = timer->next;
      else
        timer->previous->next = timer->next;
      if (timer->next != NULL)
        timer->next->previous = timer->previous;
      timer->next = timer->previous = NULL;
      set_first (timer->list, meld (timer->list->first, below));
    }
  timer->armed = FALSE;
}

/* ------------------------------------------------------------------- lists */

static GcoTimerList *
list_for_clock (GcoAioContext *ctx,
                GcoClock      *clock)
{
  GcoTimerList *list;

  if (clock == NULL)
    clock = gco_clock_get_monotonic ();
  g_mutex_lock (&ctx->lock);
  for (list = ctx->timers; list != NULL && list->clock != clock; list = list->next)
    ;
  if (list == NULL)
    {
      list = g_new0 (GcoTimerList, 1);
      list->clock = g_object_ref (clock);
      list->round = G_MININT64;
      list->next = ctx->timers;
      gco_store_release (&ctx->timers, list);
      gco_clock_add_context (clock, ctx);
    }
  g_mutex_unlock (&ctx->lock);
  return list;
}

static void
unref (GcoTimer *timer)
{
  GcoAioContext *ctx = timer->ctx;
  gboolean       last;

  g_mutex_lock (&ctx->lock);
  last = --timer->ref_count == 0;
  g_mutex_unlock (&ctx->lock);
  if (!last)
    return;
  gco_aio_context_destroy_later (ctx, timer->destroy, timer->user_data);
  g_object_unref (ctx);
  g_free (timer);
}

/* (lock) The first timer that is due at @now and was armed before @limit. */
static GcoTimer *
take_due (GcoTimerList *list,
          gint64        now,
          guint64       limit)
{
  GcoTimer *timer = list->first;

  /* One that is armed for the past by a callback waits for the next round. */
  if (timer == NULL || timer->deadline > now || timer->order >= limit)
    return NULL;
  disarm (timer);
  if (timer->ref_count > 0)
    timer->ref_count++;
  return timer;
}

static gboolean
run_list (GcoAioContext *ctx,
          GcoTimerList  *list)
{
  gint64   now = gco_clock_get_time_ns (list->clock);
  gboolean ran = FALSE;
  guint64  limit;
  gint64   outer;

  g_mutex_lock (&ctx->lock);
  limit = ctx->n_armed;
  outer = list->round;
  list->round = now;
  for (;;)
    {
      GcoTimer *timer = take_due (list, now, limit);
      gboolean  counted;

      if (timer == NULL)
        break;
      counted = timer->ref_count > 0;
      g_mutex_unlock (&ctx->lock);
      timer->func (timer->user_data);
      if (counted)
        unref (timer);
      ran = TRUE;
      g_mutex_lock (&ctx->lock);
    }
  list->round = outer;
  g_mutex_unlock (&ctx->lock);
  return ran;
}

gboolean
gco_timers_run (GcoAioContext *ctx)
{
  gboolean ran = FALSE;

  for (GcoTimerList *list = gco_load_acquire (&ctx->timers); list != NULL; list = list->next)
    if (gco_load_relaxed (&list->first) != NULL && run_list (ctx, list))
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
      gint64 due = list->first != NULL ? due_ns (list, list->first) : -1;

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
  if (timer->armed)
    disarm (timer);
  /* In front of those that are due now it would end the round, each time. */
  timer->deadline = MAX (deadline_ns, timer->list->round);
  timer->order = ctx->n_armed++;
  timer->armed = TRUE;
  set_first (timer->list, meld (timer->list->first, timer));
  is_first = timer->list->first == timer;
  g_mutex_unlock (&ctx->lock);

  /* At home the loop looks before it sleeps, unless it is about to. */
  if (is_first && (!gco_aio_context_is_home (ctx, gco_thread_get ()) ||
                   gco_load_relaxed (&ctx->notify_state) == GCO_NOTIFY_ASLEEP))
    gco_notify (ctx);
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
  if (timer->armed)
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
  armed = timer->armed;
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
  g_return_if_fail (timer != NULL);

  gco_timer_del (timer);
  unref (timer);
}
