/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* examples/notes-service with hundreds of calls in flight, of many kinds. */

#include "notes-client.h"

#define N_BUSES 8
#define N_WORKERS 256
#define N_COUNTERS 64 /* notes that several workers count in */
#define N_ROUNDS 2

typedef struct
{
  GDBusConnection *buses[N_BUSES];
  gint64           counters[N_COUNTERS]; /* their ids */
  guint            n_changed;            /* edits that came too late */
} Load;

typedef struct
{
  Load            *load;
  GDBusConnection *bus;
  guint            index;
} Worker;

static GVariant *gco_coroutine_fn
call (Worker     *worker,
      const char *method,
      GVariant   *parameters)
{
  g_autoptr (GError) error = NULL;
  GVariant *reply = notes_call (worker->bus, method, parameters, &error);

  g_assert_no_error (error);
  return reply;
}

static gint64 gco_coroutine_fn
call_for_number (Worker     *worker,
                 const char *method,
                 GVariant   *parameters)
{
  g_autoptr (GVariant) reply = call (worker, method, parameters);
  gint64 number;

  g_variant_get (reply, "(x)", &number);
  return number;
}

/* FALSE: another was faster. */
static gboolean gco_coroutine_fn
try_to_count (Worker *worker,
              gint64  id)
{
  g_autoptr (GVariant) note = call (worker, "Get", g_variant_new ("(x)", id));
  g_autoptr (GVariant) reply = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *next = NULL;
  g_autofree char *name = NULL;
  const char      *text;
  gint64           version;

  g_variant_get (note, "(x&s)", &version, &text);
  next = g_strdup_printf ("%d", atoi (text) + 1);
  reply = notes_call (
      worker->bus, "Edit", g_variant_new ("(xxs)", id, version, next), &error);
  if (reply != NULL)
    return TRUE;
  name = notes_error_name (error);
  g_assert_cmpstr (name, ==, "Changed");
  worker->load->n_changed++;
  return FALSE;
}

static void gco_coroutine_fn
check_search (Worker     *worker,
              const char *word,
              gint64      id)
{
  g_autoptr (GVariant) reply = call (worker, "Search", g_variant_new ("(s)", word));
  g_autoptr (GVariant) notes = g_variant_get_child_value (reply, 0);
  gint64 found;

  g_assert_cmpuint (g_variant_n_children (notes), ==, 1);
  g_variant_get_child (notes, 0, "(xx&s)", &found, NULL, NULL);
  g_assert_cmpint (found, ==, id);
}

/* Every second one cleans up behind itself. */
static gboolean gco_coroutine_fn
work (GCancellable *cancellable,
      gpointer      user_data,
      GError      **error)
{
  Worker          *worker = user_data;
  g_autofree char *word = g_strdup_printf ("<%u>", worker->index);
  g_autofree char *words = g_strdup_printf ("I am %s, I am", word);
  gint64           counter = worker->load->counters[worker->index % N_COUNTERS];
  gint64           id = call_for_number (worker, "Add", g_variant_new ("(s)", word));

  for (int i = 0; i < N_ROUNDS; i++)
    {
      while (!try_to_count (worker, counter))
        ;
      g_assert_cmpint (call_for_number (worker,
                                        "Edit",
                                        g_variant_new ("(xxs)", id, (gint64) i + 1, words)),
                       ==,
                       i + 2);
      check_search (worker, word, id);
      g_assert_cmpint (call_for_number (worker, "Count", NULL), >, N_COUNTERS);
    }
  if (worker->index % 2 == 1)
    g_variant_unref (call (worker, "Remove", g_variant_new ("(x)", id)));
  return TRUE;
}

static void gco_coroutine_fn
make_counters (Load *load)
{
  Worker worker = { load, load->buses[0], 0 };

  for (int i = 0; i < N_COUNTERS; i++)
    load->counters[i] = call_for_number (&worker, "Add", g_variant_new ("(s)", "0"));
}

static void gco_coroutine_fn
work_all (Load *load)
{
  g_autoptr (GcoScope) scope = gco_scope_new (NULL);
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < N_WORKERS; i++)
    {
      Worker *worker = g_new (Worker, 1);

      *worker = (Worker){ load, load->buses[i % N_BUSES], i };
      gco_scope_spawn (scope, work, worker, g_free);
    }
  gco_scope_join (scope, &error);
  g_assert_no_error (error);
}

/* Nothing that was counted is lost, and what is left is what should be. */
static void gco_coroutine_fn
check_notes (Load *load)
{
  Worker worker = { load, load->buses[0], 0 };
  g_autoptr (GVariant) reply = call (&worker, "List", NULL);
  GVariantIter *notes;
  const char   *text;
  gint64        id;
  gint64        version;
  guint         n_counters = 0;

  g_variant_get (reply, "(a(xxs))", &notes);
  g_assert_cmpuint (g_variant_iter_n_children (notes), ==, N_COUNTERS + N_WORKERS / 2);
  while (g_variant_iter_next (notes, "(xx&s)", &id, &version, &text))
    if (n_counters < N_COUNTERS)
      {
        g_assert_cmpint (id, ==, load->counters[n_counters++]);
        g_assert_cmpint (version, ==, 1 + N_ROUNDS * N_WORKERS / N_COUNTERS);
        g_assert_cmpint (atoi (text), ==, version - 1);
      }
    else
      {
        g_assert_cmpint (version, ==, 1 + N_ROUNDS);
        g_assert_true (g_str_has_prefix (text, "I am <"));
      }
  g_variant_iter_free (notes);
}

static gboolean gco_coroutine_fn
test_mixed (GCancellable *cancellable,
            gpointer      place,
            GError      **error)
{
  Load load = { { NULL } };

  place_start (place);
  for (int i = 0; i < N_BUSES; i++)
    load.buses[i] = notes_connect ();
  make_counters (&load);
  work_all (&load);
  check_notes (&load);
  g_test_message ("%u edits came too late, %u readers at once",
                  load.n_changed,
                  notes_get_most_readers (load.buses[0]));
  g_assert_cmpuint (load.n_changed, >, 0);
  g_assert_cmpuint (notes_get_most_readers (load.buses[0]), >, 1);
  for (int i = 0; i < N_BUSES; i++)
    g_object_unref (load.buses[i]);
  place_stop (place);
  return TRUE;
}

int
main (int   argc,
      char *argv[])
{
  place_test_init (&argc, &argv);
  place_add_test ("/notes-service/mixed", test_mixed);
  return g_test_run ();
}
