/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The network, D-Bus and other processes: the asynchronous calls of GIO, awaited. */

#include "gco-gio.h"

#include "gco-await-private.h"

/**
 * gco_socket_client_connect_to_host: (skip)
 * @client: a client
 * @host_and_port: a name or an address, with a port or without
 * @default_port: the port if @host_and_port has none
 * @cancellable: (nullable): what cancels it; NULL for that of the scope of the running
 *   coroutine
 * @error: return location for an error
 *
 * Like [method@Gio.SocketClient.connect_to_host], while others go on here. Coroutine
 * only; yields.
 *
 * Returns: (transfer full) (nullable): a connection; NULL with @error
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
  GcoAwait await;
  g_autoptr (GAsyncResult) result = NULL;

  g_socket_client_connect_to_host_async (client,
                                         host_and_port,
                                         default_port,
                                         gco_await_begin (&await, cancellable),
                                         gco_await_ready,
                                         &await);
  result = gco_await (&await);
  return g_socket_client_connect_to_host_finish (client, result, error);
}

/**
 * gco_socket_listener_accept: (skip)
 * @listener: a listener
 * @source_object: (out) (optional) (nullable) (transfer none): what was given with the
 *   address
 * @cancellable: (nullable): what cancels it; NULL for that of the scope of the running
 *   coroutine
 * @error: return location for an error
 *
 * Like [method@Gio.SocketListener.accept], while others go on here. Coroutine only;
 * yields.
 *
 * Returns: (transfer full) (nullable): a connection; NULL with @error
 *
 * Since: 1.0
 */
GSocketConnection *
gco_socket_listener_accept (GSocketListener *listener,
                            GObject        **source_object,
                            GCancellable    *cancellable,
                            GError         **error)
{
  GcoAwait await;
  g_autoptr (GAsyncResult) result = NULL;

  g_socket_listener_accept_async (listener,
                                  gco_await_begin (&await, cancellable),
                                  gco_await_ready,
                                  &await);
  result = gco_await (&await);
  return g_socket_listener_accept_finish (listener, result, source_object, error);
}

/**
 * gco_bus_get: (skip)
 * @bus_type: which bus
 * @cancellable: (nullable): what cancels it; NULL for that of the scope of the running
 *   coroutine
 * @error: return location for an error
 *
 * Like [func@Gio.bus_get_sync], while others go on here. Coroutine only; yields.
 *
 * Returns: (transfer full) (nullable): a connection; NULL with @error
 *
 * Since: 1.0
 */
GDBusConnection *
gco_bus_get (GBusType      bus_type,
             GCancellable *cancellable,
             GError      **error)
{
  GcoAwait await;
  g_autoptr (GAsyncResult) result = NULL;

  g_bus_get (bus_type, gco_await_begin (&await, cancellable), gco_await_ready, &await);
  result = gco_await (&await);
  return g_bus_get_finish (result, error);
}

/**
 * gco_dbus_connection_call: (skip)
 * @connection: a connection
 * @bus_name: (nullable): whom to call; NULL if @connection is to a peer
 * @object_path: which object
 * @interface_name: which interface
 * @method_name: which method
 * @parameters: (nullable): a tuple; one that is floating is consumed
 * @reply_type: (nullable): what the reply must be
 * @flags: how to call
 * @timeout_msec: how long to wait for the reply, in ms; -1 for the default
 * @cancellable: (nullable): what cancels it; NULL for that of the scope of the running
 *   coroutine
 * @error: return location for an error
 *
 * Like [method@Gio.DBusConnection.call_sync], while others go on here. Coroutine only;
 * yields.
 *
 * Returns: (transfer full) (nullable): the reply; NULL with @error
 *
 * Since: 1.0
 */
GVariant *
gco_dbus_connection_call (GDBusConnection    *connection,
                          const char         *bus_name,
                          const char         *object_path,
                          const char         *interface_name,
                          const char         *method_name,
                          GVariant           *parameters,
                          const GVariantType *reply_type,
                          GDBusCallFlags      flags,
                          int                 timeout_msec,
                          GCancellable       *cancellable,
                          GError            **error)
{
  GcoAwait await;
  g_autoptr (GAsyncResult) result = NULL;

  g_dbus_connection_call (connection,
                          bus_name,
                          object_path,
                          interface_name,
                          method_name,
                          parameters,
                          reply_type,
                          flags,
                          timeout_msec,
                          gco_await_begin (&await, cancellable),
                          gco_await_ready,
                          &await);
  result = gco_await (&await);
  return g_dbus_connection_call_finish (connection, result, error);
}

/**
 * gco_dbus_proxy_call: (skip)
 * @proxy: a proxy
 * @method_name: which method
 * @parameters: (nullable): a tuple; one that is floating is consumed
 * @flags: how to call
 * @timeout_msec: how long to wait for the reply, in ms; -1 for the default
 * @cancellable: (nullable): what cancels it; NULL for that of the scope of the running
 *   coroutine
 * @error: return location for an error
 *
 * Like [method@Gio.DBusProxy.call_sync], while others go on here. Coroutine only;
 * yields.
 *
 * Returns: (transfer full) (nullable): the reply; NULL with @error
 *
 * Since: 1.0
 */
GVariant *
gco_dbus_proxy_call (GDBusProxy    *proxy,
                     const char    *method_name,
                     GVariant      *parameters,
                     GDBusCallFlags flags,
                     int            timeout_msec,
                     GCancellable  *cancellable,
                     GError       **error)
{
  GcoAwait await;
  g_autoptr (GAsyncResult) result = NULL;

  g_dbus_proxy_call (proxy,
                     method_name,
                     parameters,
                     flags,
                     timeout_msec,
                     gco_await_begin (&await, cancellable),
                     gco_await_ready,
                     &await);
  result = gco_await (&await);
  return g_dbus_proxy_call_finish (proxy, result, error);
}

/**
 * gco_subprocess_wait_check: (skip)
 * @subprocess: a process
 * @cancellable: (nullable): what cancels it; NULL for that of the scope of the running
 *   coroutine
 * @error: return location for an error
 *
 * Like [method@Gio.Subprocess.wait_check], while others go on here. Coroutine only;
 * yields.
 *
 * Returns: TRUE if it ended with exit code 0; FALSE with @error
 *
 * Since: 1.0
 */
gboolean
gco_subprocess_wait_check (GSubprocess  *subprocess,
                           GCancellable *cancellable,
                           GError      **error)
{
  GcoAwait await;
  g_autoptr (GAsyncResult) result = NULL;

  g_subprocess_wait_check_async (subprocess,
                                 gco_await_begin (&await, cancellable),
                                 gco_await_ready,
                                 &await);
  result = gco_await (&await);
  return g_subprocess_wait_check_finish (subprocess, result, error);
}

/**
 * gco_subprocess_communicate_utf8: (skip)
 * @subprocess: a process
 * @stdin_buf: (nullable): what it reads
 * @cancellable: (nullable): what cancels it; NULL for that of the scope of the running
 *   coroutine
 * @stdout_buf: (out) (optional) (nullable) (transfer full): what it wrote
 * @stderr_buf: (out) (optional) (nullable) (transfer full): what it wrote to tell of
 *   errors
 * @error: return location for an error
 *
 * Like [method@Gio.Subprocess.communicate_utf8], while others go on here. Coroutine
 * only; yields.
 *
 * Returns: TRUE; FALSE with @error
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
  GcoAwait await;
  g_autoptr (GAsyncResult) result = NULL;

  g_subprocess_communicate_utf8_async (subprocess,
                                       stdin_buf,
                                       gco_await_begin (&await, cancellable),
                                       gco_await_ready,
                                       &await);
  result = gco_await (&await);
  return g_subprocess_communicate_utf8_finish (subprocess,
                                               result,
                                               stdout_buf,
                                               stderr_buf,
                                               error);
}
