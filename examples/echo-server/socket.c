/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the system says, as a GError. */

#ifndef _GNU_SOURCE
# define _GNU_SOURCE
#endif

#include "socket.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
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

/* Errors of accept() that are not about the one connection it would have made. */
static gboolean
is_about_us (int problem)
{
  return problem == EBADF || problem == EINVAL || problem == ENOTSOCK ||
         problem == EOPNOTSUPP || problem == EFAULT;
}

static gboolean
is_shortage (int problem)
{
  return problem == EMFILE || problem == ENFILE || problem == ENOBUFS ||
         problem == ENOMEM;
}

int gco_coroutine_fn
socket_accept (int           listener,
               GCancellable *cancellable,
               GError      **error)
{
  int yes = 1;
  int fd;

  for (;;)
    {
      if (gco_wait_fd (listener, G_IO_IN, cancellable, error) == 0)
        return -1;
      fd = accept4 (listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
      if (fd >= 0)
        break;
      if (is_shortage (errno))
        {
          g_set_error_literal (error,
                               G_IO_ERROR,
                               G_IO_ERROR_TOO_MANY_OPEN_FILES,
                               g_strerror (errno));
          return -1;
        }
      if (is_about_us (errno))
        {
          set_error (error, "Cannot accept");
          return -1;
        }
    }
  /* an answer is not to wait for a fuller packet */
  setsockopt (fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  return fd;
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
