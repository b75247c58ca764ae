/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One coroutine: what it does, for whom it waits and how long, and where it is. */

#ifndef _GNU_SOURCE
# define _GNU_SOURCE /* dladdr */
#endif

#include "gco-dump-private.h"

#include "gco-backtrace-private.h"
#include "gco-clock-private.h"
#include "gco-config.h"

#if HAVE_BACKTRACE
# include <dlfcn.h>
# include <string.h>
#endif

#define MAX_FRAMES 64
#define KIB ((gsize) 1024)

/* Who holds what @waiter, or nobody, waits for; 0: that cannot be told. */
static guintptr
find_holder (GcoDump   *dump,
             GcoWaiter *waiter)
{
  guintptr holder;

  /* who waits no more, and only has not run yet, may outlive the lock */
  if (dump->past_locks || waiter == NULL || waiter->klass->holder == NULL ||
      !gco_waiter_pin (waiter))
    return 0;
  holder = waiter->klass->holder (waiter);
  gco_waiter_unpin (waiter);
  return holder;
}

GcoCoroutine *
gco_dump_waits_for (GcoDump      *dump,
                    GcoCoroutine *coroutine)
{
  GcoCoroutine *holder = gco_holder_coroutine (find_holder (dump, coroutine->waiter));

  return holder != NULL && g_hash_table_contains (dump->here, holder) ? holder : NULL;
}

static void
write_wait (GcoDump   *dump,
            GcoWaiter *waiter)
{
  guintptr holder = find_holder (dump, waiter);

  fprintf (dump->stream, "waits for %s", waiter->klass->what);
  if (waiter->lock != NULL)
    fprintf (dump->stream, " %p", waiter->lock);
  if (holder == 0 || holder == GCO_HELD_PASSING)
    return;
  if (gco_holder_coroutine (holder) == NULL)
    fputs (" held by an asynchronous caller", dump->stream);
  else if (g_hash_table_contains (dump->here, (gpointer) holder))
    fprintf (dump->stream, " held by coroutine %s", gco_holder_describe (holder));
  else
    fprintf (dump->stream, " held by coroutine %p of another thread", (gpointer) holder);
}

/* How long it has waited: of a bare yield only those know who look at each switch. */
static void
write_since (GcoDump      *dump,
             GcoCoroutine *coroutine)
{
  guint ticks = gco_ticks_of_ns (gco_monotonic_ns ()) - coroutine->since;

  if (coroutine->caller == NULL && gco_load_relaxed (&coroutine->scheduled) == NULL &&
      (coroutine->waiter != NULL || gco_thread_here ()->debug))
    fprintf (dump->stream, "for %.3f s; ", (double) ((gint64) ticks << GCO_TICK_SHIFT) / 1e9);
}

static void
write_state (GcoDump      *dump,
             GcoCoroutine *coroutine)
{
  const char *scheduled = gco_load_relaxed (&coroutine->scheduled);

  if (coroutine == dump->self)
    fputs ("runs", dump->stream);
  else if (coroutine->caller != NULL)
    fputs ("has entered another coroutine, or called outside", dump->stream);
  else if (scheduled != NULL)
    fprintf (dump->stream, "is about to run, by %s()", scheduled);
  else if (coroutine->waiter != NULL)
    write_wait (dump, coroutine->waiter);
  else
    fputs ("waits to be entered or woken", dump->stream);
}

/* The readers of a lock are only counted: so each of them tells that it reads. */
static void
write_held (GcoDump      *dump,
            GcoCoroutine *coroutine)
{
  guint own = (guint) (coroutine->held % GCO_HELD_TO_READ);
  guint reading = (guint) (coroutine->held / GCO_HELD_TO_READ);

  if (own > 0)
    fprintf (dump->stream, "holds %u; ", own);
  if (reading > 0)
    fprintf (dump->stream, "reads under %u; ", reading);
}

void
gco_dump_write_coroutine (GcoDump      *dump,
                          GcoCoroutine *coroutine)
{
  fprintf (dump->stream, "coroutine %s ", gco_coroutine_describe (coroutine));
  write_state (dump, coroutine);
  fputs (" [", dump->stream);
  write_since (dump, coroutine);
  write_held (dump, coroutine);
  fprintf (dump->stream,
           "stack %" G_GSIZE_FORMAT " of %" G_GSIZE_FORMAT " KiB]",
           gco_coroutine_get_stack_usage (coroutine) / KIB,
           coroutine->stack.size / KIB);
}

#if HAVE_BACKTRACE
static void
write_frame (gpointer address,
             FILE    *stream)
{
  Dl_info     info = { 0 };
  const char *file = "?";

  if (dladdr (address, &info) != 0 && info.dli_fname != NULL)
    {
      file = strrchr (info.dli_fname, '/');
      file = file != NULL ? file + 1 : info.dli_fname;
    }
  if (info.dli_sname != NULL)
    fprintf (stream,
             "    %s+0x%" G_GSIZE_MODIFIER "x (%s)\n",
             info.dli_sname,
             (gsize) address - (gsize) info.dli_saddr,
             file);
  else
    fprintf (stream,
             "    %s+0x%" G_GSIZE_MODIFIER "x\n",
             file,
             (gsize) address - (gsize) info.dli_fbase);
}
#else
static void
write_frame (gpointer address,
             FILE    *stream)
{
  fprintf (stream, "    %p\n", address);
}
#endif

void
gco_dump_write_in_full (GcoDump      *dump,
                        GcoCoroutine *coroutine)
{
  gpointer frames[MAX_FRAMES];
  int      n_frames;

  gco_dump_write_coroutine (dump, coroutine);
  fputc ('\n', dump->stream);
  n_frames = gco_coroutine_backtrace (coroutine, frames, MAX_FRAMES);
  for (int i = 0; i < n_frames; i++)
    write_frame (frames[i], dump->stream);
}
