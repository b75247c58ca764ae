/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "gco-test-model-timer.h"

void
model_timers_arm (ModelTimers *model,
                  guint        timer,
                  gint64       deadline)
{
  ModelTimer *self = &model->timers[timer];

  self->state = MODEL_TIMER_ARMED;
  self->deadline = deadline;
  self->order = model->n_armed++;
}

static gboolean
before (const ModelTimer *a,
        const ModelTimer *b)
{
  return a->deadline < b->deadline || (a->deadline == b->deadline && a->order < b->order);
}

static int
first_due (const ModelTimers *model,
           guint              ctx)
{
  int first = -1;

  for (int i = 0; i < MODEL_N_TIMERS; i++)
    {
      const ModelTimer *timer = &model->timers[i];

      if (timer->state == MODEL_TIMER_DUE && timer->ctx == ctx &&
          (first < 0 || before (timer, &model->timers[first])))
        first = i;
    }
  return first;
}

int
model_timers_next (ModelTimers *model,
                   guint        ctx,
                   gint64       now)
{
  int first = first_due (model, ctx);

  if (first >= 0)
    return first;
  for (guint i = 0; i < MODEL_N_TIMERS; i++)
    {
      ModelTimer *timer = &model->timers[i];

      if (timer->state == MODEL_TIMER_ARMED && timer->ctx == ctx && timer->deadline <= now)
        timer->state = MODEL_TIMER_DUE;
    }
  return first_due (model, ctx);
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
