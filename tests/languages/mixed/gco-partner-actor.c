/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "gco-partner-actor.h"

#include "gco-partner.h"

/**
 * GcoPartnerActor:
 *
 * An object whose operations are coroutines.
 */
struct _GcoPartnerActor
{
  GObject parent_instance;

  GcoQueue nobody_comes;
};

G_DEFINE_FINAL_TYPE (GcoPartnerActor, gco_partner_actor, G_TYPE_OBJECT)

static guint told;

static void
gco_partner_actor_class_init (GcoPartnerActorClass *klass)
{
  /**
   * GcoPartnerActor::told:
   * @self: the actor
   * @what: what it was told
   *
   * Emitted by gco_partner_actor_tell_async().
   */
  told = g_signal_new ("told",
                       GCO_PARTNER_TYPE_ACTOR,
                       G_SIGNAL_RUN_LAST,
                       0,
                       NULL,
                       NULL,
                       NULL,
                       G_TYPE_NONE,
                       1,
                       G_TYPE_STRING);
}

static void
gco_partner_actor_init (GcoPartnerActor *self)
{
}

/**
 * gco_partner_actor_new:
 *
 * Returns: (transfer full): an actor
 */
GcoPartnerActor *
gco_partner_actor_new (void)
{
  return g_object_new (GCO_PARTNER_TYPE_ACTOR, NULL);
}

static void gco_coroutine_fn
pass (void)
{
  gco_coroutine_reschedule ();
}

/* ------------------------------------------------------------------------- signals */

static void
emit_outside (gpointer user_data)
{
  g_signal_emit (user_data, told, 0, "outside");
}

static void gco_coroutine_fn
tell (GTask        *task,
      gpointer      source_object,
      gpointer      task_data,
      GCancellable *cancellable)
{
  gco_partner_count_coroutine (1);
  pass ();
  if (GPOINTER_TO_INT (task_data))
    gco_coroutine_call_outside (emit_outside, source_object);
  else
    g_signal_emit (source_object, told, 0, "inside");
  pass ();
  gco_partner_count_coroutine (-1);
  g_task_return_boolean (task, TRUE);
}

/**
 * gco_partner_actor_tell_async:
 * @self: an actor
 * @outside: whether through gco_coroutine_call_outside()
 * @cancellable: (nullable): not heeded
 * @callback: (scope async) (closure user_data): called when that is over
 * @user_data: data for @callback
 *
 * Emits "told" from a coroutine.
 */
void
gco_partner_actor_tell_async (GcoPartnerActor    *self,
                              gboolean            outside,
                              GCancellable       *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer            user_data)
{
  g_autoptr (GTask) task = gco_task_new (self, cancellable, callback, user_data);

  g_task_set_task_data (task, GINT_TO_POINTER (outside), NULL);
  gco_task_run (task, tell);
}

/**
 * gco_partner_actor_tell_finish:
 * @self: an actor
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Returns: TRUE
 */
gboolean
gco_partner_actor_tell_finish (GcoPartnerActor *self,
                               GAsyncResult    *result,
                               GError         **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

/* ------------------------------------------------------------- an ordinary operation */

static void gco_coroutine_fn
fetch (GTask        *task,
       gpointer      source_object,
       gpointer      task_data,
       GCancellable *cancellable)
{
  GcoPartnerActor *self = source_object;
  const char      *key = task_data;
  GError          *error = NULL;

  gco_partner_count_coroutine (1);
  pass ();
  if (g_str_equal (key, "never"))
    gco_queue_wait_cancellable (&self->nobody_comes, NULL, cancellable, &error);
  else if (g_str_equal (key, "fail"))
    g_set_error (&error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "There is no %s", key);
  gco_partner_count_coroutine (-1);
  if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_pointer (task, g_strdup_printf ("hello %s", key), g_free);
}

/**
 * gco_partner_actor_fetch_async:
 * @self: an actor
 * @key: what to fetch; "fail" is not there, and "never" does not come
 * @cancellable: (nullable): what may end it
 * @callback: (scope async) (closure user_data): called when it is there
 * @user_data: data for @callback
 *
 * Fetches something, in a coroutine.
 */
void
gco_partner_actor_fetch_async (GcoPartnerActor    *self,
                               const char         *key,
                               GCancellable       *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer            user_data)
{
  g_autoptr (GTask) task = gco_task_new (self, cancellable, callback, user_data);

  g_task_set_task_data (task, g_strdup (key), g_free);
  gco_task_run (task, fetch);
}

/**
 * gco_partner_actor_fetch_finish:
 * @self: an actor
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Returns: (transfer full) (nullable): what was fetched
 */
char *
gco_partner_actor_fetch_finish (GcoPartnerActor *self,
                                GAsyncResult    *result,
                                GError         **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

/* ---------------------------------------------- what a library must not do: call inside */

typedef struct
{
  GcoFunc        func;
  gpointer       user_data;
  GDestroyNotify destroy;
} Call;

static void
call_free (gpointer data)
{
  Call *call = data;

  if (call->destroy != NULL)
    call->destroy (call->user_data);
  g_free (call);
}

static void gco_coroutine_fn
call_inside (GTask        *task,
             gpointer      source_object,
             gpointer      task_data,
             GCancellable *cancellable)
{
  Call *call = task_data;

  gco_partner_count_coroutine (1);
  call->func (call->user_data);
  pass ();
  gco_partner_count_coroutine (-1);
  g_task_return_boolean (task, TRUE);
}

/**
 * gco_partner_actor_call_inside_async:
 * @self: an actor
 * @func: (scope notified) (closure func_data) (destroy func_destroy): a function
 * @func_data: data for @func
 * @func_destroy: (nullable): frees @func_data
 * @cancellable: (nullable): not heeded
 * @callback: (scope async) (closure user_data): called when that is over
 * @user_data: data for @callback
 *
 * Calls @func on the stack of a coroutine.
 */
void
gco_partner_actor_call_inside_async (GcoPartnerActor    *self,
                                     GcoFunc             func,
                                     gpointer            func_data,
                                     GDestroyNotify      func_destroy,
                                     GCancellable       *cancellable,
                                     GAsyncReadyCallback callback,
                                     gpointer            user_data)
{
  g_autoptr (GTask) task = gco_task_new (self, cancellable, callback, user_data);
  Call *call = g_new (Call, 1);

  *call = (Call){ func, func_data, func_destroy };
  g_task_set_task_data (task, call, call_free);
  gco_task_run (task, call_inside);
}

/**
 * gco_partner_actor_call_inside_finish:
 * @self: an actor
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Returns: TRUE
 */
gboolean
gco_partner_actor_call_inside_finish (GcoPartnerActor *self,
                                      GAsyncResult    *result,
                                      GError         **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

/**
 * gco_partner_is_inside:
 *
 * Returns: whether the caller runs on the stack of a coroutine
 */
gboolean
gco_partner_is_inside (void)
{
  return gco_in_coroutine ();
}

/**
 * gco_partner_yield_here:
 *
 * Suspends the coroutine on whose stack the caller runs.
 */
void
gco_partner_yield_here (void)
{
  pass ();
}
