/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Waits that are cancelled from every thread, in coroutines and out of them, as
 * fast as they are made, while they run out of time: no wake goes to one that gave
 * up, none is lost, and nobody is left in a lock.
 */

#include "gco-stress.h"

#include <string.h>

#define N_THREADS 4
#define N_CLIENTS 12

typedef struct
{
  GRand       *rand; /* (main thread) */
  StressClient clients[N_CLIENTS];

  GcoQueue  queue;
  GcoMutex  mutex;
  GcoRwlock rwlock;
  GcoSleep  sleeps[N_CLIENTS];

  gint64 n_picked;    /* (atomic) next said that it picked one */
  gint64 n_granted;   /* (atomic) who was picked says so */
  gint64 n_cancelled; /* (atomic) */
  gint64 n_over;      /* (atomic) its time was */
  int    n_inside;    /* (atomic) of the mutex */
  int    n_readers;   /* (atomic) */
  int    n_writers;   /* (atomic) */
} Shared;

typedef struct
{
  Shared *shared;
  int     index;
} Client;

static void
count (gint64 *counter)
{
  __atomic_fetch_add (counter, 1, __ATOMIC_RELAXED);
}

/* Counts how a wait ended; passes @granted on. */
static gboolean
count_wait (Shared  *shared,
            gboolean granted,
            GError  *error)
{
  if (granted)
    {
      g_assert_no_error (error);
      count (&shared->n_granted);
      return TRUE;
    }
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT))
    count (&shared->n_over);
  else
    {
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
      count (&shared->n_cancelled);
    }
  g_error_free (error);
  return FALSE;
}

/* Never, past already, or about as far away as the others are. */
static gint64
any_deadline (GRand *rand)
{
  if (stress_chance (rand, 40))
    return G_MAXINT64;
  return gco_clock_get_time_ns (NULL) + g_rand_int_range (rand, -10000, 200000);
}

static void
cancel_any (Shared *shared,
            GRand  *rand)
{
  stress_client_cancel (&shared->clients[g_rand_int_range (rand, 0, N_CLIENTS)]);
}

/* In every thread. */
static void
run_canceller (Stress  *stress,
               GRand   *rand,
               gpointer user_data)
{
  while (!stress_is_over (stress))
    {
      cancel_any (user_data, rand);
      gco_test_pass ();
    }
}

static void
cancel_from_main (gpointer user_data)
{
  Shared *shared = user_data;

  cancel_any (shared, shared->rand);
}

static void
run_test (StressFunc func,
          StressFunc other_func,
          void (*finish) (gpointer user_data),
          Shared *shared)
{
  Client clients[N_CLIENTS];
  Stress stress;

  *shared = (Shared){ .rand = g_rand_new_with_seed (g_test_rand_int ()) };
  stress_begin (&stress, N_THREADS);
  for (int i = 0; i < N_CLIENTS; i++)
    {
      clients[i] = (Client){ shared, i };
      stress_spawn (&stress,
                    stress.contexts[i % N_THREADS],
                    g_test_rand_int (),
                    func,
                    &clients[i]);
    }
  for (int i = 0; i < N_THREADS; i++)
    {
      stress_spawn (&stress,
                    stress.contexts[i],
                    g_test_rand_int (),
                    run_canceller,
                    shared);
      if (other_func != NULL)
        stress_spawn (&stress, stress.contexts[i], g_test_rand_int (), other_func, shared);
    }
  stress_run (&stress, cancel_from_main, shared);
  stress_end (&stress, finish, shared);
  for (int i = 0; i < N_CLIENTS; i++)
    stress_client_clear (&shared->clients[i]);
  g_rand_free (shared->rand);
  g_test_message ("%" G_GINT64_FORMAT " waits granted, %" G_GINT64_FORMAT
                  " cancelled, %" G_GINT64_FORMAT " timed out",
                  shared->n_granted,
                  shared->n_cancelled,
                  shared->n_over);
  g_assert_cmpint (shared->n_granted, >, 0);
  g_assert_cmpint (shared->n_cancelled, >, 0);
  g_assert_cmpint (shared->n_over, >, 0);
}

/* -------------------------------------------------------------------- queue */

static void
wait_in_queue (Stress  *stress,
               GRand   *rand,
               gpointer user_data)
{
  Client *client = user_data;
  Shared *shared = client->shared;

  while (!stress_is_over (stress))
    {
      GError  *error = NULL;
      gboolean granted;

      granted = gco_queue_wait_full_until (&shared->queue,
                                           GCO_LOCKABLE (NULL),
                                           g_rand_boolean (rand) ? GCO_QUEUE_WAIT_INSERT_HEAD : 0,
                                           NULL,
                                           any_deadline (rand),
                                           stress_client_renew (&shared->clients[client->index]),
                                           &error);
      count_wait (shared, granted, error);
    }
}

static void
pick_one (gpointer user_data)
{
  Shared *shared = user_data;

  if (gco_queue_next (&shared->queue))
    count (&shared->n_picked);
}

static void
run_picker (Stress  *stress,
            GRand   *rand,
            gpointer user_data)
{
  while (!stress_is_over (stress))
    {
      pick_one (user_data);
      if (stress_chance (rand, 50))
        gco_test_pass ();
    }
}

static void
test_queue (void)
{
  static const GcoQueue empty;
  Shared                shared;

  run_test (wait_in_queue, run_picker, pick_one, &shared);
  g_assert_cmpint (shared.n_picked, ==, shared.n_granted);
  g_assert_cmpmem (&shared.queue, sizeof shared.queue, &empty, sizeof empty);
}

/* -------------------------------------------------------------------- mutex */

static void
lock_mutex (Stress  *stress,
            GRand   *rand,
            gpointer user_data)
{
  Client *client = user_data;
  Shared *shared = client->shared;

  while (!stress_is_over (stress))
    {
      GCancellable *cancellable = stress_client_renew (&shared->clients[client->index]);
      GError       *error = NULL;
      gboolean      granted;

      granted = gco_mutex_lock_until (&shared->mutex,
                                      NULL,
                                      any_deadline (rand),
                                      cancellable,
                                      &error);
      if (!count_wait (shared, granted, error))
        continue;
      g_assert_cmpint (g_atomic_int_add (&shared->n_inside, 1), ==, 0);
      if (stress_chance (rand, 50))
        gco_test_pass ();
      g_assert_cmpint (g_atomic_int_add (&shared->n_inside, -1), ==, 1);
      gco_mutex_unlock (&shared->mutex);
    }
}

static void
test_mutex (void)
{
  static const GcoMutex unlocked;
  Shared                shared;

  run_test (lock_mutex, NULL, NULL, &shared);
  g_assert_cmpmem (&shared.mutex, sizeof shared.mutex, &unlocked, sizeof unlocked);
}

/* ------------------------------------------------------------------- rwlock */

static void
use_rwlock (Shared  *shared,
            GRand   *rand,
            gboolean exclusive)
{
  int *n_mine = exclusive ? &shared->n_writers : &shared->n_readers;

  g_atomic_int_inc (n_mine);
  if (stress_chance (rand, 50))
    gco_test_pass ();
  g_assert_cmpint (g_atomic_int_get (&shared->n_writers), ==, exclusive ? 1 : 0);
  if (exclusive)
    g_assert_cmpint (g_atomic_int_get (&shared->n_readers), ==, 0);
  g_atomic_int_add (n_mine, -1);
}

static void
lock_rwlock (Stress  *stress,
             GRand   *rand,
             gpointer user_data)
{
  Client *client = user_data;
  Shared *shared = client->shared;

  while (!stress_is_over (stress))
    {
      GCancellable *cancellable = stress_client_renew (&shared->clients[client->index]);
      gboolean      exclusive = stress_chance (rand, 40);
      GError       *error = NULL;
      gboolean      granted;

      granted = (exclusive ? gco_rwlock_wrlock_until
                           : gco_rwlock_rdlock_until) (&shared->rwlock,
                                                       NULL,
                                                       any_deadline (rand),
                                                       cancellable,
                                                       &error);
      if (!count_wait (shared, granted, error))
        continue;
      use_rwlock (shared, rand, exclusive);
      if (!exclusive && stress_chance (rand, 30))
        {
          error = NULL;
          granted = gco_rwlock_upgrade_until (&shared->rwlock,
                                              NULL,
                                              any_deadline (rand),
                                              cancellable,
                                              &error);
          count_wait (shared, granted, error);
          use_rwlock (shared, rand, granted);
        }
      gco_rwlock_unlock (&shared->rwlock);
    }
}

static void
test_rwlock (void)
{
  static const GcoRwlock unlocked;
  Shared                 shared;

  run_test (lock_rwlock, NULL, NULL, &shared);
  g_assert_cmpmem (&shared.rwlock, sizeof shared.rwlock, &unlocked, sizeof unlocked);
}

/* -------------------------------------------------------------------- sleep */

static void
sleep_a_little (Stress  *stress,
                GRand   *rand,
                gpointer user_data)
{
  Client *client = user_data;
  Shared *shared = client->shared;

  while (!stress_is_over (stress))
    {
      GCancellable *cancellable = stress_client_renew (&shared->clients[client->index]);
      GError       *error = NULL;
      gboolean      woken;

      woken = gco_sleep_wait_until (&shared->sleeps[client->index],
                                    NULL,
                                    any_deadline (rand),
                                    cancellable,
                                    &error);
      count_wait (shared, woken, error);
    }
}

static void
wake_any (Shared *shared,
          GRand  *rand)
{
  gco_sleep_wake (&shared->sleeps[g_rand_int_range (rand, 0, N_CLIENTS)]);
  count (&shared->n_picked);
}

static void
run_waker (Stress  *stress,
           GRand   *rand,
           gpointer user_data)
{
  while (!stress_is_over (stress))
    {
      wake_any (user_data, rand);
      gco_test_pass ();
    }
}

static void
wake_from_main (gpointer user_data)
{
  Shared *shared = user_data;

  wake_any (shared, shared->rand);
}

static void
test_sleep (void)
{
  Shared shared;

  run_test (sleep_a_little, run_waker, wake_from_main, &shared);
  /* several wakes may be one */
  g_assert_cmpint (shared.n_granted, <=, shared.n_picked);
}

int
main (int   argc,
      char *argv[])
{
  gco_test_init (&argc, &argv);
  g_test_add_func ("/stress/cancel/queue", test_queue);
  g_test_add_func ("/stress/cancel/mutex", test_mutex);
  g_test_add_func ("/stress/cancel/rwlock", test_rwlock);
  g_test_add_func ("/stress/cancel/sleep", test_sleep);
  return g_test_run ();
}
