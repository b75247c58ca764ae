/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* From a file to a small image that stands upright. */

#include "thumbnail.h"

#include "offload.h"
#include "whole.h"

#define CHUNK (64 * 1024)
/* what a file may ask for before it is taken for a trap */
#define MAX_PIXELS (G_GUINT64_CONSTANT (1) << 28)
#define MAX_BYTES (1024 * 1024 * 1024)

/* (worker thread) */
typedef struct
{
  GdkPixbufLoader *loader;
  GByteArray      *bytes;
  gboolean         too_large;
} Decoding;

static void
fit (int *width,
     int *height,
     int  size)
{
  double scale = MIN ((double) size / *width, (double) size / *height);

  if (scale < 1)
    {
      *width = MAX (1, (int) (*width * scale + 0.5));
      *height = MAX (1, (int) (*height * scale + 0.5));
    }
}

/* Returns: (transfer full): pixbuf itself if it is small enough */
GdkPixbuf *
thumbnail_shrink (GdkPixbuf *pixbuf,
                  int        size)
{
  int width = gdk_pixbuf_get_width (pixbuf);
  int height = gdk_pixbuf_get_height (pixbuf);

  if (width <= size && height <= size)
    return g_object_ref (pixbuf);
  fit (&width, &height, size);
  return gdk_pixbuf_scale_simple (pixbuf, width, height, GDK_INTERP_BILINEAR);
}

/* A JPEG is decoded at a fraction of its size, which is many times faster. */
static void
on_size_prepared (GdkPixbufLoader *loader,
                  int              width,
                  int              height,
                  gpointer         user_data)
{
  Decoding *decoding = user_data;

  decoding->too_large = (guint64) width * (guint64) height > MAX_PIXELS;
  if (decoding->too_large)
    width = height = 0; /* makes the loader give up before it allocates */
  else
    fit (&width, &height, THUMBNAIL_SIZE);
  gdk_pixbuf_loader_set_size (loader, width, height);
}

static gboolean
feed (Decoding     *decoding,
      GInputStream *stream,
      GCancellable *cancellable,
      GError      **error)
{
  g_autofree guint8 *chunk = g_malloc (CHUNK);
  gssize             n;

  while ((n = g_input_stream_read (stream, chunk, CHUNK, cancellable, error)) > 0)
    {
      g_byte_array_append (decoding->bytes, chunk, (guint) n);
      if (decoding->bytes->len > MAX_BYTES)
        {
          g_set_error_literal (
              error, GDK_PIXBUF_ERROR, GDK_PIXBUF_ERROR_FAILED, "is too large");
          return FALSE;
        }
      if (!gdk_pixbuf_loader_write (decoding->loader, chunk, (gsize) n, error))
        return FALSE;
    }
  return n == 0;
}

static gboolean
is_cut_off (Decoding *decoding)
{
  GdkPixbufFormat *format = gdk_pixbuf_loader_get_format (decoding->loader);
  g_autofree char *name = format != NULL ? gdk_pixbuf_format_get_name (format) : NULL;

  return name != NULL && !is_whole (name, decoding->bytes->data, decoding->bytes->len);
}

static GdkPixbuf *
finish (Decoding *decoding,
        GError  **error)
{
  g_autoptr (GdkPixbuf) upright = NULL;
  g_autoptr (GError) problem = NULL;
  GdkPixbuf  *pixbuf = NULL;
  const char *why = NULL;

  if (gdk_pixbuf_loader_close (decoding->loader, &problem))
    pixbuf = gdk_pixbuf_loader_get_pixbuf (decoding->loader);
  if (decoding->bytes->len == 0)
    why = "is empty";
  else if (is_cut_off (decoding))
    why = "is cut off in the middle";
  else if (pixbuf == NULL && problem == NULL)
    why = "shows nothing";

  if (why != NULL)
    g_set_error_literal (error, GDK_PIXBUF_ERROR, GDK_PIXBUF_ERROR_CORRUPT_IMAGE, why);
  else if (problem != NULL)
    g_propagate_error (error, g_steal_pointer (&problem));
  else
    upright = gdk_pixbuf_apply_embedded_orientation (pixbuf);
  return upright != NULL ? thumbnail_shrink (upright, THUMBNAIL_SIZE) : NULL;
}

static void
explain (Decoding *decoding,
         GError   *error)
{
  const char *why = NULL;

  if (decoding->too_large)
    why = "is too large";
  else if (g_error_matches (error, GDK_PIXBUF_ERROR, GDK_PIXBUF_ERROR_UNKNOWN_TYPE))
    why = "is not an image, or not of a kind that is known here";
  if (why != NULL)
    {
      g_free (error->message);
      error->message = g_strdup (why);
    }
}

static void
decode_in_thread (GTask        *task,
                  gpointer      source_object,
                  gpointer      task_data,
                  GCancellable *cancellable)
{
  g_autoptr (GdkPixbufLoader) loader = gdk_pixbuf_loader_new ();
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  Decoding   decoding = { .loader = loader, .bytes = bytes };
  GdkPixbuf *thumbnail = NULL;
  GError    *error = NULL;

  g_signal_connect (loader, "size-prepared", G_CALLBACK (on_size_prepared), &decoding);
  if (feed (&decoding, task_data, cancellable, &error))
    thumbnail = finish (&decoding, &error);
  else
    gdk_pixbuf_loader_close (loader, NULL);

  if (thumbnail == NULL)
    {
      explain (&decoding, error);
      g_task_return_error (task, error);
      return;
    }
  g_task_return_pointer (task, thumbnail, g_object_unref);
}

GdkPixbuf *gco_coroutine_fn
thumbnail_make (GFile        *file,
                GCancellable *cancellable,
                GError      **error)
{
  g_autoptr (GFileInputStream) stream = gco_file_read (file, cancellable, error);
  GdkPixbuf *thumbnail;

  if (stream == NULL)
    return NULL;

  thumbnail = offload (decode_in_thread, stream, cancellable, error);

  /* not cancellable: the descriptor is given back in any case */
  gco_input_stream_close (G_INPUT_STREAM (stream), NULL, NULL);
  return thumbnail;
}
