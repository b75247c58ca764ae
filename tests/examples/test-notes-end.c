/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How examples/notes-service ends in the middle of its work: asked to, and killed. */

#include "notes-client.h"

#include <signal.h>
#include <string.h>

#define N_BUSES 4
#define N_WRITERS 64
#define N_KILLS 6

/* Makes more than a page of a note. */
#define PADDING 5000

/* What the test knows of a note: its text follows from its version. */
typedef struct
{
  gint64   id;
  gint64   version;   /* the last one that was answered */
  gboolean is_edited; /* the service was asked for the next one, and did not answer */
} Note;

typedef struct
{
  Place           *place;
  GDBusConnection *buses[N_BUSES];
  GHashTable      *notes; /* id -> Note */
  guint            n_answers;
  guint            n_added_unanswered;
  guint            signal_after; /* so many answers the process gets: */
  int              signal;
  guint            n_answers_later;
  const char      *turned_away; /* the name of the error with which a writer ends */
} Work;

typedef struct
{
  Work            *work;
  GDBusConnection *bus;
} Writer;

static char *
make_text (gint64 version)
{
  return g_strdup_printf ("%0*" G_GINT64_MODIFIER "d", PADDING, version);
}

/* FALSE: the service is not there any more. */
static gboolean gco_coroutine_fn
call_for_number (Writer     *writer,
                 const char *method,
                 GVariant   *parameters,
                 gint64     *number)
{
  Work *work = writer->work;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = notes_call (writer->bus, method, parameters, &error);

  if (reply == NULL)
    {
      g_autofree char *name = notes_error_name (error);

      if (g_strcmp0 (name, work->turned_away) != 0)
        g_assert_cmpstr (name, ==, "NameHasNoOwner");
      return FALSE;
    }
  g_variant_get (reply, "(x)", number);
  work->n_answers++;
  if (work->n_answers == work->signal_after)
    g_subprocess_send_signal (work->place->process, work->signal);
  else if (work->n_answers > work->signal_after)
    work->n_answers_later++;
  return TRUE;
}

static Note *gco_coroutine_fn
add (Writer *writer)
{
  g_autofree char *text = make_text (1);
  Note            *note;
  gint64           id;

  if (!call_for_number (writer, "Add", g_variant_new ("(s)", text), &id))
    {
      writer->work->n_added_unanswered++;
      return NULL;
    }
  note = g_new (Note, 1);
  *note = (Note){ id, 1, FALSE };
  g_assert_true (g_hash_table_insert (writer->work->notes, &note->id, note));
  return note;
}

static gboolean gco_coroutine_fn
edit (Writer *writer,
      Note   *note)
{
  g_autofree char *text = make_text (note->version + 1);
  gint64           version;

  note->is_edited = TRUE;
  if (!call_for_number (writer,
                        "Edit",
                        g_variant_new ("(xxs)", note->id, note->version, text),
                        &version))
    return FALSE;
  note->is_edited = FALSE;
  g_assert_cmpint (version, ==, ++note->version);
  return TRUE;
}

static gboolean gco_coroutine_fn
write_on (GCancellable *cancellable,
          gpointer      user_data,
          GError      **error)
{
  Writer *writer = user_data;
  Note   *note;

  do
    note = add (writer);
  while (note != NULL && edit (writer, note) && edit (writer, note));
  return TRUE;
}

static void gco_coroutine_fn
work_init (Work  *work,
           Place *place)
{
  *work = (Work){ .place = place };
  work->notes = g_hash_table_new_full (g_int64_hash, g_int64_equal, NULL, g_free);
  for (int i = 0; i < N_BUSES; i++)
    work->buses[i] = notes_connect ();
}

static void
work_clear (Work *work)
{
  g_hash_table_unref (work->notes);
  for (int i = 0; i < N_BUSES; i++)
    g_object_unref (work->buses[i]);
}

/* Many write, until the process that gets the signal is no more; it is returned. */
static GSubprocess *gco_coroutine_fn
write_until_end (Work *work,
                 guint signal_after,
                 int   number)
{
  g_autoptr (GcoScope) scope = gco_scope_new (NULL);
  g_autoptr (GError) error = NULL;

  work->n_answers = work->n_answers_later = work->n_added_unanswered = 0;
  work->signal_after = signal_after;
  work->signal = number;
  for (int i = 0; i < N_WRITERS; i++)
    {
      Writer *writer = g_new (Writer, 1);

      *writer = (Writer){ work, work->buses[i % N_BUSES] };
      gco_scope_spawn (scope, write_on, writer, g_free);
    }
  gco_scope_join (scope, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (work->n_answers, >=, signal_after);
  return place_wait_for_end (work->place);
}

/* What was answered is there; what was not may be. From here on that is known. */
static void
check_note (Work       *work,
            gint64      id,
            gint64      version,
            const char *text)
{
  Note            *note = g_hash_table_lookup (work->notes, &id);
  g_autofree char *expected = make_text (version);

  g_assert_true (g_str_equal (text, expected));
  if (note == NULL)
    {
      g_assert_cmpuint (work->n_added_unanswered--, >, 0);
      g_assert_cmpint (version, ==, 1);
      note = g_new (Note, 1);
      *note = (Note){ id, 1, FALSE };
      g_hash_table_insert (work->notes, &note->id, note);
    }
  if (note->is_edited && version == note->version + 1)
    note->version++;
  note->is_edited = FALSE;
  g_assert_cmpint (version, ==, note->version);
}

static void gco_coroutine_fn
check_notes (Work *work)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = notes_call (work->buses[0], "List", NULL, &error);
  GVariantIter *notes;
  const char   *text;
  gint64        id;
  gint64        version;
  gsize         n;

  g_assert_no_error (error);
  g_variant_get (reply, "(a(xxs))", &notes);
  n = g_variant_iter_n_children (notes);
  while (g_variant_iter_next (notes, "(xx&s)", &id, &version, &text))
    check_note (work, id, version, text);
  g_variant_iter_free (notes);
  g_assert_cmpuint (n, ==, g_hash_table_size (work->notes));
}

/* Each call that it took is answered, and none was done that is not. */
static gboolean gco_coroutine_fn
test_terminated (GCancellable *cancellable,
                 gpointer      place,
                 GError      **error)
{
  static const int signals[] = { SIGTERM, SIGINT };
  Work             work;

  work_init (&work, place);
  for (gsize i = 0; i < G_N_ELEMENTS (signals); i++)
    {
      g_autoptr (GSubprocess) process = NULL;
      g_autofree char *log = g_strconcat (work.place->database, "-wal", NULL);
      GHashTableIter   iter;
      gpointer         note;

      place_start (place);
      process = write_until_end (&work, 150, signals[i]);
      g_assert_true (g_subprocess_get_if_exited (process));
      g_assert_cmpint (g_subprocess_get_exit_status (process), ==, 0);
      /* closed as it should be */
      g_assert_false (g_file_test (log, G_FILE_TEST_EXISTS));
      g_assert_cmpuint (work.n_answers_later, >, 0);

      work.n_added_unanswered = 0;
      g_hash_table_iter_init (&iter, work.notes);
      while (g_hash_table_iter_next (&iter, NULL, &note))
        ((Note *) note)->is_edited = FALSE;
      place_start (place);
      check_notes (&work);
      place_stop (place);
    }
  work_clear (&work);
  return TRUE;
}

#define N_FLOOD 1000
#define N_FLOODS 3

/* One caller, who does not wait for answers: it gets those to the calls it made in
 * time, and then it is told that there is nobody. */
static gboolean gco_coroutine_fn
test_flooded (GCancellable *cancellable,
              gpointer      user_data,
              GError      **error)
{
  Place *place = user_data;
  g_autoptr (GDBusConnection) bus = notes_connect ();
  g_autofree GcoAwait *awaits = g_new (GcoAwait, N_FLOOD);

  for (int round = 0; round < N_FLOODS; round++)
    {
      g_autoptr (GSubprocess) process = NULL;
      g_autofree char *first = NULL;
      guint            n_answers = 1;

      place_start (place);
      for (int i = 0; i < N_FLOOD; i++)
        {
          notes_send (bus, &awaits[i], "Count", NULL);
          /* a signal overtakes calls that are still in this process */
          if (i == N_FLOOD / 4)
            {
              first = notes_receive_text (bus, &awaits[0]);
              g_subprocess_send_signal (place->process, SIGTERM);
            }
        }
      g_assert_cmpstr (first, ==, "(0,)");
      for (int i = 1; i < N_FLOOD; i++)
        {
          g_autofree char *said = notes_receive_text (bus, &awaits[i]);

          if (g_str_equal (said, "(0,)"))
            g_assert_cmpuint (n_answers++, ==, i);
          else
            g_assert_cmpstr (said, ==, "NameHasNoOwner");
        }
      process = place_wait_for_end (place);
      g_assert_cmpint (g_subprocess_get_exit_status (process), ==, 0);
    }
  return TRUE;
}

/* Killed again and again, with the file as it was left the time before. */
static gboolean gco_coroutine_fn
test_killed (GCancellable *cancellable,
             gpointer      place,
             GError      **error)
{
  Work work;

  work_init (&work, place);
  work.turned_away = "NoReply";
  place_start (place);
  for (int i = 0; i < N_KILLS; i++)
    {
      guint signal_after = (guint) g_test_rand_int_range (1, 200);
      g_autoptr (GSubprocess) process = NULL;
      g_autofree char *said = NULL;

      process = write_until_end (&work, signal_after, SIGKILL);
      g_assert_true (g_subprocess_get_if_signaled (process));
      place_start (place);
      said = place_ask (place, "PRAGMA integrity_check");
      g_assert_cmpstr (said, ==, "ok");
      check_notes (&work);
    }
  place_stop (place);
  g_test_message ("%u notes", g_hash_table_size (work.notes));
  work_clear (&work);
  return TRUE;
}

#define LONG (4 * 1024 * 1024)

/* In the middle of a write for sure, and of a page: at a size that no file of the
 * service may have, the system kills it. Nothing of that write is there. */
static gboolean gco_coroutine_fn
test_killed_in_write (GCancellable *cancellable,
                      gpointer      user_data,
                      GError      **error)
{
  static const gsize limits[] = { 100100, 1000100, 3000100 };
  Place             *place = user_data;
  g_autoptr (GDBusConnection) bus = notes_connect ();
  g_autofree char *text = g_strnfill (LONG, 'b');
  g_autofree char *added = NULL;

  place_start (place);
  added = notes_call_text (bus, "Add", g_variant_new ("(s)", "a"));
  place_stop (place);
  for (gsize i = 0; i < G_N_ELEMENTS (limits); i++)
    {
      g_autoptr (GSubprocess) process = NULL;
      g_autofree char *edited = NULL;
      g_autofree char *asked = NULL;
      g_autofree char *found = NULL;

      place->max_file_size = limits[i];
      place_start (place);
      edited = notes_call_text (
          bus, "Edit", g_variant_new ("(xxs)", (gint64) 1, (gint64) 1, text));
      process = place_wait_for_end (place);
      g_assert_true (g_subprocess_get_if_signaled (process));
      g_assert_cmpint (g_subprocess_get_term_sig (process), ==, SIGXFSZ);
      g_assert_cmpstr (edited, ==, "NoReply");

      place->max_file_size = 0;
      place_start (place);
      asked = place_ask (place, "PRAGMA integrity_check");
      found = notes_call_text (bus, "Get", g_variant_new ("(x)", (gint64) 1));
      g_assert_cmpstr (asked, ==, "ok");
      g_assert_cmpuint (strlen (found), <, 100);
      g_assert_cmpstr (found, ==, "(1, 'a')");
      place_stop (place);
    }
  return TRUE;
}

int
main (int   argc,
      char *argv[])
{
  place_test_init (&argc, &argv);
  place_add_test ("/notes-service/terminated", test_terminated);
  place_add_test ("/notes-service/flooded", test_flooded);
  place_add_test ("/notes-service/killed", test_killed);
  place_add_test ("/notes-service/killed-in-write", test_killed_in_write);
  return g_test_run ();
}
