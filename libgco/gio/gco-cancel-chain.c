/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "gco-cancel-chain-private.h"

#include "../gco-coroutine.h"
#include "gco-scope.h"

static void
cancel_own (GCancellable *given,
            GCancellable *own)
{
  g_cancellable_cancel (own);
}

static void
unref_closure (gpointer  own,
               GClosure *closure)
{
  g_object_unref (own);
}

GCancellable *
gco_cancel_chain_begin (GcoCancelChain *chain,
                        GCancellable   *cancellable)
{
  GCancellable *scope = gco_scope_get_current_cancellable ();

  *chain = (GcoCancelChain){ NULL, NULL, 0 };
  if (cancellable == NULL || scope == NULL || cancellable == scope)
    return cancellable;
  chain->given = g_object_ref (cancellable);
  chain->own = g_cancellable_new ();
  /* Not g_cancellable_connect(): that calls the handler at once, and its twin deadlocks in
   * an emission. The handler may run in another thread to the end, and then has its own. */
  chain->handler = g_signal_connect_data (cancellable,
                                          "cancelled",
                                          G_CALLBACK (cancel_own),
                                          g_object_ref (chain->own),
                                          unref_closure,
                                          0);
  /* Nobody listens to it yet, so that nothing foreign runs in here. */
  if (g_cancellable_is_cancelled (cancellable))
    g_cancellable_cancel (chain->own);
  return chain->own;
}

static void
end (gpointer user_data)
{
  GcoCancelChain *chain = user_data;

  g_signal_handler_disconnect (chain->given, chain->handler);
  g_object_unref (chain->given);
  g_object_unref (chain->own);
}

void
gco_cancel_chain_end (GcoCancelChain *chain)
{
  /* What goes with them is foreign. */
  if (chain->given != NULL)
    gco_coroutine_call_outside (end, chain);
}
