/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Those who call back: in the same lines, through the faces of the locks. */

#include "fuzz.h"

#include "gco-waiter-private.h"

static gboolean
holds (FuzzCaller *caller,
       FuzzLock    lock)
{
  return model_holds (fuzz_model (lock), caller);
}

static gboolean
is_in_line (FuzzCaller *caller,
            FuzzLock    lock)
{
  return model_waits (fuzz_model (lock), caller);
}

/* What all bytes of a program end with must be possible to end. */
static gboolean
needs_cancellable (FuzzCaller *caller,
                   guint       arg)
{
  return (arg & 8) || holds (caller, FUZZ_MUTEX) || holds (caller, FUZZ_RWLOCK) ||
         holds (caller, FUZZ_SEMAPHORE);
}

gboolean
fuzz_caller_begin (FuzzCaller *caller,
                   FuzzLock    lock,
                   gboolean    cancellable,
                   guint       arg)
{
  if (caller->busy)
    return FALSE;
  fuzz_sync ();
  *caller = (FuzzCaller){
    .index = caller->index,
    .busy = TRUE,
    .waits_for = lock,
    .forgets = (arg & 6) == 6,
    .cancellable = cancellable ? g_cancellable_new () : NULL,
  };
  if (cancellable && (arg & 5) == 5)
    g_cancellable_cancel (caller->cancellable);
  return TRUE;
}

void
fuzz_caller_end (FuzzCaller *caller)
{
  if (caller->record != NULL)
    gco_wait_record_unref (g_steal_pointer (&caller->record));
  g_clear_object (&caller->cancellable);
  caller->busy = FALSE;
}

void
fuzz_caller_check_error (FuzzCaller *caller,
                         GError     *error)
{
  if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED) ||
      !g_cancellable_is_cancelled (caller->cancellable))
    fuzz_fail ("caller %u: it fails with %s", caller->index, error->message);
}

/* ------------------------------------------------------------------- the locks */

static gboolean
finish (FuzzCaller   *caller,
        GAsyncResult *result,
        GError      **error)
{
  if (caller->waits_for == FUZZ_MUTEX)
    return gco_async_mutex_lock_finish (fuzz.async_mutex, result, error);
  if (caller->waits_for == FUZZ_SEMAPHORE)
    return gco_async_semaphore_acquire_finish (fuzz.async_semaphore, result, error);
  if (caller->upgrades)
    return gco_async_rwlock_upgrade_finish (fuzz.async_rwlock, result, error);
  if (caller->exclusive)
    return gco_async_rwlock_wrlock_finish (fuzz.async_rwlock, result, error);
  return gco_async_rwlock_rdlock_finish (fuzz.async_rwlock, result, error);
}

static void
on_locked (GObject      *source,
           GAsyncResult *result,
           gpointer      data)
{
  FuzzCaller *caller = data;
  Model      *model = fuzz_model (caller->waits_for);
  GError     *error = NULL;
  gboolean    has_it = model_holds (model, caller);
  gboolean    expected = caller->upgrades ? model->writer == caller : has_it;
  gboolean    got;

  if (caller->upgrades && !has_it)
    fuzz_fail ("caller %u has lost what it read", caller->index);
  if (!has_it)
    model_leave (model, caller);
  if (caller->forgets)
    {
      /* What was granted goes with the result, next thing. */
      model_release (model, caller);
      fuzz_caller_end (caller);
      return;
    }
  got = finish (caller, result, &error);
  if (got != expected || got != (error == NULL))
    fuzz_fail ("caller %u: lock %d: %d, and the model says otherwise",
               caller->index,
               (int) caller->waits_for,
               got);
  if (!got)
    fuzz_caller_check_error (caller, error);
  g_clear_error (&error);
  fuzz_caller_end (caller);
}

static void
lock (FuzzCaller *caller,
      guint       arg)
{
  if (holds (caller, FUZZ_MUTEX) ||
      !fuzz_caller_begin (caller, FUZZ_MUTEX, needs_cancellable (caller, arg), arg))
    return;
  if (!g_cancellable_is_cancelled (caller->cancellable))
    model_acquire (fuzz_model (FUZZ_MUTEX), caller, TRUE);
  gco_async_mutex_lock_async (fuzz.async_mutex, caller->cancellable, on_locked, caller);
}

/* To see when it leaves. */
static void
note_record (FuzzCaller *caller)
{
  GcoWaiter     *last = fuzz.rwlock->tail;
  GcoWaitRecord *record;

  if (caller->cancellable == NULL || !is_in_line (caller, FUZZ_RWLOCK))
    return;
  if (last == NULL || last->coroutine != NULL)
    fuzz_fail ("caller %u is not the last in the line", caller->index);
  record = (GcoWaitRecord *) last->state;
  g_atomic_int_inc (&record->ref_count);
  caller->record = record;
}

static void
lock_rwlock (FuzzCaller *caller,
             guint       arg,
             gboolean    exclusive)
{
  if (holds (caller, FUZZ_RWLOCK) ||
      !fuzz_caller_begin (caller, FUZZ_RWLOCK, needs_cancellable (caller, arg), arg))
    return;
  caller->exclusive = exclusive;
  if (!g_cancellable_is_cancelled (caller->cancellable))
    model_acquire (fuzz_model (FUZZ_RWLOCK), caller, exclusive);
  (exclusive ? gco_async_rwlock_wrlock_async : gco_async_rwlock_rdlock_async) (
      fuzz.async_rwlock,
      caller->cancellable,
      on_locked,
      caller);
  note_record (caller);
}

static void
rdlock (FuzzCaller *caller,
        guint       arg)
{
  lock_rwlock (caller, arg, FALSE);
}

static void
wrlock (FuzzCaller *caller,
        guint       arg)
{
  lock_rwlock (caller, arg, TRUE);
}

static void
upgrade (FuzzCaller *caller,
         guint       arg)
{
  if (!holds (caller, FUZZ_RWLOCK) || fuzz.models[FUZZ_RWLOCK].writer == caller ||
      !fuzz_caller_begin (caller, FUZZ_RWLOCK, TRUE, arg))
    return;
  caller->upgrades = TRUE;
  if (!g_cancellable_is_cancelled (caller->cancellable))
    model_upgrade (fuzz_model (FUZZ_RWLOCK), caller);
  gco_async_rwlock_upgrade_async (fuzz.async_rwlock, caller->cancellable, on_locked, caller);
  note_record (caller);
}

static void
acquire (FuzzCaller *caller,
         guint       arg)
{
  if (holds (caller, FUZZ_SEMAPHORE) ||
      !fuzz_caller_begin (caller, FUZZ_SEMAPHORE, needs_cancellable (caller, arg), arg))
    return;
  if (!g_cancellable_is_cancelled (caller->cancellable))
    model_acquire (fuzz_model (FUZZ_SEMAPHORE), caller, FALSE);
  gco_async_semaphore_acquire_async (fuzz.async_semaphore,
                                     caller->cancellable,
                                     on_locked,
                                     caller);
}

/* Of misuse only the kind is seen: no caller at all has it. */
static gboolean
is_had_by_any (FuzzLock lock)
{
  const Model *model = &fuzz.models[lock];

  if (lock == FUZZ_SEMAPHORE)
    return model->n_readers > 0;
  for (guint i = 0; i < model->n_readers; i++)
    if (fuzz_is_caller (model->readers[i]))
      return TRUE;
  return fuzz_is_caller (model->writer);
}

static void
let_go (FuzzCaller *caller,
        FuzzLock    lock)
{
  gboolean has_it = model_release (fuzz_model (lock), caller);
  GError  *error = NULL;
  gboolean done;

  if (!has_it && is_had_by_any (lock))
    return;
  if (lock == FUZZ_MUTEX)
    done = gco_async_mutex_unlock (fuzz.async_mutex, &error);
  else if (lock == FUZZ_RWLOCK)
    done = gco_async_rwlock_unlock (fuzz.async_rwlock, &error);
  else
    done = gco_async_semaphore_release (fuzz.async_semaphore, &error);
  if (done != has_it ||
      (!done && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED)))
    fuzz_fail ("caller %u: lock %d: lets go: %d", caller->index, (int) lock, done);
  g_clear_error (&error);
}

/* While a call is on its way it may be for what one has: an upgrade. */
static void
unlock (FuzzCaller *caller,
        guint       arg)
{
  if (!caller->busy)
    let_go (caller, FUZZ_MUTEX);
}

static void
rwunlock (FuzzCaller *caller,
          guint       arg)
{
  if (!caller->busy)
    let_go (caller, FUZZ_RWLOCK);
}

static void
release (FuzzCaller *caller,
         guint       arg)
{
  if (!caller->busy)
    let_go (caller, FUZZ_SEMAPHORE);
}

static void
downgrade (FuzzCaller *caller,
           guint       arg)
{
  if (caller->busy || !model_holds (fuzz_model (FUZZ_RWLOCK), caller) ||
      fuzz.models[FUZZ_RWLOCK].writer != caller)
    return;
  model_downgrade (&fuzz.models[FUZZ_RWLOCK], caller);
  if (!gco_async_rwlock_downgrade (fuzz.async_rwlock, NULL))
    fuzz_fail ("caller %u cannot downgrade", caller->index);
}

static void
try_any (FuzzCaller *caller,
         guint       arg)
{
  static const FuzzLock locks[] = { FUZZ_MUTEX, FUZZ_RWLOCK, FUZZ_RWLOCK, FUZZ_SEMAPHORE };
  guint                 kind = arg % 4;
  gboolean              expected;
  gboolean              got;

  if (caller->busy || holds (caller, locks[kind]))
    return;
  expected = model_try (fuzz_model (locks[kind]), caller, kind < 2);
  if (kind == 0)
    got = gco_async_mutex_trylock (fuzz.async_mutex);
  else if (kind == 1)
    got = gco_async_rwlock_trywrlock (fuzz.async_rwlock);
  else if (kind == 2)
    got = gco_async_rwlock_tryrdlock (fuzz.async_rwlock);
  else
    got = gco_async_semaphore_tryacquire (fuzz.async_semaphore);
  if (got != expected)
    fuzz_fail ("caller %u: try of lock %d is not %d",
               caller->index,
               (int) locks[kind],
               expected);
}

/* ------------------------------------------------------------------- the queue */

static void
on_waited (GObject      *source,
           GAsyncResult *result,
           gpointer      data)
{
  FuzzCaller *caller = data;
  GError     *error = NULL;
  gboolean    got;

  model_leave (fuzz_model (FUZZ_QUEUE), caller);
  if (caller->with_mutex && !model_holds (&fuzz.models[FUZZ_MUTEX], caller))
    fuzz_fail ("caller %u: back from the queue without the mutex", caller->index);
  if (caller->forgets)
    {
      /* They go with the result: the mutex, and a turn that nobody else was given. */
      if (caller->with_mutex)
        model_release (&fuzz.models[FUZZ_MUTEX], caller);
      fuzz_caller_end (caller);
      if (caller->picked && caller->picked_alone)
        fuzz_pick (TRUE);
      return;
    }
  got = gco_async_wait_queue_wait_finish (fuzz.async_queue, result, &error);
  if (got != caller->picked || got != (error == NULL))
    fuzz_fail ("caller %u: picked: %d, and the model says otherwise", caller->index, got);
  if (!got)
    fuzz_caller_check_error (caller, error);
  g_clear_error (&error);
  fuzz_caller_end (caller);
}

static void
wait_in_queue (FuzzCaller *caller,
               guint       arg)
{
  gboolean with_mutex = holds (caller, FUZZ_MUTEX) && !(arg & 16);

  if (!fuzz_caller_begin (caller, FUZZ_QUEUE, TRUE, arg))
    return;
  caller->with_mutex = with_mutex;
  if (!g_cancellable_is_cancelled (caller->cancellable))
    {
      model_wait (&fuzz.models[FUZZ_QUEUE], caller, FALSE);
      if (with_mutex)
        model_release (&fuzz.models[FUZZ_MUTEX], caller);
    }
  gco_async_wait_queue_wait_async (fuzz.async_queue,
                                   with_mutex ? fuzz.async_mutex : NULL,
                                   caller->cancellable,
                                   on_waited,
                                   caller);
}

/* ---------------------------------------------------------------------- cancel */

/* It reads again, which nothing ends. */
static void
cancel_upgrade (FuzzCaller *caller)
{
  Model *model = fuzz_model (FUZZ_RWLOCK);

  if (!is_in_line (caller, FUZZ_RWLOCK) || g_cancellable_is_cancelled (caller->cancellable))
    return;
  model_cancel (model, caller);
  model_leave (model, caller);
  model_acquire (model, caller, FALSE);
}

static void
cancel_lock (FuzzCaller *caller)
{
  /* Nothing ends the wait for the mutex of one who was in the queue. */
  if (caller->waits_for == FUZZ_MUTEX && caller->with_mutex)
    return;
  if (!is_in_line (caller, caller->waits_for) ||
      g_cancellable_is_cancelled (caller->cancellable))
    return;
  model_cancel (fuzz_model (caller->waits_for), caller);
  if (caller->with_mutex)
    fuzz.retakers[fuzz.n_retakers++] = caller;
}

void
fuzz_caller_cancel (FuzzCaller *caller)
{
  ModelOutcome unused;

  if (caller->upgrades)
    fuzz_drain ();
  if (!caller->busy || caller->cancellable == NULL)
    return;
  fuzz_sync ();
  if (caller->waits_for == FUZZ_CHANNEL)
    model_channel_cancel (&fuzz.channels[caller->place].model, caller);
  else if (caller->waits_for == FUZZ_JOIN)
    {
      if (model_scope_waits (&caller->joins->model, caller))
        model_scope_leave (&caller->joins->model, caller, &unused);
    }
  else if (caller->upgrades)
    cancel_upgrade (caller);
  else
    cancel_lock (caller);
  g_cancellable_cancel (caller->cancellable);
  if (caller->upgrades)
    fuzz_drain ();
}

static void
cancel (FuzzCaller *caller,
        guint       arg)
{
  fuzz_caller_cancel (caller);
}

void
fuzz_caller_release_all (FuzzCaller *caller)
{
  unlock (caller, 0);
  rwunlock (caller, 0);
  release (caller, 0);
}

static const FuzzCode codes[] = {
  { "lock", .call = lock },
  { "unlock", .call = unlock },
  { "rdlock", .call = rdlock },
  { "wrlock", .call = wrlock },
  { "rwunlock", .call = rwunlock },
  { "upgrade", .call = upgrade },
  { "downgrade", .call = downgrade },
  { "acquire", .call = acquire },
  { "release", .call = release },
  { "try to lock", .call = try_any },
  { "wait in queue", .call = wait_in_queue },
  { "cancel", .call = cancel },
};
const FuzzCodes fuzz_call_codes = { codes, G_N_ELEMENTS (codes) };
