/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is told of one coroutine, to whomever. */

#pragma once

#include <stdio.h>

#include "gco-waiter-private.h"

/* Coroutines of this thread, which stand still, or of a context that nothing runs. */
typedef struct
{
  FILE         *stream;
  GcoCoroutine *self;       /* the one that runs; or NULL */
  gboolean      past_locks; /* they may be gone: only their addresses are told */
  GPtrArray    *contexts;   /* whose coroutines are told of */
  GPtrArray    *coroutines; /* of these contexts, or the running one */
  GHashTable   *here;       /* the same coroutines */
  guint         n_elsewhere;
  guint         n_abandoned;
} GcoDump;

/* Finds them. */
void gco_dump_begin (GcoDump   *dump,
                     FILE      *stream,
                     GPtrArray *contexts);
void gco_dump_end (GcoDump *dump);

/* Whom of those @coroutine waits for; or NULL. */
GcoCoroutine *gco_dump_waits_for (GcoDump      *dump,
                                  GcoCoroutine *coroutine);

/* Without an end of line; and with it, that and its backtrace. */
void gco_dump_write_coroutine (GcoDump      *dump,
                               GcoCoroutine *coroutine);
void gco_dump_write_in_full (GcoDump      *dump,
                             GcoCoroutine *coroutine);

/* All of this thread. Outside of coroutines. */
void gco_dump_write (GcoDump *dump);
