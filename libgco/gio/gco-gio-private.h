/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * One call of GIO that a coroutine waits for, from its _async to its _finish
 * function. A function that is left by g_return_if_fail() calls nobody back, so
 * what GIO asks of its arguments is to be asked for before.
 */

#pragma once

#include "gco-await.h"
#include "gco-cancel-chain-private.h"

typedef struct
{
  GcoAwait       await; /* for gco_await_ready() */
  GcoCancelChain chain;
  GCancellable  *cancellable;
  GAsyncResult  *result;
} GcoGioCall;

/* Fatal outside of a coroutine, naming @caller. */
void gco_gio_call_init (GcoGioCall   *call,
                        GCancellable *cancellable,
                        const char   *caller);

/* The result, which goes with @call. */
GAsyncResult *gco_coroutine_fn gco_gio_call_wait (GcoGioCall *call);

/* Drops the result and the chain, and what goes with them, outside of the coroutine. */
void gco_gio_call_clear (GcoGioCall *call);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (GcoGioCall, gco_gio_call_clear)

/* Declares @call, which lives as long as the block. */
#define GCO_GIO_CALL(call, cancellable) \
 g_auto (GcoGioCall) call;              \
 gco_gio_call_init (&call, (cancellable), G_STRFUNC)

/* What an _async function is given last. */
#define GCO_GIO_LAST(call) (call).cancellable, gco_await_ready, &(call).await

/* Before that: what all of them ask for. Not by g_return_val_if_fail(), which in a macro
 * would be given @is_fine expanded, and print that. */
#define GCO_GIO_CHECK(is_fine, cancellable, error, failed)                          \
 G_STMT_START                                                                       \
 {                                                                                  \
  if (G_UNLIKELY (!(is_fine)))                                                      \
   {                                                                                \
    g_return_if_fail_warning (G_LOG_DOMAIN, G_STRFUNC, #is_fine);                   \
    return (failed);                                                                \
   }                                                                                \
 }                                                                                  \
 G_STMT_END;                                                                        \
 g_return_val_if_fail (!(cancellable) || G_IS_CANCELLABLE (cancellable), (failed)); \
 g_return_val_if_fail ((error) == NULL || *(error) == NULL, (failed))
