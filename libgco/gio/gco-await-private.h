/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How each call of gco-gio.h begins. */

#pragma once

#include "gco-await.h"
#include "gco-scope.h"

/* Returns what the operation is to be given: @cancellable, or in its place that of
 * the scope that the running coroutine belongs to. */
static inline GCancellable *
gco_await_begin (GcoAwait     *await,
                 GCancellable *cancellable)
{
  if (cancellable == NULL)
    cancellable = gco_scope_get_current_cancellable ();
  gco_await_init (await, cancellable);
  return cancellable;
}
