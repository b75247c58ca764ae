/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The twins of GIO's functions for sockets, subprocesses and D-Bus. */

#include "gco-test-actor.h"

#include <sys/socket.h>

/* -------------------------------------------------------------------- sockets */

typedef struct
{
  GSocketListener *listener;
  GObject         *given; /* with the address */
  guint16          port;
  guint            n_events;
  int              n_left;
  gboolean         done;
} Net;

static void
leave (Net *net)
{
  net->done = --net->n_left == 0;
}

static void
serve (gpointer user_data)
{
  Net *net = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GSocketConnection) connection = NULL;
  GOutputStream *output;
  GInputStream  *input;
  GObject       *source = NULL;
  gssize         n;

  connection = gco_socket_listener_accept (net->listener, &source, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (source == net->given);
  input = g_io_stream_get_input_stream (G_IO_STREAM (connection));
  output = g_io_stream_get_output_stream (G_IO_STREAM (connection));
  n = gco_output_stream_splice (output, input, G_OUTPUT_STREAM_SPLICE_NONE, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (n, ==, 5);
  g_assert_true (gco_io_stream_close (G_IO_STREAM (connection), NULL, &error));
  leave (net);
}

static void
note_event (GSocketClient     *client,
            GSocketClientEvent event,
            gpointer           connectable,
            gpointer           connection,
            Net               *net)
{
  g_assert_false (gco_in_coroutine ());
  net->n_events++;
}

static void
talk (gpointer user_data)
{
  Net *net = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  g_autoptr (GSocketConnection) connection = NULL;
  GOutputStream *output;
  GInputStream  *input;
  GSocket       *socket;
  char           buffer[10];
  gsize          n;

  g_socket_client_set_enable_proxy (client, FALSE);
  g_signal_connect (client, "event", G_CALLBACK (note_event), net);
  connection =
      gco_socket_client_connect_to_host (client, "127.0.0.1", net->port, NULL, &error);
  g_assert_no_error (error);
  input = g_io_stream_get_input_stream (G_IO_STREAM (connection));
  output = g_io_stream_get_output_stream (G_IO_STREAM (connection));
  g_assert_true (gco_output_stream_write_all (output, "hello", 5, NULL, NULL, &error));
  socket = g_socket_connection_get_socket (connection);
  g_assert_true (g_socket_shutdown (socket, FALSE, TRUE, &error));
  g_assert_true (gco_input_stream_read_all (input, buffer, 10, &n, NULL, &error));
  g_assert_cmpmem (buffer, n, "hello", 5);
  g_assert_cmpuint (net->n_events, >=, 4);
  leave (net);
}

static void
test_sockets (GcoTest *t)
{
  g_autoptr (GSocketListener) listener = g_socket_listener_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (GObject) given = g_object_new (G_TYPE_OBJECT, NULL);
  Net net = { .listener = listener, .given = given, .n_left = 2 };

  net.port = g_socket_listener_add_any_inet_port (listener, net.given, &error);
  g_assert_no_error (error);
  gco_test_spawn (t, serve, &net);
  gco_test_spawn (t, talk, &net);
  gco_test_run_until (t, &net.done);
  g_socket_listener_close (listener);
}

static gboolean
do_accept (Actor   *self,
           gpointer listener)
{
  g_autoptr (GSocketConnection) connection =
      gco_socket_listener_accept (listener, NULL, self->cancellable, &self->error);

  return connection != NULL;
}

static void
test_accept_cancelled (GcoTest *t)
{
  g_autoptr (GSocketListener) listener = g_socket_listener_new ();
  Actor *a = actor_new (t, "A");

  g_assert_cmpint (g_socket_listener_add_any_inet_port (listener, NULL, NULL), >, 0);
  actor_do (a, do_accept, listener);
  assert_waits (a);
  g_cancellable_cancel (a->cancellable);
  while (a->waits)
    gco_test_iterate_blocking (t);
  actor_assert_cancelled (a);
  g_socket_listener_close (listener);
  gco_test_drain (t);
  actor_end (a);
}

/* --------------------------------------------------------------- subprocesses */

static void
use_subprocesses (gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GSubprocess) cat = g_subprocess_new (G_SUBPROCESS_FLAGS_STDIN_PIPE |
                                                      G_SUBPROCESS_FLAGS_STDOUT_PIPE,
                                                  &error,
                                                  "cat",
                                                  NULL);
  g_autoptr (GSubprocess) bad =
      g_subprocess_new (G_SUBPROCESS_FLAGS_NONE, &error, "sh", "-c", "exit 3", NULL);
  g_autofree char *output = NULL;

  g_assert_no_error (error);
  g_assert_true (
      gco_subprocess_communicate_utf8 (cat, "meow", NULL, &output, NULL, &error));
  g_assert_cmpstr (output, ==, "meow");
  g_assert_true (gco_subprocess_wait_check (cat, NULL, &error));
  g_assert_false (gco_subprocess_wait_check (bad, NULL, &error));
  g_assert_error (error, G_SPAWN_EXIT_ERROR, 3);
}

static void
test_subprocesses (GcoTest *t)
{
  gco_test_run (t, use_subprocesses, NULL);
}

static gboolean
do_wait_check (Actor   *self,
               gpointer subprocess)
{
  return gco_subprocess_wait_check (subprocess, self->cancellable, &self->error);
}

static void
test_subprocess_cancelled (GcoTest *t)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GSubprocess) cat = g_subprocess_new (G_SUBPROCESS_FLAGS_STDIN_PIPE,
                                                  &error,
                                                  "cat",
                                                  NULL);
  Actor *a = actor_new (t, "A");

  g_assert_no_error (error);
  actor_do (a, do_wait_check, cat);
  assert_waits (a);
  g_cancellable_cancel (a->cancellable);
  while (a->waits)
    gco_test_iterate_blocking (t);
  actor_assert_cancelled (a);

  g_cancellable_reset (a->cancellable);
  g_output_stream_close (g_subprocess_get_stdin_pipe (cat), NULL, NULL);
  actor_tell (a, do_wait_check, cat);
  while (a->waits)
    gco_test_iterate_blocking (t);
  actor_assert_succeeded (a);
  actor_end (a);
}

/* ---------------------------------------------------------------------- D-Bus */

#define SERVER G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_SERVER

typedef struct
{
  GDBusConnection       *ends[2];
  guint                  n_open;
  gboolean               open;
  GDBusMethodInvocation *held; /* of the method that does not answer */
} Bus;

static void
answer (GDBusConnection       *connection,
        const char            *sender,
        const char            *path,
        const char            *interface,
        const char            *method,
        GVariant              *parameters,
        GDBusMethodInvocation *invocation,
        gpointer               user_data)
{
  Bus *bus = user_data;
  int  n;

  if (g_str_equal (method, "Hold"))
    {
      bus->held = invocation;
      return;
    }
  g_variant_get (parameters, "(i)", &n);
  g_dbus_method_invocation_return_value (invocation, g_variant_new ("(i)", 2 * n));
}

static void
note_open (GObject      *source_object,
           GAsyncResult *result,
           gpointer      user_data)
{
  Bus *bus = user_data;
  g_autoptr (GError) error = NULL;
  GDBusConnection     *end = g_dbus_connection_new_finish (result, &error);
  GDBusConnectionFlags flags;

  g_assert_no_error (error);
  flags = g_dbus_connection_get_flags (end);
  bus->ends[flags & SERVER ? 0 : 1] = end;
  bus->open = ++bus->n_open == 2;
}

static void
open_end (Bus                 *bus,
          int                  fd,
          GDBusConnectionFlags flags)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GSocket) socket = g_socket_new_from_fd (fd, &error);
  g_autoptr (GSocketConnection) stream = NULL;
  g_autofree char *guid = g_dbus_generate_guid ();

  g_assert_no_error (error);
  stream = g_socket_connection_factory_create_connection (socket);
  g_dbus_connection_new (G_IO_STREAM (stream),
                         flags & SERVER ? guid : NULL,
                         flags,
                         NULL,
                         NULL,
                         note_open,
                         bus);
}

static void
open_bus (GcoTest *t,
          Bus     *bus)
{
  static const GDBusInterfaceVTable vtable = { answer, NULL, NULL, { NULL } };
  g_autoptr (GDBusNodeInfo) node =
      g_dbus_node_info_new_for_xml ("<node><interface name='org.gco.Test'>"
                                    "<method name='Hold'/>"
                                    "<method name='Double'>"
                                    "<arg type='i' direction='in'/>"
                                    "<arg type='i' direction='out'/>"
                                    "</method></interface></node>",
                                    NULL);
  g_autoptr (GError) error = NULL;
  int fds[2];

  g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), ==, 0);
  open_end (bus,
            fds[0],
            SERVER | G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_ALLOW_ANONYMOUS);
  open_end (bus, fds[1], G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT);
  gco_test_run_until (t, &bus->open);
  g_dbus_connection_register_object (bus->ends[0],
                                     "/org/gco/Test",
                                     node->interfaces[0],
                                     &vtable,
                                     bus,
                                     NULL,
                                     &error);
  g_assert_no_error (error);
}

static void
on_done (GObject      *source_object,
         GAsyncResult *result,
         gpointer      done)
{
  *(gboolean *) done = TRUE;
}

static void
close_bus (GcoTest *t,
           Bus     *bus)
{
  for (int i = 0; i < 2; i++)
    {
      gboolean done = FALSE;

      g_dbus_connection_close (bus->ends[i], NULL, on_done, &done);
      gco_test_run_until (t, &done);
      g_object_unref (bus->ends[i]);
    }
}

static GVariant *
call_double (Bus        *bus,
             const char *method,
             GVariant   *parameters,
             GError    **error)
{
  return gco_dbus_connection_call (bus->ends[1],
                                   NULL,
                                   "/org/gco/Test",
                                   "org.gco.Test",
                                   method,
                                   parameters,
                                   G_VARIANT_TYPE ("(i)"),
                                   G_DBUS_CALL_FLAGS_NONE,
                                   -1,
                                   NULL,
                                   error);
}

static void
use_bus (gpointer user_data)
{
  Bus *bus = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) result = NULL;
  int n;

  result = call_double (bus, "Double", g_variant_new ("(i)", 21), &error);
  g_assert_no_error (error);
  g_variant_get (result, "(i)", &n);
  g_assert_cmpint (n, ==, 42);
  g_assert_null (call_double (bus, "Nothing", NULL, &error));
  g_assert_error (error, G_DBUS_ERROR, G_DBUS_ERROR_UNKNOWN_METHOD);

  /* a name that is none: GIO would not call back */
  g_test_expect_message ("Gco", G_LOG_LEVEL_CRITICAL, "*gco_dbus_connection_call:*");
  g_assert_null (call_double (bus, "no method", NULL, NULL));
  g_test_assert_expected_messages ();
}

static void
use_proxy (gpointer user_data)
{
  Bus *bus = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GDBusProxy) proxy = NULL;
  g_autoptr (GAsyncResult) made = NULL;
  g_autoptr (GVariant) result = NULL;
  g_autoptr (GVariant) other = NULL;
  GcoAwait await = GCO_AWAIT_INIT;

  g_dbus_proxy_new (bus->ends[1],
                    G_DBUS_PROXY_FLAGS_DO_NOT_LOAD_PROPERTIES,
                    NULL,
                    NULL,
                    "/org/gco/Test",
                    "org.gco.Test",
                    NULL,
                    gco_await_ready,
                    &await);
  made = gco_await (&await);
  proxy = g_dbus_proxy_new_finish (made, &error);
  g_assert_no_error (error);
  result = gco_dbus_proxy_call (proxy,
                                "Double",
                                g_variant_new ("(i)", 4),
                                G_DBUS_CALL_FLAGS_NONE,
                                -1,
                                NULL,
                                &error);
  g_assert_no_error (error);
  g_assert_cmpint (g_variant_n_children (result), ==, 1);
  other = gco_dbus_proxy_call (proxy,
                               "org.freedesktop.DBus.Peer.Ping",
                               NULL,
                               G_DBUS_CALL_FLAGS_NONE,
                               -1,
                               NULL,
                               &error);
  g_assert_no_error (error);
  g_assert_cmpint (g_variant_n_children (other), ==, 0);
}

static gboolean
do_hold (Actor   *self,
         gpointer user_data)
{
  Bus *bus = user_data;
  g_autoptr (GVariant) result = gco_dbus_connection_call (bus->ends[1],
                                                          NULL,
                                                          "/org/gco/Test",
                                                          "org.gco.Test",
                                                          "Hold",
                                                          NULL,
                                                          NULL,
                                                          G_DBUS_CALL_FLAGS_NONE,
                                                          -1,
                                                          self->cancellable,
                                                          &self->error);

  return result != NULL;
}

static void
test_bus (GcoTest *t)
{
  Bus    bus = { { NULL, NULL }, 0, FALSE, NULL };
  Actor *a = actor_new (t, "A");

  open_bus (t, &bus);
  gco_test_run (t, use_bus, &bus);
  gco_test_run (t, use_proxy, &bus);

  actor_tell (a, do_hold, &bus);
  while (bus.held == NULL)
    gco_test_iterate_blocking (t);
  assert_waits (a);
  g_cancellable_cancel (a->cancellable);
  while (a->waits)
    gco_test_iterate_blocking (t);
  actor_assert_cancelled (a);
  g_dbus_method_invocation_return_value (bus.held, NULL);
  actor_end (a);
  close_bus (t, &bus);
}

static void
get_no_bus (gpointer user_data)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (gco_bus_get (G_BUS_TYPE_SESSION, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
}

static void
test_no_bus (GcoTest *t)
{
  gco_test_run (t, get_no_bus, NULL);
}

int
main (int   argc,
      char *argv[])
{
  gco_test_init (&argc, &argv);
  g_setenv ("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/bus", TRUE);
  gco_test_add_source ("/gio-net/sockets", test_sockets);
  gco_test_add_source ("/gio-net/accept-cancelled", test_accept_cancelled);
  gco_test_add_source ("/gio-net/programs", test_subprocesses);
  gco_test_add_source ("/gio-net/program-cancelled", test_subprocess_cancelled);
  gco_test_add_source ("/gio-net/bus", test_bus);
  gco_test_add_source ("/gio-net/no-bus", test_no_bus);
  return g_test_run ();
}
