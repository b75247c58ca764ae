/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Coroutines that nothing resumes any more are told of: when their context goes, and when
 * the program ends, if that is asked for. */

#include "gco-test.h"

#include <stdlib.h>
#include <string.h>

static GcoMutex mutex;

static void
hold (gpointer name)
{
  gco_coroutine_set_name (gco_coroutine_self (), name);
  gco_mutex_lock (&mutex);
  gco_coroutine_yield ();
  gco_mutex_unlock (&mutex);
}

static void
yield_once (gpointer unused)
{
  gco_coroutine_yield ();
}

static void
expect (const char *pattern)
{
  g_test_expect_message ("Gco", G_LOG_LEVEL_WARNING, pattern);
}

/* A dispatch may be cut short. */
static void
run_all (GcoAioContext *ctx)
{
  while (gco_aio_context_poll (ctx, FALSE))
    ;
}

static void
wake_in (GcoAioContext *ctx,
         GcoCoroutine  *coroutine)
{
  gco_coroutine_wake (coroutine);
  g_object_ref (ctx);
  run_all (ctx);
  g_object_unref (ctx);
}

/* One waits for a lock, one only yields, one has not begun. */
static void
test_freed (void)
{
  GcoAioContext *ctx = gco_aio_context_new ();
  GcoCoroutine  *holder = gco_spawn (ctx, hold, (gpointer) "holder", NULL);
  GcoCoroutine  *waiter = gco_spawn (ctx, hold, (gpointer) "waiter", NULL);
  GcoCoroutine  *late;

  run_all (ctx);
  late = gco_spawn (ctx, hold, (gpointer) "late", NULL);
  expect ("The last reference to AioContext * is gone, and 3 of its coroutines have not ended:*"
          "\n  coroutine unnamed (*) is about to run, by gco_spawn() [*");
  g_object_unref (ctx);
  g_test_assert_expected_messages ();
  /* It stays for those who wake them all the same, and then goes, with the last of them. */
  g_object_add_weak_pointer (G_OBJECT (ctx), (gpointer *) &ctx);
  wake_in (ctx, holder);
  wake_in (ctx, waiter);
  g_assert_nonnull (ctx);
  wake_in (ctx, late);
  g_assert_null (ctx);
}

static void
test_lines (void)
{
  GcoAioContext *ctx = gco_aio_context_new ();
  GcoCoroutine  *holder = gco_spawn (ctx, hold, (gpointer) "holder", NULL);
  GcoCoroutine  *waiter = gco_spawn (ctx, hold, (gpointer) "waiter", NULL);

  run_all (ctx);
  /* the lock may be gone as well, and is not asked who holds it */
  expect ("*2 of its coroutines have not ended:*"
          "\n  coroutine waiter (0x*) waits for a GcoMutex 0x* [for *");
  g_object_unref (ctx);
  g_test_assert_expected_messages ();
  wake_in (ctx, holder);
  wake_in (ctx, waiter);
}

static void
test_many (void)
{
  GcoAioContext *ctx = gco_aio_context_new ();
  GcoCoroutine  *coroutines[25];

  for (guint i = 0; i < G_N_ELEMENTS (coroutines); i++)
    coroutines[i] = gco_spawn (ctx, yield_once, NULL, NULL);
  run_all (ctx);
  expect ("*25 of its coroutines have not ended:*\n  and 5 more");
  g_object_unref (ctx);
  g_test_assert_expected_messages ();
  for (guint i = 0; i < G_N_ELEMENTS (coroutines); i++)
    gco_coroutine_wake (coroutines[i]);
  g_object_ref (ctx);
  run_all (ctx);
  g_object_unref (ctx);
}

/* It is not the program that has the last reference, but its source. */
static void
test_main_context (void)
{
  GMainContext  *main_context = g_main_context_new ();
  GcoAioContext *ctx;
  GcoCoroutine  *coroutine;

  g_main_context_push_thread_default (main_context);
  coroutine = gco_spawn (NULL, yield_once, NULL, NULL);
  ctx = gco_coroutine_get_aio_context (coroutine);
  g_main_context_iteration (main_context, FALSE);
  g_main_context_pop_thread_default (main_context);
  expect ("*1 of its coroutines have not ended*");
  g_main_context_unref (main_context);
  g_test_assert_expected_messages ();
  wake_in (ctx, coroutine);
}

/* Who shuts down has been told already. */
static void
test_shut_down (void)
{
  GcoAioContext *ctx = gco_aio_context_new ();

  gco_spawn (ctx, yield_once, NULL, NULL);
  run_all (ctx);
  expect ("Coroutine * is abandoned*");
  gco_aio_context_shutdown (ctx);
  g_test_assert_expected_messages ();
  g_assert_finalize_object (ctx);
}

static void
drop_it (gpointer ctx)
{
  gco_coroutine_yield ();
  g_object_unref (ctx);
}

/* Who drops it and goes on is not suspended. */
static void
test_by_itself (void)
{
  GcoAioContext *ctx = gco_aio_context_new ();
  GcoCoroutine  *coroutine = gco_spawn (ctx, drop_it, ctx, NULL);

  run_all (ctx);
  g_object_add_weak_pointer (G_OBJECT (ctx), (gpointer *) &ctx);
  gco_coroutine_enter (coroutine);
  g_assert_null (ctx);
}

static gpointer
poll_once (gpointer ctx)
{
  run_all (ctx);
  return NULL;
}

/* A thread that ended without a word: nothing of its coroutines is looked at. */
static void
test_elsewhere (void)
{
  GcoAioContext *ctx = gco_aio_context_new ();

  gco_spawn (ctx, yield_once, NULL, NULL);
  g_thread_join (g_thread_new (NULL, poll_once, ctx));
  expect ("*1 of its coroutines have not ended; it is at home in another thread*");
  g_object_unref (ctx);
  g_test_assert_expected_messages ();
}

static void
note_where (const char    *domain,
            GLogLevelFlags level,
            const char    *message,
            gpointer       where)
{
  *(gboolean *) where = gco_in_coroutine () ? TRUE : -1;
}

/* A log writer may be written in any language. */
static void
test_outside (GcoTest *t)
{
  GLogLevelFlags fatal = g_log_set_always_fatal (G_LOG_FATAL_MASK);
  GcoAioContext *ctx = gco_aio_context_new ();
  GcoCoroutine  *coroutine = gco_spawn (ctx, yield_once, NULL, NULL);
  gboolean       in_coroutine = 0;
  guint          handler;

  run_all (ctx);
  handler = g_log_set_handler ("Gco", G_LOG_LEVEL_WARNING, note_where, &in_coroutine);
  gco_test_run (t, g_object_unref, ctx);
  g_log_remove_handler ("Gco", handler);
  g_log_set_always_fatal (fatal);
  g_assert_cmpint (in_coroutine, ==, -1);
  wake_in (ctx, coroutine);
}

/* ------------------------------------------------------------------ at the end */

static void
leave (const char *debug,
       gboolean    any)
{
  GcoAioContext *ctx;

  g_setenv ("GCO_DEBUG", debug, TRUE);
  ctx = gco_aio_context_new ();
  gco_spawn (ctx, hold, (gpointer) "holder", NULL);
  gco_spawn (ctx, any ? hold : yield_once, (gpointer) "waiter", NULL);
  run_all (ctx);
  if (!any)
    {
      expect ("*is abandoned*");
      expect ("*is abandoned*");
      gco_aio_context_shutdown (ctx);
      g_test_assert_expected_messages ();
    }
  exit (0);
}

static void
leave_asked (void)
{
  leave ("leaks", TRUE);
}

static void
leave_none (void)
{
  leave ("leaks", FALSE);
}

static void
leave_unasked (void)
{
  leave ("glib", TRUE);
}

static void
test_at_exit (void)
{
  g_test_trap_subprocess ("/left-behind/subprocess/asked", 0, 0);
  g_test_trap_assert_passed ();
  g_test_trap_assert_stderr ("*libgco: the program ends, and 2 coroutines have not:*"
                             "coroutine waiter (*) waits for a GcoMutex*");
  g_test_trap_subprocess ("/left-behind/subprocess/none", 0, 0);
  g_test_trap_assert_passed ();
  g_test_trap_assert_stderr_unmatched ("*program ends*");
  g_test_trap_subprocess ("/left-behind/subprocess/unasked", 0, 0);
  g_test_trap_assert_passed ();
  g_test_trap_assert_stderr_unmatched ("*program ends*");
}

int
main (int   argc,
      char *argv[])
{
  gco_test_init (&argc, &argv);
  g_test_add_func ("/left-behind/freed", test_freed);
  g_test_add_func ("/left-behind/lines", test_lines);
  g_test_add_func ("/left-behind/many", test_many);
  g_test_add_func ("/left-behind/main-context", test_main_context);
  g_test_add_func ("/left-behind/shut-down", test_shut_down);
  g_test_add_func ("/left-behind/by-itself", test_by_itself);
  g_test_add_func ("/left-behind/elsewhere", test_elsewhere);
  gco_test_add ("/left-behind/outside", test_outside);
  g_test_add_func ("/left-behind/at-exit", test_at_exit);
  g_test_add_func ("/left-behind/subprocess/asked", leave_asked);
  g_test_add_func ("/left-behind/subprocess/none", leave_none);
  g_test_add_func ("/left-behind/subprocess/unasked", leave_unasked);
  return g_test_run ();
}
