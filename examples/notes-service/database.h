/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>
#include <sqlite3.h>

#define NOTES_ERROR (notes_error_quark ())

typedef enum
{
  NOTES_ERROR_DATABASE,
  NOTES_ERROR_NOT_FOUND,
  NOTES_ERROR_CHANGED,
} NotesError;

GQuark notes_error_quark (void);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (sqlite3_stmt, sqlite3_finalize)

typedef enum
{
  DATABASE_READ,
  DATABASE_WRITE, /* makes what is not there yet */
} DatabaseMode;

sqlite3      *database_open (const char  *path,
                             DatabaseMode mode,
                             GError     **error);
sqlite3_stmt *database_prepare (sqlite3    *db,
                                const char *sql,
                                GError    **error);
gboolean      database_step (sqlite3_stmt *statement,
                             gboolean     *is_row,
                             GError      **error);
