/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "notes-client.h"

#include "gco-test.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#define NAME "org.example.Notes"
#define OBJECT "/org/example/Notes"

static const char *program;

/* -------------------------------------------------------------------- place */

static void
place_init (Place *place)
{
  *place = (Place){ NULL };
  place->folder = g_dir_make_tmp ("test-notes-XXXXXX", NULL);
  g_assert_nonnull (place->folder);
  place->database = g_build_filename (place->folder, "notes.sqlite", NULL);
}

static void
place_clear (Place *place)
{
  static const char *const suffixes[] = { "", "-wal", "-shm" };

  g_assert_null (place->process);
  for (gsize i = 0; i < G_N_ELEMENTS (suffixes); i++)
    {
      g_autofree char *path = g_strconcat (place->database, suffixes[i], NULL);

      g_unlink (path);
    }
  g_assert_cmpint (g_rmdir (place->folder), ==, 0);
  g_free (place->folder);
  g_free (place->database);
}

typedef struct
{
  GcoRunFunc func;
} Scenario;

static void
run (gconstpointer user_data)
{
  const Scenario *scenario = user_data;
  g_autoptr (GError) error = NULL;
  Place place;

  place_init (&place);
  gco_run (scenario->func, &place, NULL, &error);
  g_assert_no_error (error);
  place_clear (&place);
}

void
place_add_test (const char *path,
                GcoRunFunc  func)
{
  Scenario *scenario = g_new (Scenario, 1);

  scenario->func = func;
  g_test_add_data_func_full (path, scenario, run, g_free);
}

void
place_test_init (int    *argc,
                 char ***argv)
{
  gco_test_init (argc, argv);
  if (*argc != 2)
    {
      g_print ("1..0 # SKIP there is no dbus-run-session, or no PROGRAM\n");
      exit (g_getenv ("GCO_TEST_FULL") != NULL ? EXIT_FAILURE : EXIT_SUCCESS);
    }
  program = (*argv)[1];
}

static void
on_appeared (GDBusConnection *bus,
             const char      *name,
             const char      *owner,
             gpointer         user_data)
{
  Place *place = user_data;

  place->has_name = TRUE;
  gco_sleep_wake (&place->changed);
}

static void
on_vanished (GDBusConnection *bus,
             const char      *name,
             gpointer         user_data)
{
  Place *place = user_data;

  place->has_name = FALSE;
  gco_sleep_wake (&place->changed);
}

static void
on_end (GObject      *process,
        GAsyncResult *result,
        gpointer      user_data)
{
  Place *place = user_data;

  g_assert_true (g_subprocess_wait_finish (G_SUBPROCESS (process), result, NULL));
  place->has_ended = TRUE;
  gco_sleep_wake (&place->changed);
}

/* In the child, before it is the program. */
static void
limit_files (gpointer user_data)
{
  const gsize  *size = user_data;
  struct rlimit limit = { *size, *size };

  setrlimit (RLIMIT_FSIZE, &limit);
}

static GSubprocess *
start (const char      *database,
       gsize           *max_file_size,
       GSubprocessFlags flags)
{
  g_autoptr (GSubprocessLauncher) launcher = g_subprocess_launcher_new (flags);
  g_autoptr (GError) error = NULL;
  GSubprocess *process;

  if (*max_file_size > 0)
    g_subprocess_launcher_set_child_setup (launcher, limit_files, max_file_size, NULL);
  process = g_subprocess_launcher_spawn (
      launcher, &error, program, "--database", database, NULL);
  g_assert_no_error (error);
  return process;
}

void gco_coroutine_fn
place_start (Place *place)
{
  g_assert_null (place->process);
  place->has_name = place->has_ended = FALSE;
  place->process = start (place->database, &place->max_file_size, G_SUBPROCESS_FLAGS_NONE);
  g_subprocess_wait_async (place->process, NULL, on_end, place);
  place->watch = g_bus_watch_name (G_BUS_TYPE_SESSION,
                                   NAME,
                                   G_BUS_NAME_WATCHER_FLAGS_NONE,
                                   on_appeared,
                                   on_vanished,
                                   place,
                                   NULL);
  while (!place->has_name)
    {
      g_assert_false (place->has_ended);
      gco_sleep_wait_ns (&place->changed, NULL, -1);
    }
}

GSubprocess *gco_coroutine_fn
place_wait_for_end (Place *place)
{
  while (!place->has_ended || place->has_name)
    gco_sleep_wait_ns (&place->changed, NULL, -1);
  g_bus_unwatch_name (place->watch);
  return g_steal_pointer (&place->process);
}

void gco_coroutine_fn
place_stop (Place *place)
{
  g_autoptr (GSubprocess) process = NULL;

  g_subprocess_send_signal (place->process, SIGTERM);
  process = place_wait_for_end (place);
  g_assert_true (g_subprocess_get_if_exited (process));
  g_assert_cmpint (g_subprocess_get_exit_status (process), ==, 0);
}

int gco_coroutine_fn
place_run_another (const char *database)
{
  GcoAwait await = GCO_AWAIT_INIT;
  gsize    no_limit = 0;
  g_autoptr (GSubprocess) process = NULL;
  g_autoptr (GAsyncResult) result = NULL;

  process = start (database, &no_limit, G_SUBPROCESS_FLAGS_STDERR_SILENCE);
  g_subprocess_wait_async (process, NULL, gco_await_ready, &await);
  result = gco_await (&await);
  g_assert_true (g_subprocess_wait_finish (process, result, NULL));
  g_assert_true (g_subprocess_get_if_exited (process));
  return g_subprocess_get_exit_status (process);
}

/* ----------------------------------------------------------------- database */

static sqlite3 *
open_database (Place *place)
{
  sqlite3 *db = NULL;

  g_assert_cmpint (sqlite3_open (place->database, &db), ==, SQLITE_OK);
  sqlite3_busy_timeout (db, 10000);
  return db;
}

sqlite3 *
place_lock (Place *place)
{
  sqlite3 *db = open_database (place);

  g_assert_cmpint (sqlite3_exec (db, "BEGIN IMMEDIATE", NULL, NULL, NULL), ==, SQLITE_OK);
  return db;
}

void
place_unlock (sqlite3 *db)
{
  g_assert_cmpint (sqlite3_exec (db, "COMMIT", NULL, NULL, NULL), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_close (db), ==, SQLITE_OK);
}

char *
place_ask (Place      *place,
           const char *sql)
{
  sqlite3      *db = open_database (place);
  sqlite3_stmt *statement = NULL;
  char         *said;

  g_assert_cmpint (sqlite3_prepare_v2 (db, sql, -1, &statement, NULL), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_step (statement), ==, SQLITE_ROW);
  said = g_strdup ((const char *) sqlite3_column_text (statement, 0));
  sqlite3_finalize (statement);
  g_assert_cmpint (sqlite3_close (db), ==, SQLITE_OK);
  return said;
}

/* -------------------------------------------------------------------- calls */

GDBusConnection *gco_coroutine_fn
notes_connect (void)
{
  GcoAwait await = GCO_AWAIT_INIT;
  g_autoptr (GError) error = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autofree char *address = NULL;
  GDBusConnection *bus;

  address = g_dbus_address_get_for_bus_sync (G_BUS_TYPE_SESSION, NULL, &error);
  g_assert_no_error (error);
  g_dbus_connection_new_for_address (address,
                                     G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT |
                                         G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
                                     NULL,
                                     NULL,
                                     gco_await_ready,
                                     &await);
  result = gco_await (&await);
  bus = g_dbus_connection_new_for_address_finish (result, &error);
  g_assert_no_error (error);
  return bus;
}

static void
send_to (GDBusConnection *bus,
         GcoAwait        *await,
         const char      *interface,
         const char      *method,
         GVariant        *parameters)
{
  gco_await_init (await, NULL);
  g_dbus_connection_call (bus,
                          NAME,
                          OBJECT,
                          interface,
                          method,
                          parameters,
                          NULL,
                          G_DBUS_CALL_FLAGS_NO_AUTO_START,
                          -1,
                          NULL,
                          gco_await_ready,
                          await);
}

void
notes_send (GDBusConnection *bus,
            GcoAwait        *await,
            const char      *method,
            GVariant        *parameters)
{
  send_to (bus, await, NAME, method, parameters);
}

GVariant *gco_coroutine_fn
notes_receive (GDBusConnection *bus,
               GcoAwait        *await,
               GError         **error)
{
  g_autoptr (GAsyncResult) result = gco_await (await);

  return g_dbus_connection_call_finish (bus, result, error);
}

GVariant *gco_coroutine_fn
notes_call (GDBusConnection *bus,
            const char      *method,
            GVariant        *parameters,
            GError         **error)
{
  GcoAwait await;

  notes_send (bus, &await, method, parameters);
  return notes_receive (bus, &await, error);
}

char *
notes_error_name (const GError *error)
{
  g_autofree char *name = g_dbus_error_get_remote_error (error);

  return g_strdup (name != NULL ? strrchr (name, '.') + 1 : error->message);
}

char *gco_coroutine_fn
notes_receive_text (GDBusConnection *bus,
                    GcoAwait        *await)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = notes_receive (bus, await, &error);

  return reply != NULL ? g_variant_print (reply, FALSE) : notes_error_name (error);
}

char *gco_coroutine_fn
notes_call_text (GDBusConnection *bus,
                 const char      *method,
                 GVariant        *parameters)
{
  GcoAwait await;

  notes_send (bus, &await, method, parameters);
  return notes_receive_text (bus, &await);
}

guint gco_coroutine_fn
notes_get_most_readers (GDBusConnection *bus)
{
  GcoAwait await;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = NULL;
  g_autoptr (GVariant) value = NULL;

  send_to (bus,
           &await,
           "org.freedesktop.DBus.Properties",
           "Get",
           g_variant_new ("(ss)", NAME, "MostReaders"));
  reply = notes_receive (bus, &await, &error);
  g_assert_no_error (error);
  g_variant_get (reply, "(v)", &value);
  return g_variant_get_uint32 (value);
}
