/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Coroutines that wait for descriptors, alone and together. */

#include "gco-test-wait-fd.h"

#include <fcntl.h>
#include <glib/gstdio.h>

/* ----------------------------------------------------------------- conditions */

static void
test_pipe (GcoTest *t)
{
  Actor *a = actor_new (t, "A");
  int    fds[2];
  Wait   wait = { .wanted = G_IO_IN };

  open_pipe (fds);
  wait.fd = fds[0];
  actor_do (a, do_wait_fd, &wait);
  assert_waits (a);
  put (fds[1]);
  gco_test_drain (t);
  assert_saw (a, &wait, G_IO_IN);

  /* ready before the wait is no different */
  actor_do (a, do_wait_fd_plainly, &wait);
  assert_saw (a, &wait, G_IO_IN);
  take (fds[0]);
  actor_do (a, do_wait_fd_plainly, &wait);
  assert_waits (a);
  put (fds[1]);
  gco_test_drain (t);
  assert_saw (a, &wait, G_IO_IN);

  wait = (Wait){ .fd = fds[1], .wanted = G_IO_OUT };
  actor_do (a, do_wait_fd, &wait);
  assert_saw (a, &wait, G_IO_OUT);
  close_both (fds);
  actor_end (a);
}

static void
test_blocking (GcoTest *t)
{
  Actor *a = actor_new (t, "A");
  int    fds[2];
  Wait   wait = { .wanted = G_IO_IN };

  open_pipe (fds);
  wait.fd = fds[0];
  actor_do (a, do_wait_fd, &wait);
  put (fds[1]);
  while (a->waits)
    gco_test_iterate_blocking (t);
  assert_saw (a, &wait, G_IO_IN);
  close_both (fds);
  actor_end (a);
}

static void
test_hang_up (GcoTest *t)
{
  Actor *a = actor_new (t, "A");
  Actor *b = actor_new (t, "B");
  int    fds[2];
  Wait   in = { .wanted = G_IO_IN };
  Wait   urgent = { .wanted = G_IO_PRI };

  open_pipe (fds);
  in.fd = urgent.fd = fds[0];
  actor_do (a, do_wait_fd, &in);
  actor_do (b, do_wait_fd, &urgent);
  close (fds[1]);
  gco_test_drain (t);
  assert_saw (a, &in, G_IO_HUP);
  assert_saw (b, &urgent, G_IO_HUP);
  close (fds[0]);

  open_pipe (fds);
  fcntl (fds[1], F_SETFL, O_NONBLOCK);
  fill (fds[1]);
  in = (Wait){ .fd = fds[1], .wanted = G_IO_OUT };
  actor_do (a, do_wait_fd, &in);
  assert_waits (a);
  close (fds[0]);
  gco_test_drain (t);
  actor_assert_succeeded (a);
  g_assert_cmpint (in.seen & G_IO_ERR, !=, 0);
  close (fds[1]);
  actors_end (a, b);
}

static void
test_regular_file (GcoTest *t)
{
  g_autofree char *path = NULL;
  Actor           *a = actor_new (t, "A");
  Wait             wait = { .wanted = G_IO_IN | G_IO_OUT };

  wait.fd = g_file_open_tmp (NULL, &path, NULL);
  actor_do (a, do_wait_fd, &wait);
  assert_saw (a, &wait, G_IO_IN | G_IO_OUT);
  wait.wanted = G_IO_IN | G_IO_PRI;
  actor_do (a, do_wait_fd_plainly, &wait);
  assert_saw (a, &wait, G_IO_IN);
  /* never 0 without an error */
  wait.wanted = G_IO_PRI;
  actor_do (a, do_wait_fd, &wait);
  assert_failed (a, G_IO_ERROR_INVALID_ARGUMENT);
  close (wait.fd);
  g_unlink (path);
  actor_end (a);
}

static void
test_not_open (GcoTest *t)
{
  Actor *a = actor_new (t, "A");
  int    fds[2];
  Wait   wait = { .wanted = G_IO_IN, .deadline_ns = G_MAXINT64 };

  open_pipe (fds);
  close_both (fds);
  wait.fd = fds[0];
  actor_do (a, do_wait_fd, &wait);
  assert_failed (a, G_IO_ERROR_INVALID_ARGUMENT);
  actor_do (a, do_wait_fd_until, &wait);
  assert_failed (a, G_IO_ERROR_INVALID_ARGUMENT);
  actor_end (a);
}

/* ------------------------------------------------------------------- together */

static void
test_reader_and_writer (GcoTest *t)
{
  Actor *reader = actor_new (t, "R");
  Actor *writer = actor_new (t, "W");
  int    fds[2];
  Wait   in = { .wanted = G_IO_IN };
  Wait   out = { .wanted = G_IO_OUT };

  open_pair (fds);
  in.fd = out.fd = fds[0];
  fill (fds[0]);
  for (int i = 0; i < 2; i++)
    {
      actor_do (reader, do_wait_fd, &in);
      actor_do (writer, do_wait_fd, &out);
      assert_waits (writer);
      /* one goes on, and the other waits as before */
      put (fds[1]);
      gco_test_drain (t);
      assert_saw (reader, &in, G_IO_IN);
      assert_waits (writer);
      take (fds[0]);
      empty (fds[1]);
      gco_test_drain (t);
      assert_saw (writer, &out, G_IO_OUT);
      fill (fds[0]);
    }
  close_both (fds);
  actors_end (reader, writer);
}

static void
test_both_conditions (GcoTest *t)
{
  Actor *reader = actor_new (t, "R");
  Actor *both = actor_new (t, "B");
  int    fds[2];
  Wait   in = { .wanted = G_IO_IN };
  Wait   any = { .wanted = G_IO_IN | G_IO_OUT };

  open_pair (fds);
  in.fd = any.fd = fds[0];
  actor_do (reader, do_wait_fd, &in);
  actor_do (both, do_wait_fd, &any);
  assert_waits (reader);
  assert_saw (both, &any, G_IO_OUT);
  put (fds[1]);
  actor_do (both, do_wait_fd, &any);
  assert_saw (both, &any, G_IO_IN | G_IO_OUT);
  assert_saw (reader, &in, G_IO_IN);
  close_both (fds);
  actors_end (reader, both);
}

/* All whom it concerns, in their order. */
static void
test_two_readers (GcoTest *t)
{
  Actor *a = actor_new (t, "A");
  Actor *b = actor_new (t, "B");
  Actor *c = actor_new (t, "C");
  int    fds[2];
  Wait   waits[3];

  open_pair (fds);
  fill (fds[0]);
  waits[0] = waits[2] = (Wait){ .fd = fds[0], .wanted = G_IO_IN };
  waits[1] = (Wait){ .fd = fds[0], .wanted = G_IO_OUT };
  actor_do (a, do_wait_fd, &waits[0]);
  actor_do (b, do_wait_fd, &waits[1]);
  actor_do (c, do_wait_fd_plainly, &waits[2]);
  put (fds[1]);
  gco_test_drain (t);
  gco_test_assert_log (t, "A C ");
  assert_waits (b);
  empty (fds[1]);
  gco_test_drain (t);
  gco_test_assert_log (t, "B ");
  close_both (fds);
  actors_end (a, b, c);
}

#define N_MANY 200

static void
test_many (GcoTest *t)
{
  Actor *actors[N_MANY];
  Wait   waits[N_MANY];
  int    fds[N_MANY][2];

  for (int i = 0; i < N_MANY; i++)
    {
      open_pipe (fds[i]);
      actors[i] = actor_new (t, "A");
      waits[i] = (Wait){ .fd = fds[i][0], .wanted = G_IO_IN };
      actor_tell (actors[i], do_wait_fd, &waits[i]);
    }
  gco_test_drain (t);
  for (int i = 0; i < N_MANY; i += 2)
    put (fds[i][1]);
  gco_test_drain (t);
  for (int i = 0; i < N_MANY; i++)
    {
      g_assert_cmpint (actors[i]->waits, ==, i % 2);
      if (i % 2)
        put (fds[i][1]);
    }
  gco_test_drain (t);
  for (int i = 0; i < N_MANY; i++)
    {
      assert_saw (actors[i], &waits[i], G_IO_IN);
      close_both (fds[i]);
      actor_end (actors[i]);
    }
}

/* ------------------------------------------------------------ ended otherwise */

/* First, in the middle and last in the list, and before the wait. */
static void
test_cancel (GcoTest *t)
{
  for (int i = 0; i < 3; i++)
    {
      Actor *actors[] = { actor_new (t, "A"), actor_new (t, "B"), actor_new (t, "C") };
      Wait   waits[3];
      int    fds[2];

      open_pipe (fds);
      for (int j = 0; j < 3; j++)
        {
          waits[j] = (Wait){ .fd = fds[0], .wanted = G_IO_IN };
          actor_do (actors[j], do_wait_fd, &waits[j]);
        }
      g_cancellable_cancel (actors[i]->cancellable);
      assert_waits (actors[i]);
      gco_test_drain (t);
      actor_assert_cancelled (actors[i]);
      actor_do (actors[i], do_wait_fd, &waits[i]);
      actor_assert_cancelled (actors[i]);
      put (fds[1]);
      gco_test_drain (t);
      for (int j = 0; j < 3; j++)
        {
          if (j != i)
            assert_saw (actors[j], &waits[j], G_IO_IN);
          actor_end (actors[j]);
        }
      close_both (fds);
    }
}

/* Whichever came first, once. */
static void
test_cancel_or_ready (GcoTest *t)
{
  Actor *a = actor_new (t, "A");
  int    fds[2];
  Wait   wait = { .wanted = G_IO_IN };

  open_pipe (fds);
  wait.fd = fds[0];
  actor_do (a, do_wait_fd, &wait);
  g_cancellable_cancel (a->cancellable);
  put (fds[1]);
  gco_test_drain (t);
  actor_assert_cancelled (a);

  /* granted in a dispatch, and cancelled before it runs */
  g_cancellable_reset (a->cancellable);
  take (fds[0]);
  actor_do (a, do_wait_fd, &wait);
  put (fds[1]);
  gco_aio_context_schedule_oneshot (t->ctx,
                                    (GcoFunc) g_cancellable_cancel,
                                    a->cancellable,
                                    NULL);
  gco_test_drain (t);
  assert_saw (a, &wait, G_IO_IN);
  close_both (fds);
  actor_end (a);
}

static void
test_deadline (GcoTest *t)
{
  g_autoptr (GcoClock) clock = gco_clock_new_manual ();
  Actor *a = actor_new (t, "A");
  Actor *b = actor_new (t, "B");
  int    fds[2];
  Wait   wait = { .wanted = G_IO_IN, .clock = clock, .deadline_ns = 100 };
  Wait   plain = { .wanted = G_IO_IN };

  open_pipe (fds);
  wait.fd = plain.fd = fds[0];
  actor_do (a, do_wait_fd_until, &wait);
  actor_do (b, do_wait_fd, &plain);
  gco_clock_advance (clock, 99);
  gco_test_drain (t);
  assert_waits (a);
  gco_clock_advance (clock, 1);
  gco_test_drain (t);
  assert_failed (a, G_IO_ERROR_TIMED_OUT);
  assert_waits (b);

  wait.deadline_ns = 200;
  actor_do (a, do_wait_fd_until, &wait);
  put (fds[1]);
  gco_test_drain (t);
  assert_saw (a, &wait, G_IO_IN);
  assert_saw (b, &plain, G_IO_IN);
  close_both (fds);
  actors_end (a, b);
}

static void
wait_until_shutdown (gpointer user_data)
{
  Wait *wait = user_data;
  g_autoptr (GError) error = NULL;

  for (int i = 0; i < 2; i++)
    {
      g_assert_cmpint (gco_wait_fd (wait->fd, wait->wanted, NULL, &error), ==, 0);
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
      g_clear_error (&error);
    }
  wait->seen = G_IO_NVAL;
}

static void
test_shutdown (GcoTest *t)
{
  int  fds[2];
  Wait waits[2];

  open_pair (fds);
  fill (fds[0]);
  waits[0] = (Wait){ .fd = fds[0], .wanted = G_IO_IN };
  waits[1] = (Wait){ .fd = fds[0], .wanted = G_IO_OUT };
  gco_test_spawn (t, wait_until_shutdown, &waits[0]);
  gco_test_spawn (t, wait_until_shutdown, &waits[1]);
  gco_test_drain (t);
  gco_aio_context_shutdown (t->ctx);
  g_assert_cmpint (waits[0].seen, ==, G_IO_NVAL);
  g_assert_cmpint (waits[1].seen, ==, G_IO_NVAL);
  close_both (fds);
}

int
main (int   argc,
      char *argv[])
{
  gco_test_init (&argc, &argv);
  gco_test_add ("/wait-fd/pipe", test_pipe);
  gco_test_add ("/wait-fd/blocking", test_blocking);
  gco_test_add ("/wait-fd/hang-up", test_hang_up);
  gco_test_add ("/wait-fd/regular-file", test_regular_file);
  gco_test_add ("/wait-fd/not-open", test_not_open);
  gco_test_add ("/wait-fd/reader-and-writer", test_reader_and_writer);
  gco_test_add ("/wait-fd/both-conditions", test_both_conditions);
  gco_test_add ("/wait-fd/two-readers", test_two_readers);
  gco_test_add ("/wait-fd/many", test_many);
  gco_test_add ("/wait-fd/cancel", test_cancel);
  gco_test_add ("/wait-fd/cancel-or-ready", test_cancel_or_ready);
  gco_test_add ("/wait-fd/deadline", test_deadline);
  gco_test_add ("/wait-fd/shutdown", test_shutdown);
  return g_test_run ();
}
