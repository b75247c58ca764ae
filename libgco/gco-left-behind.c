/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Coroutines that nothing resumes any more. When the last reference to their context goes
 * it is certain, and said. When the program ends it is usual, for a window that is closed
 * does not wait for what goes on behind it: then it is said only if GCO_DEBUG=leaks asks.
 */

#include "gco-debug-private.h"
#include "gco-dump-private.h"
#include "gco-dump-signal-private.h"
#include "gco-trace-private.h"

#include <stdlib.h>

/* Of a million, the first few tell enough. */
#define MAX_LINES 20

/* Returns how many, where there is no stream as well. */
static guint
write_suspended (GcoDump *dump)
{
  guint n = 0;

  for (guint i = 0; i < dump->coroutines->len; i++)
    {
      GcoCoroutine *coroutine = g_ptr_array_index (dump->coroutines, i);

      if (coroutine->caller == NULL && n++ < MAX_LINES && dump->stream != NULL)
        {
          fputs ("\n  ", dump->stream);
          gco_dump_write_coroutine (dump, coroutine);
        }
    }
  if (n > MAX_LINES && dump->stream != NULL)
    fprintf (dump->stream, "\n  and %u more", n - MAX_LINES);
  return n;
}

static void
warn (gpointer ctx)
{
  g_autoptr (GPtrArray) contexts = g_ptr_array_new ();
  char   *lines = NULL;
  gsize   length;
  FILE   *stream = open_memstream (&lines, &length);
  guint   n;
  GcoDump dump = { .past_locks = TRUE };

  g_ptr_array_add (contexts, ctx);
  gco_dump_begin (&dump, stream, contexts);
  n = write_suspended (&dump);
  if (stream != NULL)
    fclose (stream);
  gco_dump_end (&dump);
  if (n > 0)
    g_warning ("The last reference to AioContext %p is gone, and %u of its coroutines have"
               " not ended:%s",
               ctx,
               n,
               lines != NULL ? lines : " no memory to say which");
  free (lines);
}

/* Of what is at home in another thread, nothing can be looked at. */
static void
warn_of_number (gpointer ctx)
{
  g_warning ("The last reference to AioContext %p is gone, and %u of its coroutines have"
             " not ended; it is at home in another thread, and was not released there",
             ctx,
             gco_load_relaxed (&((GcoAioContext *) ctx)->n_members) & ~GCO_LEFT_BEHIND);
}

/* A log writer is foreign code. */
static void
left_behind (GcoAioContext *ctx)
{
  GcoThread *home = gco_load_acquire (&ctx->home);

  gco_coroutine_call_outside (home == NULL || home == gco_thread_get () ? warn : warn_of_number,
                              ctx);
}

static void
write_at_exit (gpointer unused)
{
  g_autoptr (GPtrArray) contexts = gco_aio_context_list_here (gco_thread_get ());
  GcoDump dump = { .past_locks = TRUE };
  guint   n;

  gco_dump_begin (&dump, stderr, contexts);
  n = dump.n_elsewhere;
  for (guint i = 0; i < dump.coroutines->len; i++)
    if (((GcoCoroutine *) g_ptr_array_index (dump.coroutines, i))->caller == NULL)
      n++;
  gco_dump_end (&dump);
  if (n == 0)
    return;
  fprintf (stderr, "libgco: the program ends, and %u coroutines have not:\n", n);
  gco_dump_write (&dump);
}

static void
at_exit (void)
{
  gco_coroutine_call_outside (write_at_exit, NULL);
}

static void
begin (void)
{
  static gsize begun;

  gco_trace_begin_thread ();
  if (!g_once_init_enter (&begun))
    return;
  if (gco_debug_has (GCO_DEBUG_LEAKS))
    atexit (at_exit);
  if (gco_debug_has (GCO_DEBUG_DUMP_SIGNAL))
    gco_dump_signal_begin ();
  gco_trace_begin ();
  g_once_init_leave (&begun, 1);
}

const GcoAioContextHooks gco_aio_context_hooks = { begin, left_behind };
