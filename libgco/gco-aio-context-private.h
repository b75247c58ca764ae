/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The inside of a context, and what the files of this floor do for each other.
 * A context knows nothing of locks.
 */

#pragma once

#include "gco-aio-context.h"
#include "gco-clock.h"
#include "gco-coroutine-private.h"
#include "gco-poller-private.h"
#include "gco-timer-private.h"

/* The words of notify_state; the protocol is told in gco-notify.c. */
enum
{
  GCO_NOTIFY_AWAKE = 0,
  GCO_NOTIFY_ASLEEP = 1,
  GCO_NOTIFY_NOTIFIED = 2,
};

/* What is left of a dispatch; see gco-aio-dispatch.c. */
typedef struct _GcoBudget GcoBudget;

/* The source sits out an iteration now and then, for lower priorities. */
typedef enum
{
  GCO_REST_NONE = 0,
  GCO_REST_DUE,  /* as soon as it would have something to run */
  GCO_REST_NOW,  /* prepare() has said so */
  GCO_REST_TAKEN /* and check() that it was this priority's turn */
} GcoRest;

/* Those who post from other threads write to the count of references and to the words
 * from @home on; what the home thread writes for each item lies a cache line from both,
 * wherever the lines begin, with what is seldom used in between. */
struct _GcoAioContext
{
  GObject parent_instance;

  GcoPoller *poller; /* (immutable) */

  /* (home thread) The seam to floor 4: a descriptor that coroutines wait for. */
  void (*wait_fd_ready) (GcoAioContext *ctx,
                         int            fd,
                         GIOCondition   condition);

  GMutex        lock;
  GcoTimerList *timers;     /* (lock) one a clock in use */
  guint64       n_armed;    /* (lock) timers so far: their order among equals */
  GPtrArray    *watches;    /* (lock) by descriptor: GcoFdWatch or NULL */
  guint         n_always;   /* (lock) of those, always ready */
  guint         n_watched;  /* (lock) generations given out, from 1 */
  GArray       *fd_waits;   /* (lock) by descriptor: GcoFdWaits; NULL: none yet */
  GSource      *source;     /* (lock) borrowed: the source owns the context */
  GList         link;       /* (lock of gco-aio-context.c) in the list of all contexts */
  GQueue        lone_waits; /* (home thread) GcoAsyncWaiter of one that is alone */

  /* (home thread) */
  GcoReadyList ready;     /* what a dispatch drains, in order */
  GcoReadyList deferred;  /* rescheduled from their own callback */
  GcoBudget   *budget;    /* of the innermost dispatch */
  gboolean     progress;  /* something else than idle ones ran in this dispatch */
  guint        depth;     /* dispatches under way, each within the one before */
  gpointer     running;   /* the bottom half whose callback runs */
  GcoReadyList idle;      /* for a dispatch that finds nothing else */
  gboolean     in_idle;   /* they are running */
  gboolean     idle_rest; /* idle ones just ran: others first */
  GcoRest      rest;
  guint        n_rests;      /* iterations that this rest has taken */
  gpointer     rest_tail;    /* that of ready, before the last of them */
  gint64       busy_since;   /* since when the source has had something to run; or 0 */
  gint64       active_since; /* the same, what it left to other sources included; or 0 */
  guint        n_turns;      /* dispatches since then */
  guint        n_quiet;      /* how often it was asked since, and had nothing */
  gint64       last_turn;    /* when the source was dispatched last */
  gint64       spin_ns;      /* how long poll spins before it blocks */
  guint        began;        /* in ticks, when the dispatch under way did */

  GcoThread  *home;         /* (atomic) NULL: nobody's */
  int         home_id;      /* (atomic) what the system calls that thread */
  GcoPushList remote;       /* (atomic) what other threads made ready */
  guint       notify_state; /* (atomic) */
  guint       n_members;    /* (atomic) coroutines; and GCO_LEFT_BEHIND */
  gboolean    idle_hurry;   /* (atomic) one of the idle ones cannot wait */
  guint       n_watches;    /* (atomic) descriptors with a handler */
  guint       n_awaited;    /* (atomic) callbacks that a shutdown is not over without */
  gboolean    closing;      /* (atomic) shut down: waits that can fail do */
  gboolean    alone;        /* (atomic) its thread dispatches no other: see gco_run_sync() */
};

/* Where words are shorter it is less, and does as well as it does. */
G_STATIC_ASSERT (sizeof (gpointer) < 8 ||
                 (G_STRUCT_OFFSET (GcoAioContext, ready) >=
                      G_STRUCT_OFFSET (GObject, ref_count) + 64 &&
                  G_STRUCT_OFFSET (GcoAioContext, home) >=
                      G_STRUCT_OFFSET (GcoAioContext, running) + 64));

/* --- gco-notify.c --- */

/* After something was made ready in another thread. Any thread. */
void gco_notify (GcoAioContext *ctx);

/* The same after something that the home thread looks at anyway before it sleeps: it is
 * told if it is about to, or another thread. Any thread. */
void gco_notify_sleeper (GcoAioContext *ctx);

/* Home thread: FALSE if there is something to do instead of sleeping. */
gboolean gco_notify_begin_sleep (GcoAioContext *ctx);

/* Home thread: TRUE if the sleep, or the time before, brought a notification. */
gboolean gco_notify_end_sleep (GcoAioContext *ctx);

/* Home thread, before it looks what there is to do. */
void gco_notify_accept (GcoAioContext *ctx);

/* --- gco-aio-context.c --- */

/* In n_members: the members, if there are any, have a reference. Once it was all there was,
 * for nobody else had one. */
#define GCO_LEFT_BEHIND (1u << 31)

/* The seam to floor 4, set by gco-left-behind.c */
typedef struct
{
  /* a thread gets ready for its first coroutine */
  void (*begin) (void);
  /* coroutines of @ctx have not ended, and nobody has a reference to it any more */
  void (*left_behind) (GcoAioContext *ctx);
} GcoAioContextHooks;

extern const GcoAioContextHooks gco_aio_context_hooks;

/* The context that NULL stands for in this thread, now. */
GcoAioContext *gco_aio_context_resolve (GcoAioContext *ctx);

/* The context of @main_context, NULL being the default one: made and attached
 * on first use. With a reference. */
GcoAioContext *gco_aio_context_dup_for_main_context (GMainContext *main_context);

/* The same without a reference, and mostly without a search, if @main_context is the
 * thread-default one; else NULL. */
GcoAioContext *gco_aio_context_peek_for_main_context (GMainContext *main_context);

/* @ctx is that of its GMainContext no longer. */
void gco_aio_context_forget (GcoAioContext *ctx);

/* Fatal unless the calling thread is, or by this becomes, home. */
void gco_aio_context_claim_home (GcoAioContext *ctx,
                                 const char    *caller);

/* The same, and fatal in a coroutine: what every turn of a loop begins with. */
void gco_aio_context_enter_loop (GcoAioContext *ctx,
                                 const char    *caller);

static inline gboolean
gco_aio_context_is_home (GcoAioContext *ctx,
                         GcoThread     *thread)
{
  return gco_load_relaxed (&ctx->home) == thread;
}

/* Those that are at home in @thread, the calling one, borrowed: what has members
 * stays. */
GPtrArray *gco_aio_context_list_here (GcoThread *thread);

/* Moves what is ready in the other contexts of this thread, or of none, and @is_wanted for
 * @ctx to @taken. Home thread. */
void gco_aio_context_take_from_others (GcoAioContext *ctx,
                                       gboolean (*is_wanted) (GcoReady      *ready,
                                                              GcoAioContext *ctx),
                                       GcoReadyList *taken);

/* Pushes to every context what @make returns for it, if that is not NULL. Any thread. */
void gco_aio_context_post_everywhere (GcoReady *(*make) (GcoAioContext *ctx,
                                                         gpointer       user_data),
                                      gpointer user_data);

/* Makes @ready the last to be run. Any thread, with a reference to @ctx or a
 * coroutine that holds it. */
void gco_aio_context_push_remote (GcoAioContext *ctx,
                                  GcoReady      *ready);

/* Home thread: moves what others pushed behind what is ready. */
void gco_aio_context_take_remote (GcoAioContext *ctx);

/* The common case, with no call in it: TRUE if @ready was made the last to be
 * run, because @thread is home and looks what there is before it sleeps. */
static inline gboolean
gco_aio_context_push_here (GcoAioContext *ctx,
                           GcoReady      *ready,
                           GcoThread     *thread)
{
  if (G_UNLIKELY (!gco_aio_context_is_home (ctx, thread) ||
                  gco_load_relaxed (&ctx->notify_state) == GCO_NOTIFY_ASLEEP ||
                  !gco_push_list_is_empty (&ctx->remote)))
    return FALSE;
  gco_ready_list_push (&ctx->ready, ready);
  return TRUE;
}

static inline void
gco_aio_context_push (GcoAioContext *ctx,
                      GcoReady      *ready)
{
  GcoThread *thread = gco_thread_get ();

  /* What others made ready before stays before. */
  if (gco_aio_context_is_home (ctx, thread))
    gco_aio_context_take_remote (ctx);
  if (!gco_aio_context_push_here (ctx, ready, thread))
    gco_aio_context_push_remote (ctx, ready);
}

/* Whether a dispatch would find something without asking the system; timers and
 * idle bottom halves aside. */
static inline gboolean
gco_aio_context_has_ready (GcoAioContext *ctx)
{
  return ctx->ready.head != NULL || ctx->deferred.head != NULL ||
         !gco_push_list_is_empty (&ctx->remote) || gco_load_relaxed (&ctx->n_always) > 0 ||
         gco_load_relaxed (&ctx->idle_hurry);
}

/* --- gco-aio-dispatch.c --- */

/* Runs what there is, @n_events of @events among it, @now being the time; TRUE if
 * something other than idle bottom halves ran. Home thread, outside coroutines, with a
 * reference to @ctx. */
gboolean gco_aio_context_dispatch (GcoAioContext  *ctx,
                                   GcoPollerEvent *events,
                                   guint           n_events,
                                   gint64          now);

/* Sets thread->slice, if the dispatch that runs in @thread is to go on. */
gboolean gco_aio_context_take_slice (GcoThread *thread);

/* --- gco-fd.c --- */

/* Who waits for a descriptor; see gco-wait-fd.c. */
typedef struct
{
  gpointer     head; /* (lock) GcoWaitList */
  gpointer     tail;
  GIOCondition armed; /* (lock) what the poller will tell, once */
} GcoFdWaits;

/* (lock) */
gboolean gco_fd_has_handler (GcoAioContext *ctx,
                             int            fd);

/* (lock) */
static inline gboolean
gco_fd_is_waited_for (GcoAioContext *ctx,
                      int            fd)
{
  return ctx->fd_waits != NULL && (guint) fd < ctx->fd_waits->len &&
         g_array_index (ctx->fd_waits, GcoFdWaits, fd).armed != 0;
}

void gco_fd_clear (GcoAioContext *ctx);

/* Before anything else runs: what is told once would be lost for a dispatch within
 * this one, or could meet another descriptor of the same number. */
void gco_fd_wake_waiters (GcoAioContext  *ctx,
                          GcoPollerEvent *events,
                          guint           n_events);

/* Calls handlers; TRUE if there were any. */
gboolean gco_fd_dispatch (GcoAioContext  *ctx,
                          GcoPollerEvent *events,
                          guint           n_events);

/* --- gco-oneshot.c --- */

GcoReady *gco_oneshot_new (GcoFunc        func,
                           gpointer       user_data,
                           GDestroyNotify destroy);

/* @ready will never be run: its context goes. */
void gco_ready_discard (GcoReady      *ready,
                        GcoAioContext *ctx);

/* Runs @func, if it is not NULL, once and outside coroutines: from a dispatch of @ctx, or
 * where the last reference to that goes if that is earlier. For what frees something, and
 * for what must not get lost. */
void gco_aio_context_run_anyway (GcoAioContext *ctx,
                                 GcoFunc        func,
                                 gpointer       user_data);

/* --- gco-aio-source.c --- */

gboolean gco_aio_context_is_attached (GcoAioContext *ctx);

/* The GMainContext that @ctx is attached to, with a reference, or NULL. */
GMainContext *gco_aio_context_dup_main_context (GcoAioContext *ctx);

/* --- gco-schedule.c --- */

/* Notes that @who is about to push @coroutine, which is fatal if somebody else
 * is already. To be followed by one push of its ready field, to whichever list. */
void gco_coroutine_claim (GcoCoroutine *coroutine,
                          const char   *who);

/* Pushes a claimed coroutine to its own context. */
void gco_coroutine_push (GcoCoroutine *coroutine);

/* Wakes @coroutine, naming @who in messages. Any thread. */
void gco_coroutine_wake_by (GcoCoroutine *coroutine,
                            const char   *who);

/* The same for a new one, which nobody else knows yet: @ctx becomes its home. */
void gco_coroutine_schedule_new (GcoCoroutine  *coroutine,
                                 GcoAioContext *ctx,
                                 const char    *who);

/* The home of a @coroutine that does not end meanwhile, but may move; NULL if it
 * has none yet, or is abandoned. Any thread. */
GcoAioContext *gco_coroutine_dup_home (GcoCoroutine *coroutine);

/* The running coroutine, which is about to give itself to a waker: with a home,
 * and in it. Fatal otherwise, naming @caller. */
GcoCoroutine *gco_coroutine_self_at_home (const char *caller);

/* @coroutine, suspended and abandoned, is a member of its context no longer. FALSE, and
 * nothing is done, if somebody has woken it. */
gboolean gco_coroutine_expel (GcoCoroutine *coroutine,
                              const char   *who);
