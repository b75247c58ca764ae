/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

/* A file that may turn out to be an image. Immutable once it is found. */
typedef struct
{
  GFile   *file;
  char    *name; /* for people: below the folder as they gave it */
  char    *sort_key;
  gint64   mtime_us;
  goffset  size;
  guint    root;      /* which of the folders given it was found in */
  gboolean promising; /* its name is that of an image */
} Image;

Image *image_new (GFile      *folder,
                  const char *folder_name,
                  guint       root,
                  GFileInfo  *info);
void   image_free (Image *image);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Image, image_free)
