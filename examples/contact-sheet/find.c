/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Looks for files in folders and all folders below. A folder is looked into
 * once, by whatever links one comes to it: a loop of links ends by itself.
 */

#include "find.h"

#include <string.h>

#include "offload.h"

#define BATCH 100
#define ATTRIBUTES                                                              \
 G_FILE_ATTRIBUTE_STANDARD_NAME "," G_FILE_ATTRIBUTE_STANDARD_DISPLAY_NAME      \
                                "," G_FILE_ATTRIBUTE_STANDARD_TYPE              \
                                "," G_FILE_ATTRIBUTE_STANDARD_SIZE              \
                                "," G_FILE_ATTRIBUTE_STANDARD_IS_HIDDEN         \
                                "," G_FILE_ATTRIBUTE_STANDARD_FAST_CONTENT_TYPE \
                                "," G_FILE_ATTRIBUTE_TIME_MODIFIED              \
                                "," G_FILE_ATTRIBUTE_TIME_MODIFIED_USEC

typedef struct
{
  GFile *file;
  char  *name;
} Folder;

typedef struct
{
  Finding      *finding;
  GFile        *except;
  Progress     *progress;
  GCancellable *cancellable;
  GHashTable   *seen; /* ids of folders */
  GQueue        todo; /* of Folder */
  guint         root;
} Walk;

static void
root_free (gpointer data)
{
  Root *root = data;

  g_object_unref (root->folder);
  g_free (root->name);
  g_free (root);
}

Finding *
finding_new (void)
{
  Finding *finding = g_new0 (Finding, 1);

  finding->roots = g_ptr_array_new_with_free_func (root_free);
  finding->images = g_ptr_array_new_with_free_func ((GDestroyNotify) image_free);
  return finding;
}

void
finding_free (Finding *finding)
{
  g_ptr_array_unref (finding->roots);
  g_ptr_array_unref (finding->images);
  g_free (finding);
}

void
finding_add_root (Finding    *finding,
                  const char *name)
{
  Root *root = g_new0 (Root, 1);

  root->folder = g_file_new_for_commandline_arg (name);
  root->name = g_filename_display_name (name);
  g_ptr_array_add (finding->roots, root);
}

void
finding_keep_promising (Finding *finding)
{
  for (guint i = finding->images->len; i-- > 0;)
    if (!((Image *) g_ptr_array_index (finding->images, i))->promising)
      g_ptr_array_remove_index (finding->images, i);
}

static void
folder_free (gpointer data)
{
  Folder *folder = data;

  g_object_unref (folder->file);
  g_free (folder->name);
  g_free (folder);
}

static void
push (Walk       *walk,
      GFile      *file,
      const char *name)
{
  Folder *folder = g_new (Folder, 1);

  folder->file = g_object_ref (file);
  folder->name = g_strdup (name);
  g_queue_push_tail (&walk->todo, folder);
}

static void
take_entry (Walk         *walk,
            const Folder *folder,
            GFileInfo    *info)
{
  g_autoptr (GFile) file = g_file_get_child (folder->file, g_file_info_get_name (info));
  g_autofree char *name =
      g_build_filename (folder->name, g_file_info_get_display_name (info), NULL);
  Image *image;

  if (g_file_info_get_is_hidden (info) || g_file_equal (file, walk->except))
    return;

  switch (g_file_info_get_file_type (info))
    {
    case G_FILE_TYPE_DIRECTORY:
      push (walk, file, name);
      break;
    case G_FILE_TYPE_REGULAR:
      image = image_new (folder->file, folder->name, walk->root, info);
      g_ptr_array_add (walk->finding->images, image);
      walk->finding->n_promising += image->promising;
      break;
    case G_FILE_TYPE_SYMBOLIC_LINK:
      progress_skip (walk->progress, name, "is a link to nowhere");
      break;
    default: /* a pipe would keep whoever opens it waiting for ever */
      progress_skip (walk->progress, name, "is not a file");
    }
}

/* Whether it is the first time that the walk comes here. */
static gboolean gco_coroutine_fn
enter_folder (Walk         *walk,
              const Folder *folder,
              gboolean     *is_new,
              GError      **error)
{
  g_autoptr (GFileInfo) info = NULL;
  const char *id;

  info = gco_file_query_info (folder->file,
                              G_FILE_ATTRIBUTE_ID_FILE,
                              G_FILE_QUERY_INFO_NONE,
                              walk->cancellable,
                              error);
  if (info == NULL)
    return FALSE;

  id = g_file_info_get_attribute_string (info, G_FILE_ATTRIBUTE_ID_FILE);
  *is_new = g_hash_table_add (walk->seen,
                              id != NULL ? g_strdup (id) : g_file_get_uri (folder->file));
  return TRUE;
}

static gboolean gco_coroutine_fn
read_folder (Walk         *walk,
             const Folder *folder,
             GError      **error)
{
  g_autoptr (GFileEnumerator) entries = NULL;
  GCancellable *cancellable = walk->cancellable;
  GError       *problem = NULL;
  GList        *batch;

  entries = gco_file_enumerate_children (folder->file,
                                         ATTRIBUTES,
                                         G_FILE_QUERY_INFO_NONE,
                                         cancellable,
                                         error);
  if (entries == NULL)
    return FALSE;

  walk->finding->n_folders++;
  for (;;)
    {
      batch = gco_file_enumerator_next_files (entries, BATCH, cancellable, &problem);
      if (batch == NULL)
        break;
      for (GList *l = batch; l != NULL; l = l->next)
        take_entry (walk, folder, l->data);
      g_list_free_full (batch, g_object_unref);
    }
  if (problem == NULL)
    return TRUE;
  g_propagate_error (error, problem);
  return FALSE;
}

static void
set_root_error (const Root   *root,
                const GError *problem,
                GError      **error)
{
  g_autofree char *why = NULL;

  if (problem->code == G_IO_ERROR_NOT_FOUND)
    why = g_strdup_printf ("There is no folder %s.", root->name);
  else if (problem->code == G_IO_ERROR_NOT_DIRECTORY)
    why = g_strdup_printf ("%s is not a folder.", root->name);
  else
    why = g_strdup_printf ("%s cannot be read: %s.", root->name, problem->message);
  g_set_error_literal (error, problem->domain, problem->code, why);
}

static gboolean gco_coroutine_fn
walk_root (Walk    *walk,
           Root    *root,
           GError **error)
{
  gboolean is_root = TRUE;
  Folder  *folder;

  push (walk, root->folder, root->name);
  while ((folder = g_queue_pop_head (&walk->todo)) != NULL)
    {
      gboolean is_new = FALSE;
      GError  *problem = NULL;

      if (enter_folder (walk, folder, &is_new, &problem) && is_new)
        read_folder (walk, folder, &problem);
      /* what they share counts for the other */
      root->may_be_empty |= problem == NULL && !is_new;
      if (problem != NULL && (is_root || g_cancellable_is_cancelled (walk->cancellable)))
        {
          set_root_error (root, problem, error);
          g_error_free (problem);
          folder_free (folder);
          return FALSE;
        }
      if (problem != NULL)
        progress_skip (walk->progress, folder->name, problem->message);
      g_clear_error (&problem);
      folder_free (folder);
      is_root = FALSE;
    }
  return TRUE;
}

static int
compare_images (gconstpointer a,
                gconstpointer b)
{
  const Image *left = *(const Image *const *) a;
  const Image *right = *(const Image *const *) b;

  if (left->root != right->root)
    return left->root < right->root ? -1 : 1;
  return strcmp (left->sort_key, right->sort_key);
}

static void
sort_in_thread (GTask        *task,
                gpointer      source_object,
                gpointer      task_data,
                GCancellable *cancellable)
{
  g_ptr_array_sort (task_data, compare_images);
  g_task_return_pointer (task, NULL, NULL);
}

gboolean gco_coroutine_fn
find_images (Finding      *finding,
             GFile        *except,
             Progress     *progress,
             GCancellable *cancellable,
             GError      **error)
{
  Walk     walk = { .finding = finding,
                    .except = except,
                    .progress = progress,
                    .cancellable = cancellable };
  gboolean found = TRUE;

  walk.seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_queue_init (&walk.todo);
  for (; found && walk.root < finding->roots->len; walk.root++)
    found = walk_root (&walk, g_ptr_array_index (finding->roots, walk.root), error);
  g_queue_clear_full (&walk.todo, folder_free);
  g_hash_table_unref (walk.seen);
  if (found)
    offload (sort_in_thread, finding->images, NULL, NULL);
  return found;
}
