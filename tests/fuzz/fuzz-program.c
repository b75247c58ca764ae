/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Two bytes are a step: what, and who with which argument. Steps that are not followed by
 * a drain happen in one go: a grant and a cancellation may both be on their way then.
 */

#include "fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

Fuzz fuzz;

static const guint8 *program;
static gsize         n_done;

void
fuzz_fail (const char *format,
           ...)
{
  va_list args;

  va_start (args, format);
  vfprintf (stderr, format, args);
  va_end (args);
  fputs (", after:\n", stderr);
  fuzz_explain (program, n_done, stderr);
  abort ();
}

void
fuzz_drain (void)
{
  guint n_idle = 0;

  /* A source that was busy for long may sit out one iteration. */
  while (n_idle < 2)
    n_idle = g_main_context_iteration (fuzz.main_context, FALSE) ? 0 : n_idle + 1;
  fuzz_check ();
}

/* ---------------------------------------------------------------------- steps */

/* With grants and cancellations on their way. */
static void
advance_now (FuzzActor *actor,
             guint      who)
{
  gco_clock_advance (fuzz.clock, who);
}

static void
advance (FuzzActor *actor,
         guint      who)
{
  fuzz_drain ();
  gco_clock_advance (fuzz.clock, who);
  fuzz_drain ();
}

static void
cancel (FuzzActor *actor,
        guint      who)
{
  if (actor->upgrades)
    fuzz_drain ();
  fuzz_cancel (actor);
  if (actor->upgrades)
    fuzz_drain ();
}

/* What it does next finds its cancellable cancelled. */
static void
cancel_next (FuzzActor *actor,
             guint      who)
{
  if (!actor->busy)
    g_cancellable_cancel (actor->cancellable);
}

static void
drain (FuzzActor *actor,
       guint      who)
{
  fuzz_drain ();
}

static const FuzzCode step_codes[] = {
  { "advance", .step = advance },
  { "cancel", .step = cancel },
  { "drain", .step = drain },
};
static const FuzzCodes fuzz_step_codes = { step_codes, G_N_ELEMENTS (step_codes) };

static const FuzzCode more_step_codes[] = {
  { "advance now", .step = advance_now },
  { "cancel next", .step = cancel_next },
};
static const FuzzCodes fuzz_more_step_codes = { more_step_codes, G_N_ELEMENTS (more_step_codes) };

/* What comes last may be added to: the corpus has only codes that there are. */
static const FuzzCodes *all_codes[] = {
  &fuzz_lock_codes,
  &fuzz_step_codes,
  &fuzz_more_step_codes,
  &fuzz_channel_codes,
  &fuzz_channel_calls,
  &fuzz_time_codes,
  &fuzz_scope_codes,
  &fuzz_scope_calls,
  &fuzz_call_codes,
};

static const FuzzCode *
find_code (guint number)
{
  guint n = 0;

  for (guint i = 0; i < G_N_ELEMENTS (all_codes); i++)
    n += all_codes[i]->n;
  number %= n;
  for (guint i = 0;; i++)
    {
      if (number < all_codes[i]->n)
        return &all_codes[i]->codes[number];
      number -= all_codes[i]->n;
    }
}

/* What is the same in an actor and a child, but for whose turn it is. */
static FuzzActor *
actor_for (guint8 what,
           guint8 who,
           guint *arg)
{
  guint first = what & 0x40 ? FUZZ_N_ACTORS : 0;
  guint n = what & 0x40 ? FUZZ_N_CHILDREN : FUZZ_N_ACTORS;

  *arg = who / n;
  return &fuzz.actors[first + who % n];
}

void
fuzz_explain (const guint8 *bytes,
              gsize         n,
              FILE         *stream)
{
  for (gsize i = 0; i + 1 < n; i += 2)
    {
      const FuzzCode *code = find_code (bytes[i] & 0x3f);
      guint           arg;
      FuzzActor      *actor = actor_for (bytes[i], bytes[i + 1], &arg);

      if (code->call != NULL)
        fprintf (stream,
                 "  caller %u: %s %u",
                 bytes[i + 1] % FUZZ_N_CALLERS,
                 code->name,
                 bytes[i + 1] / FUZZ_N_CALLERS);
      else if (code->op != NULL)
        fprintf (stream, "  actor %u: %s %u", (guint) (actor - fuzz.actors), code->name, arg);
      else
        fprintf (stream, "  %s %u", code->name, bytes[i + 1]);
      fputs (bytes[i] & 0x80 ? " +\n" : "\n", stream);
    }
}

static void
step (guint8 what,
      guint8 who)
{
  const FuzzCode *code = find_code (what & 0x3f);
  guint           arg;
  FuzzActor      *actor = actor_for (what, who, &arg);

  if (code->call != NULL)
    code->call (&fuzz.callers[who % FUZZ_N_CALLERS], who / FUZZ_N_CALLERS);
  else if (code->step != NULL)
    code->step (actor, who);
  else if (actor->index < FUZZ_N_ACTORS || actor->scope != NULL)
    fuzz_tell (actor, code->op, arg);
}

/* ---------------------------------------------------------------- the program */

/* Of what libgco warns of, only one thing is expected. */
static GLogWriterOutput
note_warning (GLogLevelFlags   level,
              const GLogField *fields,
              gsize            n_fields,
              gpointer         user_data)
{
  for (gsize i = 0; i < n_fields; i++)
    if (strcmp (fields[i].key, "MESSAGE") == 0 && strstr (fields[i].value, "nobody joined"))
      {
        fuzz.n_warnings++;
        return G_LOG_WRITER_HANDLED;
      }
  return g_log_writer_default (level | G_LOG_FLAG_FATAL, fields, n_fields, user_data);
}

static void
begin_locks (void)
{
  fuzz.async_mutex = gco_async_mutex_new ();
  fuzz.async_rwlock = gco_async_rwlock_new ();
  fuzz.async_semaphore = gco_async_semaphore_new (2);
  fuzz.async_queue = gco_async_wait_queue_new ();
  fuzz.mutex = gco_async_mutex_get_mutex (fuzz.async_mutex);
  fuzz.rwlock = gco_async_rwlock_get_rwlock (fuzz.async_rwlock);
  fuzz.semaphore = gco_async_semaphore_get_semaphore (fuzz.async_semaphore);
  fuzz.queue = gco_async_wait_queue_get_queue (fuzz.async_queue);
  model_init (&fuzz.models[FUZZ_MUTEX], MODEL_MUTEX, 1);
  model_init (&fuzz.models[FUZZ_RWLOCK], MODEL_RWLOCK, 1);
  model_init (&fuzz.models[FUZZ_SEMAPHORE], MODEL_SEMAPHORE, 2);
  model_init (&fuzz.models[FUZZ_QUEUE], MODEL_QUEUE, 1);
}

static void
live (gpointer data)
{
  FuzzActor *self = data;

  fuzz_live (self);
  if (!fuzz.ending)
    fuzz_fail ("actor %u was ended by nobody", self->index);
}

static void
begin (void)
{
  static gsize once;

  if (g_once_init_enter (&once))
    {
      g_log_set_writer_func (note_warning, NULL, NULL);
      g_once_init_leave (&once, 1);
    }
  memset (&fuzz, 0, sizeof fuzz);
  fuzz.main_context = g_main_context_new ();
  g_main_context_push_thread_default (fuzz.main_context);
  for (guint i = 0; i < 2; i++)
    {
      fuzz.contexts[i] = gco_aio_context_new ();
      gco_aio_context_attach (fuzz.contexts[i], fuzz.main_context);
    }
  fuzz.clock = gco_clock_new_manual ();
  begin_locks ();
  fuzz_timers_begin ();
  fuzz_scopes_begin ();
  for (guint i = 0; i < FUZZ_N_CALLERS; i++)
    fuzz.callers[i].index = i;
  for (guint i = 0; i < FUZZ_N_ALL; i++)
    {
      FuzzActor *actor = &fuzz.actors[i];

      actor->index = i;
      actor->waits_for = FUZZ_NOTHING;
      actor->cancellable = g_cancellable_new ();
      actor->ctx = fuzz.contexts[i % 2];
      if (i < FUZZ_N_ACTORS)
        actor->coroutine = gco_spawn (actor->ctx, live, actor, fuzz_note_end);
    }
  fuzz_drain ();
}

/* TRUE if it was doing something: what it got by that it has still to give back. */
static gboolean
end_waits_of_actor (FuzzActor *actor)
{
  gboolean any = actor->busy || actor->scope != NULL;

  if (actor->index >= FUZZ_N_ACTORS && actor->scope == NULL)
    return FALSE;
  fuzz_tell (actor, fuzz_release_all, 0);
  fuzz_drain ();
  if (actor->busy)
    fuzz_cancel (actor);
  fuzz_drain ();
  return any;
}

static gboolean
end_waits_of_caller (FuzzCaller *caller)
{
  gboolean any = caller->busy;

  fuzz_caller_release_all (caller);
  fuzz_caller_cancel (caller);
  fuzz_drain ();
  return any;
}

/* Everybody gives back what he has, and what waits nevertheless is ended. */
static void
end_all_waits (void)
{
  gboolean any = TRUE;

  fuzz_drain ();
  for (guint round = 0; any; round++)
    {
      if (round > 4 * FUZZ_N_ALL)
        fuzz_fail ("somebody waits for ever");
      any = FALSE;
      fuzz_scopes_cancel_all ();
      fuzz_sleep_wake_all ();
      for (guint i = 0; i < FUZZ_N_CALLERS; i++)
        any = end_waits_of_caller (&fuzz.callers[i]) || any;
      for (guint i = 0; i < FUZZ_N_ALL; i++)
        any = end_waits_of_actor (&fuzz.actors[i]) || any;
    }
}

static void
end_locks (void)
{
  for (guint i = 0; i < FUZZ_N_LOCKS; i++)
    if (!model_is_free (&fuzz.models[i]))
      fuzz_fail ("lock %u is not free in the end: %u have it, %u wait",
                 i,
                 fuzz.models[i].n_readers,
                 fuzz.models[i].n_waiters);
  g_assert_finalize_object (fuzz.async_mutex);
  g_assert_finalize_object (fuzz.async_rwlock);
  g_assert_finalize_object (fuzz.async_semaphore);
  g_assert_finalize_object (fuzz.async_queue);
}

static void
end (void)
{
  end_all_waits ();
  fuzz_channels_end ();
  fuzz_timers_end ();
  fuzz_scopes_end ();
  end_locks ();
  fuzz.ending = TRUE;
  for (guint i = 0; i < 2; i++)
    gco_aio_context_shutdown (fuzz.contexts[i]);
  for (guint i = 0; i < FUZZ_N_ALL; i++)
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
  program = bytes;
  n_done = 0;
  begin ();
  for (gsize i = 0; i + 1 < n && i < 2 * FUZZ_MAX_STEPS; i += 2)
    {
      n_done += 2;
      step (bytes[i], bytes[i + 1]);
      if (!(bytes[i] & 0x80))
        fuzz_drain ();
    }
  end ();
}
