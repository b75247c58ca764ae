/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* GcoAsyncSemaphore: one line for coroutines and for those who call back. */

#include "gco-test-caller.h"
#include "gco-test-semaphore.h"

static void
acquire (Caller            *caller,
         GcoAsyncSemaphore *semaphore)
{
  caller->busy = TRUE;
  gco_async_semaphore_acquire_async (semaphore, caller->cancellable, caller_called, caller);
  caller->busy = FALSE;
}

/* In which no callback comes. */
static void
release (GcoAsyncSemaphore *semaphore,
         Caller            *caller)
{
  GError *error = NULL;

  caller->busy = TRUE;
  g_assert_true (gco_async_semaphore_release (semaphore, &error));
  g_assert_no_error (error);
  caller->busy = FALSE;
}

static gboolean
finish (Caller *caller)
{
  g_autoptr (GObject) source = g_async_result_get_source_object (caller->result);

  g_assert_true (caller->called);
  return gco_async_semaphore_acquire_finish (GCO_ASYNC_SEMAPHORE (source),
                                             caller->result,
                                             &caller->error);
}

static void
assert_acquired (Caller *caller)
{
  g_assert_true (finish (caller));
  g_assert_no_error (caller->error);
}

static void
assert_cancelled (Caller *caller)
{
  g_assert_false (finish (caller));
  g_assert_error (caller->error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&caller->error);
}

static GcoAsyncSemaphore *
new_taken (void)
{
  GcoAsyncSemaphore *semaphore = gco_async_semaphore_new (1);

  g_assert_true (gco_async_semaphore_tryacquire (semaphore));
  return semaphore;
}

/* All is free, and nobody keeps it. */
static void
end_free (GcoAsyncSemaphore *semaphore)
{
  g_assert_cmpuint (gco_async_semaphore_get_n_free (semaphore),
                    ==,
                    gco_async_semaphore_get_n_permits (semaphore));
  g_assert_finalize_object (semaphore);
}

/* --------------------------------------------------------------------- plain */

static void
test_free (GcoTest *t)
{
  GcoAsyncSemaphore *semaphore = gco_async_semaphore_new (2);
  Caller            *a = caller_new (t, "A");
  Caller            *b = caller_new (t, "B");
  guint              n_permits;

  g_object_get (semaphore, "n-permits", &n_permits, NULL);
  g_assert_cmpuint (n_permits, ==, 2);
  acquire (a, semaphore);
  g_assert_cmpuint (gco_async_semaphore_get_n_free (semaphore), ==, 1);
  acquire (b, semaphore);
  g_assert_false (gco_async_semaphore_tryacquire (semaphore));
  g_assert_false (a->called);
  gco_test_drain (t);
  gco_test_assert_log (t, "A B ");
  assert_acquired (a);
  assert_acquired (b);
  release (semaphore, a);
  release (semaphore, b);
  callers_end (a, b);
  end_free (semaphore);
}

static void
test_over_release (GcoTest *t)
{
  g_autoptr (GcoAsyncSemaphore) semaphore = gco_async_semaphore_new (2);
  GError *error = NULL;

  for (int i = 0; i < 2; i++)
    {
      g_assert_false (gco_async_semaphore_release (semaphore, &error));
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED);
      g_clear_error (&error);
      g_assert_cmpuint (gco_async_semaphore_get_n_free (semaphore), ==, 2);
      g_assert_false (gco_async_semaphore_release (semaphore, NULL));
      g_assert_true (gco_async_semaphore_tryacquire (semaphore));
      g_assert_true (gco_async_semaphore_release (semaphore, &error));
      g_assert_no_error (error);
    }
}

/* Coroutines and callers take turns in one line. */
static void
test_fifo (GcoTest *t)
{
  GcoAsyncSemaphore       *semaphore = new_taken ();
  GcoSemaphore            *inner = gco_async_semaphore_get_semaphore (semaphore);
  Caller                  *a = caller_new (t, "A");
  Actor                   *b = actor_new (t, "b");
  Caller                  *c = caller_new (t, "C");
  Caller                  *d = caller_new (t, "D");
  Actor                   *e = actor_new (t, "e");
  static const char *const order[] = { "A ", "b ", "C ", "D ", "e " };

  acquire (a, semaphore);
  actor_do (b, do_acquire, inner);
  acquire (c, semaphore);
  acquire (d, semaphore);
  actor_do (e, do_acquire_cancellable, inner);
  for (gsize i = 0; i < G_N_ELEMENTS (order); i++)
    {
      gco_test_drain (t);
      gco_test_assert_log (t, "");
      release (semaphore, a);
      gco_test_assert_log (t, "");
      g_assert_false (gco_async_semaphore_tryacquire (semaphore));
      gco_test_drain (t);
      gco_test_assert_log (t, order[i]);
    }
  assert_acquired (a);
  assert_acquired (c);
  assert_acquired (d);
  gco_semaphore_release (inner);
  callers_end (a, c, d);
  actors_end (b, e);
  end_free (semaphore);
}

/* Asked for and given back in a coroutine: the callback comes elsewhere. */
static gboolean
do_acquire_async (Actor   *self,
                  gpointer semaphore)
{
  acquire (self->data, semaphore);
  return TRUE;
}

static gboolean
do_release_async (Actor   *self,
                  gpointer semaphore)
{
  release (semaphore, self->data);
  return TRUE;
}

static void
test_in_coroutine (GcoTest *t)
{
  GcoAsyncSemaphore *semaphore = gco_async_semaphore_new (1);
  Actor             *actor = actor_new (t, "actor");
  Caller            *callers[3];
  char               names[3][2] = { "A", "B", "C" };

  for (int i = 0; i < 3; i++)
    {
      callers[i] = caller_new (t, names[i]);
      actor->data = callers[i];
      if (i == 2)
        g_cancellable_cancel (callers[i]->cancellable);
      actor_do (actor, do_acquire_async, semaphore);
    }
  assert_acquired (callers[0]);
  g_assert_false (callers[1]->called);
  assert_cancelled (callers[2]);
  actor->data = callers[1];
  actor_do (actor, do_release_async, semaphore);
  assert_acquired (callers[1]);
  actor_do (actor, do_release_async, semaphore);
  for (int i = 0; i < 3; i++)
    caller_end (callers[i]);
  actor_end (actor);
  end_free (semaphore);
}

/* A callback that asks again, and then gives back, is not called inside either. */
typedef struct
{
  Caller            *first;
  Caller            *second;
  GcoAsyncSemaphore *semaphore;
} Again;

static void
acquire_again (GObject      *source,
               GAsyncResult *result,
               gpointer      user_data)
{
  Again *again = user_data;

  caller_called (source, result, again->first);
  assert_acquired (again->first);
  acquire (again->second, again->semaphore);
  release (again->semaphore, again->second);
}

static void
test_in_callback (GcoTest *t)
{
  GcoAsyncSemaphore *semaphore = gco_async_semaphore_new (1);
  Again              again = { caller_new (t, "A"), caller_new (t, "B"), semaphore };

  gco_async_semaphore_acquire_async (semaphore, NULL, acquire_again, &again);
  gco_test_drain (t);
  gco_test_assert_log (t, "A B ");
  assert_acquired (again.second);
  release (semaphore, again.second);
  callers_end (again.first, again.second);
  end_free (semaphore);
}

/* ------------------------------------------------------------- other threads */

static gpointer
release_in_thread (gpointer semaphore)
{
  g_assert_true (gco_async_semaphore_release (semaphore, NULL));
  return NULL;
}

static void
test_released_elsewhere (GcoTest *t)
{
  GcoAsyncSemaphore *semaphore = new_taken ();
  Caller            *a = caller_new (t, "A");
  GThread           *thread;

  acquire (a, semaphore);
  gco_test_drain (t);
  thread = g_thread_new ("releaser", release_in_thread, semaphore);
  gco_test_run_until (t, &a->called);
  g_thread_join (thread);
  assert_acquired (a);
  release (semaphore, a);
  caller_end (a);
  end_free (semaphore);
}

typedef struct
{
  GcoAsyncSemaphore *semaphore;
  Caller            *caller;
} There;

static void
acquire_there (gpointer user_data)
{
  There *there = user_data;

  there->caller->thread = g_thread_self ();
  there->caller->main_context = g_main_context_get_thread_default ();
  acquire (there->caller, there->semaphore);
}

/* Each is called back where it called. */
static void
test_callers_elsewhere (GcoTest *t)
{
  GcoTestThread     *thread = gco_test_thread_new (t);
  GcoAsyncSemaphore *semaphore = new_taken ();
  There              there = { semaphore, caller_new (t, NULL) };
  Caller            *here = caller_new (t, "here");

  gco_test_thread_call (thread, acquire_there, &there);
  g_assert_nonnull (there.caller->main_context);
  acquire (here, semaphore);
  g_assert_true (gco_async_semaphore_release (semaphore, NULL));
  while (!g_atomic_int_get (&there.caller->called))
    gco_test_thread_call (thread, actor_nothing, NULL);
  gco_test_drain (t);
  g_assert_false (here->called);
  assert_acquired (there.caller);
  g_assert_true (gco_async_semaphore_release (semaphore, NULL));
  gco_test_drain (t);
  assert_acquired (here);
  g_assert_true (gco_async_semaphore_release (semaphore, NULL));
  callers_end (here, there.caller);
  gco_test_thread_stop (thread);
  end_free (semaphore);
}

static gpointer
acquire_in_plain_thread (gpointer user_data)
{
  There *there = user_data;

  gco_async_semaphore_acquire_async (there->semaphore, NULL, caller_called, there->caller);
  return NULL;
}

/* A thread that has no thread-default context: by the default one. */
static void
test_plain_thread (GcoTest *t)
{
  GcoAsyncSemaphore *semaphore = new_taken ();
  There              there = { semaphore, caller_new (t, "A") };

  there.caller->main_context = NULL;
  g_thread_join (g_thread_new ("plain", acquire_in_plain_thread, &there));
  g_assert_true (gco_async_semaphore_release (semaphore, NULL));
  gco_test_drain (t);
  g_assert_false (there.caller->called);
  while (!there.caller->called)
    g_main_context_iteration (NULL, TRUE);
  assert_acquired (there.caller);
  g_assert_true (gco_async_semaphore_release (semaphore, NULL));
  caller_end (there.caller);
  /* Not until there is nothing: a source that rests has nothing for a moment. */
  for (int i = 0; i < 50; i++)
    g_main_context_iteration (NULL, FALSE);
  end_free (semaphore);
}

/* ------------------------------------------------------------- who goes first */

static void
gone (gpointer flag,
      GObject *where_it_was)
{
  *(gboolean *) flag = TRUE;
}

/* The wait keeps it. */
static void
test_face_dropped (GcoTest *t)
{
  for (int cancelled = 0; cancelled < 2; cancelled++)
    {
      GcoAsyncSemaphore *semaphore = new_taken ();
      GcoSemaphore      *inner = gco_async_semaphore_get_semaphore (semaphore);
      Caller            *a = caller_new (t, "A");
      gboolean           is_gone = FALSE;

      g_object_weak_ref (G_OBJECT (semaphore), gone, &is_gone);
      acquire (a, semaphore);
      g_object_unref (semaphore);
      gco_test_drain (t);
      g_assert_false (is_gone);
      if (cancelled)
        g_cancellable_cancel (a->cancellable);
      else
        gco_semaphore_release (inner);
      gco_test_drain (t);
      if (cancelled)
        assert_cancelled (a);
      else
        assert_acquired (a);
      caller_end (a);
      g_assert_true (is_gone);
    }
}

/* No callback: it has its place, but nobody could give the permit back. */
static void
test_no_callback (GcoTest *t)
{
  GcoAsyncSemaphore *semaphore = new_taken ();
  Caller            *a = caller_new (t, "A");
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();

  gco_async_semaphore_acquire_async (semaphore, cancellable, NULL, NULL);
  gco_async_semaphore_acquire_async (semaphore, NULL, NULL, NULL);
  acquire (a, semaphore);
  g_cancellable_cancel (cancellable);
  g_assert_true (gco_async_semaphore_release (semaphore, NULL));
  gco_test_drain (t);
  gco_test_assert_log (t, "A ");
  assert_acquired (a);
  release (semaphore, a);
  caller_end (a);
  end_free (semaphore);
}

static void
acquire_to_fail (gpointer semaphore)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (gco_semaphore_acquire_cancellable (semaphore, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

/* The coroutines of the context go; who calls back stays in line, and may join. */
static void
test_shutdown (GcoTest *t)
{
  GcoAsyncSemaphore *semaphore = new_taken ();
  GcoAioContext     *ctx = gco_aio_context_get_thread_default ();
  Caller            *a = caller_new (t, "A");
  Caller            *b = caller_new (t, "B");

  gco_spawn (ctx, acquire_to_fail, gco_async_semaphore_get_semaphore (semaphore), NULL);
  gco_test_drain (t);
  acquire (a, semaphore);
  gco_aio_context_shutdown (ctx);
  g_assert_false (a->called);
  acquire (b, semaphore);
  release (semaphore, a);
  gco_test_drain (t);
  gco_test_assert_log (t, "A ");
  assert_acquired (a);
  release (semaphore, b);
  gco_test_drain (t);
  assert_acquired (b);
  release (semaphore, b);
  callers_end (a, b);
  end_free (semaphore);
}

int
main (int   argc,
      char *argv[])
{
  gco_test_init (&argc, &argv);
  gco_test_add_source ("/async-semaphore/free", test_free);
  gco_test_add_source ("/async-semaphore/over-release", test_over_release);
  gco_test_add_source ("/async-semaphore/fifo", test_fifo);
  gco_test_add_source ("/async-semaphore/in-coroutine", test_in_coroutine);
  gco_test_add_source ("/async-semaphore/in-callback", test_in_callback);
  gco_test_add_source ("/async-semaphore/released-elsewhere", test_released_elsewhere);
  gco_test_add_source ("/async-semaphore/callers-elsewhere", test_callers_elsewhere);
  gco_test_add_source ("/async-semaphore/plain-thread", test_plain_thread);
  gco_test_add_source ("/async-semaphore/face-dropped", test_face_dropped);
  gco_test_add_source ("/async-semaphore/no-callback", test_no_callback);
  gco_test_add_source ("/async-semaphore/shutdown", test_shutdown);
  return g_test_run ();
}
