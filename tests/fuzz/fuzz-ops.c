/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What an actor does, in its coroutine: to the model, and to the lock. */

#include "fuzz.h"

static Model *
model_of (FuzzLock lock)
{
  return &fuzz.models[lock];
}

static gboolean
holds (FuzzActor *self,
       FuzzLock   lock)
{
  return model_holds (model_of (lock), self->coroutine);
}

/* Who holds something waits in a way that can be ended: or all of them may wait for each
 * other, which libgco stops. */
static FuzzWay
choose_way (FuzzActor *self)
{
  gboolean holds_any = holds (self, FUZZ_MUTEX) || holds (self, FUZZ_RWLOCK) ||
                       holds (self, FUZZ_SEMAPHORE);

  return self->wish == FUZZ_PLAIN && holds_any ? FUZZ_CANCELLABLE : self->wish;
}

static void
begin_wait (FuzzActor *self,
            FuzzLock   lock,
            FuzzWay    way)
{
  self->waits_for = (int) lock;
  self->way = way;
  self->deadline_ns = gco_clock_get_time_ns (fuzz.clock) + 1 + self->arg;
}

static void
end_wait (FuzzActor *self,
          FuzzLock   lock,
          gboolean   got,
          GError    *error)
{
  self->waits_for = -1;
  if (got != (error == NULL))
    fuzz_fail ("actor %u: a result and an error do not agree", self->index);
  if (!got && self->way == FUZZ_PLAIN)
    fuzz_fail ("actor %u: a wait failed that cannot", self->index);
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT) &&
      gco_clock_get_time_ns (fuzz.clock) < self->deadline_ns)
    fuzz_fail ("actor %u: too early for a time-out", self->index);
  if (lock != FUZZ_QUEUE && got != holds (self, lock))
    fuzz_fail ("actor %u: lock %d: %s, and the model says otherwise",
               self->index,
               (int) lock,
               got ? "has it" : "does not have it");
  model_leave (model_of (lock), self->coroutine);
  g_clear_error (&error);
}

/* ---------------------------------------------------------------------- mutex */

static void
lock (FuzzActor *self)
{
  FuzzWay  way = choose_way (self);
  GError  *error = NULL;
  gboolean got = TRUE;

  if (holds (self, FUZZ_MUTEX))
    return;
  model_acquire (model_of (FUZZ_MUTEX), self->coroutine, TRUE);
  begin_wait (self, FUZZ_MUTEX, way);
  if (way == FUZZ_PLAIN)
    gco_mutex_lock (&fuzz.mutex);
  else if (way == FUZZ_CANCELLABLE)
    got = gco_mutex_lock_cancellable (&fuzz.mutex, self->cancellable, &error);
  else
    got = gco_mutex_lock_until (&fuzz.mutex,
                                fuzz.clock,
                                self->deadline_ns,
                                self->cancellable,
                                &error);
  end_wait (self, FUZZ_MUTEX, got, error);
}

static void
trylock (FuzzActor *self)
{
  gboolean expected;

  if (holds (self, FUZZ_MUTEX))
    return;
  expected = model_try (model_of (FUZZ_MUTEX), self->coroutine, TRUE);
  if (gco_mutex_trylock (&fuzz.mutex) != expected)
    fuzz_fail ("actor %u: trylock is not %d", self->index, expected);
}

static void
unlock (FuzzActor *self)
{
  if (!model_release (model_of (FUZZ_MUTEX), self->coroutine))
    return;
  gco_mutex_unlock (&fuzz.mutex);
}

/* ----------------------------------------------------------------- read/write */

static void
rwlock_lock (FuzzActor *self,
             gboolean   exclusive)
{
  FuzzWay  way = choose_way (self);
  GError  *error = NULL;
  gboolean got = TRUE;

  if (holds (self, FUZZ_RWLOCK))
    return;
  model_acquire (model_of (FUZZ_RWLOCK), self->coroutine, exclusive);
  begin_wait (self, FUZZ_RWLOCK, way);
  if (way == FUZZ_PLAIN)
    (exclusive ? gco_rwlock_wrlock : gco_rwlock_rdlock) (&fuzz.rwlock);
  else if (way == FUZZ_CANCELLABLE)
    got = (exclusive ? gco_rwlock_wrlock_cancellable
                     : gco_rwlock_rdlock_cancellable) (&fuzz.rwlock, self->cancellable, &error);
  else
    got = (exclusive ? gco_rwlock_wrlock_until
                     : gco_rwlock_rdlock_until) (&fuzz.rwlock,
                                                 fuzz.clock,
                                                 self->deadline_ns,
                                                 self->cancellable,
                                                 &error);
  end_wait (self, FUZZ_RWLOCK, got, error);
}

static void
rdlock (FuzzActor *self)
{
  rwlock_lock (self, FALSE);
}

static void
wrlock (FuzzActor *self)
{
  rwlock_lock (self, TRUE);
}

static void
try_rwlock (FuzzActor *self)
{
  gboolean exclusive = self->arg & 1;
  gboolean expected;

  if (holds (self, FUZZ_RWLOCK))
    return;
  expected = model_try (model_of (FUZZ_RWLOCK), self->coroutine, exclusive);
  if ((exclusive ? gco_rwlock_trywrlock : gco_rwlock_tryrdlock) (&fuzz.rwlock) != expected)
    fuzz_fail ("actor %u: a try is not %d", self->index, expected);
}

static void
rwunlock (FuzzActor *self)
{
  if (!model_release (model_of (FUZZ_RWLOCK), self->coroutine))
    return;
  gco_rwlock_unlock (&fuzz.rwlock);
}

static gboolean
reads (FuzzActor *self)
{
  return holds (self, FUZZ_RWLOCK) &&
         model_of (FUZZ_RWLOCK)->writer != (gconstpointer) self->coroutine;
}

/* One that is cancelled reads again: fuzz_cancel() has told the model. */
static void
upgrade (FuzzActor *self)
{
  GError  *error = NULL;
  gboolean got;

  if (!reads (self))
    return;
  model_upgrade (model_of (FUZZ_RWLOCK), self->coroutine);
  begin_wait (self, FUZZ_RWLOCK, FUZZ_CANCELLABLE);
  self->upgrades = TRUE;
  got = gco_rwlock_upgrade_cancellable (&fuzz.rwlock, self->cancellable, &error);
  self->waits_for = -1;
  g_clear_error (&error);
  if (!holds (self, FUZZ_RWLOCK) || got == reads (self))
    fuzz_fail ("actor %u: upgrade: %d, and the model says otherwise", self->index, got);
}

static void
downgrade (FuzzActor *self)
{
  if (model_of (FUZZ_RWLOCK)->writer != (gconstpointer) self->coroutine)
    return;
  model_downgrade (model_of (FUZZ_RWLOCK), self->coroutine);
  gco_rwlock_downgrade (&fuzz.rwlock);
}

/* ------------------------------------------------------------------ semaphore */

static void
acquire (FuzzActor *self)
{
  FuzzWay  way = choose_way (self);
  GError  *error = NULL;
  gboolean got = TRUE;

  if (holds (self, FUZZ_SEMAPHORE))
    return;
  model_acquire (model_of (FUZZ_SEMAPHORE), self->coroutine, FALSE);
  begin_wait (self, FUZZ_SEMAPHORE, way);
  if (way == FUZZ_PLAIN)
    gco_semaphore_acquire (&fuzz.semaphore);
  else if (way == FUZZ_CANCELLABLE)
    got = gco_semaphore_acquire_cancellable (&fuzz.semaphore, self->cancellable, &error);
  else
    got = gco_semaphore_acquire_until (&fuzz.semaphore,
                                       fuzz.clock,
                                       self->deadline_ns,
                                       self->cancellable,
                                       &error);
  end_wait (self, FUZZ_SEMAPHORE, got, error);
}

static void
release (FuzzActor *self)
{
  if (!model_release (model_of (FUZZ_SEMAPHORE), self->coroutine))
    return;
  gco_semaphore_release (&fuzz.semaphore);
}

/* ---------------------------------------------------------------------- queue */

static FuzzActor *
actor_of (gconstpointer coroutine)
{
  for (guint i = 0; i < FUZZ_N_ACTORS; i++)
    if (fuzz.actors[i].coroutine == coroutine)
      return &fuzz.actors[i];
  fuzz_fail ("somebody is in the queue who is nobody");
}

static void
let_mutex_go (gpointer data)
{
  unlock (data);
}

/* The wait is over, one way or the other; this one cannot be ended. */
static void
take_mutex_again (gpointer data)
{
  FuzzActor *self = data;

  model_leave (model_of (FUZZ_QUEUE), self->coroutine);
  model_acquire (model_of (FUZZ_MUTEX), self->coroutine, TRUE);
  self->way = FUZZ_PLAIN;
  self->waits_for = FUZZ_MUTEX;
  gco_mutex_lock (&fuzz.mutex);
  self->waits_for = -1;
}

static void
wait_in_queue (FuzzActor *self)
{
  gboolean with_mutex = holds (self, FUZZ_MUTEX) && !holds (self, FUZZ_RWLOCK) &&
                        !holds (self, FUZZ_SEMAPHORE);
  GcoLockable lockable = { self, take_mutex_again, let_mutex_go };
  gboolean    at_head = self->arg & 1;
  GError     *error = NULL;
  gboolean    got;

  model_wait (model_of (FUZZ_QUEUE), self->coroutine, at_head);
  begin_wait (self, FUZZ_QUEUE, self->wish == FUZZ_UNTIL ? FUZZ_UNTIL : FUZZ_CANCELLABLE);
  self->picked = FALSE;
  got = gco_queue_wait_full_until (&fuzz.queue,
                                   with_mutex ? lockable : gco_lockable_none (NULL),
                                   at_head ? GCO_QUEUE_WAIT_INSERT_HEAD : GCO_QUEUE_WAIT_DEFAULT,
                                   fuzz.clock,
                                   self->way == FUZZ_UNTIL ? self->deadline_ns : G_MAXINT64,
                                   self->cancellable,
                                   &error);
  self->waits_for = -1;
  g_clear_error (&error);
  model_leave (model_of (FUZZ_QUEUE), self->coroutine);
  if (got != self->picked)
    fuzz_fail ("actor %u: picked: %d, and the model says otherwise", self->index, got);
  if (with_mutex && !holds (self, FUZZ_MUTEX))
    fuzz_fail ("actor %u: back from the queue without the mutex", self->index);
}

static void
next (FuzzActor *self)
{
  gconstpointer who = model_next (model_of (FUZZ_QUEUE));

  if (who != NULL)
    actor_of (who)->picked = TRUE;
  if (gco_queue_next (&fuzz.queue) != (who != NULL))
    fuzz_fail ("next: %d, and the model says otherwise", who == NULL);
}

static void
restart_all (FuzzActor *self)
{
  gconstpointer who;

  while ((who = model_next (model_of (FUZZ_QUEUE))) != NULL)
    actor_of (who)->picked = TRUE;
  gco_queue_restart_all (&fuzz.queue);
}

/* ----------------------------------------------------------------- the others */

static void
sleep_for_a_while (FuzzActor *self)
{
  self->way = FUZZ_CANCELLABLE;
  self->deadline_ns = gco_clock_get_time_ns (fuzz.clock) + 1 + self->arg;
  if (gco_sleep_until (fuzz.clock, self->deadline_ns, self->cancellable, NULL) &&
      gco_clock_get_time_ns (fuzz.clock) < self->deadline_ns)
    fuzz_fail ("actor %u: awake too early", self->index);
}

static void
move (FuzzActor *self)
{
  self->ctx = fuzz.contexts[self->arg & 1];
  gco_coroutine_move_to (self->ctx);
  if (gco_aio_context_get_current () != self->ctx)
    fuzz_fail ("actor %u has not moved", self->index);
}

static void
run_oneshot (gpointer data)
{
  guint number = GPOINTER_TO_UINT (data) / 2;
  guint here = GPOINTER_TO_UINT (data) % 2;

  if (fuzz.n_run[here]++ != number)
    fuzz_fail ("one-shot %u is not in its turn", number);
}

static void
post (FuzzActor *self)
{
  guint there = self->arg & 1;

  gco_aio_context_schedule_oneshot (fuzz.contexts[there],
                                    run_oneshot,
                                    GUINT_TO_POINTER (fuzz.n_posted[there]++ * 2 + there),
                                    NULL);
}

/* But for an upgrade, of which the model must know at once. */
static void
cancel_other (FuzzActor *self)
{
  FuzzActor *other = &fuzz.actors[self->arg % FUZZ_N_ACTORS];

  if (other != self && !other->upgrades)
    fuzz_cancel (other);
}

static void
do_nothing (FuzzActor *self)
{
}

const FuzzOp fuzz_ops[] = {
  lock,
  unlock,
  rdlock,
  wrlock,
  rwunlock,
  upgrade,
  downgrade,
  acquire,
  release,
  wait_in_queue,
  next,
  restart_all,
  trylock,
  try_rwlock,
  sleep_for_a_while,
  move,
  post,
  cancel_other,
  do_nothing,
};
const guint fuzz_n_ops = G_N_ELEMENTS (fuzz_ops);

void
fuzz_release_all (FuzzActor *self)
{
  unlock (self);
  rwunlock (self);
  release (self);
}
