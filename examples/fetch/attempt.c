/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * One request, for what is missing of a file. Its cancellable is its own: silence
 * ends this attempt only. When the scope is cancelled, what is awaited with it is
 * cancelled as well.
 */

#include "fetch.h"

#define CHUNK (64 * 1024)
#define NS_PER_S 1e9

static GAsyncResult *gco_coroutine_fn
await_bytes (Download *download,
             GcoAwait *await)
{
  gint64 now = gco_clock_get_time_ns (gco_clock_get_monotonic ());
  gint64 stall = (gint64) (download->fetch->stall_s * NS_PER_S);

  return gco_await_until (await, NULL, now + stall);
}

static SoupMessage *
new_request (Download *download)
{
  Part               *part = download->part;
  SoupMessage        *message = soup_message_new (SOUP_METHOD_GET, download->url);
  SoupMessageHeaders *headers = soup_message_get_request_headers (message);

  /* ranges are of what is sent, and that is to be the file */
  soup_message_headers_replace (headers, "Accept-Encoding", "identity");
  if (part->validator != NULL && part->size > 0)
    {
      soup_message_headers_set_range (headers, part->size, -1);
      soup_message_headers_replace (headers, "If-Range", part->validator);
    }
  return message;
}

/* A weak ETag does not promise the same bytes. */
static const char *
find_validator (SoupMessageHeaders *headers)
{
  const char *etag = soup_message_headers_get_one (headers, "ETag");

  if (etag != NULL && *etag == '"')
    return etag;
  return soup_message_headers_get_one (headers, "Last-Modified");
}

/* Whether what comes is just what is missing. */
static gboolean
goes_on (Download           *download,
         SoupMessageHeaders *headers)
{
  const char *validator = find_validator (headers);
  goffset     start, end;

  return soup_message_headers_get_content_range (
             headers, &start, &end, &download->total) &&
         start == download->part->size &&
         (validator == NULL || g_strcmp0 (validator, download->part->validator) == 0);
}

static gboolean
take_answer (Download    *download,
             SoupMessage *message,
             gboolean    *may_retry,
             GError     **error)
{
  SoupMessageHeaders *headers = soup_message_get_response_headers (message);
  guint               status = soup_message_get_status (message);

  if (status == SOUP_STATUS_OK)
    {
      download->total = -1;
      if (soup_message_headers_get_encoding (headers) == SOUP_ENCODING_CONTENT_LENGTH)
        download->total = soup_message_headers_get_content_length (headers);
      return part_start_over (
          download->part, download->url, find_validator (headers), error);
    }
  if (status == SOUP_STATUS_PARTIAL_CONTENT ||
      status == SOUP_STATUS_REQUESTED_RANGE_NOT_SATISFIABLE)
    {
      if (goes_on (download, headers))
        return TRUE;
      *may_retry = part_start_over (download->part, download->url, NULL, error);
      if (*may_retry)
        g_set_error_literal (
            error, G_IO_ERROR, G_IO_ERROR_FAILED, "it is not the same file any more");
      return FALSE;
    }
  *may_retry = status >= 500 || status == SOUP_STATUS_REQUEST_TIMEOUT || status == 429;
  g_set_error (error,
               G_IO_ERROR,
               G_IO_ERROR_FAILED,
               "%u %s",
               status,
               soup_message_get_reason_phrase (message));
  return FALSE;
}

static gboolean gco_coroutine_fn
copy (Download     *download,
      GInputStream *body,
      GcoAwait     *await,
      gboolean     *may_retry,
      GError      **error)
{
  g_autofree char *chunk = g_malloc (CHUNK);
  gssize           n;

  do
    {
      g_input_stream_read_async (body,
                                 chunk,
                                 CHUNK,
                                 G_PRIORITY_DEFAULT,
                                 await->cancellable,
                                 gco_await_ready,
                                 await);
      g_autoptr (GAsyncResult) result = await_bytes (download, await);
      n = g_input_stream_read_finish (body, result, error);
      if (n > 0 && !part_write (download->part, chunk, (gsize) n, error))
        return FALSE;
    }
  while (n > 0);

  *may_retry = TRUE;
  if (n < 0 || download->total < 0 || download->part->size == download->total)
    return n == 0;
  g_set_error_literal (
      error, G_IO_ERROR, G_IO_ERROR_PARTIAL_INPUT, "it ended in the middle");
  return FALSE;
}

/* Certificates, names and redirections do not get better by asking again. */
static gboolean
may_pass (const GError *error)
{
  return error->domain != G_TLS_ERROR && error->domain != SOUP_SESSION_ERROR &&
         !g_error_matches (error, G_RESOLVER_ERROR, G_RESOLVER_ERROR_NOT_FOUND);
}

gboolean gco_coroutine_fn
attempt (Download *download,
         gboolean *may_retry,
         GError  **error)
{
  SoupSession *session = download->fetch->session;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (SoupMessage) message = new_request (download);
  GError  *problem = NULL;
  GcoAwait await;

  *may_retry = FALSE;
  gco_await_init (&await, cancellable);
  soup_session_send_async (
      session, message, G_PRIORITY_DEFAULT, cancellable, gco_await_ready, &await);
  g_autoptr (GAsyncResult) result = await_bytes (download, &await);
  g_autoptr (GInputStream) body = soup_session_send_finish (session, result, &problem);
  if (body == NULL)
    *may_retry = may_pass (problem);
  else if (take_answer (download, message, may_retry, &problem) &&
           copy (download, body, &await, may_retry, &problem))
    return TRUE;

  /* by silence; or with the scope, and then nobody reads it */
  if (g_cancellable_is_cancelled (cancellable))
    {
      g_clear_error (&problem);
      g_set_error (&problem,
                   G_IO_ERROR,
                   G_IO_ERROR_TIMED_OUT,
                   "nothing came for %g s",
                   download->fetch->stall_s);
    }
  g_propagate_error (error, problem);
  return FALSE;
}
