/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "gco-partner-contend.h"

#include "gco-partner.h"

typedef struct
{
  GObject       *lock;
  GcoAsyncMutex *mutex; /* of a wait queue */
  char          *name;
  guint          n_rounds;
} Contender;

static void
contender_free (gpointer data)
{
  Contender *self = data;

  g_object_unref (self->lock);
  g_clear_object (&self->mutex);
  g_free (self->name);
  g_free (self);
}

static GTask *
task_new (GcoPartnerLine     *line,
          gpointer            lock,
          GcoAsyncMutex      *mutex,
          const char         *name,
          guint               n_rounds,
          GCancellable       *cancellable,
          GAsyncReadyCallback callback,
          gpointer            user_data)
{
  GTask     *task = gco_task_new (line, cancellable, callback, user_data);
  Contender *self = g_new (Contender, 1);

  *self = (Contender){
    .lock = g_object_ref (lock),
    .mutex = mutex != NULL ? g_object_ref (mutex) : NULL,
    .name = g_strdup (name),
    .n_rounds = n_rounds,
  };
  g_task_set_check_cancellable (task, FALSE);
  g_task_set_task_data (task, self, contender_free);
  return task;
}

/* To the end of what is ready. */
static void gco_coroutine_fn
pass (void)
{
  gco_coroutine_reschedule ();
}

static GCancellable *
maybe_cancellable (GcoPartnerLine *line)
{
  return gco_partner_line_toss (line, 3) > 0 ? g_cancellable_new () : NULL;
}

static gboolean
must_be_cancelled (GcoPartnerLine *line,
                   guint           ticket,
                   GError         *error)
{
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_error_free (error);
  gco_partner_line_gave_up (line, ticket);
  return FALSE;
}

static gboolean gco_coroutine_fn
take (GObject      *lock,
      gboolean      exclusive,
      GCancellable *cancellable,
      GError      **error)
{
  if (GCO_IS_ASYNC_MUTEX (lock))
    return gco_mutex_lock_cancellable (gco_async_mutex_get_mutex (GCO_ASYNC_MUTEX (lock)),
                                       cancellable,
                                       error);
  if (GCO_IS_ASYNC_SEMAPHORE (lock))
    return gco_semaphore_acquire_cancellable (
        gco_async_semaphore_get_semaphore (GCO_ASYNC_SEMAPHORE (lock)),
        cancellable,
        error);
  return (exclusive ? gco_rwlock_wrlock_cancellable : gco_rwlock_rdlock_cancellable) (
      gco_async_rwlock_get_rwlock (GCO_ASYNC_RWLOCK (lock)),
      cancellable,
      error);
}

static void gco_coroutine_fn
let_go (GObject *lock)
{
  if (GCO_IS_ASYNC_MUTEX (lock))
    gco_mutex_unlock (gco_async_mutex_get_mutex (GCO_ASYNC_MUTEX (lock)));
  else if (GCO_IS_ASYNC_SEMAPHORE (lock))
    gco_semaphore_release (gco_async_semaphore_get_semaphore (GCO_ASYNC_SEMAPHORE (lock)));
  else
    gco_rwlock_unlock (gco_async_rwlock_get_rwlock (GCO_ASYNC_RWLOCK (lock)));
}

/* One time in sixteen, waits without a callback: nobody fetches what is granted. */
static void
maybe_abandon (GcoPartnerLine *line,
               GObject        *lock)
{
  if (gco_partner_line_toss (line, 16) > 0)
    return;
  if (GCO_IS_ASYNC_MUTEX (lock))
    gco_async_mutex_lock_async (GCO_ASYNC_MUTEX (lock), NULL, NULL, NULL);
  else if (GCO_IS_ASYNC_SEMAPHORE (lock))
    gco_async_semaphore_acquire_async (GCO_ASYNC_SEMAPHORE (lock), NULL, NULL, NULL);
  else
    gco_async_rwlock_wrlock_async (GCO_ASYNC_RWLOCK (lock), NULL, NULL, NULL);
}

/* One time in four, a reader becomes the writer, and a writer a reader. Returns the
 * ticket for what is held then. */
static guint gco_coroutine_fn
change (GcoPartnerLine *line,
        Contender      *self,
        guint           ticket,
        gboolean        exclusive)
{
  GcoRwlock *rwlock;

  if (!GCO_IS_ASYNC_RWLOCK (self->lock) || gco_partner_line_toss (line, 4) > 0)
    return ticket;
  rwlock = gco_async_rwlock_get_rwlock (GCO_ASYNC_RWLOCK (self->lock));
  if (exclusive)
    {
      gco_partner_line_downgrade (line, ticket, 1);
      gco_rwlock_downgrade (rwlock);
      return ticket;
    }
  gco_partner_line_give_back (line, ticket);
  ticket = gco_partner_line_ask (line, self->name, gco_partner_line_get_capacity (line), NULL);
  gco_rwlock_upgrade (rwlock);
  gco_partner_line_got (line, ticket);
  return ticket;
}

static gboolean gco_coroutine_fn
play_round (GcoPartnerLine *line,
            Contender      *self)
{
  g_autoptr (GCancellable) cancellable = maybe_cancellable (line);
  gboolean exclusive =
      GCO_IS_ASYNC_MUTEX (self->lock) ||
      (GCO_IS_ASYNC_RWLOCK (self->lock) && gco_partner_line_toss (line, 3) == 0);
  guint   weight = exclusive ? gco_partner_line_get_capacity (line) : 1;
  guint   ticket = gco_partner_line_ask (line, self->name, weight, cancellable);
  GError *error = NULL;

  maybe_abandon (line, self->lock);
  if (!take (self->lock, exclusive, cancellable, &error))
    return must_be_cancelled (line, ticket, error);
  gco_partner_line_got (line, ticket);
  gco_partner_line_disturb (line);
  if (gco_partner_line_toss (line, 4) == 0)
    pass ();
  ticket = change (line, self, ticket, exclusive);
  gco_partner_line_give_back (line, ticket);
  let_go (self->lock);
  return TRUE;
}

static gboolean gco_coroutine_fn
queue_round (GcoPartnerLine *line,
             Contender      *self)
{
  g_autoptr (GCancellable) cancellable = maybe_cancellable (line);
  GcoMutex *mutex = gco_async_mutex_get_mutex (self->mutex);
  GError   *error = NULL;
  guint     ticket;

  GCO_MUTEX_AUTO_LOCK (mutex, locker);
  ticket = gco_partner_line_ask (line,
                                 self->name,
                                 gco_partner_line_get_capacity (line),
                                 cancellable);
  if (!gco_queue_wait_cancellable (
          gco_async_wait_queue_get_queue (GCO_ASYNC_WAIT_QUEUE (self->lock)),
          mutex,
          cancellable,
          &error))
    return must_be_cancelled (line, ticket, error);
  gco_partner_line_got (line, ticket);
  gco_partner_line_disturb (line);
  if (gco_partner_line_toss (line, 4) == 0)
    pass ();
  gco_partner_line_give_back (line, ticket);
  return TRUE;
}

static void gco_coroutine_fn
contend (GTask        *task,
         gpointer      source_object,
         gpointer      task_data,
         GCancellable *cancellable)
{
  GcoPartnerLine *line = source_object;
  Contender      *self = task_data;

  gco_partner_count_coroutine (1);
  while (gco_partner_line_get_n_granted (line) < self->n_rounds &&
         !g_cancellable_is_cancelled (cancellable))
    {
      if (self->mutex != NULL)
        queue_round (line, self);
      else
        play_round (line, self);
      if (gco_partner_line_toss (line, 16) == 0)
        pass ();
    }
  gco_partner_count_coroutine (-1);
  g_task_return_boolean (task, TRUE);
}

/**
 * gco_partner_line_contend_async:
 * @self: the line of @lock
 * @lock: a mutex, a read/write lock or a semaphore
 * @name: who waits
 * @n_rounds: until when
 * @cancellable: (nullable): asks it to end after the next round
 * @callback: (scope async) (closure user_data): called when it has ended
 * @user_data: data for @callback
 *
 * Runs a coroutine that waits for @lock, cancels others, and unlocks, until all in the
 * line together have had it @n_rounds times.
 */
void
gco_partner_line_contend_async (GcoPartnerLine     *self,
                                GObject            *lock,
                                const char         *name,
                                guint               n_rounds,
                                GCancellable       *cancellable,
                                GAsyncReadyCallback callback,
                                gpointer            user_data)
{
  g_autoptr (GTask) task =
      task_new (self, lock, NULL, name, n_rounds, cancellable, callback, user_data);

  gco_task_run (task, contend);
}

/**
 * gco_partner_line_contend_finish:
 * @self: a line
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Returns: TRUE
 */
gboolean
gco_partner_line_contend_finish (GcoPartnerLine *self,
                                 GAsyncResult   *result,
                                 GError        **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

/**
 * gco_partner_line_queue_async:
 * @self: the line of @queue
 * @queue: a queue
 * @mutex: its mutex
 * @name: who waits
 * @n_rounds: until when
 * @cancellable: (nullable): asks it to end after the next round
 * @callback: (scope async) (closure user_data): called when it has ended
 * @user_data: data for @callback
 *
 * The same for a queue: waits in it, with the mutex.
 */
void
gco_partner_line_queue_async (GcoPartnerLine     *self,
                              GcoAsyncWaitQueue  *queue,
                              GcoAsyncMutex      *mutex,
                              const char         *name,
                              guint               n_rounds,
                              GCancellable       *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer            user_data)
{
  g_autoptr (GTask) task =
      task_new (self, queue, mutex, name, n_rounds, cancellable, callback, user_data);

  gco_task_run (task, contend);
}

/**
 * gco_partner_line_queue_finish:
 * @self: a line
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Returns: TRUE
 */
gboolean
gco_partner_line_queue_finish (GcoPartnerLine *self,
                               GAsyncResult   *result,
                               GError        **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

static void gco_coroutine_fn
pump (GTask        *task,
      gpointer      source_object,
      gpointer      task_data,
      GCancellable *cancellable)
{
  GcoPartnerLine *line = source_object;
  Contender      *self = task_data;
  GcoQueue       *queue = gco_async_wait_queue_get_queue (GCO_ASYNC_WAIT_QUEUE (self->lock));
  gssize          n_picked = 0;

  gco_partner_count_coroutine (1);
  while (!g_cancellable_is_cancelled (cancellable))
    {
      if (gco_partner_line_toss (line, 8) == 0)
        n_picked += gco_queue_next (queue);
      gco_partner_line_disturb (line);
      pass ();
    }
  gco_partner_count_coroutine (-1);
  g_task_return_int (task, n_picked);
}

/**
 * gco_partner_line_pump_async:
 * @self: the line of @queue
 * @queue: a queue
 * @cancellable: asks it to end
 * @callback: (scope async) (closure user_data): called when it has ended
 * @user_data: data for @callback
 *
 * Runs a coroutine that picks those who wait in @queue.
 */
void
gco_partner_line_pump_async (GcoPartnerLine     *self,
                             GcoAsyncWaitQueue  *queue,
                             GCancellable       *cancellable,
                             GAsyncReadyCallback callback,
                             gpointer            user_data)
{
  g_autoptr (GTask) task =
      task_new (self, queue, NULL, "pump", 0, cancellable, callback, user_data);

  gco_task_run (task, pump);
}

/**
 * gco_partner_line_pump_finish:
 * @self: a line
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Returns: how many it picked
 */
gssize
gco_partner_line_pump_finish (GcoPartnerLine *self,
                              GAsyncResult   *result,
                              GError        **error)
{
  return g_task_propagate_int (G_TASK (result), error);
}
