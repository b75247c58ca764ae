/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the coroutine twins of GIO's functions have in common. */

#include "gco-gio-private.h"

#include "../gco-aio-context-private.h"

void
gco_gio_call_init (GcoGioCall   *call,
                   GCancellable *cancellable,
                   const char   *caller)
{
  gco_coroutine_self_at_home (caller);
  call->cancellable = gco_cancel_chain_begin (&call->chain, cancellable);
  call->result = NULL;
  gco_await_init (&call->await, call->cancellable);
}

GAsyncResult *
gco_gio_call_wait (GcoGioCall *call)
{
  call->result = gco_await (&call->await);
  return call->result;
}

void
gco_gio_call_clear (GcoGioCall *call)
{
  if (call->result != NULL)
    gco_coroutine_call_outside (g_object_unref, call->result);
  gco_cancel_chain_end (&call->chain);
}
