/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* GCO_DEBUG=frames: an interpreter on the stack of a coroutine is found, and named. */

#include "gco-test-pretend.h"
#include "gco-test.h"

static void
yield_once (gpointer user_data)
{
  gco_test_pass ();
}

/* -------------------------------------------------------------------- harmless */

/* The interpreter has called what iterates: it is below all coroutines. */
static void
iterate (gpointer user_data)
{
  GcoTest *t = user_data;

  gco_test_spawn (t, yield_once, NULL);
  gco_test_drain (t);
}

static void
test_below (GcoTest *t)
{
  pretend_call (iterate, t);
}

static void
use_mutex (gpointer user_data)
{
  g_assert_false (gco_in_coroutine ());
  g_assert_true (gco_async_mutex_trylock (user_data));
  g_assert_true (gco_async_mutex_unlock (user_data, NULL));
}

static void
pretend_use_mutex (gpointer user_data)
{
  pretend_call (use_mutex, user_data);
}

static void
use_mutex_outside (gpointer user_data)
{
  g_autoptr (GcoAsyncMutex) mutex = gco_async_mutex_new ();

  gco_coroutine_call_outside (pretend_use_mutex, mutex);
  gco_test_pass ();
}

static void
test_outside (GcoTest *t)
{
  gco_test_run (t, use_mutex_outside, NULL);
}

/* It has returned before the coroutine suspends. */
static void
do_nothing (gpointer user_data)
{
}

static void
call_and_yield (gpointer user_data)
{
  pretend_call (do_nothing, NULL);
  gco_test_pass ();
}

static void
test_returned (GcoTest *t)
{
  gco_test_run (t, call_and_yield, NULL);
}

/* --------------------------------------------------------------------- refused */

static void
wait_in_vain (gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  GcoMutex mutex = { 0 };
  GcoQueue queue = { 0 };

  g_assert_false (gco_mutex_lock_cancellable (&mutex, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK);
  g_assert_nonnull (strstr (error->message, "pretend"));
  g_clear_error (&error);
  g_assert_false (gco_queue_wait_cancellable (&queue, NULL, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK);
  g_clear_error (&error);
  g_assert_false (gco_sleep_ns_cancellable (NULL, 0, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK);
  gco_mutex_lock (&mutex); /* which needs no wait */
  gco_mutex_unlock (&mutex);
}

static void
pretend_wait_in_vain (gpointer user_data)
{
  pretend_call (wait_in_vain, NULL);
  gco_test_pass ();
}

static void
test_wait (GcoTest *t)
{
  gco_test_run (t, pretend_wait_in_vain, NULL);
}

static void
pretend_yield (gpointer user_data)
{
  gco_coroutine_set_name (gco_coroutine_self (), "bob");
  pretend_call (yield_once, NULL);
}

static void
test_yield (GcoTest *t)
{
  gco_test_run (t, pretend_yield, NULL);
}

static void
trylock (gpointer user_data)
{
  g_autoptr (GcoAsyncMutex) mutex = gco_async_mutex_new ();

  gco_async_mutex_trylock (mutex);
}

static void
pretend_trylock (gpointer user_data)
{
  gco_coroutine_set_name (gco_coroutine_self (), "bob");
  pretend_call (trylock, NULL);
}

static void
test_call (GcoTest *t)
{
  gco_test_run (t, pretend_trylock, NULL);
}

int
main (int   argc,
      char *argv[])
{
  g_setenv ("GCO_DEBUG", "frames", TRUE);
  gco_test_init (&argc, &argv);
  gco_test_add ("/frames/below", test_below);
  gco_test_add ("/frames/outside", test_outside);
  gco_test_add ("/frames/returned", test_returned);
  gco_test_add ("/frames/wait", test_wait);
  gco_test_add_abort ("/frames/yield", test_yield, "*coroutine bob*suspends with*pretend*");
  gco_test_add_abort ("/frames/call",
                      test_call,
                      "*gco_async_mutex_trylock*called by*pretend*coroutine bob*");
  return g_test_run ();
}
