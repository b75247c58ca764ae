/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* From a URL to a file, in as many attempts as it takes. */

#include <string.h>

#include "fetch.h"

#define MAX_BACKOFF_S 60.0
#define NS_PER_S 1e9

/* What the URL ends in, if that can be the name of a file. */
static char *
make_name (const char *url,
           GError    **error)
{
  g_autoptr (GUri) uri = g_uri_parse (url, SOUP_HTTP_URI_FLAGS, error);
  g_autofree char *name = NULL;
  const char      *host;
  const char      *slash;

  if (uri == NULL)
    return NULL;
  host = g_uri_get_host (uri);
  if (host == NULL || *host == '\0' ||
      (g_strcmp0 (g_uri_get_scheme (uri), "http") != 0 &&
       g_strcmp0 (g_uri_get_scheme (uri), "https") != 0))
    {
      g_set_error_literal (
          error, G_URI_ERROR, G_URI_ERROR_FAILED, "not of http or https");
      return NULL;
    }
  slash = strrchr (g_uri_get_path (uri), '/');
  name = g_uri_unescape_string (slash != NULL ? slash + 1 : "", "/");
  if (name == NULL || strspn (name, ".") == strlen (name))
    return g_strdup ("index.html");
  return printable (name);
}

/* Twice as long each time, and not at the same moment as the others. */
static gboolean gco_coroutine_fn
back_off (Download     *download,
          int           n_failed,
          GCancellable *cancellable,
          const GError *why)
{
  double longest = download->fetch->backoff_s * (1 << MIN (n_failed, 20));
  double s = MIN (longest, MAX_BACKOFF_S) * g_random_double_range (0.5, 1);

  progress_say (download->name, "%s; trying again in %.2g s", why->message, s);
  return gco_sleep_ns_cancellable (NULL, (gint64) (s * NS_PER_S), cancellable, NULL);
}

static gboolean gco_coroutine_fn
fetch (Download     *download,
       GCancellable *cancellable,
       GError      **error)
{
  g_autofree char *target = NULL;
  gboolean         may_retry;

  download->name = make_name (download->url, error);
  if (download->name == NULL)
    return FALSE;
  target = g_build_filename (download->fetch->folder, download->name, NULL);
  download->part = part_open (target, download->url, error);
  if (download->part == NULL)
    return FALSE;

  for (int n_failed = 0;; n_failed++)
    {
      GError *problem = NULL;

      if (attempt (download, &may_retry, &problem))
        return part_finish (download->part, error);
      if (!may_retry || n_failed == download->fetch->n_retries ||
          g_cancellable_is_cancelled (cancellable) ||
          !back_off (download, n_failed, cancellable, problem))
        {
          g_propagate_error (error, problem);
          return FALSE;
        }
      g_error_free (problem);
    }
}

/* Never fails, for that would end the others. */
gboolean gco_coroutine_fn
download_run (GCancellable *cancellable,
              gpointer      user_data,
              GError      **error)
{
  Download *download = user_data;
  g_autoptr (GError) problem = NULL;
  g_autofree char *size = NULL;
  const char      *name;

  download->done = fetch (download, cancellable, &problem) ||
                   g_error_matches (problem, G_IO_ERROR, G_IO_ERROR_EXISTS);
  size = g_format_size (download->part != NULL ? (guint64) download->part->size : 0);
  name = download->name != NULL ? download->name : download->url;
  if (problem == NULL)
    progress_say (name, "%s", size);
  else if (download->done)
    progress_say (name, "is there already");
  else if (g_cancellable_is_cancelled (cancellable))
    progress_say (name, "stopped at %s", size);
  else
    progress_say (name, "failed: %s", problem->message);
  g_clear_pointer (&download->part, part_close);
  return TRUE;
}
