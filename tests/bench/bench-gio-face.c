/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The locks of those who call back: from the call to its callback. */

#include "bench-gio-work.h"

typedef struct
{
  GObject *(*make) (void);
  void (*wait) (GObject            *face,
                GAsyncReadyCallback callback,
                gpointer            user_data);
  gboolean (*finish) (GObject      *face,
                      GAsyncResult *result);
  void (*let_go) (GObject *face);
  gboolean is_queue; /* one must wait already when @let_go is called */
} Kind;

typedef struct
{
  Work        work;
  const Kind *kind;
  GObject    *face;
  unsigned    n_chains;
} FaceWork;

static void begin (Work *work);

static void
ready (GObject      *source_object,
       GAsyncResult *result,
       gpointer      user_data)
{
  FaceWork *self = user_data;
  Work     *work = user_data;

  if (!self->kind->finish (source_object, result))
    return;
  if (!self->kind->is_queue)
    self->kind->let_go (source_object);
  work->count++;
  if (work->count + work->left <= work->total)
    begin (work);
  else
    work_end (work);
  if (self->kind->is_queue)
    self->kind->let_go (source_object);
}

static void
begin (Work *work)
{
  FaceWork *self = (FaceWork *) work;

  self->kind->wait (self->face, ready, work);
  if (++work->begun == self->n_chains && self->kind->is_queue)
    self->kind->let_go (self->face);
}

static double
run (const Kind *kind,
     unsigned    n,
     unsigned    n_chains)
{
  g_autoptr (GObject) face = kind->make ();
  FaceWork self = { .kind = kind, .face = face, .n_chains = n_chains };

  work_init (&self.work, n, n_chains);
  return work_run (&self.work, begin);
}

/* ---------------------------------------------------------------------------- mutex */

static GObject *
make_mutex (void)
{
  return G_OBJECT (gco_async_mutex_new ());
}

static void
let_go_mutex (GObject *face)
{
  gco_async_mutex_unlock (GCO_ASYNC_MUTEX (face), NULL);
}

static void
lock (GObject            *face,
      GAsyncReadyCallback callback,
      gpointer            user_data)
{
  gco_async_mutex_lock_async (GCO_ASYNC_MUTEX (face), NULL, callback, user_data);
}

static gboolean
lock_finish (GObject      *face,
             GAsyncResult *result)
{
  return gco_async_mutex_lock_finish (GCO_ASYNC_MUTEX (face), result, NULL);
}

static const Kind lock_kind = { make_mutex, lock, lock_finish, let_go_mutex, FALSE };

double
gco_async_lock (unsigned n,
                unsigned size)
{
  return run (&lock_kind, n, size);
}

/* ------------------------------------------------------------------ read/write lock */

static GObject *
make_rwlock (void)
{
  return G_OBJECT (gco_async_rwlock_new ());
}

static void
let_go_rwlock (GObject *face)
{
  gco_async_rwlock_unlock (GCO_ASYNC_RWLOCK (face), NULL);
}

static void
rdlock (GObject            *face,
        GAsyncReadyCallback callback,
        gpointer            user_data)
{
  gco_async_rwlock_rdlock_async (GCO_ASYNC_RWLOCK (face), NULL, callback, user_data);
}

static gboolean
rdlock_finish (GObject      *face,
               GAsyncResult *result)
{
  return gco_async_rwlock_rdlock_finish (GCO_ASYNC_RWLOCK (face), result, NULL);
}

static const Kind rdlock_kind = { make_rwlock, rdlock, rdlock_finish, let_go_rwlock, FALSE };

double
gco_async_rdlock (unsigned n,
                  unsigned size)
{
  return run (&rdlock_kind, n, size);
}

static void
wrlock (GObject            *face,
        GAsyncReadyCallback callback,
        gpointer            user_data)
{
  gco_async_rwlock_wrlock_async (GCO_ASYNC_RWLOCK (face), NULL, callback, user_data);
}

static gboolean
wrlock_finish (GObject      *face,
               GAsyncResult *result)
{
  return gco_async_rwlock_wrlock_finish (GCO_ASYNC_RWLOCK (face), result, NULL);
}

static const Kind wrlock_kind = { make_rwlock, wrlock, wrlock_finish, let_go_rwlock, FALSE };

double
gco_async_wrlock (unsigned n,
                  unsigned size)
{
  return run (&wrlock_kind, n, size);
}

/* ------------------------------------------------------------------------ semaphore */

static GObject *
make_semaphore (void)
{
  return G_OBJECT (gco_async_semaphore_new (1));
}

static void
let_go_semaphore (GObject *face)
{
  gco_async_semaphore_release (GCO_ASYNC_SEMAPHORE (face), NULL);
}

static void
acquire (GObject            *face,
         GAsyncReadyCallback callback,
         gpointer            user_data)
{
  gco_async_semaphore_acquire_async (GCO_ASYNC_SEMAPHORE (face), NULL, callback, user_data);
}

static gboolean
acquire_finish (GObject      *face,
                GAsyncResult *result)
{
  return gco_async_semaphore_acquire_finish (GCO_ASYNC_SEMAPHORE (face), result, NULL);
}

static const Kind acquire_kind = {
  make_semaphore, acquire, acquire_finish, let_go_semaphore, FALSE
};

double
gco_async_acquire (unsigned n,
                   unsigned size)
{
  return run (&acquire_kind, n, size);
}

/* ---------------------------------------------------------------------------- queue */

static GObject *
make_wait_queue (void)
{
  return G_OBJECT (gco_async_wait_queue_new ());
}

static void
let_go_wait_queue (GObject *face)
{
  gco_async_wait_queue_next (GCO_ASYNC_WAIT_QUEUE (face));
}

static void
wait (GObject            *face,
      GAsyncReadyCallback callback,
      gpointer            user_data)
{
  gco_async_wait_queue_wait_async (GCO_ASYNC_WAIT_QUEUE (face), NULL, NULL, callback, user_data);
}

static gboolean
wait_finish (GObject      *face,
             GAsyncResult *result)
{
  return gco_async_wait_queue_wait_finish (GCO_ASYNC_WAIT_QUEUE (face), result, NULL);
}

static const Kind wait_kind = { make_wait_queue, wait, wait_finish, let_go_wait_queue, TRUE };

double
gco_async_wait (unsigned n,
                unsigned size)
{
  return run (&wait_kind, n, size);
}
