/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <adwaita.h>
#include <gco.h>

#define WALL_TYPE_WINDOW (wall_window_get_type ())
G_DECLARE_FINAL_TYPE (WallWindow, wall_window, WALL, WINDOW, AdwApplicationWindow)

/* What a coroutine is given: a folder to search, or a picture to load. */
typedef struct
{
  WallWindow   *window;
  GFile        *file;
  GtkWidget    *tile;    /* where to show it */
  GdkTexture   *picture; /* what came of it, or NULL */
  GCancellable *cancellable;
} Job;

/* (main thread) A semaphore of which one can change how many permits it has. */
typedef struct
{
  GcoSemaphore semaphore;
  guint        n_withheld;
  guint        n_to_withhold;
} Limit;

void limit_init (Limit *limit);
void limit_set (Limit *limit,
                guint  n);
void limit_release (Limit *limit);

gboolean decode (GCancellable *cancellable,
                 gpointer      job,
                 GError      **error);

gboolean gco_coroutine_fn find_pictures (GFile        *folder,
                                         GListStore   *found,
                                         GCancellable *cancellable,
                                         GError      **error);

GtkWidget *tile_new (void);
void       tile_begin (GtkWidget *tile,
                       GFile     *file);
void       tile_end (GtkWidget  *tile,
                     GdkTexture *picture);

void wall_window_show_folder (WallWindow *self,
                              GFile      *folder);
