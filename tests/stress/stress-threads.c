/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Five threads with a context each. Coroutines move among them, are scheduled
 * and woken by each other from anywhere, start others, and all want one mutex,
 * under which they count: once with an atomic, once without.
 */

#include "gco-stress.h"

#define N_THREADS 5
#define N_COROUTINES 40
#define N_SEATS 3

typedef struct
{
  GcoMutex      mutex;
  gint64        counter;        /* (mutex) */
  int           holders;        /* (atomic) */
  gint64        atomic_counter; /* (atomic) */
  GcoCoroutine *seats[N_SEATS]; /* (atomic) who yields until another comes */
  int           n_moves;        /* (atomic) */
  int           n_wakes;        /* (atomic) */
  int           n_children;     /* (atomic) */
  int           n_oneshots;     /* (atomic) */
} Shared;

static void
count (Shared *shared)
{
  g_assert_cmpint (g_atomic_int_add (&shared->holders, 1), ==, 0);
  shared->counter++;
  g_assert_cmpint (g_atomic_int_add (&shared->holders, -1), ==, 1);
  __atomic_fetch_add (&shared->atomic_counter, 1, __ATOMIC_RELAXED);
}

static void
lock_and_count (Shared *shared,
                GRand  *rand)
{
  gco_mutex_lock (&shared->mutex);
  count (shared);
  if (stress_chance (rand, 10))
    gco_test_pass ();
  gco_mutex_unlock (&shared->mutex);
}

/* Takes a seat, for the one who sits there to go on; yields until another wants
 * it. When time is up, nobody may come any more. */
static void
take_seat (Stress *stress,
           GRand  *rand,
           Shared *shared)
{
  GcoCoroutine **seat = &shared->seats[g_rand_int_range (rand, 0, N_SEATS)];
  GcoCoroutine  *self = gco_coroutine_self ();
  GcoCoroutine  *before = __atomic_exchange_n (seat, self, __ATOMIC_SEQ_CST);

  if (before != NULL)
    {
      g_atomic_int_inc (&shared->n_wakes);
      gco_coroutine_wake (before);
    }
  if (stress_is_over (stress) && g_atomic_pointer_compare_and_exchange (seat, self, NULL))
    return;
  gco_coroutine_yield ();
}

static void
run_child (Stress  *stress,
           GRand   *rand,
           gpointer user_data)
{
  Shared *shared = user_data;

  if (stress_chance (rand, 50))
    gco_test_pass ();
  lock_and_count (shared, rand);
}

static void
count_oneshot (gpointer user_data)
{
  Shared *shared = user_data;

  g_assert_false (gco_in_coroutine ());
  g_atomic_int_inc (&shared->n_oneshots);
}

static void
run_coroutine (Stress  *stress,
               GRand   *rand,
               gpointer user_data)
{
  Shared *shared = user_data;

  while (!stress_is_over (stress))
    {
      GcoAioContext *ctx = stress_random_context (stress, rand);

      switch (g_rand_int_range (rand, 0, 8))
        {
        case 0:
        case 1:
          gco_coroutine_move_to (ctx);
          g_assert_true (gco_aio_context_get_current () == ctx);
          g_atomic_int_inc (&shared->n_moves);
          break;
        case 2:
        case 3:
          take_seat (stress, rand, shared);
          break;
        case 4:
          stress_spawn (stress, ctx, g_rand_int (rand), run_child, shared);
          g_atomic_int_inc (&shared->n_children);
          gco_test_pass ();
          break;
        case 5:
          gco_aio_context_schedule_oneshot (ctx, count_oneshot, shared, NULL);
          break;
        default:
          lock_and_count (shared, rand);
          break;
        }
    }
}

static void
test_scheduled (void)
{
  Shared shared = { 0 };
  Stress stress;

  stress_begin (&stress, N_THREADS);
  for (int i = 0; i < N_COROUTINES; i++)
    stress_spawn (&stress,
                  stress.contexts[i % N_THREADS],
                  g_test_rand_int (),
                  run_coroutine,
                  &shared);
  stress_run (&stress, NULL, NULL);
  for (int i = 0; i < N_SEATS; i++)
    {
      GcoCoroutine *last = __atomic_exchange_n (&shared.seats[i], NULL, __ATOMIC_SEQ_CST);

      if (last != NULL)
        gco_coroutine_wake (last);
    }
  stress_end (&stress, NULL, NULL);
  g_test_message ("%d moves, %d wakes, %d children, %d one-shots, %" G_GINT64_FORMAT
                  " times locked",
                  shared.n_moves,
                  shared.n_wakes,
                  shared.n_children,
                  shared.n_oneshots,
                  shared.counter);
  g_assert_cmpint (shared.counter, ==, shared.atomic_counter);
  g_assert_cmpint (shared.counter, >, N_COROUTINES);
}

/* ------------------------------------------------------ nothing but the mutex */

static void
run_contender (Stress  *stress,
               GRand   *rand,
               gpointer user_data)
{
  Shared *shared = user_data;

  while (!stress_is_over (stress))
    {
      gco_mutex_lock (&shared->mutex);
      count (shared);
      gco_mutex_unlock (&shared->mutex);
      if (stress_chance (rand, 5) && gco_mutex_trylock (&shared->mutex))
        {
          count (shared);
          gco_mutex_unlock (&shared->mutex);
        }
    }
}

static void
check_contended (guint n_threads)
{
  Shared shared = { 0 };
  Stress stress;

  stress_begin (&stress, n_threads);
  for (guint i = 0; i < n_threads; i++)
    stress_spawn (&stress,
                  stress.contexts[i],
                  g_test_rand_int (),
                  run_contender,
                  &shared);
  stress_run (&stress, NULL, NULL);
  stress_end (&stress, NULL, NULL);
  g_test_message ("%" G_GINT64_FORMAT " times locked", shared.counter);
  g_assert_cmpint (shared.counter, ==, shared.atomic_counter);
  g_assert_cmpint (shared.counter, >, n_threads);
}

static void
test_contended (void)
{
  check_contended (N_THREADS);
}

static void
test_handoff (void)
{
  check_contended (2);
}

int
main (int   argc,
      char *argv[])
{
  gco_test_init (&argc, &argv);
  g_test_add_func ("/stress/threads/scheduled", test_scheduled);
  g_test_add_func ("/stress/threads/contended", test_contended);
  g_test_add_func ("/stress/threads/handoff", test_handoff);
  return g_test_run ();
}
