/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A coroutine that had joined a scope with a mutex held was taken for stuck when a new child
 * of the scope wanted the mutex, although the join was over: the last child had ended in
 * another thread, which had not woken the coroutine yet.
 */

#include "gco-test.h"

#include "gio/gco-scope-private.h"

typedef struct
{
  GcoScope     *scope;
  GcoMutex      mutex;
  GcoCoroutine *child;
  guint         n_ended;
} Data;

static gboolean
wait_for_test (GCancellable *cancellable,
               gpointer      user_data,
               GError      **error)
{
  ((Data *) user_data)->child = gco_coroutine_self ();
  gco_coroutine_yield ();
  return TRUE;
}

static void
join_with_lock (gpointer user_data)
{
  Data *data = user_data;

  gco_mutex_lock (&data->mutex);
  gco_scope_spawn (data->scope, wait_for_test, data, NULL);
  g_assert_true (gco_scope_join (data->scope, NULL));
  gco_mutex_unlock (&data->mutex);
  data->n_ended++;
}

static gboolean
lock (GCancellable *cancellable,
      gpointer      user_data,
      GError      **error)
{
  Data *data = user_data;

  gco_mutex_lock (&data->mutex);
  gco_mutex_unlock (&data->mutex);
  data->n_ended++;
  return TRUE;
}

static void
test_granted (GcoTest *t)
{
  Data           data = { .scope = gco_scope_new (NULL) };
  GcoCoroutine  *joiner = gco_test_spawn (t, join_with_lock, &data);
  GcoWaiter     *waiter;
  GcoScopeState *state;

  gco_test_drain (t);
  waiter = joiner->waiter;
  state = waiter->lock;
  /* what the end of the last child does there */
  g_mutex_lock (&state->lock);
  g_assert_cmpint (gco_waiter_grant (waiter, &state->joiners), ==, GCO_WAIT_GRANTED);
  g_mutex_unlock (&state->lock);
  gco_scope_spawn_full (data.scope, t->ctx, NULL, 0, lock, &data, NULL);
  gco_test_drain (t);
  g_assert_cmpuint (data.n_ended, ==, 0);
  gco_waiter_wake (waiter, NULL, "test_granted");
  gco_test_drain (t);
  g_assert_cmpuint (data.n_ended, ==, 2);
  gco_coroutine_enter (data.child);
  gco_test_drain (t);
  g_object_unref (data.scope);
}

int
main (int    argc,
      char **argv)
{
  gco_test_init (&argc, &argv);
  gco_test_add ("/regress/joiner-granted", test_granted);
  return g_test_run ();
}
