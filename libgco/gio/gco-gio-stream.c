/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Streams: the asynchronous calls of GIO, awaited. */

#include "gco-gio.h"

#include "gco-await-private.h"

/**
 * gco_input_stream_read: (skip)
 * @stream: a stream
 * @buffer: (out caller-allocates) (array length=count) (element-type guint8): where to
 *   read to
 * @count: how much to read at most, in bytes
 * @cancellable: (nullable): what cancels it; NULL for that of the scope of the running
 *   coroutine
 * @error: return location for an error
 *
 * Like [method@Gio.InputStream.read], while others go on here. Coroutine only; yields.
 *
 * Returns: how much was read, 0 at the end; -1 with @error
 *
 * Since: 1.0
 */
gssize
gco_input_stream_read (GInputStream *stream,
                       void         *buffer,
                       gsize         count,
                       GCancellable *cancellable,
                       GError      **error)
{
  GcoAwait await;
  g_autoptr (GAsyncResult) result = NULL;

  g_input_stream_read_async (stream,
                             buffer,
                             count,
                             G_PRIORITY_DEFAULT,
                             gco_await_begin (&await, cancellable),
                             gco_await_ready,
                             &await);
  result = gco_await (&await);
  return g_input_stream_read_finish (stream, result, error);
}

/**
 * gco_input_stream_read_all: (skip)
 * @stream: a stream
 * @buffer: (out caller-allocates) (array length=count) (element-type guint8): where to
 *   read to
 * @count: how much to read, in bytes
 * @bytes_read: (out) (optional): how much was read: less at the end, or after an error
 * @cancellable: (nullable): what cancels it; NULL for that of the scope of the running
 *   coroutine
 * @error: return location for an error
 *
 * Like [method@Gio.InputStream.read_all], while others go on here. Coroutine only;
 * yields.
 *
 * Returns: TRUE; FALSE with @error
 *
 * Since: 1.0
 */
gboolean
gco_input_stream_read_all (GInputStream *stream,
                           void         *buffer,
                           gsize         count,
                           gsize        *bytes_read,
                           GCancellable *cancellable,
                           GError      **error)
{
  GcoAwait await;
  g_autoptr (GAsyncResult) result = NULL;

  g_input_stream_read_all_async (stream,
                                 buffer,
                                 count,
                                 G_PRIORITY_DEFAULT,
                                 gco_await_begin (&await, cancellable),
                                 gco_await_ready,
                                 &await);
  result = gco_await (&await);
  return g_input_stream_read_all_finish (stream, result, bytes_read, error);
}

/**
 * gco_input_stream_read_bytes: (skip)
 * @stream: a stream
 * @count: how much to read at most, in bytes
 * @cancellable: (nullable): what cancels it; NULL for that of the scope of the running
 *   coroutine
 * @error: return location for an error
 *
 * Like [method@Gio.InputStream.read_bytes], while others go on here. Coroutine only;
 * yields.
 *
 * Returns: (transfer full) (nullable): what was read, empty at the end; NULL with
 *   @error
 *
 * Since: 1.0
 */
GBytes *
gco_input_stream_read_bytes (GInputStream *stream,
                             gsize         count,
                             GCancellable *cancellable,
                             GError      **error)
{
  GcoAwait await;
  g_autoptr (GAsyncResult) result = NULL;

  g_input_stream_read_bytes_async (stream,
                                   count,
                                   G_PRIORITY_DEFAULT,
                                   gco_await_begin (&await, cancellable),
                                   gco_await_ready,
                                   &await);
  result = gco_await (&await);
  return g_input_stream_read_bytes_finish (stream, result, error);
}

/**
 * gco_input_stream_close: (skip)
 * @stream: a stream
 * @cancellable: (nullable): what cancels it; NULL for that of the scope of the running
 *   coroutine
 * @error: return location for an error
 *
 * Like [method@Gio.InputStream.close], while others go on here. Coroutine only; yields.
 *
 * Returns: TRUE; FALSE with @error
 *
 * Since: 1.0
 */
gboolean
gco_input_stream_close (GInputStream *stream,
                        GCancellable *cancellable,
                        GError      **error)
{
  GcoAwait await;
  g_autoptr (GAsyncResult) result = NULL;

  g_input_stream_close_async (stream,
                              G_PRIORITY_DEFAULT,
                              gco_await_begin (&await, cancellable),
                              gco_await_ready,
                              &await);
  result = gco_await (&await);
  return g_input_stream_close_finish (stream, result, error);
}

/**
 * gco_output_stream_write_all: (skip)
 * @stream: a stream
 * @buffer: (array length=count) (element-type guint8): what to write
 * @count: how much that is, in bytes
 * @bytes_written: (out) (optional): how much was written: less after an error
 * @cancellable: (nullable): what cancels it; NULL for that of the scope of the running
 *   coroutine
 * @error: return location for an error
 *
 * Like [method@Gio.OutputStream.write_all], while others go on here. Coroutine only;
 * yields.
 *
 * Returns: TRUE; FALSE with @error
 *
 * Since: 1.0
 */
gboolean
gco_output_stream_write_all (GOutputStream *stream,
                             const void    *buffer,
                             gsize          count,
                             gsize         *bytes_written,
                             GCancellable  *cancellable,
                             GError       **error)
{
  GcoAwait await;
  g_autoptr (GAsyncResult) result = NULL;

  g_output_stream_write_all_async (stream,
                                   buffer,
                                   count,
                                   G_PRIORITY_DEFAULT,
                                   gco_await_begin (&await, cancellable),
                                   gco_await_ready,
                                   &await);
  result = gco_await (&await);
  return g_output_stream_write_all_finish (stream, result, bytes_written, error);
}

/**
 * gco_output_stream_flush: (skip)
 * @stream: a stream
 * @cancellable: (nullable): what cancels it; NULL for that of the scope of the running
 *   coroutine
 * @error: return location for an error
 *
 * Like [method@Gio.OutputStream.flush], while others go on here. Coroutine only;
 * yields.
 *
 * Returns: TRUE; FALSE with @error
 *
 * Since: 1.0
 */
gboolean
gco_output_stream_flush (GOutputStream *stream,
                         GCancellable  *cancellable,
                         GError       **error)
{
  GcoAwait await;
  g_autoptr (GAsyncResult) result = NULL;

  g_output_stream_flush_async (stream,
                               G_PRIORITY_DEFAULT,
                               gco_await_begin (&await, cancellable),
                               gco_await_ready,
                               &await);
  result = gco_await (&await);
  return g_output_stream_flush_finish (stream, result, error);
}

/**
 * gco_output_stream_splice: (skip)
 * @stream: a stream
 * @source: where to read from
 * @flags: which of the two to close
 * @cancellable: (nullable): what cancels it; NULL for that of the scope of the running
 *   coroutine
 * @error: return location for an error
 *
 * Like [method@Gio.OutputStream.splice], while others go on here. Coroutine only;
 * yields.
 *
 * Returns: how much went over, in bytes; -1 with @error
 *
 * Since: 1.0
 */
gssize
gco_output_stream_splice (GOutputStream           *stream,
                          GInputStream            *source,
                          GOutputStreamSpliceFlags flags,
                          GCancellable            *cancellable,
                          GError                 **error)
{
  GcoAwait await;
  g_autoptr (GAsyncResult) result = NULL;

  g_output_stream_splice_async (stream,
                                source,
                                flags,
                                G_PRIORITY_DEFAULT,
                                gco_await_begin (&await, cancellable),
                                gco_await_ready,
                                &await);
  result = gco_await (&await);
  return g_output_stream_splice_finish (stream, result, error);
}

/**
 * gco_output_stream_close: (skip)
 * @stream: a stream
 * @cancellable: (nullable): what cancels it; NULL for that of the scope of the running
 *   coroutine
 * @error: return location for an error
 *
 * Like [method@Gio.OutputStream.close], while others go on here. Coroutine only;
 * yields.
 *
 * Returns: TRUE; FALSE with @error
 *
 * Since: 1.0
 */
gboolean
gco_output_stream_close (GOutputStream *stream,
                         GCancellable  *cancellable,
                         GError       **error)
{
  GcoAwait await;
  g_autoptr (GAsyncResult) result = NULL;

  g_output_stream_close_async (stream,
                               G_PRIORITY_DEFAULT,
                               gco_await_begin (&await, cancellable),
                               gco_await_ready,
                               &await);
  result = gco_await (&await);
  return g_output_stream_close_finish (stream, result, error);
}

/**
 * gco_data_input_stream_read_line_utf8: (skip)
 * @stream: a stream
 * @length: (out) (optional): the length of the line, in bytes
 * @cancellable: (nullable): what cancels it; NULL for that of the scope of the running
 *   coroutine
 * @error: return location for an error
 *
 * Like [method@Gio.DataInputStream.read_line_utf8], while others go on here. Coroutine
 * only; yields.
 *
 * Returns: (transfer full) (nullable): a line; NULL at the end, or with @error
 *
 * Since: 1.0
 */
char *
gco_data_input_stream_read_line_utf8 (GDataInputStream *stream,
                                      gsize            *length,
                                      GCancellable     *cancellable,
                                      GError          **error)
{
  GcoAwait await;
  g_autoptr (GAsyncResult) result = NULL;

  g_data_input_stream_read_line_async (stream,
                                       G_PRIORITY_DEFAULT,
                                       gco_await_begin (&await, cancellable),
                                       gco_await_ready,
                                       &await);
  result = gco_await (&await);
  return g_data_input_stream_read_line_finish_utf8 (stream, result, length, error);
}
