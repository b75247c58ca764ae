/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the timers of two contexts, and a sleep, are to be, as gco-test-model.h for the
 * locks. */

#pragma once

#include <glib.h>

#define MODEL_N_TIMERS 6

typedef enum
{
  MODEL_TIMER_OFF,
  MODEL_TIMER_ARMED,
  MODEL_TIMER_DUE, /* in the round that runs */
} ModelTimerState;

typedef struct
{
  guint           ctx;
  ModelTimerState state;
  gint64          deadline;
  guint64         order; /* in which they were armed */
} ModelTimer;

typedef struct
{
  ModelTimer timers[MODEL_N_TIMERS];
  guint64    n_armed;
} ModelTimers;

void model_timers_arm (ModelTimers *model,
                       guint        timer,
                       gint64       deadline);

/* Which one of @ctx is to run next, or -1. A round is of all that were due when it began:
 * what one of them arms for the past is of the next. */
int model_timers_next (ModelTimers *model,
                       guint        ctx,
                       gint64       now);

typedef struct
{
  gconstpointer who; /* it sleeps, or has been cancelled and not yet left */
  gboolean      cancelled;
  gboolean      woken; /* a wake that nobody had yet */
} ModelSleep;

/* FALSE: @who sleeps. TRUE: there was a wake already, which this takes. */
gboolean model_sleep_begin (ModelSleep   *model,
                            gconstpointer who);

/* Who is awake by that, or NULL. */
gconstpointer model_sleep_wake (ModelSleep *model);

/* @who is awake because it was cancelled, or its time is over. */
void model_sleep_leave (ModelSleep   *model,
                        gconstpointer who);

gboolean model_sleeps (const ModelSleep *model,
                       gconstpointer     who);
