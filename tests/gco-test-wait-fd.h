/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Actors that wait for descriptors. */

#pragma once

#include "gco-test-actor.h"

#include <errno.h>
#include <glib-unix.h>
#include <sys/socket.h>
#include <unistd.h>

/* What an actor waits for, and what it saw. */
typedef struct
{
  int          fd;
  GIOCondition wanted;
  GIOCondition seen;
  GcoClock    *clock;
  gint64       deadline_ns;
} Wait;

static inline gboolean
do_wait_fd (Actor   *self,
            gpointer user_data)
{
  Wait *wait = user_data;

  wait->seen = gco_wait_fd (wait->fd, wait->wanted, self->cancellable, &self->error);
  return wait->seen != 0;
}

static inline gboolean
do_wait_fd_plainly (Actor   *self,
                    gpointer user_data)
{
  Wait *wait = user_data;

  wait->seen = gco_wait_fd (wait->fd, wait->wanted, NULL, &self->error);
  return wait->seen != 0;
}

static inline gboolean
do_wait_fd_until (Actor   *self,
                  gpointer user_data)
{
  Wait *wait = user_data;

  wait->seen = gco_wait_fd_until (wait->fd,
                                  wait->wanted,
                                  wait->clock,
                                  wait->deadline_ns,
                                  self->cancellable,
                                  &self->error);
  return wait->seen != 0;
}

static inline void
open_pipe (int *fds)
{
  g_autoptr (GError) error = NULL;

  g_unix_open_pipe (fds, FD_CLOEXEC, &error);
  g_assert_no_error (error);
}

static inline void
open_pair (int *fds)
{
  g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), ==, 0);
}

static inline void
close_both (int *fds)
{
  close (fds[0]);
  close (fds[1]);
}

static inline void
put (int fd)
{
  g_assert_cmpint (write (fd, "x", 1), ==, 1);
}

static inline void
take (int fd)
{
  char byte;

  g_assert_cmpint (read (fd, &byte, 1), ==, 1);
}

static inline void
fill (int fd)
{
  char bytes[4096] = { 0 };

  while (write (fd, bytes, sizeof bytes) > 0)
    ;
  g_assert_cmpint (errno, ==, EAGAIN);
}

static inline void
empty (int fd)
{
  char bytes[4096];

  while (read (fd, bytes, sizeof bytes) > 0)
    ;
}

static inline void
assert_saw (Actor       *actor,
            Wait        *wait,
            GIOCondition expected)
{
  actor_assert_succeeded (actor);
  g_assert_cmpint (wait->seen, ==, expected);
}

static inline void
assert_failed (Actor *actor,
               int    code)
{
  assert_done (actor);
  g_assert_false (actor->result);
  g_assert_error (actor->error, G_IO_ERROR, code);
  g_clear_error (&actor->error);
}
