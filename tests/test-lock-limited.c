/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A free mutex within limits, as it is without GCO_DEBUG, which all other tests set: what
 * would have ended the wait is looked at none the less. */

#include "gco-test.h"

/* ------------------------------------------------------------------------- taken */

static void
assert_free (GcoMutex *mutex)
{
  g_assert_true (gco_mutex_trylock (mutex));
  gco_mutex_unlock (mutex);
}

static void
take (gpointer user_data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  GcoMutex mutex = { 0 };

  /* without a home at first */
  for (guint i = 0; i < 3; i++)
    {
      g_assert_true (gco_mutex_lock_cancellable (&mutex, NULL, &error));
      g_assert_false (gco_mutex_trylock (&mutex));
      gco_mutex_unlock (&mutex);
      g_assert_true (gco_mutex_lock_cancellable (&mutex, cancellable, &error));
      gco_mutex_unlock (&mutex);
      /* long past, but it is free */
      g_assert_true (gco_mutex_lock_until (&mutex, NULL, 1, cancellable, &error));
      g_assert_false (gco_mutex_trylock (&mutex));
      gco_mutex_unlock (&mutex);
      assert_free (&mutex);
      gco_test_pass ();
    }
  g_assert_no_error (error);
}

static void
test_taken (GcoTest *t)
{
  gco_test_run (t, take, NULL);
}

/* ----------------------------------------------------------------------- refused */

static void
assert_refused (GCancellable *cancellable)
{
  g_autoptr (GError) error = NULL;
  GcoMutex mutex = { 0 };

  g_assert_false (gco_mutex_lock_cancellable (&mutex, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  g_assert_false (gco_mutex_lock_until (&mutex, NULL, G_MAXINT64, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  assert_free (&mutex);
}

static void
take_cancelled (gpointer user_data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();

  gco_test_pass ();
  g_cancellable_cancel (cancellable);
  assert_refused (cancellable);
}

static void
test_cancelled (GcoTest *t)
{
  gco_test_run (t, take_cancelled, NULL);
}

static gboolean
take_doomed (GCancellable *cancellable,
             gpointer      user_data,
             GError      **error)
{
  gco_test_pass ();
  gco_scope_cancel (user_data);
  assert_refused (NULL);
  return TRUE;
}

static void
join (gpointer user_data)
{
  g_autoptr (GcoScope) scope = gco_scope_new (NULL);

  gco_scope_spawn (scope, take_doomed, scope, NULL);
  g_assert_false (gco_scope_join (scope, NULL));
}

static void
test_doomed (GcoTest *t)
{
  gco_test_run (t, join, NULL);
}

static void
take_closing (gpointer user_data)
{
  gboolean *done = user_data;

  g_assert_false (gco_sleep_ns_cancellable (NULL, G_MAXINT64 / 2, NULL, NULL));
  assert_refused (NULL);
  *done = TRUE;
}

static void
test_closing (GcoTest *t)
{
  gboolean done = FALSE;

  gco_test_spawn (t, take_closing, &done);
  gco_test_drain (t);
  gco_aio_context_shutdown (t->ctx);
  g_assert_true (done);
}

/* ------------------------------------------------------------------------ misuse */

static void
take_twice (gpointer user_data)
{
  GcoMutex mutex = { 0 };

  gco_test_pass ();
  g_assert_true (gco_mutex_lock_cancellable (&mutex, NULL, NULL));
  gco_mutex_lock_until (&mutex, NULL, 1, NULL, NULL);
}

static void
test_twice (GcoTest *t)
{
  gco_test_run (t, take_twice, NULL);
}

static void
take_and_end (gpointer user_data)
{
  static GcoMutex mutex;

  gco_test_pass ();
  gco_mutex_lock_cancellable (&mutex, NULL, NULL);
}

static void
test_end (GcoTest *t)
{
  gco_test_run (t, take_and_end, NULL);
}

static void
test_outside (GcoTest *t)
{
  GcoMutex mutex = { 0 };

  gco_mutex_lock_cancellable (&mutex, NULL, NULL);
}

int
main (int    argc,
      char **argv)
{
  g_unsetenv ("GCO_DEBUG");
  gco_test_init (&argc, &argv);
  gco_test_add ("/lock-limited/taken", test_taken);
  gco_test_add ("/lock-limited/cancelled", test_cancelled);
  gco_test_add ("/lock-limited/doomed", test_doomed);
  gco_test_add ("/lock-limited/closing", test_closing);
  gco_test_add_abort ("/lock-limited/twice",
                      test_twice,
                      "*gco_mutex_lock_until: coroutine * holds GcoMutex * already*");
  gco_test_add_abort ("/lock-limited/end", test_end, "*ended*hold*");
  gco_test_add_abort ("/lock-limited/outside",
                      test_outside,
                      "*gco_mutex_lock_cancellable: not in a coroutine*");
  return g_test_run ();
}
