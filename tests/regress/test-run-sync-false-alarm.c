/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A context that runs inside of gco_run_sync(), attached to its main context or
 * polled, was taken for one that is blocked by it. */

#include "gco-test.h"

typedef struct
{
  GcoMutex mutex;
  guint    n_had;
} Data;

static void
lock_for_a_while (gpointer user_data)
{
  Data *data = user_data;

  gco_mutex_lock (&data->mutex);
  gco_test_pass ();
  gco_test_pass ();
  data->n_had++;
  gco_mutex_unlock (&data->mutex);
}

typedef struct
{
  GcoMutex mutex;
  GcoSleep sleep;
  gboolean is_held;
} Held;

static void
hold_until_woken (gpointer user_data)
{
  Held *held = user_data;

  gco_mutex_lock (&held->mutex);
  held->is_held = TRUE;
  gco_sleep_wait_ns (&held->sleep, NULL, -1);
  gco_mutex_unlock (&held->mutex);
}

static gboolean
lock_with_attached (GCancellable *cancellable,
                    gpointer      user_data,
                    GError      **error)
{
  Held          *held = user_data;
  GcoAioContext *ctx = gco_aio_context_new ();
  guint          id = gco_aio_context_attach (ctx, g_main_context_get_thread_default ());

  gco_spawn (ctx, hold_until_woken, held, NULL);
  while (!held->is_held)
    gco_test_pass ();
  /* it will go on in a dispatch of its own context, and so while we wait */
  gco_sleep_wake (&held->sleep);
  gco_mutex_lock (&held->mutex);
  gco_mutex_unlock (&held->mutex);
  g_source_destroy (
      g_main_context_find_source_by_id (g_main_context_get_thread_default (), id));
  g_object_unref (ctx);
  return TRUE;
}

static void
test_attached (void)
{
  Held held = { .is_held = FALSE };

  g_assert_true (gco_run_sync (lock_with_attached, &held, NULL, NULL));
}

static void
poll_until_had (gpointer user_data)
{
  Data *data = user_data;
  g_autoptr (GcoAioContext) ctx = gco_aio_context_new ();

  gco_spawn (ctx, lock_for_a_while, data, NULL);
  gco_spawn (ctx, lock_for_a_while, data, NULL);
  while (data->n_had < 2)
    gco_aio_context_poll (ctx, TRUE);
}

static gboolean
poll_outside (GCancellable *cancellable,
              gpointer      user_data,
              GError      **error)
{
  gco_coroutine_call_outside (poll_until_had, user_data);
  return TRUE;
}

static void
test_polled (void)
{
  Data data = { .n_had = 0 };

  g_assert_true (gco_run_sync (poll_outside, &data, NULL, NULL));
}

int
main (int   argc,
      char *argv[])
{
  gco_test_init (&argc, &argv);
  g_test_add_func ("/regress/run-sync-false-alarm/attached", test_attached);
  g_test_add_func ("/regress/run-sync-false-alarm/polled", test_polled);
  return g_test_run ();
}
