/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The methods, in SQL. They know nothing of coroutines, nor of who calls. */

#include "notes.h"

static void
set_not_found (gint64   id,
               GError **error)
{
  g_set_error (error,
               NOTES_ERROR,
               NOTES_ERROR_NOT_FOUND,
               "There is no note %" G_GINT64_FORMAT,
               id);
}

/* Returns: (transfer full) (nullable): at the row of the note */
static sqlite3_stmt *
find_note (sqlite3    *db,
           const char *sql,
           gint64      id,
           GError    **error)
{
  g_autoptr (sqlite3_stmt) statement = database_prepare (db, sql, error);
  gboolean is_row;

  if (statement == NULL)
    return NULL;
  sqlite3_bind_int64 (statement, 1, id);
  if (!database_step (statement, &is_row, error))
    return NULL;
  if (is_row)
    return g_steal_pointer (&statement);
  set_not_found (id, error);
  return NULL;
}

static void
bind_text (sqlite3_stmt *statement,
           int           index,
           const char   *text)
{
  sqlite3_bind_text (statement, index, text, -1, SQLITE_STATIC);
}

static const char *
get_text (sqlite3_stmt *statement,
          int           column)
{
  return (const char *) sqlite3_column_text (statement, column);
}

/* (text) -> (id) */
GVariant *
notes_add (sqlite3  *db,
           GVariant *parameters,
           GError  **error)
{
  g_autoptr (sqlite3_stmt) statement = NULL;
  const char *text;
  gboolean    is_row;

  g_variant_get (parameters, "(&s)", &text);
  statement = database_prepare (
      db, "INSERT INTO notes (version, text) VALUES (1, ?1)", error);
  if (statement == NULL)
    return NULL;
  bind_text (statement, 1, text);
  if (!database_step (statement, &is_row, error))
    return NULL;
  return g_variant_new ("(x)", (gint64) sqlite3_last_insert_rowid (db));
}

/* (id) -> (version, text) */
GVariant *
notes_get (sqlite3  *db,
           GVariant *parameters,
           GError  **error)
{
  g_autoptr (sqlite3_stmt) statement = NULL;
  gint64 id;

  g_variant_get (parameters, "(x)", &id);
  statement = find_note (db, "SELECT version, text FROM notes WHERE id = ?1", id, error);
  if (statement == NULL)
    return NULL;
  return g_variant_new ("(xs)",
                        (gint64) sqlite3_column_int64 (statement, 0),
                        get_text (statement, 1));
}

/* Why a note was not edited. */
static void
set_not_edited (sqlite3 *db,
                gint64   id,
                GError **error)
{
  g_autoptr (sqlite3_stmt) statement = NULL;

  statement = find_note (db, "SELECT version FROM notes WHERE id = ?1", id, error);
  if (statement != NULL)
    g_set_error (error,
                 NOTES_ERROR,
                 NOTES_ERROR_CHANGED,
                 "Note %" G_GINT64_FORMAT " is of version %" G_GINT64_FORMAT " by now",
                 id,
                 (gint64) sqlite3_column_int64 (statement, 0));
}

/* (id, version, text) -> (new version): the version is the one that the caller has
 * seen, so that nobody undoes unseen what another did. */
GVariant *
notes_edit (sqlite3  *db,
            GVariant *parameters,
            GError  **error)
{
  g_autoptr (sqlite3_stmt) statement = NULL;
  const char *text;
  gint64      id;
  gint64      version;
  gboolean    is_row;

  g_variant_get (parameters, "(xx&s)", &id, &version, &text);
  statement = database_prepare (
      db,
      "UPDATE notes SET version = version + 1, text = ?3 WHERE id = ?1 AND version = ?2",
      error);
  if (statement == NULL)
    return NULL;
  sqlite3_bind_int64 (statement, 1, id);
  sqlite3_bind_int64 (statement, 2, version);
  bind_text (statement, 3, text);
  if (!database_step (statement, &is_row, error))
    return NULL;
  if (sqlite3_changes (db) == 1)
    return g_variant_new ("(x)", version + 1);
  set_not_edited (db, id, error);
  return NULL;
}

/* (id) -> () */
GVariant *
notes_remove (sqlite3  *db,
              GVariant *parameters,
              GError  **error)
{
  g_autoptr (sqlite3_stmt) statement = NULL;
  gint64   id;
  gboolean is_row;

  g_variant_get (parameters, "(x)", &id);
  statement = database_prepare (db, "DELETE FROM notes WHERE id = ?1", error);
  if (statement == NULL)
    return NULL;
  sqlite3_bind_int64 (statement, 1, id);
  if (!database_step (statement, &is_row, error))
    return NULL;
  if (sqlite3_changes (db) == 1)
    return g_variant_new ("()");
  set_not_found (id, error);
  return NULL;
}

/* All rows, as ([(id, version, text)...]). */
static GVariant *
collect (sqlite3_stmt *statement,
         GError      **error)
{
  g_auto (GVariantBuilder) builder = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("a(xxs)"));
  gboolean is_row;

  for (;;)
    {
      if (!database_step (statement, &is_row, error))
        return NULL;
      if (!is_row)
        return g_variant_new ("(a(xxs))", &builder);
      g_variant_builder_add (&builder,
                             "(xxs)",
                             (gint64) sqlite3_column_int64 (statement, 0),
                             (gint64) sqlite3_column_int64 (statement, 1),
                             get_text (statement, 2));
    }
}

/* () -> ([(id, version, text)...]) */
GVariant *
notes_list (sqlite3  *db,
            GVariant *parameters,
            GError  **error)
{
  g_autoptr (sqlite3_stmt) statement = NULL;

  statement = database_prepare (
      db, "SELECT id, version, text FROM notes ORDER BY id", error);
  return statement != NULL ? collect (statement, error) : NULL;
}

/* (word) -> ([(id, version, text)...]) */
GVariant *
notes_search (sqlite3  *db,
              GVariant *parameters,
              GError  **error)
{
  g_autoptr (sqlite3_stmt) statement = NULL;
  const char *word;

  g_variant_get (parameters, "(&s)", &word);
  statement = database_prepare (
      db,
      "SELECT id, version, text FROM notes WHERE instr (text, ?1) > 0 ORDER BY id",
      error);
  if (statement == NULL)
    return NULL;
  bind_text (statement, 1, word);
  return collect (statement, error);
}

/* () -> (how many) */
GVariant *
notes_count (sqlite3  *db,
             GVariant *parameters,
             GError  **error)
{
  g_autoptr (sqlite3_stmt) statement = NULL;
  gboolean is_row;

  statement = database_prepare (db, "SELECT count(*) FROM notes", error);
  if (statement == NULL || !database_step (statement, &is_row, error))
    return NULL;
  return g_variant_new ("(x)", (gint64) sqlite3_column_int64 (statement, 0));
}
