/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Streams. */

#include "gco-gio.h"

#include "gco-gio-private.h"

/**
 * gco_input_stream_read: (skip)
 * @stream: an input stream
 * @buffer: where to
 * @count: how many bytes at most
 * @cancellable: (nullable): what may end the call
 * @error: return location for an error
 *
 * Like [method@Gio.InputStream.read], while others run. Coroutine only; yields.
 *
 * Returns: how many bytes were read, 0 at the end; -1 with @error
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
  GCO_GIO_CHECK (G_IS_INPUT_STREAM (stream), cancellable, error, -1);
  g_return_val_if_fail (buffer != NULL, -1);

  GCO_GIO_CALL (call, cancellable);
  g_input_stream_read_async (stream,
                             buffer,
                             count,
                             G_PRIORITY_DEFAULT,
                             GCO_GIO_LAST (call));
  return g_input_stream_read_finish (stream, gco_gio_call_wait (&call), error);
}

/**
 * gco_input_stream_read_all: (skip)
 * @stream: an input stream
 * @buffer: where to
 * @count: how many bytes
 * @bytes_read: (out) (optional): how many there were, less at the end or with an
 *   error
 * @cancellable: (nullable): what may end the call
 * @error: return location for an error
 *
 * Like [method@Gio.InputStream.read_all], while others run. Coroutine only; yields.
 *
 * Returns: TRUE, or FALSE with @error
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
  GCO_GIO_CHECK (G_IS_INPUT_STREAM (stream), cancellable, error, FALSE);
  g_return_val_if_fail (buffer != NULL, FALSE);

  GCO_GIO_CALL (call, cancellable);
  g_input_stream_read_all_async (stream,
                                 buffer,
                                 count,
                                 G_PRIORITY_DEFAULT,
                                 GCO_GIO_LAST (call));
  return g_input_stream_read_all_finish (stream,
                                         gco_gio_call_wait (&call),
                                         bytes_read,
                                         error);
}

/**
 * gco_input_stream_read_bytes: (skip)
 * @stream: an input stream
 * @count: how many bytes at most, not 0
 * @cancellable: (nullable): what may end the call
 * @error: return location for an error
 *
 * Like [method@Gio.InputStream.read_bytes], while others run. Coroutine only;
 * yields.
 *
 * Returns: (transfer full): what was read, of size 0 at the end; NULL with @error
 *
 * Since: 1.0
 */
GBytes *
gco_input_stream_read_bytes (GInputStream *stream,
                             gsize         count,
                             GCancellable *cancellable,
                             GError      **error)
{
  GCO_GIO_CHECK (G_IS_INPUT_STREAM (stream), cancellable, error, NULL);
  g_return_val_if_fail (count > 0, NULL);

  GCO_GIO_CALL (call, cancellable);
  g_input_stream_read_bytes_async (stream,
                                   count,
                                   G_PRIORITY_DEFAULT,
                                   GCO_GIO_LAST (call));
  return g_input_stream_read_bytes_finish (stream, gco_gio_call_wait (&call), error);
}

/**
 * gco_input_stream_close: (skip)
 * @stream: an input stream
 * @cancellable: (nullable): what may end the call
 * @error: return location for an error
 *
 * Like [method@Gio.InputStream.close], while others run. Coroutine only; yields.
 *
 * Returns: TRUE, or FALSE with @error
 *
 * Since: 1.0
 */
gboolean
gco_input_stream_close (GInputStream *stream,
                        GCancellable *cancellable,
                        GError      **error)
{
  GCO_GIO_CHECK (G_IS_INPUT_STREAM (stream), cancellable, error, FALSE);

  GCO_GIO_CALL (call, cancellable);
  g_input_stream_close_async (stream, G_PRIORITY_DEFAULT, GCO_GIO_LAST (call));
  return g_input_stream_close_finish (stream, gco_gio_call_wait (&call), error);
}

/**
 * gco_output_stream_write_all: (skip)
 * @stream: an output stream
 * @buffer: what
 * @count: how many bytes
 * @bytes_written: (out) (optional): how many were written, also with an error
 * @cancellable: (nullable): what may end the call
 * @error: return location for an error
 *
 * Like [method@Gio.OutputStream.write_all], while others run. Coroutine only;
 * yields.
 *
 * Returns: TRUE, or FALSE with @error
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
  GCO_GIO_CHECK (G_IS_OUTPUT_STREAM (stream), cancellable, error, FALSE);
  g_return_val_if_fail (buffer != NULL || count == 0, FALSE);

  GCO_GIO_CALL (call, cancellable);
  g_output_stream_write_all_async (stream,
                                   buffer,
                                   count,
                                   G_PRIORITY_DEFAULT,
                                   GCO_GIO_LAST (call));
  return g_output_stream_write_all_finish (stream,
                                           gco_gio_call_wait (&call),
                                           bytes_written,
                                           error);
}

/**
 * gco_output_stream_flush: (skip)
 * @stream: an output stream
 * @cancellable: (nullable): what may end the call
 * @error: return location for an error
 *
 * Like [method@Gio.OutputStream.flush], while others run. Coroutine only; yields.
 *
 * Returns: TRUE, or FALSE with @error
 *
 * Since: 1.0
 */
gboolean
gco_output_stream_flush (GOutputStream *stream,
                         GCancellable  *cancellable,
                         GError       **error)
{
  GCO_GIO_CHECK (G_IS_OUTPUT_STREAM (stream), cancellable, error, FALSE);

  GCO_GIO_CALL (call, cancellable);
  g_output_stream_flush_async (stream, G_PRIORITY_DEFAULT, GCO_GIO_LAST (call));
  return g_output_stream_flush_finish (stream, gco_gio_call_wait (&call), error);
}

/**
 * gco_output_stream_close: (skip)
 * @stream: an output stream
 * @cancellable: (nullable): what may end the call
 * @error: return location for an error
 *
 * Like [method@Gio.OutputStream.close], while others run. Coroutine only; yields.
 *
 * Returns: TRUE, or FALSE with @error
 *
 * Since: 1.0
 */
gboolean
gco_output_stream_close (GOutputStream *stream,
                         GCancellable  *cancellable,
                         GError       **error)
{
  GCO_GIO_CHECK (G_IS_OUTPUT_STREAM (stream), cancellable, error, FALSE);

  GCO_GIO_CALL (call, cancellable);
  g_output_stream_close_async (stream, G_PRIORITY_DEFAULT, GCO_GIO_LAST (call));
  return g_output_stream_close_finish (stream, gco_gio_call_wait (&call), error);
}

/**
 * gco_output_stream_splice: (skip)
 * @stream: an output stream
 * @source: where from
 * @flags: what to close afterwards
 * @cancellable: (nullable): what may end the call
 * @error: return location for an error
 *
 * Like [method@Gio.OutputStream.splice], while others run. Coroutine only; yields.
 *
 * Returns: how many bytes were copied; -1 with @error
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
  GCO_GIO_CHECK (G_IS_OUTPUT_STREAM (stream), cancellable, error, -1);
  g_return_val_if_fail (G_IS_INPUT_STREAM (source), -1);

  GCO_GIO_CALL (call, cancellable);
  g_output_stream_splice_async (stream,
                                source,
                                flags,
                                G_PRIORITY_DEFAULT,
                                GCO_GIO_LAST (call));
  return g_output_stream_splice_finish (stream, gco_gio_call_wait (&call), error);
}

/**
 * gco_data_input_stream_read_line: (skip)
 * @stream: a data input stream
 * @length: (out) (optional): its length in bytes
 * @cancellable: (nullable): what may end the call
 * @error: return location for an error
 *
 * Like [method@Gio.DataInputStream.read_line], while others run. Coroutine only;
 * yields.
 *
 * Returns: (transfer full) (nullable): the line, without its end; NULL at the end of
 *   the stream, and with @error
 *
 * Since: 1.0
 */
char *
gco_data_input_stream_read_line (GDataInputStream *stream,
                                 gsize            *length,
                                 GCancellable     *cancellable,
                                 GError          **error)
{
  GCO_GIO_CHECK (G_IS_DATA_INPUT_STREAM (stream), cancellable, error, NULL);

  GCO_GIO_CALL (call, cancellable);
  g_data_input_stream_read_line_async (stream, G_PRIORITY_DEFAULT, GCO_GIO_LAST (call));
  return g_data_input_stream_read_line_finish (stream,
                                               gco_gio_call_wait (&call),
                                               length,
                                               error);
}

/**
 * gco_data_input_stream_read_line_utf8: (skip)
 * @stream: a data input stream
 * @length: (out) (optional): its length in bytes
 * @cancellable: (nullable): what may end the call
 * @error: return location for an error
 *
 * Like [method@Gio.DataInputStream.read_line_utf8], while others run. Coroutine
 * only; yields.
 *
 * Returns: (transfer full) (nullable): the line, without its end; NULL at the end of
 *   the stream, and with @error
 *
 * Since: 1.0
 */
char *
gco_data_input_stream_read_line_utf8 (GDataInputStream *stream,
                                      gsize            *length,
                                      GCancellable     *cancellable,
                                      GError          **error)
{
  GCO_GIO_CHECK (G_IS_DATA_INPUT_STREAM (stream), cancellable, error, NULL);

  GCO_GIO_CALL (call, cancellable);
  g_data_input_stream_read_line_async (stream, G_PRIORITY_DEFAULT, GCO_GIO_LAST (call));
  return g_data_input_stream_read_line_finish_utf8 (stream,
                                                    gco_gio_call_wait (&call),
                                                    length,
                                                    error);
}

/**
 * gco_io_stream_close: (skip)
 * @stream: a stream in both directions
 * @cancellable: (nullable): what may end the call
 * @error: return location for an error
 *
 * Like [method@Gio.IOStream.close], while others run. Coroutine only; yields.
 *
 * Returns: TRUE, or FALSE with @error
 *
 * Since: 1.0
 */
gboolean
gco_io_stream_close (GIOStream    *stream,
                     GCancellable *cancellable,
                     GError      **error)
{
  GCO_GIO_CHECK (G_IS_IO_STREAM (stream), cancellable, error, FALSE);

  GCO_GIO_CALL (call, cancellable);
  g_io_stream_close_async (stream, G_PRIORITY_DEFAULT, GCO_GIO_LAST (call));
  return g_io_stream_close_finish (stream, gco_gio_call_wait (&call), error);
}
