/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Handlers replaced and removed, by themselves and by others. */

#include "gco-test-pipe.h"

#include <unistd.h>

/* --------------------------------------------------------------- replacing */

static void
test_replace (GcoTest *t)
{
  GcoTestPipe pipe;

  gco_test_pipe_start (t, &pipe, gco_test_pipe_note_ready);
  gco_test_pipe_put (&pipe);
  gco_test_pipe_watch (&pipe, gco_test_pipe_read_one);
  gco_test_drain (t);
  g_assert_cmpuint (pipe.freed, ==, 1);
  g_assert_cmpuint (pipe.n, ==, 1);
  pipe.freed = 0;
  gco_test_pipe_finish (&pipe);
}

static void
replace_itself (int          fd,
                GIOCondition condition,
                gpointer     user_data)
{
  GcoTestPipe *pipe = user_data;

  gco_test_log (pipe->t, "r");
  gco_test_pipe_watch (pipe, gco_test_pipe_read_one);
  g_assert_cmpuint (pipe->freed, ==, 0);
}

static void
test_replace_in_handler (GcoTest *t)
{
  GcoTestPipe pipe;

  gco_test_pipe_start (t, &pipe, replace_itself);
  gco_test_pipe_put (&pipe);
  gco_test_drain (t);
  gco_test_assert_log (t, "r");
  g_assert_cmpuint (pipe.n, ==, 1);
  g_assert_cmpuint (pipe.freed, ==, 1);
  pipe.freed = 0;
  gco_test_pipe_finish (&pipe);
}

static void
test_change_condition (GcoTest *t)
{
  GcoTestPipe pipe;

  gco_test_pipe_start (t, &pipe, gco_test_pipe_note_ready);
  gco_test_pipe_put (&pipe);
  gco_aio_context_set_fd_handler (t->ctx,
                                  pipe.fds[0],
                                  G_IO_PRI,
                                  gco_test_pipe_note_ready,
                                  &pipe,
                                  NULL);
  gco_test_drain (t);
  g_assert_cmpuint (pipe.n, ==, 0);
  g_assert_cmpuint (pipe.freed, ==, 1);
  gco_test_pipe_finish (&pipe);
}

/* ---------------------------------------------------------------- removing */

static void
test_remove_twice (GcoTest *t)
{
  GcoTestPipe pipe;

  gco_test_pipe_start (t, &pipe, gco_test_pipe_note_ready);
  gco_test_pipe_put (&pipe);
  gco_test_pipe_unwatch (&pipe);
  gco_test_pipe_unwatch (&pipe);
  gco_aio_context_set_fd_handler (t->ctx, 999, 0, NULL, NULL, NULL);
  gco_test_drain (t);
  g_assert_cmpuint (pipe.n, ==, 0);
  gco_test_pipe_finish (&pipe);
}

static void
remove_itself (int          fd,
               GIOCondition condition,
               gpointer     user_data)
{
  GcoTestPipe *pipe = user_data;

  gco_test_pipe_note_ready (fd, condition, pipe);
  gco_test_pipe_unwatch (pipe);
  g_assert_cmpuint (pipe->freed, ==, 0);
}

static void
test_remove_in_handler (GcoTest *t)
{
  GcoTestPipe pipe;

  gco_test_pipe_start (t, &pipe, remove_itself);
  gco_test_pipe_put (&pipe);
  gco_test_drain (t);
  g_assert_cmpuint (pipe.n, ==, 1);
  g_assert_cmpuint (pipe.freed, ==, 1);
  gco_test_pipe_finish (&pipe);
}

static void
remove_other (int          fd,
              GIOCondition condition,
              gpointer     user_data)
{
  GcoTestPipe *pipe = user_data;

  gco_test_pipe_note_ready (fd, condition, pipe);
  gco_test_pipe_unwatch (pipe->other);
  gco_test_pipe_unwatch (pipe);
}

/* Both are ready; whichever is first removes the other. */
static void
test_remove_other (GcoTest *t)
{
  GcoTestPipe a;
  GcoTestPipe b;

  gco_test_pipe_start (t, &a, remove_other);
  gco_test_pipe_start (t, &b, remove_other);
  a.other = &b;
  b.other = &a;
  gco_test_pipe_put (&a);
  gco_test_pipe_put (&b);
  gco_test_drain (t);
  g_assert_cmpuint (a.n + b.n, ==, 1);
  gco_test_pipe_finish (&a);
  gco_test_pipe_finish (&b);
}

static void
reopen_other (int          fd,
              GIOCondition condition,
              gpointer     user_data)
{
  GcoTestPipe *pipe = user_data;
  GcoTestPipe *other = pipe->other;

  gco_test_pipe_note_ready (fd, condition, pipe);
  gco_test_pipe_unwatch (pipe);
  if (other->fds[1] < 0)
    return;
  /* The number comes again, with nothing to read in it. */
  gco_test_pipe_unwatch (other);
  close (other->fds[1]);
  g_assert_cmpint (dup2 (pipe->fds[1], other->fds[0]), ==, other->fds[0]);
  other->fds[1] = -1;
  gco_test_pipe_watch (other, gco_test_pipe_note_ready);
}

/* Both are ready, the first closes the second's descriptor and opens another
 * with the same number: what was reported for the old one is not for the new. */
static void
test_generation (GcoTest *t)
{
  GcoTestPipe a;
  GcoTestPipe b;

  gco_test_pipe_start (t, &a, reopen_other);
  gco_test_pipe_start (t, &b, reopen_other);
  a.other = &b;
  b.other = &a;
  gco_test_pipe_put (&a);
  gco_test_pipe_put (&b);
  gco_test_iterate_blocking (t);
  gco_test_drain (t);
  g_assert_cmpuint (a.n + b.n, ==, 1);
  a.freed = b.freed = 0;
  a.fds[1] = MAX (a.fds[1], b.fds[1]);
  gco_test_pipe_unwatch (&a);
  gco_test_pipe_unwatch (&b);
  gco_test_drain (t);
  close (a.fds[0]);
  close (a.fds[1]);
  close (b.fds[0]);
}

/* Closed too early, and the number taken by another that is watched. */
static void
test_closed_before_removal (GcoTest *t)
{
  GcoTestPipe a;
  GcoTestPipe b;

  gco_test_pipe_start (t, &a, gco_test_pipe_note_ready);
  gco_test_pipe_start (t, &b, gco_test_pipe_read_one);
  close (a.fds[0]);
  g_assert_cmpint (dup2 (b.fds[0], a.fds[0]), ==, a.fds[0]);
  gco_test_pipe_unwatch (&a);
  gco_test_pipe_put (&b);
  gco_test_drain (t);
  g_assert_cmpuint (a.n, ==, 0);
  g_assert_cmpuint (b.n, ==, 1);
  gco_test_pipe_finish (&a);
  gco_test_pipe_finish (&b);
}

int
main (int    argc,
      char **argv)
{
  gco_test_init (&argc, &argv);
  gco_test_add ("/fd-change/replace", test_replace);
  gco_test_add ("/fd-change/replace-in-handler", test_replace_in_handler);
  gco_test_add ("/fd-change/change-condition", test_change_condition);
  gco_test_add ("/fd-change/remove-twice", test_remove_twice);
  gco_test_add ("/fd-change/remove-in-handler", test_remove_in_handler);
  gco_test_add ("/fd-change/remove-other", test_remove_other);
  gco_test_add ("/fd-change/generation", test_generation);
  gco_test_add ("/fd-change/closed-before-removal", test_closed_before_removal);
  return g_test_run ();
}
