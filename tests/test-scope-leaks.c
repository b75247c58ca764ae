/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Hundreds of coroutines in every kind of wait that can fail, and what they hold:
 * all of it is let go of, whatever ends them. LeakSanitizer watches. */

#include "gco-test-waits.h"

typedef struct
{
  Waits     waits;
  GObject  *window;
  GcoScope *scope;
  guint     n_begun;
  guint     n_unwound; /* frames left */
  guint     n_freed;   /* destroy notifies */
} Crowd;

typedef struct
{
  Crowd *crowd;
  gsize  kind;
} Member;

static void
note_unwound (Crowd **place)
{
  (*place)->n_unwound++;
}

static void
member_free (gpointer user_data)
{
  Member *member = user_data;

  member->crowd->n_freed++;
  g_free (member);
}

/* Frames behind frames, each with something of its own. */
static gboolean
wait_deep (Member       *member,
           guint         depth,
           GCancellable *cancellable,
           GError      **error)
{
  /* clang-format off */
  G_GNUC_UNUSED g_autoptr (GObject) object = g_object_new (G_TYPE_OBJECT, NULL);
  G_GNUC_UNUSED g_autofree char *text = g_strdup_printf ("%u", depth);
  G_GNUC_UNUSED __attribute__ ((cleanup (note_unwound))) Crowd *crowd = member->crowd;
  /* clang-format on */

  if (depth > 0)
    return wait_deep (member, depth - 1, cancellable, error);
  return wait_kinds[member->kind].func (&member->crowd->waits, cancellable, error);
}

static gboolean
wait_member (GCancellable *cancellable,
             gpointer      user_data,
             GError      **error)
{
  Member *member = user_data;

  member->crowd->n_begun++;
  g_assert_false (wait_deep (member, 3, cancellable, error));
  g_assert_error (*error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  return FALSE;
}

static guint
crowd_begin (Crowd   *self,
             GcoTest *t)
{
  guint n = gco_test_scale (300);

  *self = (Crowd){ .window = g_object_new (G_TYPE_OBJECT, NULL) };
  waits_begin (&self->waits, t);
  self->scope = gco_scope_new (NULL);
  gco_scope_bind_object (self->scope, self->window);
  for (guint i = 0; i < n; i++)
    {
      Member *member = g_new (Member, 1);

      *member = (Member){ self, i % G_N_ELEMENTS (wait_kinds) };
      if (!wait_kind_is_for (t, member->kind))
        member->kind = 0;
      gco_scope_spawn_full (self->scope, t->ctx, NULL, 0, wait_member, member, member_free);
    }
  gco_test_drain (t);
  g_assert_cmpuint (self->n_begun, ==, n);
  g_assert_cmpuint (self->n_unwound, ==, 0);
  return n;
}

static void
crowd_end (Crowd *self,
           guint  n)
{
  gco_test_drain (self->waits.t);
  g_assert_cmpuint (self->n_unwound, ==, 4 * n);
  g_assert_cmpuint (self->n_freed, ==, n);
  g_assert_cmpuint (gco_scope_get_n_running (self->scope), ==, 0);
  g_clear_object (&self->window);
  g_assert_finalize_object (self->scope);
  waits_end (&self->waits);
}

static void
test_window_disposed (GcoTest *t)
{
  Crowd crowd;
  guint n = crowd_begin (&crowd, t);

  g_assert_finalize_object (g_steal_pointer (&crowd.window));
  crowd_end (&crowd, n);
}

static void
test_cancelled (GcoTest *t)
{
  Crowd crowd;
  guint n = crowd_begin (&crowd, t);

  gco_scope_cancel (crowd.scope);
  crowd_end (&crowd, n);
}

static void
test_shut_down (GcoTest *t)
{
  Crowd crowd;
  guint n = crowd_begin (&crowd, t);

  gco_coroutine_wake (crowd.waits.holder);
  gco_aio_context_shutdown (t->ctx);
  crowd_end (&crowd, n);
}

/* ------------------------------------------------------------- those that cannot */

static GSList  *lost; /* GcoScope; the lost stacks refer to their insides */
static GcoMutex mutex;
static GcoQueue queue;

static gboolean
lock_plainly (GCancellable *cancellable,
              gpointer      user_data,
              GError      **error)
{
  gco_mutex_lock (&mutex);
  return TRUE;
}

static gboolean
wait_plainly (GCancellable *cancellable,
              gpointer      user_data,
              GError      **error)
{
  gco_queue_wait (&queue, NULL);
  return TRUE;
}

static gboolean
sleep_plainly (GCancellable *cancellable,
               gpointer      user_data,
               GError      **error)
{
  gco_sleep_ns (NULL, G_MAXINT64);
  return TRUE;
}

static gboolean
yield_plainly (GCancellable *cancellable,
               gpointer      user_data,
               GError      **error)
{
  gco_coroutine_yield ();
  return TRUE;
}

static void
hold (gpointer user_data)
{
  gco_mutex_lock (&mutex);
  gco_coroutine_yield ();
  gco_mutex_unlock (&mutex);
}

/* To cancel the scope leaves them alone, and shutdown tells who they are. */
static void
test_stuck (GcoTest *t)
{
  static const struct
  {
    const char *name;
    GcoRunFunc  func;
    const char *message;
  } stuck[] = {
    { "locker", lock_plainly, "Coroutine locker*abandoned*a GcoMutex*" },
    { "waiter", wait_plainly, "Coroutine waiter*abandoned*a GcoQueue*" },
    { "sleeper", sleep_plainly, "Coroutine sleeper*abandoned*a sleep*" },
    { "yielder", yield_plainly, "Coroutine yielder*abandoned*enter or wake*" },
  };

  GcoScope      *scope = gco_scope_new (NULL);
  GcoAioContext *other = gco_aio_context_new ();
  GcoCoroutine  *holder = gco_spawn (other, hold, NULL, NULL);

  gco_aio_context_poll (other, FALSE);
  lost = g_slist_prepend (lost, scope);
  for (gsize i = 0; i < G_N_ELEMENTS (stuck); i++)
    {
      gco_scope_spawn_full (scope, t->ctx, stuck[i].name, 0, stuck[i].func, NULL, NULL);
      gco_test_drain (t);
      gco_scope_cancel (scope);
      gco_test_drain (t);
      g_test_expect_message ("Gco", G_LOG_LEVEL_WARNING, stuck[i].message);
      gco_aio_context_shutdown (t->ctx);
      g_test_assert_expected_messages ();
    }
  /* out of all lines */
  gco_coroutine_wake (holder);
  gco_aio_context_poll (other, FALSE);
  g_assert_cmpmem (&mutex, sizeof mutex, &(GcoMutex){ 0 }, sizeof mutex);
  g_assert_true (gco_queue_is_empty (&queue));
  g_assert_finalize_object (other);
}

int
main (int   argc,
      char *argv[])
{
  gco_test_init (&argc, &argv);
  gco_test_add ("/scope-leaks/window-disposed", test_window_disposed);
  gco_test_add ("/scope-leaks/cancelled", test_cancelled);
  gco_test_add ("/scope-leaks/shut-down", test_shut_down);
  gco_test_add ("/scope-leaks/stuck", test_stuck);
  return g_test_run ();
}
