/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a scope is to be, as gco-test-model.h for the locks. Codes are those of
 * GIOErrorEnum; 0 stands for none, but for G_IO_ERROR_FAILED, which nobody uses. */

#pragma once

#include <glib.h>

#define MODEL_SCOPE_MAX 16

/* How it ended, the worse the greater. */
typedef enum
{
  MODEL_SCOPE_WELL,
  MODEL_SCOPE_CANCELLED,
  MODEL_SCOPE_FAILED,
} ModelOutcome;

typedef struct
{
  guint         n_children;
  int           why;     /* it was cancelled, or 0 */
  int           or_else; /* another reason that it may have been, or 0 */
  int           error;   /* the first of a child, or 0 */
  gboolean      in_time; /* all had ended, and it was not cancelled */
  gboolean      had;     /* somebody was told how it ended */
  gconstpointer joiners[MODEL_SCOPE_MAX];
  ModelOutcome  at_grant[MODEL_SCOPE_MAX]; /* of those whose wait is over */
  gboolean      granted[MODEL_SCOPE_MAX];
} ModelScope;

/* Only the first reason counts. */
void model_scope_cancel (ModelScope *model,
                         int         why);

void model_scope_begin_child (ModelScope *model);

/* A child has returned FALSE. */
void model_scope_fail (ModelScope *model,
                       int         error);

/* A child has ended: the last one ends the waits. */
void model_scope_end_child (ModelScope *model);

/* TRUE if there is nothing to wait for. */
gboolean model_scope_join (ModelScope   *model,
                           gconstpointer who);
gboolean model_scope_waits (const ModelScope *model,
                            gconstpointer     who);

/* The wait is over, by a grant or not: how it was with the scope then. */
gboolean model_scope_leave (ModelScope   *model,
                            gconstpointer who,
                            ModelOutcome *at_grant);

ModelOutcome model_scope_outcome (const ModelScope *model);
