/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The calls of GIO that are awaited by one word: files, streams, sockets, D-Bus and
 * processes that are really there. */

#include "gco-test.h"

#include <glib/gstdio.h>
#include <sys/socket.h>

typedef struct
{
  char  *path;
  GFile *dir;
} Place;

static void
place_init (Place *place)
{
  place->path = g_dir_make_tmp ("gco-test-XXXXXX", NULL);
  place->dir = g_file_new_for_path (place->path);
}

static void
place_clear (Place *place)
{
  g_assert_cmpint (g_rmdir (place->path), ==, 0);
  g_object_unref (place->dir);
  g_free (place->path);
}

static void
run (GcoTest         *t,
     GcoCoroutineFunc func)
{
  Place place;

  place_init (&place);
  gco_test_run (t, func, &place);
  place_clear (&place);
}

/* -------------------------------------------------------------------- files */

static void
use_files (gpointer user_data)
{
  Place *place = user_data;
  g_autoptr (GFile) folder = g_file_get_child (place->dir, "folder");
  g_autoptr (GFile) file = g_file_get_child (folder, "file");
  g_autoptr (GFileEnumerator) children = NULL;
  g_autoptr (GFileInfo) info = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *contents = NULL;
  GList           *next;
  gsize            length;

  g_assert_true (gco_file_make_directory (folder, NULL, &error));
  g_assert_true (gco_file_replace_contents (
      file, "seven b", 7, NULL, FALSE, G_FILE_CREATE_NONE, NULL, NULL, &error));
  g_assert_true (gco_file_load_contents (file, NULL, &contents, &length, NULL, &error));
  g_assert_cmpmem (contents, length, "seven b", 7);
  info = gco_file_query_info (
      file, G_FILE_ATTRIBUTE_STANDARD_SIZE, G_FILE_QUERY_INFO_NONE, NULL, &error);
  g_assert_cmpint (g_file_info_get_size (info), ==, 7);

  children = gco_file_enumerate_children (
      folder, G_FILE_ATTRIBUTE_STANDARD_NAME, G_FILE_QUERY_INFO_NONE, NULL, &error);
  next = gco_file_enumerator_next_files (children, 10, NULL, &error);
  g_assert_cmpuint (g_list_length (next), ==, 1);
  g_assert_cmpstr (g_file_info_get_name (next->data), ==, "file");
  g_list_free_full (next, g_object_unref);
  g_assert_null (gco_file_enumerator_next_files (children, 10, NULL, &error));

  g_assert_true (gco_file_delete (file, NULL, &error));
  g_assert_no_error (error);
  g_assert_false (gco_file_load_contents (file, NULL, &contents, &length, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  g_clear_error (&error);
  g_assert_true (gco_file_delete (folder, NULL, &error));
}

static void
test_files (GcoTest *t)
{
  run (t, use_files);
}

/* ------------------------------------------------------------------ streams */

static void
write_file (GFile *file)
{
  g_autoptr (GFileOutputStream) out = NULL;
  g_autoptr (GInputStream) more = g_memory_input_stream_new_from_data ("third\n", 6, NULL);
  GOutputStream *stream;
  gsize          n;

  out = gco_file_replace (file, NULL, FALSE, G_FILE_CREATE_NONE, NULL, NULL);
  stream = G_OUTPUT_STREAM (out);
  g_assert_true (gco_output_stream_write_all (stream, "first\nsecond\n", 13, &n, NULL, NULL));
  g_assert_cmpuint (n, ==, 13);
  g_assert_cmpint (gco_output_stream_splice (
                       stream, more, G_OUTPUT_STREAM_SPLICE_CLOSE_SOURCE, NULL, NULL),
                   ==,
                   6);
  g_assert_true (gco_output_stream_flush (stream, NULL, NULL));
  g_assert_true (gco_output_stream_close (stream, NULL, NULL));
}

static void
use_streams (gpointer user_data)
{
  Place *place = user_data;
  g_autoptr (GFile) file = g_file_get_child (place->dir, "file");
  g_autoptr (GFileInputStream) in = NULL;
  g_autoptr (GDataInputStream) lines = NULL;
  g_autoptr (GBytes) bytes = NULL;
  g_autofree char *line = NULL;
  GInputStream    *stream;
  char             buffer[16];
  gsize            n;

  write_file (file);
  in = gco_file_read (file, NULL, NULL);
  stream = G_INPUT_STREAM (in);
  g_assert_cmpint (gco_input_stream_read (stream, buffer, 6, NULL, NULL), ==, 6);
  g_assert_cmpmem (buffer, 6, "first\n", 6);
  g_assert_true (gco_input_stream_read_all (stream, buffer, 7, &n, NULL, NULL));
  g_assert_cmpmem (buffer, n, "second\n", 7);
  lines = g_data_input_stream_new (stream);
  line = gco_data_input_stream_read_line_utf8 (lines, &n, NULL, NULL);
  g_assert_cmpstr (line, ==, "third");
  g_assert_cmpuint (n, ==, 5);
  g_assert_null (gco_data_input_stream_read_line_utf8 (lines, &n, NULL, NULL));
  bytes = gco_input_stream_read_bytes (stream, 10, NULL, NULL);
  g_assert_cmpuint (g_bytes_get_size (bytes), ==, 0);
  g_assert_true (gco_input_stream_close (G_INPUT_STREAM (lines), NULL, NULL));
  g_assert_true (gco_file_delete (file, NULL, NULL));
}

static void
test_streams (GcoTest *t)
{
  run (t, use_streams);
}

/* ------------------------------------------------------------------ sockets */

typedef struct
{
  GSocketListener *listener;
  guint16          port;
  gboolean         served;
} Server;

static void
serve (gpointer user_data)
{
  Server *server = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GSocketConnection) peer = NULL;
  GInputStream  *in;
  GOutputStream *out;
  char           buffer[4];
  gsize          n;

  peer = gco_socket_listener_accept (server->listener, NULL, NULL, &error);
  g_assert_no_error (error);
  in = g_io_stream_get_input_stream (G_IO_STREAM (peer));
  out = g_io_stream_get_output_stream (G_IO_STREAM (peer));
  g_assert_true (gco_input_stream_read_all (in, buffer, 4, &n, NULL, NULL));
  g_assert_true (gco_output_stream_write_all (out, buffer, n, NULL, NULL, NULL));
  server->served = TRUE;
}

static void
call (gpointer user_data)
{
  Server *server = user_data;
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (GSocketConnection) peer = NULL;
  GInputStream  *in;
  GOutputStream *out;
  char           buffer[4];

  peer = gco_socket_client_connect_to_host (
      client, "127.0.0.1", server->port, NULL, &error);
  g_assert_no_error (error);
  in = g_io_stream_get_input_stream (G_IO_STREAM (peer));
  out = g_io_stream_get_output_stream (G_IO_STREAM (peer));
  g_assert_true (gco_output_stream_write_all (out, "ping", 4, NULL, NULL, NULL));
  g_assert_true (gco_input_stream_read_all (in, buffer, 4, NULL, NULL, NULL));
  g_assert_cmpmem (buffer, 4, "ping", 4);
}

static void
test_sockets (GcoTest *t)
{
  Server server = { g_socket_listener_new (), 0, FALSE };

  server.port = g_socket_listener_add_any_inet_port (server.listener, NULL, NULL);
  gco_test_spawn (t, serve, &server);
  gco_test_run (t, call, &server);
  gco_test_run_until (t, &server.served);
  g_object_unref (server.listener);
}

/* -------------------------------------------------------------------- D-Bus */

/* No peer answers: the error is that of the connection. */
static void
call_nobody (gpointer user_data)
{
  GDBusConnection *connection = user_data;
  g_autoptr (GError) error = NULL;

  g_assert_null (gco_dbus_connection_call (connection,
                                           NULL,
                                           "/org/gnome/Nothing",
                                           "org.gnome.Nothing",
                                           "Nothing",
                                           NULL,
                                           NULL,
                                           G_DBUS_CALL_FLAGS_NONE,
                                           -1,
                                           NULL,
                                           &error));
  g_assert_nonnull (error);
}

static void
note_connection (GObject      *source_object,
                 GAsyncResult *result,
                 gpointer      user_data)
{
  GDBusConnection **connection = user_data;
  g_autoptr (GError) error = NULL;

  *connection = g_dbus_connection_new_finish (result, &error);
  g_assert_no_error (error);
}

/* Two connections over a pair of sockets; the other one knows no object. */
static void
test_dbus (GcoTest *t)
{
  GDBusConnection *connections[2] = { NULL, NULL };
  g_autofree char *guid = g_dbus_generate_guid ();
  int              fds[2];

  g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM, 0, fds), ==, 0);
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (GSocket) socket = g_socket_new_from_fd (fds[i], NULL);
      g_autoptr (GSocketConnection) stream =
          g_socket_connection_factory_create_connection (socket);
      GDBusConnectionFlags flags = G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT;

      if (i == 0)
        flags = G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_SERVER |
                G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_ALLOW_ANONYMOUS;
      g_dbus_connection_new (G_IO_STREAM (stream),
                             i == 0 ? guid : NULL,
                             flags,
                             NULL,
                             NULL,
                             note_connection,
                             &connections[i]);
    }
  while (connections[0] == NULL || connections[1] == NULL)
    g_main_context_iteration (t->main_context, TRUE);
  gco_test_run (t, call_nobody, connections[1]);
  for (guint i = 0; i < 2; i++)
    {
      g_dbus_connection_close_sync (connections[i], NULL, NULL);
      g_object_unref (connections[i]);
    }
}

/* ---------------------------------------------------------------- processes */

static void
use_processes (gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GSubprocess) cat = NULL;
  g_autoptr (GSubprocess) bad = NULL;
  g_autofree char *out = NULL;

  cat = g_subprocess_new (G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE,
                          &error,
                          "cat",
                          NULL);
  g_assert_true (gco_subprocess_communicate_utf8 (cat, "mew", NULL, &out, NULL, &error));
  g_assert_cmpstr (out, ==, "mew");
  g_assert_true (gco_subprocess_wait_check (cat, NULL, &error));
  bad = g_subprocess_new (G_SUBPROCESS_FLAGS_NONE, &error, "false", NULL);
  g_assert_false (gco_subprocess_wait_check (bad, NULL, &error));
  g_assert_error (error, G_SPAWN_EXIT_ERROR, 1);
}

static void
test_processes (GcoTest *t)
{
  gco_test_run (t, use_processes, NULL);
}

/* ------------------------------------------------------------------- cancel */

typedef struct
{
  GSocketListener *listener;
  GCancellable    *cancellable;
  gboolean         ended;
} Accept;

static gboolean
accept_nobody (GCancellable *unused,
               gpointer      user_data,
               GError      **error)
{
  Accept *accept = user_data;
  g_autoptr (GError) problem = NULL;

  g_assert_null (
      gco_socket_listener_accept (accept->listener, NULL, accept->cancellable, &problem));
  g_assert_error (problem, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  accept->ended = TRUE;
  return TRUE;
}

/* With no cancellable given it is the scope's that cancels the operation. */
static void
test_scope (GcoTest *t)
{
  g_autoptr (GcoScope) scope = gco_scope_new (NULL);
  Accept accept = { g_socket_listener_new (), NULL, FALSE };

  g_socket_listener_add_any_inet_port (accept.listener, NULL, NULL);
  gco_scope_spawn (scope, accept_nobody, &accept, NULL);
  gco_test_drain (t);
  g_assert_false (accept.ended);
  gco_scope_cancel (scope);
  gco_test_run_until (t, &accept.ended);
  gco_test_drain (t);
  g_object_unref (accept.listener);
}

static void
accept_nobody_plainly (gpointer user_data)
{
  accept_nobody (NULL, user_data, NULL);
}

static void
test_cancel (GcoTest *t)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  Accept accept = { g_socket_listener_new (), cancellable, FALSE };

  g_socket_listener_add_any_inet_port (accept.listener, NULL, NULL);
  gco_test_spawn (t, accept_nobody_plainly, &accept);
  gco_test_drain (t);
  g_cancellable_cancel (cancellable);
  gco_test_run_until (t, &accept.ended);
  g_object_unref (accept.listener);
}

int
main (int    argc,
      char **argv)
{
  gco_test_init (&argc, &argv);
  gco_test_add_source ("/gio/files", test_files);
  gco_test_add_source ("/gio/streams", test_streams);
  gco_test_add_source ("/gio/sockets", test_sockets);
  gco_test_add_source ("/gio/dbus", test_dbus);
  gco_test_add_source ("/gio/processes", test_processes);
  gco_test_add_source ("/gio/scope", test_scope);
  gco_test_add_source ("/gio/cancel", test_cancel);
  return g_test_run ();
}
