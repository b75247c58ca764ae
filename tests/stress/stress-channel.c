/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Permits and items, in four threads, wanted by coroutines and callbacks whose
 * waits are cancelled and run out of time: none is lost, and none made up.
 */

#include "gco-stress.h"

#define N_THREADS 4
#define N_CLIENTS 16

typedef struct
{
  GRand       *rand; /* (main thread) */
  StressClient clients[N_CLIENTS];
  guint64      n_ended; /* (atomic) waits that were in vain */

  GcoAsyncSemaphore *semaphore;
  guint              n_permits;
  int                n_inside;   /* (atomic) */
  guint64            n_acquired; /* (atomic) */

  GcoChannel *channel;
  guint64     n_sent;        /* (atomic) */
  guint64     sum_sent;      /* (atomic) */
  guint64     n_received;    /* (atomic) */
  guint64     sum_received;  /* (atomic) */
  guint64     n_destroyed;   /* (atomic) */
  guint64     sum_destroyed; /* (atomic) */
} Shared;

static Shared *shared;

static void
add (guint64 *counter,
     guint64  n)
{
  __atomic_fetch_add (counter, n, __ATOMIC_RELAXED);
}

static gint64
any_deadline (GRand *rand)
{
  if (stress_chance (rand, 40))
    return G_MAXINT64;
  return gco_clock_get_time_ns (NULL) + g_rand_int_range (rand, -10000, 200000);
}

static GCancellable *
any_cancellable (int client)
{
  return client % 3 ? stress_client_renew (&shared->clients[client]) : NULL;
}

/* In the main thread, all the while. */
static void
cancel_one (gpointer unused)
{
  stress_client_cancel (&shared->clients[g_rand_int_range (shared->rand, 0, N_CLIENTS)]);
}

/* TRUE if the channel is closed; counts a wait that ended otherwise. */
static gboolean
take_error (GError *error)
{
  gboolean closed = g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CLOSED);

  if (!closed)
    {
      g_assert_true (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED) ||
                     g_error_matches (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT));
      add (&shared->n_ended, 1);
    }
  g_error_free (error);
  return closed;
}

/* ------------------------------------------------------- callbacks, from inside */

typedef struct
{
  GcoSleep      sleep;
  GAsyncResult *result;
} Call;

static void
on_called (GObject      *source,
           GAsyncResult *result,
           gpointer      user_data)
{
  Call *call = user_data;

  g_assert_false (gco_in_coroutine ());
  call->result = g_object_ref (result);
  gco_sleep_wake (&call->sleep);
}

static void
wait_for_call (Call *call)
{
  gco_sleep_wait_ns (&call->sleep, NULL, -1);
  g_assert_nonnull (call->result);
}

/* Every other thread has a GMainContext, which callbacks need. */
static gboolean
can_call (int client)
{
  return client % N_THREADS % 2 == 1;
}

/* ------------------------------------------------------------------ a semaphore */

static gboolean
acquire (GRand   *rand,
         int      client,
         GError **error)
{
  GCancellable *cancellable = any_cancellable (client);
  Call          call = { 0 };
  gboolean      acquired;

  if (!can_call (client) || stress_chance (rand, 50))
    return gco_semaphore_acquire_until (
        gco_async_semaphore_get_semaphore (shared->semaphore),
        NULL,
        any_deadline (rand),
        cancellable,
        error);
  gco_async_semaphore_acquire_async (shared->semaphore, cancellable, on_called, &call);
  wait_for_call (&call);
  acquired = gco_async_semaphore_acquire_finish (shared->semaphore, call.result, error);
  g_object_unref (call.result);
  return acquired;
}

static void
use_permits (Stress  *stress,
             GRand   *rand,
             gpointer user_data)
{
  int client = GPOINTER_TO_INT (user_data);

  while (!stress_is_over (stress))
    {
      GError *error = NULL;

      if (stress_chance (rand, 20)
              ? !gco_async_semaphore_tryacquire (shared->semaphore)
              : !acquire (rand, client, &error))
        {
          if (error != NULL)
            g_assert_false (take_error (error));
          continue;
        }
      g_assert_cmpint (g_atomic_int_add (&shared->n_inside, 1),
                       <,
                       (int) shared->n_permits);
      add (&shared->n_acquired, 1);
      if (stress_chance (rand, 50))
        gco_test_pass ();
      g_atomic_int_add (&shared->n_inside, -1);
      g_assert_true (gco_async_semaphore_release (shared->semaphore, NULL));
    }
}

static void
shared_begin (Shared *self,
              Stress *stress)
{
  *self = (Shared){ .rand = g_rand_new_with_seed (g_test_rand_int ()) };
  shared = self;
  stress_begin (stress, N_THREADS);
}

static void
shared_end (Shared *self)
{
  for (int i = 0; i < N_CLIENTS; i++)
    stress_client_clear (&self->clients[i]);
  g_rand_free (self->rand);
  g_assert_cmpuint (self->n_ended, >, 0);
}

static void
test_semaphore (gconstpointer n_permits)
{
  Shared self;
  Stress stress;

  shared_begin (&self, &stress);
  self.n_permits = GPOINTER_TO_UINT (n_permits);
  self.semaphore = gco_async_semaphore_new (self.n_permits);
  for (int i = 0; i < N_CLIENTS; i++)
    stress_spawn (&stress,
                  stress.contexts[i % N_THREADS],
                  g_test_rand_int (),
                  use_permits,
                  GINT_TO_POINTER (i));
  stress_run (&stress, cancel_one, NULL);
  stress_end (&stress, cancel_one, NULL);
  g_test_message ("%" G_GUINT64_FORMAT " permits, %" G_GUINT64_FORMAT " waits in vain",
                  self.n_acquired,
                  self.n_ended);
  g_assert_cmpuint (self.n_acquired, >, 0);
  g_assert_cmpuint (gco_async_semaphore_get_n_free (self.semaphore), ==, self.n_permits);
  g_assert_finalize_object (self.semaphore);
  shared_end (&self);
}

/* -------------------------------------------------------------------- a channel */

static void
destroy_item (gpointer item)
{
  g_assert_false (gco_in_coroutine ());
  add (&shared->n_destroyed, 1);
  add (&shared->sum_destroyed, GPOINTER_TO_SIZE (item));
}

static gboolean
send_item (GRand   *rand,
           int      client,
           gpointer item,
           GError **error)
{
  GCancellable *cancellable = any_cancellable (client);
  Call          call = { 0 };
  gboolean      sent;

  if (!can_call (client) || stress_chance (rand, 50))
    return gco_channel_send_until (shared->channel,
                                   item,
                                   NULL,
                                   any_deadline (rand),
                                   cancellable,
                                   error);
  gco_channel_send_async (shared->channel, item, cancellable, on_called, &call);
  wait_for_call (&call);
  sent = gco_channel_send_finish (shared->channel, call.result, error);
  g_object_unref (call.result);
  return sent;
}

static void
send_items (Stress  *stress,
            GRand   *rand,
            gpointer user_data)
{
  int      client = GPOINTER_TO_INT (user_data);
  gboolean closed = FALSE;

  while (!closed)
    {
      gsize    value = g_rand_int_range (rand, 1, G_MAXINT);
      gpointer item = GSIZE_TO_POINTER (value);
      GError  *error = NULL;

      if (send_item (rand, client, item, &error))
        {
          add (&shared->n_sent, 1);
          add (&shared->sum_sent, value);
        }
      else
        closed = take_error (error);
      if (stress_chance (rand, 10))
        gco_test_pass ();
    }
}

/* NULL without @error: the item was not asked for. */
static gpointer
receive_item (GRand   *rand,
              int      client,
              GError **error)
{
  GCancellable *cancellable = any_cancellable (client);
  Call          call = { 0 };
  gpointer      item = NULL;

  if (!can_call (client) || stress_chance (rand, 50))
    return gco_channel_receive_until (shared->channel,
                                      NULL,
                                      any_deadline (rand),
                                      cancellable,
                                      error);
  gco_channel_receive_async (shared->channel, cancellable, on_called, &call);
  wait_for_call (&call);
  if (stress_chance (rand, 90))
    item = gco_channel_receive_finish (shared->channel, call.result, error);
  /* with the item, if it is still there */
  gco_coroutine_call_outside (g_object_unref, call.result);
  return item;
}

static void
receive_items (Stress  *stress,
               GRand   *rand,
               gpointer user_data)
{
  int      client = GPOINTER_TO_INT (user_data);
  gboolean closed = FALSE;

  while (!closed)
    {
      GError  *error = NULL;
      gpointer item = receive_item (rand, client, &error);

      if (item != NULL)
        {
          add (&shared->n_received, 1);
          add (&shared->sum_received, GPOINTER_TO_SIZE (item));
        }
      else if (error != NULL)
        closed = take_error (error);
    }
}

typedef struct
{
  guint capacity;
  void (*close) (GcoChannel *channel);
} ChannelKind;

static void
test_channel (gconstpointer data)
{
  const ChannelKind *kind = data;
  Shared             self;
  Stress             stress;

  shared_begin (&self, &stress);
  self.channel = gco_channel_new (kind->capacity, destroy_item);
  for (int i = 0; i < N_CLIENTS; i++)
    stress_spawn (&stress,
                  stress.contexts[i % N_THREADS],
                  g_test_rand_int (),
                  i < N_CLIENTS / 2 ? send_items : receive_items,
                  GINT_TO_POINTER (i));
  stress_run (&stress, cancel_one, NULL);
  kind->close (self.channel);
  stress_end (&stress, cancel_one, NULL);
  g_test_message ("%" G_GUINT64_FORMAT " items received, %" G_GUINT64_FORMAT
                  " destroyed, %" G_GUINT64_FORMAT " waits in vain",
                  self.n_received,
                  self.n_destroyed,
                  self.n_ended);
  g_assert_finalize_object (self.channel);
  g_assert_cmpuint (self.n_received, >, 0);
  g_assert_cmpuint (self.n_sent, ==, self.n_received + self.n_destroyed);
  g_assert_cmpuint (self.sum_sent, ==, self.sum_received + self.sum_destroyed);
  shared_end (&self);
}

int
main (int   argc,
      char *argv[])
{
  static const ChannelKind kinds[] = {
    { 0, gco_channel_close_send },
    { 3, gco_channel_close_send },
    { 3, gco_channel_close_receive },
  };

  gco_test_init (&argc, &argv);
  g_test_add_data_func ("/stress/semaphore/one", GUINT_TO_POINTER (1), test_semaphore);
  g_test_add_data_func ("/stress/semaphore/three", GUINT_TO_POINTER (3), test_semaphore);
  g_test_add_data_func ("/stress/channel/hand-over", &kinds[0], test_channel);
  g_test_add_data_func ("/stress/channel/drained", &kinds[1], test_channel);
  g_test_add_data_func ("/stress/channel/dropped", &kinds[2], test_channel);
  return g_test_run ();
}
