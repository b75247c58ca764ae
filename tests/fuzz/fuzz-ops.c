/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What an actor does with the locks: to the model, and to the lock. */

#include "fuzz.h"

/* What fails at once the model need not know. */
static void
begin_wait (FuzzActor *self,
            FuzzLock   lock,
            gboolean   exclusive,
            FuzzWay    way)
{
  if (!fuzz_is_hopeless (self, way))
    model_acquire (fuzz_model (lock), self->coroutine, exclusive);
  fuzz_begin_wait (self, lock, 0, way);
}

static void
end_wait (FuzzActor *self,
          FuzzLock   lock,
          gboolean   got,
          GError    *error)
{
  fuzz_end_wait (self, got, error);
  if (got != fuzz_holds (self, lock))
    fuzz_fail ("actor %u: lock %d: %s, and the model says otherwise",
               self->index,
               (int) lock,
               got ? "has it" : "does not have it");
  model_leave (fuzz_model (lock), self->coroutine);
}

/* ---------------------------------------------------------------------- mutex */

static void
lock (FuzzActor *self)
{
  FuzzWay  way = fuzz_choose_way (self);
  GError  *error = NULL;
  gboolean got = TRUE;

  if (fuzz_holds (self, FUZZ_MUTEX))
    return;
  begin_wait (self, FUZZ_MUTEX, TRUE, way);
  if (way == FUZZ_PLAIN)
    gco_mutex_lock (fuzz.mutex);
  else if (way == FUZZ_CANCELLABLE)
    got = gco_mutex_lock_cancellable (fuzz.mutex, self->cancellable, &error);
  else
    got = gco_mutex_lock_until (fuzz.mutex,
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

  if (fuzz_holds (self, FUZZ_MUTEX))
    return;
  expected = model_try (fuzz_model (FUZZ_MUTEX), self->coroutine, TRUE);
  if (gco_mutex_trylock (fuzz.mutex) != expected)
    fuzz_fail ("actor %u: trylock is not %d", self->index, expected);
}

static void
unlock (FuzzActor *self)
{
  if (!model_release (fuzz_model (FUZZ_MUTEX), self->coroutine))
    return;
  gco_mutex_unlock (fuzz.mutex);
}

/* ----------------------------------------------------------------- read/write */

static void
rwlock_lock (FuzzActor *self,
             gboolean   exclusive)
{
  FuzzWay  way = fuzz_choose_way (self);
  GError  *error = NULL;
  gboolean got = TRUE;

  if (fuzz_holds (self, FUZZ_RWLOCK))
    return;
  begin_wait (self, FUZZ_RWLOCK, exclusive, way);
  if (way == FUZZ_PLAIN)
    (exclusive ? gco_rwlock_wrlock : gco_rwlock_rdlock) (fuzz.rwlock);
  else if (way == FUZZ_CANCELLABLE)
    got = (exclusive ? gco_rwlock_wrlock_cancellable
                     : gco_rwlock_rdlock_cancellable) (fuzz.rwlock, self->cancellable, &error);
  else
    got = (exclusive ? gco_rwlock_wrlock_until
                     : gco_rwlock_rdlock_until) (fuzz.rwlock,
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

  if (fuzz_holds (self, FUZZ_RWLOCK))
    return;
  expected = model_try (fuzz_model (FUZZ_RWLOCK), self->coroutine, exclusive);
  if ((exclusive ? gco_rwlock_trywrlock : gco_rwlock_tryrdlock) (fuzz.rwlock) != expected)
    fuzz_fail ("actor %u: a try is not %d", self->index, expected);
}

static void
rwunlock (FuzzActor *self)
{
  if (!model_release (fuzz_model (FUZZ_RWLOCK), self->coroutine))
    return;
  gco_rwlock_unlock (fuzz.rwlock);
}

static gboolean
reads (FuzzActor *self)
{
  return fuzz_holds (self, FUZZ_RWLOCK) &&
         fuzz_model (FUZZ_RWLOCK)->writer != (gconstpointer) self->coroutine;
}

/* One that is cancelled reads again: fuzz_cancel() has told the model. Of a child it would
 * be the scope that does it, at a time that nobody can tell. */
static void
upgrade (FuzzActor *self)
{
  GError  *error = NULL;
  gboolean got;

  if (!reads (self) || self->scope != NULL)
    return;
  if (!fuzz_is_hopeless (self, FUZZ_CANCELLABLE))
    model_upgrade (fuzz_model (FUZZ_RWLOCK), self->coroutine);
  fuzz_begin_wait (self, FUZZ_RWLOCK, 0, FUZZ_CANCELLABLE);
  self->upgrades = TRUE;
  got = gco_rwlock_upgrade_cancellable (fuzz.rwlock, self->cancellable, &error);
  self->waits_for = FUZZ_NOTHING;
  if (got != (error == NULL))
    fuzz_fail ("actor %u: a result and an error do not agree", self->index);
  g_clear_error (&error);
  if (!fuzz_holds (self, FUZZ_RWLOCK) || got == reads (self))
    fuzz_fail ("actor %u: upgrade: %d, and the model says otherwise", self->index, got);
}

static void
downgrade (FuzzActor *self)
{
  if (fuzz_model (FUZZ_RWLOCK)->writer != (gconstpointer) self->coroutine)
    return;
  model_downgrade (fuzz_model (FUZZ_RWLOCK), self->coroutine);
  gco_rwlock_downgrade (fuzz.rwlock);
}

/* ------------------------------------------------------------------ semaphore */

static void
acquire (FuzzActor *self)
{
  FuzzWay  way = fuzz_choose_way (self);
  GError  *error = NULL;
  gboolean got = TRUE;

  if (fuzz_holds (self, FUZZ_SEMAPHORE))
    return;
  begin_wait (self, FUZZ_SEMAPHORE, FALSE, way);
  if (way == FUZZ_PLAIN)
    gco_semaphore_acquire (fuzz.semaphore);
  else if (way == FUZZ_CANCELLABLE)
    got = gco_semaphore_acquire_cancellable (fuzz.semaphore, self->cancellable, &error);
  else
    got = gco_semaphore_acquire_until (fuzz.semaphore,
                                       fuzz.clock,
                                       self->deadline_ns,
                                       self->cancellable,
                                       &error);
  end_wait (self, FUZZ_SEMAPHORE, got, error);
}

static void
release (FuzzActor *self)
{
  if (!model_release (fuzz_model (FUZZ_SEMAPHORE), self->coroutine))
    return;
  gco_semaphore_release (fuzz.semaphore);
}

/* ---------------------------------------------------------------------- queue */

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

  model_leave (fuzz_model (FUZZ_QUEUE), self->coroutine);
  model_acquire (fuzz_model (FUZZ_MUTEX), self->coroutine, TRUE);
  fuzz_begin_wait (self, FUZZ_MUTEX, 0, FUZZ_PLAIN);
  gco_mutex_lock (fuzz.mutex);
  self->waits_for = FUZZ_NOTHING;
}

static void
wait_in_queue (FuzzActor *self)
{
  gboolean with_mutex = fuzz_holds (self, FUZZ_MUTEX) && !fuzz_holds (self, FUZZ_RWLOCK) &&
                        !fuzz_holds (self, FUZZ_SEMAPHORE);
  GcoLockable lockable = { self, take_mutex_again, let_mutex_go };
  FuzzWay     way = self->wish == FUZZ_UNTIL ? FUZZ_UNTIL : FUZZ_CANCELLABLE;
  gboolean    at_head = self->arg & 1;
  GError     *error = NULL;
  gboolean    got;

  if (!fuzz_is_hopeless (self, way))
    model_wait (fuzz_model (FUZZ_QUEUE), self->coroutine, at_head);
  fuzz_begin_wait (self, FUZZ_QUEUE, 0, way);
  self->picked = FALSE;
  got = gco_queue_wait_full_until (fuzz.queue,
                                   with_mutex ? lockable : gco_lockable_none (NULL),
                                   at_head ? GCO_QUEUE_WAIT_INSERT_HEAD : GCO_QUEUE_WAIT_DEFAULT,
                                   fuzz.clock,
                                   way == FUZZ_UNTIL ? self->deadline_ns : G_MAXINT64,
                                   self->cancellable,
                                   &error);
  self->waits_for = FUZZ_NOTHING;
  g_clear_error (&error);
  model_leave (fuzz_model (FUZZ_QUEUE), self->coroutine);
  if (got != self->picked)
    fuzz_fail ("actor %u: picked: %d, and the model says otherwise", self->index, got);
  if (with_mutex && !fuzz_holds (self, FUZZ_MUTEX))
    fuzz_fail ("actor %u: back from the queue without the mutex", self->index);
}

static void
pick (gconstpointer who,
      gboolean      alone)
{
  FuzzCaller *caller;

  for (guint i = 0; i < FUZZ_N_ALL; i++)
    if (fuzz.actors[i].coroutine == who)
      fuzz.actors[i].picked = TRUE;
  if (!fuzz_is_caller (who))
    return;
  caller = (FuzzCaller *) who;
  caller->picked = TRUE;
  caller->picked_alone = alone;
  if (caller->with_mutex)
    fuzz.retakers[fuzz.n_retakers++] = caller;
}

gboolean
fuzz_pick (gboolean alone)
{
  gconstpointer who = model_next (&fuzz.models[FUZZ_QUEUE]);

  if (who != NULL)
    pick (who, alone);
  return who != NULL;
}

static void
next (FuzzActor *self)
{
  gboolean any;

  fuzz_sync ();
  any = fuzz_pick (TRUE);
  if (gco_queue_next (fuzz.queue) != any)
    fuzz_fail ("next: %d, and the model says otherwise", !any);
}

static void
restart_all (FuzzActor *self)
{
  fuzz_sync ();
  while (fuzz_pick (FALSE))
    ;
  gco_queue_restart_all (fuzz.queue);
}

/* ----------------------------------------------------------------- the others */

static void
sleep_for_a_while (FuzzActor *self)
{
  GError  *error = NULL;
  gboolean done;

  fuzz_begin_wait (self, FUZZ_NOTHING, 0, FUZZ_CANCELLABLE);
  done = gco_sleep_until (fuzz.clock, self->deadline_ns, self->cancellable, &error);
  if (done && gco_clock_get_time_ns (fuzz.clock) < self->deadline_ns)
    fuzz_fail ("actor %u: awake too early", self->index);
  fuzz_end_wait (self, done, error);
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

static void
cancel_other (FuzzActor *self)
{
  FuzzActor *other = &fuzz.actors[self->arg % FUZZ_N_ACTORS];

  if (other != self)
    fuzz_cancel_if_simple (other);
}

static void
do_nothing (FuzzActor *self)
{
}

static const FuzzCode codes[] = {
  { "lock", .op = lock },
  { "unlock", .op = unlock },
  { "rdlock", .op = rdlock },
  { "wrlock", .op = wrlock },
  { "rwunlock", .op = rwunlock },
  { "upgrade", .op = upgrade },
  { "downgrade", .op = downgrade },
  { "acquire", .op = acquire },
  { "release", .op = release },
  { "wait in queue", .op = wait_in_queue },
  { "pick the next", .op = next },
  { "pick all", .op = restart_all },
  { "trylock", .op = trylock },
  { "try rwlock", .op = try_rwlock },
  { "sleep", .op = sleep_for_a_while },
  { "move", .op = move },
  { "post", .op = post },
  { "cancel another", .op = cancel_other },
  { "do nothing", .op = do_nothing },
};
const FuzzCodes fuzz_lock_codes = { codes, G_N_ELEMENTS (codes) };

void
fuzz_release_all (FuzzActor *self)
{
  unlock (self);
  rwunlock (self);
  release (self);
}
