/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * echo-client --port PORT [--KIND N]... [--stop PID]: so many connections of each
 * kind, until all have ended as they should.
 *
 * With --stop, the server gets a SIGTERM when the busy ones are in full swing: it
 * finds a message of each that it has not seen. These have to come back.
 */

#include <signal.h>
#include <stdlib.h>

#include "echo-load.h"

#define MESSAGES_BEFORE_STOP 5

static int port;
static int n_wanted[N_PEER_KINDS];
static int size = 64;
static int server;

static const GOptionEntry entries[] = {
  { "port", 0, 0, G_OPTION_ARG_INT, &port, NULL, NULL },
  { "echo", 0, 0, G_OPTION_ARG_INT, &n_wanted[PEER_ECHO], NULL, NULL },
  { "half-close", 0, 0, G_OPTION_ARG_INT, &n_wanted[PEER_HALF_CLOSE], NULL, NULL },
  { "reset", 0, 0, G_OPTION_ARG_INT, &n_wanted[PEER_RESET], NULL, NULL },
  { "idle", 0, 0, G_OPTION_ARG_INT, &n_wanted[PEER_IDLE], NULL, NULL },
  { "busy", 0, 0, G_OPTION_ARG_INT, &n_wanted[PEER_BUSY], NULL, NULL },
  { "size", 0, 0, G_OPTION_ARG_INT, &size, NULL, NULL },
  { "stop", 0, 0, G_OPTION_ARG_INT, &server, NULL, NULL },
  { NULL }
};

static void
stop (EchoLoad *load)
{
  guint64 n_bytes;

  /* so that it is the signal that the server sees first */
  kill (server, SIGSTOP);
  n_bytes = echo_load_send_last (load);
  kill (server, SIGTERM);
  kill (server, SIGCONT);
  g_print ("stopped with %" G_GUINT64_FORMAT " bytes under way\n", n_bytes);
}

static gboolean
run (EchoLoad *load)
{
  guint n_busy = n_wanted[PEER_BUSY];
  guint n_staying = n_busy + n_wanted[PEER_IDLE];

  while (echo_load_count (load) > 0)
    {
      if (!echo_load_step (load))
        return FALSE;
      if (server != 0 && !load->stopping && echo_load_is_settled (load) &&
          echo_load_count (load) <= n_staying &&
          load->n_messages >= (guint64) n_busy * MESSAGES_BEFORE_STOP)
        stop (load);
    }
  return !load->failed;
}

int
main (int   argc,
      char *argv[])
{
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  g_autoptr (GError) error = NULL;
  EchoLoad load;
  gboolean fine;

  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error))
    {
      g_printerr ("%s\n", error->message);
      return 2;
    }
  echo_load_raise_limit ();
  echo_load_init (&load, port);
  load.size = size;
  for (guint kind = 0; kind < N_PEER_KINDS; kind++)
    echo_load_add (&load, kind, n_wanted[kind]);
  fine = run (&load);
  g_print ("%u connections; %" G_GUINT64_FORMAT " bytes came back\n",
           load.n_made,
           load.n_bytes);
  if (load.idle_max_us > 0)
    g_print ("idle ones ended after %" G_GINT64_FORMAT " to %" G_GINT64_FORMAT " us\n",
             load.idle_min_us,
             load.idle_max_us);
  echo_load_clear (&load);
  return fine ? EXIT_SUCCESS : EXIT_FAILURE;
}
