/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * examples/echo-server as one writes it without coroutines: GSocketService, and a
 * callback for each step. For comparison.
 */

#include <gio/gio.h>
#include <glib-unix.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/resource.h>

#define BUFFER_SIZE (16 * 1024)
#define BACKLOG 4096

typedef struct
{
  guint max;
  int   idle_s;

  GMainLoop      *loop;
  GSocketService *service;
  gboolean        stopping;
  GQueue          connections;
  guint           n_all;
  guint64         n_bytes;
} Server;

typedef struct
{
  Server            *server;
  GSocketConnection *stream;
  GList              link; /* in server->connections */
  char               buffer[BUFFER_SIZE];
} Connection;

static void read_on (Connection *self);

static void
quit_if_over (Server *server)
{
  if (server->connections.length == 0 && server->stopping)
    g_main_loop_quit (server->loop);
}

static void
end (Connection *self)
{
  Server *server = self->server;

  g_queue_unlink (&server->connections, &self->link);
  g_io_stream_close (G_IO_STREAM (self->stream), NULL, NULL);
  g_object_unref (self->stream);
  g_free (self);
  if (server->connections.length + 1 == server->max && !server->stopping)
    g_socket_service_start (server->service);
  quit_if_over (server);
}

static void
on_written (GObject      *object,
            GAsyncResult *result,
            gpointer      user_data)
{
  Connection *self = user_data;
  gsize       n;

  if (!g_output_stream_write_all_finish (G_OUTPUT_STREAM (object), result, &n, NULL))
    {
      end (self);
      return;
    }
  self->server->n_bytes += n;
  read_on (self);
}

static void
on_read (GObject      *object,
         GAsyncResult *result,
         gpointer      user_data)
{
  Connection *self = user_data;
  GIOStream  *stream = G_IO_STREAM (self->stream);
  gssize      n = g_input_stream_read_finish (G_INPUT_STREAM (object), result, NULL);

  if (n <= 0)
    {
      end (self);
      return;
    }
  g_output_stream_write_all_async (g_io_stream_get_output_stream (stream),
                                   self->buffer,
                                   n,
                                   G_PRIORITY_DEFAULT,
                                   NULL,
                                   on_written,
                                   self);
}

static void
read_on (Connection *self)
{
  g_input_stream_read_async (g_io_stream_get_input_stream (G_IO_STREAM (self->stream)),
                             self->buffer,
                             BUFFER_SIZE,
                             G_PRIORITY_DEFAULT,
                             NULL,
                             on_read,
                             self);
}

static gboolean
on_incoming (GSocketService    *service,
             GSocketConnection *stream,
             GObject           *source,
             Server            *server)
{
  Connection *self = g_new (Connection, 1);
  GSocket    *socket = g_socket_connection_get_socket (stream);

  self->server = server;
  self->stream = g_object_ref (stream);
  self->link = (GList){ self, NULL, NULL };
  g_queue_push_head_link (&server->connections, &self->link);
  g_socket_set_option (socket, IPPROTO_TCP, TCP_NODELAY, TRUE, NULL);
  g_socket_set_timeout (socket, server->idle_s);
  server->n_all++;
  if (server->connections.length == server->max)
    g_socket_service_stop (service);
  read_on (self);
  return TRUE;
}

static gboolean
on_signal (gpointer user_data)
{
  Server *server = user_data;

  g_socket_service_stop (server->service);
  server->stopping = TRUE;
  /* what has come is read yet; to cancel the reads would lose what they have */
  for (GList *link = server->connections.head; link != NULL; link = link->next)
    {
      Connection *self = link->data;
      GSocket    *socket = g_socket_connection_get_socket (self->stream);

      g_socket_shutdown (socket, TRUE, FALSE, NULL);
    }
  quit_if_over (server);
  return G_SOURCE_REMOVE;
}

static gboolean
listen_on_loopback (Server  *server,
                    GError **error)
{
  g_autoptr (GInetAddress) loopback = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  g_autoptr (GSocketAddress) wanted = g_inet_socket_address_new (loopback, 0);
  g_autoptr (GSocketAddress) address = NULL;

  server->service = g_socket_service_new ();
  g_socket_listener_set_backlog (G_SOCKET_LISTENER (server->service), BACKLOG);
  g_signal_connect (server->service, "incoming", G_CALLBACK (on_incoming), server);
  if (!g_socket_listener_add_address (G_SOCKET_LISTENER (server->service),
                                      wanted,
                                      G_SOCKET_TYPE_STREAM,
                                      G_SOCKET_PROTOCOL_TCP,
                                      NULL,
                                      &address,
                                      error))
    return FALSE;
  g_print ("listening on port %u\n",
           g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (address)));
  return TRUE;
}

static void
raise_limit (void)
{
  struct rlimit limit;

  if (getrlimit (RLIMIT_NOFILE, &limit) != 0)
    return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit (RLIMIT_NOFILE, &limit);
}

int
main (int   argc,
      char *argv[])
{
  Server             server = { .max = 20000, .idle_s = 60 };
  const GOptionEntry entries[] = {
    { "max", 0, 0, G_OPTION_ARG_INT, &server.max, NULL, NULL },
    { "idle-timeout", 0, 0, G_OPTION_ARG_INT, &server.idle_s, NULL, NULL },
    { NULL }
  };
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  g_autoptr (GError) error = NULL;

  raise_limit ();
  server.loop = g_main_loop_new (NULL, FALSE);
  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error) ||
      !listen_on_loopback (&server, &error))
    {
      g_printerr ("echo-callbacks: %s\n", error->message);
      return EXIT_FAILURE;
    }
  g_unix_signal_add (SIGTERM, on_signal, &server);
  g_main_loop_run (server.loop);
  g_socket_listener_close (G_SOCKET_LISTENER (server.service));
  g_object_unref (server.service);
  g_main_loop_unref (server.loop);
  g_print ("%u connections; %" G_GUINT64_FORMAT " bytes echoed\n",
           server.n_all,
           server.n_bytes);
  return EXIT_SUCCESS;
}
