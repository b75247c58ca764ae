/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a thread keeps for its coroutines: made at the first one, freed when the
 * thread ends. */

#include "gco-coroutine-private.h"

#ifdef __linux__
# include <sys/syscall.h>
# include <unistd.h>
#endif

#include "gco-debug-private.h"
#include "gco-overflow-private.h"

G_STATIC_ASSERT (sizeof (GcoThread) <= 72);

__thread GcoThread gco_thread GCO_TLS_MODEL;

static void thread_exit (gpointer data);

static GPrivate exit_hook = G_PRIVATE_INIT (thread_exit);

static void free_spare (gpointer data);

/* Of threads that have no more than that. */
static GPrivate spare_hook = G_PRIVATE_INIT (free_spare);

/* noinline alone would not do: compilers merge two calls of a function whose
 * result they believe constant, across a switch, and keep the other thread's. */
__attribute__ ((noinline)) GcoThread *
gco_thread_get (void)
{
  GcoThread *thread = &gco_thread;

  __asm__ volatile(""
                   : "+r"(thread));
  return thread;
}

int
gco_thread_get_id (void)
{
#ifdef __linux__
  return (int) syscall (SYS_gettid);
#else
  return 0;
#endif
}

void
gco_thread_init (GcoThread *thread)
{
  GcoThreadExtra *extra = g_aligned_alloc0 (1, sizeof *extra, 64);

  gco_sanitizer_thread_init (&extra->root.stack.sanitizer);
  extra->loop.stack.sanitizer = extra->root.stack.sanitizer;
  extra->thread = thread;
  extra->signal_stack = gco_overflow_watch_thread ();
  thread->extra = extra;
  thread->loop = &extra->loop;
  thread->current = &extra->root;
  thread->debug = gco_debug_is_on ();
  g_private_set (&exit_hook, extra);
  gco_coroutine_hooks.begin ();
}

static void
free_list (GcoReady *list)
{
  while (list != NULL)
    {
      GcoReady *ready = list;

      list = ready->next;
      g_free (ready);
    }
}

static void
free_spare (gpointer data)
{
  free_list (g_steal_pointer (&((GcoThread *) data)->spare));
}

static void
thread_exit (gpointer data)
{
  GcoThreadExtra *extra = data;

  gco_stack_cache_clear (&extra->thread->cache);
  for (int i = 0; i < GCO_STACK_N_CLASSES; i++)
    gco_stack_cache_clear (&extra->caches[i]);
  free_spare (extra->thread);
  gco_overflow_unwatch_thread (extra->signal_stack);
  extra->thread->extra = NULL;
  extra->thread->current = NULL;
  g_aligned_free (extra);
}

/* ------------------------------------------------------------------- spare */

/* Where one thread posts and another one runs, records go back to the first through
 * these, many at a time, and not each through the lock of malloc(). */
static GMutex    lock;
static GcoReady *batches[8]; /* (lock) */
static guint     n_batches;  /* (lock), but who has none has a look without it */

void
gco_thread_pass_on_spare (GcoThread *thread)
{
  GcoReady *batch = g_steal_pointer (&thread->spare);

  g_mutex_lock (&lock);
  if (n_batches < G_N_ELEMENTS (batches))
    {
      batches[n_batches] = g_steal_pointer (&batch);
      gco_store_relaxed (&n_batches, n_batches + 1);
    }
  g_mutex_unlock (&lock);
  free_list (batch);
}

GcoReady *
gco_thread_refill_spare (GcoThread *thread)
{
  if (gco_load_relaxed (&n_batches) == 0)
    return NULL;
  g_mutex_lock (&lock);
  if (n_batches > 0)
    {
      gco_store_relaxed (&n_batches, n_batches - 1);
      thread->spare = batches[n_batches];
    }
  g_mutex_unlock (&lock);
  if (thread->spare != NULL && thread->extra == NULL)
    g_private_set (&spare_hook, thread);
  return thread->spare;
}
