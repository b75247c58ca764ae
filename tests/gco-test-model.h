/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the locks are to be, with nothing else going on: who holds, who waits, and one
 * function for each thing that can happen. No threads, no atomics, no memory of its own:
 * short enough to be seen to be right. The explorer and the fuzzer hold libgco to it.
 */

#pragma once

#include <glib.h>

#define MODEL_MAX 16

typedef enum
{
  MODEL_MUTEX,
  MODEL_RWLOCK,
  MODEL_SEMAPHORE,
  MODEL_QUEUE,
} ModelKind;

typedef struct
{
  gconstpointer who;
  gboolean      exclusive;
  gboolean      cancelled; /* it is still in the line, but gets nothing */
} ModelWaiter;

typedef struct
{
  ModelKind     kind;
  gconstpointer writer; /* of a mutex: the holder */
  gconstpointer readers[MODEL_MAX];
  guint         n_readers; /* of a semaphore: permits that are out */
  guint         n_permits;
  ModelWaiter   waiters[MODEL_MAX];
  guint         n_waiters;
} Model;

void model_init (Model    *model,
                 ModelKind kind,
                 guint     n_permits);

/* TRUE: @who has it. FALSE: @who is the last in the line. */
gboolean model_acquire (Model        *model,
                        gconstpointer who,
                        gboolean      exclusive);

/* TRUE: @who has it. FALSE: it would have to wait, and does not. */
gboolean model_try (Model        *model,
                    gconstpointer who,
                    gboolean      exclusive);

/* FALSE if @who does not hold it. */
gboolean model_release (Model        *model,
                        gconstpointer who);

/* Who reads lets go of it, and wants it to write: as model_acquire(). */
gboolean model_upgrade (Model        *model,
                        gconstpointer who);
gboolean model_downgrade (Model        *model,
                          gconstpointer who);

/* @who stands in a queue. */
void model_wait (Model        *model,
                 gconstpointer who,
                 gboolean      at_head);

/* Whose turn it is, who is in the queue no longer; NULL: nobody's. */
gconstpointer model_next (Model *model);

/* @who, if it waits, will not get it any more; and goes out of the line. */
void model_cancel (Model        *model,
                   gconstpointer who);
void model_leave (Model        *model,
                  gconstpointer who);

/* The same in parts, between which others may come. */
gboolean model_begin_upgrade (Model        *model,
                              gconstpointer who);
void     model_let_in (Model *model);

/* Into the line, or out of it, and nobody gets anything by that. */
void model_enqueue (Model        *model,
                    gconstpointer who,
                    gboolean      exclusive);
void model_drop (Model        *model,
                 gconstpointer who);

gboolean model_holds (const Model  *model,
                      gconstpointer who);
gboolean model_waits (const Model  *model,
                      gconstpointer who);
gboolean model_is_free (const Model *model);
