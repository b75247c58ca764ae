/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Structured concurrency: the owner's view of a GcoScopeState. */

#include "gco-scope.h"

#include "../gco-fatal-private.h"
#include "gco-async-call-private.h"
#include "gco-scope-private.h"

/**
 * GcoScope:
 *
 * Coroutines that belong together and end together: the first that fails cancels
 * the others, and who joins the scope goes on when all have ended. To cancel a
 * scope, by hand, by a deadline or with an object that it is bound to, ends every
 * wait of its coroutines that can fail, so that they unwind.
 *
 * A wait in a child needs no cancellable for that; what is awaited from GIO does: the one
 * that the child is given. Another that it gives to calls of GIO or to
 * [func@Gco.run_in_thread] is left alone: they get one of their own, cancelled by that
 * or the scope. What [method@Gco.Await.init] is given, the scope itself cancels.
 *
 * When the last reference to a scope goes while coroutines of it run, it is cancelled.
 *
 * Since: 1.0
 */
struct _GcoScope
{
  GObject parent_instance;

  GcoScopeState *state;          /* (immutable) */
  GCancellable  *parent;         /* (immutable) or NULL */
  gulong         parent_handler; /* (immutable) */
  GMutex         lock;
  GcoTimer      *deadline; /* (lock) or NULL */
  GSList        *bonds;    /* (lock) GcoScopeBond */
};

G_DEFINE_FINAL_TYPE (GcoScope, gco_scope, G_TYPE_OBJECT)

/* An object that takes the scope with it. */
typedef struct
{
  GcoScopeState *state;   /* (immutable) */
  GClosure      *closure; /* (immutable) that the object watches; frees the bond */
  guint          is_off;  /* (atomic) the scope went first */
} GcoScopeBond;

static void
bond_broken (gpointer  data,
             GClosure *closure)
{
  GcoScopeBond *bond = data;

  if (!gco_load_relaxed (&bond->is_off))
    gco_scope_state_cancel (bond->state, G_IO_ERROR_CANCELLED);
}

static void
bond_free (gpointer  data,
           GClosure *closure)
{
  GcoScopeBond *bond = data;

  gco_scope_state_unref (bond->state);
  g_free (bond);
}

static void
bond_end (gpointer data)
{
  GcoScopeBond *bond = data;

  gco_store_relaxed (&bond->is_off, TRUE);
  g_closure_invalidate (bond->closure);
  g_closure_unref (bond->closure);
}

static gboolean
has_children (GcoScopeState *state)
{
  gboolean any;

  g_mutex_lock (&state->lock);
  any = state->children.length > 0;
  g_mutex_unlock (&state->lock);
  return any;
}

/* Outside of coroutines. */
static void
clear (gpointer user_data)
{
  GcoScope *self = user_data;

  if (has_children (self->state))
    gco_scope_state_cancel (self->state, G_IO_ERROR_CANCELLED);
  g_slist_free_full (g_steal_pointer (&self->bonds), bond_end);
  if (self->deadline != NULL)
    gco_timer_free (self->deadline);
  if (self->parent != NULL)
    {
      g_signal_handler_disconnect (self->parent, self->parent_handler);
      g_object_unref (self->parent);
    }
  gco_scope_state_unref (self->state);
}

static void
gco_scope_finalize (GObject *object)
{
  GcoScope *self = GCO_SCOPE (object);

  gco_coroutine_call_outside (clear, self);
  g_mutex_clear (&self->lock);
  G_OBJECT_CLASS (gco_scope_parent_class)->finalize (object);
}

static void
gco_scope_class_init (GcoScopeClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = gco_scope_finalize;
}

static void
gco_scope_init (GcoScope *self)
{
  g_mutex_init (&self->lock);
  self->state = gco_scope_state_new ();
}

static void
parent_cancelled (GCancellable  *parent,
                  GcoScopeState *state)
{
  gco_scope_state_cancel (state, G_IO_ERROR_CANCELLED);
}

static void
unref_closure (gpointer  data,
               GClosure *closure)
{
  gco_scope_state_unref (data);
}

/**
 * gco_scope_new:
 * @parent: (nullable): what cancels the scope, or NULL
 *
 * Makes a scope with no coroutines. Any thread.
 *
 * Returns: (transfer full): a scope
 *
 * Since: 1.0
 */
GcoScope *
gco_scope_new (GCancellable *parent)
{
  GcoScope *self;

  g_return_val_if_fail (parent == NULL || G_IS_CANCELLABLE (parent), NULL);

  self = g_object_new (GCO_TYPE_SCOPE, NULL);
  if (parent == NULL)
    return self;
  self->parent = g_object_ref (parent);
  self->parent_handler = g_signal_connect_data (parent,
                                                "cancelled",
                                                G_CALLBACK (parent_cancelled),
                                                gco_scope_state_ref (self->state),
                                                unref_closure,
                                                0);
  if (g_cancellable_is_cancelled (parent))
    gco_scope_cancel (self);
  return self;
}

/**
 * gco_scope_spawn: (skip)
 * @self: a scope
 * @func: the body
 * @user_data: data for @func
 * @destroy: (nullable): frees @user_data when the coroutine has ended, in its
 *   home thread and outside of coroutines
 *
 * Runs @func in a coroutine of the context at hand. If it fails and no other did
 * before, the others are cancelled, and [method@Gco.Scope.join] returns its error;
 * that no stack can be had is such a failure, too. In a scope that is cancelled
 * already @func runs until its first wait that can fail. Any thread; never yields.
 *
 * Since: 1.0
 */
void
gco_scope_spawn (GcoScope      *self,
                 GcoRunFunc     func,
                 gpointer       user_data,
                 GDestroyNotify destroy)
{
  gco_scope_spawn_full (self, NULL, NULL, 0, func, user_data, destroy);
}

/**
 * gco_scope_spawn_full: (skip)
 * @self: a scope
 * @ctx: (nullable): a context, or NULL for the one at hand
 * @name: (nullable): a name for messages and debuggers; copied
 * @stack_size: size of the stack in bytes, or 0 for 1 MiB
 * @func: the body
 * @user_data: data for @func
 * @destroy: (nullable): frees @user_data when the coroutine has ended, in its
 *   home thread and outside of coroutines
 *
 * Like [method@Gco.Scope.spawn], with everything to choose. Any thread; never
 * yields.
 *
 * Since: 1.0
 */
void
gco_scope_spawn_full (GcoScope      *self,
                      GcoAioContext *ctx,
                      const char    *name,
                      gsize          stack_size,
                      GcoRunFunc     func,
                      gpointer       user_data,
                      GDestroyNotify destroy)
{
  GcoScopeChild what = { .func = func, .user_data = user_data, .destroy = destroy };

  g_return_if_fail (GCO_IS_SCOPE (self));
  g_return_if_fail (ctx == NULL || GCO_IS_AIO_CONTEXT (ctx));
  g_return_if_fail (func != NULL);

  gco_scope_state_spawn (self->state, &what, ctx, name, stack_size);
}

/**
 * gco_scope_join: (skip)
 * @self: a scope
 * @error: return location for an error
 *
 * Waits until all coroutines of @self have ended and their user data is freed.
 * This wait always takes until then: cancelled itself, because the running
 * coroutine belongs to a scope that is cancelled or its context is shut down, it
 * cancels @self. One that is abandoned, because its context is shut down, has failed
 * with `G_IO_ERROR_CANCELLED`. Coroutine only, and none of @self; may yield.
 *
 * Returns: TRUE if all succeeded; FALSE with the error of the first that did not, or
 *   with `G_IO_ERROR_CANCELLED` or `G_IO_ERROR_TIMED_OUT` if @self was cancelled
 *
 * Since: 1.0
 */
gboolean
gco_scope_join (GcoScope *self,
                GError  **error)
{
  GcoScopeState *state;
  GcoWaiter      waiter;
  gboolean       ok;

  g_return_val_if_fail (GCO_IS_SCOPE (self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  state = gco_scope_state_ref (self->state);
  gco_waiter_init (&waiter, &gco_scope_joiner, state, "gco_scope_join");
  if (G_UNLIKELY (waiter.coroutine->cancelled == &state->cancelled))
    gco_fatal ("gco_scope_join: coroutine %s would wait for itself, a part of GcoScope %p",
               gco_coroutine_describe (waiter.coroutine),
               (gpointer) self);
  if (gco_waiter_is_doomed (waiter.coroutine))
    gco_scope_state_cancel (state, G_IO_ERROR_CANCELLED);
  if (!gco_scope_state_join_or_enqueue (state, &waiter))
    gco_waiter_park (&waiter, &gco_wait_no_limits, NULL);
  ok = gco_scope_state_get_outcome (state, error);
  gco_scope_state_let_go (state);
  return ok;
}

static void
give_outcome (GTask     *task,
              GcoWaiter *waiter)
{
  GError *error = NULL;

  if (gco_scope_state_get_outcome (waiter->lock, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

/**
 * gco_scope_join_async:
 * @self: a scope
 * @cancellable: (nullable): what may end the wait, but not the coroutines
 * @callback: (scope async) (closure user_data): called when the wait is over
 * @user_data: data for @callback
 *
 * Waits until all coroutines of @self have ended. @callback is called by the
 * thread-default main context of the caller. Any thread; never yields.
 *
 * Since: 1.0
 */
void
gco_scope_join_async (GcoScope           *self,
                      GCancellable       *cancellable,
                      GAsyncReadyCallback callback,
                      gpointer            user_data)
{
  GcoAsyncCall *call;
  GTask        *task;

  g_return_if_fail (GCO_IS_SCOPE (self));
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  task = gco_async_call_task_new (self, callback, user_data, gco_scope_join_async);
  call = gco_async_call_new (&gco_scope_joiner, self->state, task, cancellable, give_outcome);
  if (call != NULL)
    gco_async_call_submit (call, gco_scope_state_join_or_enqueue);
}

/**
 * gco_scope_join_finish:
 * @self: a scope
 * @result: what the callback was given
 * @error: return location for an error
 *
 * How [method@Gco.Scope.join_async] ended.
 *
 * Returns: TRUE if all coroutines succeeded; FALSE with the error of the first
 *   that did not, or with `G_IO_ERROR_CANCELLED` or `G_IO_ERROR_TIMED_OUT`
 *
 * Since: 1.0
 */
gboolean
gco_scope_join_finish (GcoScope     *self,
                       GAsyncResult *result,
                       GError      **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

/**
 * gco_scope_cancel:
 * @self: a scope
 *
 * Ends every wait of the coroutines of @self that can fail, those that begin
 * later as well, and cancels [method@Gco.Scope.get_cancellable]. Any thread, in a
 * coroutine or not; never yields.
 *
 * Since: 1.0
 */
void
gco_scope_cancel (GcoScope *self)
{
  g_return_if_fail (GCO_IS_SCOPE (self));

  gco_scope_state_cancel (self->state, G_IO_ERROR_CANCELLED);
}

static void
on_deadline (gpointer user_data)
{
  gco_scope_state_cancel (user_data, G_IO_ERROR_TIMED_OUT);
}

/**
 * gco_scope_set_deadline:
 * @self: a scope
 * @clock: (nullable): a clock, or NULL for the monotonic one
 * @deadline_ns: when @self is to be cancelled, in nanoseconds of @clock;
 *   `G_MAXINT64` for never
 *
 * Sets the deadline of @self, in the place of an earlier one: it is cancelled then,
 * and [method@Gco.Scope.join] returns `G_IO_ERROR_TIMED_OUT`, unless all coroutines of
 * @self had ended before, and none was spawned since: then neither this nor a later
 * cancel changes that. The timer is of the context at hand. Any thread; never yields.
 *
 * Since: 1.0
 */
void
gco_scope_set_deadline (GcoScope *self,
                        GcoClock *clock,
                        gint64    deadline_ns)
{
  GcoTimer *timer = NULL;
  GcoTimer *old;

  g_return_if_fail (GCO_IS_SCOPE (self));
  g_return_if_fail (clock == NULL || GCO_IS_CLOCK (clock));

  if (deadline_ns != G_MAXINT64)
    {
      timer = gco_timer_new (NULL,
                             clock,
                             on_deadline,
                             gco_scope_state_ref (self->state),
                             gco_scope_state_unref);
      gco_timer_mod_ns (timer, MAX (deadline_ns, 0));
    }
  g_mutex_lock (&self->lock);
  old = self->deadline;
  self->deadline = timer;
  g_mutex_unlock (&self->lock);
  if (old != NULL)
    gco_timer_free (old);
}

/**
 * gco_scope_bind_object:
 * @self: a scope
 * @object: an object, such as a window
 *
 * Cancels @self when @object is disposed, at the latest when its last reference goes. Its
 * coroutines end after that. May be called for several objects. Any thread; never yields.
 *
 * Since: 1.0
 */
void
gco_scope_bind_object (GcoScope *self,
                       GObject  *object)
{
  GcoScopeBond *bond;
  GClosure     *closure;

  g_return_if_fail (GCO_IS_SCOPE (self));
  g_return_if_fail (G_IS_OBJECT (object));

  bond = g_new (GcoScopeBond, 1);
  closure = g_closure_new_simple (sizeof (GClosure), bond);
  *bond = (GcoScopeBond){ gco_scope_state_ref (self->state), closure, FALSE };
  g_closure_ref (closure);
  g_closure_sink (closure);
  g_closure_add_invalidate_notifier (closure, bond, bond_broken);
  g_closure_add_finalize_notifier (closure, bond, bond_free);
  g_object_watch_closure (object, closure);
  g_mutex_lock (&self->lock);
  self->bonds = g_slist_prepend (self->bonds, bond);
  g_mutex_unlock (&self->lock);
}

/**
 * gco_scope_get_cancellable:
 * @self: a scope
 *
 * What is cancelled with @self, for asynchronous operations. To cancel it directly
 * does not cancel @self. Any thread.
 *
 * Returns: (transfer none): a cancellable
 *
 * Since: 1.0
 */
GCancellable *
gco_scope_get_cancellable (GcoScope *self)
{
  g_return_val_if_fail (GCO_IS_SCOPE (self), NULL);

  return self->state->cancellable;
}

/**
 * gco_scope_get_n_running:
 * @self: a scope
 *
 * How much of it is left. Any thread.
 *
 * Returns: how many coroutines of @self have not ended, now
 *
 * Since: 1.0
 */
guint
gco_scope_get_n_running (GcoScope *self)
{
  guint n_running;

  g_return_val_if_fail (GCO_IS_SCOPE (self), 0);

  g_mutex_lock (&self->state->lock);
  n_running = self->state->children.length;
  g_mutex_unlock (&self->state->lock);
  return n_running;
}

/**
 * gco_scope_get_current_cancellable: (skip)
 *
 * What is cancelled with the running coroutine's scope. Any thread; never yields.
 *
 * Returns: (transfer none) (nullable): a cancellable, or NULL outside of scopes
 *
 * Since: 1.0
 */
GCancellable *
gco_scope_get_current_cancellable (void)
{
  GcoCoroutine  *self = gco_coroutine_self ();
  GcoScopeState *state = self != NULL ? (gpointer) self->cancelled : NULL;

  return state != NULL ? state->cancellable : NULL;
}
