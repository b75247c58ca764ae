/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Cancelling an _async wait in a line in which coroutines stand as well. */

#include "gco-test-caller.h"
#include "gco-test-semaphore.h"

#define N_WAITERS 5

/* Callers at the even places, coroutines at the odd ones. */
typedef struct
{
  GcoTest           *t;
  GcoAsyncSemaphore *semaphore;
  Caller            *callers[N_WAITERS];
  Actor             *actors[N_WAITERS];
  Actor             *other;
  int                position;
} Line;

static GCancellable *
cancellable_at (Line *line,
                int   i)
{
  return i % 2 ? line->actors[i]->cancellable : line->callers[i]->cancellable;
}

static gboolean
waits_at (Line *line,
          int   i)
{
  return i % 2 ? line->actors[i]->waits : !line->callers[i]->called;
}

static void
check_at (Line    *line,
          int      i,
          gboolean acquired)
{
  Caller  *caller = line->callers[i];
  gboolean result;

  g_assert_false (waits_at (line, i));
  if (i % 2)
    {
      if (acquired)
        actor_assert_succeeded (line->actors[i]);
      else
        actor_assert_cancelled (line->actors[i]);
      return;
    }
  result = gco_async_semaphore_acquire_finish (line->semaphore,
                                               caller->result,
                                               &caller->error);
  g_assert_true (result == acquired);
  if (!acquired)
    g_assert_error (caller->error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&caller->error);
}

static void
line_up (Line    *line,
         GcoTest *t,
         int      position)
{
  static const char *const names[N_WAITERS] = { "W0", "W1", "W2", "W3", "W4" };

  g_test_message ("place %d", position);
  *line = (Line){ .t = t, .position = position };
  line->semaphore = gco_async_semaphore_new (1);
  line->other = actor_new (t, "other");
  g_assert_true (gco_async_semaphore_tryacquire (line->semaphore));
  for (int i = 0; i < N_WAITERS; i++)
    if (i % 2)
      {
        line->actors[i] = actor_new (t, names[i]);
        actor_do (line->actors[i],
                  do_acquire_cancellable,
                  gco_async_semaphore_get_semaphore (line->semaphore));
      }
    else
      {
        line->callers[i] = caller_new (t, names[i]);
        gco_async_semaphore_acquire_async (line->semaphore,
                                           line->callers[i]->cancellable,
                                           caller_called,
                                           line->callers[i]);
      }
}

static void
line_end (Line *line)
{
  g_assert_cmpuint (gco_async_semaphore_get_n_free (line->semaphore), ==, 1);
  for (int i = 0; i < N_WAITERS; i++)
    if (i % 2)
      actor_end (line->actors[i]);
    else
      caller_end (line->callers[i]);
  actor_end (line->other);
  g_assert_finalize_object (line->semaphore);
}

/* Each but the victim gets it in order, one by now if @granted. */
static void
line_serve (Line    *line,
            gboolean victim_has_it,
            gboolean granted)
{
  for (int i = 0; i < N_WAITERS; i++)
    {
      if (i == line->position && !victim_has_it)
        continue;
      if (!granted)
        g_assert_true (gco_async_semaphore_release (line->semaphore, NULL));
      granted = FALSE;
      gco_test_drain (line->t);
      check_at (line, i, TRUE);
      for (int k = i + 1; k < N_WAITERS; k++)
        g_assert_true (k == line->position || waits_at (line, k));
    }
  g_assert_true (gco_async_semaphore_release (line->semaphore, NULL));
  line_end (line);
}

/* --------------------------------------------------------------- from where */

/* No callback comes inside of it. */
static void
cancel (Line *line)
{
  Caller *caller = line->callers[line->position];

  if (caller != NULL && caller->thread == g_thread_self ())
    caller->busy = TRUE;
  g_cancellable_cancel (cancellable_at (line, line->position));
  if (caller != NULL && caller->thread == g_thread_self ())
    caller->busy = FALSE;
}

static gboolean
do_cancel (Actor   *self,
           gpointer line)
{
  cancel (line);
  return TRUE;
}

static void
cancel_from_coroutine (Line *line)
{
  actor_do (line->other, do_cancel, line);
}

static gpointer
cancel_in_thread (gpointer line)
{
  cancel (line);
  return NULL;
}

/* The loop may sleep: it is woken by nothing else. */
static void
cancel_from_thread (Line *line)
{
  GThread *thread = g_thread_new ("canceller", cancel_in_thread, line);

  while (waits_at (line, line->position))
    gco_test_iterate_blocking (line->t);
  g_thread_join (thread);
}

static void
on_cancelled (GCancellable *cancellable,
              Line         *line)
{
  cancel (line);
}

static void
cancel_from_handler (Line *line)
{
  GCancellable *other = line->other->cancellable;

  g_signal_connect (other, "cancelled", G_CALLBACK (on_cancelled), line);
  g_cancellable_cancel (other);
}

static void
check_cancel (GcoTest *t,
              void (*cancel_one) (Line *line))
{
  for (int position = 0; position < N_WAITERS; position++)
    {
      Line line;

      line_up (&line, t, position);
      cancel_one (&line);
      gco_test_drain (t);
      check_at (&line, position, FALSE);
      for (int i = 0; i < N_WAITERS; i++)
        g_assert_true (waits_at (&line, i) == (i != position));
      line_serve (&line, FALSE, FALSE);
    }
}

static void
test_plainly (GcoTest *t)
{
  check_cancel (t, cancel);
}

static void
test_from_coroutine (GcoTest *t)
{
  check_cancel (t, cancel_from_coroutine);
}

static void
test_from_thread (GcoTest *t)
{
  check_cancel (t, cancel_from_thread);
}

static void
test_from_handler (GcoTest *t)
{
  check_cancel (t, cancel_from_handler);
}

/* ------------------------------------------------------ together with the grant */

static void
check_together (GcoTest *t,
                gboolean cancel_first)
{
  for (int position = 0; position < N_WAITERS; position++)
    {
      gboolean victim_has_it = !cancel_first && position == 0;
      Line     line;

      line_up (&line, t, position);
      if (cancel_first)
        cancel (&line);
      g_assert_true (gco_async_semaphore_release (line.semaphore, NULL));
      if (!cancel_first)
        cancel (&line);
      g_assert_false (gco_async_semaphore_tryacquire (line.semaphore));
      gco_test_drain (t);
      if (!victim_has_it)
        check_at (&line, position, FALSE);
      line_serve (&line, victim_has_it, TRUE);
    }
}

static void
test_cancelled_first (GcoTest *t)
{
  check_together (t, TRUE);
}

static void
test_granted_first (GcoTest *t)
{
  check_together (t, FALSE);
}

static void
release_from_handler (GCancellable *cancellable,
                      Line         *line)
{
  g_assert_true (gco_async_semaphore_release (line->semaphore, NULL));
}

/* Cancelled, and released by another handler of the same emission. */
static void
test_granted_in_handler (GcoTest *t)
{
  Line line;

  line_up (&line, t, 0);
  g_signal_connect (cancellable_at (&line, 0),
                    "cancelled",
                    G_CALLBACK (release_from_handler),
                    &line);
  cancel (&line);
  gco_test_drain (t);
  check_at (&line, 0, FALSE);
  line_serve (&line, FALSE, TRUE);
}

/* Asks in a handler of what would end the wait. */
static void
acquire_from_handler (GCancellable *cancellable,
                      Line         *line)
{
  gco_async_semaphore_acquire_async (line->semaphore,
                                     cancellable,
                                     caller_called,
                                     line->callers[0]);
  g_assert_false (line->callers[0]->called);
}

static void
test_asked_in_handler (GcoTest *t)
{
  Line line = { .t = t };

  line.semaphore = gco_async_semaphore_new (1);
  line.callers[0] = caller_new (t, "A");
  g_signal_connect (line.callers[0]->cancellable,
                    "cancelled",
                    G_CALLBACK (acquire_from_handler),
                    &line);
  g_cancellable_cancel (line.callers[0]->cancellable);
  g_assert_false (line.callers[0]->called);
  gco_test_drain (t);
  check_at (&line, 0, FALSE);
  caller_end (line.callers[0]);
  g_assert_cmpuint (gco_async_semaphore_get_n_free (line.semaphore), ==, 1);
  g_assert_finalize_object (line.semaphore);
}

/* -------------------------------------------------------------------------- all */

static void
test_permit_not_lost_on_drop (GcoTest *t)
{
  for (int n_before = 0; n_before <= N_WAITERS; n_before++)
    {
      Line line;

      line_up (&line, t, 0);
      for (int i = 0; i < n_before; i++)
        g_cancellable_cancel (cancellable_at (&line, i));
      g_assert_true (gco_async_semaphore_release (line.semaphore, NULL));
      for (int i = n_before; i < N_WAITERS; i++)
        g_cancellable_cancel (cancellable_at (&line, i));
      gco_test_drain (t);
      for (int i = 0; i < N_WAITERS; i++)
        check_at (&line, i, i == n_before);
      if (n_before < N_WAITERS)
        g_assert_true (gco_async_semaphore_release (line.semaphore, NULL));
      line_end (&line);
    }
}

/* One cancellable for all, and nothing of it is left behind. */
static void
test_shared_cancellable (GcoTest *t)
{
  GcoAsyncSemaphore *semaphore = gco_async_semaphore_new (1);
  GCancellable      *cancellable = g_cancellable_new ();
  Caller            *callers[3];
  char               names[3][2] = { "A", "B", "C" };

  for (int i = 0; i < 3; i++)
    {
      callers[i] = caller_new (t, names[i]);
      gco_async_semaphore_acquire_async (semaphore, cancellable, caller_called, callers[i]);
    }
  g_cancellable_cancel (cancellable);
  gco_test_drain (t);
  for (int i = 0; i < 3; i++)
    {
      g_assert_true (gco_async_semaphore_acquire_finish (semaphore,
                                                         callers[i]->result,
                                                         NULL) == (i == 0));
      caller_end (callers[i]);
    }
  g_assert_true (gco_async_semaphore_release (semaphore, NULL));
  g_assert_finalize_object (semaphore);
  g_assert_finalize_object (cancellable);
}

int
main (int   argc,
      char *argv[])
{
  gco_test_init (&argc, &argv);
  gco_test_add_source ("/async-semaphore/cancel-plainly", test_plainly);
  gco_test_add_source ("/async-semaphore/cancel-from-coroutine", test_from_coroutine);
  gco_test_add_source ("/async-semaphore/cancel-from-thread", test_from_thread);
  gco_test_add_source ("/async-semaphore/cancel-from-handler", test_from_handler);
  gco_test_add_source ("/async-semaphore/cancelled-first", test_cancelled_first);
  gco_test_add_source ("/async-semaphore/granted-first", test_granted_first);
  gco_test_add_source ("/async-semaphore/granted-in-handler", test_granted_in_handler);
  gco_test_add_source ("/async-semaphore/asked-in-handler", test_asked_in_handler);
  gco_test_add_source ("/async-semaphore/permit-not-lost-on-drop",
                       test_permit_not_lost_on_drop);
  gco_test_add_source ("/async-semaphore/shared-cancellable", test_shared_cancellable);
  return g_test_run ();
}
