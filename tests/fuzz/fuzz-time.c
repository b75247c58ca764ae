/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Timers that arm, disarm and free each other, and sleeps that others end. */

#include "fuzz.h"

/* How often a timer may arm another for the past: it would never end. */
#define MAX_REARMED 8

#define N_ACTIONS 8

typedef struct
{
  GcoTimer *timer;
  guint     action;
} FuzzTimer;

static ModelTimers model;
static FuzzTimer   timers[MODEL_N_TIMERS];
static guint       n_rearmed;
static guint       n_freed;
static guint       n_destroyed;

/* --------------------------------------------------------------------- timers */

static void on_timer (gpointer data);

static void
note_destroyed (gpointer data)
{
  n_destroyed++;
}

/* @in: from now, or before that. */
static void
arm (guint  i,
     gint64 in)
{
  gint64 deadline = MAX (gco_clock_get_time_ns (fuzz.clock) + in, 0);

  if (timers[i].timer == NULL)
    timers[i].timer = gco_timer_new (fuzz.contexts[model.timers[i].ctx],
                                     fuzz.clock,
                                     on_timer,
                                     GUINT_TO_POINTER (i),
                                     note_destroyed);
  model_timers_arm (&model, i, deadline);
  gco_timer_mod_ns (timers[i].timer, deadline);
}

static void
disarm (guint i)
{
  model.timers[i].state = MODEL_TIMER_OFF;
  if (timers[i].timer != NULL)
    gco_timer_del (timers[i].timer);
}

static void
free_timer (guint i)
{
  if (timers[i].timer == NULL)
    return;
  model.timers[i].state = MODEL_TIMER_OFF;
  gco_timer_free (g_steal_pointer (&timers[i].timer));
  n_freed++;
}

static void
arm_again (guint  i,
           gint64 in)
{
  if (n_rearmed++ < MAX_REARMED)
    arm (i, in);
}

static void
act (guint i)
{
  guint other = (i + 2) % MODEL_N_TIMERS; /* of the same context */

  switch (timers[i].action)
    {
    case 1:
      arm_again (i, -1);
      break;
    case 2:
      arm_again (other, -2);
      break;
    case 3:
      arm_again (i, 3);
      break;
    case 4:
      disarm (other);
      break;
    case 5:
      free_timer (i);
      break;
    case 6:
      free_timer (other);
      break;
    case 7:
      fuzz_cancel_if_simple (&fuzz.actors[i]);
      break;
    default:
      break;
    }
}

static void
on_timer (gpointer data)
{
  guint  i = GPOINTER_TO_UINT (data);
  guint  ctx = model.timers[i].ctx;
  gint64 now = gco_clock_get_time_ns (fuzz.clock);
  int    due = model_timers_next (&model, ctx, now);

  if (gco_aio_context_get_current () != fuzz.contexts[ctx])
    fuzz_fail ("timer %u runs in another context", i);
  if (due != (int) i)
    fuzz_fail ("timer %u runs, and it is the turn of %d", i, due);
  model.timers[i].state = MODEL_TIMER_OFF;
  if (gco_timer_is_pending (timers[i].timer))
    fuzz_fail ("timer %u runs, and is still pending", i);
  act (i);
}

static void
op_arm (FuzzActor *self)
{
  guint i = self->arg % MODEL_N_TIMERS;

  timers[i].action = (self->index + (guint) self->wish * 3) % N_ACTIONS;
  arm (i, self->arg / MODEL_N_TIMERS);
}

static void
op_disarm (FuzzActor *self)
{
  disarm (self->arg % MODEL_N_TIMERS);
}

static void
op_free (FuzzActor *self)
{
  free_timer (self->arg % MODEL_N_TIMERS);
}

static void
arm_outside (FuzzActor *actor,
             guint      who)
{
  guint i = who % MODEL_N_TIMERS;

  timers[i].action = who / MODEL_N_TIMERS % N_ACTIONS;
  arm (i, (gint64) (who / MODEL_N_TIMERS / N_ACTIONS) - 1);
}

void
fuzz_timers_begin (void)
{
  model = (ModelTimers){ .n_armed = 0 };
  for (guint i = 0; i < MODEL_N_TIMERS; i++)
    {
      timers[i] = (FuzzTimer){ NULL, 0 };
      model.timers[i].ctx = i % 2;
    }
  n_rearmed = n_freed = n_destroyed = 0;
}

void
fuzz_timers_check (void)
{
  gint64 now = gco_clock_get_time_ns (fuzz.clock);

  for (guint ctx = 0; ctx < 2; ctx++)
    if (model_timers_next (&model, ctx, now) >= 0)
      fuzz_fail ("timer %d has not run", model_timers_next (&model, ctx, now));
  for (guint i = 0; i < MODEL_N_TIMERS; i++)
    if (timers[i].timer != NULL &&
        gco_timer_is_pending (timers[i].timer) !=
            (model.timers[i].state != MODEL_TIMER_OFF))
      fuzz_fail ("timer %u: armed: %d, and the model says otherwise",
                 i,
                 model.timers[i].state == MODEL_TIMER_OFF);
  if (n_destroyed != n_freed)
    fuzz_fail ("%u timers are freed, and the data of %u", n_freed, n_destroyed);
}

void
fuzz_timers_end (void)
{
  for (guint i = 0; i < MODEL_N_TIMERS; i++)
    free_timer (i);
  fuzz_drain ();
}

/* --------------------------------------------------------------------- sleeps */

static void
sleep_in (FuzzActor *self)
{
  guint       place = self->arg % FUZZ_N_SLEEPS;
  GcoSleep   *sleep = &fuzz.sleeps[place];
  ModelSleep *sleep_model = &fuzz.sleep_models[place];
  FuzzWay     way = fuzz_choose_way (self);
  GError     *error = NULL;
  gboolean    expected = FALSE;
  gboolean    awake;

  /* That is misuse, and fatal. */
  if (sleep_model->who != NULL)
    return;
  if (!fuzz_is_hopeless (self, way))
    expected = model_sleep_begin (sleep_model, self);
  self->picked = FALSE;
  fuzz_begin_wait (self, FUZZ_SLEEP, place, way);
  if (way == FUZZ_PLAIN)
    awake = gco_sleep_wait_ns (sleep, NULL, -1);
  else if (way == FUZZ_CANCELLABLE)
    awake = gco_sleep_wait_ns_cancellable (sleep, NULL, -1, self->cancellable, &error);
  else
    awake = gco_sleep_wait_until (sleep,
                                  fuzz.clock,
                                  self->deadline_ns,
                                  self->cancellable,
                                  &error);
  expected = expected || self->picked;
  fuzz_end_wait (self, awake, error);
  if (awake != expected)
    fuzz_fail ("actor %u: awake: %d, and the model says otherwise", self->index, awake);
  model_sleep_leave (sleep_model, self);
}

static void
wake_sleep (guint place)
{
  FuzzActor *awake;

  fuzz_sync ();
  awake = (FuzzActor *) model_sleep_wake (&fuzz.sleep_models[place]);
  if (awake != NULL)
    awake->picked = TRUE;
  gco_sleep_wake (&fuzz.sleeps[place]);
}

static void
wake (FuzzActor *self)
{
  wake_sleep (self->arg % FUZZ_N_SLEEPS);
}

static void
wake_outside (FuzzActor *actor,
              guint      who)
{
  wake_sleep (who % FUZZ_N_SLEEPS);
}

void
fuzz_sleep_wake_all (void)
{
  for (guint i = 0; i < FUZZ_N_SLEEPS; i++)
    if (fuzz.sleep_models[i].who != NULL)
      wake_sleep (i);
}

static const FuzzCode codes[] = {
  { "sleep until it is woken", .op = sleep_in },
  { "wake a sleeper", .op = wake },
  { "wake a sleeper", .step = wake_outside },
  { "arm a timer", .op = op_arm },
  { "disarm a timer", .op = op_disarm },
  { "free a timer", .op = op_free },
  { "arm a timer", .step = arm_outside },
};
const FuzzCodes fuzz_time_codes = { codes, G_N_ELEMENTS (codes) };
