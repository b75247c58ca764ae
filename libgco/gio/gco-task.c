/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A GTask whose body is a coroutine. */

#include "gco-task.h"

#include "../gco-aio-context-private.h"

/* What a task made here has with it. */
typedef struct
{
  GTask              *task;     /* (immutable) */
  GAsyncReadyCallback callback; /* (immutable) or NULL */
  GcoTaskFunc         func;     /* NULL: not run yet */

  /* In the main context of @task */
  gboolean called; /* the callback was, or is being */
  gboolean failed; /* its coroutine was abandoned, and that returned */

  GcoAioContext *awaited_in; /* (atomic) whose shutdown waits for the callback; or NULL */
} GcoTaskBody;

typedef struct
{
  GcoTaskBody  *body;
  GObject      *source_object;
  GAsyncResult *result;
  gpointer      user_data;
} GcoTaskCall;

static G_DEFINE_QUARK (gco_task_body, task_body);

static void
task_main (gpointer user_data)
{
  GcoTaskBody *body = user_data;
  GTask       *task = body->task;

  body->func (task,
              g_task_get_source_object (task),
              g_task_get_task_data (task),
              g_task_get_cancellable (task));
}

static GcoTaskBody *
body_of (gpointer task)
{
  return g_object_get_qdata (task, task_body_quark ());
}

/* Without a search, if it is that of the running coroutine. */
static GcoTaskBody *
body_of_here (gpointer task)
{
  GcoCoroutine *self = gco_coroutine_self ();
  GcoTaskBody  *body = self != NULL && self->func == task_main ? self->user_data : NULL;

  return body != NULL && (gpointer) body->task == task ? body : body_of (task);
}

static void
end_awaited (GcoTaskBody *body)
{
  GcoAioContext *ctx = NULL;

  /* pairs with task_abandoned() */
  if (gco_load_relaxed (&body->awaited_in) != NULL)
    ctx = gco_exchange (&body->awaited_in, NULL);
  if (ctx == NULL)
    return;
  gco_fetch_sub (&ctx->n_awaited, 1);
  g_object_unref (ctx);
}

static void
call (gpointer user_data)
{
  GcoTaskCall *args = user_data;

  /* Before it: a shutdown in there would wait for itself. */
  end_awaited (args->body);
  args->body->callback (args->source_object, args->result, args->user_data);
}

/* GTask may call this from inside g_task_return_pointer(), in the coroutine. */
static void
on_ready (GObject      *source_object,
          GAsyncResult *result,
          gpointer      user_data)
{
  GcoTaskBody *body = body_of_here (result);
  GcoTaskCall  args = { body, source_object, result, user_data };

  body->called = TRUE;
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
 * never runs on the stack of a coroutine, even if the task returns there. Any thread;
 * never yields.
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
  GcoTaskBody *body = g_new (GcoTaskBody, 1);

  *body = (GcoTaskBody){ .task = task, .callback = callback };
  g_object_set_qdata_full ((GObject *) task, task_body_quark (), body, g_free);
  return task;
}

/* Outside of the coroutine: what goes with the task may be anybody's. */
static void
task_ended (gpointer user_data)
{
  g_object_unref (((GcoTaskBody *) user_data)->task);
}

/* ---------------------------------------------------------------- abandoned */

static gboolean
is_over (GcoTaskBody *body)
{
  return body->called || g_task_get_completed (body->task);
}

/* In the main context of @task, behind what its body may have returned before. */
static gboolean
return_abandoned (gpointer task)
{
  GcoTaskBody *body = body_of (task);

  if (!is_over (body) && !body->failed)
    {
      body->failed = TRUE;
      g_task_return_new_error (task,
                               G_IO_ERROR,
                               G_IO_ERROR_CANCELLED,
                               "The coroutine of a task was abandoned when its context was"
                               " shut down");
    }
  /* A GTask does not call back in the iteration in which it was made. */
  if (!is_over (body))
    return G_SOURCE_CONTINUE;
  end_awaited (body);
  return G_SOURCE_REMOVE;
}

/* Whether the body has returned, and that is still on its way, a GTask does not tell. */
static void
task_abandoned (gpointer user_data)
{
  GcoTaskBody *body = user_data;
  g_autoptr (GTask) task = body->task;
  g_autoptr (GSource) source = g_idle_source_new ();
  GcoAioContext *ctx = gco_aio_context_dup_for_main_context (g_task_get_context (task));

  /* Pairs with end_awaited(). There may be no iteration after the shutdown of that one, be it
   * this or a later one. */
  gco_fetch_add (&ctx->n_awaited, 1);
  gco_store_release (&body->awaited_in, ctx);
  g_task_attach_source (task, source, return_abandoned);
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
 * what nothing ends, @task returns `G_IO_ERROR_CANCELLED` unless @func has returned on
 * it before; see [method@Gco.AioContext.shutdown]. When no stack can be had, it returns
 * `G_IO_ERROR_NO_SPACE`.
 *
 * A task that [ctor@Gio.Task.new] made is a programming error: its callback could run on
 * the stack of the coroutine. So is one that was run before.
 *
 * Since: 1.0
 */
void
gco_task_run (GTask      *task,
              GcoTaskFunc func)
{
  g_autoptr (GcoAioContext) found = NULL;
  GError        *error = NULL;
  GMainContext  *main_context;
  GcoAioContext *ctx;
  GcoTaskBody   *body;
  GcoCoroutine  *coroutine;

  g_return_if_fail (G_IS_TASK (task));
  g_return_if_fail (func != NULL);
  body = body_of (task);
  if (body == NULL || body->func != NULL)
    {
      g_critical ("%s: the task %s",
                  G_STRFUNC,
                  body == NULL ? "was not made by gco_task_new()" : "was run before");
      return;
    }

  body->func = func;
  coroutine =
      gco_coroutine_create_full (g_task_get_name (task), 0, task_main, body, task_ended, &error);
  if (coroutine == NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  g_object_ref (task);
  coroutine->abandoned = task_abandoned;
  main_context = g_task_get_context (task);
  ctx = gco_aio_context_peek_for_main_context (main_context);
  if (ctx == NULL)
    ctx = found = gco_aio_context_dup_for_main_context (main_context);
  gco_coroutine_schedule_new (coroutine, ctx, "gco_task_run");
}
