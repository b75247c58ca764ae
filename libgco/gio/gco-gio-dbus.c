/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* D-Bus. */

#include "gco-gio.h"

#include "gco-gio-private.h"

static gboolean
is_interface (const char *name)
{
  return name != NULL && g_dbus_is_interface_name (name);
}

static gboolean
is_tuple (GVariant *parameters)
{
  return parameters == NULL || g_variant_is_of_type (parameters, G_VARIANT_TYPE_TUPLE);
}

/* "Method" or "org.gtk.Interface.Method" */
static gboolean
is_method_name (const char *name)
{
  return name != NULL && (g_dbus_is_member_name (name) || is_interface (name));
}

/**
 * gco_dbus_connection_call: (skip)
 * @connection: a connection
 * @bus_name: (nullable): whom to call; NULL only if @connection is to no bus
 * @object_path: which object
 * @interface_name: which interface
 * @method_name: which method
 * @parameters: (nullable): a tuple, taken if it is floating
 * @reply_type: (nullable): the type that is expected, a tuple
 * @flags: flags
 * @timeout_msec: how long it may take, in ms; -1 for the usual, G_MAXINT for ever
 * @cancellable: (nullable): what may end the call
 * @error: return location for an error
 *
 * Like [method@Gio.DBusConnection.call_sync], while others run. Coroutine only;
 * yields.
 *
 * Returns: (transfer full): a tuple; NULL with @error
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
  GCO_GIO_CHECK (G_IS_DBUS_CONNECTION (connection), cancellable, error, NULL);
  g_return_val_if_fail (bus_name == NULL || g_dbus_is_name (bus_name), NULL);
  g_return_val_if_fail (object_path != NULL && g_variant_is_object_path (object_path),
                        NULL);
  g_return_val_if_fail (is_interface (interface_name), NULL);
  g_return_val_if_fail (method_name != NULL && g_dbus_is_member_name (method_name),
                        NULL);
  g_return_val_if_fail (timeout_msec >= -1, NULL);
  g_return_val_if_fail (is_tuple (parameters), NULL);

  GCO_GIO_CALL (call, cancellable);
  g_dbus_connection_call (connection,
                          bus_name,
                          object_path,
                          interface_name,
                          method_name,
                          parameters,
                          reply_type,
                          flags,
                          timeout_msec,
                          GCO_GIO_LAST (call));
  return g_dbus_connection_call_finish (connection, gco_gio_call_wait (&call), error);
}

/**
 * gco_dbus_proxy_call: (skip)
 * @proxy: a proxy
 * @method_name: which method, of the interface of @proxy or with another before it
 * @parameters: (nullable): a tuple, taken if it is floating
 * @flags: flags
 * @timeout_msec: how long it may take, in ms; -1 for the usual, G_MAXINT for ever
 * @cancellable: (nullable): what may end the call
 * @error: return location for an error
 *
 * Like [method@Gio.DBusProxy.call_sync], while others run. Coroutine only; yields.
 *
 * Returns: (transfer full): a tuple; NULL with @error
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
  GCO_GIO_CHECK (G_IS_DBUS_PROXY (proxy), cancellable, error, NULL);
  g_return_val_if_fail (is_method_name (method_name), NULL);
  g_return_val_if_fail (timeout_msec >= -1, NULL);
  g_return_val_if_fail (is_tuple (parameters), NULL);

  GCO_GIO_CALL (call, cancellable);
  g_dbus_proxy_call (proxy,
                     method_name,
                     parameters,
                     flags,
                     timeout_msec,
                     GCO_GIO_LAST (call));
  return g_dbus_proxy_call_finish (proxy, gco_gio_call_wait (&call), error);
}

/**
 * gco_bus_get: (skip)
 * @bus_type: which
 * @cancellable: (nullable): what may end the call
 * @error: return location for an error
 *
 * Like [func@Gio.bus_get_sync], while others run. Coroutine only; yields.
 *
 * Returns: (transfer full): the connection, which others use too; NULL with @error
 *
 * Since: 1.0
 */
GDBusConnection *
gco_bus_get (GBusType      bus_type,
             GCancellable *cancellable,
             GError      **error)
{
  GCO_GIO_CHECK (bus_type != G_BUS_TYPE_NONE, cancellable, error, NULL);

  GCO_GIO_CALL (call, cancellable);
  g_bus_get (bus_type, GCO_GIO_LAST (call));
  return g_bus_get_finish (gco_gio_call_wait (&call), error);
}
