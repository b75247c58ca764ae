/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "image.h"

#include <gdk-pixbuf/gdk-pixbuf.h>

static gboolean
is_loadable (const char *mime_type)
{
  static gsize       once;
  static GHashTable *loadable;

  if (g_once_init_enter (&once))
    {
      GSList *formats = gdk_pixbuf_get_formats ();

      loadable = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
      for (GSList *l = formats; l != NULL; l = l->next)
        {
          g_autofree char **types = gdk_pixbuf_format_get_mime_types (l->data);

          for (char **type = types; *type != NULL; type++)
            g_hash_table_add (loadable, *type);
        }
      g_slist_free (formats);
      g_once_init_leave (&once, 1);
    }
  return g_hash_table_contains (loadable, mime_type);
}

Image *
image_new (GFile      *folder,
           const char *folder_name,
           guint       root,
           GFileInfo  *info)
{
  const char *type = g_file_info_get_attribute_string (
      info, G_FILE_ATTRIBUTE_STANDARD_FAST_CONTENT_TYPE);
  g_autofree char *mime_type = type != NULL ? g_content_type_get_mime_type (type) : NULL;
  Image           *image = g_new0 (Image, 1);

  image->file = g_file_get_child (folder, g_file_info_get_name (info));
  image->name = g_build_filename (folder_name, g_file_info_get_display_name (info), NULL);
  image->sort_key = g_utf8_collate_key_for_filename (image->name, -1);
  image->mtime_us =
      (gint64) g_file_info_get_attribute_uint64 (info, G_FILE_ATTRIBUTE_TIME_MODIFIED) *
          G_USEC_PER_SEC +
      g_file_info_get_attribute_uint32 (info, G_FILE_ATTRIBUTE_TIME_MODIFIED_USEC);
  image->size = g_file_info_get_size (info);
  image->root = root;
  image->promising = mime_type != NULL && is_loadable (mime_type);
  return image;
}

void
image_free (Image *image)
{
  g_object_unref (image->file);
  g_free (image->name);
  g_free (image->sort_key);
  g_free (image);
}
