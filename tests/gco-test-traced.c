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
  return 0;
}
