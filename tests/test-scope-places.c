/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where the coroutines of a scope are, and who they are, when it is cancelled: in
 * several contexts and threads, on the move, or the canceller itself. */

#include "gco-test-scope.h"

static void
spawn_in (ScopeTest     *self,
          GcoAioContext *ctx,
          GcoRunFunc     func)
{
  gco_scope_spawn_full (self->scope, ctx, NULL, 0, func, self, scope_note_freed);
  self->n_spawned++;
}

/* As scope_sleep_for_ever(), in any thread. */
static gboolean
sleep_anywhere (GCancellable *cancellable,
                gpointer      user_data,
                GError      **error)
{
  ScopeTest *self = user_data;

  g_assert_false (gco_sleep_ns_cancellable (NULL, G_MAXINT64, NULL, error));
  g_atomic_int_inc (&self->n_run);
  return FALSE;
}

/* ------------------------------------------------------------------ the canceller */

static gboolean
cancel_then_sleep (GCancellable *cancellable,
                   gpointer      user_data,
                   GError      **error)
{
  ScopeTest *self = user_data;

  gco_scope_cancel (self->scope);
  g_assert_true (g_cancellable_is_cancelled (cancellable));
  return scope_sleep_for_ever (cancellable, user_data, error);
}

/* By a child, which goes on until its next wait that can fail. */
static void
test_by_child (GcoTest *t)
{
  ScopeTest self;

  scope_begin (&self, t);
  scope_spawn (&self, "sleeper", scope_sleep_for_ever);
  scope_spawn (&self, "canceller", cancel_then_sleep);
  scope_spawn (&self, "late", scope_sleep_for_ever);
  gco_test_run (t, scope_join, &self);
  g_assert_cmpuint (self.n_run, ==, 3);
  scope_end_with_error (&self, G_IO_ERROR_CANCELLED);
}

/* One that ignores it has succeeded, and its scope was cancelled all the same. */
static gboolean
cancel_and_succeed (GCancellable *cancellable,
                    gpointer      user_data,
                    GError      **error)
{
  ScopeTest *self = user_data;

  gco_scope_cancel (self->scope);
  gco_test_pass ();
  gco_sleep_ns (NULL, 1000);
  self->n_run++;
  return TRUE;
}

static void
test_ignored (GcoTest *t)
{
  ScopeTest self;

  scope_begin (&self, t);
  scope_spawn (&self, NULL, cancel_and_succeed);
  gco_test_run (t, scope_join, &self);
  g_assert_cmpuint (self.n_run, ==, 1);
  scope_end_with_error (&self, G_IO_ERROR_CANCELLED);
}

static void
cancel_when_freed (gpointer user_data)
{
  ScopeTest *self = user_data;

  gco_scope_cancel (self->scope);
  scope_note_freed (self);
}

static void
test_by_destroy (GcoTest *t)
{
  ScopeTest self;

  scope_begin (&self, t);
  scope_spawn (&self, "sleeper", scope_sleep_for_ever);
  self.n_spawned++;
  gco_scope_spawn_full (self.scope,
                        t->ctx,
                        NULL,
                        0,
                        scope_pass_once,
                        &self,
                        cancel_when_freed);
  gco_test_run (t, scope_join, &self);
  g_assert_cmpuint (self.n_run, ==, 2);
  scope_end_with_error (&self, G_IO_ERROR_CANCELLED);
}

/* What "cancelled" runs, runs outside of coroutines, and may join the fun. */
static void
cancel_other (GCancellable *cancellable,
              gpointer      other)
{
  g_assert_false (gco_in_coroutine ());
  gco_scope_cancel (other);
}

static void
test_chain (GcoTest *t)
{
  ScopeTest a;
  ScopeTest b;

  scope_begin (&a, t);
  scope_begin (&b, t);
  g_signal_connect (gco_scope_get_cancellable (a.scope),
                    "cancelled",
                    G_CALLBACK (cancel_other),
                    b.scope);
  scope_spawn (&a, NULL, cancel_then_sleep);
  scope_spawn (&b, NULL, scope_sleep_for_ever);
  gco_test_run (t, scope_join, &a);
  gco_test_run (t, scope_join, &b);
  scope_end_with_error (&a, G_IO_ERROR_CANCELLED);
  scope_end_with_error (&b, G_IO_ERROR_CANCELLED);
}

/* ------------------------------------------------------------- contexts and threads */

static void
test_contexts (GcoTest *t)
{
  GcoAioContext *other = gco_aio_context_new ();
  ScopeTest      self;

  scope_begin (&self, t);
  for (guint i = 0; i < 100; i++)
    spawn_in (&self, i % 3 == 0 ? other : t->ctx, sleep_anywhere);
  gco_test_drain (t);
  while (gco_aio_context_poll (other, FALSE))
    ;
  gco_scope_cancel (self.scope);
  while (gco_scope_get_n_running (self.scope) > 0)
    {
      gco_test_iterate (t);
      gco_aio_context_poll (other, FALSE);
    }
  gco_test_run (t, scope_join, &self);
  g_assert_cmpuint (self.n_run, ==, 100);
  scope_end_with_error (&self, G_IO_ERROR_CANCELLED);
  g_assert_finalize_object (other);
}

#define N_THREADS 3

static void
cancel_scope (gpointer scope)
{
  gco_scope_cancel (scope);
}

/* Hundreds in several threads, cancelled from one of those. */
static void
test_threads (GcoTest *t)
{
  GcoTestThread *threads[N_THREADS];
  guint          n = gco_test_scale (300);
  ScopeTest      self;

  for (guint i = 0; i < N_THREADS; i++)
    threads[i] = gco_test_thread_new (t);
  for (guint round = 0; round < 5; round++)
    {
      scope_begin (&self, t);
      for (guint i = 0; i < n; i++)
        spawn_in (&self, gco_test_thread_get_context (threads[i % N_THREADS]), sleep_anywhere);
      gco_test_thread_call (threads[round % N_THREADS], cancel_scope, self.scope);
      gco_test_run (t, scope_join, &self);
      g_assert_cmpuint (self.n_run, ==, n);
      scope_end_with_error (&self, G_IO_ERROR_CANCELLED);
    }
  for (guint i = 0; i < N_THREADS; i++)
    gco_test_thread_stop (threads[i]);
}

typedef struct
{
  ScopeTest      base;
  GcoAioContext *here;
  GcoAioContext *there;
  guint          n_moves; /* (atomic) */
} Travel;

/* It moves to and fro, and sleeps where it then is. */
static gboolean
travel (GCancellable *cancellable,
        gpointer      user_data,
        GError      **error)
{
  Travel *self = user_data;

  while (gco_sleep_ns_cancellable (NULL, 0, NULL, error))
    {
      gco_coroutine_move_to (self->there);
      g_atomic_int_inc (&self->n_moves);
      if (!gco_sleep_ns_cancellable (NULL, 0, NULL, error))
        break;
      gco_coroutine_move_to (self->here);
    }
  g_atomic_int_inc (&self->base.n_run);
  return FALSE;
}

/* Cancelled while it moves to another thread. */
static void
test_moving (GcoTest *t)
{
  GcoTestThread *thread = gco_test_thread_new (t);
  Travel         self = { .here = t->ctx, .there = gco_test_thread_get_context (thread) };

  for (guint i = 0; i < gco_test_scale (200); i++)
    {
      scope_begin (&self.base, t);
      self.n_moves = 0;
      for (guint k = 0; k < 3; k++)
        spawn_in (&self.base, t->ctx, travel);
      while ((guint) g_atomic_int_get (&self.n_moves) < i % 8)
        gco_test_iterate (t);
      gco_scope_cancel (self.base.scope);
      gco_test_run (t, scope_join, &self.base);
      g_assert_cmpuint (self.base.n_run, ==, 3);
      scope_end_with_error (&self.base, G_IO_ERROR_CANCELLED);
    }
  gco_test_thread_stop (thread);
}

/* ------------------------------------------------------------------------ shutdown */

/* Of the context of some: to be cancelled is a failure, which cancels the others. */
static void
test_shut_down_children (GcoTest *t)
{
  GcoAioContext *other = gco_aio_context_new ();
  ScopeTest      self;

  scope_begin (&self, t);
  spawn_in (&self, other, sleep_anywhere);
  scope_spawn (&self, NULL, sleep_anywhere);
  gco_test_spawn (t, scope_join, &self);
  gco_test_drain (t);
  while (gco_aio_context_poll (other, FALSE))
    ;
  gco_aio_context_shutdown (other);
  gco_test_drain (t);
  g_assert_cmpuint (self.n_run, ==, 2);
  scope_end_with_error (&self, G_IO_ERROR_CANCELLED);
  g_assert_finalize_object (other);
}

/* Of the context of who joins: it cancels, and waits for all of them. */
static void
test_shut_down_joiner (GcoTest *t)
{
  GcoTestThread *thread = gco_test_thread_new (t);
  ScopeTest      self;

  scope_begin (&self, t);
  spawn_in (&self, gco_test_thread_get_context (thread), sleep_anywhere);
  spawn_in (&self, t->ctx, sleep_anywhere);
  gco_test_spawn (t, scope_join, &self);
  gco_test_drain (t);
  gco_aio_context_shutdown (t->ctx);
  g_assert_cmpuint (self.n_run, ==, 2);
  gco_test_thread_stop (thread);
  scope_end_with_error (&self, G_IO_ERROR_CANCELLED);
}

/* Its context goes before who was sent there to interrupt has arrived. */
static void
test_context_gone (GcoTest *t)
{
  GcoAioContext *other = gco_aio_context_new ();
  ScopeTest      self;

  scope_begin (&self, t);
  spawn_in (&self, other, sleep_anywhere);
  while (gco_aio_context_poll (other, FALSE))
    ;
  gco_aio_context_shutdown (other);
  g_assert_cmpuint (self.n_freed, ==, 1);
  spawn_in (&self, other, sleep_anywhere);
  gco_scope_cancel (self.scope);
  gco_aio_context_shutdown (other);
  g_assert_cmpuint (self.n_freed, ==, 2);
  g_assert_finalize_object (other);
  gco_test_run (t, scope_join, &self);
  scope_end_with_error (&self, G_IO_ERROR_CANCELLED);
}

int
main (int   argc,
      char *argv[])
{
  gco_test_init (&argc, &argv);
  gco_test_add ("/scope-places/by-child", test_by_child);
  gco_test_add ("/scope-places/ignored", test_ignored);
  gco_test_add ("/scope-places/by-destroy", test_by_destroy);
  gco_test_add ("/scope-places/chain", test_chain);
  gco_test_add ("/scope-places/contexts", test_contexts);
  gco_test_add ("/scope-places/threads", test_threads);
  gco_test_add ("/scope-places/moving", test_moving);
  gco_test_add ("/scope-places/shut-down-children", test_shut_down_children);
  gco_test_add ("/scope-places/shut-down-joiner", test_shut_down_joiner);
  gco_test_add ("/scope-places/context-gone", test_context_gone);
  return g_test_run ();
}
