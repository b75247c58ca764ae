/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A coroutine that joined a scope with a mutex held, and a child that wanted the mutex,
 * waited for each other in silence. */

#include "gco-test.h"

static GcoMutex mutex;

static gboolean
lock (GCancellable *cancellable,
      gpointer      user_data,
      GError      **error)
{
  gco_mutex_lock (&mutex);
  gco_mutex_unlock (&mutex);
  return TRUE;
}

static gboolean
lock_or_give_up (GCancellable *cancellable,
                 gpointer      user_data,
                 GError      **error)
{
  if (!gco_mutex_lock_cancellable (&mutex, cancellable, error))
    return FALSE;
  gco_mutex_unlock (&mutex);
  return TRUE;
}

static gboolean
pass (GCancellable *cancellable,
      gpointer      user_data,
      GError      **error)
{
  gco_test_pass ();
  gco_test_pass ();
  return TRUE;
}

static void
join_with_lock (gpointer user_data)
{
  g_autoptr (GcoScope) scope = gco_scope_new (NULL);

  gco_coroutine_set_name (gco_coroutine_self (), "parent");
  gco_mutex_lock (&mutex);
  gco_scope_spawn_full (scope, NULL, "child", 0, lock, NULL, NULL);
  gco_scope_join (scope, NULL);
}

static void
test_deadlock (GcoTest *t)
{
  gco_test_run (t, join_with_lock, NULL);
}

static void
join_until_deadline (gpointer user_data)
{
  g_autoptr (GcoScope) scope = gco_scope_new (NULL);
  g_autoptr (GError) error = NULL;

  gco_mutex_lock (&mutex);
  gco_scope_spawn (scope, lock_or_give_up, NULL, NULL);
  gco_scope_set_deadline (scope, NULL, gco_clock_get_time_ns (NULL) + 1000000);
  g_assert_false (gco_scope_join (scope, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
  gco_mutex_unlock (&mutex);
}

/* A wait that can fail is ended with the scope. */
static void
test_can_fail (GcoTest *t)
{
  gco_test_run (t, join_until_deadline, NULL);
}

static void
join_another (gpointer user_data)
{
  g_autoptr (GcoScope) with_lock = gco_scope_new (NULL);
  g_autoptr (GcoScope) without = gco_scope_new (NULL);

  gco_mutex_lock (&mutex);
  gco_scope_spawn (without, lock, NULL, NULL);
  gco_scope_spawn (with_lock, pass, NULL, NULL);
  g_assert_true (gco_scope_join (with_lock, NULL));
  gco_mutex_unlock (&mutex);
  g_assert_true (gco_scope_join (without, NULL));
}

/* Who waits for the mutex is in another scope than the one that is joined with it held. */
static void
test_another_scope (GcoTest *t)
{
  gco_test_run (t, join_another, NULL);
}

int
main (int    argc,
      char **argv)
{
  gco_test_init (&argc, &argv);
  gco_test_add_abort ("/regress/deadlock-of-joiner",
                      test_deadlock,
                      "*deadlock: coroutine child*GcoMutex*coroutine parent*its scope*");
  gco_test_add ("/regress/deadlock-of-joiner/can-fail", test_can_fail);
  gco_test_add ("/regress/deadlock-of-joiner/another-scope", test_another_scope);
  return g_test_run ();
}
