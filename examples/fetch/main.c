/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * fetch [-j N] [-o DIR] [-r RETRIES] URL...: downloads files, and goes on where it
 * was interrupted. In the order in which to read: main.c (a scope, a semaphore),
 * download.c (attempts), attempt.c (libsoup, awaited), part.c (GIO, awaited),
 * progress.c (a sleep that a scope ends).
 */

#include <errno.h>
#include <glib-unix.h>
#include <glib/gstdio.h>
#include <locale.h>
#include <stdlib.h>
#include <unistd.h>

#include "fetch.h"

#define MAX_JOBS 100
#define MAX_SECONDS 1e6
#define STATUS_INTERRUPTED 130

static gboolean
on_interrupt (gpointer user_data)
{
  g_cancellable_cancel (user_data);
  /* a second one ends the program at once; what is on disk is in order then, too */
  return G_SOURCE_REMOVE;
}

static gboolean
parse (Fetch   *fetch,
       int     *argc,
       char  ***argv,
       GError **error)
{
  const GOptionArg   number = G_OPTION_ARG_INT;
  const GOptionArg   seconds = G_OPTION_ARG_DOUBLE;
  const GOptionArg   name = G_OPTION_ARG_FILENAME;
  const GOptionEntry entries[] = {
    { "jobs", 'j', 0, number, &fetch->n_jobs, "Downloads at a time, to 100 (4)", "N" },
    { "output", 'o', 0, name, &fetch->folder, "Folder for the files (.)", "DIR" },
    { "retries", 'r', 0, number, &fetch->n_retries, "How often to try again (5)", "N" },
    { "backoff", 'b', 0, seconds, &fetch->backoff_s, "The first pause (1)", "SECONDS" },
    { "stall", 's', 0, seconds, &fetch->stall_s, "Longest silence (30)", "SECONDS" },
    { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_STRING_ARRAY, &fetch->urls, NULL, "URL..." },
    { NULL }
  };
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);

  g_option_context_set_summary (context, "Downloads what is not there already.");
  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, argc, argv, error))
    return FALSE;
  if (fetch->folder == NULL)
    fetch->folder = g_strdup (".");
  if (fetch->urls != NULL && fetch->n_jobs >= 1 && fetch->n_jobs <= MAX_JOBS &&
      fetch->n_retries >= 0 && fetch->backoff_s >= 0 && fetch->stall_s > 0 &&
      fetch->backoff_s <= MAX_SECONDS && fetch->stall_s <= MAX_SECONDS)
    return TRUE;
  g_set_error_literal (
      error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, "see fetch --help");
  return FALSE;
}

static void
give_slot (gpointer data)
{
  Download *download = data;

  gco_semaphore_release (&download->fetch->slots);
}

static gboolean gco_coroutine_fn
run (GCancellable *cancellable,
     gpointer      user_data,
     GError      **error)
{
  Fetch *fetch = user_data;
  g_autoptr (GcoScope) downloads = gco_scope_new (cancellable);
  g_autoptr (GcoScope) screen = gco_scope_new (NULL);
  GCancellable *cancelled = gco_scope_get_cancellable (downloads);
  gboolean      joined;

  if (isatty (STDERR_FILENO))
    gco_scope_spawn (screen, progress_run, fetch, NULL);
  for (guint i = 0; i < fetch->n_downloads; i++)
    if (gco_semaphore_acquire_cancellable (&fetch->slots, cancelled, NULL))
      gco_scope_spawn (downloads, download_run, &fetch->downloads[i], give_slot);
  joined = gco_scope_join (downloads, error);
  gco_scope_cancel (screen);
  gco_scope_join (screen, NULL);
  return joined;
}

static int
fetch_all (Fetch *fetch)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  guint n_done = 0;

  fetch->session = soup_session_new_with_options (
      "max-conns", MAX_JOBS, "max-conns-per-host", MAX_JOBS, NULL);
  /* what is compressed on the server is to be so here */
  soup_session_remove_feature_by_type (fetch->session, SOUP_TYPE_CONTENT_DECODER);
  gco_semaphore_init (&fetch->slots, (guint) fetch->n_jobs);
  fetch->n_downloads = g_strv_length (fetch->urls);
  fetch->downloads = g_new0 (Download, fetch->n_downloads);
  for (guint i = 0; i < fetch->n_downloads; i++)
    fetch->downloads[i] = (Download){ fetch, .url = fetch->urls[i], .total = -1 };

  g_unix_signal_add (SIGINT, on_interrupt, cancellable);
  gco_run (run, fetch, cancellable, &error);

  for (guint i = 0; i < fetch->n_downloads; i++)
    {
      n_done += fetch->downloads[i].done;
      g_free (fetch->downloads[i].name);
    }
  g_free (fetch->downloads);
  g_object_unref (fetch->session);
  if (n_done == fetch->n_downloads)
    return EXIT_SUCCESS;
  if (g_cancellable_is_cancelled (cancellable))
    return STATUS_INTERRUPTED;
  if (error != NULL)
    progress_say ("fetch", "%s", error->message);
  return EXIT_FAILURE;
}

int
main (int   argc,
      char *argv[])
{
  Fetch fetch = { .n_jobs = 4, .n_retries = 5, .backoff_s = 1, .stall_s = 30 };
  g_autoptr (GError) error = NULL;
  int status = EXIT_FAILURE;

  setlocale (LC_ALL, "");
  if (!parse (&fetch, &argc, &argv, &error))
    progress_say ("fetch", "%s", error->message);
  else if (g_mkdir_with_parents (fetch.folder, 0777) != 0)
    progress_say (fetch.folder, "%s", g_strerror (errno));
  else
    status = fetch_all (&fetch);
  g_strfreev (fetch.urls);
  g_free (fetch.folder);
  return status;
}
