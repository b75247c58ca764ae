/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Sockets and subprocesses. */

#include "gco-gio.h"

#include "../gco-coroutine.h"
#include "gco-gio-private.h"

typedef struct
{
  GSocketClient *client;
  const char    *host_and_port;
  guint16        default_port;
  GcoGioCall    *call;
} Connect;

/* It emits signals. */
static void
start_to_connect (gpointer user_data)
{
  Connect *args = user_data;

  g_socket_client_connect_to_host_async (args->client,
                                         args->host_and_port,
                                         args->default_port,
                                         GCO_GIO_LAST (*args->call));
}

/**
 * gco_socket_client_connect_to_host: (skip)
 * @client: a client
 * @host_and_port: where to
 * @default_port: if @host_and_port has none
 * @cancellable: (nullable): what may end the call
 * @error: return location for an error
 *
 * Like [method@Gio.SocketClient.connect_to_host], while others run. Coroutine only;
 * yields.
 *
 * Handlers of [signal@Gio.SocketClient::event] are called outside of coroutines.
 *
 * Returns: (transfer full): a connection; NULL with @error
 *
 * Since: 1.0
 */
GSocketConnection *
gco_socket_client_connect_to_host (GSocketClient *client,
                                   const char    *host_and_port,
                                   guint16        default_port,
                                   GCancellable  *cancellable,
                                   GError       **error)
{
  GCO_GIO_CHECK (G_IS_SOCKET_CLIENT (client), cancellable, error, NULL);
  g_return_val_if_fail (host_and_port != NULL, NULL);

  GCO_GIO_CALL (call, cancellable);
  Connect args = { client, host_and_port, default_port, &call };

  gco_coroutine_call_outside (start_to_connect, &args);
  return g_socket_client_connect_to_host_finish (client,
                                                 gco_gio_call_wait (&call),
                                                 error);
}

/**
 * gco_socket_listener_accept: (skip)
 * @listener: a listener
 * @source_object: (out) (optional) (nullable) (transfer none): what the address was
 *   added with
 * @cancellable: (nullable): what may end the call
 * @error: return location for an error
 *
 * Like [method@Gio.SocketListener.accept], while others run. Coroutine only; yields.
 *
 * Returns: (transfer full): a connection; NULL with @error
 *
 * Since: 1.0
 */
GSocketConnection *
gco_socket_listener_accept (GSocketListener *listener,
                            GObject        **source_object,
                            GCancellable    *cancellable,
                            GError         **error)
{
  GCO_GIO_CHECK (G_IS_SOCKET_LISTENER (listener), cancellable, error, NULL);

  GCO_GIO_CALL (call, cancellable);
  g_socket_listener_accept_async (listener, GCO_GIO_LAST (call));
  return g_socket_listener_accept_finish (listener,
                                          gco_gio_call_wait (&call),
                                          source_object,
                                          error);
}

/**
 * gco_subprocess_wait_check: (skip)
 * @subprocess: a subprocess
 * @cancellable: (nullable): what may end the call
 * @error: return location for an error
 *
 * Like [method@Gio.Subprocess.wait_check], while others run. Coroutine only; yields.
 *
 * Returns: TRUE if it ended well; FALSE with @error
 *
 * Since: 1.0
 */
gboolean
gco_subprocess_wait_check (GSubprocess  *subprocess,
                           GCancellable *cancellable,
                           GError      **error)
{
  GCO_GIO_CHECK (G_IS_SUBPROCESS (subprocess), cancellable, error, FALSE);

  GCO_GIO_CALL (call, cancellable);
  g_subprocess_wait_check_async (subprocess, GCO_GIO_LAST (call));
  return g_subprocess_wait_check_finish (subprocess, gco_gio_call_wait (&call), error);
}

/**
 * gco_subprocess_communicate_utf8: (skip)
 * @subprocess: a subprocess
 * @stdin_buf: (nullable): what it is to read
 * @cancellable: (nullable): what may end the call
 * @stdout_buf: (out) (optional) (nullable): what it wrote
 * @stderr_buf: (out) (optional) (nullable): what it complained of
 * @error: return location for an error
 *
 * Like [method@Gio.Subprocess.communicate_utf8], while others run. Coroutine only;
 * yields.
 *
 * Returns: TRUE, or FALSE with @error
 *
 * Since: 1.0
 */
gboolean
gco_subprocess_communicate_utf8 (GSubprocess  *subprocess,
                                 const char   *stdin_buf,
                                 GCancellable *cancellable,
                                 char        **stdout_buf,
                                 char        **stderr_buf,
                                 GError      **error)
{
  GCO_GIO_CHECK (G_IS_SUBPROCESS (subprocess), cancellable, error, FALSE);
  g_return_val_if_fail (!stdin_buf || g_subprocess_get_stdin_pipe (subprocess), FALSE);

  GCO_GIO_CALL (call, cancellable);
  g_subprocess_communicate_utf8_async (subprocess, stdin_buf, GCO_GIO_LAST (call));
  return g_subprocess_communicate_utf8_finish (subprocess,
                                               gco_gio_call_wait (&call),
                                               stdout_buf,
                                               stderr_buf,
                                               error);
}
