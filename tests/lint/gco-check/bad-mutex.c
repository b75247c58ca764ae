/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <gco.h>

static GMutex   mutex;
static GMutex   other;
static GcoMutex gentle;

static void gco_coroutine_fn
holds (void)
{
  g_mutex_lock (&mutex);
  gco_sleep_ns (NULL, 1); /* [mutex] gco_sleep_ns () waits, and g_mutex_lock (& mutex) */
  g_mutex_unlock (&mutex);
}

static void gco_coroutine_fn
unlocks_another (void)
{
  g_mutex_lock (&mutex);
  g_mutex_lock (&other);
  g_mutex_unlock (&other);
  gco_mutex_lock (&gentle); /* [mutex] gco_mutex_lock () */
  gco_mutex_unlock (&gentle);
  g_mutex_unlock (&mutex);
}

static void gco_coroutine_fn
to_the_end (gboolean twice)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&mutex);

  if (twice)
    gco_coroutine_yield (); /* [mutex] g_mutex_locker_new (& mutex) */
}
