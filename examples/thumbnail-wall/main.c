/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * thumbnail-wall [DIR]: the pictures in a folder, and in those below it. In the order in
 * which to read: wall.c (a scope, and a coroutine a picture), limit.c (a semaphore),
 * decode.c (for a thread), find.c (GIO, awaited), tile.c and wall.ui (what one sees).
 */

#include "wall.h"

static void
show_folder (GtkApplication *app,
             GFile          *folder)
{
  WallWindow *window = g_object_new (WALL_TYPE_WINDOW, "application", app, NULL);

  wall_window_show_folder (window, folder);
  gtk_window_present (GTK_WINDOW (window));
}

/* Those of the user, or else all that are on the system. */
static void
activate (GtkApplication *app)
{
  const char *pictures = g_get_user_special_dir (G_USER_DIRECTORY_PICTURES);
  g_autoptr (GFile) folder = g_file_new_for_path (pictures != NULL ? pictures : "/usr/share");

  show_folder (app, folder);
}

static void
open (GtkApplication *app,
      GFile         **folders)
{
  show_folder (app, folders[0]);
}

static void
about (GSimpleAction *action,
       GVariant      *parameter,
       gpointer       app)
{
  adw_show_about_window (gtk_application_get_active_window (app),
                         "application-name",
                         "Thumbnail Wall",
                         "application-icon",
                         "folder-pictures",
                         "comments",
                         "Each picture is a coroutine",
                         "license-type",
                         GTK_LICENSE_LGPL_2_1,
                         NULL);
}

static void
startup (GtkApplication *app)
{
  const GActionEntry entries[] = { { "about", about } };
  g_autoptr (GPropertyAction) style =
      g_property_action_new ("style", adw_style_manager_get_default (), "color-scheme");

  g_action_map_add_action (G_ACTION_MAP (app), G_ACTION (style));
  g_action_map_add_action_entries (G_ACTION_MAP (app), entries, G_N_ELEMENTS (entries), app);
  gtk_application_set_accels_for_action (
      app, "window.close", (const char *[]){ "<Control>w", "<Control>q", NULL });
  gtk_application_set_accels_for_action (app, "win.open", (const char *[]){ "<Control>o", NULL });
  gtk_application_set_accels_for_action (app, "win.reload", (const char *[]){ "F5", NULL });
}

int
main (int   argc,
      char *argv[])
{
  g_autoptr (AdwApplication) app =
      adw_application_new ("org.example.ThumbnailWall",
                           G_APPLICATION_HANDLES_OPEN | G_APPLICATION_NON_UNIQUE);

  g_signal_connect (app, "startup", G_CALLBACK (startup), NULL);
  g_signal_connect (app, "activate", G_CALLBACK (activate), NULL);
  g_signal_connect (app, "open", G_CALLBACK (open), NULL);
  return g_application_run (G_APPLICATION (app), argc, argv);
}
