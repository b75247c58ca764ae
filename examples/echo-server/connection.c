/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One connection: what is read is written, until nothing more is to come. */

#include "connection.h"

#include <unistd.h>

#include "socket.h"

#define STACK_SIZE (64 * 1024)
#define BUFFER_SIZE (16 * 1024)

typedef struct
{
  Server *server;
  int     fd;
} Connection;

static gint64
deadline (Server *server)
{
  if (server->idle_s == 0)
    return G_MAXINT64;
  return gco_clock_get_time_ns (NULL) + (gint64) (server->idle_s * 1e9);
}

/*
 * Waits for something to read; or, when the server stops, no longer: then what has
 * come already is read, and the first look that finds nothing ends the connection.
 * Waiting first, and not only when there is nothing, is what gives other
 * connections their turn.
 */
static gboolean gco_coroutine_fn
wait_for_more (Connection *self,
               GError    **error)
{
  Server *server = self->server;
  GError *problem = NULL;

  if (gco_wait_fd_until (self->fd,
                         G_IO_IN,
                         NULL,
                         deadline (server),
                         server->stopping,
                         &problem) != 0)
    return TRUE;
  if (!g_cancellable_is_cancelled (server->stopping))
    {
      g_propagate_error (error, problem);
      return FALSE;
    }
  g_error_free (problem);
  /* fails when the time to stop is over, too */
  return gco_sleep_ns_cancellable (NULL, 0, NULL, error);
}

/* Returns: 0 if there is nothing more to come, -1 with an error */
static gssize gco_coroutine_fn
read_some (Connection *self,
           char       *buffer,
           GError    **error)
{
  gssize n = SOCKET_WOULD_BLOCK;

  while (n == SOCKET_WOULD_BLOCK)
    {
      if (!wait_for_more (self, error))
        return -1;
      n = socket_receive (self->fd, buffer, BUFFER_SIZE, error);
      if (n == SOCKET_WOULD_BLOCK && g_cancellable_is_cancelled (self->server->stopping))
        return 0;
    }
  return n;
}

static gboolean gco_coroutine_fn
write_all (Connection *self,
           const char *data,
           gssize      size,
           GError    **error)
{
  while (size > 0)
    {
      gssize n = socket_send (self->fd, data, size, error);

      if (n == -1)
        return FALSE;
      if (n == SOCKET_WOULD_BLOCK)
        {
          if (gco_wait_fd_until (
                  self->fd, G_IO_OUT, NULL, deadline (self->server), NULL, error) == 0)
            return FALSE;
          continue;
        }
      data += n;
      size -= n;
      self->server->statistics.n_bytes += n;
    }
  return TRUE;
}

/*
 * The end that the server brings about. If it just closed the connection, what is
 * still under way to the peer would be thrown away as soon as something comes from
 * there; so the peer is told, and whatever it says until it has heard is no matter.
 */
static void gco_coroutine_fn
take_leave (Connection *self,
            char       *buffer,
            GError    **error)
{
  gssize n = SOCKET_WOULD_BLOCK;

  if (!socket_finish (self->fd))
    return;
  while (n > 0 || n == SOCKET_WOULD_BLOCK)
    {
      if (gco_wait_fd_until (
              self->fd, G_IO_IN, NULL, deadline (self->server), NULL, error) == 0)
        return;
      n = socket_receive (self->fd, buffer, BUFFER_SIZE, error);
    }
}

static End
end_of (Server *server,
        GError *error)
{
  if (error == NULL)
    return g_cancellable_is_cancelled (server->stopping) ? END_STOPPED : END_BY_PEER;
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT))
    return END_TIMED_OUT;
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return END_CANCELLED;
  return END_RESET;
}

/* However it ends, that is no failure of the server, whose scope this is in. */
static gboolean gco_coroutine_fn
connection_run (GCancellable *cancellable,
                gpointer      user_data,
                GError      **error)
{
  Connection *self = user_data;
  g_autoptr (GError) problem = NULL;
  char   buffer[BUFFER_SIZE];
  gssize n;

  do
    n = read_some (self, buffer, &problem);
  while (n > 0 && write_all (self, buffer, n, &problem));
  if (problem == NULL && g_cancellable_is_cancelled (self->server->stopping))
    take_leave (self, buffer, &problem);
  self->server->statistics.n_ended[end_of (self->server, problem)]++;
  return TRUE;
}

static void
connection_free (gpointer user_data)
{
  Connection *self = user_data;
  Server     *server = self->server;

  close (self->fd);
  server->statistics.n_now--;
  gco_sleep_wake (&server->closed);
  gco_semaphore_release (&server->room);
  g_free (self);
}

void
connection_start (Server *server,
                  int     fd)
{
  Statistics *statistics = &server->statistics;
  Connection *self = g_new (Connection, 1);

  *self = (Connection){ server, fd };
  statistics->n_now++;
  statistics->n_most = MAX (statistics->n_most, statistics->n_now);
  gco_scope_spawn_full (server->scope,
                        NULL,
                        "connection",
                        STACK_SIZE,
                        connection_run,
                        self,
                        connection_free);
}
