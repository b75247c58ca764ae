/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "gco-test.h"

#include "gco-atomic-private.h"

#define N_THREADS 4

static guint n_steps;

static void
test_values (void)
{
  guint    word = 5;
  guint    expected = 4;
  gpointer pointer = NULL;

  g_assert_false (gco_cas (&word, &expected, 9));
  g_assert_cmpuint (expected, ==, 5);
  g_assert_true (gco_cas (&word, &expected, 9));
  g_assert_false (gco_cas_acquire (&word, &expected, 1));
  g_assert_cmpuint (expected, ==, 9);
  g_assert_true (gco_cas_release (&word, &expected, 6));
  g_assert_cmpuint (gco_fetch_add (&word, 2), ==, 6);
  g_assert_cmpuint (gco_fetch_sub (&word, 1), ==, 8);
  g_assert_cmpuint (gco_fetch_or (&word, 8), ==, 7);
  g_assert_cmpuint (gco_fetch_and (&word, 12), ==, 15);
  g_assert_cmpuint (gco_exchange (&word, 3), ==, 12);
  g_assert_cmpuint (gco_exchange_acquire (&word, 2), ==, 3);
  gco_store_relaxed (&word, 7);
  g_assert_cmpuint (gco_load_relaxed (&word), ==, 7);
  gco_store_release (&pointer, &word);
  g_assert_true (gco_load_acquire (&pointer) == &word);
}

static gpointer
add_steps (gpointer data)
{
  guint *sum = data;

  for (guint i = 0; i < n_steps; i++)
    {
      guint seen = gco_load_relaxed (sum);

      while (!gco_cas (sum, &seen, seen + 1))
        gco_cpu_relax ();
    }
  return NULL;
}

static void
test_contended (void)
{
  GThread *threads[N_THREADS];
  guint    sum = 0;

  for (guint i = 0; i < N_THREADS; i++)
    threads[i] = g_thread_new (NULL, add_steps, &sum);
  for (guint i = 0; i < N_THREADS; i++)
    g_thread_join (threads[i]);
  g_assert_cmpuint (sum, ==, N_THREADS * n_steps);
}

typedef struct
{
  guint payload;
  guint turn; /* (atomic) odd: the payload is the reader's */
} Mail;

static gpointer
read_mail (gpointer data)
{
  Mail *mail = data;
  guint n_wrong = 0;

  for (guint i = 0; i < n_steps; i++)
    {
      while (gco_load_acquire (&mail->turn) != 2 * i + 1)
        gco_cpu_relax ();
      if (mail->payload != 3 * i)
        n_wrong++;
      gco_store_release (&mail->turn, 2 * i + 2);
    }
  return GUINT_TO_POINTER (n_wrong);
}

/* What was stored before a release is there after the acquire. */
static void
test_message (void)
{
  Mail     mail = { 0, 0 };
  GThread *reader = g_thread_new (NULL, read_mail, &mail);

  for (guint i = 0; i < n_steps; i++)
    {
      while (gco_load_acquire (&mail.turn) != 2 * i)
        gco_cpu_relax ();
      mail.payload = 3 * i;
      gco_store_release (&mail.turn, 2 * i + 1);
    }
  g_assert_cmpuint (GPOINTER_TO_UINT (g_thread_join (reader)), ==, 0);
}

int
main (int    argc,
      char **argv)
{
  gco_test_init (&argc, &argv);
  n_steps = gco_test_scale (100000);
  g_test_add_func ("/atomic/values", test_values);
  g_test_add_func ("/atomic/contended", test_contended);
  g_test_add_func ("/atomic/message", test_message);
  return g_test_run ();
}
