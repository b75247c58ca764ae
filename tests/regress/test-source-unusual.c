/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What may be done with any GSource, and went wrong with that of a context: what it had given
 * the GMainContext to poll stayed there when its callback had been replaced, was looked at
 * after the context was freed, and was polled in a loop within a dispatch that it may not
 * recurse into.
 */

#include "gco-test.h"

#include <unistd.h>

static void
test_never_attached (void)
{
  GcoAioContext *ctx = gco_aio_context_new ();
  GSource       *source = gco_aio_context_dup_source (ctx);

  g_object_unref (ctx);
  g_source_destroy (source);
  g_source_unref (source);
}

static gboolean
never (gpointer user_data)
{
  g_assert_not_reached ();
}

/* How many descriptors @main_context polls. */
static int
count_polled (GMainContext *main_context)
{
  GPollFD fds[16];
  int     priority;
  int     timeout;
  int     n;

  g_assert_true (g_main_context_acquire (main_context));
  g_main_context_prepare (main_context, &priority);
  n = g_main_context_query (
      main_context, G_MAXINT, &timeout, fds, (int) G_N_ELEMENTS (fds));
  g_main_context_release (main_context);
  return n;
}

static void
test_callback_replaced (void)
{
  g_autoptr (GMainContext) main_context = g_main_context_new ();
  int n = count_polled (main_context);
  g_autoptr (GcoAioContext) ctx = gco_aio_context_new ();
  GSource *source = gco_aio_context_dup_source (ctx);

  g_source_set_callback (source, never, NULL, NULL);
  g_source_attach (source, main_context);
  g_main_context_iteration (main_context, FALSE);
  g_source_destroy (source);
  g_source_unref (source);
  g_assert_cmpint (count_polled (main_context), ==, n);
}

/* ------------------------------------------------------------------ not to recurse */

static int n_ready;

static int
poll_func (GPollFD *fds,
           guint    n_fds,
           int      timeout)
{
  return n_ready = g_poll (fds, n_fds, 0);
}

static void
leave_it (int          fd,
          GIOCondition condition,
          gpointer     user_data)
{
}

static void
iterate_within (gpointer user_data)
{
  GcoTest *t = user_data;

  for (guint i = 0; i < 10; i++)
    g_main_context_iteration (t->main_context, FALSE);
  g_assert_cmpint (n_ready, ==, 0);
  gco_test_log (t, "w");
}

static void
test_no_recursion (GcoTest *t)
{
  int fds[2];

  g_assert_no_errno (pipe (fds));
  g_assert_cmpint (write (fds[1], "x", 1), ==, 1);
  g_source_set_can_recurse (t->source, FALSE);
  g_main_context_set_poll_func (t->main_context, poll_func);
  gco_aio_context_set_fd_handler (t->ctx, fds[0], G_IO_IN, leave_it, NULL, NULL);
  g_main_context_iteration (t->main_context, FALSE);
  gco_aio_context_schedule_oneshot (t->ctx, iterate_within, t, NULL);
  while (t->log->len == 0)
    g_main_context_iteration (t->main_context, FALSE);
  /* and goes on being told */
  g_assert_true (g_main_context_iteration (t->main_context, FALSE));
  gco_aio_context_set_fd_handler (t->ctx, fds[0], 0, NULL, NULL, NULL);
  gco_test_assert_log (t, "w");
  close (fds[0]);
  close (fds[1]);
}

/* ------------------------------------------------------------- from another thread */

static gpointer
destroy (gpointer source)
{
  g_source_destroy (source);
  return NULL;
}

/* While what it sleeps on changes, now and then. */
static void
test_destroyed_elsewhere (void)
{
  for (guint i = 0; i < 100; i++)
    {
      g_autoptr (GMainContext) main_context = g_main_context_new ();
      int n = count_polled (main_context);
      g_autoptr (GcoAioContext) ctx = gco_aio_context_new ();
      g_autoptr (GSource) source = gco_aio_context_dup_source (ctx);
      GThread *thread;

      g_source_attach (source, main_context);
      for (guint k = 0; k < 15; k++)
        g_main_context_iteration (main_context, FALSE);
      thread = g_thread_new ("destroyer", destroy, source);
      while (!g_source_is_destroyed (source))
        g_main_context_iteration (main_context, FALSE);
      g_thread_join (thread);
      g_assert_cmpint (count_polled (main_context), ==, n);
    }
}

int
main (int    argc,
      char **argv)
{
  gco_test_init (&argc, &argv);
  g_test_add_func ("/regress/source-unusual/never-attached", test_never_attached);
  g_test_add_func ("/regress/source-unusual/callback-replaced", test_callback_replaced);
  gco_test_add_source ("/regress/source-unusual/no-recursion", test_no_recursion);
  g_test_add_func ("/regress/source-unusual/destroyed-elsewhere", test_destroyed_elsewhere);
  return g_test_run ();
}
