/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "gco-test-model.h"

#include <string.h>

void
model_init (Model    *model,
            ModelKind kind,
            guint     n_permits)
{
  memset (model, 0, sizeof *model);
  model->kind = kind;
  model->n_permits = n_permits;
}

static gboolean
has_room (const Model *model,
          gboolean     exclusive)
{
  if (model->kind == MODEL_SEMAPHORE)
    return model->n_readers < model->n_permits;
  return model->writer == NULL && (!exclusive || model->n_readers == 0);
}

static void
give (Model        *model,
      gconstpointer who,
      gboolean      exclusive)
{
  if (exclusive)
    model->writer = who;
  else
    model->readers[model->n_readers++] = who;
}

static void
insert (Model        *model,
        guint         place,
        gconstpointer who,
        gboolean      exclusive)
{
  g_assert (model->n_waiters < MODEL_MAX);
  memmove (&model->waiters[place + 1],
           &model->waiters[place],
           (model->n_waiters - place) * sizeof (ModelWaiter));
  model->waiters[place] = (ModelWaiter){ who, exclusive, FALSE };
  model->n_waiters++;
}

static void
take_out (Model *model,
          guint  place)
{
  model->n_waiters--;
  memmove (&model->waiters[place],
           &model->waiters[place + 1],
           (model->n_waiters - place) * sizeof (ModelWaiter));
}

/* All at the head of the line for whom there is room. */
void
model_let_in (Model *model)
{
  while (model->n_waiters > 0 && has_room (model, model->waiters[0].exclusive))
    {
      ModelWaiter first = model->waiters[0];

      take_out (model, 0);
      if (!first.cancelled)
        give (model, first.who, first.exclusive);
    }
}

gboolean
model_try (Model        *model,
           gconstpointer who,
           gboolean      exclusive)
{
  if (model->n_waiters > 0 || !has_room (model, exclusive))
    return FALSE;
  give (model, who, exclusive);
  return TRUE;
}

gboolean
model_acquire (Model        *model,
               gconstpointer who,
               gboolean      exclusive)
{
  if (model_try (model, who, exclusive))
    return TRUE;
  model_enqueue (model, who, exclusive);
  return FALSE;
}

static gboolean
end_read (Model        *model,
          gconstpointer who)
{
  for (guint i = 0; i < model->n_readers; i++)
    if (model->readers[i] == who)
      {
        model->readers[i] = model->readers[--model->n_readers];
        return TRUE;
      }
  return FALSE;
}

gboolean
model_release (Model        *model,
               gconstpointer who)
{
  if (model->writer != NULL && model->writer == who)
    model->writer = NULL;
  else if (!end_read (model, who))
    return FALSE;
  model_let_in (model);
  return TRUE;
}

gboolean
model_upgrade (Model        *model,
               gconstpointer who)
{
  gboolean has_it;

  if (!end_read (model, who))
    return FALSE;
  has_it = model_acquire (model, who, TRUE);
  model_let_in (model);
  return has_it;
}

gboolean
model_begin_upgrade (Model        *model,
                     gconstpointer who)
{
  if (!end_read (model, who))
    return FALSE;
  model_enqueue (model, who, TRUE);
  return TRUE;
}

gboolean
model_downgrade (Model        *model,
                 gconstpointer who)
{
  if (model->writer != who)
    return FALSE;
  model->writer = NULL;
  give (model, who, FALSE);
  model_let_in (model);
  return TRUE;
}

void
model_wait (Model        *model,
            gconstpointer who,
            gboolean      at_head)
{
  insert (model, at_head ? 0 : model->n_waiters, who, FALSE);
}

gconstpointer
model_next (Model *model)
{
  while (model->n_waiters > 0)
    {
      ModelWaiter first = model->waiters[0];

      take_out (model, 0);
      if (!first.cancelled)
        return first.who;
    }
  return NULL;
}

static int
place_of (const Model  *model,
          gconstpointer who)
{
  for (guint i = 0; i < model->n_waiters; i++)
    if (model->waiters[i].who == who)
      return (int) i;
  return -1;
}

void
model_cancel (Model        *model,
              gconstpointer who)
{
  int place = place_of (model, who);

  if (place >= 0)
    model->waiters[place].cancelled = TRUE;
}

void
model_enqueue (Model        *model,
               gconstpointer who,
               gboolean      exclusive)
{
  insert (model, model->n_waiters, who, exclusive);
}

void
model_drop (Model        *model,
            gconstpointer who)
{
  int place = place_of (model, who);

  if (place >= 0)
    take_out (model, (guint) place);
}

void
model_leave (Model        *model,
             gconstpointer who)
{
  model_drop (model, who);
  if (model->kind != MODEL_QUEUE)
    model_let_in (model);
}

gboolean
model_holds (const Model  *model,
             gconstpointer who)
{
  if (model->writer == who)
    return TRUE;
  for (guint i = 0; i < model->n_readers; i++)
    if (model->readers[i] == who)
      return TRUE;
  return FALSE;
}

gboolean
model_waits (const Model  *model,
             gconstpointer who)
{
  return place_of (model, who) >= 0;
}

gboolean
model_is_free (const Model *model)
{
  return model->writer == NULL && model->n_readers == 0 && model->n_waiters == 0;
}
