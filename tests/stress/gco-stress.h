/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Some threads with a context each, every other one through a GMainContext, and
 * coroutines that run in them until time is up. How long: GCO_STRESS_SECONDS, or
 * one second a test, or 20 with -m slow. What is drawn at random comes from the seed that
 * the test prints, and takes with --seed.
 */

#pragma once

#include "gco-test.h"

typedef struct _Stress Stress;

/* What a coroutine runs; @rand is its own. */
typedef void (*StressFunc) (Stress  *stress,
                            GRand   *rand,
                            gpointer user_data);

#define STRESS_MAX_THREADS 8

struct _Stress
{
  guint          n_threads;
  GcoTestThread *threads[STRESS_MAX_THREADS];
  GcoAioContext *contexts[STRESS_MAX_THREADS];
  gboolean       stop;      /* (atomic) time is up */
  int            n_running; /* (lock) */

  GMutex lock;
  GCond  ended;
};

void stress_begin (Stress *stress,
                   guint   n_threads);

/* Runs @func in a new coroutine of @ctx. Any thread. */
void stress_spawn (Stress        *stress,
                   GcoAioContext *ctx,
                   guint32        seed,
                   StressFunc     func,
                   gpointer       user_data);

static inline gboolean
stress_is_over (Stress *stress)
{
  return g_atomic_int_get (&stress->stop);
}

static inline GcoAioContext *
stress_random_context (Stress *stress,
                       GRand  *rand)
{
  return stress->contexts[g_rand_int_range (rand, 0, stress->n_threads)];
}

/* TRUE @percent times in a hundred. */
static inline gboolean
stress_chance (GRand *rand,
               int    percent)
{
  return g_rand_int_range (rand, 0, 100) < percent;
}

/* Waits until time is up, calling @tick all the while if it is given. */
void stress_run (Stress *stress,
                 void (*tick) (gpointer user_data),
                 gpointer user_data);

/* Waits until all coroutines have ended, calling @tick likewise, and ends. */
void stress_end (Stress *stress,
                 void (*tick) (gpointer user_data),
                 gpointer user_data);

/* One who waits with a cancellable, that anybody may cancel at any time. */
typedef struct
{
  GMutex        lock;
  GCancellable *cancellable; /* (lock) replaced by the one who waits */
} StressClient;

/* One that is not cancelled yet, owned by @client until the next call. */
GCancellable *stress_client_renew (StressClient *client);
void          stress_client_cancel (StressClient *client);
void          stress_client_clear (StressClient *client);
