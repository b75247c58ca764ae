/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "gco-trace-private.h"

#include "gco-clock-private.h"
#include "gco-config.h"

#if HAVE_SYSPROF
# include <sysprof-capture.h>

/* The one who listens is this library. */
void
gco_trace_begin (void)
{
  if (sysprof_collector_is_active ())
    gco_waiter__wait_semaphore++;
}

/* To ask is to begin. */
void
gco_trace_begin_thread (void)
{
  sysprof_collector_is_active ();
}

static void
mark (GcoWaiter  *waiter,
      const char *name,
      gint64      start)
{
  if (sysprof_collector_is_active ())
    sysprof_collector_mark (start,
                            gco_monotonic_ns () - start,
                            "libgco",
                            waiter->klass->what,
                            name);
}
#else
void
gco_trace_begin (void)
{
}

void
gco_trace_begin_thread (void)
{
}

static void
mark (GcoWaiter  *waiter,
      const char *name,
      gint64      start)
{
}
#endif

void
gco_trace_suspend (GcoWaiter *waiter)
{
  const char *name = waiter->coroutine->name;
  gint64      start = gco_monotonic_ns ();

  GCO_PROBE4 (waiter__wait, waiter, name, waiter->klass->what, waiter->lock);
  gco_coroutine_suspend (gco_thread_get ());
  mark (waiter, name, start);
}

/* As in a message: nobody knows more of them. */
static const char *
async_name (void)
{
  return gco_holder_describe (GCO_HELD_ASYNC);
}

void
gco_trace_async_wait (GcoAsyncWaiter *waiter)
{
  waiter->began = gco_monotonic_ns ();
  GCO_PROBE4 (waiter__wait, waiter, async_name (), waiter->waiter.klass->what, waiter->waiter.lock);
}

void
gco_trace_async_end (GcoAsyncWaiter *waiter)
{
  mark (&waiter->waiter, async_name (), waiter->began);
}
