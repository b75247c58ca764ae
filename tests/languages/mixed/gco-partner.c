/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "gco-partner.h"

static guint n_coroutines;
static guint n_watched;

/**
 * gco_partner_count_coroutine: (skip)
 * @n: 1 or -1
 *
 * One begins, or ends.
 */
void
gco_partner_count_coroutine (int n)
{
  n_coroutines += n;
}

/**
 * gco_partner_get_n_coroutines:
 *
 * Returns: how many of this library have begun, and not ended
 */
guint
gco_partner_get_n_coroutines (void)
{
  return n_coroutines;
}

static void
on_finalized (gpointer user_data,
              GObject *where)
{
  n_watched--;
}

/**
 * gco_partner_watch:
 * @object: an object
 *
 * Counts @object until it is finalised.
 */
void
gco_partner_watch (GObject *object)
{
  n_watched++;
  g_object_weak_ref (object, on_finalized, NULL);
}

/**
 * gco_partner_get_n_watched:
 *
 * Returns: how many of the watched objects are left
 */
guint
gco_partner_get_n_watched (void)
{
  return n_watched;
}

/**
 * gco_partner_get_n_context_refs:
 *
 * Each wait and each coroutine keeps its context alive.
 *
 * Returns: how many references there are to the default context
 */
guint
gco_partner_get_n_context_refs (void)
{
  return g_atomic_int_get (&G_OBJECT (gco_aio_context_get_default ())->ref_count);
}

/* ------------------------------------------------------- coroutines that never end */

static void gco_coroutine_fn
wait_in (GObject *lock)
{
  if (GCO_IS_ASYNC_MUTEX (lock))
    gco_mutex_lock (gco_async_mutex_get_mutex (GCO_ASYNC_MUTEX (lock)));
  else if (GCO_IS_ASYNC_SEMAPHORE (lock))
    gco_semaphore_acquire (gco_async_semaphore_get_semaphore (GCO_ASYNC_SEMAPHORE (lock)));
  else if (GCO_IS_ASYNC_RWLOCK (lock))
    gco_rwlock_wrlock (gco_async_rwlock_get_rwlock (GCO_ASYNC_RWLOCK (lock)));
  else
    gco_queue_wait (gco_async_wait_queue_get_queue (GCO_ASYNC_WAIT_QUEUE (lock)), NULL);
}

static void gco_coroutine_fn
hold (gpointer user_data)
{
  wait_in (user_data);
  for (;;)
    gco_coroutine_yield ();
}

static void gco_coroutine_fn
wait_once (gpointer user_data)
{
  g_autoptr (GObject) lock = user_data;

  gco_partner_count_coroutine (1);
  wait_in (lock);
  gco_partner_count_coroutine (-1);
}

/**
 * gco_partner_hold:
 * @lock: any lock, or a queue
 *
 * Has a coroutine wait for @lock, and keep it for ever.
 */
void
gco_partner_hold (GObject *lock)
{
  gco_spawn (NULL, hold, g_object_ref (lock), NULL);
}

/**
 * gco_partner_wait:
 * @lock: any lock, or a queue
 *
 * Has a coroutine wait in @lock. Of what it is granted it gives back nothing: a mutex
 * it must not be granted.
 */
void
gco_partner_wait (GObject *lock)
{
  gco_spawn (NULL, wait_once, g_object_ref (lock), NULL);
}

/* ------------------------------------------------------------------ another thread */

typedef struct
{
  GcoAioContext *ctx;
  GcoFunc        func;
  gpointer       user_data;
  GDestroyNotify destroy;
} Oneshot;

static gpointer
schedule (gpointer data)
{
  Oneshot *self = data;

  gco_aio_context_schedule_oneshot (self->ctx, self->func, self->user_data, self->destroy);
  return NULL;
}

/**
 * gco_partner_schedule_from_thread:
 * @ctx: a context
 * @func: (scope notified) (closure user_data) (destroy destroy): a function
 * @user_data: data for @func
 * @destroy: (nullable): frees @user_data
 *
 * Has another thread call gco_aio_context_schedule_oneshot(), and waits for that.
 */
void
gco_partner_schedule_from_thread (GcoAioContext *ctx,
                                  GcoFunc        func,
                                  gpointer       user_data,
                                  GDestroyNotify destroy)
{
  Oneshot self = { ctx, func, user_data, destroy };

  g_thread_join (g_thread_new ("partner", schedule, &self));
}
