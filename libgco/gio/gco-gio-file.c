/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Files and folders. */

#include "gco-gio.h"

#include "gco-gio-private.h"

/**
 * gco_file_load_contents: (skip)
 * @file: a file
 * @cancellable: (nullable): what may end the call
 * @contents: (out) (transfer full): what is in it, and a 0 behind
 * @length: (out) (optional): its length without that
 * @etag_out: (out) (optional) (nullable) (transfer full): its entity tag
 * @error: return location for an error
 *
 * Like [method@Gio.File.load_contents], while others run. Coroutine only; yields.
 *
 * Returns: TRUE, or FALSE with @error
 *
 * Since: 1.0
 */
gboolean
gco_file_load_contents (GFile        *file,
                        GCancellable *cancellable,
                        char        **contents,
                        gsize        *length,
                        char        **etag_out,
                        GError      **error)
{
  GCO_GIO_CHECK (G_IS_FILE (file), cancellable, error, FALSE);
  g_return_val_if_fail (contents != NULL, FALSE);

  GCO_GIO_CALL (call, cancellable);
  g_file_load_contents_async (file, GCO_GIO_LAST (call));
  return g_file_load_contents_finish (file,
                                      gco_gio_call_wait (&call),
                                      contents,
                                      length,
                                      etag_out,
                                      error);
}

/**
 * gco_file_replace_contents: (skip)
 * @file: a file
 * @contents: what to write
 * @length: how many bytes
 * @etag: (nullable): the entity tag that @file must have
 * @make_backup: whether to keep what was there
 * @flags: flags
 * @new_etag: (out) (optional) (nullable) (transfer full): its entity tag then
 * @cancellable: (nullable): what may end the call
 * @error: return location for an error
 *
 * Like [method@Gio.File.replace_contents], while others run. Coroutine only; yields.
 *
 * Returns: TRUE, or FALSE with @error
 *
 * Since: 1.0
 */
gboolean
gco_file_replace_contents (GFile           *file,
                           const char      *contents,
                           gsize            length,
                           const char      *etag,
                           gboolean         make_backup,
                           GFileCreateFlags flags,
                           char           **new_etag,
                           GCancellable    *cancellable,
                           GError         **error)
{
  GCO_GIO_CHECK (G_IS_FILE (file), cancellable, error, FALSE);
  g_return_val_if_fail (contents != NULL || length == 0, FALSE);

  GCO_GIO_CALL (call, cancellable);
  g_file_replace_contents_async (file,
                                 contents,
                                 length,
                                 etag,
                                 make_backup,
                                 flags,
                                 GCO_GIO_LAST (call));
  return g_file_replace_contents_finish (file,
                                         gco_gio_call_wait (&call),
                                         new_etag,
                                         error);
}

/**
 * gco_file_read: (skip)
 * @file: a file
 * @cancellable: (nullable): what may end the call
 * @error: return location for an error
 *
 * Like [method@Gio.File.read], while others run. Coroutine only; yields.
 *
 * Returns: (transfer full): a stream; NULL with @error
 *
 * Since: 1.0
 */
GFileInputStream *
gco_file_read (GFile        *file,
               GCancellable *cancellable,
               GError      **error)
{
  GCO_GIO_CHECK (G_IS_FILE (file), cancellable, error, NULL);

  GCO_GIO_CALL (call, cancellable);
  g_file_read_async (file, G_PRIORITY_DEFAULT, GCO_GIO_LAST (call));
  return g_file_read_finish (file, gco_gio_call_wait (&call), error);
}

/**
 * gco_file_replace: (skip)
 * @file: a file
 * @etag: (nullable): the entity tag that @file must have
 * @make_backup: whether to keep what was there
 * @flags: flags
 * @cancellable: (nullable): what may end the call
 * @error: return location for an error
 *
 * Like [method@Gio.File.replace], while others run. Coroutine only; yields.
 *
 * Returns: (transfer full): a stream; NULL with @error
 *
 * Since: 1.0
 */
GFileOutputStream *
gco_file_replace (GFile           *file,
                  const char      *etag,
                  gboolean         make_backup,
                  GFileCreateFlags flags,
                  GCancellable    *cancellable,
                  GError         **error)
{
  GCO_GIO_CHECK (G_IS_FILE (file), cancellable, error, NULL);

  GCO_GIO_CALL (call, cancellable);
  g_file_replace_async (file,
                        etag,
                        make_backup,
                        flags,
                        G_PRIORITY_DEFAULT,
                        GCO_GIO_LAST (call));
  return g_file_replace_finish (file, gco_gio_call_wait (&call), error);
}

/**
 * gco_file_query_info: (skip)
 * @file: a file
 * @attributes: which, see [method@Gio.File.query_info]
 * @flags: flags
 * @cancellable: (nullable): what may end the call
 * @error: return location for an error
 *
 * Like [method@Gio.File.query_info], while others run. Coroutine only; yields.
 *
 * Returns: (transfer full): what is known of @file; NULL with @error
 *
 * Since: 1.0
 */
GFileInfo *
gco_file_query_info (GFile              *file,
                     const char         *attributes,
                     GFileQueryInfoFlags flags,
                     GCancellable       *cancellable,
                     GError            **error)
{
  GCO_GIO_CHECK (G_IS_FILE (file), cancellable, error, NULL);
  g_return_val_if_fail (attributes != NULL, NULL);

  GCO_GIO_CALL (call, cancellable);
  g_file_query_info_async (file,
                           attributes,
                           flags,
                           G_PRIORITY_DEFAULT,
                           GCO_GIO_LAST (call));
  return g_file_query_info_finish (file, gco_gio_call_wait (&call), error);
}

/**
 * gco_file_enumerate_children: (skip)
 * @file: a folder
 * @attributes: which, see [method@Gio.File.query_info]
 * @flags: flags
 * @cancellable: (nullable): what may end the call
 * @error: return location for an error
 *
 * Like [method@Gio.File.enumerate_children], while others run. Coroutine only;
 * yields.
 *
 * Returns: (transfer full): what lists them; NULL with @error
 *
 * Since: 1.0
 */
GFileEnumerator *
gco_file_enumerate_children (GFile              *file,
                             const char         *attributes,
                             GFileQueryInfoFlags flags,
                             GCancellable       *cancellable,
                             GError            **error)
{
  GCO_GIO_CHECK (G_IS_FILE (file), cancellable, error, NULL);
  g_return_val_if_fail (attributes != NULL, NULL);

  GCO_GIO_CALL (call, cancellable);
  g_file_enumerate_children_async (file,
                                   attributes,
                                   flags,
                                   G_PRIORITY_DEFAULT,
                                   GCO_GIO_LAST (call));
  return g_file_enumerate_children_finish (file, gco_gio_call_wait (&call), error);
}

/**
 * gco_file_enumerator_next_files: (skip)
 * @enumerator: an enumerator
 * @num_files: how many at most
 * @cancellable: (nullable): what may end the call
 * @error: return location for an error
 *
 * Like [method@Gio.FileEnumerator.next_files_async], while others run. Coroutine
 * only; yields.
 *
 * Returns: (transfer full) (element-type Gio.FileInfo) (nullable): the next ones;
 *   NULL at the end, and with @error
 *
 * Since: 1.0
 */
GList *
gco_file_enumerator_next_files (GFileEnumerator *enumerator,
                                int              num_files,
                                GCancellable    *cancellable,
                                GError         **error)
{
  GCO_GIO_CHECK (G_IS_FILE_ENUMERATOR (enumerator), cancellable, error, NULL);
  g_return_val_if_fail (num_files >= 0, NULL);

  GCO_GIO_CALL (call, cancellable);
  g_file_enumerator_next_files_async (enumerator,
                                      num_files,
                                      G_PRIORITY_DEFAULT,
                                      GCO_GIO_LAST (call));
  return g_file_enumerator_next_files_finish (enumerator,
                                              gco_gio_call_wait (&call),
                                              error);
}

/**
 * gco_file_copy: (skip)
 * @source: where from
 * @destination: where to
 * @flags: flags
 * @cancellable: (nullable): what may end the call
 * @progress_callback: (nullable) (scope call) (closure progress_callback_data): told
 *   how far it is
 * @progress_callback_data: data for @progress_callback
 * @error: return location for an error
 *
 * Like [method@Gio.File.copy], while others run. Coroutine only; yields.
 *
 * @progress_callback is called in the main context, outside of coroutines, and not
 * after this has returned.
 *
 * Returns: TRUE, or FALSE with @error
 *
 * Since: 1.0
 */
gboolean
gco_file_copy (GFile                *source,
               GFile                *destination,
               GFileCopyFlags        flags,
               GCancellable         *cancellable,
               GFileProgressCallback progress_callback,
               gpointer              progress_callback_data,
               GError              **error)
{
  GCO_GIO_CHECK (G_IS_FILE (source), cancellable, error, FALSE);
  g_return_val_if_fail (G_IS_FILE (destination), FALSE);

  GCO_GIO_CALL (call, cancellable);
  g_file_copy_async (source,
                     destination,
                     flags,
                     G_PRIORITY_DEFAULT,
                     call.cancellable,
                     progress_callback,
                     progress_callback_data,
                     gco_await_ready,
                     &call.await);
  return g_file_copy_finish (source, gco_gio_call_wait (&call), error);
}

/**
 * gco_file_delete: (skip)
 * @file: a file
 * @cancellable: (nullable): what may end the call
 * @error: return location for an error
 *
 * Like [method@Gio.File.delete], while others run. Coroutine only; yields.
 *
 * Returns: TRUE, or FALSE with @error
 *
 * Since: 1.0
 */
gboolean
gco_file_delete (GFile        *file,
                 GCancellable *cancellable,
                 GError      **error)
{
  GCO_GIO_CHECK (G_IS_FILE (file), cancellable, error, FALSE);

  GCO_GIO_CALL (call, cancellable);
  g_file_delete_async (file, G_PRIORITY_DEFAULT, GCO_GIO_LAST (call));
  return g_file_delete_finish (file, gco_gio_call_wait (&call), error);
}

/**
 * gco_file_make_directory: (skip)
 * @file: a file
 * @cancellable: (nullable): what may end the call
 * @error: return location for an error
 *
 * Like [method@Gio.File.make_directory], while others run. Coroutine only; yields.
 *
 * Returns: TRUE, or FALSE with @error
 *
 * Since: 1.0
 */
gboolean
gco_file_make_directory (GFile        *file,
                         GCancellable *cancellable,
                         GError      **error)
{
  GCO_GIO_CHECK (G_IS_FILE (file), cancellable, error, FALSE);

  GCO_GIO_CALL (call, cancellable);
  g_file_make_directory_async (file, G_PRIORITY_DEFAULT, GCO_GIO_LAST (call));
  return g_file_make_directory_finish (file, gco_gio_call_wait (&call), error);
}
