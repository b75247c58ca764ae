/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What calls back: awaited, run as a coroutine, and as GLib has it. */

#include "bench-gio-work.h"

/* In a callback: counts one, and goes on with the next if there is one. */
static void
next (Work *work,
      void (*begin) (Work *work))
{
  work->count++;
  if (work->count + work->left <= work->total)
    begin (work);
  else
    work_end (work);
}

/* -------------------------------------------------------------------- bare GTask */

static void start_task (Work *work);

static void
task_done (GObject      *source_object,
           GAsyncResult *result,
           gpointer      user_data)
{
  if (g_task_propagate_boolean (G_TASK (result), NULL))
    next (user_data, start_task);
}

static void
start_task (Work *work)
{
  g_autoptr (GTask) task = g_task_new (NULL, NULL, task_done, work);

  g_task_return_boolean (task, TRUE);
}

double
gtask (unsigned n,
       unsigned size)
{
  Work work;

  work_init (&work, n, size);
  return work_run (&work, start_task);
}

static void
start_task_attached (Work *work)
{
  gco_aio_context_get_thread_default ();
  start_task (work);
}

/* What the loop takes for a context in which nothing happens. */
double
gtask_attached (unsigned n,
                unsigned size)
{
  Work work;

  work_init (&work, n, 1);
  return work_run (&work, start_task_attached);
}

/* ------------------------------------------------------------------------- await */

static void
await_body (gpointer user_data)
{
  Work    *work = user_data;
  GcoAwait await = GCO_AWAIT_INIT;

  work_begin (work);
  for (unsigned i = 0; i < work->each; i++)
    {
      g_autoptr (GTask) task = g_task_new (NULL, NULL, gco_await_ready, &await);
      g_autoptr (GAsyncResult) result = NULL;

      g_task_return_boolean (task, TRUE);
      result = gco_await (&await);
      work->count += g_task_propagate_boolean (G_TASK (result), NULL);
    }
  work_end (work);
}

double
gco_await_pending (unsigned n,
                   unsigned size)
{
  Work work;

  work_init (&work, n, 1);
  return work_run_coroutines (&work, await_body);
}

static void
await_ready_body (gpointer user_data)
{
  Work    *work = user_data;
  GcoAwait await = GCO_AWAIT_INIT;
  g_autoptr (GTask) task = g_task_new (NULL, NULL, NULL, NULL);

  work_begin (work);
  for (unsigned i = 0; i < work->each; i++)
    {
      g_autoptr (GAsyncResult) result = NULL;

      gco_await_ready (NULL, G_ASYNC_RESULT (task), &await);
      result = gco_await (&await);
      work->count += result != NULL;
    }
  work_end (work);
  g_task_return_boolean (task, TRUE);
}

double
gco_await_called (unsigned n,
                  unsigned size)
{
  Work work;

  work_init (&work, n, 1);
  return work_run_coroutines (&work, await_ready_body);
}

/* ------------------------------------------------------- tasks that run something */

static void start_gco_task (Work *work);

static void
gco_task_done (GObject      *source_object,
               GAsyncResult *result,
               gpointer      user_data)
{
  if (g_task_propagate_boolean (G_TASK (result), NULL))
    next (user_data, start_gco_task);
}

static void
return_true (GTask        *task,
             gpointer      source_object,
             gpointer      task_data,
             GCancellable *cancellable)
{
  g_task_return_boolean (task, TRUE);
}

static void
start_gco_task (Work *work)
{
  g_autoptr (GTask) task = gco_task_new (NULL, NULL, gco_task_done, work);

  gco_task_run (task, return_true);
}

double
gco_task (unsigned n,
          unsigned size)
{
  Work work;

  work_init (&work, n, 1);
  return work_run (&work, start_gco_task);
}

static void start_thread_task (Work *work);

static void
thread_task_done (GObject      *source_object,
                  GAsyncResult *result,
                  gpointer      user_data)
{
  if (g_task_propagate_boolean (G_TASK (result), NULL))
    next (user_data, start_thread_task);
}

static void
start_thread_task (Work *work)
{
  g_autoptr (GTask) task = g_task_new (NULL, NULL, thread_task_done, work);

  g_task_run_in_thread (task, return_true);
}

double
gtask_in_thread (unsigned n,
                 unsigned size)
{
  Work work;

  work_init (&work, n, 1);
  return work_run (&work, start_thread_task);
}
