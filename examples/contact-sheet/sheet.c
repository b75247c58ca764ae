/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The contact sheet: rows of thumbnails on paper, in the order of the files and
 * without a hole where a file could not be read.
 */

#include "sheet.h"

#include "offload.h"
#include "thumbnail.h"

#define PAPER 0xf4f2eeff
#define FRAME 0xb9b4aaff
#define MIN_CELL 16
/* beyond this the cells get smaller, beyond twice this nothing more is shown */
#define MAX_PIXELS (G_GUINT64_CONSTANT (32) * 1000 * 1000)

struct _Sheet
{
  guint n_files;  /* (immutable) */
  guint columns;  /* (immutable) */
  int   cell;     /* (immutable) thumbnails are at most that wide and high */
  int   gap;      /* (immutable) between cells; twice that around them all */
  guint max_rows; /* (immutable) */

  /* Placing happens in a worker thread, for it takes long when the sheet has to
   * grow. One holds the lock from before that until after: two threads in the
   * same pixels would be a race, and the order of the images would be lost. */
  GcoMutex    lock;
  GdkPixbuf  *pixels;     /* (lock) */
  guint       n_rows;     /* (lock) of pixels */
  GdkPixbuf **thumbnails; /* (lock) by file; waiting for those before them */
  gboolean   *settled;    /* (lock) by file: has a thumbnail, or never will */
  guint       next;       /* (lock) the first file that is not settled */
  guint       n_placed;   /* (lock) */
  guint       n_left_out; /* (lock) for want of room */
};

static guint
rows_for (guint n,
          guint columns)
{
  return (n + columns - 1) / columns;
}

static int
length_of (Sheet *sheet,
           guint  n_cells)
{
  return 3 * sheet->gap + (int) n_cells * (sheet->cell + sheet->gap);
}

static guint
columns_for (guint n)
{
  guint columns = 1;

  /* 4:3 */
  while ((guint64) columns * columns * 3 < (guint64) n * 4)
    columns++;
  return columns;
}

/* n_expected of the n_files are probably images: it decides on the shape. */
Sheet *
sheet_new (guint n_files,
           guint n_expected)
{
  Sheet  *sheet = g_new0 (Sheet, 1);
  guint64 n_pixels, max_height;

  gco_mutex_init (&sheet->lock);
  sheet->n_files = n_files;
  sheet->columns = columns_for (n_expected);
  sheet->n_rows = rows_for (n_expected, sheet->columns);
  sheet->cell = THUMBNAIL_SIZE + 1;
  do
    {
      sheet->cell--;
      sheet->gap = MAX (4, sheet->cell / 10);
      n_pixels = (guint64) length_of (sheet, sheet->columns) *
                 (guint64) length_of (sheet, sheet->n_rows);
    }
  while (n_pixels > MAX_PIXELS && sheet->cell > MIN_CELL);
  max_height = 2 * MAX_PIXELS / (guint64) length_of (sheet, sheet->columns);
  sheet->max_rows = (guint) (max_height / (guint64) (sheet->cell + sheet->gap));
  sheet->n_rows = MIN (sheet->n_rows, sheet->max_rows);
  sheet->thumbnails = g_new0 (GdkPixbuf *, n_files);
  sheet->settled = g_new0 (gboolean, n_files);
  return sheet;
}

void
sheet_free (Sheet *sheet)
{
  for (guint i = sheet->next; i < sheet->n_files; i++)
    g_clear_object (&sheet->thumbnails[i]);
  g_clear_object (&sheet->pixels);
  g_free (sheet->thumbnails);
  g_free (sheet->settled);
  g_free (sheet);
}

/* (worker thread) */
static gboolean
make_room (Sheet   *sheet,
           guint    n_rows,
           GError **error)
{
  GdkPixbuf *larger;

  if (sheet->pixels != NULL && n_rows <= sheet->n_rows)
    return TRUE;

  if (n_rows > sheet->n_rows)
    n_rows = MIN (MAX (n_rows, 2 * sheet->n_rows), sheet->max_rows);
  else
    n_rows = sheet->n_rows;
  larger = gdk_pixbuf_new (GDK_COLORSPACE_RGB,
                           FALSE,
                           8,
                           length_of (sheet, sheet->columns),
                           length_of (sheet, n_rows));
  if (larger == NULL)
    {
      g_set_error_literal (error,
                           G_IO_ERROR,
                           G_IO_ERROR_NO_SPACE,
                           "There is not enough memory for the sheet.");
      return FALSE;
    }

  gdk_pixbuf_fill (larger, PAPER);
  if (sheet->pixels != NULL)
    gdk_pixbuf_copy_area (sheet->pixels,
                          0,
                          0,
                          gdk_pixbuf_get_width (sheet->pixels),
                          gdk_pixbuf_get_height (sheet->pixels),
                          larger,
                          0,
                          0);
  g_clear_object (&sheet->pixels);
  sheet->pixels = larger;
  sheet->n_rows = n_rows;
  return TRUE;
}

/* (worker thread) */
static void
paint (Sheet     *sheet,
       GdkPixbuf *thumbnail,
       int        x,
       int        y)
{
  int width = gdk_pixbuf_get_width (thumbnail);
  int height = gdk_pixbuf_get_height (thumbnail);

  x += (sheet->cell - width) / 2;
  y += (sheet->cell - height) / 2;
  if (gdk_pixbuf_get_has_alpha (thumbnail))
    {
      gdk_pixbuf_composite (thumbnail,
                            sheet->pixels,
                            x,
                            y,
                            width,
                            height,
                            x,
                            y,
                            1,
                            1,
                            GDK_INTERP_NEAREST,
                            255);
    }
  else
    {
      g_autoptr (GdkPixbuf) frame =
          gdk_pixbuf_new_subpixbuf (sheet->pixels, x - 1, y - 1, width + 2, height + 2);

      gdk_pixbuf_fill (frame, FRAME);
      gdk_pixbuf_copy_area (thumbnail, 0, 0, width, height, sheet->pixels, x, y);
    }
}

/* (worker thread) */
static gboolean
place (Sheet     *sheet,
       GdkPixbuf *thumbnail,
       GError   **error)
{
  guint row = sheet->n_placed / sheet->columns;
  guint column = sheet->n_placed % sheet->columns;
  g_autoptr (GdkPixbuf) fitting = NULL;

  if (row >= sheet->max_rows)
    {
      sheet->n_left_out++;
      return TRUE;
    }
  fitting = thumbnail_shrink (thumbnail, sheet->cell);
  if (!make_room (sheet, row + 1, error))
    return FALSE;
  paint (sheet,
         fitting,
         length_of (sheet, column) - sheet->gap,
         length_of (sheet, row) - sheet->gap);
  sheet->n_placed++;
  return TRUE;
}

static void
place_in_thread (GTask        *task,
                 gpointer      source_object,
                 gpointer      task_data,
                 GCancellable *cancellable)
{
  Sheet  *sheet = task_data;
  GError *error = NULL;

  for (; sheet->next < sheet->n_files && sheet->settled[sheet->next]; sheet->next++)
    {
      g_autoptr (GdkPixbuf) thumbnail = g_steal_pointer (&sheet->thumbnails[sheet->next]);

      if (thumbnail != NULL && error == NULL)
        place (sheet, thumbnail, &error);
    }
  if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_pointer (task, NULL, NULL);
}

/* File number index has this thumbnail, or (NULL) has none. */
gboolean gco_coroutine_fn
sheet_put (Sheet     *sheet,
           guint      index,
           GdkPixbuf *thumbnail,
           GError   **error)
{
  GCO_MUTEX_AUTO_LOCK (&sheet->lock, held);
  GError *problem = NULL;

  g_set_object (&sheet->thumbnails[index], thumbnail);
  sheet->settled[index] = TRUE;
  if (index == sheet->next)
    offload (place_in_thread, sheet, NULL, &problem);
  if (problem == NULL)
    return TRUE;
  g_propagate_error (error, problem);
  return FALSE;
}

/* Returns: (nullable) (transfer full): the part of the sheet that is in use */
GdkPixbuf *gco_coroutine_fn
sheet_get_picture (Sheet *sheet,
                   guint *n_placed,
                   guint *n_left_out)
{
  GCO_MUTEX_AUTO_LOCK (&sheet->lock, held);
  int width, height;

  *n_placed = sheet->n_placed;
  *n_left_out = sheet->n_left_out;
  if (sheet->n_placed == 0)
    return NULL;
  width = length_of (sheet, MIN (sheet->n_placed, sheet->columns));
  height = length_of (sheet, rows_for (sheet->n_placed, sheet->columns));
  return gdk_pixbuf_new_subpixbuf (sheet->pixels, 0, 0, width, height);
}
