/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * notes-service [--database FILE]: notes on the session bus, kept by SQLite.
 *
 * The files of this program in the order in which to read them: service.c (its
 * life), calls.c (a coroutine a call), store.c (a read/write lock, a semaphore and
 * threads), callers.c (who has gone), notes.c and database.c (SQL, and nothing of
 * coroutines).
 */

#include <glib-unix.h>
#include <locale.h>
#include <signal.h>
#include <stdlib.h>

#include "service.h"

static gboolean
on_signal (gpointer user_data)
{
  service_stop (user_data);
  return G_SOURCE_CONTINUE;
}

static gboolean
parse (Service *service,
       int     *argc,
       char  ***argv,
       GError **error)
{
  const GOptionEntry entries[] = {
    { "database",
      'd',
      0,
      G_OPTION_ARG_FILENAME,
      &service->path,
      "Where the notes are (notes.sqlite in the folder of your data)",
      "FILE" },
    { NULL }
  };
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);

  g_option_context_set_summary (context, "Keeps notes, as " NOTES_NAME " on the session bus.");
  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, argc, argv, error))
    return FALSE;
  if (service->path == NULL)
    {
      g_mkdir_with_parents (g_get_user_data_dir (), 0700);
      service->path = g_build_filename (g_get_user_data_dir (), "notes.sqlite", NULL);
    }
  return TRUE;
}

int
main (int   argc,
      char *argv[])
{
  Service service = { NULL };
  g_autoptr (GError) error = NULL;

  setlocale (LC_ALL, "");
  if (parse (&service, &argc, &argv, &error))
    {
      guint interrupt = g_unix_signal_add (SIGINT, on_signal, &service);
      guint terminate = g_unix_signal_add (SIGTERM, on_signal, &service);

      gco_run (service_run, &service, NULL, &error);
      g_source_remove (interrupt);
      g_source_remove (terminate);
    }
  service_clear (&service);
  if (error == NULL)
    return EXIT_SUCCESS;
  g_printerr ("notes-service: %s\n", error->message);
  return EXIT_FAILURE;
}
