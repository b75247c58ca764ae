/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Four who wait in a line for a lock of any kind, behind one who holds it. */

#pragma once

#include "gco-test-actor.h"

typedef union
{
  GcoMutex  mutex;
  GcoRwlock rwlock;
  GcoQueue  queue;
} AnyLock;

typedef enum
{
  EXCLUSIVE, /* each who got it hands it to the next */
  SHARED,    /* all get it at once */
  QUEUE,     /* nobody has it: the holder picks them */
} Sharing;

typedef struct
{
  const char *name;
  Sharing     sharing;
  ActorOp     hold;
  ActorOp     wait; /* that can fail */
  ActorOp     release;
} Kind;

static inline gboolean
do_nothing (Actor   *self,
            gpointer unused)
{
  return TRUE;
}

#define N_WAITERS 4
#define NOBODY -1

typedef struct
{
  const Kind *kind;
  AnyLock     lock;
  Actor      *holder;
  Actor      *waiters[N_WAITERS];
  int         position; /* of who is to give up */
} Line;

/* Who holds it does, and the others are there. */
static inline void
line_begin (GcoTest    *t,
            Line       *line,
            const Kind *kind,
            int         position)
{
  static const char *const names[N_WAITERS] = { "W0", "W1", "W2", "W3" };

  g_test_message ("%s, place %d", kind->name, position);
  *line = (Line){ .kind = kind, .holder = actor_new (t, "holder"), .position = position };
  actor_do (line->holder, kind->hold, &line->lock);
  for (int i = 0; i < N_WAITERS; i++)
    line->waiters[i] = actor_new (t, names[i]);
}

static inline void
line_wait (Line *line)
{
  for (int i = 0; i < N_WAITERS; i++)
    {
      actor_do (line->waiters[i], line->kind->wait, &line->lock);
      assert_waits (line->waiters[i]);
    }
}

static inline void
line_up (GcoTest    *t,
         Line       *line,
         const Kind *kind,
         int         position)
{
  line_begin (t, line, kind, position);
  line_wait (line);
}

/* Everybody but @absent gets the lock, in order, and gives it back: then it
 * is as if it had never been used. */
static inline void
line_serve (Line *line,
            int   absent)
{
  static const AnyLock unused;
  const Kind          *kind = line->kind;
  Actor               *owner = line->holder;

  for (int i = 0; i < N_WAITERS; i++)
    {
      if (i == absent)
        continue;
      if (line->waiters[i]->waits)
        actor_do (owner, kind->release, &line->lock);
      actor_assert_succeeded (line->waiters[i]);
      for (int k = i + 1; kind->sharing != SHARED && k < N_WAITERS; k++)
        g_assert_true (k == absent || line->waiters[k]->waits);
      if (kind->sharing == EXCLUSIVE)
        owner = line->waiters[i];
    }
  if (kind->sharing == EXCLUSIVE)
    actor_do (owner, kind->release, &line->lock);
  for (int i = 0; kind->sharing == SHARED && i < N_WAITERS; i++)
    if (i != absent)
      actor_do (line->waiters[i], kind->release, &line->lock);
  g_assert_cmpmem (&line->lock, sizeof line->lock, &unused, sizeof unused);
}

static inline void
line_end (Line *line)
{
  actor_end (line->holder);
  for (int i = 0; i < N_WAITERS; i++)
    actor_end (line->waiters[i]);
}
