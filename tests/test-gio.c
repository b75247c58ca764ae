/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The twins of GIO's functions: files, streams, and what all of them promise. */

#include "gco-test-actor.h"

#include <glib/gstdio.h>
#include <string.h>

static const char text[] = "first\nsecond\nthird";

/* ---------------------------------------------------------------------- files */

typedef struct
{
  GFile   *folder;
  GFile   *file;
  GFile   *copy;
  goffset  copied;
  guint    n_calls;
  gboolean returned;
} Files;

static void
note_progress (goffset  current,
               goffset  total,
               gpointer user_data)
{
  Files *files = user_data;

  g_assert_false (gco_in_coroutine ());
  g_assert_false (files->returned);
  g_assert_cmpint (total, ==, strlen (text));
  files->copied = current;
  files->n_calls++;
}

static void
write_file (Files *files)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GFileInfo) info = NULL;
  g_autofree char *etag = NULL;

  g_assert_true (gco_file_make_directory (files->folder, NULL, &error));
  g_assert_false (gco_file_make_directory (files->folder, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_EXISTS);
  g_clear_error (&error);

  gco_file_replace_contents (files->file,
                             text,
                             strlen (text),
                             NULL,
                             FALSE,
                             G_FILE_CREATE_NONE,
                             &etag,
                             NULL,
                             &error);
  g_assert_no_error (error);
  g_assert_nonnull (etag);
  info = gco_file_query_info (files->file,
                              G_FILE_ATTRIBUTE_STANDARD_SIZE,
                              G_FILE_QUERY_INFO_NONE,
                              NULL,
                              &error);
  g_assert_no_error (error);
  g_assert_cmpint (g_file_info_get_size (info), ==, strlen (text));
}

static void
copy_file (Files *files)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (gco_file_copy (files->file,
                                files->copy,
                                G_FILE_COPY_NONE,
                                NULL,
                                note_progress,
                                files,
                                &error));
  files->returned = TRUE;
  g_assert_cmpint (files->copied, ==, strlen (text));
  g_assert_cmpuint (files->n_calls, >, 0);
  g_assert_false (gco_file_copy (files->file,
                                 files->copy,
                                 G_FILE_COPY_NONE,
                                 NULL,
                                 NULL,
                                 NULL,
                                 &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_EXISTS);
}

static void
read_and_replace (Files *files)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *contents = NULL;
  g_autoptr (GFileInputStream) stream = NULL;
  g_autoptr (GFileOutputStream) output = NULL;
  char  buffer[100];
  gsize n;

  g_assert_true (gco_file_load_contents (files->copy, NULL, &contents, &n, NULL, &error));
  g_assert_cmpmem (contents, n, text, strlen (text));

  output = gco_file_replace (files->copy, NULL, FALSE, G_FILE_CREATE_NONE, NULL, &error);
  g_assert_true (
      gco_output_stream_write_all (G_OUTPUT_STREAM (output), "new", 3, &n, NULL, &error));
  g_assert_cmpuint (n, ==, 3);
  g_assert_true (gco_output_stream_flush (G_OUTPUT_STREAM (output), NULL, &error));
  g_assert_true (gco_output_stream_close (G_OUTPUT_STREAM (output), NULL, &error));

  stream = gco_file_read (files->copy, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (gco_input_stream_read_all (G_INPUT_STREAM (stream),
                                            buffer,
                                            sizeof buffer,
                                            &n,
                                            NULL,
                                            &error));
  g_assert_cmpmem (buffer, n, "new", 3);
  g_assert_true (
      gco_input_stream_read_all (G_INPUT_STREAM (stream), buffer, 0, NULL, NULL, &error));
  g_assert_true (gco_input_stream_close (G_INPUT_STREAM (stream), NULL, &error));
}

static void
list_and_delete (Files *files)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GFileEnumerator) enumerator = NULL;
  g_autofree char *contents = NULL;
  GList           *infos;

  enumerator = gco_file_enumerate_children (files->folder,
                                            G_FILE_ATTRIBUTE_STANDARD_NAME,
                                            G_FILE_QUERY_INFO_NONE,
                                            NULL,
                                            &error);
  g_assert_no_error (error);
  infos = gco_file_enumerator_next_files (enumerator, 10, NULL, &error);
  g_assert_cmpuint (g_list_length (infos), ==, 2);
  g_list_free_full (infos, g_object_unref);
  g_assert_null (gco_file_enumerator_next_files (enumerator, 10, NULL, &error));
  g_assert_no_error (error);

  g_assert_true (gco_file_delete (files->file, NULL, &error));
  g_assert_true (gco_file_delete (files->copy, NULL, &error));
  g_assert_true (gco_file_delete (files->folder, NULL, &error));
  g_assert_false (
      gco_file_load_contents (files->file, NULL, &contents, NULL, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  g_clear_error (&error);
  g_assert_null (gco_file_read (files->file, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
}

static void
use_files (gpointer user_data)
{
  write_file (user_data);
  copy_file (user_data);
  read_and_replace (user_data);
  list_and_delete (user_data);
}

static void
test_files (GcoTest *t)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = g_dir_make_tmp ("gco-gio-XXXXXX", &error);
  g_autoptr (GFile) top = g_file_new_for_path (path);
  g_autoptr (GFile) folder = g_file_get_child (top, "folder");
  g_autoptr (GFile) file = g_file_get_child (folder, "file");
  g_autoptr (GFile) copy = g_file_get_child (folder, "copy");
  Files files = { folder, file, copy, 0, 0, FALSE };

  gco_test_run (t, use_files, &files);
  g_assert_cmpint (g_rmdir (path), ==, 0);
}

/* -------------------------------------------------------------------- streams */

static void
use_lines (gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GInputStream) memory =
      g_memory_input_stream_new_from_data ("one\ntwo\nthr\xff\n", 12, NULL);
  g_autoptr (GDataInputStream) stream = g_data_input_stream_new (memory);
  g_autofree char *one = NULL;
  g_autofree char *two = NULL;
  gsize            length;

  one = gco_data_input_stream_read_line_utf8 (stream, NULL, NULL, &error);
  g_assert_cmpstr (one, ==, "one");
  two = gco_data_input_stream_read_line (stream, &length, NULL, &error);
  g_assert_cmpstr (two, ==, "two");
  g_assert_cmpuint (length, ==, 3);
  g_assert_null (gco_data_input_stream_read_line_utf8 (stream, NULL, NULL, &error));
  g_assert_error (error, G_CONVERT_ERROR, G_CONVERT_ERROR_ILLEGAL_SEQUENCE);
  g_clear_error (&error);
  g_assert_null (gco_data_input_stream_read_line (stream, NULL, NULL, &error));
  g_assert_no_error (error);
}

static void
test_lines (GcoTest *t)
{
  gco_test_run (t, use_lines, NULL);
}

static void
use_streams (gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GInputStream) input =
      g_memory_input_stream_new_from_data (text, strlen (text), NULL);
  g_autoptr (GOutputStream) output = g_memory_output_stream_new_resizable ();
  g_autoptr (GIOStream) both = NULL;
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GBytes) end = NULL;
  char   buffer[3];
  gssize n;

  g_assert_cmpint (gco_input_stream_read (input, buffer, 3, NULL, &error), ==, 3);
  g_assert_cmpmem (buffer, 3, text, 3);
  bytes = gco_input_stream_read_bytes (input, 3, NULL, &error);
  g_assert_cmpmem (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), text + 3, 3);
  n = gco_output_stream_splice (output, input, G_OUTPUT_STREAM_SPLICE_NONE, NULL, &error);
  g_assert_cmpint (n, ==, strlen (text) - 6);
  g_assert_cmpmem (g_memory_output_stream_get_data (G_MEMORY_OUTPUT_STREAM (output)),
                   n,
                   text + 6,
                   n);
  end = gco_input_stream_read_bytes (input, 3, NULL, &error);
  g_assert_cmpuint (g_bytes_get_size (end), ==, 0);

  both = g_simple_io_stream_new (input, output);
  g_assert_true (gco_io_stream_close (both, NULL, &error));
  g_assert_cmpint (gco_input_stream_read (input, buffer, 3, NULL, &error), ==, -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CLOSED);
}

static void
test_streams (GcoTest *t)
{
  gco_test_run (t, use_streams, NULL);
}

/* ----------------------------------------- a stream that answers when it is told */

typedef struct
{
  GInputStream parent_instance;
  GTask       *task;
  guint        n_dropped;
} LateStream;

typedef GInputStreamClass LateStreamClass;

GType late_stream_get_type (void);

G_DEFINE_TYPE (LateStream, late_stream, G_TYPE_INPUT_STREAM)

static void
note_dropped (gpointer data)
{
  g_assert_false (gco_in_coroutine ());
  ((LateStream *) data)->n_dropped++;
}

static void
return_cancelled (GCancellable *cancellable,
                  LateStream   *self)
{
  g_assert_false (gco_in_coroutine ());
  g_task_return_error_if_cancelled (self->task);
  g_clear_object (&self->task);
}

static void
late_stream_read_async (GInputStream       *stream,
                        void               *buffer,
                        gsize               count,
                        int                 io_priority,
                        GCancellable       *cancellable,
                        GAsyncReadyCallback callback,
                        gpointer            user_data)
{
  LateStream *self = (LateStream *) stream;

  self->task = g_task_new (stream, cancellable, callback, user_data);
  g_task_set_task_data (self->task, self, note_dropped);
  if (cancellable == NULL)
    return;
  if (!g_task_return_error_if_cancelled (self->task))
    g_signal_connect (cancellable, "cancelled", G_CALLBACK (return_cancelled), self);
  else
    g_clear_object (&self->task);
}

static gssize
late_stream_read_finish (GInputStream *stream,
                         GAsyncResult *result,
                         GError      **error)
{
  return g_task_propagate_int (G_TASK (result), error);
}

static void
late_stream_class_init (LateStreamClass *klass)
{
  klass->read_async = late_stream_read_async;
  klass->read_finish = late_stream_read_finish;
}

static void
late_stream_init (LateStream *self)
{
}

static gboolean
do_read (Actor   *self,
         gpointer stream)
{
  char byte;

  return gco_input_stream_read (stream, &byte, 1, self->cancellable, &self->error) >= 0;
}

/* Others run, and what comes with the result goes outside of the coroutine. */
static void
test_outside_stack (GcoTest *t)
{
  LateStream *stream = g_object_new (late_stream_get_type (), NULL);
  Actor      *a = actor_new (t, "A");

  actor_do (a, do_read, stream);
  assert_waits (a);
  g_task_return_int (stream->task, 1);
  g_clear_object (&stream->task);
  gco_test_drain (t);
  actor_assert_succeeded (a);
  g_assert_cmpuint (stream->n_dropped, ==, 1);
  g_signal_handlers_disconnect_by_data (a->cancellable, stream);
  actor_end (a);
  g_assert_finalize_object (G_OBJECT (stream));
}

static void
test_cancel (GcoTest *t)
{
  LateStream *stream = g_object_new (late_stream_get_type (), NULL);
  Actor      *a = actor_new (t, "A");

  actor_do (a, do_read, stream);
  g_cancellable_cancel (a->cancellable);
  assert_waits (a);
  gco_test_drain (t);
  actor_assert_cancelled (a);
  actor_do (a, do_read, stream);
  actor_assert_cancelled (a);
  g_assert_cmpuint (stream->n_dropped, ==, 2);
  g_signal_handlers_disconnect_by_data (a->cancellable, stream);
  actor_end (a);
  g_assert_finalize_object (G_OBJECT (stream));
}

static void
read_until_shutdown (gpointer user_data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  char byte;

  gco_input_stream_read (user_data, &byte, 1, cancellable, &error);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static void
test_shutdown (GcoTest *t)
{
  LateStream *stream = g_object_new (late_stream_get_type (), NULL);

  gco_test_spawn (t, read_until_shutdown, stream);
  gco_test_drain (t);
  g_assert_nonnull (stream->task);
  gco_aio_context_shutdown (t->ctx);
  g_assert_cmpuint (stream->n_dropped, ==, 1);
  g_assert_finalize_object (G_OBJECT (stream));
}

/* --------------------------------------------------------------------- misuse */

static void
use_nonsense (gpointer user_data)
{
  g_autoptr (GFile) file = g_file_new_for_path ("/");
  g_autoptr (GInputStream) memory = g_memory_input_stream_new ();

  g_test_expect_message ("Gco", G_LOG_LEVEL_CRITICAL, "*gco_input_stream_read:*");
  g_assert_cmpint (gco_input_stream_read (memory, NULL, 1, NULL, NULL), ==, -1);
  g_test_expect_message ("Gco", G_LOG_LEVEL_CRITICAL, "*gco_input_stream_read_bytes:*");
  g_assert_null (gco_input_stream_read_bytes (memory, 0, NULL, NULL));
  g_test_expect_message ("Gco", G_LOG_LEVEL_CRITICAL, "*gco_file_load_contents:*");
  g_assert_false (gco_file_load_contents (file, NULL, NULL, NULL, NULL, NULL));
  g_test_expect_message ("Gco", G_LOG_LEVEL_CRITICAL, "*gco_file_delete:*'G_IS_FILE (*)'*");
  g_assert_false (gco_file_delete (NULL, NULL, NULL));
  g_test_assert_expected_messages ();
}

/* What GIO refuses, and would call nobody back for, never suspends. */
static void
test_wrong_arguments (GcoTest *t)
{
  gco_test_run (t, use_nonsense, NULL);
}

static void
test_outside (void)
{
  g_autoptr (GFile) file = g_file_new_for_path ("/");

  gco_file_delete (file, NULL, NULL);
}

int
main (int   argc,
      char *argv[])
{
  gco_test_init (&argc, &argv);
  gco_test_add_source ("/gio/files", test_files);
  gco_test_add_source ("/gio/lines", test_lines);
  gco_test_add_source ("/gio/streams", test_streams);
  gco_test_add_source ("/gio/outside-stack", test_outside_stack);
  gco_test_add_source ("/gio/cancel", test_cancel);
  gco_test_add_source ("/gio/shutdown", test_shutdown);
  gco_test_add_source ("/gio/wrong-arguments", test_wrong_arguments);
  gco_test_add_abort_plain ("/gio/outside",
                            test_outside,
                            "*libgco: gco_file_delete: not in a coroutine*");
  return g_test_run ();
}
