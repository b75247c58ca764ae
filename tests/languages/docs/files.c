/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <gco.h>

typedef struct
{
  const char   *path;
  GcoSemaphore *limit;
  gssize        size; /* -1: not there */
} Job;

static gboolean gco_coroutine_fn
read_one (GCancellable *cancellable,
          gpointer      user_data,
          GError      **error)
{
  Job *job = user_data;
  g_autoptr (GFile) file = g_file_new_for_path (job->path);
  g_autofree char *contents = NULL;
  g_autoptr (GError) problem = NULL;
  gsize length = 0;

  if (!gco_semaphore_acquire_cancellable (job->limit, cancellable, error))
    return FALSE;
  gco_file_load_contents (file, cancellable, &contents, &length, NULL, &problem);
  gco_semaphore_release (job->limit);

  job->size = problem != NULL ? -1 : (gssize) length;
  if (problem == NULL || g_error_matches (problem, G_IO_ERROR, G_IO_ERROR_NOT_FOUND))
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&problem));
  return FALSE;
}

static gboolean gco_coroutine_fn
read_all (GCancellable *cancellable,
          gpointer      user_data,
          GError      **error)
{
  g_autoptr (GcoScope) scope = gco_scope_new (cancellable);
  GcoSemaphore limit;
  Job          jobs[] = { { "/dev/null", &limit, 0 }, { "/nonexistent", &limit, 0 } };

  gco_semaphore_init (&limit, 2);
  for (guint i = 0; i < G_N_ELEMENTS (jobs); i++)
    gco_scope_spawn (scope, read_one, &jobs[i], NULL);
  if (!gco_scope_join (scope, error))
    return FALSE;

  for (guint i = 0; i < G_N_ELEMENTS (jobs); i++)
    if (jobs[i].size >= 0)
      g_print ("%" G_GSSIZE_FORMAT " bytes\n", jobs[i].size);
    else
      g_print ("not there\n");
  return TRUE;
}

int
main (void)
{
  g_autoptr (GError) error = NULL;

  if (gco_run (read_all, NULL, NULL, &error))
    return 0;
  g_printerr ("%s\n", error->message);
  return 1;
}
