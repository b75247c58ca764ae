/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The file, for many coroutines: one connection to write, a few to read, and a
 * read/write lock that is held from the first to the last moment of a call, while
 * a thread does what the call is there for.
 *
 * The lock is fair. So calls take effect in the order of their arrival: who adds
 * a note and lists them all finds it there, without having waited for the answer
 * in between. And a writer, who is alone, can always empty SQLite's log, which
 * grows without end where there is always somebody who reads.
 */

#include "store.h"

/* More would not make the disk faster. */
#define MAX_READERS 4
/* How many steps of its virtual machine SQLite does before it asks whether it is
 * to go on. */
#define STEPS 10000

struct _Store
{
  char *path; /* (immutable) */

  GcoRwlock lock;
  sqlite3  *writer; /* (lock) */

  /* Taken after the lock: the other way round, readers that wait for a writer
   * would keep what those before it need. */
  GcoSemaphore readers;
  sqlite3     *idle[MAX_READERS]; /* (main thread) as many as there are permits */
  guint        n_idle;            /* (main thread) */
  guint        most_readers;      /* (main thread) */
};

typedef struct
{
  sqlite3  *db;
  NotesFunc func;
  GVariant *parameters;
  GVariant *reply;
} Job;

static void
close_all (Store *store)
{
  /* the writer comes last: the last one that closes the file empties the log */
  while (store->n_idle > 0)
    sqlite3_close (store->idle[--store->n_idle]);
  g_clear_pointer (&store->writer, sqlite3_close);
}

static gboolean
open_in_thread (GCancellable *cancellable,
                gpointer      user_data,
                GError      **error)
{
  Store *store = user_data;

  store->writer = database_open (store->path, DATABASE_WRITE, error);
  if (store->writer == NULL)
    return FALSE;
  while (store->n_idle < MAX_READERS)
    {
      sqlite3 *reader = database_open (store->path, DATABASE_READ, error);

      if (reader == NULL)
        {
          close_all (store);
          return FALSE;
        }
      store->idle[store->n_idle++] = reader;
    }
  return TRUE;
}

static gboolean
close_in_thread (GCancellable *cancellable,
                 gpointer      user_data,
                 GError      **error)
{
  close_all (user_data);
  return TRUE;
}

static void
free_store (Store *store)
{
  g_free (store->path);
  g_free (store);
}

Store *gco_coroutine_fn
store_open (const char *path,
            GError    **error)
{
  Store *store = g_new0 (Store, 1);

  store->path = g_strdup (path);
  gco_rwlock_init (&store->lock);
  gco_semaphore_init (&store->readers, MAX_READERS);
  if (gco_run_in_thread (open_in_thread, store, NULL, error))
    return store;
  g_prefix_error (error, "%s: ", path);
  free_store (store);
  return NULL;
}

/* When nobody uses it any more. */
void gco_coroutine_fn
store_close (Store *store)
{
  gco_run_in_thread (close_in_thread, store, NULL, NULL);
  free_store (store);
}

static int
is_to_stop (void *cancellable)
{
  return g_cancellable_is_cancelled (cancellable);
}

static gboolean
call_in_thread (GCancellable *cancellable,
                gpointer      user_data,
                GError      **error)
{
  Job *job = user_data;

  sqlite3_progress_handler (job->db, STEPS, is_to_stop, cancellable);
  job->reply = job->func (job->db, job->parameters, error);
  sqlite3_progress_handler (job->db, 0, NULL, NULL);
  return job->reply != NULL;
}

/* Returns: (transfer floating) (nullable): the reply of func */
GVariant *gco_coroutine_fn
store_read (Store        *store,
            NotesFunc     func,
            GVariant     *parameters,
            GCancellable *cancellable,
            GError      **error)
{
  Job job = { NULL, func, parameters, NULL };

  if (!gco_rwlock_rdlock_cancellable (&store->lock, cancellable, error))
    return NULL;
  if (gco_semaphore_acquire_cancellable (&store->readers, cancellable, error))
    {
      job.db = store->idle[--store->n_idle];
      store->most_readers = MAX (store->most_readers, MAX_READERS - store->n_idle);
      gco_run_in_thread (call_in_thread, &job, cancellable, error);
      store->idle[store->n_idle++] = job.db;
      gco_semaphore_release (&store->readers);
    }
  gco_rwlock_unlock (&store->lock);
  return job.reply;
}

/* Returns: (transfer floating) (nullable): the reply of func */
GVariant *gco_coroutine_fn
store_write (Store        *store,
             NotesFunc     func,
             GVariant     *parameters,
             GCancellable *cancellable,
             GError      **error)
{
  Job job = { NULL, func, parameters, NULL };

  if (!gco_rwlock_wrlock_cancellable (&store->lock, cancellable, error))
    return NULL;
  job.db = store->writer;
  gco_run_in_thread (call_in_thread, &job, cancellable, error);
  gco_rwlock_unlock (&store->lock);
  return job.reply;
}

/* How many have read at the same time, at most. */
guint
store_get_most_readers (Store *store)
{
  return store->most_readers;
}
