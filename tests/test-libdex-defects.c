/* SPDX-License-Identifier: LGPL-2.1-or-later */

#define _GNU_SOURCE
#include "gco-test-caller.h"
#include "gco-test-channel.h"
#include "gco-test-semaphore.h"

#include <link.h>

#define N_THREADS 4
#define N_WORK_ITEMS 2000

typedef struct
{
  GcoTest *t;
  guint    n_items;
  guint    runs[N_THREADS * N_WORK_ITEMS];
  guint    n_run;
  guint    n_destroyed;
} Work;

typedef struct
{
  Work *work;
  guint index;
} WorkItem;

typedef struct
{
  Work    *work;
  guint    first;
  GThread *thread;
} Worker;

static void
run_work_item (gpointer user_data)
{
  WorkItem *item = user_data;

  item->work->runs[item->index]++;
  item->work->n_run++;
}

static void
destroy_work_item (gpointer user_data)
{
  WorkItem *item = user_data;

  item->work->n_destroyed++;
  g_free (item);
}

static gpointer
push_work_items (gpointer user_data)
{
  Worker *worker = user_data;
  Work   *work = worker->work;

  for (guint i = 0; i < work->n_items; i++)
    {
      WorkItem *item = g_new (WorkItem, 1);

      *item = (WorkItem){ work, worker->first + i };
      gco_aio_context_schedule_oneshot (work->t->ctx,
                                        run_work_item,
                                        item,
                                        destroy_work_item);
    }
  return NULL;
}

static void
test_work_items_lost_or_run_twice (GcoTest *t)
{
  Work  *work = g_new0 (Work, 1);
  Worker workers[N_THREADS];
  guint  n_all;

  work->t = t;
  work->n_items = gco_test_scale (N_WORK_ITEMS);
  n_all = N_THREADS * work->n_items;
  for (guint i = 0; i < N_THREADS; i++)
    {
      workers[i] = (Worker){ work, i * work->n_items, NULL };
      workers[i].thread = g_thread_new ("worker", push_work_items, &workers[i]);
    }
  while (work->n_destroyed < n_all)
    gco_test_iterate_blocking (t);
  for (guint i = 0; i < N_THREADS; i++)
    g_thread_join (workers[i].thread);
  gco_test_drain (t);
  g_assert_cmpuint (work->n_run, ==, n_all);
  g_assert_cmpuint (work->n_destroyed, ==, n_all);
  for (guint i = 0; i < n_all; i++)
    g_assert_cmpuint (work->runs[i], ==, 1);
  g_free (work);
}

static void
check_receive_that_ended (GcoTest *t,
                          gboolean cancelled)
{
  g_autoptr (GcoClock) clock = gco_clock_new_manual ();
  Item       *items = items_new ();
  GcoChannel *channel = gco_channel_new (2, item_destroy);
  Actor      *a = actor_new (t, "A");

  a->clock = clock;
  a->deadline_ns = 10;
  actor_do (a, do_receive_until, channel);
  assert_waits (a);
  if (cancelled)
    g_cancellable_cancel (a->cancellable);
  else
    gco_clock_advance (clock, 10);
  gco_test_drain (t);
  if (cancelled)
    actor_assert_cancelled (a);
  else
    actor_assert_timed_out (a);
  g_assert_true (gco_channel_trysend (channel, &items[0]));
  g_assert_true (gco_channel_trysend (channel, &items[1]));
  g_assert_true (gco_channel_tryreceive (channel) == &items[0]);
  g_assert_true (gco_channel_tryreceive (channel) == &items[1]);
  actor_end (a);
  g_assert_finalize_object (channel);
}

static void
test_channel_receive_timed_out (GcoTest *t)
{
  check_receive_that_ended (t, FALSE);
}

static void
test_channel_receive_cancelled (GcoTest *t)
{
  check_receive_that_ended (t, TRUE);
}

typedef struct
{
  GcoSemaphore  semaphore;
  GCancellable *cancellable;
  gboolean      cleaned_up;
  guint         n_destroyed;
} Wait;

static void
clean_up (Wait **wait)
{
  (*wait)->cleaned_up = TRUE;
}

static void
wait_and_clean_up (gpointer user_data)
{
  __attribute__ ((cleanup (clean_up))) Wait *wait = user_data;
  g_autoptr (GError) error = NULL;

  g_assert_false (gco_semaphore_acquire_cancellable (&wait->semaphore,
                                                     wait->cancellable,
                                                     &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static void
destroy_wait (gpointer user_data)
{
  ((Wait *) user_data)->n_destroyed++;
}

static void
check_cancelled_coroutine (GcoTest *t,
                           Wait    *wait)
{
  wait->cancellable = g_cancellable_new ();
  gco_semaphore_init (&wait->semaphore, 1);
  g_assert_true (gco_semaphore_tryacquire (&wait->semaphore));
  g_assert_nonnull (gco_spawn (t->ctx, wait_and_clean_up, wait, destroy_wait));
  gco_test_drain (t);
  g_assert_false (wait->cleaned_up);
  g_assert_cmpuint (wait->n_destroyed, ==, 0);
  g_cancellable_cancel (wait->cancellable);
  gco_test_drain (t);
  g_assert_finalize_object (wait->cancellable);
}

static void
test_coroutine_leaks_when_it_waited (GcoTest *t)
{
  Wait wait = { 0 };

  check_cancelled_coroutine (t, &wait);
  g_assert_cmpuint (wait.n_destroyed, ==, 1);
}

static void
test_cancelled_coroutine_not_resumed (GcoTest *t)
{
  Wait wait = { 0 };

  check_cancelled_coroutine (t, &wait);
  g_assert_true (wait.cleaned_up);
}

static void
test_permit_lost_on_drop (GcoTest *t)
{
  GcoAsyncSemaphore *semaphore = gco_async_semaphore_new (1);
  GCancellable      *cancellable = g_cancellable_new ();
  Caller            *a = caller_new (t, "A");

  g_assert_true (gco_async_semaphore_tryacquire (semaphore));
  gco_async_semaphore_acquire_async (semaphore, cancellable, NULL, NULL);
  gco_async_semaphore_acquire_async (semaphore, NULL, caller_called, a);
  g_cancellable_cancel (cancellable);
  g_object_unref (cancellable);
  g_assert_true (gco_async_semaphore_release (semaphore, NULL));
  gco_test_drain (t);
  g_assert_true (gco_async_semaphore_acquire_finish (semaphore, a->result, &a->error));
  caller_end (a);
  g_assert_true (gco_async_semaphore_release (semaphore, NULL));
  g_assert_cmpuint (gco_async_semaphore_get_n_free (semaphore), ==, 1);
  g_assert_finalize_object (semaphore);
}

static void
release_semaphore (gpointer semaphore)
{
  gco_semaphore_release (semaphore);
}

static gboolean
lock_in_run_sync (GCancellable *cancellable,
                  gpointer      user_data,
                  GError      **error)
{
  gco_aio_context_schedule_oneshot (NULL, release_semaphore, user_data, NULL);
  return gco_semaphore_acquire_cancellable (user_data, cancellable, error);
}

static gpointer
lock_in_plain_thread (gpointer semaphore)
{
  g_autoptr (GError) error = NULL;
  gboolean locked = gco_run_sync (lock_in_run_sync, semaphore, NULL, &error);

  g_assert_no_error (error);
  g_assert_true (locked);
  return NULL;
}

static void
test_lock_from_plain_thread (void)
{
  GcoSemaphore semaphore;

  gco_semaphore_init (&semaphore, 1);
  g_assert_true (gco_semaphore_tryacquire (&semaphore));
  g_thread_join (g_thread_new ("plain", lock_in_plain_thread, &semaphore));
  g_assert_cmpuint (gco_semaphore_get_n_free (&semaphore), ==, 0);
  gco_semaphore_release (&semaphore);
}

typedef struct
{
  GcoTest *t;
  guint    n_running;
} Nest;

static void
pass_often (gpointer user_data)
{
  Nest *nest = user_data;

  for (int i = 0; i < 100; i++)
    gco_test_pass ();
  nest->n_running--;
}

static void
iterate_until_others_ended (gpointer user_data)
{
  Nest *nest = user_data;

  for (int i = 0; i < 10000 && nest->n_running > 0; i++)
    gco_test_iterate (nest->t);
}

static void
nest_loop (gpointer user_data)
{
  Nest *nest = user_data;

  gco_coroutine_call_outside (iterate_until_others_ended, nest);
  g_assert_cmpuint (nest->n_running, ==, 0);
}

static void
test_nested_loop_starves_others (GcoTest *t)
{
  Nest nest = { t, 3 };

  gco_test_spawn (t, pass_often, &nest);
  gco_test_spawn (t, pass_often, &nest);
  gco_test_iterate (t);
  gco_test_spawn (t, nest_loop, &nest);
  gco_test_spawn (t, pass_often, &nest);
  gco_test_drain (t);
  g_assert_cmpuint (nest.n_running, ==, 0);
}

#define N_TURNS 10
#define MAX_PASSES 1000000

typedef struct
{
  GSource *source;
  guint    n_turns;
  guint    n_passes;
} Busy;

static gboolean
take_turn (gpointer user_data)
{
  Busy *busy = user_data;

  busy->n_turns++;
  g_source_set_ready_time (busy->source, -1);
  return G_SOURCE_CONTINUE;
}

static gboolean
dispatch_turn (GSource    *source,
               GSourceFunc callback,
               gpointer    user_data)
{
  return callback (user_data);
}

static void
pass_all_the_time (gpointer user_data)
{
  Busy *busy = user_data;

  while (busy->n_turns < N_TURNS && busy->n_passes < MAX_PASSES)
    {
      busy->n_passes++;
      g_source_set_ready_time (busy->source, 0);
      gco_test_pass ();
    }
}

static void
check_turns_beside_yields (GcoTest *t,
                           int      ours,
                           int      theirs)
{
  static GSourceFuncs funcs = { NULL, NULL, dispatch_turn, NULL, NULL, NULL };
  Busy                busy = { g_source_new (&funcs, sizeof (GSource)), 0, 0 };

  g_source_set_priority (t->source, ours);
  g_source_set_priority (busy.source, theirs);
  g_source_set_callback (busy.source, take_turn, &busy, NULL);
  g_source_attach (busy.source, t->main_context);
  gco_test_run (t, pass_all_the_time, &busy);
  g_test_message ("%u passes", busy.n_passes);
  g_assert_cmpuint (busy.n_turns, >=, N_TURNS);
  g_source_destroy (busy.source);
  g_source_unref (busy.source);
}

static void
test_yielding_coroutine_starves_input (GcoTest *t)
{
  check_turns_beside_yields (t, G_PRIORITY_DEFAULT, G_PRIORITY_DEFAULT);
}

static void
test_yielding_coroutine_starves_redraws (GcoTest *t)
{
  check_turns_beside_yields (t, G_PRIORITY_DEFAULT, G_PRIORITY_HIGH_IDLE + 20);
}

static void
test_yielding_coroutine_below_starves_redraws (GcoTest *t)
{
  check_turns_beside_yields (t, G_PRIORITY_HIGH_IDLE + 30, G_PRIORITY_HIGH_IDLE + 20);
}

static int
check_stack_header (struct dl_phdr_info *info,
                    size_t               size,
                    void                *n_seen)
{
  if (info->dlpi_name[0] != '\0')
    return 0;
  for (int i = 0; i < info->dlpi_phnum; i++)
    if (info->dlpi_phdr[i].p_type == PT_GNU_STACK)
      {
        (*(int *) n_seen)++;
        g_assert_cmpuint (info->dlpi_phdr[i].p_flags & PF_X, ==, 0);
      }
  return 1;
}

static void
test_executable_stack_when_linked_statically (void)
{
  int n_seen = 0;

  dl_iterate_phdr (check_stack_header, &n_seen);
  g_assert_cmpint (n_seen, ==, 1);
}

static const struct
{
  const char *path;
  GcoTestFunc test;
  void (*add) (const char *path,
               GcoTestFunc func);
} defects[] = {
  { "work-items-lost-or-run-twice", test_work_items_lost_or_run_twice, gco_test_add },
  { "channel-receive-timed-out", test_channel_receive_timed_out, gco_test_add },
  { "channel-receive-cancelled", test_channel_receive_cancelled, gco_test_add },
  { "coroutine-leaks-when-it-waited", test_coroutine_leaks_when_it_waited, gco_test_add },
  { "cancelled-coroutine-not-resumed", test_cancelled_coroutine_not_resumed, gco_test_add },
  { "permit-lost-on-drop", test_permit_lost_on_drop, gco_test_add_source },
  { "nested-loop-starves-others", test_nested_loop_starves_others, gco_test_add },
  { "yielding-coroutine-starves-input",
    test_yielding_coroutine_starves_input,
    gco_test_add_source },
  { "yielding-coroutine-starves-redraws",
    test_yielding_coroutine_starves_redraws,
    gco_test_add_source },
  { "yielding-coroutine-below-starves-redraws",
    test_yielding_coroutine_below_starves_redraws,
    gco_test_add_source },
};

int
main (int   argc,
      char *argv[])
{
  gco_test_init (&argc, &argv);
  for (gsize i = 0; i < G_N_ELEMENTS (defects); i++)
    {
      char *path = g_strconcat ("/libdex-defects/", defects[i].path, NULL);

      defects[i].add (path, defects[i].test);
      g_free (path);
    }
  g_test_add_func ("/libdex-defects/lock-from-plain-thread", test_lock_from_plain_thread);
  g_test_add_func ("/libdex-defects/executable-stack-when-linked-statically",
                   test_executable_stack_when_linked_statically);
  return g_test_run ();
}
