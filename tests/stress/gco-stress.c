/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "gco-stress.h"

/* After that long nobody will end any more. */
#define STUCK_SECONDS 250

static gint64
duration_us (void)
{
  const char *seconds = g_getenv ("GCO_STRESS_SECONDS");

  if (seconds != NULL)
    return (gint64) (g_ascii_strtod (seconds, NULL) * G_USEC_PER_SEC);
  return (g_test_slow () ? 20 : 1) * G_USEC_PER_SEC;
}

void
stress_begin (Stress *stress,
              guint   n_threads)
{
  g_autoptr (GMainContext) any = g_main_context_new ();
  GcoTest through_source = { .main_context = any };

  g_assert_cmpuint (n_threads, <=, STRESS_MAX_THREADS);
  *stress = (Stress){ .n_threads = n_threads };
  g_mutex_init (&stress->lock);
  g_cond_init (&stress->ended);
  for (guint i = 0; i < n_threads; i++)
    {
      stress->threads[i] = gco_test_thread_new (i % 2 ? &through_source : NULL);
      stress->contexts[i] = gco_test_thread_get_context (stress->threads[i]);
    }
}

/* --------------------------------------------------------------- coroutines */

typedef struct
{
  Stress    *stress;
  StressFunc func;
  gpointer   user_data;
  guint32    seed;
} Body;

static void
run_body (gpointer user_data)
{
  Body  *body = user_data;
  GRand *rand = g_rand_new_with_seed (body->seed);

  body->func (body->stress, rand, body->user_data);
  g_rand_free (rand);
}

/* Outside of the coroutine, when nothing of it is left. */
static void
end_body (gpointer user_data)
{
  Body   *body = user_data;
  Stress *stress = body->stress;

  g_free (body);
  g_mutex_lock (&stress->lock);
  stress->n_running--;
  g_cond_signal (&stress->ended);
  g_mutex_unlock (&stress->lock);
}

void
stress_spawn (Stress        *stress,
              GcoAioContext *ctx,
              guint32        seed,
              StressFunc     func,
              gpointer       user_data)
{
  Body *body = g_new (Body, 1);

  *body = (Body){ stress, func, user_data, seed };
  g_mutex_lock (&stress->lock);
  stress->n_running++;
  g_mutex_unlock (&stress->lock);
  g_assert_nonnull (gco_spawn (ctx, run_body, body, end_body));
}

/* ------------------------------------------------------------------ the run */

static void
wait_until (Stress *stress,
            gint64  deadline,
            void (*tick) (gpointer user_data),
            gpointer user_data)
{
  /* with a tick: look in between; else only when one ended */
  gint64 until = deadline;

  if (tick != NULL)
    {
      g_mutex_unlock (&stress->lock);
      tick (user_data);
      g_mutex_lock (&stress->lock);
      until = MIN (deadline, g_get_monotonic_time () + 50);
    }
  if (stress->n_running > 0)
    g_cond_wait_until (&stress->ended, &stress->lock, until);
}

void
stress_run (Stress *stress,
            void (*tick) (gpointer user_data),
            gpointer user_data)
{
  gint64 deadline = g_get_monotonic_time () + duration_us ();

  g_mutex_lock (&stress->lock);
  while (stress->n_running > 0 && g_get_monotonic_time () < deadline)
    wait_until (stress, deadline, tick, user_data);
  g_mutex_unlock (&stress->lock);
  g_atomic_int_set (&stress->stop, TRUE);
}

void
stress_end (Stress *stress,
            void (*tick) (gpointer user_data),
            gpointer user_data)
{
  gint64 deadline = g_get_monotonic_time () + STUCK_SECONDS * G_USEC_PER_SEC;

  g_mutex_lock (&stress->lock);
  while (stress->n_running > 0)
    {
      wait_until (stress, deadline, tick, user_data);
      if (g_get_monotonic_time () >= deadline)
        g_error ("%d coroutines are stuck: a wake was lost", stress->n_running);
    }
  g_mutex_unlock (&stress->lock);

  for (guint i = 0; i < stress->n_threads; i++)
    gco_test_thread_stop (stress->threads[i]);
  g_mutex_clear (&stress->lock);
  g_cond_clear (&stress->ended);
}

/* ------------------------------------------------------------------ clients */

GCancellable *
stress_client_renew (StressClient *client)
{
  GCancellable *old = NULL;

  g_mutex_lock (&client->lock);
  if (client->cancellable == NULL || g_cancellable_is_cancelled (client->cancellable))
    {
      old = client->cancellable;
      client->cancellable = g_cancellable_new ();
    }
  g_mutex_unlock (&client->lock);
  g_clear_object (&old);
  return client->cancellable;
}

void
stress_client_cancel (StressClient *client)
{
  g_autoptr (GCancellable) cancellable = NULL;

  g_mutex_lock (&client->lock);
  if (client->cancellable != NULL)
    cancellable = g_object_ref (client->cancellable);
  g_mutex_unlock (&client->lock);
  if (cancellable != NULL)
    g_cancellable_cancel (cancellable);
}

void
stress_client_clear (StressClient *client)
{
  g_clear_object (&client->cancellable);
  g_mutex_clear (&client->lock);
}
