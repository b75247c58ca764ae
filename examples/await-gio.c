/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Calls of GIO one after the other, as if they blocked: each _async function
 * gets gco_await_ready() and a GcoAwait, and gco_await() returns what its
 * _finish function wants. The main loop runs meanwhile.
 *
 * await-gio FILE counts the lines of a file.
 */

#include <gco.h>

typedef struct
{
  GFile     *file;
  GMainLoop *loop;
  int        status;
} Program;

static gssize gco_coroutine_fn
count_lines (GFile   *file,
             GError **error)
{
  GcoAwait await = GCO_AWAIT_INIT;
  gssize   n_lines = 0;

  g_file_read_async (file, G_PRIORITY_DEFAULT, NULL, gco_await_ready, &await);
  g_autoptr (GAsyncResult) opened = gco_await (&await);
  g_autoptr (GFileInputStream) stream = g_file_read_finish (file, opened, error);
  if (stream == NULL)
    return -1;

  g_autoptr (GDataInputStream) lines = g_data_input_stream_new (G_INPUT_STREAM (stream));
  for (;; n_lines++)
    {
      GError *problem = NULL;

      g_data_input_stream_read_line_async (
          lines, G_PRIORITY_DEFAULT, NULL, gco_await_ready, &await);
      g_autoptr (GAsyncResult) result = gco_await (&await);
      g_autofree char *line =
          g_data_input_stream_read_line_finish (lines, result, NULL, &problem);

      if (problem != NULL)
        {
          g_propagate_error (error, problem);
          return -1;
        }
      if (line == NULL)
        return n_lines;
    }
}

static void gco_coroutine_fn
run (gpointer user_data)
{
  Program *program = user_data;
  g_autoptr (GError) error = NULL;
  gssize n_lines = count_lines (program->file, &error);

  if (error == NULL)
    g_print ("%" G_GSSIZE_FORMAT " lines\n", n_lines);
  else
    g_printerr ("await-gio: %s\n", error->message);
  program->status = error == NULL ? 0 : 1;
  g_main_loop_quit (program->loop);
}

int
main (int   argc,
      char *argv[])
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  const char *name = argc > 1 ? argv[1] : "/etc/passwd";
  g_autoptr (GFile) file = g_file_new_for_commandline_arg (name);
  Program program = { .file = file, .loop = loop };

  if (gco_spawn (NULL, run, &program, NULL) == NULL)
    g_error ("there is no memory for a stack");
  g_main_loop_run (loop);
  return program.status;
}
