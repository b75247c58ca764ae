/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * echo-server [--port PORT]: sends back what it gets, to thousands at a time.
 *
 * A server with one coroutine a connection. The files of this program in the order
 * in which to read them: connection.c (one connection), server.c (all of them, and
 * how they end), socket.c (the system's calls).
 */

#include <glib-unix.h>
#include <locale.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "server.h"

static gboolean
on_signal (gpointer server)
{
  server_stop (server);
  return G_SOURCE_CONTINUE;
}

static gboolean
check (const Server *server,
       GError      **error)
{
  const char *problem = NULL;

  if (server->port < 0 || server->port > G_MAXUINT16)
    problem = "A port is from 0 to 65535.";
  else if (server->max < 1)
    problem = "There is to be at least one connection.";
  else if (!(server->idle_s >= 0 && server->idle_s < 1e9) ||
           !(server->grace_s >= 0 && server->grace_s < 1e9))
    problem = "A time is from 0 to 1000000000 seconds.";
  if (problem == NULL)
    return TRUE;
  g_set_error_literal (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, problem);
  return FALSE;
}

#define ENTRY(name, type, where, text, unit) \
 {                                           \
  name, 0, 0, type, where, text, unit        \
 }

static gboolean
parse (Server  *server,
       int     *argc,
       char  ***argv,
       GError **error)
{
  const GOptionEntry entries[] = {
    ENTRY ("port",
           G_OPTION_ARG_INT,
           &server->port,
           "Where to listen (0: any that is free)",
           "PORT"),
    ENTRY ("max",
           G_OPTION_ARG_INT,
           &server->max,
           "How many connections at a time (10000)",
           "N"),
    ENTRY ("idle-timeout",
           G_OPTION_ARG_DOUBLE,
           &server->idle_s,
           "When to close one that does nothing (60; 0: never)",
           "SECONDS"),
    ENTRY ("grace",
           G_OPTION_ARG_DOUBLE,
           &server->grace_s,
           "How long to finish what was begun when stopped (5)",
           "SECONDS"),
    { NULL }
  };
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);

  g_option_context_set_summary (context,
                                "Listens on the loopback interface and sends back what it"
                                " gets.");
  g_option_context_add_main_entries (context, entries, NULL);
  return g_option_context_parse (context, argc, argv, error) && check (server, error);
}

/* A connection is a descriptor. */
static void
raise_limit (void)
{
  struct rlimit limit;

  if (getrlimit (RLIMIT_NOFILE, &limit) != 0)
    return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit (RLIMIT_NOFILE, &limit);
}

static void
report (const Statistics *statistics)
{
  const guint *n_ended = statistics->n_ended;
  guint        n = 0;

  for (guint i = 0; i < N_ENDS; i++)
    n += n_ended[i];
  g_print ("%u connections, %u at most at a time, %u open: %u ended by the peer, "
           "%u timed out, %u reset, %u stopped, %u cancelled; %" G_GUINT64_FORMAT
           " bytes echoed; %u times short of descriptors\n",
           n,
           statistics->n_most,
           statistics->n_now,
           n_ended[END_BY_PEER],
           n_ended[END_TIMED_OUT],
           n_ended[END_RESET],
           n_ended[END_STOPPED],
           n_ended[END_CANCELLED],
           statistics->n_bytes,
           statistics->n_shortages);
}

static gboolean
run (Server  *server,
     GError **error)
{
  guint    interrupt, terminate;
  gboolean result;

  raise_limit ();
  if (!server_init (server, error))
    return FALSE;
  interrupt = g_unix_signal_add (SIGINT, on_signal, server);
  terminate = g_unix_signal_add (SIGTERM, on_signal, server);
  g_print ("listening on port %d\n", server->port);
  result = gco_run (server_run, server, NULL, error);
  g_source_remove (interrupt);
  g_source_remove (terminate);
  server_clear (server);
  report (&server->statistics);
  return result;
}

int
main (int   argc,
      char *argv[])
{
  Server server = { .max = 10000, .idle_s = 60, .grace_s = 5 };
  g_autoptr (GError) error = NULL;

  setlocale (LC_ALL, "");
  if (parse (&server, &argc, &argv, &error) && run (&server, &error))
    return EXIT_SUCCESS;
  g_printerr ("echo-server: %s\n", error->message);
  return EXIT_FAILURE;
}
