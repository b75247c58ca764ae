/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Does everything that has a probe, each at least once. */

#include <gco.h>

static GcoMutex mutex;
static guint    n_ended;

static void
hold (gpointer name)
{
  gco_coroutine_set_name (gco_coroutine_self (), name);
  gco_mutex_lock (&mutex);
  gco_sleep_ns (NULL, 1000000);
  gco_mutex_unlock (&mutex);
  n_ended++;
}

static void
give_up (gpointer cancellable)
{
  gco_coroutine_set_name (gco_coroutine_self (), "impatient");
  if (gco_mutex_lock_cancellable (&mutex, cancellable, NULL))
    g_error ("It was not cancelled");
  n_ended++;
}

static void
on_locked (GObject      *face,
           GAsyncResult *result,
           gpointer      unused)
{
  if (!gco_async_mutex_lock_finish (GCO_ASYNC_MUTEX (face), result, NULL))
    g_error ("It was not locked");
  n_ended++;
}

static void
on_woken (GObject      *queue,
          GAsyncResult *result,
          gpointer      unused)
{
  if (!gco_async_wait_queue_wait_finish (GCO_ASYNC_WAIT_QUEUE (queue), result, NULL))
    g_error ("It was not woken");
  n_ended++;
}

/* Waits for a mutex, and in a queue, after which the mutex is free. */
static void
wait_async (void)
{
  g_autoptr (GcoAsyncMutex) face = gco_async_mutex_new ();
  g_autoptr (GcoAsyncWaitQueue) queue = gco_async_wait_queue_new ();

  if (!gco_async_mutex_trylock (face))
    g_error ("It was locked");
  gco_async_mutex_lock_async (face, NULL, on_locked, NULL);
  gco_async_mutex_unlock (face, NULL);
  while (n_ended < 4)
    g_main_context_iteration (NULL, TRUE);
  gco_async_wait_queue_wait_async (queue, face, NULL, on_woken, NULL);
  gco_async_wait_queue_next (queue);
  while (n_ended < 5)
    g_main_context_iteration (NULL, TRUE);
  gco_async_mutex_unlock (face, NULL);
}

static void
nothing (gpointer unused)
{
}

int
main (void)
{
  g_autoptr (GcoAioContext) ctx = gco_aio_context_new ();
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();

  gco_spawn (ctx, hold, (gpointer) "first", NULL);
  gco_spawn (ctx, hold, (gpointer) "second", NULL);
  gco_spawn (ctx, give_up, cancellable, NULL);
  gco_aio_context_poll (ctx, FALSE);
  g_cancellable_cancel (cancellable);
  gco_aio_context_schedule_oneshot (ctx, nothing, NULL, NULL);
  while (n_ended < 3)
    gco_aio_context_poll (ctx, TRUE);
  gco_coroutine_enter (gco_coroutine_create (nothing, NULL));
  wait_async ();
  return 0;
}
