/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Most of what ends a wait is a call, of which the model is told by who makes it. A
 * deadline and a scope end waits when their context comes to it, and a caller who was
 * cancelled leaves then. Nothing else happens to a lock between two calls, so it is early
 * enough to look at the waiters before the next one.
 */

#include "fuzz.h"

#include "gco-coroutine-private.h"
#include "gco-mutex-private.h"
#include "gco-waiter-private.h"

#include "../explore/explore-watch.h"

gboolean
fuzz_is_caller (gconstpointer who)
{
  const FuzzCaller *caller = who;

  return caller >= fuzz.callers && caller < fuzz.callers + FUZZ_N_CALLERS;
}

static ModelWaiter *
in_line (FuzzLock      lock,
         gconstpointer who)
{
  Model *model = &fuzz.models[lock];

  for (guint i = 0; i < model->n_waiters; i++)
    if (model->waiters[i].who == who)
      return &model->waiters[i];
  return NULL;
}

/* Nobody has ended it. */
static gboolean
still_waits (FuzzActor *actor)
{
  ModelWaiter *waiter;

  switch (actor->waits_for)
    {
    case FUZZ_NOTHING:
      return FALSE;
    case FUZZ_CHANNEL:
      return model_channel_waits (&fuzz.channels[actor->place].model, actor);
    case FUZZ_SLEEP:
      return model_sleeps (&fuzz.sleep_models[actor->place], actor);
    case FUZZ_JOIN:
      return model_scope_waits (&actor->joins->model, actor);
    default:
      waiter = in_line (actor->waits_for, actor->coroutine);
      return waiter != NULL && !waiter->cancelled;
    }
}

gboolean
fuzz_stop_waiting (FuzzActor *actor)
{
  if (!still_waits (actor))
    return FALSE;
  switch (actor->waits_for)
    {
    case FUZZ_CHANNEL:
      model_channel_cancel (&fuzz.channels[actor->place].model, actor);
      break;
    case FUZZ_SLEEP:
      fuzz.sleep_models[actor->place].cancelled = TRUE;
      break;
    default:
      model_cancel (&fuzz.models[actor->waits_for], actor->coroutine);
    }
  return TRUE;
}

static gboolean
is_late (FuzzActor *actor)
{
  return actor->way == FUZZ_UNTIL && actor->deadline_ns <= gco_clock_get_time_ns (fuzz.clock);
}

static gboolean
has_to_end (FuzzActor *actor)
{
  if (actor->way == FUZZ_PLAIN)
    return FALSE;
  return is_late (actor) || g_cancellable_is_cancelled (actor->cancellable) ||
         (actor->scope != NULL && fuzz_scope_is_cancelled (actor->scope));
}

static void
sync_actor (FuzzActor *actor)
{
  GcoWaiter *waiter;

  if (!actor->busy || actor->way == FUZZ_PLAIN || !still_waits (actor))
    return;
  waiter = actor->coroutine->waiter;
  if (waiter == NULL || *waiter->state == GCO_WAIT_WAITING ||
      *waiter->state == GCO_WAIT_GRANTED)
    return;
  if (!has_to_end (actor))
    fuzz_fail ("actor %u is cancelled, and by nobody", actor->index);
  fuzz_stop_waiting (actor);
}

void
fuzz_note_failed (FuzzActor *actor)
{
  fuzz_sync ();
  if (still_waits (actor) && !has_to_end (actor))
    fuzz_fail ("actor %u gave up, and need not", actor->index);
  fuzz_stop_waiting (actor);
}

/* A writer who was cancelled keeps readers waiting until it has left. */
static void
sync_leaving (FuzzCaller *caller)
{
  GcoWaitRecord *record = caller->record;
  ModelWaiter   *waiter;

  if (record == NULL || record->state != GCO_WAIT_LEAVING)
    return;
  waiter = in_line (FUZZ_RWLOCK, caller);
  if (waiter != NULL && waiter->cancelled)
    model_leave (&fuzz.models[FUZZ_RWLOCK], caller);
}

static guint
count_callers (const Model *model)
{
  guint n = fuzz_is_caller (model->writer);

  for (guint i = 0; i < model->n_waiters; i++)
    n += fuzz_is_caller (model->waiters[i].who) && !model->waiters[i].cancelled;
  return n;
}

static guint
count_callers_seen (void)
{
  guintptr holder = *(guintptr *) fuzz.mutex & ~(guintptr) 3;
  guint    n = holder == GCO_HELD_ASYNC;

  for (GcoWaiter *waiter = fuzz.mutex->head; waiter != NULL; waiter = waiter->next)
    n += waiter->coroutine == NULL && *waiter->state == GCO_WAIT_WAITING;
  return n;
}

/* Who is back from the queue stands in the line for the mutex, but nobody says who
 * it is: they come in the order in which they were sent. */
static void
sync_retakers (void)
{
  guint n_come;

  if (fuzz.n_retakers == 0)
    return;
  n_come = count_callers_seen () - count_callers (&fuzz.models[FUZZ_MUTEX]);
  if (n_come > fuzz.n_retakers)
    fuzz_fail ("somebody wants the mutex whom nobody sent");
  for (guint i = 0; i < n_come; i++)
    {
      fuzz.retakers[i]->waits_for = FUZZ_MUTEX;
      model_leave (&fuzz.models[FUZZ_QUEUE], fuzz.retakers[i]);
      model_acquire (&fuzz.models[FUZZ_MUTEX], fuzz.retakers[i], TRUE);
    }
  fuzz.n_retakers -= n_come;
  for (guint i = 0; i < fuzz.n_retakers; i++)
    fuzz.retakers[i] = fuzz.retakers[i + n_come];
}

void
fuzz_sync (void)
{
  if (fuzz.ending)
    return;
  fuzz_scopes_sync ();
  for (guint i = 0; i < FUZZ_N_ALL; i++)
    sync_actor (&fuzz.actors[i]);
  for (guint i = 0; i < FUZZ_N_CALLERS; i++)
    sync_leaving (&fuzz.callers[i]);
  sync_retakers ();
}

Model *
fuzz_model (FuzzLock lock)
{
  fuzz_sync ();
  return &fuzz.models[lock];
}

/* --------------------------------------------------------------------- checks */

/* For explore-look.c. */
void
explore_fail (const char *format,
              ...)
{
  fuzz_fail ("a lock is broken: %s", format);
}

const char *
explore_name_at (gconstpointer  address,
                 gconstpointer *start)
{
  return "an actor";
}

/* A lock does not say which of the callers it means. */
static void
check_lock (FuzzLock    lock,
            gpointer    address,
            const char *name)
{
  guint *states[MODEL_MAX];
  Model  expected = fuzz.models[lock];
  Model  seen;

  if (fuzz_is_caller (expected.writer))
    expected.writer = GSIZE_TO_POINTER (GCO_HELD_ASYNC);
  for (guint i = 0; i < expected.n_waiters; i++)
    if (fuzz_is_caller (expected.waiters[i].who))
      expected.waiters[i].who = NULL;
  explore_look_at (address, name, &expected, &seen, states);
  if (!explore_is_like (&expected, &seen))
    fuzz_fail ("%s is not as its model", name);
}

static void
check_async_readers (void)
{
  const Model *model = &fuzz.models[FUZZ_RWLOCK];
  guint        n = 0;

  for (guint i = 0; i < model->n_readers; i++)
    n += fuzz_is_caller (model->readers[i]);
  if (fuzz.rwlock->n_async_readers != n)
    fuzz_fail ("%u callers read, and the rwlock says otherwise", n);
}

static void
check_actor (FuzzActor *actor)
{
  if (actor->told)
    fuzz_fail ("actor %u has not run", actor->index);
  if (!actor->busy)
    {
      if (actor->scope != NULL && fuzz_scope_is_cancelled (actor->scope))
        fuzz_fail ("child %u is idle, and its scope is cancelled", actor->index);
      return;
    }
  if (actor->waits_for != FUZZ_NOTHING && !still_waits (actor))
    fuzz_fail ("actor %u waits for %d, and has it", actor->index, actor->waits_for);
  if (has_to_end (actor))
    fuzz_fail ("actor %u waits for %d, and is cancelled or late",
               actor->index,
               actor->waits_for);
}

static void
check_caller (FuzzCaller *caller)
{
  ModelWaiter *waiter;
  gboolean     waits;

  if (!caller->busy)
    return;
  if (caller->waits_for == FUZZ_CHANNEL)
    waits = model_channel_waits (&fuzz.channels[caller->place].model, caller);
  else if (caller->waits_for == FUZZ_JOIN)
    waits = model_scope_waits (&caller->joins->model, caller) &&
            !g_cancellable_is_cancelled (caller->cancellable);
  else
    {
      waiter = in_line (caller->waits_for, caller);
      waits = waiter != NULL && !waiter->cancelled;
    }
  if (!waits)
    fuzz_fail ("caller %u waits for %d, and need not", caller->index, caller->waits_for);
}

void
fuzz_check (void)
{
  fuzz_sync ();
  check_lock (FUZZ_MUTEX, fuzz.mutex, "the mutex");
  check_lock (FUZZ_RWLOCK, fuzz.rwlock, "the rwlock");
  check_async_readers ();
  check_lock (FUZZ_SEMAPHORE, fuzz.semaphore, "the semaphore");
  check_lock (FUZZ_QUEUE, fuzz.queue, "the queue");
  for (guint i = 0; i < FUZZ_N_ALL; i++)
    check_actor (&fuzz.actors[i]);
  for (guint i = 0; i < FUZZ_N_CALLERS; i++)
    check_caller (&fuzz.callers[i]);
  if (fuzz.n_retakers > 0)
    fuzz_fail ("%u are not back from the queue", fuzz.n_retakers);
  fuzz_channels_check ();
  fuzz_timers_check ();
  fuzz_scopes_check ();
  for (guint i = 0; i < 2; i++)
    if (fuzz.n_run[i] != fuzz.n_posted[i])
      fuzz_fail ("%u one-shots have not run", fuzz.n_posted[i] - fuzz.n_run[i]);
}
