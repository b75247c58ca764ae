/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Who calls, as long as it is on the bus. Its calls are for nobody afterwards. */

#include "callers.h"

typedef struct
{
  GCancellable *cancellable;
  guint         watch;
} Caller;

static void
caller_free (gpointer user_data)
{
  Caller *caller = user_data;

  g_bus_unwatch_name (caller->watch);
  g_object_unref (caller->cancellable);
  g_free (caller);
}

void
callers_init (Callers         *callers,
              GDBusConnection *bus)
{
  callers->bus = bus;
  callers->by_name = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, caller_free);
}

void
callers_clear (Callers *callers)
{
  g_clear_pointer (&callers->by_name, g_hash_table_unref);
}

static void
on_vanished (GDBusConnection *bus,
             const char      *name,
             gpointer         user_data)
{
  Callers *callers = user_data;
  Caller  *caller = g_hash_table_lookup (callers->by_name, name);

  g_cancellable_cancel (caller->cancellable);
  g_hash_table_remove (callers->by_name, name);
}

/* Returns: (transfer none): cancelled when name, a unique one, leaves the bus */
GCancellable *
callers_get_cancellable (Callers    *callers,
                         const char *name)
{
  Caller *caller = g_hash_table_lookup (callers->by_name, name);

  if (caller == NULL)
    {
      caller = g_new (Caller, 1);
      caller->cancellable = g_cancellable_new ();
      caller->watch = g_bus_watch_name_on_connection (callers->bus,
                                                      name,
                                                      G_BUS_NAME_WATCHER_FLAGS_NONE,
                                                      NULL,
                                                      on_vanished,
                                                      callers,
                                                      NULL);
      g_hash_table_insert (callers->by_name, g_strdup (name), caller);
    }
  return caller->cancellable;
}
