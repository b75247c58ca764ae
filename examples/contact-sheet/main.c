/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * contact-sheet [DIR...] [-o sheet.png]: all images below some folders, on one.
 *
 * Shows what libgco is for. The files of this program in the order in which to
 * read them: app.c (the work), slots.c (a queue and a mutex), cache.c (a
 * read/write lock), sheet.c (a mutex), offload.c (a thread, awaited), find.c and
 * thumbnail.c (GIO, awaited), progress.c (a sleep that can be cut short).
 */

#include <glib-unix.h>
#include <locale.h>
#include <signal.h>
#include <stdlib.h>

#include "app.h"
#include "loop-watch.h"

#define DEFAULT_CACHE_MIB 512
#define MAX_CACHE_MIB (1024 * 1024)

static int stopped_by;

static gboolean
on_signal (App *app,
           int  number)
{
  stopped_by = number;
  g_cancellable_cancel (app->cancellable);
  if (app->output != NULL)
    output_discard (app->output);
  /* a second one ends the program at once, and nothing is lying about then */
  return G_SOURCE_REMOVE;
}

static gboolean
on_interrupt (gpointer user_data)
{
  return on_signal (user_data, SIGINT);
}

static gboolean
on_terminate (gpointer user_data)
{
  return on_signal (user_data, SIGTERM);
}

static gboolean
parse (App     *app,
       int     *argc,
       char  ***argv,
       GError **error)
{
  const GOptionEntry entries[] = {
    { "output",
      'o',
      0,
      G_OPTION_ARG_FILENAME,
      &app->target,
      "Where to write the sheet (sheet.png)",
      "FILE" },
    { "cache-size",
      0,
      0,
      G_OPTION_ARG_INT,
      &app->cache_mib,
      "How much room thumbnails may take in the cache folder (512)",
      "MIB" },
    { "verbose",
      'v',
      0,
      G_OPTION_ARG_NONE,
      &app->verbose,
      "Say what was done and how long it took",
      NULL },
    { G_OPTION_REMAINING,
      0,
      0,
      G_OPTION_ARG_FILENAME_ARRAY,
      &app->folders,
      NULL,
      "[DIR...]" },
    { NULL }
  };
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);

  g_option_context_set_summary (
      context, "Puts all images below the folders DIR on one contact sheet, a PNG file.");
  g_option_context_set_description (
      context,
      "Without a DIR it takes your pictures; if there are none, the images that the\n"
      "desktop's packages brought. Hidden files are left out.\n");
  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, argc, argv, error))
    return FALSE;
  if (app->cache_mib < 0 || app->cache_mib > MAX_CACHE_MIB)
    {
      g_set_error (error,
                   G_OPTION_ERROR,
                   G_OPTION_ERROR_BAD_VALUE,
                   "The cache size is to be from 0 to %d MiB.",
                   MAX_CACHE_MIB);
      return FALSE;
    }
  return TRUE;
}

static void
run (App *app)
{
  guint interrupt = g_unix_signal_add (SIGINT, on_interrupt, app);
  guint terminate = g_unix_signal_add (SIGTERM, on_terminate, app);

  app->loop = g_main_loop_new (NULL, FALSE);
  app->cancellable = g_cancellable_new ();
  app->watch = loop_watch_new ();
  g_source_attach (app->watch, NULL);

  if (gco_spawn (NULL, app_run, app, NULL) != NULL)
    g_main_loop_run (app->loop);
  else
    g_set_error_literal (&app->problem,
                         G_IO_ERROR,
                         G_IO_ERROR_NO_SPACE,
                         "There is not enough memory to start.");

  if (stopped_by != SIGINT)
    g_source_remove (interrupt);
  if (stopped_by != SIGTERM)
    g_source_remove (terminate);
  g_source_destroy (app->watch);
  g_source_unref (app->watch);
  g_object_unref (app->cancellable);
  g_main_loop_unref (app->loop);
}

int
main (int   argc,
      char *argv[])
{
  App app = { .cache_mib = DEFAULT_CACHE_MIB,
              .progress = { .doing = "Looking for images" } };
  int status = EXIT_SUCCESS;

  setlocale (LC_ALL, "");
  if (parse (&app, &argc, &argv, &app.problem))
    {
      if (app.target == NULL)
        app.target = g_strdup ("sheet.png");
      run (&app);
    }

  if (stopped_by != 0 && app.problem != NULL)
    {
      progress_say (&app.progress, "stopped, nothing was written");
      status = 128 + stopped_by;
    }
  else if (app.problem != NULL)
    {
      progress_say (&app.progress, "%s", app.problem->message);
      status = EXIT_FAILURE;
    }
  g_clear_error (&app.problem);
  g_strfreev (app.folders);
  g_free (app.target);
  return status;
}
