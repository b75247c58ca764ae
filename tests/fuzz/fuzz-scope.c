/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Scopes, whose children are actors too. When one is cancelled by what another call does
 * the model is told by fuzz_scopes_sync(), which knows what may have done it.
 */

#include "fuzz.h"

static const int errors[] = { 0, G_IO_ERROR_NOT_FOUND, G_IO_ERROR_EXISTS, G_IO_ERROR_CANCELLED };

gboolean
fuzz_scope_is_cancelled (FuzzScope *scope)
{
  return scope->model.why != 0;
}

static FuzzScope *
scope_new (guint kind)
{
  FuzzScope *self = g_new0 (FuzzScope, 1);

  self->parent = kind == 1 ? g_cancellable_new () : NULL;
  self->scope = gco_scope_new (self->parent);
  self->cancellable = g_object_ref (gco_scope_get_cancellable (self->scope));
  if (kind == 2)
    {
      self->bound = g_object_new (G_TYPE_OBJECT, NULL);
      gco_scope_bind_object (self->scope, self->bound);
    }
  self->serial = fuzz.all_scopes->len;
  self->deadline_ns = G_MAXINT64;
  g_ptr_array_add (fuzz.all_scopes, self);
  return self;
}

/* ------------------------------------------------------------------ what happens */

/* Its joiner belongs to a scope that is cancelled. */
static gboolean
is_asked (FuzzScope *self)
{
  for (guint i = FUZZ_N_ACTORS; i < FUZZ_N_ALL; i++)
    {
      FuzzActor *actor = &fuzz.actors[i];

      if (actor->busy && actor->waits_for == FUZZ_JOIN && actor->joins == self &&
          fuzz_scope_is_cancelled (actor->scope))
        return TRUE;
    }
  return FALSE;
}

static gboolean
is_late (FuzzScope *self)
{
  return self->deadline_ns <= gco_clock_get_time_ns (fuzz.clock);
}

/* TRUE if there was something new. */
static gboolean
sync_scope (FuzzScope *self)
{
  gboolean late = is_late (self);
  gboolean asked = is_asked (self);

  if (fuzz_scope_is_cancelled (self) || !g_cancellable_is_cancelled (self->cancellable))
    return FALSE;
  if (!late && !asked)
    return FALSE;
  self->model.why = late ? G_IO_ERROR_TIMED_OUT : G_IO_ERROR_CANCELLED;
  self->model.or_else = late && asked ? G_IO_ERROR_CANCELLED : 0;
  return TRUE;
}

/* One that is cancelled may be the reason for the next. */
void
fuzz_scopes_sync (void)
{
  gboolean any = TRUE;

  while (any)
    {
      any = FALSE;
      for (guint i = 0; i < fuzz.all_scopes->len; i++)
        any = sync_scope (fuzz.all_scopes->pdata[i]) || any;
    }
}

void
fuzz_scopes_check (void)
{
  for (guint i = 0; i < fuzz.all_scopes->len; i++)
    {
      FuzzScope *self = fuzz.all_scopes->pdata[i];
      gboolean   cancelled = fuzz_scope_is_cancelled (self);

      if (g_cancellable_is_cancelled (self->cancellable) != cancelled)
        fuzz_fail ("scope %u: cancelled: %d, and the model says otherwise", i, !cancelled);
      if (!cancelled && self->scope != NULL && (is_late (self) || is_asked (self)))
        fuzz_fail ("scope %u is late or asked, and not cancelled", i);
      if (self->scope != NULL &&
          gco_scope_get_n_running (self->scope) != self->model.n_children)
        fuzz_fail ("scope %u: %u run, and the model says %u",
                   i,
                   gco_scope_get_n_running (self->scope),
                   self->model.n_children);
    }
}

/* -------------------------------------------------------------------- children */

static gboolean
child_main (GCancellable *cancellable,
            gpointer      data,
            GError      **error)
{
  FuzzActor *self = data;
  FuzzScope *scope = self->scope;

  self->coroutine = gco_coroutine_self ();
  if (cancellable != scope->cancellable || gco_scope_get_current_cancellable () != cancellable)
    fuzz_fail ("child %u has the cancellable of another", self->index);
  fuzz_live (self);
  fuzz_sync ();
  if (!self->leaves && !fuzz_scope_is_cancelled (scope))
    fuzz_fail ("child %u was ended by nobody", self->index);
  /* One that is cancelled may say so, or not. */
  if (!self->leaves && self->index % 2 == 0)
    self->error = G_IO_ERROR_CANCELLED;
  if (self->error == 0)
    return TRUE;
  model_scope_fail (&scope->model, self->error);
  g_set_error (error, G_IO_ERROR, self->error, "Child %u", self->index);
  return FALSE;
}

static void
note_child_end (gpointer data)
{
  FuzzActor *self = data;
  FuzzScope *scope = g_steal_pointer (&self->scope);

  if (gco_in_coroutine ())
    fuzz_fail ("child %u is freed on the stack of a coroutine", self->index);
  fuzz_note_end (self);
  fuzz_sync ();
  model_scope_end_child (&scope->model);
}

static FuzzActor *
find_room (void)
{
  for (guint i = FUZZ_N_ACTORS; i < FUZZ_N_ALL; i++)
    if (fuzz.actors[i].scope == NULL)
      return &fuzz.actors[i];
  return NULL;
}

static void
spawn (FuzzActor *self)
{
  FuzzScope **slot = &fuzz.scopes[self->arg % FUZZ_N_SCOPES];
  FuzzActor  *child = find_room ();

  if (child == NULL)
    return;
  if (*slot == NULL)
    *slot = scope_new (self->wish);
  gco_sleep_init (&child->idle);
  g_cancellable_reset (child->cancellable);
  child->scope = *slot;
  child->ctx = fuzz.contexts[self->arg / FUZZ_N_SCOPES % 2];
  child->leaves = FALSE;
  child->error = 0;
  model_scope_begin_child (&(*slot)->model);
  gco_scope_spawn_full ((*slot)->scope,
                        child->ctx,
                        "child",
                        0,
                        child_main,
                        child,
                        note_child_end);
}

static void
leave (FuzzActor *self)
{
  if (self->scope == NULL)
    return;
  self->leaves = TRUE;
  self->error = errors[self->arg % G_N_ELEMENTS (errors)];
}

/* ------------------------------------------------------------------------ join */

static void
check_outcome (FuzzScope   *scope,
               ModelOutcome at_grant,
               gboolean     ok,
               GError      *error)
{
  const ModelScope *model = &scope->model;
  ModelOutcome      worst = model_scope_outcome (model);
  ModelOutcome      outcome = MODEL_SCOPE_WELL;

  if (ok != (error == NULL))
    fuzz_fail ("scope %u: a result and an error do not agree", scope->serial);
  if (error != NULL && error->code == model->error && g_str_has_prefix (error->message, "Child"))
    outcome = MODEL_SCOPE_FAILED;
  else if (error != NULL && (error->code == model->why || error->code == model->or_else))
    outcome = MODEL_SCOPE_CANCELLED;
  else if (error != NULL)
    fuzz_fail ("scope %u ended otherwise: %s", scope->serial, error->message);
  if (outcome < at_grant || outcome > worst)
    fuzz_fail ("scope %u: outcome %d, not %d to %d",
               scope->serial,
               (int) outcome,
               (int) at_grant,
               (int) worst);
}

/* Who holds something, or is older, could be what its children wait for. */
static void
join (FuzzActor *self)
{
  FuzzScope   *scope = fuzz.scopes[self->arg % FUZZ_N_SCOPES];
  GError      *error = NULL;
  ModelOutcome at_grant;
  gboolean     ok;

  if (scope == NULL || fuzz_holds_any (self) ||
      (self->scope != NULL && scope->serial <= self->scope->serial))
    return;
  fuzz_sync ();
  if (self->scope != NULL && fuzz_scope_is_cancelled (self->scope))
    model_scope_cancel (&scope->model, G_IO_ERROR_CANCELLED);
  model_scope_join (&scope->model, self);
  self->joins = scope;
  fuzz_begin_wait (self, FUZZ_JOIN, 0, FUZZ_PLAIN);
  ok = gco_scope_join (scope->scope, &error);
  fuzz_sync ();
  if (!model_scope_leave (&scope->model, self, &at_grant))
    fuzz_fail ("actor %u: joined, and %u children run", self->index, scope->model.n_children);
  self->waits_for = FUZZ_NOTHING;
  check_outcome (scope, model_scope_outcome (&scope->model), ok, error);
  scope->model.had = TRUE;
  g_clear_error (&error);
}

static void
on_joined (GObject      *source,
           GAsyncResult *result,
           gpointer      data)
{
  FuzzCaller  *caller = data;
  FuzzScope   *scope = caller->joins;
  GError      *error = NULL;
  ModelOutcome at_grant;
  gboolean     granted;
  gboolean     ok;

  fuzz_sync ();
  ok = gco_scope_join_finish (GCO_SCOPE (source), result, &error);
  granted = model_scope_leave (&scope->model, caller, &at_grant);
  if (granted)
    {
      check_outcome (scope, at_grant, ok, error);
      scope->model.had = TRUE;
    }
  else if (ok)
    fuzz_fail ("caller %u: joined, and %u children run", caller->index, scope->model.n_children);
  else
    fuzz_caller_check_error (caller, error);
  g_clear_error (&error);
  fuzz_caller_end (caller);
}

static void
join_async (FuzzCaller *caller,
            guint       arg)
{
  FuzzScope *scope = fuzz.scopes[arg % FUZZ_N_SCOPES];

  if (scope == NULL || !fuzz_caller_begin (caller, FUZZ_JOIN, TRUE, arg / FUZZ_N_SCOPES))
    return;
  caller->joins = scope;
  if (!g_cancellable_is_cancelled (caller->cancellable))
    model_scope_join (&scope->model, caller);
  gco_scope_join_async (scope->scope, caller->cancellable, on_joined, caller);
}

static const FuzzCode calls[] = {
  { "join async", .call = join_async },
};
const FuzzCodes fuzz_scope_calls = { calls, G_N_ELEMENTS (calls) };

/* ---------------------------------------------------------------------- the end */

static void
cancel_scope (FuzzScope *scope)
{
  if (scope == NULL)
    return;
  fuzz_sync ();
  model_scope_cancel (&scope->model, G_IO_ERROR_CANCELLED);
  if (scope->parent != NULL)
    g_cancellable_cancel (scope->parent);
  else if (scope->bound != NULL)
    g_clear_object (&scope->bound);
  else
    gco_scope_cancel (scope->scope);
}

static void
cancel (FuzzActor *self)
{
  cancel_scope (fuzz.scopes[self->arg % FUZZ_N_SCOPES]);
}

static void
cancel_outside (FuzzActor *actor,
                guint      who)
{
  cancel_scope (fuzz.scopes[who % FUZZ_N_SCOPES]);
}

static void
set_deadline (FuzzActor *self)
{
  FuzzScope *scope = fuzz.scopes[self->arg % FUZZ_N_SCOPES];

  if (scope == NULL)
    return;
  fuzz_sync ();
  scope->deadline_ns = G_MAXINT64;
  if (self->wish != FUZZ_PLAIN)
    scope->deadline_ns = gco_clock_get_time_ns (fuzz.clock) + self->arg;
  gco_scope_set_deadline (scope->scope, fuzz.clock, scope->deadline_ns);
}

static gboolean
is_called_for (FuzzScope *scope)
{
  for (guint i = 0; i < FUZZ_N_CALLERS; i++)
    if (fuzz.callers[i].busy && fuzz.callers[i].waits_for == FUZZ_JOIN &&
        fuzz.callers[i].joins == scope)
      return TRUE;
  return FALSE;
}

/* A task keeps the scope, so that it would not be the last reference. */
static void
drop_scope (FuzzScope **slot)
{
  FuzzScope *scope = *slot;

  if (scope == NULL || is_called_for (scope))
    return;
  *slot = NULL;
  fuzz_sync ();
  if (scope->model.n_children > 0)
    model_scope_cancel (&scope->model, G_IO_ERROR_CANCELLED);
  scope->deadline_ns = G_MAXINT64;
  g_object_unref (g_steal_pointer (&scope->scope));
}

static void
drop (FuzzActor *self)
{
  drop_scope (&fuzz.scopes[self->arg % FUZZ_N_SCOPES]);
}

static void
drop_outside (FuzzActor *actor,
              guint      who)
{
  drop_scope (&fuzz.scopes[who % FUZZ_N_SCOPES]);
}

static const FuzzCode codes[] = {
  { "spawn", .op = spawn },
  { "join", .op = join },
  { "leave", .op = leave },
  { "cancel a scope", .op = cancel },
  { "cancel a scope", .step = cancel_outside },
  { "set a deadline", .op = set_deadline },
  { "drop a scope", .op = drop },
  { "drop a scope", .step = drop_outside },
};
const FuzzCodes fuzz_scope_codes = { codes, G_N_ELEMENTS (codes) };

static void
scope_free (gpointer data)
{
  FuzzScope *self = data;

  g_clear_object (&self->parent);
  g_clear_object (&self->bound);
  g_assert_finalize_object (self->cancellable);
  g_free (self);
}

void
fuzz_scopes_begin (void)
{
  fuzz.all_scopes = g_ptr_array_new_with_free_func (scope_free);
}

void
fuzz_scopes_cancel_all (void)
{
  for (guint i = 0; i < FUZZ_N_SCOPES; i++)
    cancel_scope (fuzz.scopes[i]);
}

/* An error that nobody was told is warned of, once. */
void
fuzz_scopes_end (void)
{
  guint n_warnings = 0;

  for (guint i = 0; i < FUZZ_N_SCOPES; i++)
    drop_scope (&fuzz.scopes[i]);
  fuzz_drain ();
  for (guint i = 0; i < fuzz.all_scopes->len; i++)
    {
      FuzzScope *scope = fuzz.all_scopes->pdata[i];

      n_warnings += scope->model.error != 0 && !scope->model.had &&
                    scope->model.error != G_IO_ERROR_CANCELLED;
    }
  if (n_warnings != fuzz.n_warnings)
    fuzz_fail ("%u warnings, not %u", fuzz.n_warnings, n_warnings);
  g_ptr_array_unref (g_steal_pointer (&fuzz.all_scopes));
}
