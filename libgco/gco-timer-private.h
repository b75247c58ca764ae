/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Timers of a context: a pairing heap a clock, under the lock of the context. */

#pragma once

#include "gco-timer.h"

typedef struct _GcoTimerList GcoTimerList;

typedef enum
{
  GCO_TIMER_OFF = 0,
  GCO_TIMER_ARMED, /* in the heap */
  GCO_TIMER_DUE    /* in the list of a round that runs */
} GcoTimerState;

struct _GcoTimer
{
  /* One cache line, more or less, that a round needs. */
  gint64        deadline;  /* (lock) */
  guint64       order;     /* (lock) when it was armed, for ties */
  GcoTimer     *next;      /* (lock) sibling, or next in a list */
  GcoTimer     *previous;  /* (lock) sibling, or the parent of a first child */
  GcoTimer     *child;     /* (lock) */
  GcoTimerState state;     /* (lock) */
  int           ref_count; /* (lock) 0: part of something else, see _embed() */
  GcoFunc       func;      /* (immutable) */
  gpointer      user_data; /* (immutable) */

  GcoAioContext *ctx;     /* (immutable) */
  GcoTimerList  *list;    /* (immutable) */
  GDestroyNotify destroy; /* (immutable) */
};

/* A timer within another structure, which must outlive its being armed: ended
 * by gco_timer_del() in the home thread, or by running. @func runs in place of
 * foreign code and may be anything that does not yield. */
void gco_timer_embed (GcoTimer      *timer,
                      GcoAioContext *ctx,
                      GcoClock      *clock,
                      GcoFunc        func,
                      gpointer       user_data);

/* Runs what is due now; TRUE if anything ran. Home thread. */
gboolean gco_timers_run (GcoAioContext *ctx);

/* When the first is due, in ns of the monotonic clock: 0 if one is now, -1 if
 * time alone brings none. */
gint64 gco_timers_next (GcoAioContext *ctx);

/* The context goes. */
void gco_timers_clear (GcoAioContext *ctx);
