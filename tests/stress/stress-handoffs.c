/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Nothing but handing over, from thread to thread: locks to whom waits for them in another
 * thread, and coroutines that move there. So many are under way at any time that no
 * thread sleeps. GCO_STRESS_HANDOFFS=N: how many altogether.
 */

#include "gco-stress.h"

#include <stdlib.h>

#define HANDOFFS 300000
#define N_THREADS 2
#define N_LOCKS 16
#define N_COROUTINES 128

typedef struct
{
  GcoMutex mutex;
  GThread *last;     /* (mutex) who held it before */
  gint64   n_passed; /* (mutex) from one thread to another */
  gint64   n_moved;  /* (mutex) coroutines */
} Lock;

typedef struct
{
  Lock   locks[N_LOCKS];
  gint64 n_enough; /* for each lock */
} Shared;

static void
hand_over (Stress  *stress,
           GRand   *rand,
           gpointer user_data)
{
  Shared  *shared = user_data;
  Lock    *lock = &shared->locks[g_rand_int_range (rand, 0, N_LOCKS)];
  GThread *before = g_thread_self ();
  guint    i = 0;
  gint64   n = 0;

  while (n < shared->n_enough)
    {
      GThread *here = g_thread_self ();

      gco_mutex_lock (&lock->mutex);
      lock->n_passed += lock->last != here;
      lock->n_moved += before != here;
      lock->last = before = here;
      n = lock->n_passed + lock->n_moved;
      gco_mutex_unlock (&lock->mutex);
      if (++i % 4 == 0)
        gco_coroutine_move_to (stress->contexts[i / 4 % N_THREADS]);
    }
}

static gint64
how_many (void)
{
  const char *n = g_getenv ("GCO_STRESS_HANDOFFS");

  return n != NULL ? atoll (n) : gco_test_scale (HANDOFFS);
}

static void
test_handoffs (void)
{
  Shared shared = { .n_enough = how_many () / N_LOCKS };
  gint64 n_passed = 0, n_moved = 0;
  Stress stress;

  stress_begin (&stress, N_THREADS);
  for (int i = 0; i < N_COROUTINES; i++)
    stress_spawn (&stress,
                  stress.contexts[i % N_THREADS],
                  g_test_rand_int (),
                  hand_over,
                  &shared);
  stress_run (&stress, NULL, NULL);
  stress_end (&stress, NULL, NULL);
  for (int i = 0; i < N_LOCKS; i++)
    {
      n_passed += shared.locks[i].n_passed;
      n_moved += shared.locks[i].n_moved;
    }
  g_test_message ("locks handed over %" G_GINT64_FORMAT
                  " times, coroutines %" G_GINT64_FORMAT " times",
                  n_passed,
                  n_moved);
  g_assert_cmpint (n_passed, >, 0);
  g_assert_cmpint (n_moved, >, 0);
}

int
main (int   argc,
      char *argv[])
{
  gco_test_init (&argc, &argv);
  g_test_add_func ("/stress/handoffs", test_handoffs);
  return g_test_run ();
}
