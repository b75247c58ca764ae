/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The seam between coroutines and contexts: which context a coroutine belongs
 * to, and how it is made ready there.
 *
 * A coroutine gets its home at the latest when it first suspends, so that one
 * which never does costs no atomic operation. It may be woken before that, by a
 * thread it has given work to: the waker then leaves GCO_WOKEN_EARLY in the place
 * of the home, and settling makes good for the wake.
 */

#include "gco-schedule.h"

#include "gco-aio-context-private.h"
#include "gco-fatal-private.h"

/* So that who looks for a coroutine finds a context that is still there. */
static GMutex move_lock;

static void
count_in (GcoAioContext *ctx)
{
  /* pairs with gco_aio_context_dispose() */
  if (G_UNLIKELY (gco_fetch_add (&ctx->n_members, 1) == GCO_LEFT_BEHIND))
    g_object_ref (ctx);
}

static void
count_out (GcoAioContext *ctx)
{
  /* pairs with gco_aio_context_dispose() */
  if (G_UNLIKELY (gco_fetch_sub (&ctx->n_members, 1) == GCO_LEFT_BEHIND + 1))
    gco_coroutine_call_outside (g_object_unref, ctx);
}

static void
settle (GcoCoroutine *coroutine)
{
  GcoAioContext *ctx = gco_aio_context_resolve (NULL);

  count_in (ctx);
  /* pairs with gco_coroutine_wake_by() */
  if (gco_exchange (&coroutine->ctx, ctx) == GCO_WOKEN_EARLY)
    gco_coroutine_push (coroutine);
}

static void
unsettle (GcoCoroutine *coroutine)
{
  GcoAioContext *ctx = gco_coroutine_get_home (coroutine);

  /* first the pointer, for who looks through all coroutines */
  gco_store_release (&coroutine->ctx, NULL);
  if (ctx != NULL)
    count_out (ctx);
}

static gboolean
is_elsewhere (GcoCoroutine *coroutine,
              GcoThread    *thread)
{
  GcoAioContext *ctx = gco_coroutine_get_home (coroutine);

  return ctx != NULL && !gco_aio_context_is_home (ctx, thread) &&
         !gco_aio_context_is_home (ctx, NULL);
}

static void
begin (void)
{
  gco_aio_context_hooks.begin ();
}

const GcoCoroutineHooks gco_coroutine_hooks = {
  begin, settle, unsettle, is_elsewhere, gco_aio_context_take_slice
};

gboolean
gco_coroutine_expel (GcoCoroutine *coroutine,
                     const char   *who)
{
  GcoAioContext *ctx = gco_load_relaxed (&coroutine->ctx);
  const char    *before = NULL;

  /* Pairs with gco_coroutine_claim(): a waker that is late finds it claimed, and does
   * not get as far as the context. */
  if (!gco_cas (&coroutine->scheduled, &before, who))
    return FALSE;
  g_mutex_lock (&move_lock);
  gco_store_release (&coroutine->ctx, NULL);
  g_mutex_unlock (&move_lock);
  count_out (ctx);
  return TRUE;
}

/* --------------------------------------------------------------- make ready */

static G_GNUC_NORETURN void
fail_claim (GcoCoroutine *coroutine,
            const char   *before,
            const char   *who)
{
  gco_fatal ("%s: coroutine %s was scheduled already in %s() (by %s)",
             who,
             gco_coroutine_describe (coroutine),
             before,
             gco_coroutine_describe (gco_coroutine_self ()));
}

void
gco_coroutine_claim (GcoCoroutine *coroutine,
                     const char   *who)
{
  const char *before = NULL;

  if (G_UNLIKELY (!gco_cas (&coroutine->scheduled, &before, who)))
    fail_claim (coroutine, before, who);
}

void
gco_coroutine_push (GcoCoroutine *coroutine)
{
  coroutine->ready.run = NULL;
  gco_aio_context_push (gco_load_relaxed (&coroutine->ctx), &coroutine->ready);
}

/* TRUE if @coroutine was claimed and pushed, at home, where no other thread's
 * claim is expected: without an atomic operation. */
static inline gboolean
wake_here (GcoCoroutine  *coroutine,
           GcoAioContext *ctx,
           const char    *who)
{
  if (G_UNLIKELY (gco_load_relaxed (&coroutine->scheduled) != NULL))
    return FALSE;
  coroutine->ready.run = NULL;
  if (!gco_aio_context_push_here (ctx, &coroutine->ready, gco_thread_here ()))
    return FALSE;
  gco_store_relaxed (&coroutine->scheduled, who);
  return TRUE;
}

static __attribute__ ((noinline)) void
wake_anywhere (GcoCoroutine  *coroutine,
               GcoAioContext *ctx,
               const char    *who)
{
  gco_coroutine_claim (coroutine, who);
  /* pairs with settle() */
  if (ctx == NULL && gco_cas (&coroutine->ctx, &ctx, GCO_WOKEN_EARLY))
    return;
  gco_coroutine_push (coroutine);
}

void
gco_coroutine_wake_by (GcoCoroutine *coroutine,
                       const char   *who)
{
  GcoAioContext *ctx = gco_coroutine_get_home (coroutine);

  if (G_UNLIKELY (ctx == NULL) || !wake_here (coroutine, ctx, who))
    wake_anywhere (coroutine, ctx, who);
}

/**
 * gco_coroutine_wake: (skip)
 * @coroutine: a coroutine that has yielded or is about to
 *
 * Has @coroutine resumed by its own context, in its home thread, after all that
 * was made ready there before; never in here. Allocates nothing. Any thread.
 *
 * For coroutines suspended in [func@Gco.Coroutine.yield]: waking one that waits
 * for a lock, or that is scheduled already, is fatal.
 *
 * Since: 1.0
 */
void
gco_coroutine_wake (GcoCoroutine *coroutine)
{
  g_return_if_fail (coroutine != NULL);

  if (G_UNLIKELY (coroutine->func == NULL))
    gco_fatal ("gco_coroutine_wake: %p is no coroutine any more", (gpointer) coroutine);
  gco_coroutine_wake_by (coroutine, "gco_coroutine_wake");
}

/* @coroutine is claimed: one that is not, gco_aio_context_shutdown() in another thread
 * would take for forgotten. */
static void
join (GcoCoroutine  *coroutine,
      GcoAioContext *ctx)
{
  count_in (ctx);
  /* pairs with find_used() in gco-dump.c, which then reads the name and more */
  gco_store_release (&coroutine->ctx, ctx);
}

void
gco_coroutine_schedule_new (GcoCoroutine  *coroutine,
                            GcoAioContext *ctx,
                            const char    *who)
{
  gco_store_relaxed (&coroutine->scheduled, who);
  join (coroutine, ctx);
  gco_coroutine_push (coroutine);
}

/* A new coroutine, one of another thread, or a mistake. */
static __attribute__ ((noinline)) void
schedule_slowly (GcoCoroutine  *coroutine,
                 GcoAioContext *ctx)
{
  GcoAioContext *home = gco_coroutine_get_home (coroutine);

  g_return_if_fail (ctx == NULL || GCO_IS_AIO_CONTEXT (ctx));

  if (G_UNLIKELY (coroutine->func == NULL))
    gco_fatal ("gco_coroutine_schedule: %p is no coroutine any more",
               (gpointer) coroutine);
  if (home == NULL && gco_load_relaxed (&coroutine->scheduled) == NULL)
    {
      if (coroutine->caller == NULL)
        {
          ctx = gco_aio_context_resolve (ctx);
          gco_coroutine_claim (coroutine, "gco_coroutine_schedule");
          join (coroutine, ctx);
          gco_coroutine_push (coroutine);
          return;
        }
      /* of another thread: it finds out that it was woken when it settles there */
      if (coroutine == gco_coroutine_self ())
        settle (coroutine);
      home = gco_coroutine_get_home (coroutine);
    }
  if (ctx != NULL && home != NULL && G_UNLIKELY (ctx != home))
    gco_fatal ("gco_coroutine_schedule: coroutine %s belongs to AioContext %p and"
               " cannot be scheduled in %p; it can go there itself, by"
               " gco_coroutine_move_to()",
               gco_coroutine_describe (coroutine),
               (gpointer) home,
               (gpointer) ctx);
  gco_coroutine_wake_by (coroutine, "gco_coroutine_schedule");
}

/**
 * gco_coroutine_schedule: (skip)
 * @coroutine: a coroutine that is suspended or new, or the running one
 * @ctx: (nullable): a context, or NULL for the one at hand
 *
 * Has @coroutine resumed by a dispatch of its context, after all that was made
 * ready there before; never in here. Any thread.
 *
 * A new coroutine joins @ctx. One that has run belongs to a context already: for
 * it, @ctx must be that or NULL, else this is fatal;
 * [func@Gco.Coroutine.move_to] is how it changes.
 *
 * Since: 1.0
 */
void
gco_coroutine_schedule (GcoCoroutine  *coroutine,
                        GcoAioContext *ctx)
{
  GcoAioContext *home;

  g_return_if_fail (coroutine != NULL);

  home = gco_coroutine_get_home (coroutine);
  if (G_LIKELY (home != NULL && (ctx == NULL || ctx == home) &&
                wake_here (coroutine, home, "gco_coroutine_schedule")))
    return;
  schedule_slowly (coroutine, ctx);
}

/* --------------------------------------------------------------- reschedule */

static __attribute__ ((noinline)) void
reschedule_slowly (void)
{
  GcoCoroutine *self = gco_coroutine_self_at_home ("gco_coroutine_reschedule");

  gco_coroutine_wake_by (self, "gco_coroutine_reschedule");
  gco_coroutine_suspend (gco_thread_get ());
}

/**
 * gco_coroutine_reschedule: (skip)
 *
 * Suspends the running coroutine until all that is ready in its context has run:
 * what a long computation calls now and then. It is [method@Gco.Coroutine.schedule]
 * for oneself and [func@Gco.Coroutine.yield] in one. Coroutine only; yields.
 *
 * One that was entered by hand goes back to its enterer, and on from a dispatch.
 *
 * Since: 1.0
 */
void
gco_coroutine_reschedule (void)
{
  GcoThread    *thread = gco_thread_here ();
  GcoCoroutine *self = thread->current;

  /* What a dispatch of this thread resumed is at home in its context. */
  if (G_UNLIKELY (self == NULL || self->caller != thread->loop || thread->debug ||
                  gco_load_relaxed (&self->scheduled) != NULL ||
                  !gco_push_list_is_empty (&thread->ctx->remote)))
    {
      reschedule_slowly ();
      return;
    }
  gco_store_relaxed (&self->scheduled, "gco_coroutine_reschedule");
  self->ready.run = NULL;
  gco_ready_list_push (thread->ready, &self->ready);
  gco_coroutine_yield_to_dispatch (thread, self);
}

/* --------------------------------------------------------------------- move */

typedef struct
{
  GcoReady       ready;
  GcoCoroutine  *coroutine;
  GcoAioContext *to;
} GcoMove;

/* In a dispatch of the old context: the coroutine has left its stack by now. */
static void
arrive (GcoReady *ready)
{
  GcoMove       *move = (GcoMove *) ready;
  GcoAioContext *from = gco_load_relaxed (&move->coroutine->ctx);

  from->progress = TRUE;
  g_mutex_lock (&move_lock);
  join (move->coroutine, move->to);
  g_mutex_unlock (&move_lock);
  gco_coroutine_push (move->coroutine);
  count_out (from);
}

GcoAioContext *
gco_coroutine_dup_home (GcoCoroutine *coroutine)
{
  GcoAioContext *home;

  g_mutex_lock (&move_lock);
  home = gco_coroutine_get_home (coroutine);
  if (home != NULL)
    g_object_ref (home);
  g_mutex_unlock (&move_lock);
  return home;
}

GcoCoroutine *
gco_coroutine_self_at_home (const char *caller)
{
  GcoCoroutine  *self = gco_coroutine_self ();
  GcoAioContext *ctx;

  if (G_UNLIKELY (self == NULL))
    gco_fatal ("%s: not in a coroutine", caller);
  if (G_UNLIKELY (gco_coroutine_get_home (self) == NULL))
    settle (self);
  ctx = gco_coroutine_get_home (self);
  if (G_UNLIKELY (!gco_aio_context_is_home (ctx, gco_thread_here ())))
    gco_aio_context_claim_home (ctx, caller);
  return self;
}

/**
 * gco_coroutine_move_to: (skip)
 * @ctx: (nullable): a context, or NULL for the one at hand
 *
 * Makes the running coroutine belong to @ctx and goes on there, in its home
 * thread. Returns at once if it belongs to @ctx already. Coroutine only; yields.
 *
 * In a function that calls this, the compiler may use the address of a thread-local
 * variable from before, that of `errno` included: read and set those in functions
 * of their own, or not at all.
 *
 * Since: 1.0
 */
void
gco_coroutine_move_to (GcoAioContext *ctx)
{
  GcoCoroutine *self = gco_coroutine_self_at_home ("gco_coroutine_move_to");
  GcoMove       move = { { NULL, arrive }, self, gco_aio_context_resolve (ctx) };

  g_return_if_fail (ctx == NULL || GCO_IS_AIO_CONTEXT (ctx));

  if (move.to == gco_load_relaxed (&self->ctx))
    return;
  g_object_ref (move.to);
  gco_coroutine_claim (self, "gco_coroutine_move_to");
  gco_aio_context_push (self->ctx, &move.ready);
  gco_coroutine_suspend (gco_thread_get ());
  g_object_unref (move.to);
}

/**
 * gco_coroutine_get_aio_context: (skip)
 * @coroutine: a coroutine
 *
 * Where @coroutine is resumed. Any thread; never yields.
 *
 * Returns: (transfer none) (nullable): the context that @coroutine belongs to,
 *   NULL if it has not suspended yet
 *
 * Since: 1.0
 */
GcoAioContext *
gco_coroutine_get_aio_context (GcoCoroutine *coroutine)
{
  g_return_val_if_fail (coroutine != NULL, NULL);

  return gco_coroutine_get_home (coroutine);
}

/**
 * gco_spawn: (skip)
 * @ctx: (nullable): a context, or NULL for the one at hand
 * @func: the body
 * @user_data: data for @func
 * @destroy: (nullable): frees @user_data when the coroutine has ended, in its
 *   home thread and outside of coroutines
 *
 * Creates a coroutine with a stack of 1 MiB and schedules it in @ctx. Any
 * thread; never yields.
 *
 * The context at hand is the one whose dispatch runs in this thread, else the
 * running coroutine's, else that of the thread-default main context.
 *
 * Returns: (transfer none) (nullable): the coroutine; NULL when no stack can be
 *   had, and then @user_data is the caller's as before
 *
 * Since: 1.0
 */
GcoCoroutine *
gco_spawn (GcoAioContext   *ctx,
           GcoCoroutineFunc func,
           gpointer         user_data,
           GDestroyNotify   destroy)
{
  GcoCoroutine *coroutine;

  g_return_val_if_fail (ctx == NULL || GCO_IS_AIO_CONTEXT (ctx), NULL);
  g_return_val_if_fail (func != NULL, NULL);

  coroutine = gco_coroutine_create (func, user_data);
  if (coroutine == NULL)
    return NULL;
  coroutine->destroy = destroy;
  gco_coroutine_schedule_new (coroutine, gco_aio_context_resolve (ctx), "gco_spawn");
  return coroutine;
}
