/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "gco-test-model-timer.h"

void
model_timers_init (ModelTimers *model)
{
  *model = (ModelTimers){ .round = { G_MININT64, G_MININT64 } };
}

void
model_timers_arm (ModelTimers *model,
                  guint        timer,
                  gint64       deadline)
{
  ModelTimer *self = &model->timers[timer];

  self->armed = TRUE;
  self->deadline = MAX (deadline, model->round[self->ctx]);
  self->order = model->n_armed++;
}

static gboolean
before (const ModelTimer *a,
        const ModelTimer *b)
{
  return a->deadline < b->deadline || (a->deadline == b->deadline && a->order < b->order);
}

int
model_timers_due (const ModelTimers *model,
                  guint              ctx,
                  gint64             now)
{
  int first = -1;

  for (int i = 0; i < MODEL_N_TIMERS; i++)
    {
      const ModelTimer *timer = &model->timers[i];

      if (timer->armed && timer->ctx == ctx && timer->deadline <= now &&
          (first < 0 || before (timer, &model->timers[first])))
        first = i;
    }
  return first;
}

gboolean
model_sleep_begin (ModelSleep   *model,
                   gconstpointer who)
{
  if (model->woken)
    {
      model->woken = FALSE;
      return TRUE;
    }
  *model = (ModelSleep){ .who = who };
  return FALSE;
}

gconstpointer
model_sleep_wake (ModelSleep *model)
{
  gconstpointer awake = model->cancelled ? NULL : model->who;

  *model = (ModelSleep){ .woken = awake == NULL };
  return awake;
}

void
model_sleep_leave (ModelSleep   *model,
                   gconstpointer who)
{
  if (model->who == who)
    *model = (ModelSleep){ .woken = model->woken };
}

gboolean
model_sleeps (const ModelSleep *model,
              gconstpointer     who)
{
  return model->who == who && !model->cancelled;
}
