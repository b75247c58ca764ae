/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A loop runs in one thread, and outside of coroutines. */

#include "gco-test.h"

static GcoTest      *test;
static GcoCoroutine *bob;

static void
cast (GcoTest         *t,
      GcoCoroutineFunc func)
{
  test = t;
  bob = gco_coroutine_create_full ("bob", 0, func, NULL, NULL, NULL);
}

static void
run (GcoCoroutine *coroutine)
{
  gco_coroutine_schedule (coroutine, test->ctx);
  gco_test_drain (test);
}

static void
in_thread (GThreadFunc func,
           gpointer    data)
{
  g_thread_join (g_thread_new (NULL, func, data));
}

/* --------------------------------------------------------------------- home */

static gpointer
poll_in_thread (gpointer data)
{
  gco_aio_context_poll (data, FALSE);
  return NULL;
}

static void
test_poll_elsewhere (GcoTest *t)
{
  gco_aio_context_poll (t->ctx, FALSE);
  in_thread (poll_in_thread, t->ctx);
}

static gpointer
iterate_in_thread (gpointer data)
{
  g_main_context_iteration (data, FALSE);
  return NULL;
}

static void
iterate_elsewhere (void)
{
  GMainContext  *main_context = g_main_context_new ();
  GcoAioContext *ctx = gco_aio_context_new ();

  gco_aio_context_attach (ctx, main_context);
  g_main_context_iteration (main_context, FALSE);
  in_thread (iterate_in_thread, main_context);
}

static gpointer
release_in_thread (gpointer data)
{
  gco_aio_context_release_thread (data);
  return NULL;
}

static void
test_release_elsewhere (GcoTest *t)
{
  gco_aio_context_poll (t->ctx, FALSE);
  in_thread (release_in_thread, t->ctx);
}

static void
release (gpointer user_data)
{
  gco_aio_context_release_thread (user_data);
}

static void
test_release_in_dispatch (GcoTest *t)
{
  gco_aio_context_schedule_oneshot (t->ctx, release, t->ctx, NULL);
  gco_test_drain (t);
}

static gpointer
own_main_context (gpointer data)
{
  g_assert_true (g_main_context_acquire (data));
  return NULL;
}

static void
poll_attached_elsewhere (void)
{
  GMainContext  *main_context = g_main_context_new ();
  GcoAioContext *ctx = gco_aio_context_new ();

  gco_aio_context_attach (ctx, main_context);
  in_thread (own_main_context, main_context);
  gco_aio_context_poll (ctx, FALSE);
}

/* ------------------------------------------------------------- in a coroutine */

static void
poll_in_coroutine (gpointer user_data)
{
  gco_aio_context_poll (test->ctx, FALSE);
}

static void
test_poll_in_coroutine (GcoTest *t)
{
  cast (t, poll_in_coroutine);
  run (bob);
}

static void
poll_other (gpointer user_data)
{
  gco_aio_context_poll (gco_aio_context_new (), FALSE);
}

static void
test_poll_other_in_coroutine (GcoTest *t)
{
  cast (t, poll_other);
  run (bob);
}

static void
iterate_main_context (gpointer user_data)
{
  GMainContext *main_context = g_main_context_new ();

  gco_aio_context_attach (test->ctx, main_context);
  g_main_context_iteration (main_context, FALSE);
}

static void
iterate_in_coroutine (void)
{
  GcoTest t = { .ctx = gco_aio_context_new () };

  cast (&t, iterate_main_context);
  gco_coroutine_enter (bob);
}

static void
shut_down (gpointer user_data)
{
  gco_aio_context_shutdown (test->ctx);
}

static void
test_shutdown_in_coroutine (GcoTest *t)
{
  cast (t, shut_down);
  run (bob);
}

/* A loop within the thread's own stack resumes who is suspended in call_outside. */
static void
drain_outside (gpointer user_data)
{
  gco_test_drain (test);
}

static void
wake_self_and_iterate (gpointer user_data)
{
  gco_coroutine_wake (gco_coroutine_self ());
  gco_coroutine_call_outside (drain_outside, NULL);
}

static void
test_woken_while_entered (GcoTest *t)
{
  cast (t, wake_self_and_iterate);
  run (bob);
}

int
main (int    argc,
      char **argv)
{
  gco_test_init (&argc, &argv);
  gco_test_add_abort ("/misuse-loop/poll-elsewhere",
                      test_poll_elsewhere,
                      "*gco_aio_context_poll: AioContext 0x*at home in another thread*");
  gco_test_add_abort_plain ("/misuse-loop/iterate-elsewhere",
                            iterate_elsewhere,
                            "*AioContext 0x*at home in another thread*");
  gco_test_add_abort ("/misuse-loop/release-elsewhere",
                      test_release_elsewhere,
                      "*gco_aio_context_release_thread: AioContext 0x*another thread*");
  gco_test_add_abort ("/misuse-loop/release-in-dispatch",
                      test_release_in_dispatch,
                      "*gco_aio_context_release_thread: AioContext 0x*dispatched*");
  gco_test_add_abort_plain ("/misuse-loop/poll-attached-elsewhere",
                            poll_attached_elsewhere,
                            "*GMainContext that another thread owns*");
  gco_test_add_abort ("/misuse-loop/poll-in-coroutine",
                      test_poll_in_coroutine,
                      "*gco_aio_context_poll: called by coroutine bob*");
  gco_test_add_abort ("/misuse-loop/poll-other-in-coroutine",
                      test_poll_other_in_coroutine,
                      "*gco_aio_context_poll: called by coroutine bob*");
  gco_test_add_abort_plain ("/misuse-loop/iterate-in-coroutine",
                            iterate_in_coroutine,
                            "*called by coroutine bob*");
  gco_test_add_abort ("/misuse-loop/shutdown-in-coroutine",
                      test_shutdown_in_coroutine,
                      "*gco_aio_context_shutdown: called by coroutine bob*");
  gco_test_add_abort ("/misuse-loop/woken-while-entered",
                      test_woken_while_entered,
                      "*coroutine bob*woken while it is entered*");
  return g_test_run ();
}
