/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Ten thousand in one line: each is woken once, tries once, and is unwound if it cannot
 * have what it waits for. */

#include "gco-test.h"

#define MANY 10000

typedef struct
{
  GcoMutex     mutex;
  GcoQueue     queue;
  GcoSemaphore semaphore; /* no permit is left */
  GcoScope    *scope;     /* or NULL */
  guint        n;         /* how many there are */
  guint        n_waiting;
  guint        n_taken; /* how often the mutex was asked for */
  guint        n_over;
} Crowd;

static void
crowd_begin (Crowd           *crowd,
             GcoTest         *t,
             GcoCoroutineFunc func)
{
  *crowd = (Crowd){ .n = gco_test_scale (MANY), .scope = crowd->scope };
  gco_semaphore_init (&crowd->semaphore, 1);
  g_assert_true (gco_semaphore_tryacquire (&crowd->semaphore));
  for (guint i = 0; i < crowd->n; i++)
    {
      g_autoptr (GError) error = NULL;
      GcoCoroutine *coroutine;

      coroutine = gco_coroutine_create_full (NULL, 16384, func, crowd, NULL, &error);
      g_assert_no_error (error);
      gco_coroutine_schedule (coroutine, t->ctx);
    }
  gco_test_drain (t);
  g_assert_cmpuint (crowd->n_waiting, ==, crowd->n);
  g_assert_cmpuint (crowd->n_over, ==, 0);
}

/* --------------------------------------------------------------------- the herd */

static void
take (gpointer lock)
{
  Crowd *crowd = lock;

  crowd->n_taken++;
  gco_mutex_lock (&crowd->mutex);
}

static void
release (gpointer lock)
{
  Crowd *crowd = lock;

  gco_mutex_unlock (&crowd->mutex);
}

static void
wait_in_queue (gpointer user_data)
{
  Crowd      *crowd = user_data;
  GcoLockable lockable = { crowd, take, release };

  gco_mutex_lock (&crowd->mutex);
  crowd->n_waiting++;
  g_assert_true (gco_queue_wait_full (&crowd->queue, lockable, 0, NULL, NULL));
  /* the others want it too, meanwhile */
  if (crowd->n_over++ % 100 == 0)
    gco_test_pass ();
  gco_mutex_unlock (&crowd->mutex);
}

static void
restart_all (gpointer user_data)
{
  Crowd *crowd = user_data;

  gco_mutex_lock (&crowd->mutex);
  gco_queue_restart_all (&crowd->queue);
  gco_mutex_unlock (&crowd->mutex);
}

static void
test_restart_all (GcoTest *t)
{
  Crowd crowd = { .scope = NULL };

  crowd_begin (&crowd, t, wait_in_queue);
  gco_test_run (t, restart_all, &crowd);
  gco_test_drain (t);
  g_assert_cmpuint (crowd.n_over, ==, crowd.n);
  g_assert_cmpuint (crowd.n_taken, ==, crowd.n);
}

/* --------------------------------------------------------------- the end of all */

static void
count_over (Crowd **crowd)
{
  (*crowd)->n_over++;
}

static void
wait_for_ever (gpointer user_data)
{
  __attribute__ ((cleanup (count_over))) Crowd *crowd = user_data;
  g_autoptr (GError) error = NULL;
  gboolean got = FALSE;

  switch (crowd->n_waiting++ % 3)
    {
    case 0:
      got = gco_semaphore_acquire_cancellable (&crowd->semaphore, NULL, &error);
      break;
    case 1:
      got = gco_sleep_ns_cancellable (NULL, G_MAXINT64, NULL, &error);
      break;
    default:
      got = gco_queue_wait_cancellable (&crowd->queue, NULL, NULL, &error);
      break;
    }
  g_assert_false (got);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

/* All that was on their stacks is released. */
static void
test_shut_down (GcoTest *t)
{
  Crowd crowd = { .scope = NULL };

  crowd_begin (&crowd, t, wait_for_ever);
  gco_aio_context_shutdown (t->ctx);
  g_assert_cmpuint (crowd.n_over, ==, crowd.n);
  g_assert_true (gco_queue_is_empty (&crowd.queue));
  gco_semaphore_release (&crowd.semaphore);
  g_assert_cmpuint (gco_semaphore_get_n_free (&crowd.semaphore), ==, 1);
}

/* ------------------------------------------------------------------- the joiners */

static gboolean
wait_for_next (GCancellable *cancellable,
               gpointer      user_data,
               GError      **error)
{
  Crowd *crowd = user_data;

  return gco_queue_wait_cancellable (&crowd->queue, NULL, NULL, error);
}

static void
join (gpointer user_data)
{
  Crowd *crowd = user_data;

  crowd->n_waiting++;
  g_assert_true (gco_scope_join (crowd->scope, NULL));
  g_assert_cmpuint (gco_scope_get_n_running (crowd->scope), ==, 0);
  crowd->n_over++;
}

/* Each of them goes on, once. */
static void
test_join (GcoTest *t)
{
  g_autoptr (GcoScope) scope = gco_scope_new (NULL);
  Crowd crowd = { .scope = scope };

  gco_scope_spawn_full (scope, t->ctx, NULL, 0, wait_for_next, &crowd, NULL);
  crowd_begin (&crowd, t, join);
  g_assert_true (gco_queue_next (&crowd.queue));
  gco_test_drain (t);
  g_assert_cmpuint (crowd.n_over, ==, crowd.n);
}

int
main (int    argc,
      char **argv)
{
  gco_test_init (&argc, &argv);
  gco_test_add ("/many/restart-all", test_restart_all);
  gco_test_add ("/many/shut-down", test_shut_down);
  gco_test_add ("/many/join", test_join);
  return g_test_run ();
}
