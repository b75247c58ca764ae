/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * One coroutine makes things, two take them, and between them there is room for
 * two. The mutex guards the room; the queues are where to wait while it is full
 * or empty. A wait gives the mutex back and has it again when it returns.
 */

#include <gco.h>

#define ROOM 2
#define N_THINGS 6

typedef struct
{
  GcoMutex lock;
  GcoQueue not_full;
  GcoQueue not_empty;
  int      things[ROOM]; /* (lock) */
  guint    n;            /* (lock) */
  gboolean closed;       /* (lock) */
  guint    n_running;
} Shop;

static void gco_coroutine_fn
produce (gpointer user_data)
{
  Shop *shop = user_data;

  for (int i = 1; i <= N_THINGS; i++)
    {
      GCO_MUTEX_AUTO_LOCK (&shop->lock, held);

      while (shop->n == ROOM)
        {
          g_print ("producer waits\n");
          gco_queue_wait (&shop->not_full, &shop->lock);
        }
      g_print ("producer brings %d\n", i);
      shop->things[shop->n++] = i;
      gco_queue_next (&shop->not_empty);
    }

  gco_mutex_lock (&shop->lock);
  shop->closed = TRUE;
  gco_queue_restart_all (&shop->not_empty);
  gco_mutex_unlock (&shop->lock);
  shop->n_running--;
}

/* Returns: 0 when there is nothing any more, and never will be */
static int gco_coroutine_fn
take (Shop *shop)
{
  GCO_MUTEX_AUTO_LOCK (&shop->lock, held);
  int thing;

  while (shop->n == 0 && !shop->closed)
    gco_queue_wait (&shop->not_empty, &shop->lock);
  if (shop->n == 0)
    return 0;

  thing = shop->things[0];
  shop->things[0] = shop->things[1];
  shop->n--;
  gco_queue_next (&shop->not_full);
  return thing;
}

static void gco_coroutine_fn
consume (gpointer user_data)
{
  Shop       *shop = user_data;
  const char *name = gco_coroutine_get_name (gco_coroutine_self ());
  int         thing;

  while ((thing = take (shop)) != 0)
    {
      g_print ("%s takes %d\n", name, thing);
      /* let the others have a turn */
      gco_coroutine_reschedule ();
    }
  g_print ("%s leaves\n", name);
  shop->n_running--;
}

static void
start (GcoAioContext   *ctx,
       const char      *name,
       GcoCoroutineFunc func,
       Shop            *shop)
{
  GcoCoroutine *coroutine = gco_spawn (ctx, func, shop, NULL);

  if (coroutine == NULL)
    g_error ("there is no memory for a stack");
  gco_coroutine_set_name (coroutine, name);
  shop->n_running++;
}

int
main (void)
{
  g_autoptr (GcoAioContext) ctx = gco_aio_context_new ();
  Shop shop = { 0 }; /* zero-filled locks are valid, and need no end */

  start (ctx, "Ann", consume, &shop);
  start (ctx, "Bob", consume, &shop);
  start (ctx, "producer", produce, &shop);
  while (shop.n_running > 0)
    gco_aio_context_poll (ctx, TRUE);
  return 0;
}
