/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Teardown: ends the waits that can end, iterates until the frames behind them
 * have unwound, and leaves the rest behind, by name.
 */

#include "gco-fatal-private.h"
#include "gco-waiter-private.h"

typedef enum
{
  MEMBER_READY,   /* it is about to run */
  MEMBER_ASKED,   /* its wait ends, now or when somebody has called back */
  MEMBER_STUCK,   /* nothing that we can do makes it run */
  MEMBER_RUNNING, /* we are called from it */
} MemberState;

typedef struct
{
  GcoAioContext *ctx;
  GPtrArray     *members;
} Search;

/* Under the lock of the stacks: no more than looking. */
static void
find_member (GcoStack *stack,
             gpointer  user_data)
{
  Search       *search = user_data;
  GcoCoroutine *coroutine = (GcoCoroutine *) stack;

  if (gco_load_acquire (&coroutine->ctx) == search->ctx)
    g_ptr_array_add (search->members, coroutine);
}

static GPtrArray *
find_members (GcoAioContext *ctx)
{
  Search search = { ctx, g_ptr_array_new () };

  gco_stack_foreach (find_member, &search);
  return search.members;
}

static MemberState
interrupt (GcoCoroutine *coroutine)
{
  if (coroutine->caller != NULL)
    return MEMBER_RUNNING;
  if (gco_load_relaxed (&coroutine->scheduled) != NULL)
    return MEMBER_READY;
  if (coroutine->waiter != NULL &&
      gco_waiter_interrupt (coroutine->waiter, "gco_aio_context_shutdown"))
    return MEMBER_ASKED;
  return MEMBER_STUCK;
}

/* TRUE if any coroutine is to be waited for. */
static gboolean
interrupt_all (GcoAioContext *ctx)
{
  g_autoptr (GPtrArray) members = find_members (ctx);
  gboolean any = FALSE;

  for (guint i = 0; i < members->len; i++)
    {
      MemberState state = interrupt (g_ptr_array_index (members, i));

      any = any || state == MEMBER_READY || state == MEMBER_ASKED;
    }
  return any;
}

/* TRUE if @coroutine is not lost: somebody is about to wake it. Adds it to @lost if it is. */
static gboolean
abandon (GcoCoroutine *coroutine,
         GPtrArray    *lost)
{
  GcoWaiter  *waiter = coroutine->waiter;
  const char *what = "somebody to enter or wake it";

  if (coroutine->caller != NULL)
    return FALSE;
  if (gco_load_relaxed (&coroutine->scheduled) != NULL)
    return TRUE;
  if (waiter != NULL)
    {
      what = waiter->klass->what;
      if (!gco_waiter_abandon (waiter))
        return TRUE;
    }
  if (!gco_coroutine_expel (coroutine, "gco_aio_context_shutdown"))
    {
      /* its wait has not ended, and it would go on as if it had the lock */
      if (waiter != NULL)
        gco_fatal ("coroutine %s was woken while waiting for %s, and not by what it waits for",
                   gco_coroutine_describe (coroutine),
                   what);
      return TRUE;
    }
  g_warning ("Coroutine %s is abandoned: it waits for %s, and its AioContext is"
             " shut down",
             gco_coroutine_describe (coroutine),
             what);
  g_ptr_array_add (lost, coroutine);
  return FALSE;
}

/* What that runs is foreign, and may end other members: those lost stay as they are. */
static void
tell_of (GPtrArray *lost)
{
  for (guint i = 0; i < lost->len; i++)
    {
      GcoCoroutine *coroutine = g_ptr_array_index (lost, i);

      if (coroutine->abandoned != NULL)
        coroutine->abandoned (coroutine->user_data);
    }
}

/* TRUE if any is to be waited for after all: another thread was quicker, or one that
 * was taken out of its lock stood in the way of it. */
static gboolean
abandon_all (GcoAioContext *ctx)
{
  g_autoptr (GPtrArray) members = find_members (ctx);
  g_autoptr (GPtrArray) lost = g_ptr_array_new ();
  gboolean any = FALSE;

  for (guint i = 0; i < members->len; i++)
    any = abandon (g_ptr_array_index (members, i), lost) || any;
  tell_of (lost);
  return any;
}

/* By those whose coroutine was abandoned. Their callbacks come from the GMainContext. */
static gboolean
is_awaited (GcoAioContext *ctx)
{
  return gco_load_relaxed (&ctx->n_awaited) > 0 && gco_aio_context_is_attached (ctx);
}

/* The GMainContext as well, if there is one: callbacks come from there. */
static void
iterate (GcoAioContext *ctx)
{
  g_autoptr (GMainContext) main_context = gco_aio_context_dup_main_context (ctx);

  if (main_context != NULL)
    g_main_context_iteration (main_context, TRUE);
  else
    gco_aio_context_poll (ctx, TRUE);
}

/**
 * gco_aio_context_shutdown: (skip)
 * @ctx: a context
 *
 * Ends the coroutines of @ctx as far as they can be ended: every wait that can
 * fail does so with `G_IO_ERROR_CANCELLED`, now and from now on, and the
 * cancellables given to [method@Gco.Await.init], to calls of GIO and to
 * [func@Gco.run_in_thread] are cancelled; in a [class@Gco.Scope], those of the calls.
 * Iterates @ctx, or the GMainContext that it is attached to, until those coroutines
 * have ended. An await always gets its callback: one whose operation cannot be cancelled
 * is waited for. So is a grant on its way through the context that a lock was given; from
 * one that no other thread is the home of, it is taken instead.
 *
 * Coroutines in waits that cannot fail ([method@Gco.Mutex.lock], a bare yield)
 * are taken out of what they wait for, named in a warning and abandoned: their
 * stacks are lost, and to wake them is fatal. What was run in one of them,
 * [func@Gco.run], [func@Gco.task_run] or a part of a [class@Gco.Scope], has failed with
 * `G_IO_ERROR_CANCELLED`; a task that was made in this GMainContext has called back when
 * this returns. Call it in the home thread of @ctx, outside of coroutines.
 *
 * Since: 1.0
 */
void
gco_aio_context_shutdown (GcoAioContext *ctx)
{
  g_return_if_fail (GCO_IS_AIO_CONTEXT (ctx));

  gco_aio_context_enter_loop (ctx, "gco_aio_context_shutdown");
  g_object_ref (ctx);
  /* pairs with gco_waiter_wake() */
  gco_exchange (&ctx->closing, TRUE);
  while (interrupt_all (ctx) || abandon_all (ctx) || is_awaited (ctx))
    {
      gco_waiter_fetch_hops (ctx);
      iterate (ctx);
    }
  g_object_unref (ctx);
}
