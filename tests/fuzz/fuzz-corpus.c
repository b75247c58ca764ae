/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * fuzz-corpus FILE: its lines are programs, in hexadecimal.
 * fuzz-corpus --export FILE FOLDER: writes each to a file of its own, for the fuzzer.
 * fuzz-corpus --explain FILE: says what they do.
 * fuzz-corpus --random N [SEED]: programs of chance, by N seeds from SEED or 0 on.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"

#define LONGEST 200
#define MOST_KINDS 16

/* Of a few kinds of steps: what takes several of the same kind would hardly ever come
 * about among all of them. */
static gsize
make_up (GRand  *rand,
         guint8 *bytes)
{
  gsize  n = (gsize) g_rand_int_range (rand, 2, LONGEST);
  guint8 kinds[MOST_KINDS];
  gint32 n_kinds = g_rand_int_range (rand, 4, MOST_KINDS);

  for (gint32 i = 0; i < n_kinds; i++)
    kinds[i] = (guint8) g_rand_int (rand) & 0x7f;
  for (gsize i = 0; i < n; i++)
    bytes[i] = (guint8) g_rand_int (rand);
  for (gsize i = 0; i < n; i += 2)
    bytes[i] = (bytes[i] & 0x80) | kinds[g_rand_int_range (rand, 0, n_kinds)];
  return n;
}

static void
run_random (guint n_seeds,
            guint first)
{
  printf ("1..%u\n", n_seeds);
  for (guint seed = first; seed < first + n_seeds; seed++)
    {
      g_autoptr (GRand) rand = g_rand_new_with_seed (seed);
      guint8 bytes[LONGEST];
      gsize  n = make_up (rand, bytes);

      printf ("# seed %u\n", seed);
      fflush (stdout);
      fuzz_run (bytes, n);
      printf ("ok %u seed %u\n", seed - first + 1, seed);
    }
}

/* The lines of @path that are programs. */
static GPtrArray *
read_programs (const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;
  GPtrArray *programs = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);

  if (!g_file_get_contents (path, &text, NULL, &error))
    {
      printf ("Bail out! %s\n", error->message);
      exit (1);
    }
  lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    {
      GByteArray *bytes = g_byte_array_new ();

      for (const char *hex = lines[i]; g_ascii_isxdigit (hex[0]) && hex[1] != 0; hex += 2)
        {
          guint8 byte = (guint8) (g_ascii_xdigit_value (hex[0]) * 16 +
                                  g_ascii_xdigit_value (hex[1]));

          g_byte_array_append (bytes, &byte, 1);
        }
      if (bytes->len > 0)
        g_ptr_array_add (programs, g_byte_array_free_to_bytes (bytes));
      else
        g_byte_array_unref (bytes);
    }
  return programs;
}

static void
run_all (const char *path)
{
  g_autoptr (GPtrArray) programs = read_programs (path);

  printf ("1..%u\n", programs->len);
  for (guint i = 0; i < programs->len; i++)
    {
      gsize         n;
      const guint8 *bytes = g_bytes_get_data (programs->pdata[i], &n);

      printf ("# program %u\n", i + 1);
      fflush (stdout);
      fuzz_run (bytes, n);
      printf ("ok %u program\n", i + 1);
    }
}

static void export(const char *path,
                   const char *folder)
{
  g_autoptr (GPtrArray) programs = read_programs (path);

  for (guint i = 0; i < programs->len; i++)
    {
      g_autofree char *file = g_strdup_printf ("%s/%04u", folder, i + 1);
      gsize            n;
      const char      *bytes = g_bytes_get_data (programs->pdata[i], &n);

      if (!g_file_set_contents (file, bytes, (gssize) n, NULL))
        exit (1);
    }
}

static void
explain (const char *path)
{
  g_autoptr (GPtrArray) programs = read_programs (path);

  for (guint i = 0; i < programs->len; i++)
    {
      gsize         n;
      const guint8 *bytes = g_bytes_get_data (programs->pdata[i], &n);

      printf ("program %u\n", i + 1);
      fuzz_explain (bytes, n, stdout);
    }
}

int
main (int    argc,
      char **argv)
{
  if ((argc == 3 || argc == 4) && strcmp (argv[1], "--random") == 0)
    run_random ((guint) atoi (argv[2]), argc == 4 ? (guint) atoi (argv[3]) : 0);
  else if (argc == 3 && strcmp (argv[1], "--explain") == 0)
    explain (argv[2]);
  else if (argc == 4 && strcmp (argv[1], "--export") == 0)
    export(argv[2], argv[3]);
  else if (argc == 2)
    run_all (argv[1]);
  else
    return 2;
  return 0;
}
