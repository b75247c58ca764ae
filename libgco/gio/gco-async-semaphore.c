/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The GObject face of a semaphore. */

#include "gco-async-semaphore.h"

#include "../gco-debug-private.h"
#include "../gco-semaphore-private.h"
#include "gco-async-call-private.h"

/**
 * GcoAsyncSemaphore:
 *
 * A [struct@Gco.Semaphore] for those who call back: in C, JavaScript, Python or
 * Vala. Coroutines that acquire what [method@Gco.AsyncSemaphore.get_semaphore]
 * returns stand in the same line.
 *
 * Since: 1.0
 */
struct _GcoAsyncSemaphore
{
  GObject parent_instance;

  GcoSemaphore semaphore; /* its n_permits is (immutable) */
};

enum
{
  PROP_N_PERMITS = 1,
  N_PROPS,
};

static GParamSpec *props[N_PROPS];

G_DEFINE_FINAL_TYPE (GcoAsyncSemaphore, gco_async_semaphore, G_TYPE_OBJECT)

static void
gco_async_semaphore_get_property (GObject    *object,
                                  guint       id,
                                  GValue     *value,
                                  GParamSpec *pspec)
{
  if (id == PROP_N_PERMITS)
    g_value_set_uint (value, GCO_ASYNC_SEMAPHORE (object)->semaphore.n_permits);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
gco_async_semaphore_set_property (GObject      *object,
                                  guint         id,
                                  const GValue *value,
                                  GParamSpec   *pspec)
{
  if (id == PROP_N_PERMITS)
    gco_semaphore_init (&GCO_ASYNC_SEMAPHORE (object)->semaphore, g_value_get_uint (value));
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
gco_async_semaphore_class_init (GcoAsyncSemaphoreClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = gco_async_semaphore_get_property;
  object_class->set_property = gco_async_semaphore_set_property;

  /**
   * GcoAsyncSemaphore:n-permits:
   *
   * How many may hold it at once.
   *
   * Since: 1.0
   */
  props[PROP_N_PERMITS] =
      g_param_spec_uint ("n-permits",
                         NULL,
                         NULL,
                         1,
                         GCO_SEMAPHORE_MAX,
                         1,
                         G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, props);
}

static void
gco_async_semaphore_init (GcoAsyncSemaphore *self)
{
  /* A number that GObject refuses is not set at all. */
  gco_semaphore_init (&self->semaphore, 1);
}

/**
 * gco_async_semaphore_new:
 * @n_permits: how many may hold it at once, 1 or more
 *
 * Makes a semaphore, all of whose permits are free. Any thread.
 *
 * Returns: (transfer full): a semaphore
 *
 * Since: 1.0
 */
GcoAsyncSemaphore *
gco_async_semaphore_new (guint n_permits)
{
  g_return_val_if_fail (n_permits > 0 && n_permits <= GCO_SEMAPHORE_MAX, NULL);

  return g_object_new (GCO_TYPE_ASYNC_SEMAPHORE, "n-permits", n_permits, NULL);
}

static void
drop (GcoAsyncGrant *grant)
{
  gco_async_semaphore_release (grant->face, NULL);
}

static void
give (GTask     *task,
      GcoWaiter *waiter)
{
  gco_async_grant_return (task, g_task_get_source_object (task), NULL, NULL, drop);
}

/**
 * gco_async_semaphore_acquire_async:
 * @self: a semaphore
 * @cancellable: (nullable): what may end the wait
 * @callback: (scope async) (closure user_data): called when the wait is over
 * @user_data: data for @callback
 *
 * Takes a permit, behind all others that want one, coroutines included. @callback
 * is called by the thread-default main context of the caller, never in here; the
 * permit belongs to whoever calls [method@Gco.AsyncSemaphore.acquire_finish] there.
 * If nobody does, it goes to the next in line; a context that nobody iterates any
 * more keeps it. Any thread; never yields.
 *
 * Since: 1.0
 */
void
gco_async_semaphore_acquire_async (GcoAsyncSemaphore  *self,
                                   GCancellable       *cancellable,
                                   GAsyncReadyCallback callback,
                                   gpointer            user_data)
{
  GcoAsyncCall *call;
  GTask        *task;

  g_return_if_fail (GCO_IS_ASYNC_SEMAPHORE (self));
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));
  gco_debug_called_by_language (G_STRFUNC);

  task = gco_async_call_task_new (self,
                                  callback,
                                  user_data,
                                  gco_async_semaphore_acquire_async);
  if (!g_cancellable_is_cancelled (cancellable) && gco_semaphore_tryacquire (&self->semaphore))
    {
      give (task, NULL);
      g_object_unref (task);
      return;
    }
  call = gco_async_call_new (&gco_semaphore_waiter, &self->semaphore, task, cancellable, give);
  if (call != NULL)
    gco_async_call_submit (call, gco_semaphore_acquire_or_enqueue);
}

/**
 * gco_async_semaphore_acquire_finish:
 * @self: a semaphore
 * @result: what the callback was given
 * @error: return location for an error
 *
 * How [method@Gco.AsyncSemaphore.acquire_async] ended. A permit that was given
 * before the cancellation is had: then this is TRUE.
 *
 * Returns: TRUE if the caller has a permit; FALSE with `G_IO_ERROR_CANCELLED`
 *
 * Since: 1.0
 */
gboolean
gco_async_semaphore_acquire_finish (GcoAsyncSemaphore *self,
                                    GAsyncResult      *result,
                                    GError           **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return gco_async_grant_fetch (result, error);
}

/**
 * gco_async_semaphore_tryacquire:
 * @self: a semaphore
 *
 * Takes a permit if one is free. Any thread; never yields.
 *
 * Returns: TRUE if the caller has a permit
 *
 * Since: 1.0
 */
gboolean
gco_async_semaphore_tryacquire (GcoAsyncSemaphore *self)
{
  g_return_val_if_fail (GCO_IS_ASYNC_SEMAPHORE (self), FALSE);
  gco_debug_called_by_language (G_STRFUNC);

  return gco_semaphore_tryacquire (&self->semaphore);
}

/**
 * gco_async_semaphore_release:
 * @self: a semaphore
 * @error: return location for an error
 *
 * Gives back a permit: to whoever has waited longest, or to be free. Any thread;
 * never yields.
 *
 * Returns: TRUE; FALSE with `G_IO_ERROR_PERMISSION_DENIED` if no permit is out
 *
 * Since: 1.0
 */
gboolean
gco_async_semaphore_release (GcoAsyncSemaphore *self,
                             GError           **error)
{
  g_return_val_if_fail (GCO_IS_ASYNC_SEMAPHORE (self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);
  gco_debug_called_by_language (G_STRFUNC);

  if (gco_semaphore_tryrelease (&self->semaphore, "gco_async_semaphore_release"))
    return TRUE;
  g_set_error (error,
               G_IO_ERROR,
               G_IO_ERROR_PERMISSION_DENIED,
               "All %u permits of the semaphore are free",
               self->semaphore.n_permits);
  return FALSE;
}

/**
 * gco_async_semaphore_get_n_permits: (get-property n-permits)
 * @self: a semaphore
 *
 * The number of permits. Any thread.
 *
 * Returns: how many may hold it at once
 *
 * Since: 1.0
 */
guint
gco_async_semaphore_get_n_permits (GcoAsyncSemaphore *self)
{
  g_return_val_if_fail (GCO_IS_ASYNC_SEMAPHORE (self), 0);

  return self->semaphore.n_permits;
}

/**
 * gco_async_semaphore_get_n_free:
 * @self: a semaphore
 *
 * How many permits are free, now. Any thread.
 *
 * Returns: how many permits are free, now
 *
 * Since: 1.0
 */
guint
gco_async_semaphore_get_n_free (GcoAsyncSemaphore *self)
{
  g_return_val_if_fail (GCO_IS_ASYNC_SEMAPHORE (self), 0);

  return gco_semaphore_get_n_free (&self->semaphore);
}

/**
 * gco_async_semaphore_get_semaphore: (skip)
 * @self: a semaphore
 *
 * The semaphore itself, for coroutines. It goes with @self: whoever waits in it, or
 * holds a permit, needs a reference to @self. Any thread.
 *
 * Returns: (transfer none): a semaphore, part of @self
 *
 * Since: 1.0
 */
GcoSemaphore *
gco_async_semaphore_get_semaphore (GcoAsyncSemaphore *self)
{
  g_return_val_if_fail (GCO_IS_ASYNC_SEMAPHORE (self), NULL);

  return &self->semaphore;
}
