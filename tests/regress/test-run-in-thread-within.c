/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Functions that run in all of the threads there are, and each of which runs another
 * one in a thread: those never had their turn. */

#include "gco-test.h"

#define N_THREADS 16

static guint n_began; /* (atomic) */

static gboolean
innermost (GCancellable *cancellable,
           gpointer      user_data,
           GError      **error)
{
  return TRUE;
}

static gboolean
in_thread (GCancellable *cancellable,
           gpointer      user_data,
           GError      **error)
{
  return gco_run_in_thread (innermost, NULL, NULL, error);
}

static gboolean
outermost (GCancellable *cancellable,
           gpointer      user_data,
           GError      **error)
{
  g_atomic_int_inc (&n_began);
  while (g_atomic_int_get (&n_began) < N_THREADS)
    g_thread_yield ();
  return gco_run_sync (in_thread, NULL, NULL, error);
}

static void
run (gpointer user_data)
{
  guint *n_ended = user_data;

  g_assert_true (gco_run_in_thread (outermost, NULL, NULL, NULL));
  ++*n_ended;
}

static void
test_within (GcoTest *t)
{
  guint n_ended = 0;

  n_began = 0;
  for (int i = 0; i < N_THREADS; i++)
    gco_test_spawn (t, run, &n_ended);
  while (n_ended < N_THREADS)
    gco_test_iterate_blocking (t);
}

int
main (int   argc,
      char *argv[])
{
  gco_test_init (&argc, &argv);
  gco_test_add ("/regress/run-in-thread-within", test_within);
  return g_test_run ();
}
