/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Between the operations of scenarios and the models. */

#pragma once

#include "explore-locks.h"
#include "gco-test-model.h"

typedef enum
{
  OP_ACQUIRE, /* exclusively */
  OP_SHARE,
  OP_TRY,
  OP_RELEASE,
  OP_UPGRADE,
  OP_LET_IN, /* what is left of it */
  OP_DOWNGRADE,
  OP_WAIT,
  OP_NEXT,
  OP_RESTART,
} ExploreOp;

/* The caller is about to do @op: some step of what follows does it to @lock. */
void explore_begin (gpointer    lock,
                    ExploreOp   op,
                    const char *what);

/* All that was begun by the caller has returned @result. */
gboolean explore_end (gboolean result);

/* ------------------------------------------------------- what the lock itself says */

guintptr explore_lock_state (gpointer lock);

/* Not while it is BUSY. Readers are not known, but counted; of @model it takes what never
 * changes. @states: of those who wait, in their order. */
void explore_look_at (gpointer     lock,
                      const char  *name,
                      const Model *model,
                      Model       *seen,
                      guint      **states);

gboolean explore_same_line (const Model *model,
                            const Model *seen);
gboolean explore_is_like (const Model *model,
                          const Model *seen);

/* For a message. */
void explore_describe (GString     *text,
                       const Model *model);
