/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A thread's mutex for a short while, or a lock of coroutines for a long one. */
#include <gco.h>

static GMutex   mutex;
static GcoMutex gentle;
static int      number;

static void gco_coroutine_fn
short_while (gboolean early)
{
  g_mutex_lock (&mutex);
  number++;
  g_mutex_unlock (&mutex);
  gco_sleep_ns (NULL, 1);

  if (early)
    {
      g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&mutex);

      number++;
    }
  gco_sleep_ns (NULL, 1);
}

static void gco_coroutine_fn
long_one (void)
{
  GCO_MUTEX_AUTO_LOCK (&gentle, lock);

  gco_sleep_ns (NULL, 1);
}

static void gco_coroutine_fn
does_not_wait (void)
{
  gco_mutex_lock (&gentle);
  g_mutex_lock (&mutex);
  gco_mutex_unlock (&gentle);
  g_mutex_unlock (&mutex);
}
