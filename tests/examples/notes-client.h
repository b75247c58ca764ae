/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a test of examples/notes-service has to do with it: it starts it, calls it,
 * and gets in its way. */

#pragma once

#include <gco.h>
#include <sqlite3.h>

/* A folder, and the service that works there. (main thread) */
typedef struct
{
  char        *folder;
  char        *database;
  gsize        max_file_size; /* of the next process; 0: as it is */
  GSubprocess *process;
  guint        watch;
  gboolean     has_name; /* so the bus says */
  gboolean     has_ended;
  GcoSleep     changed; /* in which to wait for either */
} Place;

/* Registers @func, which gets a Place as its user data, in a coroutine. */
void place_add_test (const char *path,
                     GcoRunFunc  func);

/* The beginning of main(), of a test that is given the program. */
void place_test_init (int    *argc,
                      char ***argv);

/* Returns when the service can be called. */
void gco_coroutine_fn place_start (Place *place);

/* Returns when the process has ended, and the bus knows. */
GSubprocess *gco_coroutine_fn place_wait_for_end (Place *place);

/* SIGTERM, and all is well. */
void gco_coroutine_fn place_stop (Place *place);

/* A second process; its exit status. */
int gco_coroutine_fn place_run_another (const char *database);

/* From here on nobody else can write to the database, until it is given back. */
sqlite3 *place_lock (Place *place);
void     place_unlock (sqlite3 *db);

/* What PRAGMA integrity_check and the like say. */
char *place_ask (Place      *place,
                 const char *sql);

GDBusConnection *gco_coroutine_fn notes_connect (void);

/* A call on its way, and its end. */
void                       notes_send (GDBusConnection *bus,
                                       GcoAwait        *await,
                                       const char      *method,
                                       GVariant        *parameters);
GVariant *gco_coroutine_fn notes_receive (GDBusConnection *bus,
                                          GcoAwait        *await,
                                          GError         **error);

GVariant *gco_coroutine_fn notes_call (GDBusConnection *bus,
                                       const char      *method,
                                       GVariant        *parameters,
                                       GError         **error);

/* The same, and the printed answer; of an error the last part of its name. */
char *gco_coroutine_fn notes_receive_text (GDBusConnection *bus,
                                           GcoAwait        *await);
char *gco_coroutine_fn notes_call_text (GDBusConnection *bus,
                                        const char      *method,
                                        GVariant        *parameters);

/* The last part of the name of the D-Bus error that @error is. */
char *notes_error_name (const GError *error);

/* The property. When it is there, the calls sent before by @bus have been taken. */
guint gco_coroutine_fn notes_get_most_readers (GDBusConnection *bus);
