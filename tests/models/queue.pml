/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * gco-queue.c with a mutex: waiters wait for a token, producers put one under the mutex
 * and call next or, the last of them, restart_all without it. Whoever releases the mutex
 * stands in the queue already, so that no wake is lost: an invalid end state.
 *
 * LIVENESS: each waiter gets a token.
 */

#ifdef LIVENESS
#define WAITERS 2
#define TOKENS 2
#else
#define WAITERS 3
#define TOKENS 3
#endif
#define NOBODY 255

bit  locked;        /* GcoMutex: mutex.pml proves it */
bit  busy;          /* of the queue */
byte list[WAITERS];
byte length;
bit  granted[WAITERS];
bit  woken[WAITERS];
byte tokens;        /* (mutex) */
byte ended;

inline lock ()
{
  atomic { !locked -> locked = 1 }
}

inline unlock ()
{
  d_step { assert (locked); locked = 0 }
}

/* publish() */
inline publish ()
{
  atomic { !busy -> busy = 1 };
  d_step { assert (length < WAITERS); list[length] = me; length++ };
  busy = 0
}

/* grant_first(), under BUSY */
inline grant_first ()
{
  d_step {
    picked = list[0];
    assert (!granted[picked]);
    granted[picked] = 1;
    length--;
    i = 0;
    do
    :: i < length -> list[i] = list[i + 1]; i++
    :: else -> list[i] = 0; break
    od;
    i = 0
  }
}

/* gco_waiter_wake() */
inline wake (who)
{
  d_step { assert (granted[who] && !woken[who]); woken[who] = 1 }
}

proctype waiter (byte me)
{
  lock ();
  do
  :: tokens == 0 ->
     /* wait_turn() */
#ifdef BUG_UNLOCKS_FIRST
     unlock ();
     publish ();
#else
     publish ();
     unlock ();
#endif
     woken[me];
     d_step { assert (granted[me]); granted[me] = 0; woken[me] = 0 };
     lock ()
  :: else -> break
  od;
  tokens--;
  unlock ();
  ended++
}

proctype producer (byte n)
{
  byte picked, i, count, k;
  byte chain[WAITERS];

  lock ();
  tokens++;
  unlock ();
  atomic { !busy -> busy = 1 };
  if
  :: n > 0 -> /* gco_queue_next() */
     picked = NOBODY;
     if
     :: length > 0 -> grant_first ()
     :: else
     fi;
     busy = 0;
#if !defined (BUG_FORGETS_WAKE) && !defined (STALL_FORGETS_WAKE)
     if
     :: picked != NOBODY -> wake (picked)
     :: else
     fi
#endif
  :: else -> /* gco_queue_restart_all(): wakes them after BUSY */
     do
     :: length > 0 -> grant_first (); chain[count] = picked; count++
     :: else -> break
     od;
     busy = 0;
#ifndef BUG_RESTART_FORGETS
     do
     :: k < count -> wake (chain[k]); k++
     :: else -> break
     od
#endif
  fi
}

#ifdef LIVENESS
ltl ends { <> (ended == WAITERS) }
#endif

init
{
  byte n = 0;

  atomic {
    do
    :: n < WAITERS -> run waiter (n); n++
    :: else -> break
    od;
    n = 0;
    do
    :: n < TOKENS -> run producer (n); n++
    :: else -> break
    od
  }
  ended == WAITERS;
  assert (tokens == 0 && length == 0)
}
