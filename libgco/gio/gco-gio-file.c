/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Files: the asynchronous calls of GIO, awaited. */

#include "gco-gio.h"

#include "gco-await-private.h"

/**
 * gco_file_load_contents: (skip)
 * @file: a file
 * @cancellable: (nullable): what cancels it; NULL for that of the scope of the running
 *   coroutine
 * @contents: (out) (transfer full): what is in it, with a NUL behind
 * @length: (out) (optional): how long that is, in bytes
 * @etag_out: (out) (optional) (nullable) (transfer full): its entity tag
 * @error: return location for an error
 *
 * Like [method@Gio.File.load_contents], while others go on here. Coroutine only;
 * yields.
 *
 * Returns: TRUE; FALSE with @error
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
  GcoAwait await;
  g_autoptr (GAsyncResult) result = NULL;

  g_file_load_contents_async (file,
                              gco_await_begin (&await, cancellable),
                              gco_await_ready,
                              &await);
  result = gco_await (&await);
  return g_file_load_contents_finish (file, result, contents, length, etag_out, error);
}

/**
 * gco_file_replace_contents: (skip)
 * @file: a file
 * @contents: (array length=length) (element-type guint8): what is to be in it
 * @length: how long that is, in bytes
 * @etag: (nullable): the entity tag that it must have
 * @make_backup: whether to keep the old contents in a backup
 * @flags: how to create it
 * @new_etag: (out) (optional) (nullable) (transfer full): its new entity tag
 * @cancellable: (nullable): what cancels it; NULL for that of the scope of the running
 *   coroutine
 * @error: return location for an error
 *
 * Like [method@Gio.File.replace_contents], while others go on here. Coroutine only;
 * yields.
 *
 * Returns: TRUE; FALSE with @error
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
  GcoAwait await;
  g_autoptr (GAsyncResult) result = NULL;

  g_file_replace_contents_async (file,
                                 contents,
                                 length,
                                 etag,
                                 make_backup,
                                 flags,
                                 gco_await_begin (&await, cancellable),
                                 gco_await_ready,
                                 &await);
  result = gco_await (&await);
  return g_file_replace_contents_finish (file, result, new_etag, error);
}

/**
 * gco_file_read: (skip)
 * @file: a file
 * @cancellable: (nullable): what cancels it; NULL for that of the scope of the running
 *   coroutine
 * @error: return location for an error
 *
 * Like [method@Gio.File.read], while others go on here. Coroutine only; yields.
 *
 * Returns: (transfer full) (nullable): a stream; NULL with @error
 *
 * Since: 1.0
 */
GFileInputStream *
gco_file_read (GFile        *file,
               GCancellable *cancellable,
               GError      **error)
{
  GcoAwait await;
  g_autoptr (GAsyncResult) result = NULL;

  g_file_read_async (file,
                     G_PRIORITY_DEFAULT,
                     gco_await_begin (&await, cancellable),
                     gco_await_ready,
                     &await);
  result = gco_await (&await);
  return g_file_read_finish (file, result, error);
}

/**
 * gco_file_replace: (skip)
 * @file: a file
 * @etag: (nullable): the entity tag that it must have
 * @make_backup: whether to keep the old contents in a backup
 * @flags: how to create it
 * @cancellable: (nullable): what cancels it; NULL for that of the scope of the running
 *   coroutine
 * @error: return location for an error
 *
 * Like [method@Gio.File.replace], while others go on here. Coroutine only; yields.
 *
 * Returns: (transfer full) (nullable): a stream; NULL with @error
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
  GcoAwait await;
  g_autoptr (GAsyncResult) result = NULL;

  g_file_replace_async (file,
                        etag,
                        make_backup,
                        flags,
                        G_PRIORITY_DEFAULT,
                        gco_await_begin (&await, cancellable),
                        gco_await_ready,
                        &await);
  result = gco_await (&await);
  return g_file_replace_finish (file, result, error);
}

/**
 * gco_file_query_info: (skip)
 * @file: a file
 * @attributes: what to ask for
 * @flags: how to look
 * @cancellable: (nullable): what cancels it; NULL for that of the scope of the running
 *   coroutine
 * @error: return location for an error
 *
 * Like [method@Gio.File.query_info], while others go on here. Coroutine only; yields.
 *
 * Returns: (transfer full) (nullable): what is known; NULL with @error
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
  GcoAwait await;
  g_autoptr (GAsyncResult) result = NULL;

  g_file_query_info_async (file,
                           attributes,
                           flags,
                           G_PRIORITY_DEFAULT,
                           gco_await_begin (&await, cancellable),
                           gco_await_ready,
                           &await);
  result = gco_await (&await);
  return g_file_query_info_finish (file, result, error);
}

/**
 * gco_file_enumerate_children: (skip)
 * @file: a directory
 * @attributes: what to ask for
 * @flags: how to look
 * @cancellable: (nullable): what cancels it; NULL for that of the scope of the running
 *   coroutine
 * @error: return location for an error
 *
 * Like [method@Gio.File.enumerate_children], while others go on here. Coroutine only;
 * yields.
 *
 * Returns: (transfer full) (nullable): an enumerator; NULL with @error
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
  GcoAwait await;
  g_autoptr (GAsyncResult) result = NULL;

  g_file_enumerate_children_async (file,
                                   attributes,
                                   flags,
                                   G_PRIORITY_DEFAULT,
                                   gco_await_begin (&await, cancellable),
                                   gco_await_ready,
                                   &await);
  result = gco_await (&await);
  return g_file_enumerate_children_finish (file, result, error);
}

/**
 * gco_file_enumerator_next_files: (skip)
 * @enumerator: an enumerator
 * @num_files: how many to ask for at most
 * @cancellable: (nullable): what cancels it; NULL for that of the scope of the running
 *   coroutine
 * @error: return location for an error
 *
 * Like [method@Gio.FileEnumerator.next_files_async], while others go on here. Coroutine
 * only; yields.
 *
 * Returns: (transfer full) (element-type Gio.FileInfo) (nullable): the next ones; NULL
 *   at the end, or with @error
 *
 * Since: 1.0
 */
GList *
gco_file_enumerator_next_files (GFileEnumerator *enumerator,
                                int              num_files,
                                GCancellable    *cancellable,
                                GError         **error)
{
  GcoAwait await;
  g_autoptr (GAsyncResult) result = NULL;

  g_file_enumerator_next_files_async (enumerator,
                                      num_files,
                                      G_PRIORITY_DEFAULT,
                                      gco_await_begin (&await, cancellable),
                                      gco_await_ready,
                                      &await);
  result = gco_await (&await);
  return g_file_enumerator_next_files_finish (enumerator, result, error);
}

/**
 * gco_file_delete: (skip)
 * @file: a file, or an empty directory
 * @cancellable: (nullable): what cancels it; NULL for that of the scope of the running
 *   coroutine
 * @error: return location for an error
 *
 * Like [method@Gio.File.delete], while others go on here. Coroutine only; yields.
 *
 * Returns: TRUE; FALSE with @error
 *
 * Since: 1.0
 */
gboolean
gco_file_delete (GFile        *file,
                 GCancellable *cancellable,
                 GError      **error)
{
  GcoAwait await;
  g_autoptr (GAsyncResult) result = NULL;

  g_file_delete_async (file,
                       G_PRIORITY_DEFAULT,
                       gco_await_begin (&await, cancellable),
                       gco_await_ready,
                       &await);
  result = gco_await (&await);
  return g_file_delete_finish (file, result, error);
}

/**
 * gco_file_make_directory: (skip)
 * @file: the directory to be
 * @cancellable: (nullable): what cancels it; NULL for that of the scope of the running
 *   coroutine
 * @error: return location for an error
 *
 * Like [method@Gio.File.make_directory], while others go on here. Coroutine only;
 * yields.
 *
 * Returns: TRUE; FALSE with @error
 *
 * Since: 1.0
 */
gboolean
gco_file_make_directory (GFile        *file,
                         GCancellable *cancellable,
                         GError      **error)
{
  GcoAwait await;
  g_autoptr (GAsyncResult) result = NULL;

  g_file_make_directory_async (file,
                               G_PRIORITY_DEFAULT,
                               gco_await_begin (&await, cancellable),
                               gco_await_ready,
                               &await);
  result = gco_await (&await);
  return g_file_make_directory_finish (file, result, error);
}
