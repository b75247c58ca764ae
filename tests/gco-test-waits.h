/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Every kind of wait that can fail, for ever: what is waited for is held by a
 * coroutine that only the end of the test sets going again.
 */

#pragma once

#include "gco-test.h"

#include <unistd.h>

typedef struct
{
  GcoTest      *t;
  GcoCoroutine *holder;
  GcoMutex      mutex;
  GcoRwlock     written; /* the holder writes */
  GcoRwlock     read;    /* the holder reads */
  GcoQueue      queue;
  GcoSemaphore  semaphore;
  GcoChannel   *full;
  GcoChannel   *empty;
  int           pipe[2];
  gboolean      is_over;
} Waits;

typedef gboolean (*WaitFunc) (Waits        *waits,
                              GCancellable *cancellable,
                              GError      **error);

static inline void
waits_hold (gpointer user_data)
{
  Waits *waits = user_data;

  gco_mutex_lock (&waits->mutex);
  gco_rwlock_wrlock (&waits->written);
  gco_rwlock_rdlock (&waits->read);
  gco_coroutine_yield ();
  gco_rwlock_unlock (&waits->read);
  gco_rwlock_unlock (&waits->written);
  gco_mutex_unlock (&waits->mutex);
  waits->is_over = TRUE;
}

static inline void
waits_begin (Waits   *waits,
             GcoTest *t)
{
  *waits = (Waits){ .t = t };
  gco_semaphore_init (&waits->semaphore, 1);
  g_assert_true (gco_semaphore_tryacquire (&waits->semaphore));
  waits->full = gco_channel_new (1, NULL);
  waits->empty = gco_channel_new (1, NULL);
  g_assert_true (gco_channel_trysend (waits->full, waits));
  g_assert_no_errno (pipe (waits->pipe));
  waits->holder = gco_test_spawn (t, waits_hold, waits);
  gco_test_drain (t);
}

/* Nobody is left in any line: what was held can be had again. */
static inline void
waits_end (Waits *waits)
{
  static const GcoQueue nobody;

  if (!waits->is_over)
    gco_coroutine_wake (waits->holder);
  gco_test_run_until (waits->t, &waits->is_over);
  gco_test_drain (waits->t);
  g_assert_cmpmem (&waits->queue, sizeof nobody, &nobody, sizeof nobody);
  gco_semaphore_release (&waits->semaphore);
  g_assert_cmpuint (gco_semaphore_get_n_free (&waits->semaphore), ==, 1);
  g_assert_cmpuint (gco_channel_get_n_items (waits->full), ==, 1);
  g_assert_true (gco_channel_tryreceive (waits->full) == waits);
  g_assert_finalize_object (waits->full);
  g_assert_finalize_object (waits->empty);
  close (waits->pipe[0]);
  close (waits->pipe[1]);
}

static inline gboolean
wait_mutex (Waits        *waits,
            GCancellable *cancellable,
            GError      **error)
{
  return gco_mutex_lock_cancellable (&waits->mutex, NULL, error);
}

/* One of its own, that nobody cancels. */
static inline gboolean
wait_mutex_own (Waits        *waits,
                GCancellable *cancellable,
                GError      **error)
{
  g_autoptr (GCancellable) own = g_cancellable_new ();

  return gco_mutex_lock_cancellable (&waits->mutex, own, error);
}

static inline gboolean
wait_mutex_scope (Waits        *waits,
                  GCancellable *cancellable,
                  GError      **error)
{
  return gco_mutex_lock_cancellable (&waits->mutex, cancellable, error);
}

static inline gboolean
wait_rdlock (Waits        *waits,
             GCancellable *cancellable,
             GError      **error)
{
  return gco_rwlock_rdlock_cancellable (&waits->written, NULL, error);
}

static inline gboolean
wait_wrlock (Waits        *waits,
             GCancellable *cancellable,
             GError      **error)
{
  return gco_rwlock_wrlock_cancellable (&waits->read, NULL, error);
}

/* The mutex is held afterwards. */
static inline gboolean
wait_queue (Waits        *waits,
            GCancellable *cancellable,
            GError      **error)
{
  GcoMutex own = { 0 };
  gboolean picked;

  gco_mutex_lock (&own);
  picked = gco_queue_wait_cancellable (&waits->queue, &own, NULL, error);
  gco_mutex_unlock (&own);
  return picked;
}

static inline gboolean
wait_semaphore (Waits        *waits,
                GCancellable *cancellable,
                GError      **error)
{
  return gco_semaphore_acquire_cancellable (&waits->semaphore, NULL, error);
}

static inline gboolean
wait_send (Waits        *waits,
           GCancellable *cancellable,
           GError      **error)
{
  return gco_channel_send (waits->full, waits, NULL, error);
}

static inline gboolean
wait_receive (Waits        *waits,
              GCancellable *cancellable,
              GError      **error)
{
  return gco_channel_receive (waits->empty, NULL, error) != NULL;
}

static inline gboolean
wait_fd (Waits        *waits,
         GCancellable *cancellable,
         GError      **error)
{
  return gco_wait_fd (waits->pipe[0], G_IO_IN, NULL, error) != 0;
}

static inline gboolean
wait_sleep (Waits        *waits,
            GCancellable *cancellable,
            GError      **error)
{
  return gco_sleep_ns_cancellable (NULL, G_MAXINT64, NULL, error);
}

static inline gboolean
wait_sleep_object (Waits        *waits,
                   GCancellable *cancellable,
                   GError      **error)
{
  GcoSleep sleep = { 0 };

  return gco_sleep_wait_ns_cancellable (&sleep, NULL, -1, NULL, error);
}

static inline gboolean
wait_in_child (GCancellable *cancellable,
               gpointer      user_data,
               GError      **error)
{
  return wait_mutex (user_data, cancellable, error);
}

static inline gboolean
wait_join (Waits        *waits,
           GCancellable *cancellable,
           GError      **error)
{
  g_autoptr (GcoScope) scope = gco_scope_new (NULL);

  gco_scope_spawn (scope, wait_in_child, waits, NULL);
  return gco_scope_join (scope, error);
}

static inline void
wait_return_cancelled (GCancellable *cancellable,
                       gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;

  g_task_return_error_if_cancelled (task);
}

/* An operation of GIO that was given the cancellable of the scope. */
static inline gboolean
wait_await (Waits        *waits,
            GCancellable *cancellable,
            GError      **error)
{
  g_autoptr (GAsyncResult) result = NULL;
  GcoAwait await;
  GTask   *task;

  gco_await_init (&await, cancellable);
  task = g_task_new (NULL, cancellable, gco_await_ready, &await);
  g_signal_connect (cancellable, "cancelled", G_CALLBACK (wait_return_cancelled), task);
  result = gco_await (&await);
  return g_task_propagate_boolean (G_TASK (result), error);
}

static const struct
{
  const char *name;
  WaitFunc    func;
  gboolean    needs_source;
} wait_kinds[] = {
  { "mutex", wait_mutex },
  { "mutex, own cancellable", wait_mutex_own },
  { "mutex, scope's cancellable", wait_mutex_scope },
  { "rdlock", wait_rdlock },
  { "wrlock", wait_wrlock },
  { "queue", wait_queue },
  { "semaphore", wait_semaphore },
  { "send", wait_send },
  { "receive", wait_receive },
  { "descriptor", wait_fd },
  { "sleep", wait_sleep },
  { "GcoSleep", wait_sleep_object },
  { "join", wait_join },
  { "await", wait_await, TRUE },
};

static inline gboolean
wait_kind_is_for (GcoTest *t,
                  gsize    kind)
{
  return t->main_context != NULL || !wait_kinds[kind].needs_source;
}
