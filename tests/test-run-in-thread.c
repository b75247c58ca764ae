/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Blocking work of coroutines. A gate holds the threads that run it, so that what
 * is queued behind them is known to be. */

#include "gco-test.h"

#define N_THREADS 16

/* Of all gates, so that TSan sees who comes after whom. */
static GMutex gate_lock;
static GCond  gate_cond;

typedef struct
{
  gboolean is_open;
  guint    n_inside; /* have come to the gate */
} Gate;

typedef struct
{
  GcoTest      *t;
  Gate         *gate;
  GCancellable *cancellable;
  GThread      *home;
  GError       *error;
  char          name;
  gboolean      fails;
  gboolean      ran;
  gboolean      result;
  gboolean      returned;
} Job;

static void
gate_init (Gate *gate)
{
  g_mutex_lock (&gate_lock);
  *gate = (Gate){ FALSE, 0 };
  g_mutex_unlock (&gate_lock);
}

static void
gate_pass (Gate *gate)
{
  g_mutex_lock (&gate_lock);
  gate->n_inside++;
  g_cond_broadcast (&gate_cond);
  while (!gate->is_open)
    g_cond_wait (&gate_cond, &gate_lock);
  g_mutex_unlock (&gate_lock);
}

static void
gate_await (Gate *gate,
            guint n)
{
  g_mutex_lock (&gate_lock);
  while (gate->n_inside < n)
    g_cond_wait (&gate_cond, &gate_lock);
  g_mutex_unlock (&gate_lock);
}

static void
gate_open (Gate *gate)
{
  g_mutex_lock (&gate_lock);
  gate->is_open = TRUE;
  g_cond_broadcast (&gate_cond);
  g_mutex_unlock (&gate_lock);
}

static gboolean
work (GCancellable *cancellable,
      gpointer      user_data,
      GError      **error)
{
  Job *job = user_data;

  g_assert_true (cancellable == job->cancellable);
  g_assert_true (g_thread_self () != job->home);
  g_assert_false (gco_in_coroutine ());
  job->ran = TRUE;
  if (job->gate != NULL)
    gate_pass (job->gate);
  if (job->fails)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_BUSY, "busy");
  return !job->fails;
}

static void
run (gpointer user_data)
{
  Job *job = user_data;

  job->home = g_thread_self ();
  job->result = gco_run_in_thread (work, job, job->cancellable, &job->error);
  g_assert_true (g_thread_self () == job->home);
  g_assert_true (job->result == (job->error == NULL));
  job->returned = TRUE;
  if (job->name != 0)
    gco_test_log (job->t, "%c", job->name);
}

static void
test_result (GcoTest *t)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  Job plain = { t };
  Job failing = { t, .fails = TRUE };
  Job with_cancellable = { t, .cancellable = cancellable };

  gco_test_run (t, run, &plain);
  g_assert_true (plain.ran && plain.result);
  gco_test_run (t, run, &failing);
  g_assert_error (failing.error, G_IO_ERROR, G_IO_ERROR_BUSY);
  g_clear_error (&failing.error);
  gco_test_run (t, run, &with_cancellable);
  g_assert_true (with_cancellable.result);
}

static void
run_without_error (gpointer user_data)
{
  Job *job = user_data;

  job->home = g_thread_self ();
  g_assert_false (gco_run_in_thread (work, job, NULL, NULL));
}

static void
test_error_not_asked_for (GcoTest *t)
{
  Job job = { t, .fails = TRUE };

  gco_test_run (t, run_without_error, &job);
  g_assert_true (job.ran);
}

/* The loop goes on while the thread is blocked. */
static void
test_others_go_on (GcoTest *t)
{
  Gate gate;
  Job  job = { t, &gate, .name = 'a' };

  gate_init (&gate);
  gco_test_spawn (t, run, &job);
  gco_test_drain (t);
  gate_await (&gate, 1);
  gco_test_drain (t);
  g_assert_false (job.returned);
  gate_open (&gate);
  gco_test_run_until (t, &job.returned);
  g_assert_true (job.result);
  gco_test_assert_log (t, "a");
}

/* ------------------------------------------------------------------- the pool */

static void
fill_pool (GcoTest *t,
           Gate    *gate,
           Job     *jobs)
{
  for (guint i = 0; i < N_THREADS; i++)
    {
      jobs[i] = (Job){ t, gate };
      gco_test_spawn (t, run, &jobs[i]);
    }
  gco_test_drain (t);
  gate_await (gate, N_THREADS);
}

static void
empty_pool (GcoTest *t,
            Gate    *gate,
            Job     *jobs)
{
  gate_open (gate);
  for (guint i = 0; i < N_THREADS; i++)
    {
      gco_test_run_until (t, &jobs[i].returned);
      g_assert_true (jobs[i].result);
    }
}

static void
return_at_once (GTask        *task,
                gpointer      source_object,
                gpointer      task_data,
                GCancellable *cancellable)
{
  g_task_return_boolean (task, TRUE);
}

static void
pass_gate (GTask        *task,
           gpointer      source_object,
           gpointer      task_data,
           GCancellable *cancellable)
{
  gate_pass (task_data);
  g_task_return_boolean (task, TRUE);
}

static void
test_gtask_is_not_starved (GcoTest *t)
{
  g_autoptr (GTask) task = g_task_new (NULL, NULL, NULL, NULL);
  Gate gate;
  Job  jobs[N_THREADS];

  gate_init (&gate);
  fill_pool (t, &gate, jobs);
  g_task_run_in_thread_sync (task, return_at_once);
  g_assert_true (g_task_propagate_boolean (task, NULL));
  empty_pool (t, &gate, jobs);
}

/* More than GTask has threads for, all of them at the gate or behind it. */
static void
test_gtask_does_not_starve (GcoTest *t)
{
  GTask *tasks[40];
  Gate   gate;
  Job    job = { t };

  gate_init (&gate);
  for (guint i = 0; i < G_N_ELEMENTS (tasks); i++)
    {
      tasks[i] = g_task_new (NULL, NULL, NULL, NULL);
      g_task_set_task_data (tasks[i], &gate, NULL);
      g_task_run_in_thread (tasks[i], pass_gate);
    }
  gate_await (&gate, 1);
  gco_test_run (t, run, &job);
  g_assert_true (job.result);
  gate_open (&gate);
  gate_await (&gate, G_N_ELEMENTS (tasks));
  for (guint i = 0; i < G_N_ELEMENTS (tasks); i++)
    {
      while (!g_task_get_completed (tasks[i]))
        g_main_context_iteration (t->main_context, TRUE);
      g_object_unref (tasks[i]);
    }
}

static void
test_many (GcoTest *t)
{
  enum
  {
    N = 100
  };
  Job *jobs = g_new0 (Job, N);

  for (guint i = 0; i < N; i++)
    {
      jobs[i].t = t;
      gco_test_spawn (t, run, &jobs[i]);
    }
  for (guint i = 0; i < N; i++)
    {
      gco_test_run_until (t, &jobs[i].returned);
      g_assert_true (jobs[i].result);
    }
  g_free (jobs);
}

/* --------------------------------------------------------------------- cancel */

static void
assert_cancelled (Job *job)
{
  g_assert_true (job->returned);
  g_assert_error (job->error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&job->error);
}

static void
test_cancel_queued (GcoTest *t)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  Gate gate;
  Job  jobs[N_THREADS];
  Job  job = { t, .cancellable = cancellable };

  gate_init (&gate);
  fill_pool (t, &gate, jobs);
  gco_test_spawn (t, run, &job);
  gco_test_drain (t);
  g_cancellable_cancel (cancellable);
  gco_test_drain (t);
  assert_cancelled (&job);
  /* the pool comes to it, and leaves it alone */
  empty_pool (t, &gate, jobs);
  job = (Job){ t };
  gco_test_run (t, run, &job);
  g_assert_true (job.result);
}

static void
test_cancel_before (GcoTest *t)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  Job job = { t, .cancellable = cancellable };

  g_cancellable_cancel (cancellable);
  gco_test_run (t, run, &job);
  assert_cancelled (&job);
}

/* What runs is waited for, and what it returns counts. */
static void
test_cancel_running (GcoTest *t)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  Gate gate;
  Job  job = { t, &gate, cancellable };

  gate_init (&gate);
  gco_test_spawn (t, run, &job);
  gco_test_drain (t);
  gate_await (&gate, 1);
  g_cancellable_cancel (cancellable);
  gco_test_drain (t);
  g_assert_false (job.returned);
  gate_open (&gate);
  gco_test_run_until (t, &job.returned);
  g_assert_true (job.result);
}

/* ------------------------------------------------------------------- shutdown */

static void
open_when_cancelled (GCancellable *cancellable,
                     Gate         *gate)
{
  gate_open (gate);
}

static void
test_shutdown_running (GcoTest *t)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  Gate gate;
  Job  job = { t, &gate, cancellable };

  gate_init (&gate);
  g_signal_connect (cancellable, "cancelled", G_CALLBACK (open_when_cancelled), &gate);
  gco_test_spawn (t, run, &job);
  gco_test_drain (t);
  gate_await (&gate, 1);
  gco_aio_context_shutdown (t->ctx);
  g_assert_true (job.returned);
  g_assert_true (job.result);
}

typedef struct
{
  Job     *jobs;
  gboolean all;
} Returned;

static void
look_if_returned (gpointer user_data)
{
  Returned *returned = user_data;

  returned->all = TRUE;
  for (guint i = 0; i < N_THREADS; i++)
    returned->all = returned->all && returned->jobs[i].returned;
}

static void
test_shutdown_queued (GcoTest *t)
{
  GcoTestThread *other = gco_test_thread_new (NULL);
  GcoTest        elsewhere = { .ctx = gco_test_thread_get_context (other) };
  Gate           gate;
  Job            jobs[N_THREADS];
  Job            job = { t };
  Returned       returned = { jobs, FALSE };

  gate_init (&gate);
  /* in a context that is not shut down */
  for (guint i = 0; i < N_THREADS; i++)
    {
      jobs[i] = (Job){ &elsewhere, &gate };
      gco_spawn (elsewhere.ctx, run, &jobs[i], NULL);
    }
  gate_await (&gate, N_THREADS);
  gco_test_spawn (t, run, &job);
  gco_test_drain (t);
  gco_aio_context_shutdown (t->ctx);
  assert_cancelled (&job);
  g_assert_false (job.ran);
  gate_open (&gate);
  do
    gco_test_thread_call (other, look_if_returned, &returned);
  while (!returned.all);
  gco_test_thread_stop (other);
}

static void
run_outside (void)
{
  gco_run_in_thread (work, NULL, NULL, NULL);
}

static gboolean
fail_silently (GCancellable *cancellable,
               gpointer      user_data,
               GError      **error)
{
  return FALSE;
}

static void
run_silent (gpointer unused)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (gco_run_in_thread (fail_silently, NULL, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_FAILED);
}

/* FALSE without an error is no reason to crash. */
static void
test_silent (GcoTest *t)
{
  gco_test_run (t, run_silent, NULL);
}

int
main (int    argc,
      char **argv)
{
  gco_test_init (&argc, &argv);
  gco_test_add ("/run-in-thread/silent", test_silent);
  gco_test_add ("/run-in-thread/result", test_result);
  gco_test_add ("/run-in-thread/error-not-asked-for", test_error_not_asked_for);
  gco_test_add ("/run-in-thread/others-go-on", test_others_go_on);
  gco_test_add ("/run-in-thread/gtask-is-not-starved", test_gtask_is_not_starved);
  gco_test_add_source ("/run-in-thread/gtask-does-not-starve", test_gtask_does_not_starve);
  gco_test_add ("/run-in-thread/many", test_many);
  gco_test_add ("/run-in-thread/cancel/queued", test_cancel_queued);
  gco_test_add ("/run-in-thread/cancel/before", test_cancel_before);
  gco_test_add ("/run-in-thread/cancel/running", test_cancel_running);
  gco_test_add ("/run-in-thread/shutdown/running", test_shutdown_running);
  gco_test_add ("/run-in-thread/shutdown/queued", test_shutdown_queued);
  gco_test_add_abort_plain ("/run-in-thread/outside",
                            run_outside,
                            "*libgco: gco_run_in_thread: not in a coroutine*");
  return g_test_run ();
}
