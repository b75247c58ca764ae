/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gco.h>
#include <libsoup/soup.h>

typedef struct _Download Download;

/* What all downloads share. */
typedef struct
{
  char       **urls;
  char        *folder;
  int          n_jobs;
  int          n_retries;
  double       backoff_s; /* before the first retry */
  double       stall_s;
  SoupSession *session;
  GcoSemaphore slots;
  Download    *downloads;
  guint        n_downloads;
} Fetch;

/* FILE.part: the beginning of a file. FILE.part.meta: of which one. */
typedef struct
{
  char          *target;
  char          *file;
  char          *meta;
  int            fd;
  GOutputStream *stream;
  goffset        size;
  char          *validator; /* (nullable) without it there is no going on */
} Part;

/* (main thread) */
struct _Download
{
  Fetch      *fetch;
  const char *url;
  char       *name;  /* (nullable) */
  Part       *part;  /* (nullable) */
  goffset     total; /* -1: not known */
  gboolean    done;
};

Part                     *part_open (const char *target,
                                     const char *url,
                                     GError    **error);
gboolean                  part_start_over (Part       *part,
                                           const char *url,
                                           const char *validator,
                                           GError    **error);
gboolean gco_coroutine_fn part_write (Part       *part,
                                      const void *bytes,
                                      gsize       n_bytes,
                                      GError    **error);
gboolean                  part_finish (Part    *part,
                                       GError **error);
void                      part_close (Part *part);

gboolean gco_coroutine_fn attempt (Download *download,
                                   gboolean *may_retry,
                                   GError  **error);

gboolean gco_coroutine_fn download_run (GCancellable *cancellable,
                                        gpointer      download,
                                        GError      **error);

gboolean gco_coroutine_fn progress_run (GCancellable *cancellable,
                                        gpointer      fetch,
                                        GError      **error);
void                      progress_say (const char *name,
                                        const char *format,
                                        ...) G_GNUC_PRINTF (2, 3);
char                     *printable (const char *text);
