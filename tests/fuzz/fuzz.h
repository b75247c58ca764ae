/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Bytes as a program: coroutines of two contexts of one thread, some of them in scopes,
 * and callers of the _async functions, that use everything in every way. One thing
 * happens after the other, so the models say of each call how it ends, and of each lock,
 * whenever nothing more can run, how it looks.
 */

#pragma once

#include <gco.h>
#include <stdio.h>

#include "gco-test-model-channel.h"
#include "gco-test-model-scope.h"
#include "gco-test-model-timer.h"
#include "gco-test-model.h"

#define FUZZ_N_ACTORS 6
#define FUZZ_N_CHILDREN 4
#define FUZZ_N_ALL (FUZZ_N_ACTORS + FUZZ_N_CHILDREN)
#define FUZZ_N_CALLERS 4
#define FUZZ_N_CHANNELS 3
#define FUZZ_N_SLEEPS 2
#define FUZZ_N_SCOPES 2
#define FUZZ_MAX_STEPS 200
#define FUZZ_MAX_ITEMS (FUZZ_MAX_STEPS + 1)

/* What one can wait for. */
typedef enum
{
  FUZZ_NOTHING = -1,
  FUZZ_MUTEX,
  FUZZ_RWLOCK,
  FUZZ_SEMAPHORE,
  FUZZ_QUEUE,
  FUZZ_N_LOCKS,
  FUZZ_CHANNEL = FUZZ_N_LOCKS, /* which: actor->place */
  FUZZ_SLEEP,
  FUZZ_JOIN,
} FuzzLock;

typedef enum
{
  FUZZ_PLAIN,
  FUZZ_CANCELLABLE,
  FUZZ_UNTIL,
} FuzzWay;

typedef struct _FuzzActor  FuzzActor;
typedef struct _FuzzCaller FuzzCaller;
typedef struct _FuzzScope  FuzzScope;

typedef void (*FuzzOp) (FuzzActor *self);
typedef void (*FuzzStep) (FuzzActor *actor,
                          guint      who);
typedef void (*FuzzCall) (FuzzCaller *caller,
                          guint       arg);

struct _FuzzActor
{
  guint          index;
  GcoCoroutine  *coroutine; /* NULL: it has not begun, or has ended */
  FuzzScope     *scope;     /* of a child that has not ended */
  GcoAioContext *ctx;
  GcoSleep       idle;
  GCancellable  *cancellable;
  FuzzOp         op; /* what it does next */
  FuzzWay        wish;
  guint          arg;
  gboolean       told;   /* and has not yet begun */
  gboolean       busy;   /* it has begun, and not returned */
  gboolean       leaves; /* a child that is to end */
  int            error;  /* with that */
  FuzzWay        way;    /* of the wait that it is in */
  gint64         deadline_ns;
  FuzzLock       waits_for;
  guint          place; /* which channel or sleep that is */
  FuzzScope     *joins;
  gboolean       upgrades;
  gboolean       picked; /* from the queue */
};

struct _FuzzCaller
{
  guint         index;
  GCancellable *cancellable; /* of a call that it was given to */
  gboolean      busy;
  gboolean      forgets; /* to call _finish */
  FuzzLock      waits_for;
  guint         place;
  FuzzScope    *joins;
  gboolean      exclusive;
  gboolean      upgrades;
  gboolean      with_mutex;   /* it waits in the queue, and then for that */
  gboolean      picked;       /* from the queue */
  gboolean      picked_alone; /* and was the only one */
  gpointer      item;
  ModelEnd      end;
  gpointer      record; /* GcoWaitRecord, of a wait for the rwlock */
};

typedef struct
{
  GcoChannel  *channel; /* NULL: it is made when it is used */
  ModelChannel model;
} FuzzChannel;

typedef enum
{
  FUZZ_ITEM_SENDERS,
  FUZZ_ITEM_SENT,
  FUZZ_ITEM_DOOMED, /* it is to be freed by the channel */
  FUZZ_ITEM_GONE,
} FuzzItem;

struct _FuzzScope
{
  GcoScope     *scope; /* NULL: the last reference is gone */
  GCancellable *cancellable;
  GCancellable *parent;
  GObject      *bound;
  ModelScope    model;
  guint         serial;
  gint64        deadline_ns;
};

typedef struct
{
  GMainContext      *main_context;
  GcoAioContext     *contexts[2];
  GcoAsyncMutex     *async_mutex;
  GcoAsyncRwlock    *async_rwlock;
  GcoAsyncSemaphore *async_semaphore;
  GcoAsyncWaitQueue *async_queue;
  GcoMutex          *mutex;
  GcoRwlock         *rwlock;
  GcoSemaphore      *semaphore;
  GcoQueue          *queue;
  GcoClock          *clock;
  Model              models[FUZZ_N_LOCKS];
  FuzzActor          actors[FUZZ_N_ALL]; /* the children last */
  FuzzActor          outsider;           /* no coroutine at all */
  FuzzCaller         callers[FUZZ_N_CALLERS];
  FuzzCaller        *retakers[FUZZ_N_CALLERS]; /* on their way to the mutex, in order */
  guint              n_retakers;
  FuzzChannel        channels[FUZZ_N_CHANNELS];
  FuzzItem           items[FUZZ_MAX_ITEMS];
  guint              n_items;
  GcoSleep           sleeps[FUZZ_N_SLEEPS];
  ModelSleep         sleep_models[FUZZ_N_SLEEPS];
  FuzzScope         *scopes[FUZZ_N_SCOPES];
  GPtrArray         *all_scopes;
  guint              n_warnings;
  gboolean           ending;
  guint              n_posted[2]; /* one-shots, by context */
  guint              n_run[2];
} Fuzz;

extern Fuzz fuzz;

/* One program. If anything is not as it is to be it tells what it did, and aborts. */
void fuzz_run (const guint8 *bytes,
               gsize         n);

/* In words: "+" where the next step follows without a drain. */
void fuzz_explain (const guint8 *bytes,
                   gsize         n,
                   FILE         *stream);

void fuzz_drain (void);

G_GNUC_NORETURN void fuzz_fail (const char *format,
                                ...) G_GNUC_PRINTF (1, 2);

/* -------------------------------------------------------------------- the codes */

typedef struct
{
  const char *name;
  FuzzOp      op;   /* an actor does it in its coroutine */
  FuzzStep    step; /* or it happens outside */
  FuzzCall    call; /* or a caller does it */
} FuzzCode;

typedef struct
{
  const FuzzCode *codes;
  guint           n;
} FuzzCodes;

extern const FuzzCodes fuzz_lock_codes;
extern const FuzzCodes fuzz_channel_codes;
extern const FuzzCodes fuzz_time_codes;
extern const FuzzCodes fuzz_scope_codes;
extern const FuzzCodes fuzz_call_codes;
extern const FuzzCodes fuzz_channel_calls;
extern const FuzzCodes fuzz_scope_calls;

/* ------------------------------------------------- models, and what they foresee */

/* Tells the models what has ended by itself since: by a deadline or with a scope. Before
 * any model is asked or told anything. */
void fuzz_sync (void);

/* The same, and returns that model. */
Model *fuzz_model (FuzzLock lock);

/* Aborts unless everything looks like its model, and nobody waits who need not. */
void fuzz_check (void);

/* The wait of @actor has failed. */
void fuzz_note_failed (FuzzActor *actor);

/* Tells the model that its wait has ended. FALSE: it had ended before. */
gboolean fuzz_stop_waiting (FuzzActor *actor);

/* A caller is in line where a coroutine would be. */
gboolean fuzz_is_caller (gconstpointer who);

/* After fuzz_sync(): whoever has waited longest in the queue; @alone: and nobody else.
 * FALSE: nobody. */
gboolean fuzz_pick (gboolean alone);

/* ---------------------------------------------------------------------- actors */

void fuzz_tell (FuzzActor *self,
                FuzzOp     op,
                guint      arg);

/* Does what it is told until it can wait no more, or is to leave. */
void fuzz_live (FuzzActor *self);
void fuzz_release_all (FuzzActor *self);
void fuzz_note_end (gpointer actor);

/* Ends its wait, if it is one that can be ended. */
void fuzz_cancel (FuzzActor *self);

/* But for an upgrade, of which the model must know at once. */
void fuzz_cancel_if_simple (FuzzActor *self);

gboolean fuzz_holds (FuzzActor *self,
                     FuzzLock   lock);
gboolean fuzz_holds_any (FuzzActor *self);

/* Who holds something waits in a way that can be ended: or all of them may wait for each
 * other, which libgco stops. */
FuzzWay fuzz_choose_way (FuzzActor *self);

/* Its wait would fail at once. */
gboolean fuzz_is_hopeless (FuzzActor *self,
                           FuzzWay    way);

void fuzz_begin_wait (FuzzActor *self,
                      FuzzLock   lock,
                      guint      place,
                      FuzzWay    way);

/* Takes @error. */
void fuzz_end_wait (FuzzActor *self,
                    gboolean   got,
                    GError    *error);

/* --------------------------------------------------------------------- callers */

/* FALSE: @caller has not ended its last call. */
gboolean fuzz_caller_begin (FuzzCaller *caller,
                            FuzzLock    lock,
                            gboolean    cancellable,
                            guint       arg);
void     fuzz_caller_end (FuzzCaller *caller);
void     fuzz_caller_cancel (FuzzCaller *caller);
void     fuzz_caller_release_all (FuzzCaller *caller);

/* What a call that failed may say. */
void fuzz_caller_check_error (FuzzCaller *caller,
                              GError     *error);

/* ------------------------------------------------------------------- the others */

void     fuzz_channels_check (void);
void     fuzz_channels_end (void);
void     fuzz_sleep_wake_all (void);
void     fuzz_timers_begin (void);
void     fuzz_timers_check (void);
void     fuzz_timers_end (void);
void     fuzz_scopes_begin (void);
void     fuzz_scopes_sync (void);
void     fuzz_scopes_check (void);
void     fuzz_scopes_cancel_all (void);
void     fuzz_scopes_end (void);
gboolean fuzz_scope_is_cancelled (FuzzScope *scope);
