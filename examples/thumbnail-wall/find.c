/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "wall.h"

#define BATCH 1000
#define ATTRIBUTES "standard::name,standard::type,standard::is-hidden," \
                   "standard::is-symlink,standard::fast-content-type"

static int
compare_names (gconstpointer a,
               gconstpointer b)
{
  return g_strcmp0 (g_file_info_get_name ((GFileInfo *) a),
                    g_file_info_get_name ((GFileInfo *) b));
}

/* A pipe, whatever its name, would keep a thread waiting for ever. */
static gboolean
is_picture (GFileInfo *info)
{
  const char *type = g_file_info_get_attribute_string (
      info, G_FILE_ATTRIBUTE_STANDARD_FAST_CONTENT_TYPE);

  return g_file_info_get_file_type (info) == G_FILE_TYPE_REGULAR &&
         type != NULL && g_str_has_prefix (type, "image/");
}

/* A link could lead back to where we are. */
static gboolean
is_folder (GFileInfo *info)
{
  return g_file_info_get_file_type (info) == G_FILE_TYPE_DIRECTORY &&
         !g_file_info_get_is_symlink (info);
}

/* In the order of their names. A folder within that cannot be read is passed over. */
gboolean gco_coroutine_fn
find_pictures (GFile        *folder,
               GListStore   *found,
               GCancellable *cancellable,
               GError      **error)
{
  g_autoptr (GFileEnumerator) entries = gco_file_enumerate_children (
      folder, ATTRIBUTES, G_FILE_QUERY_INFO_NONE, cancellable, error);
  g_autolist (GFileInfo) all = NULL;
  GList *batch;

  if (entries == NULL)
    return FALSE;
  while ((batch = gco_file_enumerator_next_files (entries, BATCH, cancellable, NULL)) != NULL)
    all = g_list_concat (batch, all);
  all = g_list_sort (all, compare_names);
  for (GList *l = all; l != NULL && !g_cancellable_is_cancelled (cancellable); l = l->next)
    {
      g_autoptr (GFile) file = g_file_enumerator_get_child (entries, l->data);

      if (g_file_info_get_is_hidden (l->data))
        continue;
      if (is_folder (l->data))
        find_pictures (file, found, cancellable, NULL);
      else if (is_picture (l->data))
        g_list_store_append (found, file);
    }
  return !g_cancellable_set_error_if_cancelled (cancellable, error);
}
