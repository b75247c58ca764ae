/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What programs do with libgco that may fail. */

#include "gco-config.h"
#include "gco-test-fault.h"
#include "gco-test.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

gboolean gco_test_fault_may_err;
guint    gco_test_fault_n_errors;

/* An error is all right where something was made to fail. */
static gboolean
accept_error (gboolean ok,
              GError **error)
{
  if (ok)
    {
      g_assert_no_error (*error);
      return TRUE;
    }
  g_assert_nonnull (*error);
  g_assert_cmpstr ((*error)->message, !=, "");
  if (!gco_test_fault_may_err)
    g_error ("without a fault: %s", (*error)->message);
  g_clear_error (error);
  gco_test_fault_n_errors++;
  return FALSE;
}

/* --------------------------------------------------------------- scenarios */

typedef struct
{
  GcoAioContext *ctx;
  GMainContext  *main_context; /* or NULL: by gco_aio_context_poll() */
  guint          n_done;
} Door;

static void
wait_for (Door *door,
          guint n_done)
{
  while (door->n_done < n_done)
    if (door->main_context != NULL)
      g_main_context_iteration (door->main_context, TRUE);
    else
      gco_aio_context_poll (door->ctx, TRUE);
}

static void
through_both_doors (void (*func) (Door *door))
{
  for (int i = 0; i < 2; i++)
    {
      Door     door = { .ctx = gco_aio_context_new () };
      GSource *source = NULL;

      if (i == 1)
        {
          door.main_context = g_main_context_new ();
          g_main_context_push_thread_default (door.main_context);
          source = gco_aio_context_dup_source (door.ctx);
          g_source_attach (source, door.main_context);
        }
      func (&door);
      if (i == 1)
        {
          g_source_destroy (source);
          g_source_unref (source);
          g_main_context_pop_thread_default (door.main_context);
          g_main_context_unref (door.main_context);
        }
      g_assert_finalize_object (door.ctx);
    }
}

static void
touch_and_yield (gpointer n_ended)
{
  char page[4096];

  memset (page, 1, sizeof page);
  gco_coroutine_yield ();
  g_assert_cmpint (page[sizeof page / 2], ==, 1);
  ++*(guint *) n_ended;
}

static void
use_stacks (gsize size,
            guint n)
{
  g_autofree GcoCoroutine **coroutines = g_new0 (GcoCoroutine *, n);
  guint                     n_made = 0;
  guint                     n_ended = 0;

  for (guint i = 0; i < n; i++)
    {
      GError *error = NULL;

      coroutines[n_made] =
          gco_coroutine_create_full ("stack", size, touch_and_yield, &n_ended, NULL, &error);
      if (accept_error (coroutines[n_made] != NULL, &error))
        gco_coroutine_enter (coroutines[n_made++]);
    }
  for (guint i = 0; i < n_made; i++)
    gco_coroutine_enter (coroutines[i]);
  g_assert_cmpuint (n_ended, ==, n_made);
}

static gpointer
use_stacks_of_all_sizes (gpointer unused)
{
  use_stacks (16 << 10, 17); /* 16 are guarded at once */
  use_stacks (32 << 20, 5);  /* two in a region */
  return NULL;
}

/* The thread gives them back when it ends. */
static void
stacks (void)
{
  g_thread_join (gco_test_fault_start_thread (use_stacks_of_all_sizes, NULL));
}

static void
done (gpointer door)
{
  ((Door *) door)->n_done++;
}

static void
wake_remotely (Door *door)
{
  gco_aio_context_schedule_oneshot (door->ctx, done, door, NULL);
}

static gpointer
wake_in_thread (gpointer user_data)
{
  wake_remotely (user_data);
  return NULL;
}

static void
use_context (Door *door)
{
  for (guint i = 1; i <= 2; i++)
    {
      GThread *thread = gco_test_fault_start_thread (wake_in_thread, door);

      wait_for (door, i);
      g_thread_join (thread);
    }
}

static void
context (void)
{
  through_both_doors (use_context);
}

static void
sleep_twice (gpointer user_data)
{
  gco_sleep_ns (NULL, 1000000);
  gco_sleep_ns (NULL, 2000000);
  done (user_data);
}

static void
use_timers (Door *door)
{
  gint64    now = g_get_monotonic_time () * 1000;
  GcoTimer *timer = gco_timer_new (door->ctx, NULL, done, door, NULL);
  guint     n = 1;

  gco_timer_mod_ns (timer, now + 1000000);
  n += gco_spawn (door->ctx, sleep_twice, door, NULL) != NULL;
  wait_for (door, n);
  gco_timer_mod_ns (timer, g_get_monotonic_time () * 1000 + 1000000);
  wait_for (door, n + 1);
  gco_timer_free (timer);
}

static void
timers (void)
{
  through_both_doors (use_timers);
}

static void
read_byte (int          fd,
           GIOCondition condition,
           gpointer     user_data)
{
  char byte;

  g_assert_cmpint (read (fd, &byte, 1), ==, 1);
  done (user_data);
}

static void
read_other_byte (int          fd,
                 GIOCondition condition,
                 gpointer     user_data)
{
  read_byte (fd, condition, user_data);
}

static void
use_handlers (Door *door)
{
  int fds[2];

  g_assert_no_errno (socketpair (AF_UNIX, SOCK_STREAM, 0, fds));
  gco_aio_context_set_fd_handler (door->ctx, fds[0], G_IO_IN, read_byte, door, NULL);
  g_assert_cmpint (write (fds[1], "x", 1), ==, 1);
  wait_for (door, 1);
  gco_aio_context_set_fd_handler (door->ctx, fds[0], G_IO_IN, read_other_byte, door, NULL);
  g_assert_cmpint (write (fds[1], "y", 1), ==, 1);
  wait_for (door, 2);
  gco_aio_context_set_fd_handler (door->ctx, fds[0], 0, NULL, NULL, NULL);
  close (fds[0]);
  close (fds[1]);
}

static void
handlers (void)
{
  through_both_doors (use_handlers);
}

typedef struct
{
  Door        *door;
  int          fd;
  GIOCondition condition;
} FdWait;

static void
wait_for_fd (gpointer user_data)
{
  FdWait      *wait = user_data;
  GError      *error = NULL;
  GIOCondition seen = gco_wait_fd (wait->fd, wait->condition, NULL, &error);

  if (accept_error (seen != 0, &error))
    g_assert_cmpint (seen, ==, wait->condition);
  done (wait->door);
}

/* The one that waits to write goes on first, and the others are armed again. */
static void
use_fd_waits (Door *door)
{
  int    fds[2];
  FdWait waits[3];
  guint  n = 0;

  g_assert_no_errno (socketpair (AF_UNIX, SOCK_STREAM, 0, fds));
  for (int i = 0; i < 3; i++)
    {
      waits[i] = (FdWait){ door, fds[0], i == 2 ? G_IO_OUT : G_IO_IN };
      n += gco_spawn (door->ctx, wait_for_fd, &waits[i], NULL) != NULL;
    }
  wait_for (door, MIN (n, 1));
  g_assert_cmpint (write (fds[1], "x", 1), ==, 1);
  wait_for (door, n);
  close (fds[0]);
  close (fds[1]);
}

static void
fd_waits (void)
{
  through_both_doors (use_fd_waits);
}

static gpointer
set_notifier (gpointer notifier)
{
  gco_event_notifier_set (notifier);
  return NULL;
}

static void
use_notifier (Door *door)
{
  GError           *error = NULL;
  GcoEventNotifier *notifier = gco_event_notifier_new (&error);

  if (!accept_error (notifier != NULL, &error))
    return;
  gco_aio_context_set_event_notifier (door->ctx, notifier, done, door, NULL);
  set_notifier (notifier);
  wait_for (door, 1);
  g_thread_join (gco_test_fault_start_thread (set_notifier, notifier));
  wait_for (door, 2);
  gco_aio_context_set_event_notifier (door->ctx, notifier, NULL, NULL, NULL);
  gco_event_notifier_free (notifier);
}

static void
notifiers (void)
{
  through_both_doors (use_notifier);
}

static gboolean
work (GCancellable *cancellable,
      gpointer      n_runs,
      GError      **error)
{
  ++*(guint *) n_runs;
  return TRUE;
}

static void
work_in_threads (gpointer user_data)
{
  for (int i = 0; i < 2; i++)
    {
      GError *error = NULL;
      guint   n_runs = 0;

      if (accept_error (gco_run_in_thread (work, &n_runs, NULL, &error), &error))
        g_assert_cmpuint (n_runs, ==, 1);
      else
        g_assert_cmpuint (n_runs, ==, 0);
    }
  done (user_data);
}

static void
use_threads (Door *door)
{
  guint n = 0;

  for (int i = 0; i < 3; i++)
    n += gco_spawn (door->ctx, work_in_threads, door, NULL) != NULL;
  wait_for (door, n);
}

/* A thread that has woken a coroutine may not have let go of its context yet. */
static void
threads (void)
{
  g_autoptr (GcoAioContext) ctx = gco_aio_context_new ();
  Door door = { .ctx = ctx };

  use_threads (&door);
}

static void
on_locked (GObject      *mutex,
           GAsyncResult *result,
           gpointer      user_data)
{
  GError *error = NULL;

  g_assert_true (gco_async_mutex_lock_finish (GCO_ASYNC_MUTEX (mutex), result, &error));
  g_assert_no_error (error);
  g_assert_true (gco_async_mutex_unlock (GCO_ASYNC_MUTEX (mutex), &error));
  done (user_data);
}

static void
lock_and_dump (gpointer mutex)
{
  FILE *stream = fopen ("/dev/null", "w");

  gco_mutex_lock (gco_async_mutex_get_mutex (mutex));
  gco_dump (stream);
  gco_mutex_unlock (gco_async_mutex_get_mutex (mutex));
  fclose (stream);
}

/* In contexts that are made on first use. */
static void
locks (void)
{
  GMainContext  *main_context = g_main_context_new ();
  GcoAsyncMutex *mutex = gco_async_mutex_new ();
  Door           door = { .main_context = main_context };

  g_main_context_push_thread_default (main_context);
  g_assert_true (gco_async_mutex_trylock (mutex));
  for (int i = 0; i < 2; i++)
    gco_async_mutex_lock_async (mutex, NULL, on_locked, &door);
  gco_spawn (NULL, lock_and_dump, mutex, NULL);
  while (g_main_context_iteration (main_context, FALSE))
    ;
  g_assert_true (gco_async_mutex_unlock (mutex, NULL));
  wait_for (&door, 2);
  while (g_main_context_iteration (main_context, FALSE))
    ;
  g_object_unref (mutex);
  g_main_context_pop_thread_default (main_context);
  g_main_context_unref (main_context);
}

static gboolean
sleep_and_run (GCancellable *cancellable,
               gpointer      n_runs,
               GError      **error)
{
  gco_sleep_ns (NULL, 1000000);
  return work (cancellable, n_runs, error);
}

static void
run_sync (void)
{
  GError *error = NULL;
  guint   n_runs = 0;

  if (accept_error (gco_run_sync (sleep_and_run, &n_runs, NULL, &error), &error))
    g_assert_cmpuint (n_runs, ==, 1);
}

#define POLLS (GCO_LOOP_EPOLL ? GCO_FAULT_EPOLL_CTL : GCO_FAULT_POLL)

const GcoFaultScenario gco_test_fault_scenarios[] = {
  { "stacks", stacks, FALSE, GCO_FAULT_MMAP },
  { "stacks-old-kernel", stacks, TRUE, GCO_FAULT_MPROTECT },
  { "context", context, FALSE, GCO_FAULT_WRITE },
  { "timers", timers, FALSE, GCO_FAULT_MMAP },
  { "handlers", handlers, FALSE, POLLS },
  { "fd-waits", fd_waits, FALSE, GCO_FAULT_MMAP },
  { "notifiers", notifiers, FALSE, GCO_FAULT_READ },
  { "threads", threads, FALSE, GCO_FAULT_PTHREAD_CREATE },
  { "locks", locks, FALSE, GCO_FAULT_MMAP },
  { "run-sync", run_sync, FALSE, GCO_FAULT_MMAP },
  { NULL },
};
