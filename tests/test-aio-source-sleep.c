/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a GMainContext sleeps on for a context, when descriptors and timers come and go. */

#include "gco-test-pipe.h"

#include <unistd.h>

/* More than it takes the context to show its eventfd only. */
#define LONG 40

/* Instead of poll(): what happens once a sleep was prepared, and before it begins. */
static struct
{
  GcoFunc  func;
  gpointer user_data;
  guint    n_ready; /* of the last poll() */
  gboolean has_epoll;
} sleep_of;

static gboolean
is_epoll (int fd)
{
  g_autofree char *name = g_strdup_printf ("/proc/self/fd/%d", fd);
  g_autofree char *what = g_file_read_link (name, NULL);

  return what != NULL && strstr (what, "eventpoll") != NULL;
}

static void
run_func (void)
{
  GcoFunc func = sleep_of.func;

  sleep_of.func = NULL;
  if (func != NULL)
    func (sleep_of.user_data);
}

static int
poll_func (GPollFD *fds,
           guint    n_fds,
           int      timeout)
{
  int n;

  sleep_of.has_epoll = FALSE;
  for (guint i = 0; i < n_fds; i++)
    sleep_of.has_epoll = sleep_of.has_epoll || is_epoll (fds[i].fd);
  run_func ();
  n = g_poll (fds, n_fds, timeout < 0 ? 20000 : timeout);
  sleep_of.n_ready = (guint) MAX (n, 0);
  /* a sleep that nothing ends */
  g_assert_true (timeout >= 0 || n > 0);
  return n;
}

static void
start (GcoTest *t)
{
  memset (&sleep_of, 0, sizeof sleep_of);
  g_main_context_set_poll_func (t->main_context, poll_func);
}

/* Runs what there is, which must be soon over. */
static void
be_idle (GcoTest *t)
{
  guint n_busy = 0;

  for (guint n = 0; n < LONG; n++)
    if (g_main_context_iteration (t->main_context, FALSE))
      g_assert_cmpuint (++n_busy, <, 10);
}

static void
sleep_with (GcoTest *t,
            GcoFunc  func,
            gpointer user_data)
{
  sleep_of.func = func;
  sleep_of.user_data = user_data;
  g_main_context_iteration (t->main_context, TRUE);
}

static void
count (gpointer user_data)
{
  ++*(guint *) user_data;
}

/* --------------------------------------------------------------- in other threads */

typedef struct
{
  GcoFunc  func;
  gpointer user_data;
} Call;

static gpointer
call (gpointer user_data)
{
  Call *self = user_data;

  self->func (self->user_data);
  return NULL;
}

static void
call_elsewhere (gpointer user_data)
{
  g_thread_join (g_thread_new ("elsewhere", call, user_data));
}

/* --------------------------------------------------------------------- descriptors */

static void
watch (gpointer user_data)
{
  gco_test_pipe_watch (user_data, gco_test_pipe_read_one);
}

static void
test_watch (GcoTest *t)
{
  GcoTestPipe pipe;

  start (t);
  gco_test_pipe_start (t, &pipe, gco_test_pipe_read_one);
  for (guint i = 1; i <= 3; i++)
    {
      gco_test_pipe_put (&pipe);
      while (pipe.n < i)
        g_main_context_iteration (t->main_context, TRUE);
      be_idle (t);
      gco_test_pipe_unwatch (&pipe);
      be_idle (t);
      watch (&pipe);
    }
  pipe.freed = 0;
  gco_test_pipe_finish (&pipe);
}

/* At home, but after the sleep was prepared. */
static void
test_watch_in_between (GcoTest *t)
{
  GcoTestPipe pipe = { .t = t };

  start (t);
  be_idle (t);
  gco_test_pipe_open (&pipe);
  gco_test_pipe_put (&pipe);
  sleep_with (t, watch, &pipe);
  while (pipe.n == 0)
    g_main_context_iteration (t->main_context, TRUE);
  gco_test_pipe_finish (&pipe);
}

static void
test_watch_elsewhere (GcoTest *t)
{
  GcoTestPipe pipe = { .t = t };
  Call        elsewhere = { watch, &pipe };

  start (t);
  be_idle (t);
  gco_test_pipe_open (&pipe);
  gco_test_pipe_put (&pipe);
  sleep_with (t, call_elsewhere, &elsewhere);
  while (pipe.n == 0)
    g_main_context_iteration (t->main_context, TRUE);
  gco_test_pipe_finish (&pipe);
}

static void
wait_for_byte (gpointer user_data)
{
  GcoTestPipe *pipe = user_data;

  gco_coroutine_yield ();
  g_assert_cmpint (gco_wait_fd (pipe->fds[0], G_IO_IN, NULL, NULL), ==, G_IO_IN);
  gco_test_pipe_take (pipe);
  pipe->n++;
}

static void
enter (gpointer user_data)
{
  gco_coroutine_enter (user_data);
}

/* A coroutine that is entered by hand then. */
static void
test_wait_in_between (GcoTest *t)
{
  GcoTestPipe   pipe = { .t = t };
  GcoCoroutine *coroutine = gco_test_spawn (t, wait_for_byte, &pipe);

  start (t);
  be_idle (t);
  gco_test_pipe_open (&pipe);
  gco_test_pipe_put (&pipe);
  sleep_with (t, enter, coroutine);
  while (pipe.n == 0)
    g_main_context_iteration (t->main_context, TRUE);
  close (pipe.fds[0]);
  close (pipe.fds[1]);
}

/* ---------------------------------------------------------------------------- kicks */

static void
schedule (gpointer user_data)
{
  GcoTest *t = user_data;

  gco_aio_context_schedule_oneshot (t->ctx, count, &t->log->len, NULL);
}

static void
notify (gpointer user_data)
{
  gco_aio_context_notify (((GcoTest *) user_data)->ctx);
}

/* Each ends one sleep and no more, whatever is slept on. */
static void
test_kicks (GcoTest *t)
{
  static const GcoFunc funcs[] = { schedule, notify };

  start (t);
  for (guint i = 0; i < 4 * LONG; i++)
    {
      Call  elsewhere = { funcs[i % 2], t };
      gsize n = t->log->len;

      sleep_with (t, call_elsewhere, &elsewhere);
      g_main_context_iteration (t->main_context, FALSE);
      g_assert_cmpuint (t->log->len, ==, n + (i % 2 == 0));
      for (guint k = 0; k < (i % 7 == 0 ? LONG : 3); k++)
        g_main_context_iteration (t->main_context, FALSE);
      g_assert_cmpuint (sleep_of.n_ready, ==, 0);
    }
  t->log->len = 0;
}

/* --------------------------------------------------------------------------- timers */

static void
test_timer (GcoTest *t)
{
  guint     n = 0;
  GcoTimer *timer = gco_timer_new (t->ctx, NULL, count, &n, NULL);

  start (t);
  for (guint i = 1; i <= 3; i++)
    {
      be_idle (t);
      gco_timer_mod_ns (timer, gco_clock_get_time_ns (NULL) + 1000000);
      while (n < i)
        g_main_context_iteration (t->main_context, TRUE);
    }
  be_idle (t);
  gco_timer_free (timer);
}

/* --------------------------------------------------------------- what is slept on */

/* It is dear to ask an epoll descriptor: not for a context that is only kicked. */
static void
test_shown (GcoTest *t)
{
  GcoTestPipe pipe = { .t = t };
  guint       n = 0;
  GcoTimer   *timer = gco_timer_new (t->ctx, NULL, count, &n, NULL);

  start (t);
  g_main_context_iteration (t->main_context, FALSE);
  if (!sleep_of.has_epoll)
    {
      g_test_skip ("no epoll");
      gco_timer_free (timer);
      return;
    }
  be_idle (t);
  g_assert_false (sleep_of.has_epoll);

  gco_test_pipe_start (t, &pipe, gco_test_pipe_read_one);
  be_idle (t);
  g_assert_true (sleep_of.has_epoll);
  gco_test_pipe_finish (&pipe);
  be_idle (t);
  g_assert_false (sleep_of.has_epoll);

  gco_timer_mod_ns (timer, gco_clock_get_time_ns (NULL) + G_GINT64_CONSTANT (1000000000000));
  be_idle (t);
  g_assert_true (sleep_of.has_epoll);
  gco_timer_free (timer);
  be_idle (t);
  g_assert_false (sleep_of.has_epoll);
}

/* The next source, in another GMainContext, of a context that was only kicked last. */
static void
test_new_source (GcoTest *t)
{
  g_autoptr (GMainContext) other = g_main_context_new ();
  GMainContext *before = t->main_context;
  GcoTestPipe   pipe = { .t = t };

  start (t);
  be_idle (t);
  g_source_destroy (t->source);
  gco_aio_context_attach (t->ctx, other);
  gco_test_pipe_start (t, &pipe, gco_test_pipe_read_one);
  gco_test_pipe_put (&pipe);
  while (pipe.n == 0)
    g_main_context_iteration (other, TRUE);
  t->main_context = other;
  gco_test_pipe_finish (&pipe);
  t->main_context = before;
}

static void
test_two_contexts (GcoTest *t)
{
  g_autoptr (GcoAioContext) other = gco_aio_context_new ();
  guint       id = gco_aio_context_attach (other, t->main_context);
  GcoTestPipe pipe = { .t = t };
  guint       n = 0;

  start (t);
  gco_test_pipe_start (t, &pipe, gco_test_pipe_read_one);
  be_idle (t);
  gco_test_pipe_put (&pipe);
  gco_aio_context_schedule_oneshot (other, count, &n, NULL);
  while (pipe.n == 0 || n == 0)
    g_main_context_iteration (t->main_context, TRUE);
  g_source_destroy (g_main_context_find_source_by_id (t->main_context, id));
  gco_test_pipe_finish (&pipe);
}

/* By the other door in between. */
static void
test_poll (GcoTest *t)
{
  GcoTestPipe pipe = { .t = t };
  Call        elsewhere = { notify, t };

  start (t);
  for (guint i = 1; i <= 3; i++)
    {
      be_idle (t);
      gco_test_pipe_start (t, &pipe, gco_test_pipe_read_one);
      gco_test_pipe_put (&pipe);
      while (pipe.n == 0)
        gco_aio_context_poll (t->ctx, TRUE);
      gco_test_pipe_finish (&pipe);
      be_idle (t);
      call_elsewhere (&elsewhere);
      gco_aio_context_poll (t->ctx, TRUE);
      be_idle (t);
      g_assert_cmpuint (sleep_of.n_ready, ==, 0);
    }
}

static void
iterate_within (int          fd,
                GIOCondition condition,
                gpointer     user_data)
{
  GcoTestPipe *pipe = user_data;

  gco_test_pipe_unwatch (pipe);
  gco_test_pipe_take (pipe);
  be_idle (pipe->t);
  g_assert_cmpuint (sleep_of.n_ready, ==, 0);
  gco_test_pipe_watch (pipe, gco_test_pipe_read_one);
}

/* What is slept on changes in a loop within the loop. */
static void
test_nested (GcoTest *t)
{
  GcoTestPipe pipe;

  start (t);
  be_idle (t);
  gco_test_pipe_start (t, &pipe, iterate_within);
  gco_test_pipe_put (&pipe);
  gco_test_pipe_put (&pipe);
  while (pipe.n == 0)
    g_main_context_iteration (t->main_context, TRUE);
  gco_test_drain (t);
  pipe.freed = 0;
  gco_test_pipe_finish (&pipe);
}

int
main (int    argc,
      char **argv)
{
  gco_test_init (&argc, &argv);
  gco_test_add_source ("/aio-source-sleep/watch", test_watch);
  gco_test_add_source ("/aio-source-sleep/watch-in-between", test_watch_in_between);
  gco_test_add_source ("/aio-source-sleep/watch-elsewhere", test_watch_elsewhere);
  gco_test_add_source ("/aio-source-sleep/wait-in-between", test_wait_in_between);
  gco_test_add_source ("/aio-source-sleep/kicks", test_kicks);
  gco_test_add_source ("/aio-source-sleep/timer", test_timer);
  gco_test_add_source ("/aio-source-sleep/shown", test_shown);
  gco_test_add_source ("/aio-source-sleep/new-source", test_new_source);
  gco_test_add_source ("/aio-source-sleep/two-contexts", test_two_contexts);
  gco_test_add_source ("/aio-source-sleep/poll", test_poll);
  gco_test_add_source ("/aio-source-sleep/nested", test_nested);
  return g_test_run ();
}
