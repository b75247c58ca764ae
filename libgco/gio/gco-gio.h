/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The calls of GIO that are used daily, for coroutines: under the same names, with the
 * parameters of those that block. */

#pragma once

#if !defined(GCO_INSIDE) && !defined(GCO_COMPILATION)
# error "Only <gco.h> can be included directly."
#endif

#include "../gco-types.h"

G_BEGIN_DECLS

GCO_AVAILABLE_IN_1_0
gssize gco_coroutine_fn gco_input_stream_read (GInputStream *stream,
                                               void         *buffer,
                                               gsize         count,
                                               GCancellable *cancellable,
                                               GError      **error);

GCO_AVAILABLE_IN_1_0
gboolean gco_coroutine_fn gco_input_stream_read_all (GInputStream *stream,
                                                     void         *buffer,
                                                     gsize         count,
                                                     gsize        *bytes_read,
                                                     GCancellable *cancellable,
                                                     GError      **error);

GCO_AVAILABLE_IN_1_0
GBytes *gco_coroutine_fn gco_input_stream_read_bytes (GInputStream *stream,
                                                      gsize         count,
                                                      GCancellable *cancellable,
                                                      GError      **error);

GCO_AVAILABLE_IN_1_0
gboolean gco_coroutine_fn gco_input_stream_close (GInputStream *stream,
                                                  GCancellable *cancellable,
                                                  GError      **error);

GCO_AVAILABLE_IN_1_0
gboolean gco_coroutine_fn gco_output_stream_write_all (GOutputStream *stream,
                                                       const void    *buffer,
                                                       gsize          count,
                                                       gsize         *bytes_written,
                                                       GCancellable  *cancellable,
                                                       GError       **error);

GCO_AVAILABLE_IN_1_0
gboolean gco_coroutine_fn gco_output_stream_flush (GOutputStream *stream,
                                                   GCancellable  *cancellable,
                                                   GError       **error);

GCO_AVAILABLE_IN_1_0
gboolean gco_coroutine_fn gco_output_stream_close (GOutputStream *stream,
                                                   GCancellable  *cancellable,
                                                   GError       **error);

GCO_AVAILABLE_IN_1_0
gssize gco_coroutine_fn gco_output_stream_splice (GOutputStream           *stream,
                                                  GInputStream            *source,
                                                  GOutputStreamSpliceFlags flags,
                                                  GCancellable            *cancellable,
                                                  GError                 **error);

GCO_AVAILABLE_IN_1_0
char *gco_coroutine_fn gco_data_input_stream_read_line (GDataInputStream *stream,
                                                        gsize            *length,
                                                        GCancellable     *cancellable,
                                                        GError          **error);

GCO_AVAILABLE_IN_1_0
char *gco_coroutine_fn gco_data_input_stream_read_line_utf8 (GDataInputStream *stream,
                                                             gsize            *length,
                                                             GCancellable     *cancellable,
                                                             GError          **error);

GCO_AVAILABLE_IN_1_0
gboolean gco_coroutine_fn gco_io_stream_close (GIOStream    *stream,
                                               GCancellable *cancellable,
                                               GError      **error);

GCO_AVAILABLE_IN_1_0
gboolean gco_coroutine_fn gco_file_load_contents (GFile        *file,
                                                  GCancellable *cancellable,
                                                  char        **contents,
                                                  gsize        *length,
                                                  char        **etag_out,
                                                  GError      **error);

GCO_AVAILABLE_IN_1_0
gboolean gco_coroutine_fn gco_file_replace_contents (GFile           *file,
                                                     const char      *contents,
                                                     gsize            length,
                                                     const char      *etag,
                                                     gboolean         make_backup,
                                                     GFileCreateFlags flags,
                                                     char           **new_etag,
                                                     GCancellable    *cancellable,
                                                     GError         **error);

GCO_AVAILABLE_IN_1_0
GFileInputStream *gco_coroutine_fn gco_file_read (GFile        *file,
                                                  GCancellable *cancellable,
                                                  GError      **error);

GCO_AVAILABLE_IN_1_0
GFileOutputStream *gco_coroutine_fn gco_file_replace (GFile           *file,
                                                      const char      *etag,
                                                      gboolean         make_backup,
                                                      GFileCreateFlags flags,
                                                      GCancellable    *cancellable,
                                                      GError         **error);

GCO_AVAILABLE_IN_1_0
GFileInfo *gco_coroutine_fn gco_file_query_info (GFile              *file,
                                                 const char         *attributes,
                                                 GFileQueryInfoFlags flags,
                                                 GCancellable       *cancellable,
                                                 GError            **error);

GCO_AVAILABLE_IN_1_0
GFileEnumerator *gco_coroutine_fn gco_file_enumerate_children (GFile              *file,
                                                               const char         *attributes,
                                                               GFileQueryInfoFlags flags,
                                                               GCancellable       *cancellable,
                                                               GError            **error);

GCO_AVAILABLE_IN_1_0
GList *gco_coroutine_fn gco_file_enumerator_next_files (GFileEnumerator *enumerator,
                                                        int              num_files,
                                                        GCancellable    *cancellable,
                                                        GError         **error);

GCO_AVAILABLE_IN_1_0
gboolean gco_coroutine_fn gco_file_copy (GFile                *source,
                                         GFile                *destination,
                                         GFileCopyFlags        flags,
                                         GCancellable         *cancellable,
                                         GFileProgressCallback progress_callback,
                                         gpointer              progress_callback_data,
                                         GError              **error);

GCO_AVAILABLE_IN_1_0
gboolean gco_coroutine_fn gco_file_delete (GFile        *file,
                                           GCancellable *cancellable,
                                           GError      **error);

GCO_AVAILABLE_IN_1_0
gboolean gco_coroutine_fn gco_file_make_directory (GFile        *file,
                                                   GCancellable *cancellable,
                                                   GError      **error);

GCO_AVAILABLE_IN_1_0
GSocketConnection *gco_coroutine_fn gco_socket_client_connect_to_host (GSocketClient *client,
                                                                       const char    *host_and_port,
                                                                       guint16        default_port,
                                                                       GCancellable  *cancellable,
                                                                       GError       **error);

GCO_AVAILABLE_IN_1_0
GSocketConnection *gco_coroutine_fn gco_socket_listener_accept (GSocketListener *listener,
                                                                GObject        **source_object,
                                                                GCancellable    *cancellable,
                                                                GError         **error);

GCO_AVAILABLE_IN_1_0
gboolean gco_coroutine_fn gco_subprocess_wait_check (GSubprocess  *subprocess,
                                                     GCancellable *cancellable,
                                                     GError      **error);

GCO_AVAILABLE_IN_1_0
gboolean gco_coroutine_fn gco_subprocess_communicate_utf8 (GSubprocess  *subprocess,
                                                           const char   *stdin_buf,
                                                           GCancellable *cancellable,
                                                           char        **stdout_buf,
                                                           char        **stderr_buf,
                                                           GError      **error);

GCO_AVAILABLE_IN_1_0
GVariant *gco_coroutine_fn gco_dbus_connection_call (GDBusConnection    *connection,
                                                     const char         *bus_name,
                                                     const char         *object_path,
                                                     const char         *interface_name,
                                                     const char         *method_name,
                                                     GVariant           *parameters,
                                                     const GVariantType *reply_type,
                                                     GDBusCallFlags      flags,
                                                     int                 timeout_msec,
                                                     GCancellable       *cancellable,
                                                     GError            **error);

GCO_AVAILABLE_IN_1_0
GVariant *gco_coroutine_fn gco_dbus_proxy_call (GDBusProxy    *proxy,
                                                const char    *method_name,
                                                GVariant      *parameters,
                                                GDBusCallFlags flags,
                                                int            timeout_msec,
                                                GCancellable  *cancellable,
                                                GError       **error);

GCO_AVAILABLE_IN_1_0
GDBusConnection *gco_coroutine_fn gco_bus_get (GBusType      bus_type,
                                               GCancellable *cancellable,
                                               GError      **error);

G_END_DECLS
