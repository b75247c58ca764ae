/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Coroutines woken from, moved to and spawned in other threads. */

#include "gco-test.h"

typedef struct
{
  GcoTest       *t;
  GcoTestThread *there;
  GThread       *home;
  guint          n;
  guint          max;
  gboolean       ended;
  GcoCoroutine  *self;
} Data;

static gboolean
is_here (Data *data)
{
  return g_thread_self () == data->home &&
         gco_aio_context_get_current () == data->t->ctx;
}

static gboolean
is_there (Data *data)
{
  return g_thread_self () == gco_test_thread_get_thread (data->there) &&
         gco_aio_context_get_current () == gco_test_thread_get_context (data->there);
}

static Data
start (GcoTest *t)
{
  return (Data){ .t = t, .there = gco_test_thread_new (t), .home = g_thread_self () };
}

/* -------------------------------------------------------------------- wakes */

static gpointer
wake_in_thread (gpointer data)
{
  gco_coroutine_wake (data);
  return NULL;
}

static void
ask_threads (gpointer user_data)
{
  Data *data = user_data;

  for (; data->n < data->max; data->n++)
    {
      GThread *thread = g_thread_new (NULL, wake_in_thread, gco_coroutine_self ());

      gco_coroutine_yield ();
      g_assert_true (is_here (data));
      g_thread_join (thread);
    }
  data->ended = TRUE;
}

/* The wake may come before the yield, and while the loop falls asleep. */
static void
test_wake (GcoTest *t)
{
  Data data = { .t = t, .home = g_thread_self (), .max = gco_test_scale (500) };

  gco_test_run (t, ask_threads, &data);
  g_assert_cmpuint (data.n, ==, data.max);
}

static void
ask_one_thread_early (gpointer user_data)
{
  Data    *data = user_data;
  GThread *thread = g_thread_new (NULL, wake_in_thread, gco_coroutine_self ());

  g_thread_join (thread);
  gco_coroutine_yield ();
  data->ended = TRUE;
}

/* Entered by hand, so without a home yet, and woken before it first yields. */
static void
test_wake_before_home (GcoTest *t)
{
  Data data = { .t = t };

  gco_coroutine_enter (gco_coroutine_create (ask_one_thread_early, &data));
  g_assert_false (data.ended);
  while (!data.ended)
    g_main_context_iteration (t->main_context, TRUE);
}

/* -------------------------------------------------------------------- spawn */

static void
end_there (gpointer user_data)
{
  Data *data = user_data;

  g_assert_true (is_there (data));
  data->n++;
}

static void
note_destroyed_there (gpointer user_data)
{
  Data *data = user_data;

  g_assert_false (gco_in_coroutine ());
  g_assert_true (is_there (data));
  g_assert_cmpuint (data->n, ==, 1);
  g_atomic_int_set (&data->ended, TRUE);
  gco_aio_context_notify (data->t->ctx);
}

/* The body and the destroy notify run in the home thread. */
static void
test_spawn (GcoTest *t)
{
  Data data = start (t);

  gco_spawn (gco_test_thread_get_context (data.there),
             end_there,
             &data,
             note_destroyed_there);
  gco_test_run_until (t, &data.ended);
  gco_test_thread_stop (data.there);
}

/* --------------------------------------------------------------------- move */

static void
move_to_and_fro (gpointer user_data)
{
  Data         *data = user_data;
  GcoCoroutine *self = gco_coroutine_self ();

  for (; data->n < data->max; data->n++)
    {
      g_assert_true (is_here (data));
      gco_coroutine_move_to (gco_test_thread_get_context (data->there));
      g_assert_true (is_there (data));
      g_assert_true (gco_coroutine_self () == self);
      g_assert_true (gco_coroutine_get_aio_context (self) ==
                     gco_test_thread_get_context (data->there));
      gco_test_pass ();
      g_assert_true (is_there (data));
      gco_coroutine_move_to (data->t->ctx);
    }
}

static void
test_move (GcoTest *t)
{
  Data data = start (t);

  data.max = gco_test_scale (1000);
  gco_test_run (t, move_to_and_fro, &data);
  g_assert_cmpuint (data.n, ==, data.max);
  gco_test_thread_stop (data.there);
}

static void
move_to_own (gpointer user_data)
{
  Data *data = user_data;

  gco_test_log (data->t, "a");
  gco_coroutine_move_to (data->t->ctx);
  gco_coroutine_move_to (NULL);
  gco_test_log (data->t, "b");
}

static void
log_c (gpointer user_data)
{
  gco_test_log (user_data, "c");
}

/* To where it is already: nothing happens, and nobody comes between. */
static void
test_move_to_own (GcoTest *t)
{
  Data data = { .t = t };

  gco_test_spawn (t, move_to_own, &data);
  gco_test_spawn (t, log_c, t);
  gco_test_drain (t);
  gco_test_assert_log (t, "abc");
}

static void
end_elsewhere (gpointer user_data)
{
  Data *data = user_data;

  gco_coroutine_move_to (gco_test_thread_get_context (data->there));
  data->n++;
}

/* It ends in another thread than it began in: all is freed there. */
static void
test_end_elsewhere (GcoTest *t)
{
  Data data = start (t);

  data.self = gco_spawn (t->ctx, end_elsewhere, &data, note_destroyed_there);
  gco_test_run_until (t, &data.ended);
  gco_test_thread_stop (data.there);
}

static void
move_between_here (gpointer user_data)
{
  GcoAioContext **contexts = user_data;
  GcoCoroutine   *self = gco_coroutine_self ();

  for (guint i = 0; i < 10; i++)
    {
      gco_coroutine_move_to (contexts[i % 2]);
      g_assert_true (gco_coroutine_get_aio_context (self) == contexts[i % 2]);
    }
}

/* Between two contexts of the same thread. */
static void
test_move_within_thread (GcoTest *t)
{
  GcoAioContext *other = gco_aio_context_new ();
  GcoAioContext *contexts[] = { other, t->ctx };

  gco_test_spawn (t, move_between_here, contexts);
  for (guint i = 0; i < 20; i++)
    {
      gco_test_drain (t);
      gco_aio_context_poll (other, FALSE);
    }
  g_assert_finalize_object (other);
}

static void
yield_and_move_back (gpointer user_data)
{
  Data *data = user_data;

  gco_coroutine_move_to (gco_test_thread_get_context (data->there));
  g_atomic_int_set (&data->ended, TRUE);
  gco_aio_context_notify (data->t->ctx);
  gco_coroutine_yield ();
  g_assert_true (is_there (data));
  gco_coroutine_move_to (data->t->ctx);
  g_assert_true (is_here (data));
  data->n++;
}

/* It moved there; a wake from here resumes it there. */
static void
test_wake_moved (GcoTest *t)
{
  Data data = start (t);

  data.self = gco_test_spawn (t, yield_and_move_back, &data);
  gco_test_run_until (t, &data.ended);
  gco_coroutine_wake (data.self);
  while (data.n == 0)
    gco_test_iterate_blocking (t);
  gco_test_thread_stop (data.there);
}

/* Many at once, in both directions. */
static void
test_move_many (GcoTest *t)
{
  Data  shared = start (t);
  Data *all = g_new (Data, 100);
  guint n_left = 100;

  for (guint i = 0; i < 100; i++)
    {
      all[i] = shared;
      all[i].max = gco_test_scale (50);
      gco_test_spawn (t, move_to_and_fro, &all[i]);
    }
  while (n_left > 0)
    {
      gco_test_iterate_blocking (t);
      n_left = 0;
      for (guint i = 0; i < 100; i++)
        n_left += all[i].n < all[i].max;
    }
  gco_test_thread_stop (shared.there);
  g_free (all);
}

/* ---------------------------------------------------------- created elsewhere */

static gpointer
create_in_thread (gpointer data)
{
  return gco_coroutine_create (end_there, data);
}

static void
end_here (gpointer user_data)
{
  Data *data = user_data;

  g_assert_true (g_thread_self () == data->home);
  data->n++;
}

static gpointer
create_for_here (gpointer data)
{
  return gco_coroutine_create (end_here, data);
}

/* The thread that created it has ended, and its pool of stacks with it. */
static void
test_created_elsewhere (GcoTest *t)
{
  Data  data = { .t = t, .home = g_thread_self () };
  guint n_all = 50;

  for (guint i = 0; i < n_all; i++)
    {
      GcoCoroutine *coroutine;

      coroutine = g_thread_join (g_thread_new (NULL, create_for_here, &data));
      if (i % 2 == 0)
        gco_coroutine_schedule (coroutine, t->ctx);
      else
        gco_coroutine_enter (coroutine);
    }
  gco_test_drain (t);
  g_assert_cmpuint (data.n, ==, n_all);
}

/* Created in one thread, scheduled from a second, run in a third. */
static void
test_three_threads (GcoTest *t)
{
  Data          data = start (t);
  GcoCoroutine *coroutine;

  coroutine = g_thread_join (g_thread_new (NULL, create_in_thread, &data));
  gco_coroutine_schedule (coroutine, gco_test_thread_get_context (data.there));
  gco_test_thread_stop (data.there);
  g_assert_cmpuint (data.n, ==, 1);
}

int
main (int    argc,
      char **argv)
{
  gco_test_init (&argc, &argv);
  gco_test_add ("/threads/wake", test_wake);
  gco_test_add_source ("/threads/wake-before-home", test_wake_before_home);
  gco_test_add ("/threads/spawn", test_spawn);
  gco_test_add ("/threads/move", test_move);
  gco_test_add ("/threads/move-to-own", test_move_to_own);
  gco_test_add ("/threads/end-elsewhere", test_end_elsewhere);
  gco_test_add ("/threads/move-within-thread", test_move_within_thread);
  gco_test_add ("/threads/wake-moved", test_wake_moved);
  gco_test_add ("/threads/move-many", test_move_many);
  gco_test_add ("/threads/created-elsewhere", test_created_elsewhere);
  gco_test_add ("/threads/three-threads", test_three_threads);
  return g_test_run ();
}
