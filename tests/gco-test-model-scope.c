/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "gco-test-model-scope.h"

#include <gio/gio.h>

void
model_scope_cancel (ModelScope *model,
                    int         why)
{
  if (model->why == 0)
    model->why = why;
}

void
model_scope_fail (ModelScope *model,
                  int         error)
{
  if (model->error != 0)
    return;
  /* What a coroutine says that was cancelled is no news. */
  if (model->why != 0 && error == G_IO_ERROR_CANCELLED)
    return;
  model->error = error;
  model_scope_cancel (model, G_IO_ERROR_CANCELLED);
}

ModelOutcome
model_scope_outcome (const ModelScope *model)
{
  if (model->error != 0)
    return MODEL_SCOPE_FAILED;
  /* A deadline is for the children. */
  if (model->why == G_IO_ERROR_TIMED_OUT && model->in_time)
    return MODEL_SCOPE_WELL;
  return model->why != 0 ? MODEL_SCOPE_CANCELLED : MODEL_SCOPE_WELL;
}

static void
grant (ModelScope *model,
       guint       i)
{
  model->granted[i] = TRUE;
  model->at_grant[i] = model_scope_outcome (model);
}

void
model_scope_begin_child (ModelScope *model)
{
  model->n_children++;
  model->in_time = FALSE;
}

void
model_scope_end_child (ModelScope *model)
{
  if (--model->n_children > 0)
    return;
  model->in_time = model->why == 0;
  for (guint i = 0; i < MODEL_SCOPE_MAX; i++)
    if (model->joiners[i] != NULL && !model->granted[i])
      grant (model, i);
}

static int
place_of (const ModelScope *model,
          gconstpointer     who)
{
  for (guint i = 0; i < MODEL_SCOPE_MAX; i++)
    if (model->joiners[i] == who)
      return (int) i;
  return -1;
}

gboolean
model_scope_join (ModelScope   *model,
                  gconstpointer who)
{
  int place = place_of (model, NULL);

  g_assert (place >= 0);
  model->joiners[place] = who;
  model->granted[place] = FALSE;
  if (model->n_children == 0)
    grant (model, (guint) place);
  return model->n_children == 0;
}

gboolean
model_scope_waits (const ModelScope *model,
                   gconstpointer     who)
{
  int place = place_of (model, who);

  return place >= 0 && !model->granted[place];
}

gboolean
model_scope_leave (ModelScope   *model,
                   gconstpointer who,
                   ModelOutcome *at_grant)
{
  int place = place_of (model, who);

  if (place < 0)
    return FALSE;
  model->joiners[place] = NULL;
  *at_grant = model->at_grant[place];
  return model->granted[place];
}
