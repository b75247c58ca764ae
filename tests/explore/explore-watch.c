/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Holds each lock to its model, step by step. While its BUSY bit is set a lock is between
 * two states; whenever it is not, it must look like the model, or like what the model
 * becomes by the operation that the running coroutine has begun and not yet done.
 */

#include "explore-watch.h"

#include <string.h>

#include "explore-past.h"
#include "gco-waiter-private.h"

#define MAX_LOCKS 4
#define MAX_OPS 32

typedef struct
{
  gpointer    lock; /* NULL: watched no longer */
  const char *name;
  Model       model;
  guint      *states[MODEL_MAX]; /* of the waiters, in the order of the model's */
} Watched;

typedef struct
{
  gconstpointer who; /* NULL: the place is free */
  Watched      *watched;
  ExploreOp     op;
  const char   *what;
  gboolean      done;
  gboolean      was_taken; /* at some time since it began */
} Pending;

static Watched locks[MAX_LOCKS];
static guint   n_locks;
static Pending pending[MAX_OPS];
static guint   n_pending; /* places that were in use */

/* A coroutine, or the actor itself. */
static gconstpointer
who_runs (void)
{
  static const char actors[EXPLORE_MAX_ACTORS];
  GcoCoroutine     *self = gco_coroutine_self ();

  return self != NULL ? (gconstpointer) self : &actors[MAX (explore_self (), 0)];
}

void
explore_watch_reset (void)
{
  n_locks = n_pending = 0;
}

static void
watch (gpointer    lock,
       gsize       size,
       const char *name,
       ModelKind   kind,
       guint       n_permits)
{
  Watched *watched = &locks[n_locks++];

  g_assert (n_locks <= MAX_LOCKS);
  watched->lock = lock;
  watched->name = name;
  model_init (&watched->model, kind, n_permits);
  explore_name (lock, size, name);
}

void
explore_watch_mutex (GcoMutex   *mutex,
                     const char *name)
{
  watch (mutex, sizeof *mutex, name, MODEL_MUTEX, 1);
}

void
explore_watch_rwlock (GcoRwlock  *rwlock,
                      const char *name)
{
  watch (rwlock, sizeof *rwlock, name, MODEL_RWLOCK, 1);
}

void
explore_watch_semaphore (GcoSemaphore *semaphore,
                         const char   *name)
{
  watch (semaphore, sizeof *semaphore, name, MODEL_SEMAPHORE, semaphore->n_permits);
}

void
explore_watch_queue (GcoQueue   *queue,
                     const char *name)
{
  watch (queue, sizeof *queue, name, MODEL_QUEUE, 1);
}

static Watched *
find (gpointer lock)
{
  for (guint i = 0; i < n_locks; i++)
    if (locks[i].lock == lock)
      return &locks[i];
  g_assert_not_reached ();
}

void
explore_assert_free (gpointer lock)
{
  Watched *watched = find (lock);

  if (!model_is_free (&watched->model))
    explore_fail ("%s is not free in the end", watched->name);
}

void
explore_free_lock (gpointer lock)
{
  find (lock)->lock = NULL;
  explore_kill_page (lock);
}

/* -------------------------------------------------------- what is going on */

static Pending *
find_pending (gconstpointer who,
              Watched      *watched)
{
  for (guint i = 0; i < n_pending; i++)
    if (pending[i].who == who && pending[i].watched == watched && !pending[i].done)
      return &pending[i];
  return NULL;
}

static gboolean
is_taken (const Watched *watched)
{
  return !model_is_free (&watched->model) ||
         (explore_lock_state (watched->lock) & GCO_BUSY) != 0;
}

static void
apply (Model        *model,
       ExploreOp     op,
       gconstpointer who)
{
  switch (op)
    {
    case OP_ACQUIRE:
    case OP_SHARE:
      model_acquire (model, who, op == OP_ACQUIRE);
      break;
    case OP_TRY:
      model_try (model, who, TRUE);
      break;
    case OP_RELEASE:
      model_release (model, who);
      break;
    case OP_UPGRADE:
      model_upgrade (model, who);
      break;
    case OP_LET_IN:
      model_let_in (model);
      break;
    case OP_DOWNGRADE:
      model_downgrade (model, who);
      break;
    case OP_WAIT:
      model_wait (model, who, FALSE);
      break;
    case OP_NEXT:
      model_next (model);
      break;
    case OP_RESTART:
      while (model_next (model) != NULL)
        ;
    }
}

static gboolean
is_cancelled (const Model  *model,
              gconstpointer who)
{
  for (guint i = 0; i < model->n_waiters; i++)
    if (model->waiters[i].who == who)
      return model->waiters[i].cancelled;
  return FALSE;
}

/* The lock is kept, in nobody's name, while somebody is leaving: see let_pass() in
 * gco-rwlock.c. It is in the middle of something; what that was is looked at in the end. */
static gboolean
stands_in (Watched      *watched,
           gconstpointer writer)
{
  return watched->model.kind == MODEL_RWLOCK && (guintptr) writer == GCO_HELD_PASSING;
}

static G_GNUC_NORETURN void
fail_unlike (Watched     *watched,
             const Model *expected,
             const Model *seen)
{
  GString *text = g_string_new (NULL);

  explore_describe (text, seen);
  g_string_append (text, "; to be ");
  explore_describe (text, expected);
  explore_fail ("%s is not as its model: %s", watched->name, text->str);
}

static gboolean
accept_if_like (Watched     *watched,
                const Model *next,
                const Model *seen,
                guint      **states)
{
  if (!explore_is_like (next, seen))
    return FALSE;
  watched->model = *next;
  memcpy (watched->states, states, sizeof watched->states);
  return TRUE;
}

/* Who gives it away takes those out of the line who are cancelled. Only they themselves
 * let others in by that. */
static void
drop_detached (Model        *model,
               const Model  *seen,
               gconstpointer who)
{
  for (guint i = 0; i < model->n_waiters;)
    {
      ModelWaiter *waiter = &model->waiters[i];

      if (waiter->cancelled && waiter->who != who && !model_waits (seen, waiter->who))
        model_drop (model, waiter->who);
      else
        i++;
    }
}

/* Meanwhile nobody can get it, not even who could have it together with those who have
 * it now: they stand in the line until the other one goes on. */
static void
check_line (Watched      *watched,
            gconstpointer who,
            const Model  *seen,
            guint       **states)
{
  Model    next = watched->model;
  Pending *op = find_pending (who, watched);

  drop_detached (&next, seen, who);
  if (explore_same_line (&next, seen))
    ;
  else if (is_cancelled (&next, who))
    model_drop (&next, who);
  else if (op != NULL && op->op == OP_UPGRADE && model_begin_upgrade (&next, who))
    op->op = OP_LET_IN;
  else if (op != NULL && (op->op == OP_ACQUIRE || op->op == OP_SHARE))
    {
      model_enqueue (&next, who, op->op == OP_ACQUIRE);
      op->done = TRUE;
    }
  if (!explore_same_line (&next, seen))
    fail_unlike (watched, &next, seen);
  watched->model = next;
  memcpy (watched->states, states, sizeof watched->states);
}

static void
check (Watched *watched)
{
  gconstpointer who;
  guint        *states[MODEL_MAX];
  Model         seen;
  Model         done;
  Model         left;
  Pending      *op;

  explore_look_at (watched->lock, watched->name, &watched->model, &seen, states);
  if (explore_is_like (&watched->model, &seen))
    return;
  done = left = watched->model;
  who = who_runs ();
  op = find_pending (who, watched);
  if (op != NULL)
    {
      apply (&done, op->op, who);
      op->done = accept_if_like (watched, &done, &seen, states);
      if (op->done)
        return;
    }
  /* It may have gone out of the line before, and let others in only now. */
  if (is_cancelled (&left, who) || !model_waits (&left, who))
    {
      model_leave (&left, who);
      if (accept_if_like (watched, &left, &seen, states))
        return;
    }
  left = watched->model;
  drop_detached (&left, &seen, who);
  if (op != NULL && accept_if_like (watched, &left, &seen, states))
    return;
  if (!stands_in (watched, seen.writer))
    fail_unlike (watched, op != NULL ? &done : &watched->model, &seen);
  if (!explore_same_line (&watched->model, &seen))
    check_line (watched, who, &seen, states);
}

/* A canceller knows nothing of the lock, but its mark changes what the lock is. */
static void
note_cancellation (Watched             *watched,
                   const volatile void *address)
{
  for (guint i = 0; i < watched->model.n_waiters; i++)
    if (watched->states[i] == address)
      watched->model.waiters[i].cancelled = TRUE;
}

void
explore_watch_step (const volatile void *address,
                    guintptr             now)
{
  for (guint i = 0; i < n_locks; i++)
    {
      Watched *watched = &locks[i];

      if (watched->lock == NULL)
        continue;
      if (now == GCO_WAIT_CANCELLED)
        note_cancellation (watched, address);
      if (!(explore_lock_state (watched->lock) & GCO_BUSY))
        check (watched);
      if (is_taken (watched))
        for (guint j = 0; j < n_pending; j++)
          pending[j].was_taken = pending[j].was_taken || pending[j].watched == watched;
    }
}

/* ---------------------------------------------------------------- operations */

void
explore_begin (gpointer    lock,
               ExploreOp   op,
               const char *what)
{
  gconstpointer who = who_runs ();
  Watched      *watched = find (lock);
  guint         i = 0;

  explore_past_add (lock, FALSE);
  explore_note ("%s %s", what, watched->name);

  while (i < n_pending && pending[i].who != NULL)
    i++;
  n_pending = MAX (n_pending, i + 1);
  g_assert (n_pending <= MAX_OPS);
  pending[i] = (Pending){ who, watched, op, what, FALSE, is_taken (watched) };
}

static void
check_end (const Pending *op,
           gboolean       result)
{
  const Watched *watched = op->watched;

  if (op->op == OP_TRY && !result && !op->was_taken)
    explore_fail ("%s %s failed, though it was free", op->what, watched->name);
  if (op->op != OP_TRY && op->op != OP_LET_IN && result && !op->done)
    explore_fail ("%s %s has done nothing to it", op->what, watched->name);
  if (op->op == OP_ACQUIRE && result != model_holds (&watched->model, op->who))
    explore_fail ("%s %s returned %d, and the model says otherwise",
                  op->what,
                  watched->name,
                  result);
  /* Whoever has BUSY may have taken it out just now. */
  if (watched->lock != NULL && model_waits (&watched->model, op->who) &&
      !(is_cancelled (&watched->model, op->who) && (explore_lock_state (watched->lock) & GCO_BUSY)))
    explore_fail ("%s %s returned, but it stands in the line", op->what, watched->name);
}

gboolean
explore_end (gboolean result)
{
  gconstpointer who = who_runs ();

  for (guint i = 0; i < n_pending; i++)
    if (pending[i].who == who)
      {
        explore_note ("%s %s: %s",
                      pending[i].what,
                      pending[i].watched->name,
                      result ? "has" : "has not");
        explore_past_add (pending[i].watched, FALSE);
        check_end (&pending[i], result);
        pending[i].who = NULL;
      }
  return result;
}
