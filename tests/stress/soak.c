/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A million coroutines, 64 at a time, each of which goes through every primitive that
 * costs no other thread or system call, and each 64th through the others too. After the
 * first tenth the process grows no more; and in the end its descriptors and threads are
 * those of the beginning. GCO_SOAK=N: how many coroutines.
 */

#include "gco-test.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define MANY (GCO_TEST_SANITIZED ? 50000 : 1000000)
#define BATCH 64
#define PERCENT 2

typedef struct
{
  GcoTest       *t;
  GcoTestThread *thread;
  GcoMutex       mutex;
  GcoRwlock      rwlock;
  GcoQueue       queue;
  GcoSemaphore   two;
  GcoSemaphore   none;
  GcoChannel    *channel;
  GcoAsyncMutex *async_mutex;
  int            pipe[2];
  guint          n_running;
  guint          n_started;
  guint          n_freed;
} Soak;

/* ------------------------------------------------------------------- primitives */

static void
use_mutex (Soak *soak)
{
  gco_mutex_lock (&soak->mutex);
  if (soak->n_started % 8 == 0)
    gco_test_pass ();
  gco_mutex_unlock (&soak->mutex);
}

static void
use_rwlock (Soak *soak)
{
  gco_rwlock_rdlock (&soak->rwlock);
  gco_test_pass ();
  gco_rwlock_upgrade (&soak->rwlock);
  gco_rwlock_downgrade (&soak->rwlock);
  gco_rwlock_unlock (&soak->rwlock);
}

/* Who waits last is woken when nothing else is left to do. */
static void
use_queue (Soak *soak)
{
  gco_mutex_lock (&soak->mutex);
  if (!gco_queue_next (&soak->queue))
    gco_queue_wait (&soak->queue, &soak->mutex);
  gco_mutex_unlock (&soak->mutex);
}

static void
use_semaphore (Soak *soak)
{
  g_autoptr (GError) error = NULL;

  gco_semaphore_acquire (&soak->two);
  g_assert_false (gco_semaphore_acquire_until (&soak->none, NULL, 0, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
  gco_semaphore_release (&soak->two);
}

static void
use_channel (Soak *soak)
{
  g_assert_true (gco_channel_send (soak->channel, soak, NULL, NULL));
  g_assert_true (gco_channel_receive (soak->channel, NULL, NULL) == soak);
}

static void
cancel (gpointer cancellable)
{
  g_cancellable_cancel (cancellable);
}

static void
use_cancellable (Soak *soak)
{
  GCancellable *cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;

  gco_aio_context_schedule_oneshot (NULL, cancel, g_object_ref (cancellable), g_object_unref);
  g_assert_false (gco_semaphore_acquire_cancellable (&soak->none, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_object_unref (cancellable);
}

static void
use_sleep (Soak *soak)
{
  gco_sleep_ns (NULL, 1);
}

static gboolean
child (GCancellable *cancellable,
       gpointer      user_data,
       GError      **error)
{
  use_mutex (user_data);
  return TRUE;
}

static void
use_scope (Soak *soak)
{
  g_autoptr (GcoScope) scope = gco_scope_new (NULL);

  gco_scope_spawn (scope, child, soak, NULL);
  g_assert_true (gco_scope_join (scope, NULL));
}

static void
use_await (Soak *soak)
{
  g_autoptr (GAsyncResult) result = NULL;
  GcoAwait await = GCO_AWAIT_INIT;

  gco_async_mutex_lock_async (soak->async_mutex, NULL, gco_await_ready, &await);
  result = gco_await (&await);
  g_assert_true (gco_async_mutex_lock_finish (soak->async_mutex, result, NULL));
  g_assert_true (gco_async_mutex_unlock (soak->async_mutex, NULL));
}

static void
use_fd (Soak *soak)
{
  char byte = 1;

  g_assert_cmpint (write (soak->pipe[1], &byte, 1), ==, 1);
  g_assert_cmpint (gco_wait_fd (soak->pipe[0], G_IO_IN, NULL, NULL), ==, G_IO_IN);
  g_assert_cmpint (read (soak->pipe[0], &byte, 1), ==, 1);
}

static gboolean
work (GCancellable *cancellable,
      gpointer      user_data,
      GError      **error)
{
  return TRUE;
}

static void
use_thread (Soak *soak)
{
  g_assert_true (gco_run_in_thread (work, soak, NULL, NULL));
}

static void
use_other_context (Soak *soak)
{
  gco_coroutine_move_to (gco_test_thread_get_context (soak->thread));
  gco_coroutine_move_to (soak->t->ctx);
}

static void (*const uses[]) (Soak *soak) = {
  use_mutex,
  use_rwlock,
  use_queue,
  use_semaphore,
  use_channel,
};
static void (*const seldom[]) (Soak *soak) = {
  use_cancellable,
  use_sleep,
  use_scope,
  use_await,
  use_fd,
  use_thread,
  use_other_context,
};

/* --------------------------------------------------------------------- the process */

static void
go_through (gpointer user_data)
{
  Soak *soak = user_data;
  guint number = soak->n_started++;

  for (guint i = 0; i < G_N_ELEMENTS (uses); i++)
    uses[i](soak);
  for (guint i = 0; number % BATCH == 0 && i < G_N_ELEMENTS (seldom); i++)
    seldom[i](soak);
  soak->n_running--;
}

static void
note_freed (gpointer user_data)
{
  Soak *soak = user_data;

  soak->n_freed++;
}

static void
run_batch (Soak *soak)
{
  for (; soak->n_running < BATCH; soak->n_running++)
    g_assert_nonnull (gco_spawn (soak->t->ctx, go_through, soak, note_freed));
  while (soak->n_running > 0)
    {
      gco_test_drain (soak->t);
      if (!gco_queue_is_empty (&soak->queue))
        gco_queue_restart_all (&soak->queue);
      else if (soak->n_running > 0)
        gco_test_iterate_blocking (soak->t);
    }
}

static gsize
resident_bytes (void)
{
  g_autofree char *text = NULL;
  unsigned long    total = 0, resident = 0;

  g_assert_true (g_file_get_contents ("/proc/self/statm", &text, NULL, NULL));
  g_assert_cmpint (sscanf (text, "%lu %lu", &total, &resident), ==, 2);
  return resident * (gsize) sysconf (_SC_PAGESIZE);
}

static guint
entries_of (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  guint n = 0;

  g_assert_nonnull (dir);
  while (g_dir_read_name (dir) != NULL)
    n++;
  return n;
}

static void
begin (Soak    *soak,
       GcoTest *t)
{
  *soak = (Soak){ .t = t, .thread = gco_test_thread_new (t) };
  gco_semaphore_init (&soak->two, 2);
  gco_semaphore_init (&soak->none, 1);
  g_assert_true (gco_semaphore_tryacquire (&soak->none));
  soak->channel = gco_channel_new (2, NULL);
  soak->async_mutex = gco_async_mutex_new ();
  g_assert_no_errno (pipe (soak->pipe));
}

static void
end (Soak *soak)
{
  close (soak->pipe[0]);
  close (soak->pipe[1]);
  g_assert_finalize_object (soak->async_mutex);
  g_assert_finalize_object (soak->channel);
  gco_test_thread_stop (soak->thread);
}

static guint
how_many (void)
{
  const char *n = g_getenv ("GCO_SOAK");

  return n != NULL ? (guint) atoi (n) : gco_test_scale (MANY);
}

static void
test_memory (GcoTest *t)
{
  guint n = how_many ();
  gsize first = 0, last;
  Soak  soak;

  begin (&soak, t);
  while (soak.n_freed < n)
    {
      run_batch (&soak);
      if (first == 0 && soak.n_freed >= n / 10)
        first = resident_bytes ();
    }
  last = resident_bytes ();
  g_test_message ("%u coroutines: %" G_GSIZE_FORMAT " kB after a tenth, %" G_GSIZE_FORMAT
                  " kB after all",
                  soak.n_freed,
                  first / 1024,
                  last / 1024);
  if (!GCO_TEST_SANITIZED)
    g_assert_cmpuint (last, <=, first + first * PERCENT / 100);
  end (&soak);
}

/* Around all of the above, contexts and threads included. */
static guint n_fds, n_threads;

static void
test_rest (void)
{
  gint64 end_time = g_get_monotonic_time () + 20 * G_TIME_SPAN_SECOND;

  /* a thread of a pool is unused only when it has looked for more for a while */
  do
    {
      g_thread_pool_stop_unused_threads ();
      g_thread_yield ();
    }
  while (entries_of ("/proc/self/task") > n_threads && g_get_monotonic_time () < end_time);
  g_assert_cmpuint (entries_of ("/proc/self/task"), ==, n_threads);
  g_assert_cmpuint (entries_of ("/proc/self/fd"), ==, n_fds);
}

int
main (int   argc,
      char *argv[])
{
  gco_test_init (&argc, &argv);
  if (!g_file_test ("/proc/self/statm", G_FILE_TEST_EXISTS))
    {
      g_print ("1..0 # SKIP this system tells no process how large it is\n");
      return 0;
    }
  /* with its first GTask, GIO starts a thread that stays */
  g_object_unref (g_task_new (NULL, NULL, NULL, NULL));
  n_fds = entries_of ("/proc/self/fd");
  n_threads = entries_of ("/proc/self/task");
  gco_test_add_source ("/soak/memory", test_memory);
  /* in a folder: those outside of one run first */
  g_test_add_func ("/soak/rest/threads-and-fds", test_rest);
  return g_test_run ();
}
