/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Producers and consumers with a mutex and two queues, readers and writers with
 * a read/write lock, in four threads; any of their waits may be cancelled, and
 * what is counted under the locks must match all the same.
 */

#include "gco-stress.h"

#include <string.h>

#define N_THREADS 4
#define N_CLIENTS 16

typedef struct
{
  GRand       *rand;
  StressClient clients[N_CLIENTS];
  guint        n_cancelled; /* (atomic) */
} Clients;

static void
clients_init (Clients *clients)
{
  clients->rand = g_rand_new_with_seed (g_test_rand_int ());
}

static void
clients_clear (Clients *clients)
{
  for (int i = 0; i < N_CLIENTS; i++)
    stress_client_clear (&clients->clients[i]);
  g_rand_free (clients->rand);
}

/* In the main thread, all the while. */
static void
cancel_one (gpointer user_data)
{
  Clients *clients = user_data;

  stress_client_cancel (&clients->clients[g_rand_int_range (clients->rand, 0, N_CLIENTS)]);
}

/* ------------------------------------------------------------------- a buffer */

#define CAPACITY 4

typedef struct
{
  Clients  clients;
  GcoMutex mutex;
  GcoQueue not_empty;
  GcoQueue not_full;
  guint    items[CAPACITY]; /* (mutex) a ring */
  guint    n_items;         /* (mutex) */
  guint    first;           /* (mutex) */
  guint64  n_produced;      /* (mutex) */
  guint64  sum_produced;    /* (mutex) */
  guint64  n_consumed;      /* (mutex) */
  guint64  sum_consumed;    /* (mutex) */
} Buffer;

typedef struct
{
  Buffer       *buffer;
  StressClient *client; /* NULL: its waits are not to be cancelled */
} Party;

/* FALSE: cancelled, and nothing is held. */
static gboolean
enter (Buffer       *buffer,
       GCancellable *cancellable)
{
  g_autoptr (GError) error = NULL;

  if (cancellable == NULL)
    {
      gco_mutex_lock (&buffer->mutex);
      return TRUE;
    }
  if (gco_mutex_lock_cancellable (&buffer->mutex, cancellable, &error))
    return TRUE;
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_atomic_int_inc (&buffer->clients.n_cancelled);
  return FALSE;
}

/* FALSE: cancelled, but the mutex is held. */
static gboolean
wait (Buffer       *buffer,
      GcoQueue     *queue,
      GCancellable *cancellable,
      gboolean      again)
{
  if (gco_queue_wait_full (queue,
                           GCO_LOCKABLE (&buffer->mutex),
                           again ? GCO_QUEUE_WAIT_INSERT_HEAD : GCO_QUEUE_WAIT_DEFAULT,
                           cancellable,
                           NULL))
    return TRUE;
  g_atomic_int_inc (&buffer->clients.n_cancelled);
  return FALSE;
}

static void
produce (Stress  *stress,
         GRand   *rand,
         gpointer user_data)
{
  Party  *party = user_data;
  Buffer *buffer = party->buffer;

  while (!stress_is_over (stress))
    {
      GCancellable *cancellable =
          party->client != NULL ? stress_client_renew (party->client) : NULL;
      gboolean again = FALSE;

      if (!enter (buffer, cancellable))
        continue;
      while (buffer->n_items == CAPACITY && !stress_is_over (stress) &&
             wait (buffer, &buffer->not_full, cancellable, again))
        again = TRUE;
      if (buffer->n_items < CAPACITY)
        {
          guint item = g_rand_int (rand);

          buffer->items[(buffer->first + buffer->n_items++) % CAPACITY] = item;
          buffer->n_produced++;
          buffer->sum_produced += item;
          gco_queue_next (&buffer->not_empty);
        }
      if (stress_chance (rand, 5))
        gco_test_pass ();
      gco_mutex_unlock (&buffer->mutex);
    }
}

static void
consume (Stress  *stress,
         GRand   *rand,
         gpointer user_data)
{
  Party  *party = user_data;
  Buffer *buffer = party->buffer;

  while (!stress_is_over (stress))
    {
      GCancellable *cancellable =
          party->client != NULL ? stress_client_renew (party->client) : NULL;
      gboolean again = FALSE;

      if (!enter (buffer, cancellable))
        continue;
      while (buffer->n_items == 0 && !stress_is_over (stress) &&
             wait (buffer, &buffer->not_empty, cancellable, again))
        again = TRUE;
      if (buffer->n_items > 0)
        {
          buffer->sum_consumed += buffer->items[buffer->first];
          buffer->first = (buffer->first + 1) % CAPACITY;
          buffer->n_items--;
          buffer->n_consumed++;
          gco_queue_next (&buffer->not_full);
        }
      gco_mutex_unlock (&buffer->mutex);
    }
}

/* Time is up: whoever looked before it was waits by now, or will look again. */
static void
close_buffer (Stress  *stress,
              GRand   *rand,
              gpointer user_data)
{
  Buffer *buffer = user_data;

  gco_mutex_lock (&buffer->mutex);
  gco_queue_restart_all (&buffer->not_empty);
  gco_queue_restart_all (&buffer->not_full);
  gco_mutex_unlock (&buffer->mutex);
}

static void
check_buffer (Buffer *buffer)
{
  static const GcoMutex unlocked;
  static const GcoQueue empty;

  g_test_message ("%" G_GUINT64_FORMAT " items, %u waits cancelled",
                  buffer->n_consumed,
                  buffer->clients.n_cancelled);
  for (; buffer->n_items > 0; buffer->n_items--, buffer->n_consumed++)
    {
      buffer->sum_consumed += buffer->items[buffer->first];
      buffer->first = (buffer->first + 1) % CAPACITY;
    }
  g_assert_cmpuint (buffer->n_produced, ==, buffer->n_consumed);
  g_assert_cmpuint (buffer->sum_produced, ==, buffer->sum_consumed);
  g_assert_cmpuint (buffer->n_consumed, >, 0);
  g_assert_cmpmem (&buffer->mutex, sizeof (GcoMutex), &unlocked, sizeof unlocked);
  g_assert_cmpmem (&buffer->not_empty, sizeof (GcoQueue), &empty, sizeof empty);
  g_assert_cmpmem (&buffer->not_full, sizeof (GcoQueue), &empty, sizeof empty);
}

static void
test_buffer (void)
{
  Buffer buffer = { 0 };
  Party  parties[N_CLIENTS];
  Stress stress;

  clients_init (&buffer.clients);
  stress_begin (&stress, N_THREADS);
  for (int i = 0; i < N_CLIENTS; i++)
    {
      parties[i] = (Party){ &buffer, i % 3 ? &buffer.clients.clients[i] : NULL };
      stress_spawn (&stress,
                    stress.contexts[i % N_THREADS],
                    g_test_rand_int (),
                    i < N_CLIENTS / 2 ? produce : consume,
                    &parties[i]);
    }
  stress_run (&stress, cancel_one, &buffer.clients);
  stress_spawn (&stress, stress.contexts[0], 0, close_buffer, &buffer);
  stress_end (&stress, NULL, NULL);
  check_buffer (&buffer);
  clients_clear (&buffer.clients);
}

/* ---------------------------------------------------------- a pair of numbers */

typedef struct
{
  Clients   clients;
  GcoRwlock rwlock;
  guint     first;     /* (rwlock) */
  guint     second;    /* (rwlock) the same, to all but who writes */
  int       n_readers; /* (atomic) */
  int       n_writers; /* (atomic) */
  guint     n_reads;   /* (atomic) */
} Pair;

typedef struct
{
  Pair         *pair;
  StressClient *client;
} Visitor;

static void
read_pair (Pair  *pair,
           GRand *rand)
{
  g_atomic_int_inc (&pair->n_readers);
  g_assert_cmpint (g_atomic_int_get (&pair->n_writers), ==, 0);
  g_assert_cmpuint (pair->first, ==, pair->second);
  if (stress_chance (rand, 10))
    gco_test_pass ();
  g_assert_cmpuint (pair->first, ==, pair->second);
  g_assert_cmpint (g_atomic_int_get (&pair->n_writers), ==, 0);
  g_atomic_int_inc (&pair->n_reads);
  g_atomic_int_add (&pair->n_readers, -1);
}

static void
write_pair (Pair  *pair,
            GRand *rand)
{
  g_assert_cmpint (g_atomic_int_add (&pair->n_writers, 1), ==, 0);
  g_assert_cmpint (g_atomic_int_get (&pair->n_readers), ==, 0);
  g_assert_cmpuint (pair->first, ==, pair->second);
  pair->first++;
  if (stress_chance (rand, 20))
    gco_test_pass ();
  pair->second++;
  g_assert_cmpint (g_atomic_int_add (&pair->n_writers, -1), ==, 1);
}

static void
visit_as_reader (Pair         *pair,
                 GRand        *rand,
                 GCancellable *cancellable)
{
  if (!gco_rwlock_rdlock_cancellable (&pair->rwlock, cancellable, NULL))
    {
      g_atomic_int_inc (&pair->clients.n_cancelled);
      return;
    }
  read_pair (pair, rand);
  if (stress_chance (rand, 20))
    {
      if (gco_rwlock_upgrade_cancellable (&pair->rwlock, cancellable, NULL))
        write_pair (pair, rand);
      else
        read_pair (pair, rand);
    }
  gco_rwlock_unlock (&pair->rwlock);
}

static void
visit_as_writer (Pair         *pair,
                 GRand        *rand,
                 GCancellable *cancellable)
{
  if (!gco_rwlock_wrlock_cancellable (&pair->rwlock, cancellable, NULL))
    {
      g_atomic_int_inc (&pair->clients.n_cancelled);
      return;
    }
  write_pair (pair, rand);
  if (stress_chance (rand, 30))
    {
      gco_rwlock_downgrade (&pair->rwlock);
      read_pair (pair, rand);
    }
  gco_rwlock_unlock (&pair->rwlock);
}

static void
visit (Stress  *stress,
       GRand   *rand,
       gpointer user_data)
{
  Visitor *visitor = user_data;
  Pair    *pair = visitor->pair;

  while (!stress_is_over (stress))
    {
      GCancellable *cancellable =
          visitor->client != NULL ? stress_client_renew (visitor->client) : NULL;

      if (stress_chance (rand, 70))
        visit_as_reader (pair, rand, cancellable);
      else
        visit_as_writer (pair, rand, cancellable);
      if (stress_chance (rand, 20) && gco_rwlock_tryrdlock (&pair->rwlock))
        {
          read_pair (pair, rand);
          gco_rwlock_unlock (&pair->rwlock);
        }
      if (stress_chance (rand, 20) && gco_rwlock_trywrlock (&pair->rwlock))
        {
          write_pair (pair, rand);
          gco_rwlock_unlock (&pair->rwlock);
        }
      if (stress_chance (rand, 5))
        gco_test_pass ();
    }
}

static void
test_pair (void)
{
  static const GcoRwlock unlocked;
  Pair                   pair = { 0 };
  Visitor                visitors[N_CLIENTS];
  Stress                 stress;

  clients_init (&pair.clients);
  stress_begin (&stress, N_THREADS);
  for (int i = 0; i < N_CLIENTS; i++)
    {
      visitors[i] = (Visitor){ &pair, i % 3 ? &pair.clients.clients[i] : NULL };
      stress_spawn (&stress,
                    stress.contexts[i % N_THREADS],
                    g_test_rand_int (),
                    visit,
                    &visitors[i]);
    }
  stress_run (&stress, cancel_one, &pair.clients);
  stress_end (&stress, cancel_one, &pair.clients);
  g_test_message ("%u times written, %u times read, %u waits cancelled",
                  pair.first,
                  pair.n_reads,
                  pair.clients.n_cancelled);
  g_assert_cmpuint (pair.first, ==, pair.second);
  g_assert_cmpuint (pair.first, >, 0);
  g_assert_cmpuint (pair.n_reads, >, 0);
  g_assert_cmpmem (&pair.rwlock, sizeof pair.rwlock, &unlocked, sizeof unlocked);
  clients_clear (&pair.clients);
}

int
main (int   argc,
      char *argv[])
{
  gco_test_init (&argc, &argv);
  g_test_add_func ("/stress/locks/buffer", test_buffer);
  g_test_add_func ("/stress/locks/pair", test_pair);
  return g_test_run ();
}
