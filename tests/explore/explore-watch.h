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
