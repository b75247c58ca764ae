/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Many _async waits with one cancellable: each found its handler by looking through
 * all of them, so that serving 16,000 took 0.7 s. */

#include "gco-test.h"

#include <time.h>

static void
on_locked (GObject      *mutex,
           GAsyncResult *result,
           gpointer      n_left)
{
  g_assert_true (gco_async_mutex_lock_finish (GCO_ASYNC_MUTEX (mutex), result, NULL));
  g_assert_true (gco_async_mutex_unlock (GCO_ASYNC_MUTEX (mutex), NULL));
  --*(guint *) n_left;
}

/* In processor time. */
static double
serve (GcoTest *t,
       guint    n_waiters)
{
  g_autoptr (GcoAsyncMutex) mutex = gco_async_mutex_new ();
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  guint   n_left = n_waiters;
  clock_t begin;

  g_assert_true (gco_async_mutex_trylock (mutex));
  for (guint i = 0; i < n_waiters; i++)
    gco_async_mutex_lock_async (mutex, cancellable, on_locked, &n_left);
  begin = clock ();
  g_assert_true (gco_async_mutex_unlock (mutex, NULL));
  while (n_left > 0)
    gco_test_iterate (t);
  return (double) (clock () - begin);
}

static void
test_linear (GcoTest *t)
{
  guint  n_few = gco_test_scale (2000);
  double few = serve (t, n_few);
  double many = serve (t, 16 * n_few);

  g_test_message ("16 times as many take %.1f times as long", many / few);
  g_assert_cmpfloat (many, <, 80 * few + CLOCKS_PER_SEC / 20);
}

int
main (int   argc,
      char *argv[])
{
  gco_test_init (&argc, &argv);
  gco_test_add_source ("/regress/shared-cancellable-slow", test_linear);
  return g_test_run ();
}
