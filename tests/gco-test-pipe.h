/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A pipe whose reading end is watched. */

#pragma once

#include "gco-test.h"

typedef struct
{
  GcoTest     *t;
  int          fds[2]; /* what is read, what is written */
  guint        n;      /* calls of a handler */
  guint        freed;  /* destroy notifies */
  GIOCondition seen;   /* in the last call */
  gpointer     other;
} GcoTestPipe;

void gco_test_pipe_open (GcoTestPipe *pipe);

/* Opens it and watches it. */
void gco_test_pipe_start (GcoTest *t, GcoTestPipe *pipe, GcoFdFunc func);

void gco_test_pipe_watch (GcoTestPipe *pipe, GcoFdFunc func);
void gco_test_pipe_unwatch (GcoTestPipe *pipe);

/* Unwatches and closes it, and sees that its user data was freed once. */
void gco_test_pipe_finish (GcoTestPipe *pipe);

/* One byte. */
void gco_test_pipe_put (GcoTestPipe *pipe);
void gco_test_pipe_take (GcoTestPipe *pipe);

/* Handlers: one leaves the byte there, one takes it. */
void gco_test_pipe_note_ready (int fd, GIOCondition condition, gpointer user_data);
void gco_test_pipe_read_one (int fd, GIOCondition condition, gpointer user_data);
