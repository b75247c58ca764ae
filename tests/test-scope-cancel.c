/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Each way to cancel a scope ends each kind of wait that can fail. */

#include "gco-test-waits.h"

#define N_CHILDREN 2

typedef struct
{
  Waits         waits;
  gsize         kind;
  GcoScope     *scope; /* NULL: dropped */
  GcoClock     *clock;
  GCancellable *parent;
  GObject      *object;
  guint         n_waiting;
  guint         n_unwound;
  guint         n_freed;
  gboolean      joined;
  GError       *error;
} Case;

static void
note_unwound (Case **place)
{
  (*place)->n_unwound++;
}

static void
note_freed (gpointer user_data)
{
  Case *self = user_data;

  g_assert_false (gco_in_coroutine ());
  self->n_freed++;
}

/* All that comes after the end fails at once, too. */
static gboolean
wait_for_ever (GCancellable *cancellable,
               gpointer      user_data,
               GError      **error)
{
  __attribute__ ((cleanup (note_unwound))) Case *self = user_data;

  g_assert_true (cancellable == gco_scope_get_current_cancellable ());
  for (guint i = 0; i < 3; i++)
    {
      g_autoptr (GError) local_error = NULL;

      self->n_waiting++;
      g_assert_false (
          wait_kinds[self->kind].func (&self->waits, cancellable, &local_error));
      g_assert_error (local_error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
      g_assert_true (g_cancellable_is_cancelled (cancellable));
      self->n_waiting--;
      /* the second await would connect to what was emitted */
      if (wait_kinds[self->kind].needs_source)
        break;
    }
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_CANCELLED, "unwound");
  return FALSE;
}

static void
spawn (Case *self)
{
  gco_scope_spawn_full (self->scope,
                        self->waits.t->ctx,
                        wait_kinds[self->kind].name,
                        0,
                        wait_for_ever,
                        self,
                        note_freed);
}

static void
join (gpointer user_data)
{
  Case *self = user_data;

  self->joined = gco_scope_join (self->scope, &self->error);
}

static void
case_begin (Case    *self,
            GcoTest *t,
            gsize    kind)
{
  g_test_message ("%s", wait_kinds[kind].name);
  *self = (Case){ .kind = kind };
  waits_begin (&self->waits, t);
  self->clock = gco_clock_new_manual ();
  self->parent = g_cancellable_new ();
  self->object = g_object_new (G_TYPE_OBJECT, NULL);
  self->scope = gco_scope_new (self->parent);
}

static void
case_end (Case *self)
{
  if (self->scope != NULL)
    g_assert_finalize_object (self->scope);
  gco_test_drain (self->waits.t);
  g_object_unref (self->clock);
  g_assert_finalize_object (self->parent);
  g_clear_object (&self->object);
  g_clear_error (&self->error);
  waits_end (&self->waits);
}

static void
assert_ended (Case *self,
              int   code)
{
  gco_test_drain (self->waits.t);
  g_assert_cmpuint (self->n_waiting, ==, 0);
  g_assert_cmpuint (self->n_unwound, ==, N_CHILDREN);
  g_assert_cmpuint (self->n_freed, ==, N_CHILDREN);
  if (self->scope == NULL)
    return;
  g_assert_true (g_cancellable_is_cancelled (gco_scope_get_cancellable (self->scope)));
  gco_test_run (self->waits.t, join, self);
  g_assert_false (self->joined);
  g_assert_error (self->error, G_IO_ERROR, code);
}

static void
run_each (GcoTest *t,
          void (*prepare) (Case *self),
          void (*cancel) (Case *self),
          int code)
{
  for (gsize kind = 0; kind < G_N_ELEMENTS (wait_kinds); kind++)
    {
      Case self;

      if (!wait_kind_is_for (t, kind))
        continue;
      case_begin (&self, t, kind);
      if (prepare != NULL)
        prepare (&self);
      for (guint i = 0; i < N_CHILDREN; i++)
        spawn (&self);
      gco_test_drain (t);
      g_assert_cmpuint (self.n_waiting, ==, N_CHILDREN);
      g_assert_cmpuint (gco_scope_get_n_running (self.scope), ==, N_CHILDREN);
      cancel (&self);
      /* nobody runs inside of it */
      g_assert_cmpuint (self.n_unwound, ==, 0);
      assert_ended (&self, code);
      case_end (&self);
    }
}

/* ---------------------------------------------------------------------- by hand */

static void
cancel (Case *self)
{
  gco_scope_cancel (self->scope);
  gco_scope_cancel (self->scope);
}

static void
test_by_hand (GcoTest *t)
{
  run_each (t, NULL, cancel, G_IO_ERROR_CANCELLED);
}

static gpointer
cancel_in_thread (gpointer user_data)
{
  cancel (user_data);
  return NULL;
}

static void
cancel_from_thread (Case *self)
{
  g_thread_join (g_thread_new ("canceller", cancel_in_thread, self));
}

static void
test_from_thread (GcoTest *t)
{
  run_each (t, NULL, cancel_from_thread, G_IO_ERROR_CANCELLED);
}

static void
cancel_in_coroutine (gpointer user_data)
{
  Case *self = user_data;

  cancel (self);
  g_assert_cmpuint (self->n_unwound, ==, 0);
}

static void
cancel_from_coroutine (Case *self)
{
  gco_coroutine_enter (gco_coroutine_create (cancel_in_coroutine, self));
}

static void
test_from_coroutine (GcoTest *t)
{
  run_each (t, NULL, cancel_from_coroutine, G_IO_ERROR_CANCELLED);
}

/* ------------------------------------------------------------- by something else */

static void
set_deadline (Case *self)
{
  gint64 now = gco_clock_get_time_ns (self->clock);

  /* one that is put off, and one that is put forward */
  gco_scope_set_deadline (self->scope, self->clock, now + 10);
  gco_scope_set_deadline (self->scope, NULL, G_MAXINT64);
  gco_test_drain (self->waits.t);
  gco_clock_advance (self->clock, 20);
  gco_test_drain (self->waits.t);
  gco_scope_set_deadline (self->scope, self->clock, now + 30);
}

static void
pass_deadline (Case *self)
{
  gco_clock_advance (self->clock, 9);
  gco_test_drain (self->waits.t);
  g_assert_cmpuint (self->n_unwound, ==, 0);
  gco_clock_advance (self->clock, 1);
}

/* The timer is of the context at hand. */
static void
set_deadline_shot (gpointer user_data)
{
  set_deadline (user_data);
}

static void
set_deadline_in_dispatch (Case *self)
{
  gco_aio_context_schedule_oneshot (self->waits.t->ctx, set_deadline_shot, self, NULL);
  gco_test_drain (self->waits.t);
}

static void
test_deadline (GcoTest *t)
{
  run_each (t, set_deadline_in_dispatch, pass_deadline, G_IO_ERROR_TIMED_OUT);
}

static void
cancel_parent (Case *self)
{
  g_cancellable_cancel (self->parent);
}

static void
test_parent (GcoTest *t)
{
  run_each (t, NULL, cancel_parent, G_IO_ERROR_CANCELLED);
}

static void
bind (Case *self)
{
  gco_scope_bind_object (self->scope, self->object);
}

static void
dispose_object (Case *self)
{
  g_object_run_dispose (self->object);
}

static void
test_disposed (GcoTest *t)
{
  run_each (t, bind, dispose_object, G_IO_ERROR_CANCELLED);
}

static void
drop_object (Case *self)
{
  g_assert_finalize_object (g_steal_pointer (&self->object));
}

static void
test_finalized (GcoTest *t)
{
  run_each (t, bind, drop_object, G_IO_ERROR_CANCELLED);
}

/* Either of them will do. */
static void
bind_two (Case *self)
{
  gco_scope_bind_object (self->scope, G_OBJECT (self->clock));
  bind (self);
}

static void
test_bound_to_two (GcoTest *t)
{
  run_each (t, bind_two, drop_object, G_IO_ERROR_CANCELLED);
}

static void
drop_scope (Case *self)
{
  g_assert_finalize_object (g_steal_pointer (&self->scope));
}

static void
test_dropped (GcoTest *t)
{
  run_each (t, NULL, drop_scope, 0);
}

static void
test_dropped_bound (GcoTest *t)
{
  run_each (t, bind_two, drop_scope, 0);
}

static gboolean
fail_busy (GCancellable *cancellable,
           gpointer      user_data,
           GError      **error)
{
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_BUSY, "busy");
  return FALSE;
}

static void
fail (Case *self)
{
  gco_scope_spawn_full (self->scope,
                        self->waits.t->ctx,
                        NULL,
                        0,
                        fail_busy,
                        NULL,
                        NULL);
}

static void
test_failure (GcoTest *t)
{
  run_each (t, NULL, fail, G_IO_ERROR_BUSY);
}

/* What was cancelled first says why. */
static void
pass_deadline_when_cancelled (Case *self)
{
  cancel (self);
  gco_clock_advance (self->clock, 100);
}

static void
test_deadline_when_cancelled (GcoTest *t)
{
  run_each (t,
            set_deadline_in_dispatch,
            pass_deadline_when_cancelled,
            G_IO_ERROR_CANCELLED);
}

/* --------------------------------------------------------------- at other times */

/* Each way to be cancelled before any child runs. */
static void
run_early (GcoTest *t,
           gboolean cancel_first)
{
  for (gsize kind = 0; kind < G_N_ELEMENTS (wait_kinds); kind++)
    {
      Case self;

      /* "cancelled" is emitted before anybody could connect */
      if (wait_kinds[kind].needs_source)
        continue;
      case_begin (&self, t, kind);
      if (cancel_first)
        cancel (&self);
      for (guint i = 0; i < N_CHILDREN; i++)
        spawn (&self);
      if (!cancel_first)
        cancel (&self);
      assert_ended (&self, G_IO_ERROR_CANCELLED);
      case_end (&self);
    }
}

static void
test_spawned_after (GcoTest *t)
{
  run_early (t, TRUE);
}

static void
test_ready (GcoTest *t)
{
  run_early (t, FALSE);
}

static void
test_parent_before (GcoTest *t)
{
  g_autoptr (GCancellable) parent = g_cancellable_new ();
  g_autoptr (GcoScope) scope = NULL;

  g_cancellable_cancel (parent);
  scope = gco_scope_new (parent);
  g_assert_true (g_cancellable_is_cancelled (gco_scope_get_cancellable (scope)));
}

/* Directly: the operations end, and the scope does not. */
static void
test_cancellable_only (GcoTest *t)
{
  Case self;

  case_begin (&self, t, 0);
  spawn (&self);
  gco_test_drain (t);
  g_cancellable_cancel (gco_scope_get_cancellable (self.scope));
  gco_test_drain (t);
  g_assert_cmpuint (self.n_waiting, ==, 1);
  case_end (&self);
}

int
main (int   argc,
      char *argv[])
{
  gco_test_init (&argc, &argv);
  gco_test_add ("/scope-cancel/by-hand", test_by_hand);
  gco_test_add ("/scope-cancel/from-thread", test_from_thread);
  gco_test_add ("/scope-cancel/from-coroutine", test_from_coroutine);
  gco_test_add ("/scope-cancel/deadline", test_deadline);
  gco_test_add ("/scope-cancel/parent", test_parent);
  gco_test_add ("/scope-cancel/disposed", test_disposed);
  gco_test_add ("/scope-cancel/finalized", test_finalized);
  gco_test_add ("/scope-cancel/bound-to-two", test_bound_to_two);
  gco_test_add ("/scope-cancel/dropped", test_dropped);
  gco_test_add ("/scope-cancel/dropped-bound", test_dropped_bound);
  gco_test_add ("/scope-cancel/failure", test_failure);
  gco_test_add ("/scope-cancel/deadline-when-cancelled", test_deadline_when_cancelled);
  gco_test_add ("/scope-cancel/spawned-after", test_spawned_after);
  gco_test_add ("/scope-cancel/ready", test_ready);
  gco_test_add ("/scope-cancel/parent-before", test_parent_before);
  gco_test_add ("/scope-cancel/cancellable-only", test_cancellable_only);
  return g_test_run ();
}
