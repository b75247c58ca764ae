/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Threads, their locks, and a sleep of the kernel. */

#include <errno.h>
#include <pthread.h>
#include <string.h>

#include "bench-c.h"

#define STACK_SIZE (64 * 1024)
#define SLEEP_NS 1000000

double
pthread_mutex_pair (unsigned n,
                    unsigned size)
{
  static pthread_mutex_t   mutex = PTHREAD_MUTEX_INITIALIZER;
  static volatile unsigned count;
  double                   ns;

  count = 0;
  ns = -bench_cpu_ns ();
  for (unsigned i = 0; i < n; i++)
    {
      pthread_mutex_lock (&mutex);
      count++;
      pthread_mutex_unlock (&mutex);
    }
  ns += bench_cpu_ns ();
  return count == n ? ns : -1;
}

double
pthread_rwlock_mostly (unsigned n,
                       unsigned size)
{
  static pthread_rwlock_t  rwlock = PTHREAD_RWLOCK_INITIALIZER;
  static volatile unsigned count;
  double                   ns;

  count = 0;
  ns = -bench_cpu_ns ();
  for (unsigned i = 0; i < n; i++)
    {
      if (i % 100 == 99)
        pthread_rwlock_wrlock (&rwlock);
      else
        pthread_rwlock_rdlock (&rwlock);
      count++;
      pthread_rwlock_unlock (&rwlock);
    }
  ns += bench_cpu_ns ();
  return count == n ? ns : -1;
}

static gboolean
start (pthread_t *thread,
       void *(*func) (void *),
       void *data)
{
  pthread_attr_t attr;
  int            error;

  pthread_attr_init (&attr);
  pthread_attr_setstacksize (&attr, STACK_SIZE);
  error = pthread_create (thread, &attr, func, data);
  pthread_attr_destroy (&attr);
  return error == 0;
}

static void *
count_body (void *data)
{
  unsigned *count = data;

  (*count)++;
  return NULL;
}

double
pthread_create_join (unsigned n,
                     unsigned size)
{
  unsigned count = 0;
  double   ns = -bench_process_ns ();

  for (unsigned i = 0; i < n; i++)
    {
      pthread_t thread;

      if (!start (&thread, count_body, &count))
        return -1;
      pthread_join (thread, NULL);
    }
  ns += bench_process_ns ();
  return count == n ? ns : -1;
}

/* ---------------------------------------------------------------------- hand-off */

typedef struct _Ring Ring;

typedef struct
{
  Ring          *ring;
  pthread_cond_t turn;
} Member;

/* A mutex is not fair, so whose turn it is stands beside it. */
struct _Ring
{
  pthread_mutex_t mutex;
  unsigned        n_members;
  unsigned        left; /* hand-offs */
  unsigned        whose;
  Member          members[];
};

static void *
member_body (void *data)
{
  Member  *self = data;
  Ring    *ring = self->ring;
  unsigned number = self - ring->members;

  pthread_mutex_lock (&ring->mutex);
  while (ring->left > 0)
    {
      while (ring->whose != number && ring->left > 0)
        pthread_cond_wait (&self->turn, &ring->mutex);
      if (ring->left > 0)
        ring->left--;
      ring->whose = (number + 1) % ring->n_members;
      pthread_cond_signal (&ring->members[ring->whose].turn);
    }
  pthread_mutex_unlock (&ring->mutex);
  return NULL;
}

static double
run_ring (unsigned n,
          unsigned n_members,
          double (*clock_ns) (void))
{
  g_autofree Ring      *ring = g_malloc0 (sizeof (Ring) + n_members * sizeof (Member));
  g_autofree pthread_t *threads = g_new (pthread_t, n_members);
  unsigned              n_started = 0;
  double                ns;

  pthread_mutex_init (&ring->mutex, NULL);
  ring->n_members = n_members;
  ring->left = n;
  for (unsigned i = 0; i < n_members; i++)
    {
      ring->members[i].ring = ring;
      pthread_cond_init (&ring->members[i].turn, NULL);
    }
  pthread_mutex_lock (&ring->mutex);
  while (n_started < n_members &&
         start (&threads[n_started], member_body, &ring->members[n_started]))
    n_started++;
  if (n_started < n_members)
    ring->left = 0;
  ns = -clock_ns ();
  pthread_mutex_unlock (&ring->mutex);
  for (unsigned i = 0; i < n_started; i++)
    {
      if (n_started < n_members)
        pthread_cond_broadcast (&ring->members[i].turn);
      pthread_join (threads[i], NULL);
    }
  ns += clock_ns ();
  return n_started == n_members ? ns : bench_cannot ("ended at thread %u", n_started);
}

double
pthread_handoff (unsigned n,
                 unsigned size)
{
  return run_ring (n, size, bench_process_ns);
}

double
pthread_threads (unsigned n,
                 unsigned size)
{
  return run_ring (n, size, bench_wall_ns);
}

double
pthread_round_trip (unsigned n,
                    unsigned size)
{
  return run_ring (2 * n, 2, bench_wall_ns);
}

/* ------------------------------------------------------------------------ memory */

static pthread_mutex_t parking = PTHREAD_MUTEX_INITIALIZER;

static void *
park_body (void *data)
{
  pthread_mutex_lock (&parking);
  pthread_mutex_unlock (&parking);
  return NULL;
}

/* What the kernel keeps for a thread is not counted. */
gboolean
pthread_parked (unsigned size,
                double   ms)
{
  g_autofree pthread_t *threads = g_new (pthread_t, size);
  unsigned              n_started = 0;
  BenchMemory           before;

  if (!bench_memory_begin (&before, size))
    return FALSE;
  pthread_mutex_lock (&parking);
  while (n_started < size && start (&threads[n_started], park_body, NULL))
    n_started++;
  if (n_started == size)
    bench_memory_end (&before, size);
  pthread_mutex_unlock (&parking);
  for (unsigned i = 0; i < n_started; i++)
    pthread_join (threads[i], NULL);
  if (n_started < size)
    bench_cannot ("ended at thread %u", n_started);
  return n_started == size;
}

/* ---------------------------------------------------------------------- lateness */

gboolean
pthread_late (unsigned size,
              double   ms)
{
  unsigned           n = MAX (ms, 10);
  g_autofree double *late = g_new (double, n);

  for (unsigned i = 0; i < n; i++)
    {
      struct timespec sleep = { 0, SLEEP_NS };
      double          began = bench_wall_ns ();

      while (clock_nanosleep (CLOCK_MONOTONIC, 0, &sleep, &sleep) == EINTR)
        ;
      late[i] = bench_wall_ns () - began - SLEEP_NS;
    }
  bench_percentiles (late, n);
  return TRUE;
}
