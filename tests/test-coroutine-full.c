/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a coroutine is made with, and what it keeps over a switch. */

#include "gco-test.h"

#include <signal.h>
#include <string.h>

static GcoCoroutine *
create (GcoCoroutineFunc func,
        gpointer         user_data)
{
  GcoCoroutine *coroutine = gco_coroutine_create (func, user_data);

  g_assert_nonnull (coroutine);
  return coroutine;
}

static void
count (gpointer user_data)
{
  guint *n = user_data;

  (*n)++;
}

static void
yield_once (gpointer user_data)
{
  gco_coroutine_yield ();
  count (user_data);
}

/* ------------------------------------------------------------------ values */

static guint64
mix (guint64 x)
{
  return x * G_GUINT64_CONSTANT (6364136223846793005) + 1442695040888963407u;
}

/* More live values than a CPU has registers, integers and doubles, over each
 * switch. */
static void
keep_values (gpointer user_data)
{
  guint64 seed = *(guint64 *) user_data;
  guint64 a[24];
  double  d[24];

  for (guint i = 0; i < 24; i++)
    {
      a[i] = seed = mix (seed);
      d[i] = (double) (seed >> 20);
    }
  for (guint round = 0; round < 50; round++)
    {
      gco_coroutine_yield ();
      for (guint i = 0; i < 24; i++)
        {
          a[i] = mix (a[i]);
          d[i] += 1.0;
        }
    }
  seed = *(guint64 *) user_data;
  for (guint i = 0; i < 24; i++)
    {
      guint64 expected = seed = mix (seed);

      g_assert_cmpfloat (d[i], ==, (double) (seed >> 20) + 50.0);
      for (guint round = 0; round < 50; round++)
        expected = mix (expected);
      g_assert_cmpuint (a[i], ==, expected);
    }
}

static void
test_values (void)
{
  guint64       seeds[8];
  GcoCoroutine *all[8];

  for (guint i = 0; i < 8; i++)
    {
      seeds[i] = g_test_rand_int ();
      all[i] = create (keep_values, &seeds[i]);
    }
  for (guint round = 0; round < 51; round++)
    for (guint i = 0; i < 8; i++)
      gco_coroutine_enter (all[i]);
}

static void
use_much_stack (gpointer user_data)
{
  volatile char block[700 * 1024];

  for (gsize i = 0; i < sizeof block; i += 512)
    block[i] = (char) i;
  gco_coroutine_yield ();
  for (gsize i = 0; i < sizeof block; i += 512)
    g_assert_cmpint (block[i], ==, (char) i);
}

static void
test_deep_frame (void)
{
  GcoCoroutine *a = create (use_much_stack, NULL);
  GcoCoroutine *b = create (use_much_stack, NULL);

  gco_coroutine_enter (a);
  gco_coroutine_enter (b);
  gco_coroutine_enter (a);
  gco_coroutine_enter (b);
}

/* The ABI wants 16; vector instructions fault otherwise. */
static void
check_alignment (gpointer user_data)
{
  struct
  {
    char bytes[16];
  } __attribute__ ((aligned (16))) on_stack;

  memset (&on_stack, 0, sizeof on_stack);
  g_assert_cmpuint ((gsize) (gpointer) &on_stack % 16, ==, 0);
  /* above it are what it saved of its caller and where that goes on */
  g_assert_cmpuint (((gsize) __builtin_frame_address (0) + 2 * sizeof (gpointer)) % 16, ==, 0);
}

static void
test_alignment (void)
{
  gco_coroutine_enter (create (check_alignment, NULL));
}

/* --------------------------------------------------------------------- full */

static void
note_destroy (gpointer user_data)
{
  guint *n = user_data;

  g_assert_false (gco_in_coroutine ());
  *n += 1000;
}

static GcoCoroutine *
create_full (const char      *name,
             gsize            stack_size,
             GcoCoroutineFunc func,
             gpointer         user_data)
{
  g_autoptr (GError) error = NULL;
  GcoCoroutine *coroutine;

  coroutine = gco_coroutine_create_full (name,
                                         stack_size,
                                         func,
                                         user_data,
                                         note_destroy,
                                         &error);
  g_assert_no_error (error);
  g_assert_nonnull (coroutine);
  return coroutine;
}

static void
test_destroy (void)
{
  guint         n = 0;
  GcoCoroutine *coroutine = create_full (NULL, 0, yield_once, &n);

  gco_coroutine_enter (coroutine);
  g_assert_cmpuint (n, ==, 0);
  gco_coroutine_enter (coroutine);
  g_assert_cmpuint (n, ==, 1001);
}

static void
test_free (void)
{
  guint n = 0;

  gco_coroutine_free (create_full ("unused", 0, count, &n));
  g_assert_cmpuint (n, ==, 1000);
  gco_coroutine_free (create (count, &n));
  g_assert_cmpuint (n, ==, 1000);
  {
    g_autoptr (GcoCoroutine) coroutine = create (count, &n);

    g_assert_false (gco_coroutine_is_entered (coroutine));
  }
  g_assert_cmpuint (n, ==, 1000);
}

static void
rename_self (gpointer user_data)
{
  GcoCoroutine *self = gco_coroutine_self ();

  g_assert_cmpstr (gco_coroutine_get_name (self), ==, "before");
  gco_coroutine_set_name (self, "after");
  gco_coroutine_yield ();
  /* a part of the own name: it is copied before the old one goes */
  gco_coroutine_set_name (self, gco_coroutine_get_name (self) + 1);
}

static void
test_name (void)
{
  char          name[] = "before";
  guint         n = 0;
  GcoCoroutine *coroutine = create_full (name, 0, rename_self, &n);

  name[0] = 'x';
  gco_coroutine_enter (coroutine);
  g_assert_cmpstr (gco_coroutine_get_name (coroutine), ==, "after");
  gco_coroutine_enter (coroutine);

  /* the next one with this record has none */
  coroutine = create (count, &n);
  g_assert_null (gco_coroutine_get_name (coroutine));
  gco_coroutine_free (coroutine);
}

static void
test_stack_size (void)
{
  static const struct
  {
    gsize asked, got;
  } sizes[] = {
    { 0, 1 << 20 },
    { 1 << 16, 1 << 16 },
    { (1 << 16) + 1, 1 << 17 },
    { 3 << 20, 1 << 22 },
    { 1 << 20, 1 << 20 },
  };
  guint n = 0;

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      GcoCoroutine *coroutine = create_full (NULL, sizes[i].asked, count, &n);

      g_assert_cmpuint (gco_coroutine_get_stack_size (coroutine),
                        ==,
                        sizes[i].got);
      gco_coroutine_enter (coroutine);
    }
  g_assert_cmpuint (n, ==, 1001 * G_N_ELEMENTS (sizes));
}

static void
test_stack_too_large (void)
{
  g_autoptr (GError) error = NULL;
  guint n = 0;

  g_assert_null (gco_coroutine_create_full (NULL,
                                            G_MAXSIZE,
                                            count,
                                            &n,
                                            note_destroy,
                                            &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE);
  g_assert_cmpuint (n, ==, 0);
  g_assert_null (gco_coroutine_create_full (NULL,
                                            G_MAXSIZE,
                                            count,
                                            &n,
                                            NULL,
                                            NULL));
}

static volatile sig_atomic_t n_signals;

static void
on_signal (int number)
{
  n_signals++;
}

static void
raise_signals (gpointer user_data)
{
  raise (SIGUSR1);
  gco_coroutine_yield ();
  raise (SIGUSR1);
  count (user_data);
}

/* No alternate stack: the frame, with all vector registers, goes to the
 * coroutine's. */
static void
test_signal_on_smallest_stack (void)
{
  struct sigaction action = { .sa_handler = on_signal };
  struct sigaction before;
  guint            n = 0;
  GcoCoroutine    *coroutine = create_full (NULL, 1, raise_signals, &n);

  sigaction (SIGUSR1, &action, &before);
  gco_coroutine_enter (coroutine);
  gco_coroutine_enter (coroutine);
  sigaction (SIGUSR1, &before, NULL);
  g_assert_cmpint (n_signals, ==, 2);
  g_assert_cmpuint (n, ==, 1001);
}

int
main (int    argc,
      char **argv)
{
  gco_test_init (&argc, &argv);
  g_test_add_func ("/coroutine-full/values", test_values);
  g_test_add_func ("/coroutine-full/deep-frame", test_deep_frame);
  g_test_add_func ("/coroutine-full/alignment", test_alignment);
  g_test_add_func ("/coroutine-full/destroy", test_destroy);
  g_test_add_func ("/coroutine-full/free", test_free);
  g_test_add_func ("/coroutine-full/name", test_name);
  g_test_add_func ("/coroutine-full/stack-size", test_stack_size);
  g_test_add_func ("/coroutine-full/stack-too-large", test_stack_too_large);
  g_test_add_func ("/coroutine-full/signal-on-smallest-stack", test_signal_on_smallest_stack);
  return g_test_run ();
}
