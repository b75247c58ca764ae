/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A coroutine's record, and what a thread knows of the coroutines in it.
 *
 * Who owns a coroutine: its creator until the first enter or schedule; then,
 * while it runs, the thread it runs in; while it is suspended, whoever will
 * wake it, and that is one party at a time.
 */

#pragma once

#include "gco-atomic-private.h"
#include "gco-coroutine.h"
#include "gco-list-private.h"
#include "gco-probe-private.h"
#include "gco-stack-private.h"
#include "gco-switch-private.h"

typedef struct _GcoThread      GcoThread;
typedef struct _GcoThreadExtra GcoThreadExtra;

struct _GcoCoroutine
{
  GcoStack stack;

  /* One cache line that every switch needs. */
  GcoSwitch      context;   /* (owner) */
  GcoCoroutine  *caller;    /* (owner) who entered it; NULL while suspended */
  GcoReady       ready;     /* (owner) */
  GcoAioContext *ctx;       /* (atomic) home; opaque on this floor */
  const char    *scheduled; /* (atomic) who put ready into a list, or NULL */

  GcoCoroutineFunc func; /* (owner) NULL: not in use */
  gpointer         user_data;
  GDestroyNotify   destroy;
  char            *name;
  gpointer         waiter; /* (home thread) GcoWaiter, while parked on one */
  guint            since;  /* (home thread) when it began to wait, in ticks */

  /* (owner) Locks it must let go of before it ends: one for each that is its own,
   * GCO_HELD_TO_READ for each it reads. */
  guint64 held;

  /* (immutable) what it points to is (atomic): once that is not 0, all waits that
   * can fail do. NULL: never. Outlives the coroutine. */
  const guint *cancelled;

  /* (owner) Told in the place of @destroy, which must be there, if it is abandoned. */
  GDestroyNotify abandoned;

  /* What gco-debug saw when it was entered. */
  gpointer entered_default;
  int      entered_depth;
  guint    entered_fp;
} __attribute__ ((aligned (64)));

#define GCO_HELD_TO_READ ((guint64) 1 << 32)

/* A millisecond, about, of the monotonic clock; differences go up to 52 days. */
#define GCO_TICK_SHIFT 20

static inline guint
gco_ticks_of_ns (gint64 ns)
{
  return (guint) (ns >> GCO_TICK_SHIFT);
}

/* Thread-local, 72 bytes: re-read after every switch. */
struct _GcoThread
{
  GcoCoroutine   *current; /* the running coroutine, else the thread's root */
  GcoCoroutine   *loop;    /* whom a coroutine resumed by a dispatch goes back to */
  GcoReadyList   *ready;   /* what the dispatch drains, NULL outside of one */
  int             slice;   /* how many it may still run before it asks for more */
  gboolean        debug;   /* GCO_DEBUG: look at each switch */
  GcoAioContext  *ctx;     /* whose dispatch runs in this thread */
  GcoStackCache   cache;   /* stacks of the default class */
  GcoThreadExtra *extra;   /* NULL: not used yet */
  GcoReady       *spare;   /* (owner) records of gco-oneshot */
};

struct _GcoThreadExtra
{
  GcoCoroutine   root; /* the thread's own stack, entering by hand */
  GcoCoroutine   loop; /* the same stack, resuming from a dispatch */
  GcoThread     *thread;
  GcoStackCache  caches[GCO_STACK_N_CLASSES];
  gpointer       signal_stack;
  GcoAioContext *sync; /* (owner) the only one that can run, in gco_run_sync() */

  /* (owner) The context of a thread-default GMainContext that was found last, of which, and
   * when. */
  GcoAioContext *known;
  GMainContext  *known_for;
  guint          known_at;

  /* (owner) What gco_coroutine_describe() returned last, and before that. */
  guint turn;
  char  texts[2][96];
};

/* What is loaded after the start, as by a language, has room for initial-exec variables only
 * where the system keeps some: glibc 144 bytes for all such libraries, musl none. */
#ifdef __GLIBC__
# define GCO_TLS_MODEL __attribute__ ((tls_model ("initial-exec")))
#else
# define GCO_TLS_MODEL
#endif

extern __thread GcoThread gco_thread GCO_TLS_MODEL;

/* The calling thread. Never inlined and never merged with an earlier call: a
 * switch may have come between the two, and with it another thread. */
GcoThread *gco_thread_get (void);

/* The same for functions that hold no switch and call none. */
static inline GcoThread *
gco_thread_here (void)
{
  return &gco_thread;
}

/* What the system, and so a debugger, calls the calling thread; 0 where it has no numbers. */
int gco_thread_get_id (void);

/* Makes the thread ready for coroutines, at its first one. */
void gco_thread_init (GcoThread *thread);

/* Passes all that @thread keeps on to other threads, or frees them. */
void gco_thread_pass_on_spare (GcoThread *thread);

/* @thread has none: gives it what another one passed on, and returns the first, or NULL. */
GcoReady *gco_thread_refill_spare (GcoThread *thread);

/* A stack of @stack_class, < 0 if there is none for @size, that is new or was another
 * thread's. NULL, with @error set: none can be had. */
GcoStack *gco_thread_provide_stack (int      stack_class,
                                    gsize    size,
                                    GError **error);

static inline void
gco_thread_ensure (GcoThread *thread)
{
  if (G_UNLIKELY (thread->extra == NULL))
    gco_thread_init (thread);
}

/* The running coroutine, or NULL. */
static inline GcoCoroutine *
gco_thread_coroutine (GcoThread *thread)
{
  GcoCoroutine *current = thread->current;

  return current != NULL && current->caller != NULL ? current : NULL;
}

/* The same of the calling thread; to be asked before any switch. */
static inline GcoCoroutine *
gco_coroutine_here (void)
{
  return gco_thread_coroutine (gco_thread_here ());
}

/* In the place of a home: woken before it had one. */
#define GCO_WOKEN_EARLY ((GcoAioContext *) 1)

/* The context that @coroutine belongs to, or NULL while it has none. */
static inline GcoAioContext *
gco_coroutine_get_home (GcoCoroutine *coroutine)
{
  GcoAioContext *ctx = gco_load_acquire (&coroutine->ctx);

  return G_LIKELY ((gsize) ctx > (gsize) GCO_WOKEN_EARLY) ? ctx : NULL;
}

static inline GcoCoroutine *
gco_coroutine_from_ready (GcoReady *ready)
{
  return gco_container_of (ready, GcoCoroutine, ready);
}

/* "name" or "unnamed", with the address, or "no coroutine"; for messages. In memory of the
 * thread: two calls may stand in one message. */
const char *gco_coroutine_describe (GcoCoroutine *coroutine);

/* Resumes @coroutine from a dispatch; comes back when it, or one it handed over
 * to, has nothing ready behind it. Thread's own stack only. */
void gco_coroutine_resume (GcoCoroutine *coroutine);

/* Suspends the running coroutine, without asking whether it has a home. */
void gco_coroutine_suspend (GcoThread *thread);

/* The same for one that the dispatch resumed, and nobody debugs. */
void gco_coroutine_yield_to_dispatch (GcoThread    *thread,
                                      GcoCoroutine *self);

/* The seam to floor 3, set by gco-schedule.c when it is linked in, so that
 * floor 2 does not call upward. */
typedef struct
{
  /* a thread gets ready for its first coroutine */
  void (*begin) (void);
  /* gives @coroutine a home before its first suspension, and counts it there */
  void (*settle) (GcoCoroutine *coroutine);
  /* counts it out when it ends */
  void (*unsettle) (GcoCoroutine *coroutine);
  /* whether it is suspended at home in another thread than @thread */
  gboolean (*is_elsewhere) (GcoCoroutine *coroutine,
                            GcoThread    *thread);
  /* whether the dispatch goes on; fills thread->slice */
  gboolean (*take_slice) (GcoThread *thread);
} GcoCoroutineHooks;

extern const GcoCoroutineHooks gco_coroutine_hooks;
