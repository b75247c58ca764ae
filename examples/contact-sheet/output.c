/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The file the sheet is written to: a temporary one in the same folder, made
 * before anything else is done so that a folder that cannot be written to is
 * noticed at once, and renamed when it is whole. Whatever happens, nobody finds
 * half a sheet under the name that was asked for.
 */

#include "output.h"

#include "offload.h"

#define ATTRIBUTES G_FILE_ATTRIBUTE_STANDARD_TYPE "," G_FILE_ATTRIBUTE_ACCESS_CAN_WRITE

struct _Output
{
  GFile         *target;  /* (immutable) */
  GFile         *temp;    /* (immutable) */
  GOutputStream *stream;  /* (worker thread) once there is something to write */
  gboolean       written; /* (main thread) */
};

typedef struct
{
  Output    *output;
  GdkPixbuf *picture;
} Writing;

static gboolean gco_coroutine_fn
check_target (GFile        *target,
              GCancellable *cancellable,
              GError      **error)
{
  g_autoptr (GFileInfo) info =
      gco_file_query_info (target, ATTRIBUTES, G_FILE_QUERY_INFO_NONE, cancellable, NULL);

  if (info == NULL)
    return TRUE; /* not there yet; of anything worse the temporary file tells */

  if (g_file_info_get_file_type (info) != G_FILE_TYPE_REGULAR)
    {
      g_set_error_literal (
          error, G_IO_ERROR, G_IO_ERROR_NOT_REGULAR_FILE, "it exists and is not a file");
      return FALSE;
    }
  if (!g_file_info_get_attribute_boolean (info, G_FILE_ATTRIBUTE_ACCESS_CAN_WRITE))
    {
      g_set_error_literal (
          error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED, "it is write-protected");
      return FALSE;
    }
  return TRUE;
}

static GFileOutputStream *gco_coroutine_fn
create (GFile        *temp,
        GCancellable *cancellable,
        GError      **error)
{
  g_autoptr (GAsyncResult) result = NULL;
  GcoAwait await;

  gco_await_init (&await, cancellable);
  g_file_create_async (temp,
                       G_FILE_CREATE_NONE,
                       G_PRIORITY_DEFAULT,
                       cancellable,
                       gco_await_ready,
                       &await);
  result = gco_await (&await);
  return g_file_create_finish (temp, result, error);
}

Output *gco_coroutine_fn
output_open (GFile        *target,
             GCancellable *cancellable,
             GError      **error)
{
  g_autoptr (GFile) folder = g_file_get_parent (target);
  g_autofree char *name = g_strdup_printf (".contact-sheet-%08x.tmp", g_random_int ());
  g_autoptr (GFile) temp = NULL;
  GFileOutputStream *stream;
  Output            *output;

  if (!check_target (target, cancellable, error))
    return NULL;
  if (folder == NULL)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_IS_DIRECTORY, "it is a folder");
      return NULL;
    }

  temp = g_file_get_child (folder, name);
  stream = create (temp, cancellable, error);
  if (stream == NULL)
    return NULL;

  output = g_new0 (Output, 1);
  output->target = g_object_ref (target);
  output->temp = g_steal_pointer (&temp);
  output->stream = G_OUTPUT_STREAM (stream);
  return output;
}

static void
write_in_thread (GTask        *task,
                 gpointer      source_object,
                 gpointer      task_data,
                 GCancellable *cancellable)
{
  Writing *writing = task_data;
  Output  *output = writing->output;
  char    *keys[] = { (char *) "compression", NULL };
  char    *values[] = { (char *) "1", NULL };
  GError  *error = NULL;

  if (!gdk_pixbuf_save_to_streamv (
          writing->picture, output->stream, "png", keys, values, cancellable, &error) ||
      !g_output_stream_close (output->stream, cancellable, &error) ||
      !g_file_move (output->temp,
                    output->target,
                    G_FILE_COPY_OVERWRITE,
                    cancellable,
                    NULL,
                    NULL,
                    &error))
    {
      g_task_return_error (task, error);
      return;
    }
  g_task_return_pointer (task, NULL, NULL);
}

gboolean gco_coroutine_fn
output_write (Output       *output,
              GdkPixbuf    *picture,
              GCancellable *cancellable,
              GError      **error)
{
  Writing writing = { .output = output, .picture = picture };
  GError *problem = NULL;

  offload (write_in_thread, &writing, cancellable, &problem);
  output->written = problem == NULL;
  if (output->written)
    return TRUE;
  g_propagate_error (error, problem);
  return FALSE;
}

/* At once, also while a thread still writes: it writes into nothing then. */
void
output_discard (Output *output)
{
  g_file_delete (output->temp, NULL, NULL);
}

void
output_free (Output *output)
{
  if (!output->written)
    output_discard (output);
  g_object_unref (output->stream);
  g_object_unref (output->temp);
  g_object_unref (output->target);
  g_free (output);
}
