/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the coroutines of a scope and its owner share. The owner's GcoScope may go
 * while they still unwind.
 */

#pragma once

#include "../gco-waiter-private.h"

typedef struct _GcoScopeState GcoScopeState;
typedef struct _GcoScopeChild GcoScopeChild;

struct _GcoScopeState
{
  guint         cancelled;   /* (atomic) the GIOErrorEnum of it, or 0; comes first */
  int           ref_count;   /* (atomic) the scope's, each child's, each visit's */
  GCancellable *cancellable; /* (immutable) */

  GMutex      lock;
  GQueue      children;      /* (lock) GcoScopeChild, the oldest first */
  GcoWaitList joiners;       /* (lock) */
  GError     *error;         /* (lock) the first of a child */
  char       *error_name;    /* (lock) whose */
  gboolean    error_was_had; /* (lock) nobody need be told any more */
  gboolean    was_in_time;   /* (lock) its coroutines ended, and then it was not cancelled */
};

struct _GcoScopeChild
{
  GList          link;        /* (lock) in children */
  GcoScopeState *state;       /* (immutable) */
  GcoCoroutine  *coroutine;   /* (immutable) */
  gboolean       interrupted; /* (lock) */
  gpointer       expected_in; /* (lock) the context that a visit is on its way to */
  GcoRunFunc     func;        /* (immutable) */
  gpointer       user_data;   /* (immutable) */
  GDestroyNotify destroy;     /* (immutable) */
};

GcoScopeState *gco_scope_state_new (void);
GcoScopeState *gco_scope_state_ref (GcoScopeState *state);

/* Outside of coroutines: what goes with it may be anybody's. */
void gco_scope_state_unref (gpointer state);

/* The same in a coroutine, which it need not leave as long as there are others. */
void gco_scope_state_let_go (GcoScopeState *state);

/* Any thread. Only the first reason counts. */
void gco_scope_state_cancel (GcoScopeState *state,
                             guint          why);

/* Runs @what, of which func, user_data and destroy are given, in a coroutine. */
void gco_scope_state_spawn (GcoScopeState       *state,
                            const GcoScopeChild *what,
                            GcoAioContext       *ctx,
                            const char          *name,
                            gsize                stack_size);

extern const GcoWaiterClass gco_scope_joiner;

/* As GcoTakeOrEnqueue. */
gboolean gco_scope_state_join_or_enqueue (gpointer   state,
                                          GcoWaiter *waiter);

/* How its coroutines ended, after all have. */
gboolean gco_scope_state_get_outcome (GcoScopeState *state,
                                      GError       **error);
