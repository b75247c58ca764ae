/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "wall.h"

#define SIZE 240

/* In a thread. Nothing becomes larger than it is. */
gboolean
decode (GCancellable *cancellable,
        gpointer      user_data,
        GError      **error)
{
  Job        *job = user_data;
  const char *path = g_file_peek_path (job->file);
  int         width = SIZE;
  int         height = SIZE;
  g_autoptr (GFileInputStream) stream = g_file_read (job->file, cancellable, error);
  g_autoptr (GdkPixbuf) scaled = NULL;
  g_autoptr (GdkPixbuf) upright = NULL;

  if (stream == NULL)
    return FALSE;
  if (path != NULL)
    gdk_pixbuf_get_file_info (path, &width, &height);
  scaled = gdk_pixbuf_new_from_stream_at_scale (G_INPUT_STREAM (stream),
                                                MIN (width, SIZE),
                                                MIN (height, SIZE),
                                                TRUE,
                                                cancellable,
                                                error);
  if (scaled == NULL)
    return FALSE;
  upright = gdk_pixbuf_apply_embedded_orientation (scaled);
  job->picture = gdk_texture_new_for_pixbuf (upright);
  return TRUE;
}
