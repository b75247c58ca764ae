/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* gco_run_in_thread() keeps a reference to its cancellable: whoever cancels and lets
 * go of it at once must not leave the function with a dangling pointer. */

#include "gco-test.h"

typedef struct
{
  GMutex        lock;
  GCond         changed;
  gboolean      began;   /* (lock) */
  gboolean      may_end; /* (lock) */
  GCancellable *dropped; /* weak */
  gboolean      was_had; /* in the thread */
  gboolean      has_ended;
} Dropped;

static gboolean
in_thread (GCancellable *cancellable,
           gpointer      user_data,
           GError      **error)
{
  Dropped *d = user_data;

  g_mutex_lock (&d->lock);
  d->began = TRUE;
  g_cond_signal (&d->changed);
  while (!d->may_end)
    g_cond_wait (&d->changed, &d->lock);
  d->was_had = d->dropped == cancellable;
  g_mutex_unlock (&d->lock);
  return TRUE;
}

static void
run (gpointer user_data)
{
  Dropped *d = user_data;

  g_assert_true (gco_run_in_thread (in_thread, d, d->dropped, NULL));
  d->has_ended = TRUE;
}

static void
test_dropped (GcoTest *t)
{
  Dropped       d = { 0 };
  GCancellable *cancellable = g_cancellable_new ();

  g_set_weak_pointer (&d.dropped, cancellable);
  gco_test_spawn (t, run, &d);
  gco_test_iterate (t);
  g_mutex_lock (&d.lock);
  while (!d.began)
    g_cond_wait (&d.changed, &d.lock);
  g_mutex_unlock (&d.lock);
  g_cancellable_cancel (cancellable);
  g_object_unref (cancellable);
  gco_test_drain (t);
  g_mutex_lock (&d.lock);
  d.may_end = TRUE;
  g_cond_signal (&d.changed);
  g_mutex_unlock (&d.lock);
  gco_test_run_until (t, &d.has_ended);
  g_assert_true (d.was_had);
  g_clear_weak_pointer (&d.dropped);
}

int
main (int   argc,
      char *argv[])
{
  gco_test_init (&argc, &argv);
  gco_test_add ("/regress/run-in-thread-cancellable-dropped", test_dropped);
  return g_test_run ();
}
