/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a context remembers of a descriptor that is waited for, and what it asks the
 * poller. The linker leads calls of gco_poller_watch() through here. */

#include "gco-test-wait-fd.h"

#include "gco-poller-private.h"

static guint n_watch_calls;

int __real_gco_poller_watch (GcoPoller   *poller,
                             int          fd,
                             GIOCondition condition,
                             guint        generation);
int __wrap_gco_poller_watch (GcoPoller   *poller,
                             int          fd,
                             GIOCondition condition,
                             guint        generation);

int
__wrap_gco_poller_watch (GcoPoller   *poller,
                         int          fd,
                         GIOCondition condition,
                         guint        generation)
{
  n_watch_calls++;
  return __real_gco_poller_watch (poller, fd, condition, generation);
}

static guint
take_watch_calls (void)
{
  guint n = n_watch_calls;

  n_watch_calls = 0;
  return n;
}

/* One call a wait, and one more to give it up. */
static void
test_calls (GcoTest *t)
{
  Actor *a = actor_new (t, "A");
  Actor *b = actor_new (t, "B");
  int    fds[2];
  Wait   waits[2];

  open_pipe (fds);
  waits[0] = waits[1] = (Wait){ .fd = fds[0], .wanted = G_IO_IN };
  take_watch_calls ();
  for (int i = 0; i < 5; i++)
    {
      actor_do (a, do_wait_fd, &waits[0]);
      put (fds[1]);
      gco_test_drain (t);
      assert_saw (a, &waits[0], G_IO_IN);
      take (fds[0]);
      g_assert_cmpuint (take_watch_calls (), ==, 1);
    }
  /* a second for the same costs nothing, with or without */
  actor_do (a, do_wait_fd, &waits[0]);
  actor_do (b, do_wait_fd, &waits[1]);
  g_cancellable_cancel (a->cancellable);
  gco_test_drain (t);
  actor_assert_cancelled (a);
  g_assert_cmpuint (take_watch_calls (), ==, 1);
  g_cancellable_cancel (b->cancellable);
  gco_test_drain (t);
  actor_assert_cancelled (b);
  g_assert_cmpuint (take_watch_calls (), ==, 1);
  close_both (fds);
  actors_end (a, b);
}

/* ------------------------------------------------------------- the same number */

static void
reopen (int *fds,
        int  number)
{
  close_both (fds);
  open_pipe (fds);
  if (fds[0] == number)
    return;
  g_assert_cmpint (dup2 (fds[0], number), ==, number);
  if (fds[1] != number)
    close (fds[0]);
  fds[0] = number;
}

static void
test_reused (GcoTest *t)
{
  Actor *a = actor_new (t, "A");
  int    fds[2];
  Wait   wait = { .wanted = G_IO_IN };

  open_pipe (fds);
  wait.fd = fds[0];
  for (int i = 0; i < 3; i++)
    {
      /* granted, cancelled, and granted with a copy that stays open */
      int copy = i == 2 ? dup (fds[0]) : -1;

      actor_do (a, do_wait_fd, &wait);
      assert_waits (a);
      if (i == 1)
        g_cancellable_cancel (a->cancellable);
      else
        put (fds[1]);
      gco_test_drain (t);
      if (i == 1)
        actor_assert_cancelled (a);
      else
        assert_saw (a, &wait, G_IO_IN);
      g_cancellable_reset (a->cancellable);
      reopen (fds, wait.fd);
      if (copy >= 0)
        close (copy);
    }
  actor_do (a, do_wait_fd, &wait);
  assert_waits (a);
  put (fds[1]);
  gco_test_drain (t);
  assert_saw (a, &wait, G_IO_IN);
  close_both (fds);
  actor_end (a);
}

typedef struct
{
  Actor *actor;
  Wait   wait;
  int    fds[2];
} Reuse;

static gboolean
do_wait_reopen_wait (Actor   *self,
                     gpointer user_data)
{
  Reuse *reuse = user_data;

  gco_wait_fd (reuse->wait.fd, G_IO_IN, self->cancellable, NULL);
  reopen (reuse->fds, reuse->wait.fd);
  return do_wait_fd_plainly (self, &reuse->wait);
}

static void
cancel (gpointer user_data)
{
  g_cancellable_cancel (user_data);
}

/* What the system told of the descriptor before is not for the new one: the wait is
 * given up, and another begins, in the very dispatch that brought the event. */
static void
test_reused_in_dispatch (GcoTest *t)
{
  Actor *a = actor_new (t, "A");
  Reuse  reuse = { .actor = a };

  open_pipe (reuse.fds);
  reuse.wait = (Wait){ .fd = reuse.fds[0], .wanted = G_IO_IN };
  actor_do (a, do_wait_reopen_wait, &reuse);
  gco_aio_context_schedule_oneshot (t->ctx, cancel, a->cancellable, NULL);
  put (reuse.fds[1]);
  gco_test_drain (t);
  assert_waits (a);
  put (reuse.fds[1]);
  gco_test_drain (t);
  assert_saw (a, &reuse.wait, G_IO_IN);
  close_both (reuse.fds);
  actor_end (a);
}

/* ----------------------------------------------------------- a loop in the loop */

typedef struct
{
  GcoTest *t;
  Actor   *actor;
  gboolean in_time;
} Inner;

static void
iterate_inside (gpointer user_data)
{
  Inner *inner = user_data;

  gco_test_drain (inner->t);
  inner->in_time = !inner->actor->waits;
}

static void
iterate_inside_handler (int          fd,
                        GIOCondition condition,
                        gpointer     user_data)
{
  take (fd);
  iterate_inside (user_data);
}

/* The event was fetched by the outer dispatch, and is not lost for the inner one. */
static void
test_nested (GcoTest *t)
{
  Actor *a = actor_new (t, "A");
  int    fds[2];
  int    others[2];
  Wait   wait = { .wanted = G_IO_IN };
  Inner  inner = { t, a, FALSE };

  open_pipe (fds);
  open_pipe (others);
  wait.fd = fds[0];
  actor_do (a, do_wait_fd, &wait);
  gco_aio_context_schedule_oneshot (t->ctx, iterate_inside, &inner, NULL);
  put (fds[1]);
  gco_test_drain (t);
  g_assert_true (inner.in_time);
  take (fds[0]);

  inner.in_time = FALSE;
  gco_aio_context_set_fd_handler (t->ctx,
                                  others[0],
                                  G_IO_IN,
                                  iterate_inside_handler,
                                  &inner,
                                  NULL);
  actor_do (a, do_wait_fd, &wait);
  put (others[1]);
  put (fds[1]);
  gco_test_drain (t);
  g_assert_true (inner.in_time);
  gco_aio_context_set_fd_handler (t->ctx, others[0], 0, NULL, NULL, NULL);
  close_both (fds);
  close_both (others);
  actor_end (a);
}

/* ------------------------------------------------------------------- handlers */

static void
count_call (int          fd,
            GIOCondition condition,
            gpointer     n)
{
  take (fd);
  ++*(guint *) n;
}

static void
count_free (gpointer user_data)
{
  ++*(guint *) user_data;
}

/* Neither gets lost: who comes second is refused. */
static void
test_handler_first (GcoTest *t)
{
  Actor *a = actor_new (t, "A");
  int    fds[2];
  Wait   wait = { .wanted = G_IO_IN };
  guint  n = 0;

  open_pipe (fds);
  wait.fd = fds[0];
  gco_aio_context_set_fd_handler (t->ctx, fds[0], G_IO_IN, count_call, &n, NULL);
  g_test_expect_message ("Gco", G_LOG_LEVEL_CRITICAL, "gco_wait_fd: descriptor*handler*");
  actor_do (a, do_wait_fd, &wait);
  g_test_assert_expected_messages ();
  assert_failed (a, G_IO_ERROR_INVALID_ARGUMENT);
  put (fds[1]);
  gco_test_drain (t);
  g_assert_cmpuint (n, ==, 1);

  gco_aio_context_set_fd_handler (t->ctx, fds[0], 0, NULL, NULL, NULL);
  actor_do (a, do_wait_fd, &wait);
  put (fds[1]);
  gco_test_drain (t);
  assert_saw (a, &wait, G_IO_IN);
  close_both (fds);
  actor_end (a);
}

static void
test_handler_second (GcoTest *t)
{
  Actor *a = actor_new (t, "A");
  int    fds[2];
  Wait   wait = { .wanted = G_IO_IN };
  guint  n = 0;
  guint  n_freed = 0;

  open_pipe (fds);
  wait.fd = fds[0];
  actor_do (a, do_wait_fd, &wait);
  g_test_expect_message ("Gco", G_LOG_LEVEL_CRITICAL, "descriptor*coroutine waits*");
  gco_aio_context_set_fd_handler (t->ctx,
                                  fds[0],
                                  G_IO_IN,
                                  count_call,
                                  &n_freed,
                                  count_free);
  g_test_assert_expected_messages ();
  /* to remove what is not there does no harm */
  gco_aio_context_set_fd_handler (t->ctx, fds[0], 0, NULL, NULL, NULL);
  gco_test_drain (t);
  g_assert_cmpuint (n_freed, ==, 1);
  assert_waits (a);
  put (fds[1]);
  gco_test_drain (t);
  assert_saw (a, &wait, G_IO_IN);

  gco_aio_context_set_fd_handler (t->ctx, fds[0], G_IO_IN, count_call, &n, NULL);
  gco_test_drain (t);
  g_assert_cmpuint (n, ==, 1);
  gco_aio_context_set_fd_handler (t->ctx, fds[0], 0, NULL, NULL, NULL);
  close_both (fds);
  actor_end (a);
}

/* -------------------------------------------------------------------- misuse */

static void
test_outside (void)
{
  gco_wait_fd (0, G_IO_IN, NULL, NULL);
}

int
main (int   argc,
      char *argv[])
{
  gco_test_init (&argc, &argv);
  gco_test_add ("/wait-fd-record/calls", test_calls);
  gco_test_add ("/wait-fd-record/reused", test_reused);
  gco_test_add ("/wait-fd-record/reused-in-dispatch", test_reused_in_dispatch);
  gco_test_add ("/wait-fd-record/nested", test_nested);
  gco_test_add ("/wait-fd-record/handler-first", test_handler_first);
  gco_test_add ("/wait-fd-record/handler-second", test_handler_second);
  gco_test_add_abort_plain ("/wait-fd-record/outside",
                            test_outside,
                            "*libgco: gco_wait_fd: not in a coroutine*");
  return g_test_run ();
}
