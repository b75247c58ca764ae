/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Life, order and identity of coroutines that are entered by hand. */

#include "gco-test.h"

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

/* -------------------------------------------------------------------- life */

static void
test_lifecycle (void)
{
  guint n = 0;

  for (guint i = 1; i <= 3; i++)
    {
      gco_coroutine_enter (create (count, &n));
      g_assert_cmpuint (n, ==, i);
    }
}

static void
yield_five_times (gpointer user_data)
{
  guint *n = user_data;

  for (guint i = 0; i < 5; i++)
    {
      (*n)++;
      gco_coroutine_yield ();
    }
  *n = 100;
}

static void
test_yield (void)
{
  guint         n = 0;
  GcoCoroutine *coroutine = create (yield_five_times, &n);

  for (guint i = 1; i <= 5; i++)
    {
      gco_coroutine_enter (coroutine);
      g_assert_cmpuint (n, ==, i);
    }
  gco_coroutine_enter (coroutine);
  g_assert_cmpuint (n, ==, 100);
}

/* Create and end again and again: the same stack, the same record. */
static void
test_pooled (void)
{
  guint         n = 0;
  GcoCoroutine *first = create (count, &n);

  gco_coroutine_enter (first);
  for (guint i = 0; i < 100; i++)
    {
      GcoCoroutine *again = create (count, &n);

      g_assert_true (again == first);
      gco_coroutine_enter (again);
    }
  g_assert_cmpuint (n, ==, 101);
}

static void
test_many_in_turn (void)
{
  guint n = 0;

  for (guint i = 0; i < 100000; i++)
    gco_coroutine_enter (create (count, &n));
  g_assert_cmpuint (n, ==, 100000);
}

static void
yield_once (gpointer user_data)
{
  gco_coroutine_yield ();
  count (user_data);
}

/* More at once than a thread keeps stacks for, twice over. */
static void
test_many_at_once (void)
{
  guint          n_all = gco_test_crowd (5000, 1 << 20);
  GcoCoroutine **all = g_new (GcoCoroutine *, n_all);

  for (guint round = 0; round < 2; round++)
    {
      guint n = 0;

      for (guint i = 0; i < n_all; i++)
        gco_coroutine_enter (all[i] = create (yield_once, &n));
      g_assert_cmpuint (n, ==, 0);
      for (guint i = 0; i < n_all; i++)
        gco_coroutine_enter (all[i]);
      g_assert_cmpuint (n, ==, n_all);
    }
  g_free (all);
}

/* ----------------------------------------------------------------- nesting */

typedef struct
{
  guint n_entered;
  guint n_returned;
  guint max;
} Nest;

static void
nest (gpointer user_data)
{
  Nest *data = user_data;
  guint depth = ++data->n_entered;

  if (depth < data->max)
    gco_coroutine_enter (create (nest, data));
  g_assert_cmpuint (data->n_returned, ==, data->max - depth);
  data->n_returned++;
}

static void
test_nesting (void)
{
  Nest data = { .max = gco_test_crowd (10000, 1 << 20) };

  gco_coroutine_enter (create (nest, &data));
  g_assert_cmpuint (data.n_entered, ==, data.max);
  g_assert_cmpuint (data.n_returned, ==, data.max);
}

typedef struct
{
  GcoCoroutine *inner;
  GString      *log;
} Pair;

static void
inner_main (gpointer user_data)
{
  Pair *pair = user_data;

  g_string_append (pair->log, "a");
  gco_coroutine_yield ();
  g_string_append (pair->log, "d");
}

static void
second_enterer (gpointer user_data)
{
  Pair *pair = user_data;

  g_string_append (pair->log, "c");
  gco_coroutine_enter (pair->inner);
  g_string_append (pair->log, "e");
}

/* The end goes to the last enterer, not to the first. */
static void
test_ends_at_last_enterer (void)
{
  Pair pair = { .log = g_string_new (NULL) };

  pair.inner = create (inner_main, &pair);
  gco_coroutine_enter (pair.inner);
  g_string_append (pair.log, "b");
  gco_coroutine_enter (create (second_enterer, &pair));
  g_string_append (pair.log, "f");
  g_assert_cmpstr (pair.log->str, ==, "abcdef");
  g_string_free (pair.log, TRUE);
}

/* ------------------------------------------------------------------- order */

typedef struct
{
  GString *log;
  char     name;
} Step;

static void
log_steps (gpointer user_data)
{
  Step *step = user_data;

  for (guint i = 1; i <= 3; i++)
    {
      g_string_append_printf (step->log, "%c%u ", step->name, i);
      gco_coroutine_yield ();
    }
}

static void
test_order (void)
{
  GString      *log = g_string_new (NULL);
  Step          a_step = { log, 'a' };
  Step          b_step = { log, 'b' };
  GcoCoroutine *a = create (log_steps, &a_step);
  GcoCoroutine *b = create (log_steps, &b_step);

  gco_coroutine_enter (a); /* a1             */
  gco_coroutine_enter (b); /*      b1        */
  gco_coroutine_enter (a); /* a2             */
  gco_coroutine_enter (a); /* a3             */
  gco_coroutine_enter (b); /*      b2        */
  gco_coroutine_enter (a); /* ends           */
  gco_coroutine_enter (b); /*      b3        */
  gco_coroutine_enter (b); /*      ends      */
  g_assert_cmpstr (log->str, ==, "a1 b1 a2 a3 b2 b3 ");
  g_string_free (log, TRUE);
}

/* ---------------------------------------------------------------- identity */

typedef struct
{
  GcoCoroutine *self;
  GcoCoroutine *inner;
  gboolean      ended;
} Identity;

static void
check_inner (gpointer user_data)
{
  Identity *id = user_data;

  g_assert_true (gco_coroutine_self () == id->inner);
  g_assert_true (gco_coroutine_is_entered (id->inner));
  g_assert_true (gco_coroutine_is_entered (id->self));
  gco_coroutine_yield ();
  g_assert_true (gco_coroutine_self () == id->inner);
  g_assert_false (gco_coroutine_is_entered (id->self));
}

static void
check_self (gpointer user_data)
{
  Identity *id = user_data;

  g_assert_true (gco_in_coroutine ());
  g_assert_true (gco_coroutine_self () == id->self);
  g_assert_true (gco_coroutine_is_entered (id->self));
  gco_coroutine_enter (id->inner);
  g_assert_true (gco_coroutine_self () == id->self);
  g_assert_false (gco_coroutine_is_entered (id->inner));
  gco_coroutine_yield ();
  g_assert_true (gco_coroutine_self () == id->self);
  id->ended = TRUE;
}

static void
assert_outside (void)
{
  g_assert_null (gco_coroutine_self ());
  g_assert_false (gco_in_coroutine ());
}

static void
test_identity (void)
{
  Identity id = { NULL };

  assert_outside ();
  id.self = create (check_self, &id);
  id.inner = create (check_inner, &id);
  g_assert_false (gco_coroutine_is_entered (id.self));
  gco_coroutine_enter (id.self);
  assert_outside ();
  g_assert_false (gco_coroutine_is_entered (id.self));
  gco_coroutine_enter (id.inner);
  assert_outside ();
  gco_coroutine_enter (id.self);
  assert_outside ();
  g_assert_true (id.ended);
}

static gpointer
ask_in_new_thread (gpointer data)
{
  assert_outside ();
  return NULL;
}

static void
ask_other_thread (gpointer user_data)
{
  g_thread_join (g_thread_new (NULL, ask_in_new_thread, NULL));
  g_assert_true (gco_in_coroutine ());
}

/* A thread that never saw a coroutine, asked while another runs one. */
static void
test_identity_of_thread (void)
{
  gco_coroutine_enter (create (ask_other_thread, NULL));
}

int
main (int    argc,
      char **argv)
{
  gco_test_init (&argc, &argv);
  g_test_add_func ("/coroutine/lifecycle", test_lifecycle);
  g_test_add_func ("/coroutine/yield", test_yield);
  g_test_add_func ("/coroutine/pooled", test_pooled);
  g_test_add_func ("/coroutine/many-in-turn", test_many_in_turn);
  g_test_add_func ("/coroutine/many-at-once", test_many_at_once);
  g_test_add_func ("/coroutine/nesting", test_nesting);
  g_test_add_func ("/coroutine/ends-at-last-enterer", test_ends_at_last_enterer);
  g_test_add_func ("/coroutine/order", test_order);
  g_test_add_func ("/coroutine/identity", test_identity);
  g_test_add_func ("/coroutine/identity-of-thread", test_identity_of_thread);
  return g_test_run ();
}
