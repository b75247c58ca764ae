/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A coroutine whose stack and record another one had before is as new. */

#include "gco-test.h"

#include <string.h>

#include "gco-coroutine-private.h"

#define N_ROUNDS 300

typedef struct
{
  GcoTest       *t;
  GcoAioContext *other;
  GcoMutex       mutex;
  GcoCoroutine  *was;   /* whose record is used again */
  GcoCoroutine   first; /* the record, when nobody had had it */
  guint          n_reused;
  guint          n_freed;
} Pool;

static void
note_freed (gpointer user_data)
{
  Pool *pool = user_data;

  pool->n_freed++;
}

/* --------------------------------------------------------- what leaves traces */

static void
named_with_lock (gpointer user_data)
{
  Pool *pool = user_data;

  gco_coroutine_set_name (gco_coroutine_self (), "predecessor");
  gco_mutex_lock (&pool->mutex);
  gco_test_pass ();
  gco_mutex_unlock (&pool->mutex);
  pool->was = gco_coroutine_self ();
}

static void
cancelled_wait (gpointer user_data)
{
  Pool *pool = user_data;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;

  g_cancellable_cancel (cancellable);
  g_assert_false (gco_sleep_ns_cancellable (NULL, G_MAXINT64, cancellable, &error));
  pool->was = gco_coroutine_self ();
}

static void
moved (gpointer user_data)
{
  Pool *pool = user_data;

  gco_coroutine_move_to (pool->other);
  gco_coroutine_move_to (pool->t->ctx);
  pool->was = gco_coroutine_self ();
}

static gboolean
child (GCancellable *cancellable,
       gpointer      user_data,
       GError      **error)
{
  Pool *pool = user_data;

  pool->was = gco_coroutine_self ();
  return gco_sleep_ns_cancellable (NULL, G_MAXINT64, NULL, error);
}

static void
cancelled_scope (gpointer user_data)
{
  Pool *pool = user_data;
  g_autoptr (GcoScope) scope = gco_scope_new (NULL);
  g_autoptr (GError) error = NULL;

  gco_scope_spawn_full (scope, pool->t->ctx, "predecessor", 0, child, pool, NULL);
  gco_test_pass ();
  gco_scope_cancel (scope);
  g_assert_false (gco_scope_join (scope, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

/* ---------------------------------------------------------------- the successor */

/* What belongs to this one, is the stack's, or says who comes next. */
static void
blank (GcoCoroutine *record)
{
  memset (&record->stack, 0, sizeof record->stack);
  memset (&record->context, 0, sizeof record->context);
  memset (&record->ready, 0, sizeof record->ready);
  record->user_data = NULL;
  record->destroy = NULL;
  record->since = 0; /* of a wait, and this one has none yet */
  record->entered_default = NULL;
  record->entered_depth = 0;
  record->entered_fp = 0;
}

static void
look_first (gpointer user_data)
{
  Pool *pool = user_data;

  pool->first = *gco_coroutine_self ();
  blank (&pool->first);
}

static void
look_again (gpointer user_data)
{
  Pool        *pool = user_data;
  GcoCoroutine record = *gco_coroutine_self ();
  g_autoptr (GError) error = NULL;

  pool->n_reused += gco_coroutine_self () == pool->was;
  blank (&record);
  record.func = pool->first.func;
  g_assert_cmpmem (&record, sizeof record, &pool->first, sizeof pool->first);
  /* and so it can wait */
  g_assert_null (gco_coroutine_get_name (gco_coroutine_self ()));
  g_assert_null (gco_scope_get_current_cancellable ());
  gco_sleep_ns_cancellable (NULL, 0, NULL, &error);
  g_assert_no_error (error);
  gco_test_pass ();
}

static void
run_new (Pool            *pool,
         GcoCoroutineFunc func,
         guint            n)
{
  for (; n > 0; n--)
    g_assert_nonnull (gco_spawn (pool->t->ctx, func, pool, note_freed));
  do
    gco_test_drain (pool->t);
  while (gco_aio_context_poll (pool->other, FALSE));
}

static void
test_traces (GcoTest *t)
{
  static const GcoCoroutineFunc predecessors[] = {
    named_with_lock,
    cancelled_wait,
    moved,
    cancelled_scope,
  };
  Pool  pool = { .t = t, .other = gco_aio_context_new () };
  guint n = gco_test_scale (N_ROUNDS);

  run_new (&pool, look_first, 1);
  for (guint i = 0; i < n; i++)
    {
      run_new (&pool, predecessors[i % G_N_ELEMENTS (predecessors)], 1);
      /* as many as the predecessor may have had */
      run_new (&pool, look_again, 3);
    }
  g_assert_cmpuint (pool.n_freed, ==, 1 + 4 * n);
  g_assert_cmpuint (pool.n_reused, ==, n);
  g_object_unref (pool.other);
}

int
main (int    argc,
      char **argv)
{
  gco_test_init (&argc, &argv);
  gco_test_add ("/coroutine-reuse/traces", test_traces);
  return g_test_run ();
}
