/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How a wait that ends by itself is asked to: by its operation's cancellable. */

#pragma once

#include "../gco-waiter-private.h"

static inline void
gco_cancel_and_unref (gpointer cancellable)
{
  g_cancellable_cancel (cancellable);
  g_object_unref (cancellable);
}

/* Has @cancellable, or NULL, cancelled by a dispatch of the home of @waiter. Not here and now:
 * who asks goes through all coroutines, and what "cancelled" runs may end some. */
static inline void
gco_cancel_later (GcoWaiter    *waiter,
                  GCancellable *cancellable)
{
  if (cancellable != NULL && !g_cancellable_is_cancelled (cancellable))
    gco_aio_context_run_anyway (gco_coroutine_get_home (waiter->coroutine),
                                gco_cancel_and_unref,
                                g_object_ref (cancellable));
}
