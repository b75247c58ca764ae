/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Locks on the heap, each freed by the last in its line, or right after the wake
 * of all who waited, in another thread than the unlock that may still be on its
 * way; and now and then one in the line before gives up.
 */

#include "gco-stress.h"

#include <string.h>

#define N_THREADS 4
#define N_LINES 24

typedef union
{
  GcoMutex  mutex;
  GcoRwlock rwlock;
  GcoQueue  queue;
  GcoSleep  sleep;
} AnyLock;

typedef enum
{
  MUTEX,
  WRITERS,
  READERS, /* behind a writer */
  N_LOCKS,
} LockKind;

#define MAX_ROUNDS 200 /* at a time: each has coroutines */

typedef struct
{
  int n_begun; /* (atomic) */
  int n_ended; /* (atomic) */
} Tally;

/* One lock and the three in its line: they come in this order. */
typedef struct
{
  Stress        *stress;
  AnyLock       *lock;
  LockKind       kind;
  GCancellable  *cancellable; /* of the second */
  GcoAioContext *contexts[3];
  int            n_arrived; /* (atomic) */
  int            ref_count; /* (atomic) */
  Tally         *tally;
} Round;

static void
round_unref (Round *round)
{
  if (!g_atomic_int_dec_and_test (&round->ref_count))
    return;
  g_atomic_int_inc (&round->tally->n_ended);
  g_object_unref (round->cancellable);
  g_free (round);
}

/* What was done to it later shows as nonsense, or to a sanitizer. */
static void
burn (AnyLock *lock)
{
  memset (lock, 0xee, sizeof *lock);
  g_free (lock);
}

static void
pass_at_random (GRand *rand)
{
  while (stress_chance (rand, 40))
    gco_test_pass ();
}

static gboolean
take (Round        *round,
      gboolean      first,
      GCancellable *cancellable)
{
  if (round->kind == MUTEX)
    return gco_mutex_lock_cancellable (&round->lock->mutex, cancellable, NULL);
  if (round->kind == WRITERS || first)
    return gco_rwlock_wrlock_cancellable (&round->lock->rwlock, cancellable, NULL);
  return gco_rwlock_rdlock_cancellable (&round->lock->rwlock, cancellable, NULL);
}

static void
release (Round *round)
{
  if (round->kind == MUTEX)
    gco_mutex_unlock (&round->lock->mutex);
  else
    gco_rwlock_unlock (&round->lock->rwlock);
}

/* ------------------------------------------------------------- by the last heir */

/* Once it has the lock, alone, nobody else is in it nor on the way to it. */
static void
be_last (Stress  *stress,
         GRand   *rand,
         gpointer user_data)
{
  Round *round = user_data;

  if (round->kind == READERS)
    g_assert_true (gco_rwlock_wrlock_cancellable (&round->lock->rwlock, NULL, NULL));
  else
    g_assert_true (take (round, FALSE, NULL));
  release (round);
  burn (round->lock);
  round_unref (round);
}

static void
be_second (Stress  *stress,
           GRand   *rand,
           gpointer user_data)
{
  Round *round = user_data;

  if (take (round, FALSE, round->cancellable))
    {
      if (stress_chance (rand, 20))
        gco_test_pass ();
      release (round);
    }
  round_unref (round);
}

/* Runs right behind the second, which stands in the line by now or is through:
 * the last may come. */
static void
call_last (Stress  *stress,
           GRand   *rand,
           gpointer user_data)
{
  Round *round = user_data;

  stress_spawn (stress, round->contexts[2], g_rand_int (rand), be_last, round);
  pass_at_random (rand);
  if (stress_chance (rand, 60))
    g_cancellable_cancel (round->cancellable);
  round_unref (round);
}

static void
begin_line (Stress *stress,
            GRand  *rand,
            Tally  *tally)
{
  Round *round = g_new0 (Round, 1);

  round->lock = g_new0 (AnyLock, 1);
  round->kind = g_rand_int_range (rand, 0, N_LOCKS);
  round->cancellable = g_cancellable_new ();
  round->ref_count = 4;
  round->tally = tally;
  for (int i = 0; i < 3; i++)
    round->contexts[i] = stress_random_context (stress, rand);

  g_assert_true (take (round, TRUE, NULL));
  stress_spawn (stress, round->contexts[1], g_rand_int (rand), be_second, round);
  stress_spawn (stress, round->contexts[1], g_rand_int (rand), call_last, round);
  pass_at_random (rand);
  if (stress_chance (rand, 20))
    g_cancellable_cancel (round->cancellable);
  release (round);
  round_unref (round);
}

/* ------------------------------------------------------ right after the wake */

static void
wait_in_queue (Stress  *stress,
               GRand   *rand,
               gpointer user_data)
{
  Round *round = user_data;

  gco_queue_wait (&round->lock->queue, NULL);
  round_unref (round);
}

static void
wait_in_queue_cancellable (Stress  *stress,
                           GRand   *rand,
                           gpointer user_data)
{
  Round *round = user_data;

  gco_queue_wait_cancellable (&round->lock->queue, NULL, round->cancellable, NULL);
  round_unref (round);
}

/* Behind each of the two that wait: the second of these frees the queue. */
static void
wake_queue (Stress  *stress,
            GRand   *rand,
            gpointer user_data)
{
  Round *round = user_data;

  if (stress_chance (rand, 30))
    g_cancellable_cancel (round->cancellable);
  if (g_atomic_int_add (&round->n_arrived, 1) == 1)
    {
      if (stress_chance (rand, 50))
        gco_queue_restart_all (&round->lock->queue);
      else
        while (gco_queue_next (&round->lock->queue))
          ;
      burn (round->lock);
    }
  round_unref (round);
}

static void
begin_queue (Stress *stress,
             GRand  *rand,
             Tally  *tally)
{
  StressFunc waits[2] = { wait_in_queue, wait_in_queue_cancellable };
  Round     *round = g_new0 (Round, 1);

  round->lock = g_new0 (AnyLock, 1);
  round->cancellable = g_cancellable_new ();
  round->ref_count = 5;
  round->tally = tally;
  for (int i = 0; i < 2; i++)
    {
      GcoAioContext *ctx = stress_random_context (stress, rand);

      stress_spawn (stress, ctx, g_rand_int (rand), waits[i], round);
      stress_spawn (stress, ctx, g_rand_int (rand), wake_queue, round);
    }
  if (stress_chance (rand, 30))
    g_cancellable_cancel (round->cancellable);
  round_unref (round);
}

static void
sleep_and_burn (Stress  *stress,
                GRand   *rand,
                gpointer user_data)
{
  Round *round = user_data;

  g_assert_true (gco_sleep_wait_ns (&round->lock->sleep, NULL, -1));
  burn (round->lock);
  round_unref (round);
}

static void
begin_sleep (Stress *stress,
             GRand  *rand,
             Tally  *tally)
{
  Round *round = g_new0 (Round, 1);

  round->lock = g_new0 (AnyLock, 1);
  round->cancellable = g_cancellable_new ();
  round->ref_count = 2;
  round->tally = tally;
  stress_spawn (stress,
                stress_random_context (stress, rand),
                g_rand_int (rand),
                sleep_and_burn,
                round);
  pass_at_random (rand);
  gco_sleep_wake (&round->lock->sleep);
  round_unref (round);
}

/* ------------------------------------------------------------------------ all */

static void
run_rounds (Stress  *stress,
            GRand   *rand,
            gpointer user_data)
{
  Tally *tally = user_data;

  while (!stress_is_over (stress))
    {
      if (g_atomic_int_get (&tally->n_begun) - g_atomic_int_get (&tally->n_ended) >
          MAX_ROUNDS)
        {
          gco_test_pass ();
          continue;
        }
      g_atomic_int_inc (&tally->n_begun);
      switch (g_rand_int_range (rand, 0, 4))
        {
        case 0:
          begin_queue (stress, rand, tally);
          break;
        case 1:
          begin_sleep (stress, rand, tally);
          break;
        default:
          begin_line (stress, rand, tally);
          break;
        }
      gco_test_pass ();
    }
}

static void
test_freed (void)
{
  Stress stress;
  Tally  tally = { 0 };

  stress_begin (&stress, N_THREADS);
  for (int i = 0; i < N_LINES; i++)
    stress_spawn (&stress,
                  stress.contexts[i % N_THREADS],
                  g_test_rand_int (),
                  run_rounds,
                  &tally);
  stress_run (&stress, NULL, NULL);
  stress_end (&stress, NULL, NULL);
  g_test_message ("%d locks freed", tally.n_ended);
  g_assert_cmpint (tally.n_ended, ==, tally.n_begun);
  g_assert_cmpint (tally.n_ended, >, N_LINES);
}

int
main (int   argc,
      char *argv[])
{
  gco_test_init (&argc, &argv);
  g_test_add_func ("/stress/freed", test_freed);
  return g_test_run ();
}
