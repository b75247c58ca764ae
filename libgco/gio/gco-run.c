/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* From code that is no coroutine: one coroutine, to its end. */

#include "gco-run.h"

#include "../gco-aio-context-private.h"
#include "../gco-fatal-private.h"
#include "../gco-schedule.h"
#include "../gco-waiter-private.h"
#include "gco-run-private.h"

enum
{
  RUNNING,
  ENDED,
  ABANDONED,
};

typedef struct
{
  GcoRunFunc    func;
  gpointer      user_data;
  GCancellable *cancellable;
  GError       *error;
  gboolean      result;
  GMainContext *main_context;
  guint         state; /* (atomic) */
} GcoRun;

static void
run_main (gpointer user_data)
{
  GcoRun *run = user_data;

  run->result = gco_run_func (run->func, run->cancellable, run->user_data, &run->error);
}

/* In another thread, if it has moved there: @run may be gone once it has ended. */
static void
tell (GcoRun *run,
      guint   state)
{
  g_autoptr (GMainContext) main_context = g_main_context_ref (run->main_context);

  /* pairs with run_in() */
  gco_store_release (&run->state, state);
  if (!g_main_context_is_owner (main_context))
    g_main_context_wakeup (main_context);
}

static void
run_ended (gpointer run)
{
  tell (run, ENDED);
}

static void
run_abandoned (gpointer run)
{
  tell (run, ABANDONED);
}

/* Iterates @main_context, whose context is @ctx, until @run has ended. */
static gboolean
run_in (GcoAioContext *ctx,
        GMainContext  *main_context,
        GcoRun        *run,
        const char    *name,
        GError       **error)
{
  GcoCoroutine *coroutine =
      gco_coroutine_create_full (name, 0, run_main, run, run_ended, error);

  if (coroutine == NULL)
    return FALSE;
  coroutine->abandoned = run_abandoned;
  run->main_context = main_context;
  gco_coroutine_schedule (coroutine, ctx);
  /* pairs with tell() */
  while (gco_load_acquire (&run->state) == RUNNING)
    {
      /* what goes by way of a context that is blocked meanwhile */
      if (gco_load_relaxed (&ctx->alone))
        gco_waiter_fetch_hops (ctx);
      g_main_context_iteration (main_context, TRUE);
    }
  if (run->state == ABANDONED)
    {
      g_clear_error (&run->error);
      g_set_error (error,
                   G_IO_ERROR,
                   G_IO_ERROR_CANCELLED,
                   "%s: the coroutine was abandoned when its context was shut down",
                   name);
      return FALSE;
    }
  if (run->error != NULL)
    g_propagate_error (error, run->error);
  return run->result;
}

/**
 * gco_run: (skip)
 * @func: the body
 * @user_data: data for @func
 * @cancellable: (nullable): given to @func
 * @error: return location for an error
 *
 * Runs @func in a coroutine and iterates the default main context until it has
 * ended: what a program's main() is made of. Outside of coroutines, in the thread
 * that may own the default main context.
 *
 * When no stack can be had, @error is `G_IO_ERROR_NO_SPACE`; when a shutdown has
 * abandoned the coroutine, see [method@Gco.AioContext.shutdown], it is
 * `G_IO_ERROR_CANCELLED`.
 *
 * Returns: what @func returned
 *
 * Since: 1.0
 */
gboolean
gco_run (GcoRunFunc    func,
         gpointer      user_data,
         GCancellable *cancellable,
         GError      **error)
{
  GMainContext *main_context = g_main_context_default ();
  g_autoptr (GcoAioContext) ctx = NULL;
  GcoRun   run = { func, user_data, cancellable, NULL, FALSE, NULL, RUNNING };
  gboolean result;

  g_return_val_if_fail (func != NULL, FALSE);
  g_return_val_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  ctx = gco_aio_context_dup_for_main_context (main_context);
  gco_aio_context_enter_loop (ctx, "gco_run");
  if (!g_main_context_acquire (main_context))
    gco_fatal ("gco_run: another thread owns the default main context");
  result = run_in (ctx, main_context, &run, "gco_run", error);
  g_main_context_release (main_context);
  return result;
}

/* How often in a row a callback may begin what calls back, before that is left behind. */
#define MAX_FOLLOWERS 1024

/* The _async waits that nobody has awaited, and those that begin in their callbacks. */
static void
end_lone_waits (GcoAioContext *ctx,
                GMainContext  *main_context)
{
  for (int n = 0; n < MAX_FOLLOWERS; n++)
    {
      GList    mark = { NULL };
      gboolean is_followed;

      g_queue_push_tail_link (&ctx->lone_waits, &mark);
      while (gco_async_waiter_cancel_lone (ctx))
        {
          gco_waiter_fetch_hops (ctx);
          g_main_context_iteration (main_context, TRUE);
        }
      is_followed = mark.next != NULL;
      g_queue_unlink (&ctx->lone_waits, &mark);
      /* what was granted at once is nowhere but in there */
      if (!g_main_context_iteration (main_context, FALSE) && !is_followed)
        return;
    }
}

/**
 * gco_run_sync: (skip)
 * @func: the body
 * @user_data: data for @func
 * @cancellable: (nullable): given to @func
 * @error: return location for an error
 *
 * Runs @func in a coroutine to its end, and nothing else: it gets a main context
 * of its own, the thread-default one meanwhile, and the thread is blocked for all
 * others, as by a synchronous call of GIO. For callbacks that must have the result
 * when they return. Outside of coroutines; any thread.
 *
 * What @func leaves behind in that main context is ended as by
 * [method@Gco.AioContext.shutdown]. To wait there for a mutex or a read/write lock
 * that a coroutine of another context of this thread holds, or waits for already,
 * would never end, and is fatal, unless a cancellable or a deadline may end it.
 *
 * An `_async` wait that @func begins and does not await is cancelled likewise, and its
 * callback is called before this returns. What callbacks begin in there is ended in the
 * same way, a thousand times in a row. One that holds something whatever its end is,
 * a wait in a queue with a mutex or an upgrade, must take that back first: if it would
 * have to wait for it, its callback is never called, and what it is granted later stays
 * locked. So await these.
 *
 * When no stack can be had, @error is `G_IO_ERROR_NO_SPACE`; when a shutdown has
 * abandoned the coroutine, see [method@Gco.AioContext.shutdown], it is
 * `G_IO_ERROR_CANCELLED`.
 *
 * Returns: what @func returned
 *
 * Since: 1.0
 */
gboolean
gco_run_sync (GcoRunFunc    func,
              gpointer      user_data,
              GCancellable *cancellable,
              GError      **error)
{
  GcoThread    *thread = gco_thread_get ();
  GMainContext *main_context;
  g_autoptr (GcoAioContext) ctx = NULL;
  GcoAioContext *outer;
  GcoRun         run = { func, user_data, cancellable, NULL, FALSE, NULL, RUNNING };
  gboolean       result;

  g_return_val_if_fail (func != NULL, FALSE);
  g_return_val_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  main_context = g_main_context_new ();
  g_main_context_push_thread_default (main_context);
  ctx = gco_aio_context_dup_for_main_context (main_context);
  gco_aio_context_enter_loop (ctx, "gco_run_sync");
  gco_store_relaxed (&ctx->alone, TRUE);
  outer = thread->extra->sync;
  thread->extra->sync = ctx;

  result = run_in (ctx, main_context, &run, "gco_run_sync", error);
  gco_aio_context_shutdown (ctx);
  end_lone_waits (ctx, main_context);

  thread->extra->sync = outer;
  g_main_context_pop_thread_default (main_context);
  g_main_context_unref (main_context);
  return result;
}
