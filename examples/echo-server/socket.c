/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the system says, as a GError. */

#ifndef _GNU_SOURCE
# define _GNU_SOURCE
#endif

#include "socket.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

/* As many as the system lets wait. */
#define BACKLOG 4096

static void
set_error (GError    **error,
           const char *what)
{
  int problem = errno;

  g_set_error (error,
               G_IO_ERROR,
               g_io_error_from_errno (problem),
               "%s: %s",
               what,
               g_strerror (problem));
}

int
socket_listen (int     *port,
               GError **error)
{
  struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons (*port) };
  socklen_t          size = sizeof address;
  int                yes = 1;
  int                fd;

  address.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
  fd = socket (AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd >= 0 && setsockopt (fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) == 0 &&
      bind (fd, (struct sockaddr *) &address, sizeof address) == 0 &&
      listen (fd, BACKLOG) == 0 &&
      getsockname (fd, (struct sockaddr *) &address, &size) == 0)
    {
      *port = ntohs (address.sin_port);
      return fd;
    }
  set_error (error, "Cannot listen");
  if (fd >= 0)
    close (fd);
  return -1;
}

static gssize
result (gssize      n,
        const char *what,
        GError    **error)
{
  if (n >= 0)
    return n;
  if (errno == EAGAIN || errno == EWOULDBLOCK)
    return SOCKET_WOULD_BLOCK;
  set_error (error, what);
  return -1;
}

/* Whether accept() failed for the one connection that it would have made. */
static gboolean
is_about_peer (int problem)
{
  return problem != EAGAIN && problem != EWOULDBLOCK && problem != EBADF &&
         problem != EINVAL && problem != ENOTSOCK && problem != EOPNOTSUPP &&
         problem != EFAULT;
}

static gboolean
is_shortage (int problem)
{
  return problem == EMFILE || problem == ENFILE || problem == ENOBUFS ||
         problem == ENOMEM;
}

gssize
socket_accept (int      listener,
               GError **error)
{
  int yes = 1;
  int fd;

  do
    fd = accept4 (listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
  while (fd < 0 && is_about_peer (errno) && !is_shortage (errno));

  /* an answer is not to wait for a fuller packet */
  if (fd >= 0)
    setsockopt (fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  else if (is_shortage (errno))
    {
      g_set_error_literal (error,
                           G_IO_ERROR,
                           G_IO_ERROR_TOO_MANY_OPEN_FILES,
                           g_strerror (errno));
      return -1;
    }
  return result (fd, "Cannot accept", error);
}

gssize
socket_receive (int      fd,
                char    *buffer,
                gsize    size,
                GError **error)
{
  return result (TEMP_FAILURE_RETRY (recv (fd, buffer, size, 0)), "Cannot read", error);
}

gssize
socket_send (int         fd,
             const char *data,
             gsize       size,
             GError    **error)
{
  return result (
      TEMP_FAILURE_RETRY (send (fd, data, size, MSG_NOSIGNAL)), "Cannot write", error);
}

gboolean
socket_finish (int fd)
{
  int n = 0;

  shutdown (fd, SHUT_WR);
#ifdef TIOCOUTQ
  return ioctl (fd, TIOCOUTQ, &n) != 0 || n > 0;
#else
  return TRUE;
#endif
}
