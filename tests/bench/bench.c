/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Runs the rows of a benchmark program and prints a table of medians.
 *
 * In every repetition of a row each side runs once, in a new order, after a
 * warm-up: what else the machine does meets them all. A goal that is missed is
 * told but is no failure, since machines differ; a side that cannot run is one.
 */

#include "bench.h"

#include <glib.h>

#include <stdlib.h>
#include <string.h>

#define MIN_REPETITIONS 9
#define MAX_REPETITIONS 99

typedef struct
{
  guint  n;                   /* operations a repetition */
  double ns[MAX_REPETITIONS]; /* an operation; sorted in the end */
} Result;

typedef struct
{
  guint met;
  guint missed;
  guint unknown; /* the side it is compared with is not here */
} Goals;

static gboolean quick;
static int      repetitions;
static char    *only;
static char    *json_path;
static char    *go_path;

static const GOptionEntry options[] = {
  { "quick", 'q', 0, G_OPTION_ARG_NONE, &quick, "Short repetitions", NULL },
  { "repetitions", 'r', 0, G_OPTION_ARG_INT, &repetitions, "How many, 9 to 99", "N" },
  { "only", 'o', 0, G_OPTION_ARG_STRING, &only, "Only rows with TEXT in the title", "TEXT" },
  { "json", 'j', 0, G_OPTION_ARG_FILENAME, &json_path, "Write the results there too", "FILE" },
  { "go", 0, 0, G_OPTION_ARG_FILENAME, &go_path, "The Go side (bench-go)", "PROGRAM" },
  { NULL },
};

/* ----------------------------------------------------------------------- running */

static gboolean
is_here (const BenchSide *side)
{
  return side->func != NULL || (side->go != NULL && go_path != NULL);
}

static double
run_go (const char *what,
        guint       n)
{
  g_autofree char *number = g_strdup_printf ("%u", n);
  g_autofree char *out = NULL;
  g_autoptr (GError) error = NULL;
  char  *argv[] = { go_path, (char *) what, number, NULL };
  char  *end;
  double ns;
  int    status;

  if (!g_spawn_sync (NULL, argv, NULL, 0, NULL, NULL, &out, NULL, &status, &error) ||
      !g_spawn_check_wait_status (status, &error))
    {
      g_printerr ("%s %s: %s\n", go_path, what, error->message);
      return -1;
    }
  ns = g_ascii_strtod (out, &end);
  return end == out ? -1 : ns;
}

static double
run_side (const BenchSide *side,
          guint            n)
{
  if (side->func == NULL)
    return run_go (side->go, n);
  /* Once to be warm. */
  if (side->func (n / (10 * BENCH_UNIT) * BENCH_UNIT + BENCH_UNIT) < 0)
    return -1;
  return side->func (n);
}

/* How many operations a repetition is to have; 0 if the side cannot run. */
static guint
calibrate (const BenchSide *side)
{
  double target = quick ? 4e6 : 3e7;

  for (guint n = BENCH_UNIT;; n *= 8)
    {
      double ns = run_side (side, n);

      if (ns < 0)
        return 0;
      if (ns > target / 8 || n > G_MAXUINT / 1024)
        return BENCH_UNIT + (guint) (target / MAX (ns, 1) * n / BENCH_UNIT) * BENCH_UNIT;
    }
}

static void
shuffle (guint *order,
         guint  n)
{
  for (guint i = n; i > 1; i--)
    {
      guint k = g_random_int_range (0, i);
      guint last = order[i - 1];

      order[i - 1] = order[k];
      order[k] = last;
    }
}

static int
compare (const void *a,
         const void *b)
{
  double x = *(const double *) a;
  double y = *(const double *) b;

  return (x > y) - (x < y);
}

/* Repetition -1 finds out how long the others are to be. */
static gboolean
repeat_side (const BenchSide *side,
             Result          *result,
             int              repetition)
{
  if (repetition < 0)
    {
      result->n = calibrate (side);
      return result->n > 0;
    }
  result->ns[repetition] = run_side (side, result->n) / result->n;
  return result->ns[repetition] >= 0;
}

static gboolean
run_row (const BenchRow *row,
         Result         *results)
{
  guint order[BENCH_MAX_SIDES];
  guint n = 0;

  for (guint i = 0; i < BENCH_MAX_SIDES; i++)
    if (is_here (&row->sides[i]))
      order[n++] = i;
  for (int k = -1; k < repetitions; k++)
    {
      shuffle (order, n);
      for (guint i = 0; i < n; i++)
        if (!repeat_side (&row->sides[order[i]], &results[order[i]], k))
          {
            g_printerr ("%s: %s could not run\n", row->title, row->sides[order[i]].name);
            return FALSE;
          }
    }
  for (guint i = 0; i < n; i++)
    qsort (results[order[i]].ns, repetitions, sizeof (double), compare);
  return TRUE;
}

/* --------------------------------------------------------------------- reporting */

static double
median (const Result *result)
{
  return (result->ns[(repetitions - 1) / 2] + result->ns[repetitions / 2]) / 2;
}

static void
print_goal (Goals *goals,
            double value,
            double goal)
{
  if (value <= goal)
    goals->met++;
  else
    goals->missed++;
  g_print ("   %-5g%s", goal, value <= goal ? "met" : "MISSED");
}

static void
print_side (Goals           *goals,
            const BenchRow  *row,
            const BenchSide *side,
            const Result    *results)
{
  const Result *result = &results[side - row->sides];
  double        ratio;

  if (!is_here (side))
    {
      g_print ("  %-22s not here\n", side->name);
      goals->unknown += side->goal > 0;
      return;
    }
  g_print ("  %-22s%10.1f%10.1f%10.1f",
           side->name,
           result->ns[0],
           median (result),
           result->ns[repetitions - 1]);
  ratio = median (&results[0]) / median (result);
  if (side != row->sides)
    g_print ("%8.2f", ratio);
  if (side->goal > 0)
    print_goal (goals, ratio, side->goal);
  if (side == row->sides && row->limit > 0)
    {
      g_print ("%8s", "");
      print_goal (goals, median (result), row->limit);
    }
  g_print ("\n");
}

static void
print_row (Goals          *goals,
           const BenchRow *row,
           const Result   *results)
{
  g_print ("\n%s\n", row->title);
  for (guint i = 0; i < BENCH_MAX_SIDES && row->sides[i].name != NULL; i++)
    print_side (goals, row, &row->sides[i], results);
}

/* Titles and names hold nothing that JSON would have escaped; numbers must not
 * be in the user's notation. */
static void
append_json_number (GString    *json,
                    const char *key,
                    double      value)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE];

  g_ascii_formatd (text, sizeof text, "%.3f", value);
  g_string_append_printf (json, ", \"%s\": %s", key, text);
}

static void
append_json_row (GString        *json,
                 const BenchRow *row,
                 const Result   *results)
{
  const char *separator = "";

  g_string_append_printf (json, "%s  {\"title\": \"%s\"", json->len > 2 ? ",\n" : "", row->title);
  if (row->limit > 0)
    append_json_number (json, "limit_ns", row->limit);
  g_string_append (json, ", \"sides\": [");
  for (guint i = 0; i < BENCH_MAX_SIDES; i++)
    {
      const BenchSide *side = &row->sides[i];

      if (!is_here (side))
        continue;
      g_string_append_printf (json, "%s\n    {\"name\": \"%s\"", separator, side->name);
      append_json_number (json, "median_ns", median (&results[i]));
      append_json_number (json, "min_ns", results[i].ns[0]);
      append_json_number (json, "max_ns", results[i].ns[repetitions - 1]);
      append_json_number (json, "ratio", median (&results[0]) / median (&results[i]));
      if (side->goal > 0)
        append_json_number (json, "goal", side->goal);
      g_string_append (json, "}");
      separator = ",";
    }
  g_string_append (json, "]}");
}

/* -------------------------------------------------------------------------- main */

static gboolean
parse (int    *argc,
       char ***argv)
{
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  g_autoptr (GError) error = NULL;

  g_option_context_add_main_entries (context, options, NULL);
  if (!g_option_context_parse (context, argc, argv, &error))
    {
      g_printerr ("%s\n", error->message);
      return FALSE;
    }
  if (g_getenv ("GCO_BENCH_SHORT") != NULL)
    quick = TRUE;
  if (repetitions == 0)
    repetitions = quick ? MIN_REPETITIONS : 15;
  repetitions = CLAMP (repetitions, MIN_REPETITIONS, MAX_REPETITIONS);
  if (go_path == NULL)
    {
      g_autofree char *here = g_path_get_dirname ((*argv)[0]);

      go_path = g_build_filename (here, "bench-go", NULL);
      if (!g_file_test (go_path, G_FILE_TEST_IS_EXECUTABLE))
        g_clear_pointer (&go_path, g_free);
    }
  return TRUE;
}

static gboolean
write_json (GString *json)
{
  g_autoptr (GError) error = NULL;

  g_string_append (json, "\n]\n");
  if (g_file_set_contents (json_path, json->str, json->len, &error))
    return TRUE;
  g_printerr ("%s\n", error->message);
  return FALSE;
}

int
bench_main (int             argc,
            char          **argv,
            const BenchRow *rows,
            unsigned        n_rows)
{
  g_autoptr (GString) json = g_string_new ("[\n");
  Goals    goals = { 0, 0, 0 };
  gboolean fine = TRUE;

  if (!parse (&argc, &argv))
    return 2;
  g_print ("%d repetitions, interleaved; ns an operation; ratio: ours to theirs\n\n", repetitions);
  g_print ("%24s%10s%10s%10s%8s   %s\n", "", "min", "median", "max", "ratio", "at most");
  for (guint i = 0; i < n_rows; i++)
    {
      g_autofree Result *results = g_new0 (Result, BENCH_MAX_SIDES);

      if (only != NULL && strstr (rows[i].title, only) == NULL)
        continue;
      if (!run_row (&rows[i], results))
        {
          fine = FALSE;
          continue;
        }
      print_row (&goals, &rows[i], results);
      append_json_row (json, &rows[i], results);
    }
  g_print ("\nGoals: %u met, %u missed, %u unknown.\n", goals.met, goals.missed, goals.unknown);
  if (json_path != NULL)
    fine &= write_json (json);
  return fine ? EXIT_SUCCESS : EXIT_FAILURE;
}
