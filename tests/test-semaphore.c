/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* GcoSemaphore: who gets a permit, in which order, and that none is made up. */

#include "gco-test-semaphore.h"

static void
test_size (void)
{
  g_assert_cmpuint (sizeof (GcoSemaphore), ==, 6 * sizeof (gpointer));
}

static void
assert_all_free (GcoSemaphore *semaphore,
                 guint         n_permits)
{
  g_assert_cmpuint (gco_semaphore_get_n_free (semaphore), ==, n_permits);
  g_assert_null (semaphore->head);
  g_assert_null (semaphore->tail);
}

/* -------------------------------------------------------------- uncontended */

typedef struct
{
  GcoTest     *t;
  GcoSemaphore semaphore;
} PairsData;

static void
set_flag (gpointer flag)
{
  *(gboolean *) flag = TRUE;
}

static void
run_pairs (gpointer user_data)
{
  PairsData *data = user_data;
  gboolean   others = FALSE;

  gco_aio_context_schedule_oneshot (data->t->ctx, set_flag, &others, NULL);
  for (int i = 0; i < 1000; i++)
    {
      gco_semaphore_acquire (&data->semaphore);
      g_assert_true (gco_semaphore_tryacquire (&data->semaphore));
      g_assert_true (gco_semaphore_acquire_cancellable (&data->semaphore, NULL, NULL));
      g_assert_false (gco_semaphore_tryacquire (&data->semaphore));
      for (int k = 0; k < 3; k++)
        gco_semaphore_release (&data->semaphore);
    }
  g_assert_false (others);
  gco_test_pass ();
  g_assert_true (others);
}

static void
test_pairs_never_yield (GcoTest *t)
{
  PairsData data = { .t = t };

  gco_semaphore_init (&data.semaphore, 3);
  gco_test_run (t, run_pairs, &data);
  assert_all_free (&data.semaphore, 3);
}

/* Whoever gives a permit back need not have taken it, nor be a coroutine. */
static void
test_outside (GcoTest *t)
{
  GcoSemaphore semaphore;
  Actor       *a = actor_new (t, "A");

  gco_semaphore_init (&semaphore, 2);
  g_assert_true (gco_semaphore_tryacquire (&semaphore));
  g_assert_true (gco_semaphore_tryacquire (&semaphore));
  g_assert_false (gco_semaphore_tryacquire (&semaphore));
  actor_do (a, do_acquire, &semaphore);
  assert_waits (a);
  gco_semaphore_release (&semaphore);
  assert_waits (a);
  gco_test_drain (t);
  assert_done (a);
  gco_semaphore_release (&semaphore);
  gco_semaphore_release (&semaphore);
  assert_all_free (&semaphore, 2);
  actor_end (a);
}

/* ---------------------------------------------------------------- contended */

static void
test_fifo (GcoTest *t)
{
  GcoSemaphore semaphore;
  Actor       *a = actor_new (t, "A");
  Actor       *b = actor_new (t, "B");
  Actor       *c = actor_new (t, "C");
  Actor       *d = actor_new (t, "D");

  gco_semaphore_init (&semaphore, 2);
  actor_do (a, do_acquire, &semaphore);
  actor_do (b, do_acquire, &semaphore);
  actor_do (c, do_acquire_cancellable, &semaphore);
  actor_do (d, do_acquire, &semaphore);
  gco_test_assert_log (t, "A B ");
  g_assert_cmpuint (gco_semaphore_get_n_free (&semaphore), ==, 0);

  actor_do (b, do_release, &semaphore);
  gco_test_assert_log (t, "B C ");
  /* behind D now */
  actor_do (b, do_acquire, &semaphore);
  actor_do (a, do_release, &semaphore);
  gco_test_assert_log (t, "A D ");
  actor_do (c, do_release, &semaphore);
  gco_test_assert_log (t, "C B ");
  actor_do (d, do_release, &semaphore);
  actor_do (b, do_release, &semaphore);
  assert_all_free (&semaphore, 2);
  actors_end (a, b, c, d);
}

/* Several in one dispatch: granted to as many, in order. */
static void
test_released_at_once (GcoTest *t)
{
  GcoSemaphore semaphore;
  Actor       *actors[5];
  char         names[5][2] = { "A", "B", "C", "D", "E" };

  gco_semaphore_init (&semaphore, 3);
  for (int i = 0; i < 3; i++)
    g_assert_true (gco_semaphore_tryacquire (&semaphore));
  for (int i = 0; i < 5; i++)
    {
      actors[i] = actor_new (t, names[i]);
      actor_do (actors[i], do_acquire, &semaphore);
    }
  for (int i = 0; i < 3; i++)
    gco_semaphore_release (&semaphore);
  gco_test_drain (t);
  gco_test_assert_log (t, "A B C ");
  for (int i = 0; i < 2; i++)
    gco_semaphore_release (&semaphore);
  gco_test_drain (t);
  gco_test_assert_log (t, "D E ");
  for (int i = 0; i < 3; i++)
    gco_semaphore_release (&semaphore);
  assert_all_free (&semaphore, 3);
  for (int i = 0; i < 5; i++)
    actor_end (actors[i]);
}

/* The heir has not run yet: whoever comes now comes too late. */
static gboolean
do_release_and_acquire (Actor   *self,
                        gpointer semaphore)
{
  gco_semaphore_release (semaphore);
  g_assert_false (gco_semaphore_tryacquire (semaphore));
  gco_test_log (self->t, "%s-released ", self->name);
  gco_semaphore_acquire (semaphore);
  return TRUE;
}

static void
test_no_barging (GcoTest *t)
{
  GcoSemaphore semaphore;
  Actor       *a = actor_new (t, "A");
  Actor       *b = actor_new (t, "B");
  Actor       *c = actor_new (t, "C");

  gco_semaphore_init (&semaphore, 1);
  actor_do (a, do_acquire, &semaphore);
  actor_do (b, do_acquire, &semaphore);
  g_assert_false (gco_semaphore_tryacquire (&semaphore));
  actor_tell (a, do_release_and_acquire, &semaphore);
  actor_tell (c, do_tryacquire, &semaphore);
  gco_test_drain (t);
  gco_test_assert_log (t, "A A-released C B ");
  g_assert_false (c->result);
  assert_waits (a);
  actor_do (b, do_release, &semaphore);
  gco_test_assert_log (t, "B A ");
  actor_do (a, do_release, &semaphore);
  assert_all_free (&semaphore, 1);
  actors_end (a, b, c);
}

/* With what is handed over the semaphore may go. */
static gboolean
do_acquire_and_free (Actor   *self,
                     gpointer semaphore)
{
  gco_semaphore_acquire (semaphore);
  g_free (semaphore);
  return TRUE;
}

static void
test_freed_by_heir (GcoTest *t)
{
  GcoSemaphore *semaphore = g_new (GcoSemaphore, 1);
  Actor        *a = actor_new (t, "A");
  Actor        *b = actor_new (t, "B");

  gco_semaphore_init (semaphore, 1);
  actor_do (a, do_acquire, semaphore);
  actor_do (b, do_acquire_and_free, semaphore);
  actor_do (a, do_release, semaphore);
  gco_test_assert_log (t, "A A B ");
  actors_end (a, b);
}

/* ------------------------------------------------------------ with a context */

static void
test_with_context (GcoTest *t)
{
  g_autoptr (GcoAioContext) via = gco_aio_context_new ();
  GcoSemaphore semaphore;
  Actor       *a = actor_new (t, "A");

  gco_semaphore_init_with_context (&semaphore, 1, via);
  g_assert_true (gco_semaphore_tryacquire (&semaphore));
  actor_do (a, do_acquire_cancellable, &semaphore);
  gco_semaphore_release (&semaphore);
  /* decided already, but on its way, and not to be cancelled */
  g_cancellable_cancel (a->cancellable);
  gco_test_drain (t);
  assert_waits (a);
  g_assert_false (gco_semaphore_tryacquire (&semaphore));

  g_assert_true (gco_aio_context_poll (via, FALSE));
  assert_waits (a);
  gco_test_drain (t);
  actor_assert_succeeded (a);
  g_assert_false (gco_aio_context_poll (via, FALSE));
  gco_semaphore_release (&semaphore);
  assert_all_free (&semaphore, 1);
  actor_end (a);
}

/* ------------------------------------------------------------ other threads */

static void
test_threads (GcoTest *t)
{
  GcoTestThread *thread = gco_test_thread_new (t);
  GcoSemaphore   semaphore;
  Actor         *here = actor_new (t, "here");
  Actor         *here2 = actor_new (t, "here2");
  Actor         *there = actor_new_in (t, thread, "there");
  Actor         *there2 = actor_new_in (t, thread, "there2");

  gco_semaphore_init (&semaphore, 1);
  actor_do (here, do_acquire, &semaphore);
  actor_do (there, do_acquire, &semaphore);
  actor_do (here2, do_acquire, &semaphore);
  actor_do (there2, do_acquire, &semaphore);
  actor_do (here, do_release, &semaphore);
  actor_settle (there);
  assert_done (there);
  assert_waits (here2);
  actor_do (there, do_release, &semaphore);
  actor_settle (here2);
  assert_done (here2);
  assert_waits (there2);
  actor_do (here2, do_release, &semaphore);
  actor_settle (there2);
  assert_done (there2);
  actor_do (there2, do_release, &semaphore);
  assert_all_free (&semaphore, 1);
  actors_end (here, here2, there, there2);
  gco_test_thread_stop (thread);
}

static gpointer
release_in_thread (gpointer semaphore)
{
  gco_semaphore_release (semaphore);
  return NULL;
}

/* The context sleeps until a thread that has none wakes the waiter. */
static void
test_plain_thread (GcoTest *t)
{
  GcoSemaphore semaphore;
  Actor       *a = actor_new (t, "A");
  GThread     *thread;

  gco_semaphore_init (&semaphore, 1);
  g_assert_true (gco_semaphore_tryacquire (&semaphore));
  actor_do (a, do_acquire, &semaphore);
  thread = g_thread_new ("plain", release_in_thread, &semaphore);
  while (a->waits)
    gco_test_iterate_blocking (t);
  g_thread_join (thread);
  actor_do (a, do_release, &semaphore);
  assert_all_free (&semaphore, 1);
  actor_end (a);
}

/* ----------------------------------------------------------------- teardown */

typedef struct
{
  GcoSemaphore semaphore;
  gboolean     failed;
} Teardown;

static void
acquire_to_fail (gpointer user_data)
{
  Teardown *data = user_data;
  g_autoptr (GError) error = NULL;

  g_assert_false (gco_semaphore_acquire_cancellable (&data->semaphore, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  data->failed = TRUE;
}

static void
acquire_for_good (gpointer user_data)
{
  Teardown *data = user_data;

  gco_coroutine_set_name (gco_coroutine_self (), "patience");
  gco_semaphore_acquire (&data->semaphore);
  g_assert_not_reached ();
}

/* Whose wait can fail is told, who cannot is taken out: the permit goes past both,
 * to one in another context. */
static void
test_shutdown (GcoTest *t)
{
  Teardown       data = { 0 };
  GcoTestThread *thread = gco_test_thread_new (t);
  Actor         *there = actor_new_in (t, thread, "there");

  gco_semaphore_init (&data.semaphore, 1);
  g_assert_true (gco_semaphore_tryacquire (&data.semaphore));
  gco_test_spawn (t, acquire_to_fail, &data);
  gco_test_spawn (t, acquire_for_good, &data);
  gco_test_drain (t);
  actor_do (there, do_acquire, &data.semaphore);
  g_test_expect_message ("Gco",
                         G_LOG_LEVEL_WARNING,
                         "*patience*abandoned*a GcoSemaphore*");
  gco_aio_context_shutdown (t->ctx);
  g_test_assert_expected_messages ();
  g_assert_true (data.failed);
  gco_semaphore_release (&data.semaphore);
  actor_settle (there);
  assert_done (there);
  actor_do (there, do_release, &data.semaphore);
  assert_all_free (&data.semaphore, 1);
  actor_end (there);
  gco_test_thread_stop (thread);
}

/* ------------------------------------------------------------------- misuse */

static void
test_over_release (GcoTest *t)
{
  GcoSemaphore semaphore;
  Actor       *bob = actor_new (t, "bob");

  gco_semaphore_init (&semaphore, 3);
  actor_do (bob, do_acquire, &semaphore);
  actor_do (bob, do_release, &semaphore);
  actor_do (bob, do_release, &semaphore);
}

static void
test_not_initialised (GcoTest *t)
{
  GcoSemaphore zero = { 0 };

  actor_do (actor_new (t, "bob"), do_acquire, &zero);
}

static void
acquire_outside (void)
{
  GcoSemaphore semaphore;

  gco_semaphore_init (&semaphore, 1);
  gco_semaphore_acquire (&semaphore);
}

int
main (int   argc,
      char *argv[])
{
  gco_test_init (&argc, &argv);
  g_test_add_func ("/semaphore/size", test_size);
  gco_test_add ("/semaphore/pairs-never-yield", test_pairs_never_yield);
  gco_test_add ("/semaphore/outside", test_outside);
  gco_test_add ("/semaphore/fifo", test_fifo);
  gco_test_add ("/semaphore/released-at-once", test_released_at_once);
  gco_test_add ("/semaphore/no-barging", test_no_barging);
  gco_test_add ("/semaphore/freed-by-heir", test_freed_by_heir);
  gco_test_add ("/semaphore/with-context", test_with_context);
  gco_test_add ("/semaphore/threads", test_threads);
  gco_test_add ("/semaphore/plain-thread", test_plain_thread);
  gco_test_add ("/semaphore/shutdown", test_shutdown);
  gco_test_add_abort ("/semaphore/over-release",
                      test_over_release,
                      "*gco_semaphore_release: all 3 permits*are free*bob*");
  gco_test_add_abort ("/semaphore/not-initialised",
                      test_not_initialised,
                      "*gco_semaphore_acquire*was not initialised*");
  gco_test_add_abort_plain ("/semaphore/acquire-outside",
                            acquire_outside,
                            "*gco_semaphore_acquire: not in a coroutine*");
  return g_test_run ();
}
