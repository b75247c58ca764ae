/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A context whose last reference went, and whose coroutines then ended, was freed under one
 * that had joined it meanwhile. */

#include "gco-test.h"

static GcoCoroutine *sleeper;
static GcoCoroutine *late;
static guint         n_ended;

static void
yield_once (gpointer user_data)
{
  gco_coroutine_yield ();
  n_ended++;
}

/* What another thread can do as well: it ends the last one that was left behind, and has
 * another one join. */
static GLogWriterOutput
join_meanwhile (GLogLevelFlags   level,
                const GLogField *fields,
                gsize            n_fields,
                gpointer         user_data)
{
  if (sleeper != NULL)
    {
      g_autoptr (GcoAioContext) ctx = g_object_ref (gco_coroutine_get_aio_context (sleeper));

      gco_coroutine_enter (g_steal_pointer (&sleeper));
      late = gco_spawn (ctx, yield_once, NULL, NULL);
    }
  return G_LOG_WRITER_HANDLED;
}

static void
test_left_behind_joined (void)
{
  GcoAioContext *ctx = gco_aio_context_new ();
  GcoAioContext *found;

  sleeper = gco_spawn (ctx, yield_once, NULL, NULL);
  gco_aio_context_poll (ctx, FALSE);
  g_log_set_always_fatal (G_LOG_FATAL_MASK);
  g_log_set_writer_func (join_meanwhile, NULL, NULL);
  g_object_unref (ctx);
  g_assert_cmpuint (n_ended, ==, 1);

  found = g_object_ref (gco_coroutine_get_aio_context (late));
  g_assert_true (found == ctx);
  gco_aio_context_poll (found, FALSE);
  gco_coroutine_wake (late);
  gco_aio_context_poll (found, FALSE);
  g_assert_cmpuint (n_ended, ==, 2);
  gco_aio_context_release_thread (found);
  g_assert_finalize_object (found);
}

int
main (int    argc,
      char **argv)
{
  gco_test_init (&argc, &argv);
  g_test_add_func ("/regress/left-behind-joined", test_left_behind_joined);
  return g_test_run ();
}
