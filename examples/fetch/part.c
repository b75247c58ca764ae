/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What is on disk of a file that is not whole yet. Whenever the program ends, what
 * .part holds is the beginning of what .meta names: it is empty while that changes.
 * Only the bytes are written behind the main loop's back, the rest takes no time.
 */

#include <errno.h>
#include <fcntl.h>
#include <gio/gunixoutputstream.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "fetch.h"

#define MODE (O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC)

static gboolean
fail (const char *name,
      int         code,
      GError    **error)
{
  g_set_error (error,
               G_IO_ERROR,
               g_io_error_from_errno (code),
               "%s: %s",
               name,
               code == EWOULDBLOCK ? "belongs to another download" : g_strerror (code));
  return FALSE;
}

static gboolean
load (Part       *part,
      const char *url,
      GError    **error)
{
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;
  struct stat st;

  if (flock (part->fd, LOCK_EX | LOCK_NB) != 0 || fstat (part->fd, &st) != 0)
    return fail (part->file, errno, error);
  part->size = st.st_size;
  if (!g_file_get_contents (part->meta, &text, NULL, NULL) && part->size > 0)
    return fail (part->file, EWOULDBLOCK, error);
  lines = g_strsplit (text != NULL ? text : "", "\n", 3);
  if (g_strv_length (lines) == 3 && g_str_equal (lines[0], url) && *lines[1] != '\0')
    part->validator = g_strdup (lines[1]);
  return TRUE;
}

void
part_close (Part *part)
{
  if (part->size == 0)
    {
      g_unlink (part->file);
      g_unlink (part->meta);
    }
  g_clear_object (&part->stream);
  g_free (part->target);
  g_free (part->file);
  g_free (part->meta);
  g_free (part->validator);
  g_free (part);
}

Part *
part_open (const char *target,
           const char *url,
           GError    **error)
{
  Part *part = g_new0 (Part, 1);

  part->target = g_strdup (target);
  part->file = g_strconcat (target, ".part", NULL);
  part->meta = g_strconcat (part->file, ".meta", NULL);
  part->size = -1;
  if (g_file_test (target, G_FILE_TEST_EXISTS))
    fail (target, EEXIST, error);
  else if ((part->fd = g_open (part->file, MODE, 0666)) < 0)
    fail (part->file, errno, error);
  else
    part->stream = g_unix_output_stream_new (part->fd, TRUE);
  if (part->stream != NULL && load (part, url, error))
    return part;
  part_close (part);
  return NULL;
}

gboolean
part_start_over (Part       *part,
                 const char *url,
                 const char *validator,
                 GError    **error)
{
  g_autofree char *text = NULL;

  g_free (part->validator);
  part->validator = g_strdup (validator);
  part->size = 0;
  if (ftruncate (part->fd, 0) != 0)
    return fail (part->file, errno, error);
  text = g_strdup_printf ("%s\n%s\n", url, validator != NULL ? validator : "");
  return g_file_set_contents (part->meta, text, -1, error);
}

gboolean gco_coroutine_fn
part_write (Part       *part,
            const void *bytes,
            gsize       n_bytes,
            GError    **error)
{
  gsize    n_written = 0;
  gboolean ok = gco_output_stream_write_all (
      part->stream, bytes, n_bytes, &n_written, NULL, error);

  part->size += (goffset) n_written;
  return ok;
}

/* It is whole, and gets its name before the lock goes. */
gboolean
part_finish (Part    *part,
             GError **error)
{
  if (g_file_test (part->target, G_FILE_TEST_EXISTS))
    return fail (part->target, EWOULDBLOCK, error);
  if (g_rename (part->file, part->target) != 0)
    return fail (part->target, errno, error);
  g_unlink (part->meta);
  return g_output_stream_close (part->stream, NULL, error);
}
