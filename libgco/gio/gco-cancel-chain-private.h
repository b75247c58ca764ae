/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The caller's cancellable, as an operation of a scope's coroutine gets it. The scope
 * ends the operation by it, which is no reason to cancel whatever else has the caller's.
 */

#pragma once

#include "../gco-types.h"

typedef struct
{
  GCancellable *given; /* with a reference, or NULL: there is no chain */
  GCancellable *own;   /* with a reference; cancelled when the given one is */
  gulong        handler;
} GcoCancelChain;

/* What the operation is to get: @cancellable itself, outside of scopes or if it is the
 * scope's or NULL; else one of its own. In the coroutine. */
GCancellable *gco_cancel_chain_begin (GcoCancelChain *chain,
                                      GCancellable   *cancellable);

void gco_cancel_chain_end (GcoCancelChain *chain);
