/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Which folders to show: those given; else the user's pictures; else the images
 * that the desktop's packages have put on the system.
 */

#include "places.h"

static void
add_existing (Finding    *finding,
              const char *parent,
              const char *name)
{
  g_autofree char *path = g_build_filename (parent, name, NULL);

  if (g_file_test (path, G_FILE_TEST_IS_DIR))
    finding_add_root (finding, path);
}

static void
add_pictures (Finding *finding)
{
  const char *pictures = g_get_user_special_dir (G_USER_DIRECTORY_PICTURES);

  /* a user without a folder for pictures may have the home folder for it */
  if (pictures != NULL && g_strcmp0 (pictures, g_get_home_dir ()) != 0)
    add_existing (finding, pictures, "");
}

static void
add_backgrounds (Finding *finding)
{
  for (const char *const *dir = g_get_system_data_dirs (); *dir != NULL; dir++)
    {
      add_existing (finding, *dir, "backgrounds");
      add_existing (finding, *dir, "wallpapers");
    }
}

static void
add_icons (Finding *finding)
{
  for (const char *const *dir = g_get_system_data_dirs (); *dir != NULL; dir++)
    {
      add_existing (finding, *dir, "icons");
      add_existing (finding, *dir, "pixmaps");
    }
}

static const struct
{
  const char *what;
  void (*add) (Finding *finding);
  gboolean is_yours; /* of what is no image there, you may want to know */
} places[] = {
  { "your pictures", add_pictures, TRUE },
  { "the desktop's backgrounds", add_backgrounds, FALSE },
  { "the desktop's icons", add_icons, FALSE },
};

static void
say_which (Progress   *progress,
           const char *what,
           Finding    *finding)
{
  g_autoptr (GString) names = g_string_new (NULL);

  for (guint i = 0; i < finding->roots->len; i++)
    {
      Root *root = g_ptr_array_index (finding->roots, i);

      /* that one of them is empty is not the user's mistake */
      root->may_be_empty = TRUE;
      g_string_append_printf (names, "%s%s", i == 0 ? "" : ", ", root->name);
    }
  progress_say (progress, "no folder given: taking %s in %s", what, names->str);
}

static Finding *gco_coroutine_fn
find_somewhere (GFile        *except,
                Progress     *progress,
                GCancellable *cancellable,
                GError      **error)
{
  for (gsize i = 0; i < G_N_ELEMENTS (places); i++)
    {
      g_autoptr (Finding) finding = finding_new ();

      places[i].add (finding);
      if (!find_images (finding, except, progress, cancellable, error))
        return NULL;
      if (finding->n_promising == 0)
        continue;
      if (!places[i].is_yours)
        finding_keep_promising (finding);
      say_which (progress, places[i].what, finding);
      return g_steal_pointer (&finding);
    }
  g_set_error_literal (error,
                       G_IO_ERROR,
                       G_IO_ERROR_NOT_FOUND,
                       "There are no pictures of yours and none of the desktop's: "
                       "name a folder.");
  return NULL;
}

Finding *gco_coroutine_fn
places_find (char        **folders,
             GFile        *except,
             Progress     *progress,
             GCancellable *cancellable,
             GError      **error)
{
  g_autoptr (Finding) finding = NULL;

  if (folders == NULL)
    return find_somewhere (except, progress, cancellable, error);

  finding = finding_new ();
  for (char **name = folders; *name != NULL; name++)
    finding_add_root (finding, *name);
  if (!find_images (finding, except, progress, cancellable, error))
    return NULL;
  return g_steal_pointer (&finding);
}
