/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the grid shows of a file: nothing yet, the picture, or a sign that there is none. */

#include "wall.h"

#define WIDTH 160
#define HEIGHT 120

GtkWidget *
tile_new (void)
{
  GtkWidget *tile = gtk_overlay_new ();
  GtkWidget *picture = gtk_picture_new ();
  GtkWidget *sign = gtk_image_new_from_icon_name ("image-missing-symbolic");

  gtk_widget_set_size_request (picture, WIDTH, HEIGHT);
  gtk_image_set_icon_size (GTK_IMAGE (sign), GTK_ICON_SIZE_LARGE);
  gtk_widget_add_css_class (sign, "dim-label");
  gtk_overlay_set_child (GTK_OVERLAY (tile), picture);
  gtk_overlay_add_overlay (GTK_OVERLAY (tile), sign);
  gtk_widget_set_overflow (tile, GTK_OVERFLOW_HIDDEN);
  gtk_widget_add_css_class (tile, "card");
  return tile;
}

static void
show (GtkWidget  *tile,
      GdkTexture *picture,
      gboolean    is_busy)
{
  GtkPicture *child = GTK_PICTURE (gtk_overlay_get_child (GTK_OVERLAY (tile)));
  /* an icon stays as small as it is */
  gboolean is_large = picture != NULL && gdk_texture_get_width (picture) >= WIDTH;

  gtk_picture_set_content_fit (
      child, is_large ? GTK_CONTENT_FIT_COVER : GTK_CONTENT_FIT_SCALE_DOWN);
  gtk_picture_set_paintable (child, GDK_PAINTABLE (picture));
  gtk_widget_set_visible (gtk_widget_get_last_child (tile), picture == NULL && !is_busy);
  gtk_accessible_update_state (
      GTK_ACCESSIBLE (tile), GTK_ACCESSIBLE_STATE_BUSY, is_busy, -1);
}

void
tile_begin (GtkWidget *tile,
            GFile     *file)
{
  g_autofree char *name = g_file_get_basename (file);

  gtk_accessible_update_property (
      GTK_ACCESSIBLE (tile), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
  gtk_widget_set_tooltip_text (tile, name);
  show (tile, NULL, TRUE);
}

/* @picture: (nullable): what came of it */
void
tile_end (GtkWidget  *tile,
          GdkTexture *picture)
{
  show (tile, picture, FALSE);
}
