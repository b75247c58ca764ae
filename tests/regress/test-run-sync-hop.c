/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * gco_run_sync() waited for ever for what another thread had granted, when that went by way
 * of a context of this thread: nobody dispatches it meanwhile.
 */

#include "gco-test.h"

static GcoMutex mutex;
static gboolean locked; /* (atomic) */

/* In its state, besides who holds it. */
#define WAITERS ((guintptr) 2)

static gboolean
hold_until_wanted (GCancellable *cancellable,
                   gpointer      user_data,
                   GError      **error)
{
  gco_mutex_lock (&mutex);
  g_atomic_int_set (&locked, TRUE);
  while ((g_atomic_pointer_get (&mutex.state) & WAITERS) == 0)
    g_thread_yield ();
  gco_mutex_unlock (&mutex);
  return TRUE;
}

static gpointer
run_holder (gpointer user_data)
{
  g_assert_true (gco_run_sync (hold_until_wanted, NULL, NULL, NULL));
  return NULL;
}

static gboolean
take (GCancellable *cancellable,
      gpointer      user_data,
      GError      **error)
{
  gco_mutex_lock (&mutex);
  gco_mutex_unlock (&mutex);
  return TRUE;
}

static void
test_hop (void)
{
  g_autoptr (GcoAioContext) via = gco_aio_context_new ();

  gco_aio_context_poll (via, FALSE);
  gco_mutex_init_with_context (&mutex, via);
  for (guint i = 0; i < gco_test_scale (100); i++)
    {
      GThread *thread;

      g_atomic_int_set (&locked, FALSE);
      thread = g_thread_new ("holder", run_holder, NULL);
      while (!g_atomic_int_get (&locked))
        g_thread_yield ();
      g_assert_true (gco_run_sync (take, NULL, NULL, NULL));
      g_thread_join (thread);
    }
  gco_aio_context_release_thread (via);
}

int
main (int    argc,
      char **argv)
{
  gco_test_init (&argc, &argv);
  g_test_add_func ("/regress/run-sync-hop", test_hop);
  return g_test_run ();
}
