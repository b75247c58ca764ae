/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The thumbnails already made: one small PNG each in the user's cache folder,
 * and a table in memory of those that are there.
 *
 * A file's name is a hash of what it is the thumbnail of: address, time of the
 * last change, length. A changed image has another name, so nothing in the
 * folder is ever wrong, at most of no use any more; what was not used for
 * longest goes when the folder is full. Files are written under another name
 * and renamed: who reads one reads a whole one.
 */

#include "cache.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utime.h>

#include "offload.h"
#include "thumbnail.h"

#define SUFFIX ".png"
#define TEMP_SUFFIX ".tmp"
#define KEY_FORMAT "%s\n%" G_GINT64_FORMAT "\n%" G_GOFFSET_FORMAT "\n%d"
/* a temporary file that is older belongs to a program that was killed */
#define TEMP_LIFE_SECONDS (60 * 60)

typedef struct
{
  gint64  used; /* seconds since the epoch */
  guint64 bytes;
} Entry;

struct _Cache
{
  char *folder; /* (immutable) */

  /* Lookups are many, and each waits for the disk: they hold the lock together,
   * from looking into the table until the file is read. The few that change the
   * table and the folder (load, add, trim) hold it alone, so that no lookup is
   * answered before the table is loaded, or loses its file between the two. */
  GcoRwlock   lock;
  GHashTable *entries; /* (lock) file name -> Entry */

  char *complaint; /* (main thread) why nothing can be kept */
  guint n_temps;   /* (main thread) */
};

typedef struct
{
  GdkPixbuf *thumbnail;
  char      *temp;
  char      *path;
} Storing;

typedef struct
{
  const char *folder;
  GHashTable *entries;
  guint64     max_bytes;
} Tidying;

Cache *
cache_new (void)
{
  Cache *cache = g_new0 (Cache, 1);

  cache->folder = g_build_filename (g_get_user_cache_dir (), "contact-sheet", NULL);
  cache->entries = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  gco_rwlock_init (&cache->lock);
  return cache;
}

void
cache_free (Cache *cache)
{
  g_hash_table_unref (cache->entries);
  g_free (cache->folder);
  g_free (cache->complaint);
  g_free (cache);
}

const char *
cache_get_complaint (Cache *cache)
{
  return cache->complaint;
}

static void
complain (Cache  *cache,
          GError *error)
{
  if (cache->complaint == NULL)
    cache->complaint = g_strdup (error->message);
  g_error_free (error);
}

static void
insert (GHashTable *entries,
        const char *name,
        gint64      used,
        guint64     bytes)
{
  Entry *entry = g_new (Entry, 1);

  entry->used = used;
  entry->bytes = bytes;
  g_hash_table_insert (entries, g_strdup (name), entry);
}

static char *
make_name (const Image *image)
{
  g_autofree char *uri = g_file_get_uri (image->file);
  g_autofree char *key = g_strdup_printf (KEY_FORMAT,
                                          uri,
                                          image->mtime_us,
                                          image->size,
                                          THUMBNAIL_SIZE);
  g_autofree char *hash = g_compute_checksum_for_string (G_CHECKSUM_SHA256, key, -1);

  return g_strconcat (hash, SUFFIX, NULL);
}

static void
list_in_thread (GTask        *task,
                gpointer      source_object,
                gpointer      task_data,
                GCancellable *cancellable)
{
  Tidying *tidying = task_data;
  g_autoptr (GDir) dir = NULL;
  gint64      now = g_get_real_time () / G_USEC_PER_SEC;
  const char *name;

  if (g_mkdir_with_parents (tidying->folder, 0700) != 0 ||
      (dir = g_dir_open (tidying->folder, 0, NULL)) == NULL)
    {
      g_task_return_new_error (task,
                               G_IO_ERROR,
                               g_io_error_from_errno (errno),
                               "%s: %s",
                               tidying->folder,
                               g_strerror (errno));
      return;
    }
  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (tidying->folder, name, NULL);
      GStatBuf         st;

      if (g_stat (path, &st) != 0)
        continue;
      if (g_str_has_suffix (name, SUFFIX))
        insert (tidying->entries, name, st.st_mtime, (guint64) st.st_size);
      else if (g_str_has_suffix (name,
                                 TEMP_SUFFIX) &&
               now - st.st_mtime > TEMP_LIFE_SECONDS)
        g_unlink (path);
    }
  g_task_return_pointer (task, NULL, NULL);
}

/* Until this has the table, every lookup waits: call it first. */
void gco_coroutine_fn
cache_load (Cache *cache)
{
  GCO_RWLOCK_WRITER_AUTO_LOCK (&cache->lock, held);
  Tidying tidying = { .folder = cache->folder, .entries = cache->entries };
  GError *error = NULL;

  offload (list_in_thread, &tidying, NULL, &error);
  if (error != NULL)
    complain (cache, error);
}

static void
read_in_thread (GTask        *task,
                gpointer      source_object,
                gpointer      task_data,
                GCancellable *cancellable)
{
  const char *path = task_data;
  GError     *error = NULL;
  GdkPixbuf  *thumbnail = gdk_pixbuf_new_from_file (path, &error);

  if (thumbnail == NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  g_utime (path, NULL); /* used just now */
  g_task_return_pointer (task, thumbnail, g_object_unref);
}

/* Returns: (nullable): nothing too when what is there cannot be read; then it
 * is made and added anew */
GdkPixbuf *gco_coroutine_fn
cache_lookup (Cache        *cache,
              const Image  *image,
              GCancellable *cancellable)
{
  g_autofree char *name = make_name (image);
  g_autofree char *path = g_build_filename (cache->folder, name, NULL);
  GdkPixbuf       *thumbnail = NULL;

  if (!gco_rwlock_rdlock_cancellable (&cache->lock, cancellable, NULL))
    return NULL;
  if (g_hash_table_contains (cache->entries, name))
    thumbnail = offload (read_in_thread, path, cancellable, NULL);
  gco_rwlock_unlock (&cache->lock);
  return thumbnail;
}

static void
write_in_thread (GTask        *task,
                 gpointer      source_object,
                 gpointer      task_data,
                 GCancellable *cancellable)
{
  Storing *storing = task_data;
  GError  *error = NULL;

  /* hardly compressed: these are read far more often than written */
  if (!gdk_pixbuf_save (
          storing->thumbnail, storing->temp, "png", &error, "compression", "1", NULL))
    {
      g_unlink (storing->temp);
      g_task_return_error (task, error);
      return;
    }
  g_task_return_pointer (task, NULL, NULL);
}

static void
rename_in_thread (GTask        *task,
                  gpointer      source_object,
                  gpointer      task_data,
                  GCancellable *cancellable)
{
  Storing *storing = task_data;

  if (g_rename (storing->temp, storing->path) != 0)
    {
      int code = errno;

      g_unlink (storing->temp);
      g_task_return_new_error (task,
                               G_IO_ERROR,
                               g_io_error_from_errno (code),
                               "%s: %s",
                               storing->path,
                               g_strerror (code));
      return;
    }
  g_task_return_pointer (task, NULL, NULL);
}

void gco_coroutine_fn
cache_add (Cache       *cache,
           const Image *image,
           GdkPixbuf   *thumbnail)
{
  g_autofree char *name = make_name (image);
  g_autofree char *path = g_build_filename (cache->folder, name, NULL);
  g_autofree char *temp = g_strdup_printf (
      "%s.%d-%u" TEMP_SUFFIX, path, (int) getpid (), cache->n_temps++);
  Storing storing = { .thumbnail = thumbnail, .temp = temp, .path = path };
  GError *error = NULL;

  if (cache->complaint != NULL)
    return;

  /* the slow part, while lookups go on */
  offload (write_in_thread, &storing, NULL, &error);
  if (error == NULL)
    {
      GCO_RWLOCK_WRITER_AUTO_LOCK (&cache->lock, held);

      offload (rename_in_thread, &storing, NULL, &error);
      if (error == NULL)
        insert (cache->entries, name, 0, 0);
    }
  if (error != NULL)
    complain (cache, error);
}

static int
compare_age (gconstpointer a,
             gconstpointer b,
             gpointer      user_data)
{
  GHashTable  *entries = user_data;
  const Entry *left = g_hash_table_lookup (entries, *(const char *const *) a);
  const Entry *right = g_hash_table_lookup (entries, *(const char *const *) b);

  return left->used < right->used ? -1 : left->used > right->used;
}

static void
trim_in_thread (GTask        *task,
                gpointer      source_object,
                gpointer      task_data,
                GCancellable *cancellable)
{
  Tidying       *tidying = task_data;
  GHashTableIter iter;
  gpointer       entry;
  guint64        total = 0;

  g_hash_table_iter_init (&iter, tidying->entries);
  while (g_hash_table_iter_next (&iter, NULL, &entry))
    total += ((Entry *) entry)->bytes;

  if (total > tidying->max_bytes)
    {
      g_autofree gpointer *names = g_hash_table_get_keys_as_array (
          tidying->entries,
          NULL);

      g_qsort_with_data (names,
                         (int) g_hash_table_size (tidying->entries),
                         sizeof (gpointer),
                         compare_age,
                         tidying->entries);
      for (gpointer *name = names; *name != NULL && total > tidying->max_bytes; name++)
        {
          g_autofree char *path = g_build_filename (tidying->folder, *name, NULL);

          g_unlink (path);
          total -= ((Entry *) g_hash_table_lookup (tidying->entries, *name))->bytes;
          g_hash_table_remove (tidying->entries, *name);
        }
    }
  g_task_return_pointer (task, NULL, NULL);
}

/* Throws away what was not used for longest, until the rest fits. */
void gco_coroutine_fn
cache_trim (Cache  *cache,
            guint64 max_bytes)
{
  GCO_RWLOCK_WRITER_AUTO_LOCK (&cache->lock, held);
  Tidying tidying = { .folder = cache->folder,
                      .entries = cache->entries,
                      .max_bytes = max_bytes };

  if (cache->complaint != NULL)
    return;

  /* sizes and times anew: others use the folder too */
  g_hash_table_remove_all (cache->entries);
  offload (list_in_thread, &tidying, NULL, NULL);
  offload (trim_in_thread, &tidying, NULL, NULL);
}
