/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A GTask whose body is a coroutine. */

#include "gco-task.h"

#include "../gco-coroutine.h"
#include "../gco-schedule.h"

#include "../gco-aio-context-private.h"

typedef struct
{
  GAsyncReadyCallback callback;
  GObject            *source_object;
  GAsyncResult       *result;
  gpointer            user_data;
} GcoTaskCall;

/* What the tasks made here call: not NULL. */
static G_DEFINE_QUARK (gco - task - callback, task_callback);

typedef struct
{
  GTask              *task;
  GAsyncReadyCallback callback; /* the same, for a task that returns in its body */
  GcoTaskFunc         func;
} GcoTaskRun;

static void
task_main (gpointer user_data)
{
  GcoTaskRun *run = user_data;

  run->func (run->task,
             g_task_get_source_object (run->task),
             g_task_get_task_data (run->task),
             g_task_get_cancellable (run->task));
}

static GAsyncReadyCallback
callback_of (gpointer task)
{
  return (GAsyncReadyCallback) g_object_get_qdata (task, task_callback_quark ());
}

/* Without a search, in the body of @task. */
static GAsyncReadyCallback
callback_of_here (gpointer task)
{
  GcoCoroutine *self = gco_coroutine_self ();
  GcoTaskRun   *run = self != NULL && self->func == task_main ? self->user_data : NULL;

  return run != NULL && (gpointer) run->task == task ? run->callback : callback_of (task);
}

static void
call_nothing (GObject      *source_object,
              GAsyncResult *result,
              gpointer      user_data)
{
}

static void
call (gpointer user_data)
{
  GcoTaskCall *args = user_data;

  args->callback (args->source_object, args->result, args->user_data);
}

/* GTask may call this from inside g_task_return_pointer(), in the coroutine. */
static void
on_ready (GObject      *source_object,
          GAsyncResult *result,
          gpointer      user_data)
{
  GcoTaskCall args = { callback_of_here (result), source_object, result, user_data };

  gco_coroutine_call_outside (call, &args);
}

/**
 * gco_task_new: (skip)
 * @source_object: (nullable) (type GObject): the object that owns the operation
 * @cancellable: (nullable): what may cancel it
 * @callback: (nullable) (scope async): called when the task is done
 * @user_data: data for @callback
 *
 * Makes a task like [ctor@Gio.Task.new], for [func@Gco.task_run]. Its @callback
 * never runs on the stack of a coroutine, even if the task returns there.
 *
 * Returns: (transfer full): a task
 *
 * Since: 1.0
 */
GTask *
gco_task_new (gpointer            source_object,
              GCancellable       *cancellable,
              GAsyncReadyCallback callback,
              gpointer            user_data)
{
  GTask *task =
      g_task_new (source_object, cancellable, callback != NULL ? on_ready : NULL, user_data);

  if (callback == NULL)
    callback = call_nothing;
  g_object_set_qdata (G_OBJECT (task), task_callback_quark (), (gpointer) callback);
  return task;
}

/* Outside of the coroutine: what goes with the task may be anybody's. */
static void
task_run_free (gpointer user_data)
{
  GcoTaskRun *run = user_data;

  g_object_unref (run->task);
  g_free (run);
}

/**
 * gco_task_run: (skip)
 * @task: a task made by [func@Gco.task_new]
 * @func: its body
 *
 * Runs @func in a coroutine, in the AioContext of the main context in which
 * @task was made; it starts in a later iteration of that. @func may wait, and
 * returns on @task once. The twin of [method@Gio.Task.run_in_thread]. Any
 * thread; never yields.
 *
 * If the coroutine is abandoned, because its context is shut down while it waits for
 * what nothing ends, @task never returns; see [method@Gco.AioContext.shutdown].
 *
 * When no stack can be had, @task returns `G_IO_ERROR_NO_SPACE`. A task that
 * [ctor@Gio.Task.new] made is a programming error: its callback could run on the
 * stack of the coroutine.
 *
 * Since: 1.0
 */
void
gco_task_run (GTask      *task,
              GcoTaskFunc func)
{
  g_autoptr (GcoAioContext) ctx = NULL;
  GError             *error = NULL;
  GAsyncReadyCallback callback;
  GcoTaskRun         *run;
  GcoCoroutine       *coroutine;

  g_return_if_fail (G_IS_TASK (task));
  g_return_if_fail (func != NULL);
  callback = callback_of (task);
  if (callback == NULL)
    {
      g_critical ("%s: the task was not made by gco_task_new()", G_STRFUNC);
      return;
    }

  run = g_new (GcoTaskRun, 1);
  *run = (GcoTaskRun){ g_object_ref (task), callback, func };
  coroutine = gco_coroutine_create_full (g_task_get_name (task),
                                         0,
                                         task_main,
                                         run,
                                         task_run_free,
                                         &error);
  if (coroutine == NULL)
    {
      task_run_free (run);
      g_task_return_error (task, error);
      return;
    }
  ctx = gco_aio_context_dup_for_main_context (g_task_get_context (task));
  gco_coroutine_schedule (coroutine, ctx);
}
