/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Two bytes are a step: what, and who with which argument. Steps that are not followed by
 * a drain happen in one go: a grant and a cancellation may both be on their way then.
 */

#include "fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../explore/explore-watch.h"

#define MAX_STEPS 200

Fuzz fuzz;

void
fuzz_fail (const char *format,
           ...)
{
  va_list args;

  va_start (args, format);
  vfprintf (stderr, format, args);
  va_end (args);
  fputc ('\n', stderr);
  abort ();
}

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
  for (guint i = 0; i < FUZZ_N_ACTORS; i++)
    if (fuzz.actors[i].coroutine == address)
      return fuzz.actors[i].cancellable != NULL ? "an actor" : NULL;
  return "a stranger";
}

/* --------------------------------------------------------------------- checks */

static void
check_lock (FuzzLock    lock,
            gpointer    address,
            const char *name)
{
  guint *states[MODEL_MAX];
  Model  seen;

  explore_look_at (address, name, &fuzz.models[lock], &seen, states);
  if (!explore_is_like (&fuzz.models[lock], &seen))
    fuzz_fail ("%s is not as its model", name);
}

static void
check_actor (FuzzActor *actor)
{
  if (actor->told)
    fuzz_fail ("actor %u has not run", actor->index);
  if (!actor->busy || actor->waits_for < 0)
    return;
  if (!model_waits (&fuzz.models[actor->waits_for], actor->coroutine))
    fuzz_fail ("actor %u waits for lock %d, and has it", actor->index, actor->waits_for);
  if (g_cancellable_is_cancelled (actor->cancellable) && actor->way != FUZZ_PLAIN)
    fuzz_fail ("actor %u waits for lock %d, and is cancelled", actor->index, actor->waits_for);
}

void
fuzz_check (void)
{
  check_lock (FUZZ_MUTEX, &fuzz.mutex, "the mutex");
  check_lock (FUZZ_RWLOCK, &fuzz.rwlock, "the rwlock");
  check_lock (FUZZ_SEMAPHORE, &fuzz.semaphore, "the semaphore");
  check_lock (FUZZ_QUEUE, &fuzz.queue, "the queue");
  for (guint i = 0; i < FUZZ_N_ACTORS; i++)
    check_actor (&fuzz.actors[i]);
  for (guint i = 0; i < 2; i++)
    if (fuzz.n_run[i] != fuzz.n_posted[i])
      fuzz_fail ("%u one-shots have not run", fuzz.n_posted[i] - fuzz.n_run[i]);
}

static void
drain (void)
{
  guint n_idle = 0;

  /* A source that was busy for long may sit out one iteration. */
  while (n_idle < 2)
    n_idle = g_main_context_iteration (fuzz.main_context, FALSE) ? 0 : n_idle + 1;
  fuzz_check ();
}

/* --------------------------------------------------------------------- actors */

static void
live (gpointer data)
{
  FuzzActor *self = data;

  while (gco_sleep_wait_ns_cancellable (&self->idle, NULL, -1, NULL, NULL))
    {
      self->told = FALSE;
      self->busy = TRUE;
      self->way = FUZZ_PLAIN;
      self->waits_for = -1;
      self->upgrades = FALSE;
      self->op (self);
      self->upgrades = FALSE;
      self->busy = FALSE;
      g_cancellable_reset (self->cancellable);
    }
  fuzz_release_all (self);
}

static void
note_end (gpointer data)
{
  ((FuzzActor *) data)->coroutine = NULL;
}

static void
tell (FuzzActor *self,
      FuzzOp     op,
      guint      arg)
{
  if (self->told || self->busy)
    return;
  self->op = op;
  self->wish = (FuzzWay) (arg % 3);
  self->arg = arg / 3;
  self->told = TRUE;
  gco_sleep_wake (&self->idle);
}

void
fuzz_cancel (FuzzActor *self)
{
  Model *model = self->waits_for >= 0 ? &fuzz.models[self->waits_for] : NULL;

  if (!self->busy || self->way == FUZZ_PLAIN)
    return;
  if (model != NULL && model_waits (model, self->coroutine))
    {
      model_cancel (model, self->coroutine);
      if (self->upgrades)
        {
          model_leave (model, self->coroutine);
          model_acquire (model, self->coroutine, FALSE);
          self->way = FUZZ_PLAIN;
        }
    }
  g_cancellable_cancel (self->cancellable);
}

/* With nothing else on its way: what ends by it, ends in the order of deadlines. */
static void
advance (gint64 ns)
{
  gint64 now = gco_clock_get_time_ns (fuzz.clock) + ns;

  drain ();
  for (guint i = 0; i < FUZZ_N_ACTORS; i++)
    {
      FuzzActor *actor = &fuzz.actors[i];

      if (actor->busy && actor->way == FUZZ_UNTIL && actor->waits_for >= 0 &&
          actor->deadline_ns <= now)
        model_cancel (&fuzz.models[actor->waits_for], actor->coroutine);
    }
  gco_clock_advance (fuzz.clock, ns);
  drain ();
}

/* ---------------------------------------------------------------- the program */

static void
begin (void)
{
  memset (&fuzz, 0, sizeof fuzz);
  fuzz.main_context = g_main_context_new ();
  g_main_context_push_thread_default (fuzz.main_context);
  for (guint i = 0; i < 2; i++)
    {
      fuzz.contexts[i] = gco_aio_context_new ();
      gco_aio_context_attach (fuzz.contexts[i], fuzz.main_context);
    }
  fuzz.clock = gco_clock_new_manual ();
  gco_mutex_init (&fuzz.mutex);
  gco_rwlock_init (&fuzz.rwlock);
  gco_semaphore_init (&fuzz.semaphore, 2);
  gco_queue_init (&fuzz.queue);
  model_init (&fuzz.models[FUZZ_MUTEX], MODEL_MUTEX, 1);
  model_init (&fuzz.models[FUZZ_RWLOCK], MODEL_RWLOCK, 1);
  model_init (&fuzz.models[FUZZ_SEMAPHORE], MODEL_SEMAPHORE, 2);
  model_init (&fuzz.models[FUZZ_QUEUE], MODEL_QUEUE, 1);
  for (guint i = 0; i < FUZZ_N_ACTORS; i++)
    {
      FuzzActor *actor = &fuzz.actors[i];

      actor->index = i;
      actor->waits_for = -1;
      actor->cancellable = g_cancellable_new ();
      actor->ctx = fuzz.contexts[i % 2];
      actor->coroutine = gco_spawn (actor->ctx, live, actor, note_end);
    }
  drain ();
}

static void
step (guint8 what,
      guint8 who)
{
  FuzzActor *actor = &fuzz.actors[who % FUZZ_N_ACTORS];
  guint      op = what % (fuzz_n_ops + 3);

  if (op < fuzz_n_ops)
    tell (actor, fuzz_ops[op], who / FUZZ_N_ACTORS);
  else if (op == fuzz_n_ops)
    advance (who);
  else if (op == fuzz_n_ops + 1)
    {
      if (actor->upgrades)
        drain ();
      fuzz_cancel (actor);
      if (actor->upgrades)
        drain ();
    }
  else
    drain ();
}

/* Everybody gives back what he has, and what waits nevertheless is ended. */
static void
end_all_waits (void)
{
  gboolean any = TRUE;

  drain ();
  for (guint round = 0; any; round++)
    {
      if (round > 4 * FUZZ_N_ACTORS)
        fuzz_fail ("somebody waits for ever");
      any = FALSE;
      for (guint i = 0; i < FUZZ_N_ACTORS; i++)
        {
          FuzzActor *actor = &fuzz.actors[i];

          any = any || actor->busy;
          tell (actor, fuzz_release_all, 0);
          drain ();
          fuzz_cancel (actor);
          drain ();
        }
    }
}

static void
end (void)
{
  end_all_waits ();
  for (guint i = 0; i < FUZZ_N_LOCKS; i++)
    if (!model_is_free (&fuzz.models[i]))
      fuzz_fail ("lock %u is not free in the end: %u have it, %u wait",
                 i,
                 fuzz.models[i].n_readers,
                 fuzz.models[i].n_waiters);
  for (guint i = 0; i < 2; i++)
    gco_aio_context_shutdown (fuzz.contexts[i]);
  for (guint i = 0; i < FUZZ_N_ACTORS; i++)
    {
      if (fuzz.actors[i].coroutine != NULL)
        fuzz_fail ("actor %u has not ended", i);
      g_assert_finalize_object (fuzz.actors[i].cancellable);
    }
  g_main_context_pop_thread_default (fuzz.main_context);
  g_main_context_unref (fuzz.main_context);
  for (guint i = 0; i < 2; i++)
    g_assert_finalize_object (fuzz.contexts[i]);
  g_assert_finalize_object (fuzz.clock);
}

void
fuzz_run (const guint8 *bytes,
          gsize         n)
{
  begin ();
  for (gsize i = 0; i + 1 < n && i < 2 * MAX_STEPS; i += 2)
    {
      step (bytes[i] & 0x7f, bytes[i + 1]);
      if (!(bytes[i] & 0x80))
        drain ();
    }
  end ();
}
