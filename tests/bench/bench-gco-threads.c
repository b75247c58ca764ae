/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* libgco in two threads, each with a context that it polls. */

#include <gco.h>

#include <pthread.h>

#include "bench-c.h"

typedef struct _Pair Pair;

typedef struct
{
  Pair          *pair;
  GcoAioContext *ctx;
  unsigned       left; /* what is to end before the thread does */
  double         start;
  double         end;
} Side;

struct _Pair
{
  Side              sides[2];
  pthread_barrier_t ready;
  unsigned          n_coroutines;
  unsigned          each;
  unsigned          left; /* round trips */
  unsigned          count;
  GcoMutex          mutex;
  void (*begin) (Side *side);
};

static gpointer
side_thread (gpointer data)
{
  Side *side = data;
  Pair *pair = side->pair;

  pair->begin (side);
  pthread_barrier_wait (&pair->ready);
  side->start = bench_wall_ns ();
  while (side->left > 0)
    gco_aio_context_poll (side->ctx, TRUE);
  side->end = bench_wall_ns ();
  /* The other one may be about to wake this context. */
  pthread_barrier_wait (&pair->ready);
  return NULL;
}

static double
run (Pair *pair)
{
  GThread *threads[2];
  Side    *a = &pair->sides[0];
  Side    *b = &pair->sides[1];

  pthread_barrier_init (&pair->ready, NULL, 2);
  for (int i = 0; i < 2; i++)
    {
      pair->sides[i].pair = pair;
      pair->sides[i].ctx = gco_aio_context_new ();
    }
  for (int i = 0; i < 2; i++)
    threads[i] = g_thread_new ("bench", side_thread, &pair->sides[i]);
  for (int i = 0; i < 2; i++)
    g_thread_join (threads[i]);
  for (int i = 0; i < 2; i++)
    g_object_unref (pair->sides[i].ctx);
  pthread_barrier_destroy (&pair->ready);
  return MAX (a->end, b->end) - MIN (a->start, b->start);
}

/* ---------------------------------------------------------------------- hand-off */

static void
handoff_body (gpointer user_data)
{
  Side *side = user_data;
  Pair *pair = side->pair;

  for (unsigned i = 0; i < pair->each; i++)
    {
      gco_mutex_lock (&pair->mutex);
      pair->count++;
      gco_coroutine_reschedule ();
      gco_mutex_unlock (&pair->mutex);
    }
  side->left--;
}

static void
handoff_begin (Side *side)
{
  side->left = side->pair->n_coroutines / 2;
  for (unsigned i = 0; i < side->pair->n_coroutines / 2; i++)
    gco_spawn (side->ctx, handoff_body, side, NULL);
}

double
gco_threads (unsigned n,
             unsigned size)
{
  Pair pair = {
    .n_coroutines = size,
    .each = n / size,
    .begin = handoff_begin,
  };
  double ns = run (&pair);

  return pair.count == n ? ns : -1;
}

/* -------------------------------------------------------------------- round trip */

static void there (gpointer user_data);

static void
end_side (gpointer user_data)
{
  Side *side = user_data;

  side->left = 0;
}

static void
back (gpointer user_data)
{
  Pair *pair = user_data;

  if (--pair->left > 0)
    {
      gco_aio_context_schedule_oneshot (pair->sides[1].ctx, there, pair, NULL);
      return;
    }
  end_side (&pair->sides[0]);
  gco_aio_context_schedule_oneshot (pair->sides[1].ctx,
                                    end_side,
                                    &pair->sides[1],
                                    NULL);
}

static void
there (gpointer user_data)
{
  Pair *pair = user_data;

  gco_aio_context_schedule_oneshot (pair->sides[0].ctx, back, pair, NULL);
}

static void
round_trip_begin (Side *side)
{
  Pair *pair = side->pair;

  side->left = 1;
  if (side == &pair->sides[0])
    gco_aio_context_schedule_oneshot (pair->sides[1].ctx, there, pair, NULL);
}

double
gco_round_trip (unsigned n,
                unsigned size)
{
  Pair   pair = { .left = n, .begin = round_trip_begin };
  double ns = run (&pair);

  return pair.left == 0 ? ns : -1;
}

static void
move_body (gpointer user_data)
{
  Pair *pair = user_data;

  for (; pair->left > 0; pair->left--)
    {
      gco_coroutine_move_to (pair->sides[1].ctx);
      gco_coroutine_move_to (pair->sides[0].ctx);
    }
  end_side (&pair->sides[0]);
  gco_aio_context_schedule_oneshot (pair->sides[1].ctx,
                                    end_side,
                                    &pair->sides[1],
                                    NULL);
}

static void
move_begin (Side *side)
{
  Pair *pair = side->pair;

  side->left = 1;
  if (side == &pair->sides[0])
    gco_spawn (side->ctx, move_body, pair, NULL);
}

double
gco_round_trip_move (unsigned n,
                     unsigned size)
{
  Pair   pair = { .left = n, .begin = move_begin };
  double ns = run (&pair);

  return pair.left == 0 ? ns : -1;
}

/* ------------------------------------------------------------------------ stream */

typedef struct
{
  GcoAioContext *ctx;
  unsigned       n;
  unsigned       done; /* (atomic) */
} Stream;

static void
count_oneshot (gpointer user_data)
{
  Stream *stream = user_data;

  __atomic_store_n (&stream->done, stream->done + 1, __ATOMIC_RELEASE);
}

static gpointer
consumer_thread (gpointer data)
{
  Stream *stream = data;

  while (stream->done < stream->n)
    gco_aio_context_poll (stream->ctx, TRUE);
  return NULL;
}

/* One thread posts and does nothing else, another runs what is posted; @size may be
 * on their way. */
double
gco_stream (unsigned n,
            unsigned size)
{
  g_autoptr (GcoAioContext) ctx = gco_aio_context_new ();
  Stream   stream = { ctx, n, 0 };
  GThread *thread = g_thread_new ("bench", consumer_thread, &stream);
  double   ns = -bench_wall_ns ();

  for (unsigned i = 0; i < n; i++)
    {
      while (i - __atomic_load_n (&stream.done, __ATOMIC_ACQUIRE) >= size)
        g_thread_yield ();
      gco_aio_context_schedule_oneshot (ctx, count_oneshot, &stream, NULL);
    }
  g_thread_join (thread);
  ns += bench_wall_ns ();
  return stream.done == n ? ns : -1;
}
