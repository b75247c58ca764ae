/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What blocks where it may, or does not block, or is allowed to. */
#include <gco.h>

#include <poll.h>
#include <unistd.h>

static int
send (void)
{
  return 1;
}

static void
in_a_thread (int fd)
{
  char byte;

  g_usleep (1);
  read (fd, &byte, 1);
}

static gssize gco_coroutine_fn
descriptor (int fd)
{
  char   byte;
  gssize n;

  while ((n = read (fd, &byte, 1)) < 0)
    gco_wait_fd (fd, G_IO_IN, NULL, NULL);
  return n;
}

static int gco_coroutine_fn
only_looks (struct pollfd poll_fd)
{
  return poll (&poll_fd, 1, 0) + send ();
}

static void gco_coroutine_fn
twins (GInputStream *stream)
{
  char byte;

  gco_input_stream_read (stream, &byte, 1, NULL, NULL);
}

static void gco_coroutine_fn
allowed (void)
{
  g_usleep (1); /* gco-check: allow blocking */
  /* gco-check: allow pointer, blocking: a microsecond */
  g_usleep (1);
}
