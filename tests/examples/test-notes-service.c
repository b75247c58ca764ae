/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* examples/notes-service on a bus: what it answers, to many at once. */

#include "gco-test.h"

#include "notes-client.h"

#include <string.h>

#define assert_text(expression, expected)  \
 G_STMT_START                              \
 {                                         \
  g_autofree char *said_ = (expression);   \
  g_assert_cmpstr (said_, ==, (expected)); \
 }                                         \
 G_STMT_END

static GVariant *
note (gint64 id)
{
  return g_variant_new ("(x)", id);
}

static GVariant *
text (const char *words)
{
  return g_variant_new ("(s)", words);
}

static GVariant *
edited (gint64      id,
        gint64      version,
        const char *words)
{
  return g_variant_new ("(xxs)", id, version, words);
}

/* -------------------------------------------------------------------- alone */

static gboolean gco_coroutine_fn
test_methods (GCancellable *cancellable,
              gpointer      place,
              GError      **error)
{
  g_autoptr (GDBusConnection) bus = notes_connect ();

  place_start (place);
  assert_text (notes_call_text (bus, "Count", NULL), "(0,)");
  assert_text (notes_call_text (bus, "List", NULL), "([],)");
  assert_text (notes_call_text (bus, "Add", text ("milk")), "(1,)");
  assert_text (notes_call_text (bus, "Add", text ("50% 'oats'; naïve")), "(2,)");
  assert_text (notes_call_text (bus, "Get", note (2)), "(1, \"50% 'oats'; naïve\")");
  assert_text (notes_call_text (bus, "Edit", edited (1, 1, "more milk")), "(2,)");
  assert_text (notes_call_text (bus, "Search", text ("milk")), "([(1, 2, 'more milk')],)");
  assert_text (notes_call_text (bus, "Search", text ("%")),
               "([(2, 1, \"50% 'oats'; naïve\")],)");
  assert_text (notes_call_text (bus, "Search", text ("m_lk")), "([],)");
  assert_text (notes_call_text (bus, "Count", NULL), "(2,)");
  assert_text (notes_call_text (bus, "Remove", note (2)), "()");
  assert_text (notes_call_text (bus, "List", NULL), "([(1, 2, 'more milk')],)");
  /* no other note gets its id */
  assert_text (notes_call_text (bus, "Add", text ("")), "(3,)");
  place_stop (place);

  place_start (place);
  assert_text (notes_call_text (bus, "List", NULL), "([(1, 2, 'more milk'), (3, 1, '')],)");
  place_stop (place);
  return TRUE;
}

static gboolean gco_coroutine_fn
test_errors (GCancellable *cancellable,
             gpointer      place,
             GError      **error)
{
  g_autoptr (GDBusConnection) bus = notes_connect ();

  place_start (place);
  assert_text (notes_call_text (bus, "Get", note (1)), "NotFound");
  assert_text (notes_call_text (bus, "Edit", edited (1, 1, "a")), "NotFound");
  assert_text (notes_call_text (bus, "Remove", note (1)), "NotFound");
  assert_text (notes_call_text (bus, "Add", text ("a")), "(1,)");
  assert_text (notes_call_text (bus, "Edit", edited (1, 2, "b")), "Changed");
  assert_text (notes_call_text (bus, "Edit", edited (1, 1, "b")), "(2,)");
  assert_text (notes_call_text (bus, "Edit", edited (1, 1, "c")), "Changed");
  assert_text (notes_call_text (bus, "Add", NULL), "InvalidArgs");
  assert_text (notes_call_text (bus, "Burn", NULL), "UnknownMethod");
  assert_text (notes_call_text (bus, "List", NULL), "([(1, 2, 'b')],)");
  place_stop (place);
  return TRUE;
}

/* A name that is taken, a file that is none, a folder that is not there. */
static gboolean gco_coroutine_fn
test_no_start (GCancellable *cancellable,
               gpointer      user_data,
               GError      **error)
{
  Place           *place = user_data;
  g_autofree char *other = g_strconcat (place->database, "/other", NULL);

  g_assert_true (g_file_set_contents (place->database, "These are no notes. ", 20, NULL));
  g_assert_cmpint (place_run_another (place->database), ==, 1);
  g_assert_cmpint (place_run_another (other), ==, 1);
  g_assert_true (g_file_set_contents (place->database, "", 0, NULL));
  place_start (place);
  g_assert_cmpint (place_run_another (place->database), ==, 1);
  place_stop (place);
  return TRUE;
}

/* --------------------------------------------------------- all at once, one bus */

typedef struct
{
  GDBusConnection *bus;
  GcoAwait        *awaits;
  guint            n_sent;
  guint            n_received;
} Burst;

static void
burst_init (Burst           *burst,
            GDBusConnection *bus,
            guint            n)
{
  *burst = (Burst){ bus, g_new (GcoAwait, n), 0, 0 };
}

static void
burst_send (Burst      *burst,
            const char *method,
            GVariant   *parameters)
{
  notes_send (burst->bus, &burst->awaits[burst->n_sent++], method, parameters);
}

static char *gco_coroutine_fn
burst_receive (Burst *burst)
{
  return notes_receive_text (burst->bus, &burst->awaits[burst->n_received++]);
}

static void
burst_clear (Burst *burst)
{
  g_assert_cmpuint (burst->n_received, ==, burst->n_sent);
  g_free (burst->awaits);
}

#define N_NOTES 40

/* Readers and writers in turn, and none waits for an answer: each finds what the
 * one before it left. */
static gboolean gco_coroutine_fn
test_order (GCancellable *cancellable,
            gpointer      place,
            GError      **error)
{
  g_autoptr (GDBusConnection) bus = notes_connect ();
  Burst burst;

  place_start (place);
  burst_init (&burst, bus, N_NOTES * 7);
  for (int id = 1; id <= N_NOTES; id++)
    {
      burst_send (&burst, "Add", text ("a"));
      burst_send (&burst, "Edit", edited (id, 1, "b"));
      burst_send (&burst, "Get", note (id));
      burst_send (&burst, "Edit", edited (id, 2, "c"));
      burst_send (&burst, "List", NULL);
      burst_send (&burst, "Remove", note (id));
      burst_send (&burst, "Count", NULL);
    }
  for (int id = 1; id <= N_NOTES; id++)
    {
      g_autofree char *added = g_strdup_printf ("(%d,)", id);
      g_autofree char *list = g_strdup_printf ("([(%d, 3, 'c')],)", id);

      assert_text (burst_receive (&burst), added);
      assert_text (burst_receive (&burst), "(2,)");
      assert_text (burst_receive (&burst), "(2, 'b')");
      assert_text (burst_receive (&burst), "(3,)");
      assert_text (burst_receive (&burst), list);
      assert_text (burst_receive (&burst), "()");
      assert_text (burst_receive (&burst), "(0,)");
    }
  burst_clear (&burst);
  place_stop (place);
  return TRUE;
}

#define N_READERS 60

/* A writer waits for this test, the readers for the writer; so they all go at once
 * when it is done. */
static gboolean gco_coroutine_fn
test_readers (GCancellable *cancellable,
              gpointer      place,
              GError      **error)
{
  g_autoptr (GDBusConnection) bus = notes_connect ();
  sqlite3 *lock;
  Burst    burst;

  place_start (place);
  g_assert_cmpuint (notes_get_most_readers (bus), ==, 0);
  burst_init (&burst, bus, 1 + N_READERS);
  lock = place_lock (place);
  burst_send (&burst, "Add", text ("milk"));
  for (int i = 0; i < N_READERS; i++)
    burst_send (&burst, i % 2 == 0 ? "List" : "Count", NULL);
  g_assert_cmpuint (notes_get_most_readers (bus), ==, 0);
  place_unlock (lock);

  assert_text (burst_receive (&burst), "(1,)");
  for (int i = 0; i < N_READERS; i++)
    assert_text (burst_receive (&burst), i % 2 == 0 ? "([(1, 1, 'milk')],)" : "(1,)");
  g_assert_cmpuint (notes_get_most_readers (bus), >, 1);
  burst_clear (&burst);
  place_stop (place);
  return TRUE;
}

#define MAX_CALLS 1024
#define N_TOO_MANY 10

/* More calls than the service has room for are turned away, and only those. */
static gboolean gco_coroutine_fn
test_too_many (GCancellable *cancellable,
               gpointer      place,
               GError      **error)
{
  g_autoptr (GDBusConnection) bus = notes_connect ();
  sqlite3 *lock;
  Burst    burst;

  place_start (place);
  burst_init (&burst, bus, MAX_CALLS + N_TOO_MANY);
  lock = place_lock (place);
  burst_send (&burst, "Add", text ("milk"));
  for (int i = 1; i < MAX_CALLS + N_TOO_MANY; i++)
    burst_send (&burst, "Count", NULL);
  notes_get_most_readers (bus);
  place_unlock (lock);

  for (int i = 0; i < MAX_CALLS + N_TOO_MANY; i++)
    assert_text (burst_receive (&burst), i < MAX_CALLS ? "(1,)" : "LimitsExceeded");
  burst_clear (&burst);
  place_stop (place);
  return TRUE;
}

/* ------------------------------------------------------------------ vanished */

#define N_LOST 50

static void
on_vanished (GDBusConnection *bus,
             const char      *name,
             gpointer         user_data)
{
  gco_sleep_wake (user_data);
}

/* Has @victim leave, and returns when @bus knows, and the service as well. */
static void gco_coroutine_fn
make_vanish (GDBusConnection *victim,
             GDBusConnection *bus)
{
  GcoAwait await = GCO_AWAIT_INIT;
  g_autoptr (GAsyncResult) result = NULL;
  GcoSleep vanished = { 0 };
  guint    watch;

  watch = g_bus_watch_name_on_connection (bus,
                                          g_dbus_connection_get_unique_name (victim),
                                          G_BUS_NAME_WATCHER_FLAGS_NONE,
                                          NULL,
                                          on_vanished,
                                          &vanished,
                                          NULL);
  g_dbus_connection_close (victim, NULL, gco_await_ready, &await);
  result = gco_await (&await);
  g_assert_true (g_dbus_connection_close_finish (victim, result, NULL));
  gco_sleep_wait_ns (&vanished, NULL, -1);
  g_bus_unwatch_name (watch);
  /* the bus has told the service before it brings this */
  notes_get_most_readers (bus);
}

/* What waits for its turn when its caller goes is never done. */
static gboolean gco_coroutine_fn
test_vanished (GCancellable *cancellable,
               gpointer      place,
               GError      **error)
{
  g_autoptr (GDBusConnection) bus = notes_connect ();
  g_autoptr (GDBusConnection) victim = notes_connect ();
  sqlite3 *lock;
  Burst    mine;
  Burst    lost;

  place_start (place);
  /* the service watches the victim when this is answered */
  assert_text (notes_call_text (victim, "Count", NULL), "(0,)");
  burst_init (&mine, bus, 2);
  burst_init (&lost, victim, N_LOST);
  lock = place_lock (place);
  burst_send (&mine, "Add", text ("mine"));
  notes_get_most_readers (bus);
  for (int i = 0; i < N_LOST; i++)
    burst_send (&lost, i % 2 == 0 ? "Add" : "List", i % 2 == 0 ? text ("lost") : NULL);
  notes_get_most_readers (victim);
  make_vanish (victim, bus);
  burst_send (&mine, "List", NULL);
  place_unlock (lock);

  assert_text (burst_receive (&mine), "(1,)");
  assert_text (burst_receive (&mine), "([(1, 1, 'mine')],)");
  for (int i = 0; i < N_LOST; i++)
    g_free (burst_receive (&lost));
  burst_clear (&mine);
  burst_clear (&lost);
  place_stop (place);
  return TRUE;
}

int
main (int   argc,
      char *argv[])
{
  place_test_init (&argc, &argv);
  place_add_test ("/notes-service/methods", test_methods);
  place_add_test ("/notes-service/errors", test_errors);
  place_add_test ("/notes-service/no-start", test_no_start);
  place_add_test ("/notes-service/order", test_order);
  place_add_test ("/notes-service/readers", test_readers);
  place_add_test ("/notes-service/too-many", test_too_many);
  place_add_test ("/notes-service/vanished", test_vanished);
  return g_test_run ();
}
