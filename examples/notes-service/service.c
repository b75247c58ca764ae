/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The life of the service, from its first to its last line: open the database,
 * take the name, wait, give the name back, let the calls end, close.
 */

#include "service.h"

/* of RequestName, in the specification of D-Bus */
#define DO_NOT_QUEUE 4
#define PRIMARY_OWNER 1

static GVariant *gco_coroutine_fn
call_bus (GDBusConnection    *bus,
          const char         *method,
          GVariant           *parameters,
          const GVariantType *type,
          GError            **error)
{
  return gco_dbus_connection_call (bus,
                                   "org.freedesktop.DBus",
                                   "/org/freedesktop/DBus",
                                   "org.freedesktop.DBus",
                                   method,
                                   parameters,
                                   type,
                                   G_DBUS_CALL_FLAGS_NONE,
                                   -1,
                                   NULL,
                                   error);
}

static gboolean gco_coroutine_fn
take_name (GDBusConnection *bus,
           GError         **error)
{
  g_autoptr (GVariant) reply = NULL;
  guint what;

  reply = call_bus (bus,
                    "RequestName",
                    g_variant_new ("(su)", NOTES_NAME, DO_NOT_QUEUE),
                    G_VARIANT_TYPE ("(u)"),
                    error);
  if (reply == NULL)
    return FALSE;
  g_variant_get (reply, "(u)", &what);
  if (what == PRIMARY_OWNER)
    return TRUE;
  g_set_error (error,
               G_IO_ERROR,
               G_IO_ERROR_EXISTS,
               "Another program has the name %s already",
               NOTES_NAME);
  return FALSE;
}

/* The bus sends in order: when it has answered, all calls that were made by the
 * name have arrived before. Those that are made later, it turns away itself. */
static void gco_coroutine_fn
give_name_back (GDBusConnection *bus)
{
  g_autoptr (GVariant) reply = NULL;

  reply = call_bus (
      bus, "ReleaseName", g_variant_new ("(s)", NOTES_NAME), G_VARIANT_TYPE ("(u)"), NULL);
}

/* The answers are on their way only when this has returned. */
static void gco_coroutine_fn
flush (GDBusConnection *bus)
{
  GcoAwait await = GCO_AWAIT_INIT;
  g_autoptr (GAsyncResult) result = NULL;

  g_dbus_connection_flush (bus, NULL, gco_await_ready, &await);
  result = gco_await (&await);
  g_dbus_connection_flush_finish (bus, result, NULL);
}

static void
on_closed (GDBusConnection *bus,
           gboolean         by_bus,
           GError          *error,
           gpointer         user_data)
{
  service_stop (user_data);
}

static gboolean gco_coroutine_fn
connect_to_bus (Service *service,
                GError **error)
{
  service->bus = gco_bus_get (G_BUS_TYPE_SESSION, NULL, error);
  if (service->bus == NULL)
    return FALSE;
  /* else the end of the bus is that of the process, calls or not */
  g_dbus_connection_set_exit_on_close (service->bus, FALSE);
  g_signal_connect (service->bus, "closed", G_CALLBACK (on_closed), service);
  return TRUE;
}

static gboolean gco_coroutine_fn
start (Service *service,
       GError **error)
{
  service->store = store_open (service->path, error);
  return service->store != NULL && connect_to_bus (service, error) &&
         calls_start (&service->calls, service->bus, service->store, service->scope, error) &&
         take_name (service->bus, error);
}

/* A GcoRunFunc, of a Service that has a path. */
gboolean gco_coroutine_fn
service_run (GCancellable *cancellable,
             gpointer      user_data,
             GError      **error)
{
  Service *service = user_data;
  gboolean ok;

  service->scope = gco_scope_new (NULL);
  ok = start (service, error);
  if (ok)
    {
      /* the scope ends it as well, when there is no memory for a coroutine */
      gco_sleep_wait_ns_cancellable (
          &service->stop, NULL, -1, gco_scope_get_cancellable (service->scope), NULL);
      give_name_back (service->bus);
    }
  calls_stop (&service->calls);
  if (!gco_scope_join (service->scope, ok ? error : NULL))
    ok = FALSE;
  if (service->bus != NULL)
    flush (service->bus);
  if (service->store != NULL)
    store_close (g_steal_pointer (&service->store));
  return ok;
}

/* Calls that were taken are answered first. Any thread. */
void
service_stop (Service *service)
{
  gco_sleep_wake (&service->stop);
}

/* Outside of coroutines. */
void
service_clear (Service *service)
{
  calls_clear (&service->calls);
  if (service->bus != NULL)
    g_signal_handlers_disconnect_by_data (service->bus, service);
  g_clear_object (&service->bus);
  g_clear_object (&service->scope);
  g_clear_pointer (&service->path, g_free);
}
