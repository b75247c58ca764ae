/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "gco-test-pipe.h"

#include <fcntl.h>
#include <glib-unix.h>
#include <unistd.h>

static void
note_free (gpointer user_data)
{
  GcoTestPipe *pipe = user_data;

  g_assert_false (gco_in_coroutine ());
  pipe->freed++;
}

void
gco_test_pipe_note_ready (int          fd,
                          GIOCondition condition,
                          gpointer     user_data)
{
  GcoTestPipe *pipe = user_data;

  g_assert_false (gco_in_coroutine ());
  g_assert_true (gco_aio_context_get_current () == pipe->t->ctx);
  g_assert_cmpint (fd, ==, pipe->fds[0]);
  pipe->n++;
  pipe->seen = condition;
}

void
gco_test_pipe_put (GcoTestPipe *pipe)
{
  g_assert_cmpint (write (pipe->fds[1], "x", 1), ==, 1);
}

void
gco_test_pipe_take (GcoTestPipe *pipe)
{
  char byte;

  g_assert_cmpint (read (pipe->fds[0], &byte, 1), ==, 1);
}

void
gco_test_pipe_read_one (int          fd,
                        GIOCondition condition,
                        gpointer     user_data)
{
  gco_test_pipe_note_ready (fd, condition, user_data);
  gco_test_pipe_take (user_data);
}

void
gco_test_pipe_open (GcoTestPipe *pipe)
{
  g_autoptr (GError) error = NULL;

  g_unix_open_pipe (pipe->fds, FD_CLOEXEC, &error);
  g_assert_no_error (error);
}

void
gco_test_pipe_watch (GcoTestPipe *pipe,
                     GcoFdFunc    func)
{
  gco_aio_context_set_fd_handler (pipe->t->ctx,
                                  pipe->fds[0],
                                  G_IO_IN,
                                  func,
                                  pipe,
                                  note_free);
}

void
gco_test_pipe_unwatch (GcoTestPipe *pipe)
{
  gco_aio_context_set_fd_handler (pipe->t->ctx, pipe->fds[0], 0, NULL, NULL, NULL);
}

void
gco_test_pipe_start (GcoTest     *t,
                     GcoTestPipe *pipe,
                     GcoFdFunc    func)
{
  *pipe = (GcoTestPipe){ .t = t };
  gco_test_pipe_open (pipe);
  gco_test_pipe_watch (pipe, func);
}

void
gco_test_pipe_finish (GcoTestPipe *pipe)
{
  gco_test_pipe_unwatch (pipe);
  close (pipe->fds[0]);
  close (pipe->fds[1]);
  gco_test_drain (pipe->t);
  g_assert_cmpuint (pipe->freed, ==, 1);
}
