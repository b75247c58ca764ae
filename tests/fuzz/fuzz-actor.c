/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One who is told what to do, and does it in a coroutine of its own. */

#include "fuzz.h"

gboolean
fuzz_holds (FuzzActor *self,
            FuzzLock   lock)
{
  return model_holds (fuzz_model (lock), self->coroutine);
}

gboolean
fuzz_holds_any (FuzzActor *self)
{
  return fuzz_holds (self, FUZZ_MUTEX) || fuzz_holds (self, FUZZ_RWLOCK) ||
         fuzz_holds (self, FUZZ_SEMAPHORE);
}

FuzzWay
fuzz_choose_way (FuzzActor *self)
{
  return self->wish == FUZZ_PLAIN && fuzz_holds_any (self) ? FUZZ_CANCELLABLE : self->wish;
}

gboolean
fuzz_is_hopeless (FuzzActor *self,
                  FuzzWay    way)
{
  fuzz_sync ();
  return way != FUZZ_PLAIN && (g_cancellable_is_cancelled (self->cancellable) ||
                               (self->scope != NULL && fuzz_scope_is_cancelled (self->scope)));
}

void
fuzz_begin_wait (FuzzActor *self,
                 FuzzLock   lock,
                 guint      place,
                 FuzzWay    way)
{
  self->waits_for = lock;
  self->place = place;
  self->way = way;
  self->deadline_ns = gco_clock_get_time_ns (fuzz.clock) + 1 + self->arg;
}

void
fuzz_end_wait (FuzzActor *self,
               gboolean   got,
               GError    *error)
{
  if (got != (error == NULL))
    fuzz_fail ("actor %u: a result and an error do not agree", self->index);
  if (!got && self->way == FUZZ_PLAIN)
    fuzz_fail ("actor %u: a wait failed that cannot", self->index);
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT))
    {
      if (self->way != FUZZ_UNTIL ||
          gco_clock_get_time_ns (fuzz.clock) < self->deadline_ns)
        fuzz_fail ("actor %u: too early for a time-out", self->index);
    }
  else if (!got && !fuzz_is_hopeless (self, self->way))
    fuzz_fail ("actor %u is cancelled by nobody", self->index);
  if (!got)
    fuzz_note_failed (self);
  self->waits_for = FUZZ_NOTHING;
  g_clear_error (&error);
}

static void
do_op (FuzzActor *self)
{
  self->told = FALSE;
  self->busy = TRUE;
  self->way = FUZZ_PLAIN;
  self->waits_for = FUZZ_NOTHING;
  self->upgrades = FALSE;
  self->op (self);
  self->upgrades = FALSE;
  self->busy = FALSE;
  g_cancellable_reset (self->cancellable);
}

void
fuzz_live (FuzzActor *self)
{
  while (!self->leaves && gco_sleep_wait_ns_cancellable (&self->idle, NULL, -1, NULL, NULL))
    do_op (self);
  fuzz_release_all (self);
}

void
fuzz_note_end (gpointer data)
{
  FuzzActor *self = data;

  self->coroutine = NULL;
  self->told = FALSE;
}

void
fuzz_tell (FuzzActor *self,
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
  if (!self->busy || self->way == FUZZ_PLAIN)
    return;
  fuzz_sync ();
  if (fuzz_stop_waiting (self) && self->upgrades)
    {
      model_leave (&fuzz.models[FUZZ_RWLOCK], self->coroutine);
      model_acquire (&fuzz.models[FUZZ_RWLOCK], self->coroutine, FALSE);
      self->way = FUZZ_PLAIN;
    }
  g_cancellable_cancel (self->cancellable);
}

void
fuzz_cancel_if_simple (FuzzActor *self)
{
  if (!self->upgrades)
    fuzz_cancel (self);
}
