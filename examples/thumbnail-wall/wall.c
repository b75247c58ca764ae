/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A window with the pictures of a folder. Each one in sight, or nearly, has a coroutine
 * that waits for its turn, decodes it and shows it; scrolled away, it is cancelled. All
 * are in one scope, and the window is there until the last of them has unwound.
 */

#include "wall.h"

/* (main thread) */
struct _WallWindow
{
  AdwApplicationWindow parent_instance;
  AdwWindowTitle      *title;
  GtkStack            *stack;
  GtkProgressBar      *progress;
  GtkWidget           *problem_bar;
  GtkLabel            *problem_count;
  GtkLabel            *problem_list;
  GtkLabel            *status;
  GtkAdjustment       *at_once;
  GListStore          *pictures; /* of GFile */
  GFile               *folder;
  GCancellable        *finding;  /* or NULL */
  GString             *problems; /* a line each */
  guint                n_problems;
  GcoScope            *scope; /* of whatever is being done */
  Limit                limit;
  guint                n_wanted; /* since there was nothing to do */
  guint                n_done;   /* of these */
  guint                n_decoding;
};

G_DEFINE_FINAL_TYPE (WallWindow, wall_window, ADW_TYPE_APPLICATION_WINDOW)

static void
update (WallWindow *self)
{
  guint            n_found = g_list_model_get_n_items (G_LIST_MODEL (self->pictures));
  g_autofree char *found = g_strdup_printf (n_found == 1 ? "%u picture" : "%u pictures", n_found);
  g_autofree char *status = NULL;

  if (self->n_done == self->n_wanted)
    self->n_done = self->n_wanted = 0;
  else
    status = g_strdup_printf ("%u decoding, %u waiting",
                              self->n_decoding,
                              self->n_wanted - self->n_done - self->n_decoding);
  gtk_label_set_label (self->status, status != NULL ? status : "");
  gtk_widget_set_visible (GTK_WIDGET (self->progress), status != NULL);
  gtk_progress_bar_set_fraction (self->progress,
                                 (double) self->n_done / MAX (self->n_wanted, 1));
  adw_window_title_set_subtitle (self->title, n_found > 0 ? found : "");
  gtk_stack_set_visible_child_name (
      self->stack, n_found > 0 ? "wall" : self->finding != NULL ? "finding"
                                                                : "empty");
}

/* Of the folder itself, or of a file in it, which is not tried again then. */
static void
note_problem (WallWindow   *self,
              GFile        *file,
              const GError *problem)
{
  g_autofree char *name = g_file_get_basename (file);
  g_autofree char *count = NULL;

  g_object_set_data (G_OBJECT (file), "is-broken", self);
  self->n_problems++;
  count = g_strdup_printf (self->n_problems == 1 ? "%u file could not be shown"
                                                 : "%u files could not be shown",
                           self->n_problems);
  g_string_append_printf (self->problems, "%s: %s\n", name, problem->message);
  gtk_label_set_label (self->problem_count, count);
  gtk_label_set_label (self->problem_list, self->problems->str);
  gtk_widget_set_visible (self->problem_bar, TRUE);
}

/* ------------------------------------------------------------------ coroutines */

static void
job_free (gpointer data)
{
  Job *job = data;

  g_object_unref (job->window);
  g_object_unref (job->file);
  g_clear_object (&job->tile);
  g_clear_object (&job->picture);
  g_object_unref (job->cancellable);
  g_free (job);
}

/* Returns what cancels it. */
static GCancellable *
start (WallWindow *self,
       GcoRunFunc  func,
       GFile      *file,
       GtkWidget  *tile)
{
  Job *job = g_new0 (Job, 1);

  job->window = g_object_ref (self);
  job->file = g_object_ref (file);
  g_set_object (&job->tile, tile);
  job->cancellable = g_cancellable_new ();
  gco_scope_spawn (self->scope, func, job, job_free);
  return g_object_ref (job->cancellable);
}

/* One that fails is no reason to end the others, so none does. */
static gboolean gco_coroutine_fn
load (GCancellable *cancellable,
      gpointer      user_data,
      GError      **error)
{
  Job        *job = user_data;
  WallWindow *self = job->window;
  g_autoptr (GError) problem = NULL;

  if (gco_semaphore_acquire_cancellable (&self->limit.semaphore, job->cancellable, NULL))
    {
      self->n_decoding++;
      update (self);
      gco_run_in_thread (decode, job, job->cancellable, &problem);
      self->n_decoding--;
      limit_release (&self->limit);
    }
  if (!g_cancellable_is_cancelled (job->cancellable))
    {
      tile_end (job->tile, job->picture);
      if (problem != NULL)
        note_problem (self, job->file, problem);
    }
  self->n_done++;
  update (self);
  return TRUE;
}

static gboolean gco_coroutine_fn
find (GCancellable *cancellable,
      gpointer      user_data,
      GError      **error)
{
  Job        *job = user_data;
  WallWindow *self = job->window;
  g_autoptr (GError) problem = NULL;

  find_pictures (job->file, self->pictures, job->cancellable, &problem);
  if (g_cancellable_is_cancelled (job->cancellable))
    return TRUE;
  if (problem != NULL)
    note_problem (self, job->file, problem);
  g_clear_object (&self->finding);
  update (self);
  return TRUE;
}

/* -------------------------------------------------------------------- the grid */

static void
setup (GtkSignalListItemFactory *factory,
       GtkListItem              *item)
{
  gtk_list_item_set_child (item, tile_new ());
}

static void
bind (GtkSignalListItemFactory *factory,
      GtkListItem              *item,
      WallWindow               *self)
{
  GtkWidget *tile = gtk_list_item_get_child (item);
  GFile     *file = gtk_list_item_get_item (item);

  tile_begin (tile, file);
  if (g_object_get_data (G_OBJECT (file), "is-broken") != NULL)
    {
      tile_end (tile, NULL);
      return;
    }
  self->n_wanted++;
  g_object_set_data_full (
      G_OBJECT (tile), "load", start (self, load, file, tile), g_object_unref);
}

static void
unbind (GtkSignalListItemFactory *factory,
        GtkListItem              *item)
{
  g_cancellable_cancel (g_object_get_data (G_OBJECT (gtk_list_item_get_child (item)), "load"));
}

/* -------------------------------------------------------------- what one can do */

void
wall_window_show_folder (WallWindow *self,
                         GFile      *folder)
{
  g_autofree char *name = g_file_get_basename (folder);

  g_set_object (&self->folder, folder);
  g_cancellable_cancel (self->finding);
  g_clear_object (&self->finding);
  g_list_store_remove_all (self->pictures);
  g_string_truncate (self->problems, 0);
  self->n_problems = 0;
  gtk_widget_set_visible (self->problem_bar, FALSE);
  adw_window_title_set_title (self->title, name);
  gtk_window_set_title (GTK_WINDOW (self), name);
  self->finding = start (self, find, folder, NULL);
  update (self);
}

static void
reload (GtkWidget  *window,
        const char *action,
        GVariant   *parameter)
{
  wall_window_show_folder (WALL_WINDOW (window), WALL_WINDOW (window)->folder);
}

static void
chosen (WallWindow     *self,
        int             response,
        GtkFileChooser *chooser)
{
  g_autoptr (GFile) folder = NULL;

  if (response == GTK_RESPONSE_ACCEPT)
    {
      folder = gtk_file_chooser_get_file (chooser);
      wall_window_show_folder (self, folder);
    }
  gtk_native_dialog_destroy (GTK_NATIVE_DIALOG (chooser));
  g_object_unref (chooser);
}

static void
choose (GtkWidget  *window,
        const char *action,
        GVariant   *parameter)
{
  GtkFileChooserNative *chooser = gtk_file_chooser_native_new (
      "Open Folder", GTK_WINDOW (window), GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER, NULL, NULL);

  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (chooser), TRUE);
  g_signal_connect_object (chooser, "response", G_CALLBACK (chosen), window, G_CONNECT_SWAPPED);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (chooser));
}

static void
set_at_once (WallWindow *self)
{
  limit_set (&self->limit, (guint) gtk_adjustment_get_value (self->at_once));
}

static void
unwound (GObject      *scope,
         GAsyncResult *result,
         gpointer      window)
{
  gco_scope_join_finish (GCO_SCOPE (scope), result, NULL);
  gtk_window_destroy (window);
  g_object_unref (window);
}

/* The window is hidden at once; it goes when nothing uses it any more. */
static gboolean
close_request (GtkWindow *window)
{
  WallWindow *self = WALL_WINDOW (window);

  if (gtk_widget_get_visible (GTK_WIDGET (window)))
    gco_scope_join_async (self->scope, NULL, unwound, g_object_ref (window));
  gtk_widget_set_visible (GTK_WIDGET (window), FALSE);
  gco_scope_cancel (self->scope);
  return TRUE;
}

/* ------------------------------------------------------------------- the class */

static void
wall_window_finalize (GObject *object)
{
  WallWindow *self = WALL_WINDOW (object);

  g_object_unref (self->folder);
  g_clear_object (&self->finding);
  g_string_free (self->problems, TRUE);
  g_object_unref (self->scope);
  G_OBJECT_CLASS (wall_window_parent_class)->finalize (object);
}

static void
wall_window_class_init (WallWindowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = wall_window_finalize;
  GTK_WINDOW_CLASS (klass)->close_request = close_request;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/example/ThumbnailWall/wall.ui");
  gtk_widget_class_bind_template_child (widget_class, WallWindow, title);
  gtk_widget_class_bind_template_child (widget_class, WallWindow, stack);
  gtk_widget_class_bind_template_child (widget_class, WallWindow, progress);
  gtk_widget_class_bind_template_child (widget_class, WallWindow, problem_bar);
  gtk_widget_class_bind_template_child (widget_class, WallWindow, problem_count);
  gtk_widget_class_bind_template_child (widget_class, WallWindow, problem_list);
  gtk_widget_class_bind_template_child (widget_class, WallWindow, status);
  gtk_widget_class_bind_template_child (widget_class, WallWindow, at_once);
  gtk_widget_class_bind_template_child (widget_class, WallWindow, pictures);
  gtk_widget_class_bind_template_callback (widget_class, setup);
  gtk_widget_class_bind_template_callback (widget_class, bind);
  gtk_widget_class_bind_template_callback (widget_class, unbind);
  gtk_widget_class_bind_template_callback (widget_class, set_at_once);
  gtk_widget_class_install_action (widget_class, "win.open", NULL, choose);
  gtk_widget_class_install_action (widget_class, "win.reload", NULL, reload);
}

static void
wall_window_init (WallWindow *self)
{
  self->scope = gco_scope_new (NULL);
  self->problems = g_string_new (NULL);
  limit_init (&self->limit);
  gtk_widget_init_template (GTK_WIDGET (self));
  set_at_once (self);
}
