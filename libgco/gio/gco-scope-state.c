/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Coroutines that end together. A child's record points to the cancelled word of
 * the state, so that no wait of a child that can fail begins any more once that is
 * set; those that have begun are ended in the child's home thread, each once.
 */

#include "gco-scope-private.h"

#include "../gco-schedule.h"
#include "gco-run-private.h"

/* -------------------------------------------------------------------- state */

GcoScopeState *
gco_scope_state_new (void)
{
  GcoScopeState *state = g_new0 (GcoScopeState, 1);

  state->ref_count = 1;
  state->cancellable = g_cancellable_new ();
  g_mutex_init (&state->lock);
  return state;
}

GcoScopeState *
gco_scope_state_ref (GcoScopeState *state)
{
  g_atomic_int_inc (&state->ref_count);
  return state;
}

void
gco_scope_state_unref (gpointer user_data)
{
  GcoScopeState *state = user_data;

  if (!g_atomic_int_dec_and_test (&state->ref_count))
    return;
  if (state->error != NULL && !state->error_was_had &&
      !g_error_matches (state->error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    g_warning ("Coroutine %s failed, and nobody joined its GcoScope: %s",
               state->error_name != NULL ? state->error_name : "unnamed",
               state->error->message);
  g_clear_error (&state->error);
  g_free (state->error_name);
  g_object_unref (state->cancellable);
  g_mutex_clear (&state->lock);
  g_free (state);
}

void
gco_scope_state_let_go (GcoScopeState *state)
{
  int n = gco_load_relaxed (&state->ref_count);

  while (n > 1)
    if (gco_cas (&state->ref_count, &n, n - 1))
      return;
  gco_coroutine_call_outside (gco_scope_state_unref, state);
}

/* (lock) Where children are that must still be interrupted, and no visit is on its way
 * to, with a reference; NULL: nowhere. */
static GcoAioContext *
find_home_to_visit (GcoScopeState *state)
{
  GcoAioContext *found = NULL;

  for (GList *link = state->children.head; link != NULL; link = link->next)
    {
      GcoScopeChild *child = link->data;

      if (child->interrupted ||
          gco_coroutine_get_home (child->coroutine) == child->expected_in)
        continue;
      if (found == NULL)
        found = gco_coroutine_dup_home (child->coroutine);
      /* one that is abandoned has none */
      if (found != NULL && gco_coroutine_get_home (child->coroutine) == found)
        child->expected_in = found;
    }
  return found;
}

static void visit_homes (GcoScopeState *state);

/* In a dispatch, in the home of some children, which cannot run or end meanwhile;
 * or when it is too late for that. A child that has moved away since is visited
 * where it is now. */
static void
visit (gpointer user_data)
{
  GcoScopeState *state = user_data;
  GcoAioContext *here = gco_aio_context_get_current ();

  if (here != NULL)
    here->progress = TRUE;
  g_mutex_lock (&state->lock);
  for (GList *link = state->children.head; link != NULL; link = link->next)
    {
      GcoScopeChild *child = link->data;
      GcoCoroutine  *coroutine = child->coroutine;

      if (child->interrupted || gco_coroutine_get_home (coroutine) != here)
        continue;
      child->interrupted = TRUE;
      if (coroutine->caller == NULL && coroutine->waiter != NULL &&
          gco_load_relaxed (&coroutine->scheduled) == NULL)
        gco_waiter_interrupt (coroutine->waiter, "gco_scope_cancel");
    }
  g_mutex_unlock (&state->lock);
  visit_homes (state);
  gco_scope_state_unref (state);
}

/* All at once: one that does not run now is not to hold up the others. */
static void
visit_homes (GcoScopeState *state)
{
  GcoAioContext *home;

  for (;;)
    {
      g_mutex_lock (&state->lock);
      home = find_home_to_visit (state);
      g_mutex_unlock (&state->lock);
      if (home == NULL)
        return;
      gco_aio_context_run_anyway (home, visit, gco_scope_state_ref (state));
      g_object_unref (home);
    }
}

static void
emit (gpointer user_data)
{
  g_cancellable_cancel (user_data);
}

void
gco_scope_state_cancel (GcoScopeState *state,
                        guint          why)
{
  guint nothing = 0;

  /* pairs with gco_waiter_is_doomed() */
  if (!gco_cas (&state->cancelled, &nothing, why))
    return;
  visit_homes (state);
  gco_coroutine_call_outside (emit, state->cancellable);
}

/* ----------------------------------------------------------------- children */

/* (lock) Returns who is to be woken, linked in order: the joiners of the last
 * child. */
static GcoWaiter *
unlink_child (GcoScopeState *state,
              GcoScopeChild *child)
{
  GcoWaiter *granted = NULL;
  GcoWaiter *waiter;
  GcoWaiter *previous;

  g_queue_unlink (&state->children, &child->link);
  if (state->children.length > 0)
    return NULL;
  state->was_in_time = gco_load_acquire (&state->cancelled) == 0;
  for (waiter = state->joiners.tail; waiter != NULL; waiter = previous)
    {
      previous = waiter->previous;
      if (gco_waiter_grant (waiter, &state->joiners) != GCO_WAIT_GRANTED)
        continue;
      waiter->next = granted;
      granted = waiter;
    }
  return granted;
}

static void
fail (GcoScopeState *state,
      const char    *name,
      GError        *error)
{
  gboolean is_first;

  g_mutex_lock (&state->lock);
  /* Of one who was cancelled nothing else is expected. */
  is_first = state->error == NULL &&
             (gco_load_relaxed (&state->cancelled) == 0 ||
              !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED));
  if (is_first)
    {
      state->error = g_steal_pointer (&error);
      state->error_name = g_strdup (name);
    }
  g_mutex_unlock (&state->lock);
  g_clear_error (&error);
  if (is_first)
    gco_scope_state_cancel (state, G_IO_ERROR_CANCELLED);
}

static void
child_main (gpointer user_data)
{
  GcoScopeChild *child = user_data;
  GError        *error = NULL;

  if (gco_run_func (child->func, child->state->cancellable, child->user_data, &error))
    return;
  fail (child->state, gco_coroutine_get_name (child->coroutine), error);
}

/* At home, outside of coroutines. */
static void
child_end (GcoScopeChild *child)
{
  GcoScopeState *state = child->state;
  GcoWaiter     *granted;

  g_mutex_lock (&state->lock);
  granted = unlink_child (state, child);
  g_mutex_unlock (&state->lock);
  g_free (child);
  gco_waiter_wake_all (granted, NULL, "gco_scope_join");
  gco_scope_state_unref (state);
}

/* When it has ended. */
static void
child_free (gpointer user_data)
{
  GcoScopeChild *child = user_data;

  if (child->destroy != NULL)
    child->destroy (child->user_data);
  child_end (child);
}

/* It never will: who joins is not to wait for it. What it was given may lie on its stack. */
static void
child_abandoned (gpointer user_data)
{
  GcoScopeChild *child = user_data;

  fail (child->state,
        gco_coroutine_get_name (child->coroutine),
        g_error_new_literal (G_IO_ERROR,
                             G_IO_ERROR_CANCELLED,
                             "A coroutine was abandoned when its context was shut down"));
  child_end (child);
}

void
gco_scope_state_spawn (GcoScopeState       *state,
                       const GcoScopeChild *what,
                       GcoAioContext       *ctx,
                       const char          *name,
                       gsize                stack_size)
{
  GcoScopeChild *child = g_new (GcoScopeChild, 1);
  GError        *error = NULL;

  *child = *what;
  child->link.data = child;
  child->coroutine = gco_coroutine_create_full (name,
                                                stack_size,
                                                child_main,
                                                child,
                                                child_free,
                                                &error);
  if (child->coroutine == NULL)
    {
      if (child->destroy != NULL)
        gco_coroutine_call_outside (child->destroy, child->user_data);
      g_free (child);
      fail (state, name, error);
      return;
    }
  child->state = gco_scope_state_ref (state);
  child->coroutine->cancelled = &state->cancelled;
  child->coroutine->abandoned = child_abandoned;
  /* Under the lock, so that who cancels finds it in the list and at home. */
  g_mutex_lock (&state->lock);
  g_queue_push_tail_link (&state->children, &child->link);
  state->was_in_time = FALSE;
  gco_coroutine_schedule (child->coroutine, ctx);
  g_mutex_unlock (&state->lock);
}

/* --------------------------------------------------------------------- join */

static void
leave (GcoWaiter *waiter)
{
  GcoScopeState *state = waiter->lock;

  g_mutex_lock (&state->lock);
  gco_wait_list_close (&state->joiners, waiter->previous, waiter->next);
  g_mutex_unlock (&state->lock);
}

static void
cancel_and_unref (gpointer user_data)
{
  gco_scope_state_cancel (user_data, G_IO_ERROR_CANCELLED);
  gco_scope_state_unref (user_data);
}

/* Those here can be looked at for themselves, and one that was abandoned is nowhere. */
static gboolean
has_child_elsewhere (GcoScopeState *state,
                     GcoAioContext *here)
{
  gboolean any = FALSE;

  g_mutex_lock (&state->lock);
  for (GList *link = state->children.head; link != NULL && !any; link = link->next)
    {
      GcoScopeChild *child = link->data;
      GcoAioContext *home = gco_coroutine_get_home (child->coroutine);

      any = home != NULL && home != here;
    }
  g_mutex_unlock (&state->lock);
  return any;
}

/* The wait ends when the children have. Not here and now: see
 * gco_cancel_later(). */
static gboolean
ask (GcoWaiter *waiter)
{
  GcoScopeState *state = waiter->lock;
  GcoAioContext *here = gco_coroutine_get_home (waiter->coroutine);

  if (gco_load_relaxed (&state->cancelled) == 0)
    gco_aio_context_run_anyway (here, cancel_and_unref, gco_scope_state_ref (state));
  return has_child_elsewhere (state, here);
}

const GcoWaiterClass gco_scope_joiner = {
  "the coroutines of a GcoScope", leave, ask, .is_join = TRUE
};

gboolean
gco_scope_state_join_or_enqueue (gpointer   lock,
                                 GcoWaiter *waiter)
{
  GcoScopeState *state = lock;
  gboolean       over;

  g_mutex_lock (&state->lock);
  over = state->children.length == 0;
  if (!over)
    gco_wait_list_append (&state->joiners, waiter);
  g_mutex_unlock (&state->lock);
  return over;
}

gboolean
gco_scope_state_get_outcome (GcoScopeState *state,
                             GError       **error)
{
  guint    why = gco_load_acquire (&state->cancelled);
  gboolean has_failed;

  g_mutex_lock (&state->lock);
  state->error_was_had = TRUE;
  if (why == G_IO_ERROR_TIMED_OUT && state->was_in_time)
    why = 0;
  has_failed = state->error != NULL;
  if (has_failed)
    g_propagate_error (error, g_error_copy (state->error));
  else if (why != 0)
    g_set_error_literal (error,
                         G_IO_ERROR,
                         (int) why,
                         why == G_IO_ERROR_TIMED_OUT ? "The scope's deadline has passed"
                                                     : "The scope was cancelled");
  g_mutex_unlock (&state->lock);
  return !has_failed && why == 0;
}
