/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * One coroutine accepts, each connection is one more; all are in a scope, and who
 * joins it knows that nothing is left. No connection is accepted without a permit
 * of the semaphore, which it keeps to its end: as long as there is none, further
 * ones wait in the kernel's queue.
 */

#include "server.h"

#include <unistd.h>

#include "connection.h"
#include "socket.h"

/* What else runs on this system may have given back a descriptor. */
#define SHORTAGE_NS (100 * 1000 * 1000)

#define BATCH 16

gboolean
server_init (Server  *server,
             GError **error)
{
  server->listener = socket_listen (&server->port, error);
  if (server->listener < 0)
    return FALSE;
  gco_semaphore_init (&server->room, server->max);
  server->stopping = g_cancellable_new ();
  server->scope = gco_scope_new (NULL);
  return TRUE;
}

void
server_clear (Server *server)
{
  g_object_unref (server->scope);
  g_object_unref (server->stopping);
  if (server->listener >= 0)
    close (server->listener);
}

/* Returns: -1 with an error if the server stops, or cannot go on */
static gssize gco_coroutine_fn
accept_next (Server  *server,
             GError **error)
{
  for (;;)
    {
      GError *problem = NULL;
      gssize  fd = socket_accept (server->listener, &problem);

      if (fd >= 0)
        return fd;
      if (fd == SOCKET_WOULD_BLOCK)
        {
          if (gco_wait_fd (server->listener, G_IO_IN, server->stopping, error) == 0)
            return -1;
          continue;
        }
      if (g_error_matches (problem, G_IO_ERROR, G_IO_ERROR_TOO_MANY_OPEN_FILES))
        {
          /* the listening socket is ready all the time: to wait for it is none */
          g_clear_error (&problem);
          server->statistics.n_shortages++;
          gco_sleep_wait_ns_cancellable (
              &server->closed, NULL, SHORTAGE_NS, server->stopping, &problem);
        }
      if (problem != NULL)
        {
          g_propagate_error (error, problem);
          return -1;
        }
    }
}

/* The connections are to have their turns while many come at once. */
static gboolean gco_coroutine_fn
let_pass (Server  *server,
          guint    n,
          GError **error)
{
  return n % BATCH != 0 || gco_sleep_ns_cancellable (NULL, 0, server->stopping, error);
}

static gboolean gco_coroutine_fn
accept_all (GCancellable *cancellable,
            gpointer      user_data,
            GError      **error)
{
  Server *server = user_data;
  GError *problem = NULL;
  guint   n = 0;

  while (let_pass (server, ++n, &problem) &&
         gco_semaphore_acquire_cancellable (&server->room, server->stopping, &problem))
    {
      gssize fd = accept_next (server, &problem);

      if (fd < 0)
        break;
      connection_start (server, (int) fd);
    }
  /* who comes from here on is refused */
  close (server->listener);
  server->listener = -1;
  if (!g_error_matches (problem, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      g_propagate_error (error, problem);
      return FALSE;
    }
  g_error_free (problem);
  return TRUE;
}

gboolean gco_coroutine_fn
server_run (GCancellable *cancellable,
            gpointer      user_data,
            GError      **error)
{
  Server *server = user_data;
  g_autoptr (GError) problem = NULL;

  gco_scope_spawn_full (server->scope, NULL, "accept", 0, accept_all, server, NULL);
  if (gco_scope_join (server->scope, &problem) ||
      g_cancellable_is_cancelled (server->stopping))
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&problem));
  return FALSE;
}

void
server_stop (Server *server)
{
  gint64 now = gco_clock_get_time_ns (NULL);

  if (g_cancellable_is_cancelled (server->stopping))
    {
      gco_scope_cancel (server->scope);
      return;
    }
  gco_scope_set_deadline (server->scope, NULL, now + (gint64) (server->grace_s * 1e9));
  g_cancellable_cancel (server->stopping);
}
