/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Blocking work for a coroutine, in a pool of threads of our own: what blocks here
 * takes no thread from GTask's pool, which resolvers and files need.
 *
 *   state   QUEUED -> RUNNING  by the thread; from then on the job is waited for
 *           QUEUED -> DROPPED  by the coroutine, which was cancelled and goes on
 *
 * A job is counted, for a dropped one stays in the queue of the pool until a thread
 * comes to throw it away.
 */

#include "gco-run-in-thread.h"

#include "gco-cancel-chain-private.h"
#include "gco-cancel-later-private.h"
#include "gco-run-private.h"

#define MAX_THREADS 16

enum
{
  QUEUED,
  RUNNING,
  DROPPED,
};

typedef struct
{
  guint         state;     /* (atomic) */
  int           ref_count; /* (atomic) the coroutine's and the pool's */
  GcoRunFunc    func;
  gpointer      user_data;
  GCancellable *cancellable; /* with a reference, or NULL */
  gboolean      result;
  GError       *error;

  GMutex      lock;
  GcoWaitList list;  /* (lock) the coroutine, while it waits */
  gboolean    ended; /* (lock) */
} GcoThreadJob;

static void
job_unref (GcoThreadJob *job)
{
  if (!g_atomic_int_dec_and_test (&job->ref_count))
    return;
  /* Whoever cancelled may have dropped it, and what goes with it is foreign. */
  if (job->cancellable != NULL)
    gco_coroutine_call_outside (g_object_unref, job->cancellable);
  g_mutex_clear (&job->lock);
  g_free (job);
}

static gboolean
change_state (GcoThreadJob *job,
              guint         to)
{
  guint queued = QUEUED;

  return gco_cas (&job->state, &queued, to);
}

static void
finish (GcoThreadJob *job)
{
  GcoWaiter *waiter;

  g_mutex_lock (&job->lock);
  job->ended = TRUE;
  waiter = job->list.head;
  if (waiter != NULL && gco_waiter_grant (waiter, &job->list) != GCO_WAIT_GRANTED)
    waiter = NULL;
  g_mutex_unlock (&job->lock);
  if (waiter != NULL)
    gco_waiter_wake (waiter, NULL, "gco_run_in_thread");
}

/* Set while a function runs; the threads are GLib's, for other pools as well. */
static GPrivate is_worker;

static void
work (gpointer data,
      gpointer unused)
{
  GcoThreadJob *job = data;

  if (change_state (job, RUNNING))
    {
      g_private_set (&is_worker, job);
      job->result = gco_run_func (job->func, job->cancellable, job->user_data, &job->error);
      g_private_set (&is_worker, NULL);
      finish (job);
    }
  job_unref (job);
}

/* What a function in a thread waits for must not wait for its thread: all could do
 * so. A pool without a limit is for that. Made on first use, and there for good. */
static GThreadPool *
get_pool (void)
{
  static GThreadPool *pools[2];
  gboolean            within = g_private_get (&is_worker) != NULL;
  GThreadPool       **pool = &pools[within];

  if (g_once_init_enter (pool))
    g_once_init_leave (
        pool,
        g_thread_pool_new (work, NULL, within ? -1 : MAX_THREADS, FALSE, NULL));
  return *pool;
}

static void
leave (GcoWaiter *waiter)
{
  GcoThreadJob *job = waiter->lock;

  g_mutex_lock (&job->lock);
  gco_wait_list_close (&job->list, waiter->previous, waiter->next);
  g_mutex_unlock (&job->lock);
}

/* It runs, on what may be the coroutine's stack: no shutdown may abandon that. */
static gboolean
ask (GcoWaiter *waiter)
{
  GcoThreadJob *job = waiter->lock;

  gco_cancel_later (waiter, job->cancellable);
  return TRUE;
}

static const GcoWaiterClass queued_waiter = { "a thread", leave, NULL };
static const GcoWaiterClass running_waiter = { "a function in a thread", leave, ask };

/* FALSE: @limits ended the wait. */
static gboolean
wait_for (GcoThreadJob         *job,
          const GcoWaiterClass *klass,
          const GcoWaitLimits  *limits,
          GError              **error)
{
  GcoWaiter waiter;
  gboolean  ended;

  gco_waiter_init (&waiter, klass, job, "gco_run_in_thread");
  if (!gco_waiter_may_wait (&waiter, limits, error))
    return FALSE;
  if (klass->ask != NULL && gco_waiter_is_doomed (waiter.coroutine))
    ask (&waiter);
  g_mutex_lock (&job->lock);
  ended = job->ended;
  if (!ended)
    gco_wait_list_append (&job->list, &waiter);
  g_mutex_unlock (&job->lock);
  if (!ended)
    return gco_waiter_park (&waiter, limits, error);
  gco_waiter_forgo (&waiter);
  return TRUE;
}

/* FALSE: it is in the queue of a pool that has no thread and can get none. */
static gboolean
push_job (GcoThreadJob *job,
          GError      **error)
{
  GThreadPool *pool = get_pool ();
  GError      *local_error = NULL;

  g_atomic_int_inc (&job->ref_count);
  /* Pairs with work(). The pool's lock does as much, which TSan cannot see. */
  gco_store_release (&job->state, QUEUED);
  if (g_thread_pool_push (pool, job, &local_error))
    return TRUE;
  if (g_thread_pool_get_num_threads (pool) > 0 || !change_state (job, DROPPED))
    {
      g_error_free (local_error);
      return TRUE;
    }
  g_propagate_error (error, local_error);
  return FALSE;
}

/* FALSE: it was never run. */
static gboolean
run_job (GcoThreadJob *job,
         GError      **error)
{
  GError *local_error = NULL;

  if (!push_job (job, error))
    return FALSE;
  if (wait_for (job,
                &queued_waiter,
                &GCO_WAIT_CANCELLABLE (job->cancellable),
                &local_error))
    return TRUE;
  if (change_state (job, DROPPED))
    {
      g_propagate_error (error, local_error);
      return FALSE;
    }
  g_clear_error (&local_error);
  wait_for (job, &running_waiter, &gco_wait_no_limits, NULL);
  return TRUE;
}

/**
 * gco_run_in_thread: (skip)
 * @func: a function that may block
 * @user_data: data for @func
 * @cancellable: (nullable): given to @func, which is not run if this is cancelled
 *   before; in a scope, if it is not the scope's, @func is given one that it cancels
 * @error: return location for an error
 *
 * Runs @func in another thread, while others go on here, and returns what it
 * returned. There are 16 threads for this in a process, apart from those of
 * [class@Gio.Task]; more work waits its turn, in order. What @func itself runs in a
 * thread, by [func@Gco.run_sync], gets one more, for it would wait for its own.
 *
 * @func has begun or it has not: in the first case the running coroutine waits for
 * it, cancelled or not, so that @user_data may be on its stack; the scope of the
 * coroutine and [method@Gco.AioContext.shutdown] cancel what @func was given then. In the
 * second, this gives up with `G_IO_ERROR_CANCELLED`, or with a
 * [error@GLib.ThreadError] when the system has no thread left. Coroutine only; may
 * yield.
 *
 * Returns: what @func returned; FALSE with @error if it was not run
 *
 * Since: 1.0
 */
gboolean
gco_run_in_thread (GcoRunFunc    func,
                   gpointer      user_data,
                   GCancellable *cancellable,
                   GError      **error)
{
  GcoCancelChain chain;
  GcoCoroutine  *self;
  GcoThreadJob  *job;
  gboolean       result;

  g_return_val_if_fail (func != NULL, FALSE);
  g_return_val_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  self = gco_coroutine_self_at_home ("gco_run_in_thread");
  if (g_cancellable_is_cancelled (cancellable) || gco_waiter_is_doomed (self))
    {
      g_set_error_literal (error,
                           G_IO_ERROR,
                           G_IO_ERROR_CANCELLED,
                           "Cancelled before it was run in a thread");
      return FALSE;
    }
  job = g_new0 (GcoThreadJob, 1);
  job->ref_count = 1;
  job->func = func;
  job->user_data = user_data;
  cancellable = gco_cancel_chain_begin (&chain, cancellable);
  job->cancellable = cancellable != NULL ? g_object_ref (cancellable) : NULL;
  g_mutex_init (&job->lock);
  result = run_job (job, error) && job->result;
  if (job->error != NULL)
    g_propagate_error (error, job->error);
  job_unref (job);
  gco_cancel_chain_end (&chain);
  return result;
}
