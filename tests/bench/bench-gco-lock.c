/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* libgco: the locks, in one thread. */

#include "bench-gco.h"

/* ------------------------------------------------------------------------- mutex */

typedef struct
{
  Shared   shared;
  GcoMutex mutex;
} Mutual;

static void
pair_body (gpointer user_data)
{
  Mutual *self = user_data;

  shared_begin (&self->shared);
  for (unsigned i = 0; i < self->shared.each; i++)
    {
      gco_mutex_lock (&self->mutex);
      self->shared.count++;
      gco_mutex_unlock (&self->mutex);
    }
  shared_end (&self->shared);
}

double
gco_mutex_pair (unsigned n,
                unsigned size)
{
  Mutual self = { 0 };

  return shared_run (&self.shared, n, 1, pair_body);
}

static void
handoff_body (gpointer user_data)
{
  Mutual *self = user_data;

  shared_begin (&self->shared);
  for (unsigned i = 0; i < self->shared.each; i++)
    {
      gco_mutex_lock (&self->mutex);
      self->shared.count++;
      pass ();
      gco_mutex_unlock (&self->mutex);
    }
  shared_end (&self->shared);
}

double
gco_handoff (unsigned n,
             unsigned size)
{
  Mutual self = { 0 };

  return shared_run (&self.shared, n, size, handoff_body);
}

/* ------------------------------------------------------------------------ rwlock */

typedef struct
{
  Shared    shared;
  GcoRwlock rwlock;
} Read;

/* One write for 99 reads; @pass: others run while it reads. */
static inline void
read_mostly (Read    *self,
             gboolean passes)
{
  shared_begin (&self->shared);
  for (unsigned i = 0; i < self->shared.each; i++)
    {
      if (i % 100 == 99)
        gco_rwlock_wrlock (&self->rwlock);
      else
        gco_rwlock_rdlock (&self->rwlock);
      self->shared.count++;
      if (passes)
        pass ();
      gco_rwlock_unlock (&self->rwlock);
    }
  shared_end (&self->shared);
}

static void
rwlock_body (gpointer user_data)
{
  read_mostly (user_data, FALSE);
}

double
gco_rwlock_mostly (unsigned n,
                   unsigned size)
{
  Read self = { 0 };

  return shared_run (&self.shared, n, 1, rwlock_body);
}

static void
rwlock_pass_body (gpointer user_data)
{
  read_mostly (user_data, TRUE);
}

double
gco_rwlock_turns (unsigned n,
                  unsigned size)
{
  Read self = { 0 };

  return shared_run (&self.shared, n, size, rwlock_pass_body);
}

/* ------------------------------------------------------------------------- queue */

typedef struct
{
  Shared   shared; /* of it @count, and @left with the waker */
  GcoQueue queue;
  void (*wake) (GcoQueue *queue);
  unsigned n_waiters;
  unsigned rounds;
  gboolean stop;
} Queued;

static void
wait_body (gpointer user_data)
{
  Queued *self = user_data;

  while (!self->stop)
    {
      gco_queue_wait (&self->queue, NULL);
      self->shared.count++;
    }
  self->shared.left--;
}

static void
wake_body (gpointer user_data)
{
  Queued *self = user_data;

  self->shared.start = bench_cpu_ns ();
  for (unsigned i = 1; i <= self->rounds; i++)
    {
      self->wake (&self->queue);
      while (self->shared.count < i * self->n_waiters)
        pass ();
    }
  self->shared.end = bench_cpu_ns ();
  self->stop = TRUE;
  gco_queue_restart_all (&self->queue);
  self->shared.left--;
}

static double
wake_all (unsigned n,
          unsigned n_waiters,
          void (*wake) (GcoQueue *queue))
{
  g_autoptr (GcoAioContext) ctx = gco_aio_context_new ();
  Queued self = {
    .shared.left = n_waiters + 1,
    .wake = wake,
    .n_waiters = n_waiters,
    .rounds = MAX (n / n_waiters, 1),
  };

  for (unsigned i = 0; i < n_waiters; i++)
    gco_spawn (ctx, wait_body, &self, NULL);
  gco_spawn (ctx, wake_body, &self, NULL);
  while (self.shared.left > 0)
    gco_aio_context_poll (ctx, TRUE);
  return (self.shared.end - self.shared.start) / self.rounds / n_waiters * n;
}

static void
next (GcoQueue *queue)
{
  gco_queue_next (queue);
}

double
gco_queue_one (unsigned n,
               unsigned size)
{
  return wake_all (n, 1, next);
}

double
gco_queue_all (unsigned n,
               unsigned size)
{
  return wake_all (n, size, gco_queue_restart_all);
}
