/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A program that is stuck, for debuggers to look at: it stops when all are waiting. */

#include <gco.h>

static GcoMutex  mutex;
static GcoRwlock rwlock;
static GcoQueue  queue;

/* Called by name. */
void stuck_stop (void);

__attribute__ ((noinline)) void
stuck_stop (void)
{
  abort ();
}

static __attribute__ ((noinline)) void
hold_and_wait (int depth)
{
  if (depth > 0)
    hold_and_wait (depth - 1);
  else
    gco_queue_wait (&queue, NULL);
  g_print ("never\n");
}

static void
holder (gpointer user_data)
{
  gco_coroutine_set_name (gco_coroutine_self (), "holder");
  gco_mutex_lock (&mutex);
  gco_rwlock_wrlock (&rwlock);
  hold_and_wait (3);
}

static void
waiter (gpointer user_data)
{
  gco_coroutine_set_name (gco_coroutine_self (), "waiter");
  gco_mutex_lock (&mutex);
}

/* And back: it has used more of its stack than it does now. */
static __attribute__ ((noinline)) void
dive (void)
{
  volatile char bytes[100 * 1024];

  for (gsize i = 0; i < sizeof bytes; i++)
    bytes[i] = 1;
}

static void
reader (gpointer user_data)
{
  dive ();
  gco_coroutine_set_name (gco_coroutine_self (), "reader");
  gco_rwlock_rdlock (&rwlock);
}

int
main (void)
{
  g_autoptr (GcoAioContext) ctx = gco_aio_context_new ();

  gco_spawn (ctx, holder, NULL, NULL);
  gco_spawn (ctx, waiter, NULL, NULL);
  gco_spawn (ctx, reader, NULL, NULL);
  while (gco_aio_context_poll (ctx, FALSE))
    ;
  stuck_stop ();
  return 0;
}
