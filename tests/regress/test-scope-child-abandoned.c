/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A child that gco_aio_context_shutdown() has abandoned has no home: who cancelled
 * the scope took a reference to NULL, and reached none of those behind it. */

#include "gco-test.h"

static GSList *lost; /* GcoScope; the lost stack refers to its insides */

static gboolean
yield_for_ever (GCancellable *cancellable,
                gpointer      user_data,
                GError      **error)
{
  gco_coroutine_yield ();
  return TRUE;
}

static gboolean
sleep_for_ever (GCancellable *cancellable,
                gpointer      n_ended,
                GError      **error)
{
  g_assert_false (gco_sleep_ns_cancellable (NULL, G_MAXINT64, NULL, error));
  (*(guint *) n_ended)++;
  return FALSE;
}

static void
test_abandoned (GcoTest *t)
{
  GcoScope      *scope = gco_scope_new (NULL);
  GcoAioContext *other = gco_aio_context_new ();
  guint          n_ended = 0;

  lost = g_slist_prepend (lost, scope);
  gco_scope_spawn_full (scope, t->ctx, "sloth", 0, yield_for_ever, NULL, NULL);
  gco_scope_spawn_full (scope, other, NULL, 0, sleep_for_ever, &n_ended, NULL);
  gco_test_drain (t);
  while (gco_aio_context_poll (other, FALSE))
    ;
  g_test_expect_message ("Gco", G_LOG_LEVEL_WARNING, "Coroutine sloth*abandoned*");
  gco_aio_context_shutdown (t->ctx);
  g_test_assert_expected_messages ();
  gco_scope_cancel (scope);
  while (gco_aio_context_poll (other, FALSE))
    ;
  g_assert_cmpuint (n_ended, ==, 1);
  g_assert_finalize_object (other);
}

/* And who joined waited for it for ever. */
static void
join (gpointer scope)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (gco_scope_join (scope, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static void
test_joined (GcoTest *t)
{
  g_autoptr (GcoScope) scope = gco_scope_new (NULL);
  GcoAioContext *other = gco_aio_context_new ();
  GcoCoroutine  *joiner;

  gco_scope_spawn_full (scope, other, "sloth", 0, yield_for_ever, NULL, NULL);
  joiner = gco_test_spawn (t, join, scope);
  gco_coroutine_set_name (joiner, "joiner");
  gco_test_drain (t);
  while (gco_aio_context_poll (other, FALSE))
    ;
  g_test_expect_message ("Gco", G_LOG_LEVEL_WARNING, "Coroutine sloth*abandoned*");
  gco_aio_context_shutdown (other);
  g_test_assert_expected_messages ();
  gco_test_drain (t);
  g_assert_finalize_object (other);
}

int
main (int   argc,
      char *argv[])
{
  gco_test_init (&argc, &argv);
  gco_test_add ("/regress/scope-child-abandoned", test_abandoned);
  gco_test_add ("/regress/scope-child-abandoned/joined", test_joined);
  return g_test_run ();
}
