/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The context itself: which one is meant, who owns it, where it is at home. */

#include "gco-test.h"

#include <sys/resource.h>

#include <fcntl.h>

static void
count (gpointer user_data)
{
  guint *n = user_data;

  (*n)++;
}

/* ----------------------------------------------------------- which is meant */

static void
test_default (void)
{
  GcoAioContext *ctx = gco_aio_context_get_default ();
  guint          n = 0;

  g_assert_true (GCO_IS_AIO_CONTEXT (ctx));
  g_assert_true (gco_aio_context_get_default () == ctx);
  g_assert_true (gco_aio_context_get_thread_default () == ctx);
  /* it is attached already */
  gco_aio_context_schedule_oneshot (ctx, count, &n, NULL);
  while (n == 0)
    g_main_context_iteration (NULL, TRUE);
}

static gpointer
get_default (gpointer data)
{
  return gco_aio_context_get_default ();
}

static void
test_default_from_thread (void)
{
  gpointer there = g_thread_join (g_thread_new (NULL, get_default, NULL));

  g_assert_true (there == gco_aio_context_get_default ());
}

static void
test_thread_default (void)
{
  GMainContext  *main_context = g_main_context_new ();
  GcoAioContext *ctx;
  guint          n = 0;

  g_main_context_push_thread_default (main_context);
  ctx = gco_aio_context_get_thread_default ();
  g_assert_true (ctx != gco_aio_context_get_default ());
  g_assert_true (gco_aio_context_get_thread_default () == ctx);
  gco_aio_context_schedule_oneshot (NULL, count, &n, NULL);
  while (n == 0)
    g_main_context_iteration (main_context, TRUE);
  g_main_context_pop_thread_default (main_context);
  g_assert_true (gco_aio_context_get_thread_default () ==
                 gco_aio_context_get_default ());
  g_main_context_unref (main_context);
}

/* When the GMainContext goes, so does its context, and the next one that has
 * the same address gets one of its own. */
static void
test_thread_default_is_forgotten (void)
{
  for (guint i = 0; i < 20; i++)
    {
      GMainContext  *main_context = g_main_context_new ();
      GcoAioContext *ctx;
      guint          n = 0;

      g_main_context_push_thread_default (main_context);
      ctx = gco_aio_context_get_thread_default ();
      g_object_add_weak_pointer (G_OBJECT (ctx), (gpointer *) &ctx);
      gco_aio_context_schedule_oneshot (ctx, count, &n, NULL);
      while (n == 0)
        g_main_context_iteration (main_context, TRUE);
      g_main_context_pop_thread_default (main_context);
      g_assert_nonnull (ctx);
      g_main_context_unref (main_context);
      g_assert_null (ctx);
    }
}

static void
check_current (gpointer user_data)
{
  GcoTest *t = user_data;

  g_assert_true (gco_aio_context_get_current () == t->ctx);
  gco_test_log (t, "x");
}

static void
check_current_in_coroutine (gpointer user_data)
{
  check_current (user_data);
  gco_test_pass ();
  check_current (user_data);
}

static void
test_current (GcoTest *t)
{
  GcoBh *bh = gco_bh_new (t->ctx, check_current, t, NULL);

  g_assert_null (gco_aio_context_get_current ());
  gco_bh_schedule (bh);
  gco_aio_context_schedule_oneshot (t->ctx, check_current, t, check_current);
  gco_test_spawn (t, check_current_in_coroutine, t);
  gco_test_drain (t);
  gco_test_assert_log (t, "xxxxx");
  g_assert_null (gco_aio_context_get_current ());
  gco_bh_free (bh);
}

static void
check_current_is_default (gpointer user_data)
{
  gboolean *checked = user_data;

  g_assert_true (gco_aio_context_get_current () ==
                 gco_aio_context_get_thread_default ());
  *checked = TRUE;
}

/* Entered by hand, outside of any dispatch. */
static void
test_current_entered (void)
{
  gboolean checked = FALSE;

  gco_coroutine_enter (gco_coroutine_create (check_current_is_default, &checked));
  g_assert_true (checked);
}

/* --------------------------------------------------------------------- home */

static gpointer
poll_in_thread (gpointer data)
{
  g_assert_true (gco_aio_context_poll (data, TRUE));
  gco_aio_context_release_thread (data);
  return NULL;
}

/* Released here, it is at home where it is polled next, and again here. */
static void
test_release_thread (void)
{
  GcoAioContext *ctx = gco_aio_context_new ();
  guint          n = 0;

  for (guint i = 1; i <= 3; i++)
    {
      gco_aio_context_schedule_oneshot (ctx, count, &n, NULL);
      g_assert_true (gco_aio_context_poll (ctx, FALSE));
      g_assert_cmpuint (n, ==, 2 * i - 1);
      gco_aio_context_release_thread (ctx);
      gco_aio_context_schedule_oneshot (ctx, count, &n, NULL);
      g_thread_join (g_thread_new (NULL, poll_in_thread, ctx));
      g_assert_cmpuint (n, ==, 2 * i);
    }
  g_assert_finalize_object (ctx);
}

/* One that nobody has polled yet. */
static void
test_release_homeless (void)
{
  GcoAioContext *ctx = gco_aio_context_new ();

  gco_aio_context_release_thread (ctx);
  g_thread_join (g_thread_new (NULL, get_default, NULL));
  g_assert_false (gco_aio_context_poll (ctx, FALSE));
  gco_aio_context_release_thread (ctx);
  gco_aio_context_release_thread (ctx);
  g_assert_finalize_object (ctx);
}

typedef struct
{
  guint         n;
  GThread      *seen[3];
  GcoCoroutine *self;
} Visitor;

static void
visit (gpointer user_data)
{
  Visitor *visitor = user_data;

  for (; visitor->n < 2; visitor->n++)
    {
      visitor->seen[visitor->n] = g_thread_self ();
      gco_coroutine_yield ();
    }
  visitor->seen[visitor->n] = g_thread_self ();
}

/* The context is released with a suspended coroutine in it: that goes along. */
static void
test_release_with_coroutine (void)
{
  GcoAioContext *ctx = gco_aio_context_new ();
  Visitor        visitor = { 0 };
  GThread       *thread;

  visitor.self = gco_spawn (ctx, visit, &visitor, NULL);
  g_assert_true (gco_aio_context_poll (ctx, FALSE));
  gco_aio_context_release_thread (ctx);
  gco_coroutine_wake (visitor.self);
  thread = g_thread_new (NULL, poll_in_thread, ctx);
  g_thread_join (thread);
  gco_coroutine_wake (visitor.self);
  g_assert_true (gco_aio_context_poll (ctx, FALSE));
  g_assert_cmpuint (visitor.n, ==, 2);
  g_assert_true (visitor.seen[0] == g_thread_self ());
  g_assert_true (visitor.seen[1] == thread);
  g_assert_true (visitor.seen[2] == g_thread_self ());
  g_assert_finalize_object (ctx);
}

/* -------------------------------------------------------------------- owner */

static void
yield_once (gpointer user_data)
{
  gco_coroutine_yield ();
}

/* A suspended coroutine keeps its context. */
static void
test_coroutine_holds_context (void)
{
  GcoAioContext *ctx = gco_aio_context_new ();
  GcoCoroutine  *coroutine = gco_spawn (ctx, yield_once, NULL, NULL);

  g_object_add_weak_pointer (G_OBJECT (ctx), (gpointer *) &ctx);
  gco_aio_context_poll (ctx, FALSE);
  g_test_expect_message ("Gco", G_LOG_LEVEL_WARNING, "The last reference*1 of its coroutines*");
  g_object_unref (ctx);
  g_test_assert_expected_messages ();
  g_assert_nonnull (ctx);
  gco_coroutine_wake (coroutine);
  g_assert_nonnull (ctx);
  gco_aio_context_poll (ctx, FALSE);
  g_assert_null (ctx);
}

static int
fd_flags (const char *name)
{
  return fcntl ((int) g_ascii_strtoll (name, NULL, 10), F_GETFD);
}

static gboolean
is_closed (gpointer name,
           gpointer value,
           gpointer user_data)
{
  return fd_flags (name) < 0;
}

static GHashTable *
open_fds (void)
{
  GHashTable *names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  GDir       *dir = g_dir_open ("/proc/self/fd", 0, NULL);
  const char *name;

  g_assert_nonnull (dir);
  while ((name = g_dir_read_name (dir)) != NULL)
    g_hash_table_add (names, g_strdup (name));
  g_dir_close (dir);
  /* the one that read the directory */
  g_hash_table_foreach_remove (names, is_closed, NULL);
  return names;
}

/* All of it goes with the context, and nothing of it to a child. */
static void
test_descriptors (void)
{
  g_autoptr (GHashTable) before = open_fds ();
  g_autoptr (GHashTable) after = NULL;
  g_autoptr (GHashTable) with = NULL;
  GcoAioContext *ctx = gco_aio_context_new ();
  GHashTableIter iter;
  gpointer       name;
  guint          n_new = 0;

  gco_aio_context_poll (ctx, FALSE);
  with = open_fds ();
  g_hash_table_iter_init (&iter, with);
  while (g_hash_table_iter_next (&iter, &name, NULL))
    if (!g_hash_table_contains (before, name))
      {
        n_new++;
        g_assert_cmpint (fd_flags (name) & FD_CLOEXEC, !=, 0);
      }
  g_assert_cmpuint (n_new, >=, 1);
  g_assert_cmpuint (n_new, <=, 3);

  g_assert_finalize_object (ctx);
  after = open_fds ();
  g_assert_cmpuint (g_hash_table_size (after), ==, g_hash_table_size (before));
}

/* There is nobody to tell: gco_aio_context_new() says that this is fatal. */
static void
no_descriptors (void)
{
  struct rlimit none;

  g_assert_no_errno (getrlimit (RLIMIT_NOFILE, &none));
  none.rlim_cur = 3;
  g_assert_no_errno (setrlimit (RLIMIT_NOFILE, &none));
  gco_aio_context_new ();
}

static void
test_bad_arguments (void)
{
  g_test_expect_message ("Gco", G_LOG_LEVEL_CRITICAL, "*GCO_IS_AIO_CONTEXT*");
  g_assert_false (gco_aio_context_poll (NULL, FALSE));
  g_test_expect_message ("Gco", G_LOG_LEVEL_CRITICAL, "*GCO_IS_AIO_CONTEXT*");
  g_assert_cmpuint (gco_aio_context_attach (NULL, NULL), ==, 0);
  g_test_expect_message ("Gco", G_LOG_LEVEL_CRITICAL, "*func != NULL*");
  g_assert_null (gco_bh_new (NULL, NULL, NULL, NULL));
  g_test_expect_message ("Gco", G_LOG_LEVEL_CRITICAL, "*func != NULL*");
  g_assert_null (gco_spawn (NULL, NULL, NULL, NULL));
  g_test_expect_message ("Gco", G_LOG_LEVEL_CRITICAL, "*fd >= 0*");
  gco_aio_context_set_fd_handler (NULL, -1, G_IO_IN, NULL, NULL, NULL);
  g_test_assert_expected_messages ();
}

int
main (int    argc,
      char **argv)
{
  gco_test_init (&argc, &argv);
  g_test_add_func ("/aio-context/default", test_default);
  g_test_add_func ("/aio-context/default-from-thread", test_default_from_thread);
  g_test_add_func ("/aio-context/thread-default", test_thread_default);
  g_test_add_func ("/aio-context/thread-default-is-forgotten",
                   test_thread_default_is_forgotten);
  gco_test_add ("/aio-context/current", test_current);
  g_test_add_func ("/aio-context/current-entered", test_current_entered);
  g_test_add_func ("/aio-context/release-thread", test_release_thread);
  g_test_add_func ("/aio-context/release-homeless", test_release_homeless);
  g_test_add_func ("/aio-context/release-with-coroutine", test_release_with_coroutine);
  g_test_add_func ("/aio-context/coroutine-holds-context",
                   test_coroutine_holds_context);
  g_test_add_func ("/aio-context/descriptors", test_descriptors);
  gco_test_add_abort_plain ("/aio-context/no-descriptors",
                            no_descriptors,
                            "*cannot make an AioContext: *");
  g_test_add_func ("/aio-context/bad-arguments", test_bad_arguments);
  return g_test_run ();
}
