/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "gco-test-pipe.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <unistd.h>

/* -------------------------------------------------------------- conditions */

static void
test_read (GcoTest *t)
{
  GcoTestPipe pipe;

  gco_test_pipe_start (t, &pipe, gco_test_pipe_read_one);
  gco_test_drain (t);
  g_assert_cmpuint (pipe.n, ==, 0);
  gco_test_pipe_put (&pipe);
  gco_test_iterate_blocking (t);
  g_assert_cmpuint (pipe.n, ==, 1);
  g_assert_cmpint (pipe.seen, ==, G_IO_IN);
  g_assert_false (gco_test_iterate (t));
  g_assert_cmpuint (pipe.n, ==, 1);
  gco_test_pipe_finish (&pipe);
}

static void
test_read_before_watch (GcoTest *t)
{
  GcoTestPipe pipe = { .t = t };

  gco_test_pipe_open (&pipe);
  gco_test_pipe_put (&pipe);
  gco_test_pipe_watch (&pipe, gco_test_pipe_read_one);
  gco_test_iterate_blocking (t);
  g_assert_cmpuint (pipe.n, ==, 1);
  gco_test_pipe_finish (&pipe);
}

/* As long as it is ready, each dispatch says so. */
static void
test_level (GcoTest *t)
{
  GcoTestPipe pipe;

  gco_test_pipe_start (t, &pipe, gco_test_pipe_note_ready);
  gco_test_pipe_put (&pipe);
  for (guint i = 1; i <= 5; i++)
    {
      gco_test_iterate_blocking (t);
      g_assert_cmpuint (pipe.n, ==, i);
    }
  gco_test_pipe_take (&pipe);
  g_assert_false (gco_test_iterate (t));
  g_assert_cmpuint (pipe.n, ==, 5);
  gco_test_pipe_finish (&pipe);
}

static void
note_writable (int          fd,
               GIOCondition condition,
               gpointer     user_data)
{
  GcoTestPipe *pipe = user_data;

  pipe->n++;
  pipe->seen = condition;
}

static void
test_write (GcoTest *t)
{
  GcoTestPipe pipe = { .t = t };

  gco_test_pipe_open (&pipe);
  gco_aio_context_set_fd_handler (t->ctx,
                                  pipe.fds[1],
                                  G_IO_OUT,
                                  note_writable,
                                  &pipe,
                                  NULL);
  gco_test_iterate_blocking (t);
  g_assert_cmpuint (pipe.n, ==, 1);
  g_assert_cmpint (pipe.seen, ==, G_IO_OUT);
  gco_aio_context_set_fd_handler (t->ctx, pipe.fds[1], 0, NULL, NULL, NULL);
  close (pipe.fds[0]);
  close (pipe.fds[1]);
}

/* A hang-up is told although nobody asked. */
static void
test_hang_up (GcoTest *t)
{
  GcoTestPipe pipe;

  gco_test_pipe_start (t, &pipe, gco_test_pipe_note_ready);
  close (pipe.fds[1]);
  gco_test_iterate_blocking (t);
  g_assert_cmpuint (pipe.n, ==, 1);
  g_assert_cmpint (pipe.seen, ==, G_IO_HUP);
  pipe.fds[1] = dup (pipe.fds[0]);
  gco_test_pipe_finish (&pipe);
}

static void
test_error (GcoTest *t)
{
  GcoTestPipe pipe = { .t = t };

  gco_test_pipe_open (&pipe);
  close (pipe.fds[0]);
  gco_aio_context_set_fd_handler (t->ctx,
                                  pipe.fds[1],
                                  G_IO_IN,
                                  note_writable,
                                  &pipe,
                                  NULL);
  gco_test_iterate_blocking (t);
  g_assert_cmpint (pipe.seen, ==, G_IO_ERR);
  gco_aio_context_set_fd_handler (t->ctx, pipe.fds[1], 0, NULL, NULL, NULL);
  close (pipe.fds[1]);
}

/* epoll refuses regular files: always ready, as for poll(). */
static void
test_regular_file (GcoTest *t)
{
  GcoTestPipe pipe = { .t = t };
  char       *path = NULL;

  pipe.fds[0] = g_file_open_tmp (NULL, &path, NULL);
  pipe.fds[1] = open ("/dev/null", O_WRONLY | O_CLOEXEC);
  gco_test_pipe_watch (&pipe, gco_test_pipe_note_ready);
  for (guint i = 1; i <= 3; i++)
    {
      gco_test_iterate_blocking (t);
      g_assert_cmpuint (pipe.n, ==, i);
      g_assert_cmpint (pipe.seen, ==, G_IO_IN);
    }
  gco_test_pipe_finish (&pipe);
  g_assert_cmpuint (pipe.n, ==, 3);
  g_assert_false (gco_test_iterate (t));
  g_unlink (path);
  g_free (path);
}

/* -------------------------------------------------------------------- many */

/* More than are fetched at a time: all get their turn. */
static void
test_many (GcoTest *t)
{
  guint        n_all = 200;
  GcoTestPipe *pipes = g_new (GcoTestPipe, n_all);

  for (guint i = 0; i < n_all; i++)
    {
      gco_test_pipe_start (t, &pipes[i], gco_test_pipe_read_one);
      gco_test_pipe_put (&pipes[i]);
    }
  gco_test_drain (t);
  for (guint i = 0; i < n_all; i++)
    {
      g_assert_cmpuint (pipes[i].n, ==, 1);
      gco_test_pipe_finish (&pipes[i]);
    }
  g_free (pipes);
}

static void
watch_from_thread (gpointer user_data)
{
  gco_test_pipe_watch (user_data, gco_test_pipe_read_one);
}

static void
test_from_thread (GcoTest *t)
{
  GcoTestThread *thread = gco_test_thread_new (t);
  GcoTestPipe    pipe = { .t = t };

  gco_test_pipe_open (&pipe);
  gco_test_pipe_put (&pipe);
  gco_test_thread_call (thread, watch_from_thread, &pipe);
  while (pipe.n == 0)
    gco_test_iterate_blocking (t);
  gco_test_thread_call (thread, (GcoFunc) gco_test_pipe_unwatch, &pipe);
  gco_test_pipe_put (&pipe);
  gco_test_drain (t);
  g_assert_cmpuint (pipe.n, ==, 1);
  g_assert_cmpuint (pipe.freed, ==, 1);
  gco_test_thread_stop (thread);
  gco_test_pipe_finish (&pipe);
}

/* The user data of handlers that are still there goes with the context. */
static void
test_finalized (void)
{
  GcoTest     t = { .ctx = gco_aio_context_new () };
  GcoTestPipe pipe;

  gco_test_pipe_start (&t, &pipe, gco_test_pipe_note_ready);
  g_assert_finalize_object (t.ctx);
  g_assert_cmpuint (pipe.freed, ==, 1);
  close (pipe.fds[0]);
  close (pipe.fds[1]);
}

int
main (int    argc,
      char **argv)
{
  gco_test_init (&argc, &argv);
  gco_test_add ("/fd/read", test_read);
  gco_test_add ("/fd/read-before-watch", test_read_before_watch);
  gco_test_add ("/fd/level", test_level);
  gco_test_add ("/fd/write", test_write);
  gco_test_add ("/fd/hang-up", test_hang_up);
  gco_test_add ("/fd/error", test_error);
  gco_test_add ("/fd/regular-file", test_regular_file);
  gco_test_add ("/fd/many", test_many);
  gco_test_add ("/fd/from-thread", test_from_thread);
  g_test_add_func ("/fd/finalized", test_finalized);
  return g_test_run ();
}
