/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Locks that wait within limits, and semaphores. */

#include <semaphore.h>

#include "bench-gio-work.h"

#define HOUR_NS (G_GINT64_CONSTANT (3600) * 1000000000)

typedef struct _LockWork LockWork;

struct _LockWork
{
  Work work;
  gboolean (*lock) (LockWork *self);
  void (*unlock) (LockWork *self);
  GcoMutex      mutex;
  GcoSemaphore  semaphore;
  GCancellable *cancellable;
  gint64        deadline_ns;
};

/* ------------------------------------------------------------------ kinds of wait */

static gboolean
mutex_lock (LockWork *self)
{
  gco_mutex_lock (&self->mutex);
  return TRUE;
}

static gboolean
mutex_lock_cancellable (LockWork *self)
{
  return gco_mutex_lock_cancellable (&self->mutex, self->cancellable, NULL);
}

static gboolean
mutex_lock_until (LockWork *self)
{
  return gco_mutex_lock_until (&self->mutex, NULL, self->deadline_ns, NULL, NULL);
}

static void
mutex_unlock (LockWork *self)
{
  gco_mutex_unlock (&self->mutex);
}

static gboolean
semaphore_acquire (LockWork *self)
{
  gco_semaphore_acquire (&self->semaphore);
  return TRUE;
}

static void
semaphore_release (LockWork *self)
{
  gco_semaphore_release (&self->semaphore);
}

/* ------------------------------------------------------------------------ the work */

static void
pair_body (gpointer user_data)
{
  LockWork *self = user_data;

  work_begin (&self->work);
  for (unsigned i = 0; i < self->work.each; i++)
    {
      self->work.count += self->lock (self);
      self->unlock (self);
    }
  work_end (&self->work);
}

static void
handoff_body (gpointer user_data)
{
  LockWork *self = user_data;

  work_begin (&self->work);
  for (unsigned i = 0; i < self->work.each; i++)
    {
      self->work.count += self->lock (self);
      work_pass ();
      self->unlock (self);
    }
  work_end (&self->work);
}

/* One alone takes and lets go; several hand over. */
static double
run (unsigned n,
     unsigned n_coroutines,
     gboolean (*lock) (LockWork *self),
     void (*unlock) (LockWork *self))
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  LockWork self = {
    .lock = lock,
    .unlock = unlock,
    .cancellable = cancellable,
    .deadline_ns = g_get_monotonic_time () * 1000 + HOUR_NS,
  };

  gco_mutex_init (&self.mutex);
  gco_semaphore_init (&self.semaphore, 1);
  work_init (&self.work, n, n_coroutines);
  return work_run_coroutines (&self.work, n_coroutines == 1 ? pair_body : handoff_body);
}

double
gco_main_mutex (unsigned n,
                unsigned size)
{
  return run (n, size, mutex_lock, mutex_unlock);
}

double
gco_mutex_cancellable (unsigned n,
                       unsigned size)
{
  return run (n, size, mutex_lock_cancellable, mutex_unlock);
}

double
gco_mutex_until (unsigned n,
                 unsigned size)
{
  return run (n, size, mutex_lock_until, mutex_unlock);
}

double
gco_semaphore (unsigned n,
               unsigned size)
{
  return run (n, size, semaphore_acquire, semaphore_release);
}

/* --------------------------------------------------------------------------- peers */

double
libc_semaphore (unsigned n,
                unsigned size)
{
  static volatile unsigned count;
  sem_t                    semaphore;
  double                   ns;

  sem_init (&semaphore, 0, 1);
  count = 0;
  ns = -bench_cpu_ns ();
  for (unsigned i = 0; i < n; i++)
    {
      sem_wait (&semaphore);
      count++;
      sem_post (&semaphore);
    }
  ns += bench_cpu_ns ();
  sem_destroy (&semaphore);
  return count == n ? ns : -1;
}

static void
never_cancelled (GCancellable *cancellable,
                 gpointer      user_data)
{
  g_assert_not_reached ();
}

double
gio_cancellable_watch (unsigned n,
                       unsigned size)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  double ns = -bench_cpu_ns ();

  for (unsigned i = 0; i < n; i++)
    {
      GCallback callback = G_CALLBACK (never_cancelled);

      g_cancellable_disconnect (cancellable,
                                g_cancellable_connect (cancellable, callback, NULL, NULL));
    }
  return ns + bench_cpu_ns ();
}

double
glib_timeout_source (unsigned n,
                     unsigned size)
{
  g_autoptr (GMainContext) main_context = g_main_context_new ();
  double ns = -bench_cpu_ns ();

  for (unsigned i = 0; i < n; i++)
    {
      GSource *source = g_timeout_source_new (3600 * 1000);

      g_source_attach (source, main_context);
      g_source_destroy (source);
      g_source_unref (source);
    }
  return ns + bench_cpu_ns ();
}
