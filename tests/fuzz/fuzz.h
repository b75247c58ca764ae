/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Bytes as a program: coroutines of two contexts of one thread that use every lock in
 * every way. One thing happens after the other, so the models say of each call how it
 * ends, and of each lock, whenever nothing more can run, how it looks.
 */

#pragma once

#include <gco.h>

#include "gco-test-model.h"

#define FUZZ_N_ACTORS 6

typedef enum
{
  FUZZ_MUTEX,
  FUZZ_RWLOCK,
  FUZZ_SEMAPHORE,
  FUZZ_QUEUE,
  FUZZ_N_LOCKS,
} FuzzLock;

typedef enum
{
  FUZZ_PLAIN,
  FUZZ_CANCELLABLE,
  FUZZ_UNTIL,
} FuzzWay;

typedef struct _FuzzActor FuzzActor;

typedef void (*FuzzOp) (FuzzActor *self);

struct _FuzzActor
{
  guint          index;
  GcoCoroutine  *coroutine; /* NULL: it has ended */
  GcoAioContext *ctx;
  GcoSleep       idle;
  GCancellable  *cancellable;
  FuzzOp         op; /* what it does next */
  FuzzWay        wish;
  guint          arg;
  gboolean       told; /* and has not yet begun */
  gboolean       busy; /* it has begun, and not returned */
  FuzzWay        way;  /* of the wait that it is in */
  gint64         deadline_ns;
  int            waits_for; /* FuzzLock, or -1 */
  gboolean       upgrades;
  gboolean       picked; /* from the queue */
};

typedef struct
{
  GMainContext  *main_context;
  GcoAioContext *contexts[2];
  GcoMutex       mutex;
  GcoRwlock      rwlock;
  GcoSemaphore   semaphore;
  GcoQueue       queue;
  GcoClock      *clock;
  Model          models[FUZZ_N_LOCKS];
  FuzzActor      actors[FUZZ_N_ACTORS];
  guint          n_posted[2]; /* one-shots, by context */
  guint          n_run[2];
} Fuzz;

extern Fuzz fuzz;

/* One program. Aborts if anything is not as it is to be. */
void fuzz_run (const guint8 *bytes,
               gsize         n);

/* What an actor can be told. */
extern const FuzzOp fuzz_ops[];
extern const guint  fuzz_n_ops;

void fuzz_release_all (FuzzActor *self);

/* Ends its wait, if it is one that can be ended. */
void fuzz_cancel (FuzzActor *self);

/* Aborts unless each lock looks like its model, and nobody waits who need not. */
void fuzz_check (void);

G_GNUC_NORETURN void fuzz_fail (const char *format,
                                ...) G_GNUC_PRINTF (1, 2);
