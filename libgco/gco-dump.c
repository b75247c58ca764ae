/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What all coroutines are doing, for whoever looks at a program that is stuck. Those of
 * this thread stand still meanwhile, and are told of in full; of others it is known only
 * that they are there.
 */

#include "gco-dump.h"

#include "gco-dump-private.h"

/* By gco_aio_context_shutdown(), and warned of there. */
static gboolean
is_abandoned (GcoCoroutine *coroutine)
{
  return gco_load_relaxed (&coroutine->scheduled) != NULL &&
         gco_load_relaxed (&coroutine->ctx) == NULL;
}

/* Under the lock of the stacks: no more than looking. */
static void
find_used (GcoStack *stack,
           gpointer  user_data)
{
  GcoDump      *dump = user_data;
  GcoCoroutine *coroutine = (GcoCoroutine *) stack;

  /* Of a context of another thread not even the memory may be there. Pairs with join(),
   * for one that another thread has just given to a context of this. */
  if (coroutine == dump->self ||
      g_ptr_array_find (dump->contexts, gco_load_acquire (&coroutine->ctx), NULL))
    {
      g_ptr_array_add (dump->coroutines, coroutine);
      g_hash_table_add (dump->here, coroutine);
    }
  else if (gco_load_relaxed (&coroutine->func) == NULL)
    return;
  else if (is_abandoned (coroutine))
    dump->n_abandoned++;
  else
    dump->n_elsewhere++;
}

void
gco_dump_begin (GcoDump   *dump,
                FILE      *stream,
                GPtrArray *contexts)
{
  dump->stream = stream;
  dump->contexts = contexts;
  dump->coroutines = g_ptr_array_new ();
  dump->here = g_hash_table_new (NULL, NULL);
  dump->n_elsewhere = 0;
  dump->n_abandoned = 0;
  gco_stack_foreach (find_used, dump);
}

void
gco_dump_end (GcoDump *dump)
{
  g_hash_table_unref (dump->here);
  g_ptr_array_unref (dump->coroutines);
}

/* ---------------------------------------------------------------------- cycles */

/* The end of @chain waits for its member number @first. */
static void
write_cycle (GcoDump   *dump,
             GPtrArray *chain,
             guint      first)
{
  fprintf (dump->stream,
           "deadlock: coroutine %s",
           gco_coroutine_describe (g_ptr_array_index (chain, first)));
  for (guint i = first; i < chain->len; i++)
    {
      GcoCoroutine *at = g_ptr_array_index (chain, i);
      GcoWaiter    *waiter = at->waiter;
      guint         next = i + 1 < chain->len ? i + 1 : first;

      fprintf (dump->stream,
               "%s waits for %s %p, which is held by coroutine %s",
               i > first ? ", which" : "",
               waiter->klass->what,
               waiter->lock,
               gco_coroutine_describe (g_ptr_array_index (chain, next)));
    }
  fputc ('\n', dump->stream);
}

/* Each coroutine waits for one other at most, so all who wait for each other are found by
 * going from each on to where somebody has been before; once each, however many they are. */
static void
write_cycles (GcoDump *dump)
{
  GHashTable *seen = g_hash_table_new (NULL, NULL);
  GPtrArray  *chain = g_ptr_array_new ();

  for (guint i = 0; i < dump->coroutines->len; i++)
    {
      GcoCoroutine *at = g_ptr_array_index (dump->coroutines, i);
      guint         first;

      g_ptr_array_set_size (chain, 0);
      for (; at != NULL && g_hash_table_add (seen, at); at = gco_dump_waits_for (dump, at))
        g_ptr_array_add (chain, at);
      if (at != NULL && g_ptr_array_find (chain, at, &first))
        write_cycle (dump, chain, first);
    }
  g_ptr_array_unref (chain);
  g_hash_table_unref (seen);
}

/* ------------------------------------------------------------------------ dump */

void
gco_dump_write (GcoDump *dump)
{
  GPtrArray *contexts = gco_aio_context_list_here (gco_thread_get ());

  gco_dump_begin (dump, dump->stream, contexts);
  flockfile (dump->stream);
  for (guint i = 0; i < dump->coroutines->len; i++)
    gco_dump_write_in_full (dump, g_ptr_array_index (dump->coroutines, i));
  write_cycles (dump);
  fprintf (dump->stream,
           "%u coroutines in this thread; %u in others, or not begun",
           dump->coroutines->len,
           dump->n_elsewhere);
  if (dump->n_abandoned > 0)
    fprintf (dump->stream, "; %u abandoned", dump->n_abandoned);
  fputc ('\n', dump->stream);
  fflush (dump->stream);
  funlockfile (dump->stream);
  gco_dump_end (dump);
  g_ptr_array_unref (contexts);
}

static void
write_outside (gpointer user_data)
{
  gco_dump_write (user_data);
}

/**
 * gco_dump: (skip)
 * @stream: where to write
 *
 * Writes what the coroutines of the calling thread do: name, what each waits for and
 * who holds that, how long already, how much of its stack it has used, and where it is
 * suspended, innermost function first, if processor and C library allow to see that; of
 * those who wait for each other, that they do. Functions that the library or program does
 * not export are told of as an offset in their file, for addr2line. Of the coroutines of
 * other threads it writes how many there are.
 *
 * A wait is counted from the dispatch in which it began; one for
 * [func@Gco.Coroutine.yield] only if the environment's `GCO_DEBUG` has a word that looks at
 * each switch.
 *
 * From a debugger, `call gco_dump (stderr)` does as well, unless the thread was stopped
 * inside of libgco or malloc() with a lock held that this needs. Any thread, in a
 * coroutine or not, which needs no more than 1 KiB of its own stack; never yields.
 *
 * Since: 1.0
 */
void
gco_dump (FILE *stream)
{
  GcoDump dump = { .stream = stream, .self = gco_coroutine_self () };

  g_return_if_fail (stream != NULL);

  /* stdio, and the first use of the unwinder, need more than a small stack has */
  gco_coroutine_call_outside (write_outside, &dump);
}
