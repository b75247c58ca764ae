/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A coroutine that does what the test tells it, one operation at a time: so a
 * test of a lock reads as a table of who does what and who waits. What an
 * operation that returned was, is in the log by the name of its actor, unless
 * that lives in another thread.
 */

#pragma once

#include "gco-test.h"

typedef struct _Actor Actor;

/* What an actor does in its coroutine. The result goes to actor->result. */
typedef gboolean (*ActorOp) (Actor   *self,
                             gpointer lock);

struct _Actor
{
  GcoTest       *t;
  GcoTestThread *thread; /* NULL: in the test's own context */
  const char    *name;
  GcoCoroutine  *coroutine;
  GCancellable  *cancellable; /* for the operations that take one, or NULL */
  GcoClock      *clock;       /* for those that take a deadline, or NULL */
  gint64         deadline_ns; /* likewise */
  ActorOp        op;          /* NULL: to end */
  gpointer       lock;
  gpointer       data; /* for operations that need more */
  gboolean       waits;
  gboolean       result;
  GError        *error;
};

#define assert_waits(actor) g_assert_true ((actor)->waits)
#define assert_done(actor) g_assert_false ((actor)->waits)

static void
actor_main (gpointer user_data)
{
  Actor *self = user_data;

  gco_coroutine_set_name (gco_coroutine_self (), self->name);
  for (;;)
    {
      gco_coroutine_yield ();
      if (self->op == NULL)
        return;
      self->result = self->op (self, self->lock);
      self->waits = FALSE;
      if (self->thread == NULL)
        gco_test_log (self->t, "%s ", self->name);
    }
}

static inline void
actor_nothing (gpointer user_data)
{
}

/* Lets the actor get as far as it can. */
static inline void
actor_settle (Actor *self)
{
  if (self->thread != NULL)
    gco_test_thread_call (self->thread, actor_nothing, NULL);
  else
    gco_test_drain (self->t);
}

static inline Actor *
actor_new_in (GcoTest       *t,
              GcoTestThread *thread,
              const char    *name)
{
  Actor *self = g_new0 (Actor, 1);

  self->t = t;
  self->thread = thread;
  self->name = name;
  self->cancellable = g_cancellable_new ();
  self->coroutine = gco_spawn (thread != NULL ? gco_test_thread_get_context (thread)
                                              : t->ctx,
                               actor_main,
                               self,
                               NULL);
  g_assert_nonnull (self->coroutine);
  actor_settle (self);
  return self;
}

static inline Actor *
actor_new (GcoTest    *t,
           const char *name)
{
  return actor_new_in (t, NULL, name);
}

/* Has the next dispatch of its context do @op. */
static inline void
actor_tell (Actor   *self,
            ActorOp  op,
            gpointer lock)
{
  g_assert_false (self->waits);
  g_assert_no_error (self->error);
  self->op = op;
  self->lock = lock;
  self->waits = op != NULL;
  gco_coroutine_wake (self->coroutine);
}

/* The same at once, as far as it gets. */
static inline void
actor_do (Actor   *self,
          ActorOp  op,
          gpointer lock)
{
  actor_tell (self, op, lock);
  actor_settle (self);
}

static inline void
actor_assert_cancelled (Actor *self)
{
  g_assert_false (self->waits);
  g_assert_false (self->result);
  g_assert_error (self->error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&self->error);
}

static inline void
actor_assert_timed_out (Actor *self)
{
  g_assert_false (self->waits);
  g_assert_false (self->result);
  g_assert_error (self->error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
  g_clear_error (&self->error);
}

/* Its operation returned, and was no failure. */
static inline void
actor_assert_succeeded (Actor *self)
{
  g_assert_false (self->waits);
  g_assert_no_error (self->error);
  g_assert_true (self->result);
}

static inline void
actor_end (Actor *self)
{
  actor_tell (self, NULL, NULL);
  actor_settle (self);
  g_clear_object (&self->cancellable);
  g_free (self);
}

#define actors_end(...)                                 \
 G_STMT_START                                           \
 {                                                      \
  Actor *actors_[] = { __VA_ARGS__ };                   \
  for (gsize i_ = 0; i_ < G_N_ELEMENTS (actors_); i_++) \
   actor_end (actors_[i_]);                             \
 }                                                      \
 G_STMT_END

/* -------------------------------------------------------------- operations */

static inline gboolean
do_lock (Actor   *self,
         gpointer mutex)
{
  gco_mutex_lock (mutex);
  return TRUE;
}

static inline gboolean
do_lock_cancellable (Actor   *self,
                     gpointer mutex)
{
  return gco_mutex_lock_cancellable (mutex, self->cancellable, &self->error);
}

static inline gboolean
do_lock_until (Actor *self, gpointer mutex)
{
  return gco_mutex_lock_until (mutex,
                               self->clock,
                               self->deadline_ns,
                               self->cancellable,
                               &self->error);
}

static inline gboolean
do_trylock (Actor   *self,
            gpointer mutex)
{
  return gco_mutex_trylock (mutex);
}

static inline gboolean
do_unlock (Actor   *self,
           gpointer mutex)
{
  gco_mutex_unlock (mutex);
  return TRUE;
}

static inline gboolean
do_rdlock (Actor   *self,
           gpointer rwlock)
{
  gco_rwlock_rdlock (rwlock);
  return TRUE;
}

static inline gboolean
do_rdlock_cancellable (Actor   *self,
                       gpointer rwlock)
{
  return gco_rwlock_rdlock_cancellable (rwlock, self->cancellable, &self->error);
}

static inline gboolean
do_rdlock_until (Actor *self, gpointer rwlock)
{
  return gco_rwlock_rdlock_until (rwlock,
                                  self->clock,
                                  self->deadline_ns,
                                  self->cancellable,
                                  &self->error);
}

static inline gboolean
do_wrlock (Actor   *self,
           gpointer rwlock)
{
  gco_rwlock_wrlock (rwlock);
  return TRUE;
}

static inline gboolean
do_wrlock_cancellable (Actor   *self,
                       gpointer rwlock)
{
  return gco_rwlock_wrlock_cancellable (rwlock, self->cancellable, &self->error);
}

static inline gboolean
do_wrlock_until (Actor *self, gpointer rwlock)
{
  return gco_rwlock_wrlock_until (rwlock,
                                  self->clock,
                                  self->deadline_ns,
                                  self->cancellable,
                                  &self->error);
}

static inline gboolean
do_tryrdlock (Actor   *self,
              gpointer rwlock)
{
  return gco_rwlock_tryrdlock (rwlock);
}

static inline gboolean
do_trywrlock (Actor   *self,
              gpointer rwlock)
{
  return gco_rwlock_trywrlock (rwlock);
}

static inline gboolean
do_upgrade (Actor   *self,
            gpointer rwlock)
{
  gco_rwlock_upgrade (rwlock);
  return TRUE;
}

static inline gboolean
do_upgrade_cancellable (Actor   *self,
                        gpointer rwlock)
{
  return gco_rwlock_upgrade_cancellable (rwlock, self->cancellable, &self->error);
}

static inline gboolean
do_upgrade_until (Actor *self, gpointer rwlock)
{
  return gco_rwlock_upgrade_until (rwlock,
                                   self->clock,
                                   self->deadline_ns,
                                   self->cancellable,
                                   &self->error);
}

static inline gboolean
do_downgrade (Actor   *self,
              gpointer rwlock)
{
  gco_rwlock_downgrade (rwlock);
  return TRUE;
}

static inline gboolean
do_rwunlock (Actor   *self,
             gpointer rwlock)
{
  gco_rwlock_unlock (rwlock);
  return TRUE;
}

/* actor->data: the mutex */
static inline gboolean
do_wait (Actor   *self,
         gpointer queue)
{
  gco_queue_wait (queue, self->data);
  return TRUE;
}

static inline gboolean
do_wait_insert_head (Actor   *self,
                     gpointer queue)
{
  gco_queue_wait_insert_head (queue, self->data);
  return TRUE;
}

static inline gboolean
do_wait_cancellable (Actor   *self,
                     gpointer queue)
{
  return gco_queue_wait_cancellable (queue,
                                     self->data,
                                     self->cancellable,
                                     &self->error);
}

static inline gboolean
do_wait_until (Actor *self, gpointer queue)
{
  return gco_queue_wait_until (queue,
                               self->data,
                               self->clock,
                               self->deadline_ns,
                               self->cancellable,
                               &self->error);
}

static inline gboolean
do_next (Actor   *self,
         gpointer queue)
{
  return gco_queue_next (queue);
}

static inline gboolean
do_restart_all (Actor   *self,
                gpointer queue)
{
  gco_queue_restart_all (queue);
  return TRUE;
}
