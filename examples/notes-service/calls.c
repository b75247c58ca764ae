/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* From a message to a coroutine, and from its result to the answer. */

#include "calls.h"

/* A caller that never waits for an answer is told so, before it has all memory. */
#define MAX_CALLS 1024

static const char interface_xml[] =
    "<node>"
    " <interface name='" NOTES_NAME "'>"
    "  <method name='Add'>"
    "   <arg name='text' type='s' direction='in'/>"
    "   <arg name='id' type='x' direction='out'/>"
    "  </method>"
    "  <method name='Get'>"
    "   <arg name='id' type='x' direction='in'/>"
    "   <arg name='version' type='x' direction='out'/>"
    "   <arg name='text' type='s' direction='out'/>"
    "  </method>"
    "  <method name='Edit'>"
    "   <arg name='id' type='x' direction='in'/>"
    "   <arg name='version' type='x' direction='in'/>"
    "   <arg name='text' type='s' direction='in'/>"
    "   <arg name='new_version' type='x' direction='out'/>"
    "  </method>"
    "  <method name='Remove'>"
    "   <arg name='id' type='x' direction='in'/>"
    "  </method>"
    "  <method name='List'>"
    "   <arg name='notes' type='a(xxs)' direction='out'/>"
    "  </method>"
    "  <method name='Search'>"
    "   <arg name='word' type='s' direction='in'/>"
    "   <arg name='notes' type='a(xxs)' direction='out'/>"
    "  </method>"
    "  <method name='Count'>"
    "   <arg name='n' type='x' direction='out'/>"
    "  </method>"
    "  <property name='MostReaders' type='u' access='read'>"
    "   <annotation name='org.freedesktop.DBus.Property.EmitsChangedSignal' value='false'/>"
    "  </property>"
    " </interface>"
    "</node>";

typedef GVariant *gco_coroutine_fn (*StoreFunc) (Store        *store,
                                                 NotesFunc     func,
                                                 GVariant     *parameters,
                                                 GCancellable *cancellable,
                                                 GError      **error);

typedef struct
{
  const char *name;
  StoreFunc   hold;
  NotesFunc   func;
} Method;

static const Method methods[] = {
  { "Add", store_write, notes_add },
  { "Edit", store_write, notes_edit },
  { "Remove", store_write, notes_remove },
  { "Get", store_read, notes_get },
  { "List", store_read, notes_list },
  { "Search", store_read, notes_search },
  { "Count", store_read, notes_count },
};

typedef struct
{
  Store                 *store;
  const Method          *method;
  GDBusMethodInvocation *invocation; /* NULL when it was answered */
  GCancellable          *cancellable;
} Call;

/* Every path of a call ends with an answer. */
static void
call_free (gpointer user_data)
{
  Call *call = user_data;

  if (call->invocation != NULL)
    g_dbus_method_invocation_return_error_literal (call->invocation,
                                                   G_DBUS_ERROR,
                                                   G_DBUS_ERROR_NO_MEMORY,
                                                   "There is no memory for a coroutine");
  g_object_unref (call->cancellable);
  g_free (call);
}

/* That a call fails is its caller's business: the scope is told of none, for it
 * would cancel the others. */
static gboolean gco_coroutine_fn
call_run (GCancellable *cancellable,
          gpointer      user_data,
          GError      **error)
{
  Call                  *call = user_data;
  GDBusMethodInvocation *invocation = g_steal_pointer (&call->invocation);
  GVariant              *parameters = g_dbus_method_invocation_get_parameters (invocation);
  GError                *problem = NULL;
  GVariant              *reply;

  reply = call->method->hold (
      call->store, call->method->func, parameters, call->cancellable, &problem);
  if (reply != NULL)
    g_dbus_method_invocation_return_value (invocation, reply);
  else
    g_dbus_method_invocation_take_error (invocation, problem);
  return TRUE;
}

static const Method *
find_method (const char *name)
{
  for (gsize i = 0; i < G_N_ELEMENTS (methods); i++)
    if (g_str_equal (methods[i].name, name))
      return &methods[i];
  g_assert_not_reached ();
}

static void
on_call (GDBusConnection       *bus,
         const char            *sender,
         const char            *path,
         const char            *interface,
         const char            *name,
         GVariant              *parameters,
         GDBusMethodInvocation *invocation,
         gpointer               user_data)
{
  Calls *calls = user_data;
  Call  *call;

  if (gco_scope_get_n_running (calls->scope) >= MAX_CALLS)
    {
      g_dbus_method_invocation_return_error (invocation,
                                             G_DBUS_ERROR,
                                             G_DBUS_ERROR_LIMITS_EXCEEDED,
                                             "%d calls are waiting already",
                                             MAX_CALLS);
      return;
    }
  call = g_new (Call, 1);
  *call = (Call){ calls->store,
                  find_method (name),
                  invocation,
                  g_object_ref (callers_get_cancellable (&calls->callers, sender)) };
  gco_scope_spawn_full (calls->scope, NULL, name, 0, call_run, call, call_free);
}

static GVariant *
on_get_property (GDBusConnection *bus,
                 const char      *sender,
                 const char      *path,
                 const char      *interface,
                 const char      *name,
                 GError         **error,
                 gpointer         user_data)
{
  Calls *calls = user_data;

  return g_variant_new_uint32 (store_get_most_readers (calls->store));
}

/* From now on each call becomes a coroutine in scope. */
gboolean
calls_start (Calls           *calls,
             GDBusConnection *bus,
             Store           *store,
             GcoScope        *scope,
             GError         **error)
{
  static const GDBusInterfaceVTable vtable = { on_call, on_get_property, NULL };
  g_autoptr (GDBusNodeInfo) info = g_dbus_node_info_new_for_xml (interface_xml, error);

  if (info == NULL)
    return FALSE;
  calls->bus = bus;
  calls->store = store;
  calls->scope = scope;
  callers_init (&calls->callers, bus);
  calls->registration = g_dbus_connection_register_object (
      bus, NOTES_PATH, info->interfaces[0], &vtable, calls, NULL, error);
  return calls->registration != 0;
}

/* None is taken any more. Those that run still are to know who vanishes. */
void
calls_stop (Calls *calls)
{
  if (calls->registration != 0)
    g_dbus_connection_unregister_object (calls->bus, calls->registration);
  calls->registration = 0;
}

/* When all have ended. */
void
calls_clear (Calls *calls)
{
  callers_clear (&calls->callers);
}
