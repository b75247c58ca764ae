/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * One who waits in a lock: what all locks have in common. A waiter lives on the
 * stack of its coroutine, or in a GcoAsyncWaiter, and in the list of its lock
 * under the lock's BUSY bit.
 *
 * Its state is decided by one compare-and-swap each:
 *
 *   WAITING -> GRANTED     by who gives it the lock, under BUSY
 *   WAITING -> CANCELLED   by a canceller, which touches the record and no more
 *   CANCELLED -> LEAVING   by the waiter: it takes itself out, under BUSY
 *   CANCELLED -> DETACHED  by who would have given it the lock, under BUSY: it
 *                          is out, and will not touch the lock any more
 *   WAITING <-> PINNED     by its home thread, for a look at the lock: nobody can end
 *                          the wait meanwhile, and so the lock is there
 *   PINNED -> PINNED_CANCELLED -> CANCELLED
 *                          by a canceller that came meanwhile, and by who looked
 */

#pragma once

#include "gco-aio-context-private.h"

typedef struct _GcoWaiter      GcoWaiter;
typedef struct _GcoWaiterClass GcoWaiterClass;
typedef struct _GcoWaitList    GcoWaitList;
typedef struct _GcoWaitLimits  GcoWaitLimits;
typedef struct _GcoWaitRecord  GcoWaitRecord;

typedef enum
{
  GCO_WAIT_WAITING,
  GCO_WAIT_GRANTED,
  GCO_WAIT_CANCELLED,
  GCO_WAIT_LEAVING,
  GCO_WAIT_DETACHED,
  GCO_WAIT_PINNED,
  GCO_WAIT_PINNED_CANCELLED,
} GcoWaitState;

struct _GcoWaiterClass
{
  const char *what; /* it waits for, in messages */

  /* Takes a LEAVING waiter out of its lock. NULL: it is in none. */
  void (*leave) (GcoWaiter *waiter);

  /* For a wait that ends by itself if it is asked to: asks. FALSE: only what goes
   * on in the same context can end it. */
  gboolean (*ask) (GcoWaiter *waiter);

  /* Who alone can grant it, as in "who holds"; 0: there is not only one. NULL: nobody
   * holds such a thing. As seen, without BUSY, of one that is pinned: the holder itself may
   * be gone. Who grants to such a waiter tries again on WAITING. */
  guintptr (*holder) (GcoWaiter *waiter);

  /* The same if it is a coroutine of @home, the context of the caller, where it stands
   * still; else NULL. Under BUSY, without which even to look at it is too late. */
  GcoCoroutine *(*holder_in) (GcoWaiter     *waiter,
                              GcoAioContext *home);

  /* It is for the end of all coroutines whose `cancelled` the lock is. */
  gboolean is_join;
};

struct _GcoWaiter
{
  GcoWaiter            *next;      /* (lock) */
  GcoWaiter            *previous;  /* (lock) */
  GcoCoroutine         *coroutine; /* (immutable) NULL: of a GcoAsyncWaiter */
  gpointer              lock;      /* (immutable) */
  const GcoWaiterClass *klass;     /* (immutable) */
  guint                *state;     /* (atomic) GcoWaitState: own_state, or a record's */
  guint                 own_state;
  gboolean              can_fail;  /* (immutable) */
  gboolean              limited;   /* (immutable) it was given what may end it */
  gboolean              exclusive; /* (immutable) of a GcoRwlock: a writer */
  GcoTimer             *timer;     /* (home thread) its deadline, or NULL */
  gboolean              timed_out; /* (home thread) */
  gpointer              item;      /* (lock) what changes hands with the grant */
  GcoCoroutine         *blocker;   /* (home thread) of the same context, and it waits too */

  GcoReady hop; /* the way to its home, through the lock's context if it has one */
};

static inline GcoWaiter *
gco_waiter_from_hop (GcoReady *hop)
{
  return gco_container_of (hop, GcoWaiter, hop);
}

/* What a canceller sees of a waiter. */
struct _GcoWaitRecord
{
  guint      state;     /* (atomic) GcoWaitState */
  int        ref_count; /* (atomic) the waiter's, the closure's, a watch's */
  gulong     handler;   /* (atomic) of an asynchronous waiter, for who disconnects it */
  GcoWaiter *waiter;    /* (immutable) there as long as state is WAITING */
};

/* Of one whose state is in a record. */
static inline GcoWaitRecord *
gco_wait_record_of (GcoWaiter *waiter)
{
  return gco_container_of (waiter->state, GcoWaitRecord, state);
}

GcoWaitRecord *gco_wait_record_new (GcoWaiter *waiter);
void           gco_wait_record_unref (GcoWaitRecord *record);

/* Ends the wait of @record, if it is not granted yet. Any thread. */
void gco_wait_record_cancel (GcoWaitRecord *record);

/* Has @cancellable do that. */
gulong gco_wait_record_connect (GcoWaitRecord *record,
                                GCancellable  *cancellable);

static inline gboolean
gco_wait_state_change (guint       *state,
                       GcoWaitState from,
                       GcoWaitState to)
{
  guint expected = from;

  return gco_cas (state, &expected, to);
}

/* What may end a wait before it is granted. */
struct _GcoWaitLimits
{
  gboolean      can_fail; /* it may end without a cancellable, too */
  GCancellable *cancellable;
  GcoClock     *clock;
  gint64        deadline_ns; /* < 0: none */
};

extern const GcoWaitLimits gco_wait_no_limits;

#define GCO_WAIT_CANCELLABLE(cancellable) \
 ((const GcoWaitLimits){ TRUE, (cancellable), NULL, -1 })

/* G_MAXINT64 is never, whatever a manual clock says; a deadline before the epoch of
 * a clock is as past as the epoch. */
static inline gint64
gco_wait_deadline (gint64 ns)
{
  return ns == G_MAXINT64 ? -1 : MAX (ns, 0);
}

#define GCO_WAIT_UNTIL(clock, deadline_ns, cancellable) \
 ((const GcoWaitLimits){ TRUE, (cancellable), (clock), gco_wait_deadline (deadline_ns) })

/* Makes @waiter that of the running coroutine. Fatal, naming @caller, outside of
 * one or of its home. */
void gco_waiter_init (GcoWaiter            *waiter,
                      const GcoWaiterClass *klass,
                      gpointer              lock,
                      const char           *caller);

/* Before @waiter is published: FALSE if it need not even try to wait. */
gboolean gco_waiter_may_wait (GcoWaiter           *waiter,
                              const GcoWaitLimits *limits,
                              GError             **error);

/* The end of a @waiter that needed not wait after all, and was not published. */
void gco_waiter_forgo (GcoWaiter *waiter);

/* Suspends until the published @waiter was granted what it waits for: TRUE; or
 * until a limit ended that: FALSE, out of the lock, with G_IO_ERROR_CANCELLED
 * or G_IO_ERROR_TIMED_OUT. */
gboolean gco_waiter_park (GcoWaiter           *waiter,
                          const GcoWaitLimits *limits,
                          GError             **error);

/* Under BUSY, for the first in a list: GRANTED or, for a cancelled one,
 * DETACHED; neither is in the list any more. WAITING: it is LEAVING just now,
 * and needs BUSY for a moment; or it is PINNED for as long. */
GcoWaitState gco_waiter_grant (GcoWaiter   *waiter,
                               GcoWaitList *list);

/* Makes a granted waiter's coroutine ready, by way of @ctx if that is given.
 * The last touch of @waiter. */
void gco_waiter_wake (GcoWaiter     *waiter,
                      GcoAioContext *ctx,
                      const char    *who);

/* The same of all that are linked from @granted on, or of none. */
void gco_waiter_wake_all (GcoWaiter     *granted,
                          GcoAioContext *ctx,
                          const char    *who);

/* Makes those of @ctx ready that were granted something and are on their way through other
 * contexts, of this thread or of none. Home thread. */
void gco_waiter_fetch_hops (GcoAioContext *ctx);

/* Whether the waits of @coroutine that can fail are to. Home thread. */
gboolean gco_waiter_is_doomed (GcoCoroutine *coroutine);

static inline gboolean
gco_waiter_is_doomed_at (GcoCoroutine  *coroutine,
                         GcoAioContext *home)
{
  /* pairs with gco_scope_state_cancel() */
  return gco_load_relaxed (&home->closing) ||
         (coroutine->cancelled != NULL && gco_load_acquire (coroutine->cancelled) != 0);
}

/* ------------------------------------------------------------------ who holds */

/* In the word of a lock that says who holds it: a coroutine, or this for one who
 * calls back, and whom nobody knows. It is no address of a coroutine, and clear of
 * the flags of every lock. */
#define GCO_HELD_ASYNC ((guintptr) 8)

/* Likewise, of a GcoRwlock that nobody has: it is kept until one who is leaving is out. */
#define GCO_HELD_PASSING ((guintptr) 16)

static inline guintptr
gco_waiter_as_holder (const GcoWaiter *waiter)
{
  return waiter->coroutine != NULL ? (guintptr) waiter->coroutine : GCO_HELD_ASYNC;
}

static inline GcoCoroutine *
gco_holder_coroutine (guintptr holder)
{
  return holder > GCO_HELD_PASSING ? (GcoCoroutine *) holder : NULL;
}

/* For a message; see gco_coroutine_describe(). */
const char *gco_holder_describe (guintptr holder);

/* The holder, if it is a coroutine of @home. Under BUSY. */
static inline GcoCoroutine *
gco_holder_of_context (guintptr       holder,
                       GcoAioContext *home)
{
  GcoCoroutine *coroutine = gco_holder_coroutine (holder);

  return coroutine != NULL && gco_coroutine_get_home (coroutine) == home ? coroutine : NULL;
}

/* Under BUSY, before @waiter is put into @list: fatal if it would wait for @holder,
 * or one ahead of it, which cannot run as long as it waits, and nothing else would
 * end that. See gco_run_sync(). And notes a holder that may wait for @waiter. */
void gco_waiter_check_holder (GcoWaiter   *waiter,
                              guintptr     holder,
                              GcoWaitList *list);

/* Fatal if @waiter, published, waits for one that waits for it, directly or by way of
 * others. All of them stand still, so it is certain. */
void gco_waiter_check_deadlock (GcoWaiter *waiter);

/* Cancels @waiter if it still waits and can fail, or asks it to end, naming @who in
 * messages. Home thread. TRUE if the wait ends. */
gboolean gco_waiter_interrupt (GcoWaiter  *waiter,
                               const char *who);

/* Between the two, neither the wait of @waiter nor its lock can end. FALSE: the wait has
 * ended. Home thread, for a few instructions: others spin until then. */
gboolean gco_waiter_pin (GcoWaiter *waiter);
void     gco_waiter_unpin (GcoWaiter *waiter);

/* Takes @waiter out of its lock for good, its coroutine being abandoned. Home
 * thread. FALSE if somebody is about to wake it. */
gboolean gco_waiter_abandon (GcoWaiter *waiter);

/* ------------------------------------------------------- those who call back */

typedef struct _GcoAsyncWaiter GcoAsyncWaiter;

/* One who waits without a coroutine: when the wait is over, @done is called from
 * a dispatch of @ctx, outside of coroutines, and frees it. */
struct _GcoAsyncWaiter
{
  GcoWaiter      waiter;
  GcoAioContext *ctx;         /* (immutable) with a reference */
  GCancellable  *cancellable; /* (immutable) with a reference, or NULL */
  gint64         began;       /* (immutable) when somebody watches; or 0 */
  GList          link;        /* (home thread) in the lone_waits of @ctx, with data; or not */
  void (*done) (GcoAsyncWaiter *self,
                gboolean        granted);
};

/* Any thread. The reference to @ctx becomes its own. FALSE: it is cancelled already, and
 * is not to be published. */
gboolean gco_async_waiter_init (GcoAsyncWaiter       *self,
                                const GcoWaiterClass *klass,
                                gpointer              lock,
                                GcoAioContext        *ctx,
                                GCancellable         *cancellable,
                                void (*done) (GcoAsyncWaiter *self,
                                              gboolean        granted));

/* Instead of a publication, or in done(): gives back what it holds. */
void gco_async_waiter_clear (GcoAsyncWaiter *self);

/* What is needed to watch a cancellable after the publication, when the waiter
 * may be gone already. */
typedef struct
{
  GCancellable  *cancellable;
  GcoWaitRecord *record;
} GcoAsyncWatch;

/* Before the publication, where the wait begins. */
GcoAsyncWatch gco_async_waiter_begin_watch (GcoAsyncWaiter *self);

/* After it: from here on its cancellable ends the wait. */
void gco_async_waiter_watch (GcoAsyncWatch *watch);

/* Instead: it was granted at once, and not published. */
void gco_async_waiter_take (GcoAsyncWaiter *self,
                            GcoAsyncWatch  *watch);

/* Cancels those of @ctx, which is alone, as far as they can fail: those ahead of a link in
 * its lone_waits that has no data. TRUE if any of these are about to call back. Home thread. */
gboolean gco_async_waiter_cancel_lone (GcoAioContext *ctx);

/* The hop of an asynchronous waiter, in a dispatch of its context. */
void gco_async_waiter_finish (GcoReady *hop);

/* -------------------------------------------------------- the list of a lock */

/* The head and tail fields of a public lock. */
struct _GcoWaitList
{
  gpointer head;
  gpointer tail;
};

static inline void
gco_wait_list_append (GcoWaitList *list,
                      GcoWaiter   *waiter)
{
  waiter->next = NULL;
  waiter->previous = list->tail;
  if (waiter->previous != NULL)
    waiter->previous->next = waiter;
  else
    list->head = waiter;
  list->tail = waiter;
}

static inline void
gco_wait_list_prepend (GcoWaitList *list,
                       GcoWaiter   *waiter)
{
  waiter->previous = NULL;
  waiter->next = list->head;
  if (waiter->next != NULL)
    waiter->next->previous = waiter;
  else
    list->tail = waiter;
  list->head = waiter;
}

/* Takes out the one between @previous and @next, without touching it. */
static inline void
gco_wait_list_close (GcoWaitList *list,
                     GcoWaiter   *previous,
                     GcoWaiter   *next)
{
  if (previous != NULL)
    previous->next = next;
  else
    list->head = next;
  if (next != NULL)
    next->previous = previous;
  else
    list->tail = previous;
}

/* ------------------------------------------------------------------ BUSY bit */

/* The lowest bit of a lock's state: held for a few instructions, never across a
 * wake or a switch. */
#define GCO_BUSY ((guintptr) 1)

/* Takes the bit; returns the state without it. */
guintptr gco_busy_take_slowly (guintptr *state);

static inline guintptr
gco_busy_take (guintptr *state)
{
  guintptr seen = gco_load_relaxed (state);

  /* pairs with gco_busy_release() */
  if (G_LIKELY (!(seen & GCO_BUSY) && gco_cas_acquire (state, &seen, seen | GCO_BUSY)))
    return seen;
  return gco_busy_take_slowly (state);
}

/* The last touch of a lock that may be freed then. */
static inline void
gco_busy_release (guintptr *state,
                  guintptr  value)
{
  /* pairs with gco_busy_take(), and a lock's own fast path */
  gco_store_release (state, value);
}

/* Between two tries for a lock in which a waiter is LEAVING. */
void gco_busy_let_pass (void);
