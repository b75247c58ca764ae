/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * SQLite with GError. Everything here blocks, and is for a thread. Statements are
 * single ones, each its own transaction: there is no half of anything to lose.
 */

#include "database.h"

/* Another program may have the file locked, to make a copy of it. */
#define PATIENCE_MS 10000

static const GDBusErrorEntry error_names[] = {
  { NOTES_ERROR_DATABASE, "org.example.Notes.Error.Database" },
  { NOTES_ERROR_NOT_FOUND, "org.example.Notes.Error.NotFound" },
  { NOTES_ERROR_CHANGED, "org.example.Notes.Error.Changed" },
};

GQuark
notes_error_quark (void)
{
  static gsize quark = 0;

  g_dbus_error_register_error_domain (
      "notes-error-quark", &quark, error_names, G_N_ELEMENTS (error_names));
  return (GQuark) quark;
}

static void
set_error (sqlite3 *db,
           int      code,
           GError **error)
{
  if (code == SQLITE_INTERRUPT)
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_CANCELLED, "The caller has gone");
  else
    g_set_error_literal (error,
                         NOTES_ERROR,
                         NOTES_ERROR_DATABASE,
                         db != NULL ? sqlite3_errmsg (db) : sqlite3_errstr (code));
}

sqlite3_stmt *
database_prepare (sqlite3    *db,
                  const char *sql,
                  GError    **error)
{
  sqlite3_stmt *statement = NULL;
  int           code = sqlite3_prepare_v2 (db, sql, -1, &statement, NULL);

  if (code != SQLITE_OK)
    set_error (db, code, error);
  return statement;
}

gboolean
database_step (sqlite3_stmt *statement,
               gboolean     *is_row,
               GError      **error)
{
  int code = sqlite3_step (statement);

  *is_row = code == SQLITE_ROW;
  if (code == SQLITE_ROW || code == SQLITE_DONE)
    return TRUE;
  set_error (sqlite3_db_handle (statement), code, error);
  return FALSE;
}

/* WAL: readers and a writer do not lock each other out, and what a killed program
 * leaves is put right by whoever opens the file next. FULL: what was answered is
 * still there when the power fails. */
static const char *const set_up[] = {
  "PRAGMA journal_mode = WAL",
  "PRAGMA synchronous = FULL",
  /* an id that was removed is not given to another note */
  ("CREATE TABLE IF NOT EXISTS notes"
   " (id INTEGER PRIMARY KEY AUTOINCREMENT, version INTEGER NOT NULL, text TEXT NOT NULL)"),
};

static gboolean
run_all (sqlite3           *db,
         const char *const *sqls,
         gsize              n_sqls,
         GError           **error)
{
  for (gsize i = 0; i < n_sqls; i++)
    {
      g_autoptr (sqlite3_stmt) statement = database_prepare (db, sqls[i], error);
      gboolean is_row;

      if (statement == NULL || !database_step (statement, &is_row, error))
        return FALSE;
    }
  return TRUE;
}

/* Returns: (transfer full): to be closed with sqlite3_close() */
sqlite3 *
database_open (const char  *path,
               DatabaseMode mode,
               GError     **error)
{
  sqlite3 *db = NULL;
  int      flags = SQLITE_OPEN_NOMUTEX;
  int      code;

  flags |= mode == DATABASE_WRITE ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
                                  : SQLITE_OPEN_READONLY;
  code = sqlite3_open_v2 (path, &db, flags, NULL);
  if (code == SQLITE_OK)
    {
      sqlite3_busy_timeout (db, PATIENCE_MS);
      if (mode == DATABASE_READ || run_all (db, set_up, G_N_ELEMENTS (set_up), error))
        return db;
    }
  else
    {
      set_error (db, code, error);
    }
  sqlite3_close (db);
  return NULL;
}
