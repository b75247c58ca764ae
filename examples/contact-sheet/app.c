/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The work, from the folders to the sheet: one coroutine, and one more a file. */

#include "app.h"

#include "cache.h"
#include "find.h"
#include "loop-watch.h"
#include "places.h"
#include "sheet.h"
#include "slots.h"
#include "thumbnail.h"

/* More coroutines at a time would not make anything faster, but thumbnails that
 * wait for the one before them cost memory. */
#define MAX_RUNNING 1024
#define MAX_SLOTS 16

/* (main thread); what is used across an await has a lock inside */
typedef struct
{
  App     *app;
  Finding *finding;
  Cache   *cache;
  Sheet   *sheet;
  Slots    slots;
  guint    n_running;
  GcoQueue finished; /* where to wait for n_running to get smaller */
  guint    n_cached;
  guint    n_placed;
  gint64   began_us;
  gint64   found_us;
  gint64   made_us;
} Work;

typedef struct
{
  Work *work;
  guint index;
} Job;

static void
cancel (gpointer user_data)
{
  g_cancellable_cancel (user_data);
}

static void gco_coroutine_fn
give_up (App    *app,
         GError *error)
{
  if (app->problem == NULL)
    app->problem = error;
  else
    g_error_free (error);
  /* whatever is connected to "cancelled" is not to run on this small stack */
  gco_coroutine_call_outside (cancel, app->cancellable);
}

static GdkPixbuf *gco_coroutine_fn
get_thumbnail (Work        *work,
               const Image *image,
               GError     **error)
{
  GCancellable *cancellable = work->app->cancellable;
  GdkPixbuf    *thumbnail;

  if (!slots_take (&work->slots, cancellable, error))
    return NULL;

  thumbnail = cache_lookup (work->cache, image, cancellable);
  if (thumbnail != NULL)
    {
      work->n_cached++;
    }
  else
    {
      thumbnail = thumbnail_make (image->file, cancellable, error);
      if (thumbnail != NULL)
        cache_add (work->cache, image, thumbnail);
    }
  slots_give (&work->slots);
  return thumbnail;
}

static const char *
explain (const GError *error)
{
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND))
    return "has vanished";
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED))
    return "may not be read";
  return error->message;
}

static void gco_coroutine_fn
show_file (gpointer user_data)
{
  Job         *job = user_data;
  Work        *work = job->work;
  App         *app = work->app;
  const Image *image = g_ptr_array_index (work->finding->images, job->index);
  Root        *root = g_ptr_array_index (work->finding->roots, image->root);
  g_autoptr (GError) error = NULL;
  g_autoptr (GdkPixbuf) thumbnail = get_thumbnail (work, image, &error);

  if (!g_cancellable_is_cancelled (app->cancellable))
    {
      GError *problem = NULL;

      if (thumbnail != NULL)
        root->n_images++;
      else
        progress_skip (&app->progress, image->name, explain (error));
      if (!sheet_put (work->sheet, job->index, thumbnail, &problem))
        give_up (app, problem);
    }
  app->progress.n_done++;
  work->n_running--;
  gco_queue_next (&work->finished);
}

static gboolean gco_coroutine_fn
start_job (Work    *work,
           guint    index,
           GError **error)
{
  Job *job = g_new (Job, 1);

  job->work = work;
  job->index = index;
  while (work->n_running >= MAX_RUNNING)
    gco_queue_wait (&work->finished, NULL);
  /* no stack to be had: there will be one when another coroutine is done */
  while (gco_spawn (NULL, show_file, job, g_free) == NULL)
    {
      if (work->n_running == 0)
        {
          g_free (job);
          g_set_error_literal (error,
                               G_IO_ERROR,
                               G_IO_ERROR_NO_SPACE,
                               "There is not enough memory to read a file.");
          return FALSE;
        }
      gco_queue_wait (&work->finished, NULL);
    }
  work->n_running++;
  return TRUE;
}

static gboolean gco_coroutine_fn
make_thumbnails (Work    *work,
                 GError **error)
{
  App     *app = work->app;
  guint    n_files = work->finding->images->len;
  gboolean started = TRUE;

  app->progress.doing = "Reading";
  app->progress.n_files = n_files;
  slots_init (&work->slots, MIN (g_get_num_processors (), MAX_SLOTS));
  work->sheet = sheet_new (
      n_files, work->finding->n_promising > 0 ? work->finding->n_promising : n_files);

  for (guint i = 0; started && i < n_files; i++)
    {
      if (g_cancellable_is_cancelled (app->cancellable))
        break;
      started = start_job (work, i, error);
    }
  while (work->n_running > 0)
    gco_queue_wait (&work->finished, NULL);
  return started && !g_cancellable_set_error_if_cancelled (app->cancellable, error);
}

static gboolean
check_roots (Finding *finding,
             GError **error)
{
  for (guint i = 0; i < finding->roots->len; i++)
    {
      const Root *root = g_ptr_array_index (finding->roots, i);

      if (root->n_images == 0 && !root->may_be_empty)
        {
          g_set_error (error,
                       G_IO_ERROR,
                       G_IO_ERROR_NOT_FOUND,
                       "%s holds no image that can be read.",
                       root->name);
          return FALSE;
        }
    }
  return TRUE;
}

/* "X cannot be written: ..." */
static void
set_target_error (App     *app,
                  GError  *problem,
                  GError **error)
{
  g_set_error (error,
               problem->domain,
               problem->code,
               "%s cannot be written: %s.",
               app->target,
               problem->message);
  g_error_free (problem);
}

static gboolean gco_coroutine_fn
write_sheet (Work    *work,
             GError **error)
{
  App *app = work->app;
  g_autoptr (GdkPixbuf) picture = NULL;
  GError *problem = NULL;
  guint   n_left_out;

  picture = sheet_get_picture (work->sheet, &work->n_placed, &n_left_out);
  if (picture == NULL)
    {
      g_set_error_literal (
          error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "No image could be read.");
      return FALSE;
    }
  if (n_left_out > 0)
    progress_say (&app->progress, "the sheet has no room for %u more images", n_left_out);

  app->progress.doing = "Writing the sheet";
  app->progress.n_files = 0;
  if (!output_write (app->output, picture, app->cancellable, &problem))
    {
      set_target_error (app, problem, error);
      return FALSE;
    }
  return TRUE;
}

static void gco_coroutine_fn
load_cache (gpointer user_data)
{
  Work *work = user_data;

  cache_load (work->cache);
  work->n_running--;
  gco_queue_next (&work->finished);
}

static gboolean gco_coroutine_fn
make_sheet (Work    *work,
            GError **error)
{
  App *app = work->app;
  g_autoptr (GFile) target = g_file_new_for_commandline_arg (app->target);
  GError *problem = NULL;

  app->output = output_open (target, app->cancellable, &problem);
  if (app->output == NULL)
    {
      set_target_error (app, problem, error);
      return FALSE;
    }

  /* the folders are walked meanwhile; lookups wait for it */
  if (gco_spawn (NULL, load_cache, work, NULL) != NULL)
    work->n_running++;
  work->finding = places_find (
      app->folders, target, &app->progress, app->cancellable, error);
  work->found_us = g_get_monotonic_time ();
  if (work->finding == NULL)
    return FALSE;

  if (!make_thumbnails (work, error) || !check_roots (work->finding, error))
    return FALSE;
  work->made_us = g_get_monotonic_time ();
  if (!write_sheet (work, error))
    return FALSE;
  cache_trim (work->cache, (guint64) app->cache_mib << 20);
  return TRUE;
}

static double
seconds (gint64 from_us,
         gint64 to_us)
{
  return (double) (to_us - from_us) / G_USEC_PER_SEC;
}

static void
report (Work *work)
{
  App   *app = work->app;
  gint64 now = g_get_monotonic_time ();

  g_print ("%s: %u images, %u files skipped\n",
           app->target,
           work->n_placed,
           app->progress.n_skipped);
  if (!app->verbose)
    return;

  g_print ("%u files in %u folders; %u thumbnails from the cache, %u made\n",
           work->finding->images->len,
           work->finding->n_folders,
           work->n_cached,
           work->n_placed - work->n_cached);
  g_print ("%.2f s to find the files, %.2f s for the thumbnails,"
           " %.2f s to write the sheet; %.2f s in all\n",
           seconds (work->began_us, work->found_us),
           seconds (work->found_us, work->made_us),
           seconds (work->made_us, now),
           seconds (work->began_us, now));
  g_print ("longest time between two main loop iterations: %.1f ms\n",
           (double) loop_watch_get_longest_us (app->watch) / 1000);
  if (cache_get_complaint (work->cache) != NULL)
    g_print ("thumbnails were not kept: %s\n", cache_get_complaint (work->cache));
}

void gco_coroutine_fn
app_run (gpointer user_data)
{
  App    *app = user_data;
  Work    work = { .app = app, .cache = cache_new () };
  GError *problem = NULL;

  work.began_us = g_get_monotonic_time ();
  progress_start (&app->progress);
  if (!make_sheet (&work, &problem))
    give_up (app, problem);
  /* cancelled or not, all have to be through before what they use goes */
  while (work.n_running > 0)
    gco_queue_wait (&work.finished, NULL);
  progress_stop (&app->progress);
  if (app->problem == NULL)
    report (&work);

  g_clear_pointer (&app->output, output_free);
  g_clear_pointer (&work.sheet, sheet_free);
  g_clear_pointer (&work.finding, finding_free);
  cache_free (work.cache);
  g_main_loop_quit (app->loop);
}
