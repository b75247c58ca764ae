/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "database.h"

/* What a method does with the database, in a thread: its parameters in, its reply
 * out, a floating reference; or NULL with an error. */
typedef GVariant *(*NotesFunc) (sqlite3  *db,
                                GVariant *parameters,
                                GError  **error);

GVariant *notes_add (sqlite3  *db,
                     GVariant *parameters,
                     GError  **error);
GVariant *notes_get (sqlite3  *db,
                     GVariant *parameters,
                     GError  **error);
GVariant *notes_edit (sqlite3  *db,
                      GVariant *parameters,
                      GError  **error);
GVariant *notes_remove (sqlite3  *db,
                        GVariant *parameters,
                        GError  **error);
GVariant *notes_list (sqlite3  *db,
                      GVariant *parameters,
                      GError  **error);
GVariant *notes_search (sqlite3  *db,
                        GVariant *parameters,
                        GError  **error);
GVariant *notes_count (sqlite3  *db,
                       GVariant *parameters,
                       GError  **error);
