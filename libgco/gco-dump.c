/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What all coroutines are doing, for whoever looks at a program that is stuck. Those of
 * this thread stand still meanwhile, and are told of in full; of others it is known only
 * that they are there.
 */

#define _GNU_SOURCE /* dladdr() */

#include "gco-dump.h"

#include "gco-backtrace-private.h"
#include "gco-config.h"
#include "gco-waiter-private.h"

#if HAVE_BACKTRACE
# include <dlfcn.h>
# include <string.h>
#endif

#define MAX_FRAMES 64

/* Coroutines that wait for each other may be more: then nobody is sure. */
#define MAX_CHAIN 64

typedef struct
{
  FILE      *stream;
  GcoThread *thread;
  GPtrArray *contexts;   /* at home in this thread */
  GPtrArray *coroutines; /* of these contexts, or the running one */
  guint      n_elsewhere;
} GcoDump;

/* Under the lock of the stacks: no more than looking. */
static void
find_used (GcoStack *stack,
           gpointer  user_data)
{
  GcoDump      *dump = user_data;
  GcoCoroutine *coroutine = (GcoCoroutine *) stack;

  /* Of a context of another thread not even the memory may be there. Pairs with join(),
   * for one that another thread has just given to a context of this. */
  if (coroutine == dump->thread->current ||
      g_ptr_array_find (dump->contexts, gco_load_acquire (&coroutine->ctx), NULL))
    g_ptr_array_add (dump->coroutines, coroutine);
  else if (gco_load_relaxed (&coroutine->func) != NULL)
    dump->n_elsewhere++;
}

static gboolean
is_here (GcoDump *dump,
         gpointer coroutine)
{
  return g_ptr_array_find (dump->coroutines, coroutine, NULL);
}

/* The coroutine that @coroutine waits for, both of this thread; or NULL. */
static GcoCoroutine *
waits_for (GcoCoroutine *coroutine,
           GcoDump      *dump)
{
  GcoWaiter    *waiter = coroutine->waiter;
  GcoCoroutine *holder;

  /* who waits no more, and only has not run yet, may outlive the lock */
  if (waiter == NULL || waiter->klass->holder == NULL ||
      gco_load_acquire (waiter->state) != GCO_WAIT_WAITING)
    return NULL;
  holder = gco_holder_coroutine (waiter->klass->holder (waiter));
  if (holder == NULL || !is_here (dump, holder))
    return NULL;
  /* and again: it may have been handed over just now */
  return gco_load_acquire (waiter->state) == GCO_WAIT_WAITING ? holder : NULL;
}

/* --------------------------------------------------------------------- writing */

static void
write_wait (GcoCoroutine *coroutine,
            GcoDump      *dump)
{
  GcoWaiter *waiter = coroutine->waiter;
  guintptr   holder;

  fprintf (dump->stream, "waits for %s", waiter->klass->what);
  if (waiter->lock != NULL)
    fprintf (dump->stream, " %p", waiter->lock);
  /* who waits no more, and only has not run yet, may outlive the lock */
  if (waiter->klass->holder == NULL || gco_load_acquire (waiter->state) != GCO_WAIT_WAITING)
    return;
  holder = waiter->klass->holder (waiter);
  if (holder == 0)
    return;
  if (gco_holder_coroutine (holder) == NULL)
    fputs (" held by an asynchronous caller", dump->stream);
  else if (is_here (dump, (gpointer) holder))
    fprintf (dump->stream, " held by coroutine %s", gco_holder_describe (holder));
  else
    fprintf (dump->stream, " held by coroutine %p of another thread", (gpointer) holder);
}

static void
write_state (GcoCoroutine *coroutine,
             GcoDump      *dump)
{
  const char *scheduled = gco_load_relaxed (&coroutine->scheduled);

  if (coroutine == dump->thread->current)
    fputs ("runs", dump->stream);
  else if (coroutine->caller != NULL)
    fputs ("has entered another coroutine, or called outside", dump->stream);
  else if (scheduled != NULL)
    fprintf (dump->stream, "is about to run, by %s()", scheduled);
  else if (coroutine->waiter != NULL)
    write_wait (coroutine, dump);
  else
    fputs ("waits to be entered or woken", dump->stream);
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

static void
write_coroutine (GcoCoroutine *coroutine,
                 GcoDump      *dump)
{
  gpointer frames[MAX_FRAMES];
  int      n_frames;

  fprintf (dump->stream, "coroutine %s ", gco_coroutine_describe (coroutine));
  write_state (coroutine, dump);
  fputc ('\n', dump->stream);
  n_frames = gco_coroutine_backtrace (coroutine, frames, MAX_FRAMES);
  for (int i = 0; i < n_frames; i++)
    write_frame (frames[i], dump->stream);
}

/* ---------------------------------------------------------------------- cycles */

/* Who waits for each other, from @coroutine on: how many; 0 if it is not among them, or
 * not the one with the lowest address, who tells of all. They are looked at once: what
 * another thread cancels is a wait no more. */
static guint
find_cycle (GcoCoroutine  *coroutine,
            GcoDump       *dump,
            GcoCoroutine **members)
{
  GcoCoroutine *at = coroutine;

  for (guint n = 0; n < MAX_CHAIN && at != NULL && at >= coroutine; n++)
    {
      members[n] = at;
      at = waits_for (at, dump);
      if (at == coroutine)
        return n + 1;
    }
  return 0;
}

static void
write_cycle (GcoCoroutine *coroutine,
             GcoDump      *dump)
{
  GcoCoroutine *members[MAX_CHAIN];
  guint         n_members = find_cycle (coroutine, dump, members);

  if (n_members == 0)
    return;
  fprintf (dump->stream, "deadlock: coroutine %s", gco_coroutine_describe (coroutine));
  for (guint i = 0; i < n_members; i++)
    {
      GcoWaiter *waiter = members[i]->waiter;

      fprintf (dump->stream,
               "%s waits for %s %p, which is held by coroutine %s",
               i > 0 ? ", which" : "",
               waiter->klass->what,
               waiter->lock,
               gco_coroutine_describe (members[(i + 1) % n_members]));
    }
  fputc ('\n', dump->stream);
}

/**
 * gco_dump: (skip)
 * @stream: where to write
 *
 * Writes what the coroutines of the calling thread do: name, what each waits for and
 * who holds that, and where it is suspended, innermost function first, if processor and
 * C library allow to see that; of those who wait for each other, that they do.
 * Functions that the library or program does not export are told of as an offset in
 * their file, for addr2line. Of the coroutines of other threads it writes how many
 * there are.
 *
 * From a debugger, `call gco_dump (stderr)` does as well, unless the thread was stopped
 * inside of libgco or malloc() with a lock held that this needs. Any thread, in a
 * coroutine or not; never yields.
 *
 * Since: 1.0
 */
void
gco_dump (FILE *stream)
{
  GcoThread *thread = gco_thread_get ();
  GcoDump    dump = { stream, thread };

  g_return_if_fail (stream != NULL);

  dump.contexts = gco_aio_context_list_here (thread);
  dump.coroutines = g_ptr_array_new ();
  gco_stack_foreach (find_used, &dump);
  for (guint i = 0; i < dump.coroutines->len; i++)
    write_coroutine (g_ptr_array_index (dump.coroutines, i), &dump);
  for (guint i = 0; i < dump.coroutines->len; i++)
    write_cycle (g_ptr_array_index (dump.coroutines, i), &dump);
  fprintf (stream,
           "%u coroutines in this thread; %u in others, or not begun\n",
           dump.coroutines->len,
           dump.n_elsewhere);
  fflush (stream);
  g_ptr_array_unref (dump.coroutines);
  g_ptr_array_unref (dump.contexts);
}
