/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The states of a waiter, gco-waiter-private.h: waiters that can each be cancelled at any
 * time stand in a mutex, while its holder unlocks it, each holder does so in turn, and it
 * is freed when nobody has it. A cancelled waiter never swallows the mutex, is woken exactly
 * once, and touches the lock only if it was not detached.
 *
 * LIVENESS: all come to their end; that who spins for BUSY gets it is taken for granted.
 */

#ifdef LIVENESS
#define N 2
#else
#define N 3
#endif
#define OWNER 100
#define NOBODY 255

mtype = { WAITING, GRANTED, CANCELLED, LEAVING, DETACHED }

mtype state[N] = WAITING;
byte  holder = OWNER;
bit   busy;
byte  list[N];
byte  length;
bit   in_list[N];
byte  woken[N];
bit   gone[N];  /* the waiter, which lives on a stack */
bit   freed;    /* the mutex: as soon as nobody has it, wants it or is in it */
byte  left;

#define TOUCH assert (!freed)

inline busy_take ()
{
  atomic { !busy -> TOUCH; busy = 1 }
}

inline busy_release (who)
{
  d_step { TOUCH; holder = who; busy = 0; freed = (who == NOBODY) }
}

/* gco_wait_list_close() */
inline close (who)
{
  d_step {
    assert (in_list[who]);
    in_list[who] = 0;
    i = 0;
    do
    :: list[i] != who -> i++
    :: else -> break
    od;
    length--;
    do
    :: i < length -> list[i] = list[i + 1]; i++
    :: else -> list[i] = 0; break
    od;
    i = 0
  }
}

/* gco_waiter_grant() */
inline grant (who)
{
  assert (!gone[who]);
#ifdef BUG_GRANTS_CANCELLED
  atomic { state[who] = GRANTED; seen = GRANTED };
  close (who);
#else
  atomic {
    if
    :: state[who] == WAITING -> state[who] = GRANTED; seen = GRANTED
    :: else -> seen = WAITING
    fi
  };
  if
  :: seen == GRANTED -> close (who)
  :: else ->
     assert (!gone[who]);
     atomic {
       if
#ifdef BUG_DETACHES_LEAVING
       :: state[who] != GRANTED ->
#else
       :: state[who] == CANCELLED ->
#endif
          state[who] = DETACHED;
          seen = DETACHED
       :: else
       fi
     };
     if
     :: seen == DETACHED -> close (who)
     :: else
     fi
  fi;
#endif
}

/* gco_mutex_unlock(), hand_over(), by @self */
inline unlock (self)
{
  busy_take ();
  assert (holder == self);
  heir = NOBODY;
  do
  :: length > 0 ->
     first = list[0];
     grant (first);
     if
     :: seen == GRANTED -> heir = first; busy_release (heir); break
     :: seen == WAITING ->
        busy_release (self);
#ifdef LIVENESS
        state[first] != LEAVING || !in_list[first]; /* gco_busy_let_pass() */
#endif
        busy_take ()
     :: else
     fi
  :: else -> busy_release (NOBODY); break
  od;
  if
  :: heir != NOBODY -> woken[heir]++; assert (woken[heir] == 1)
  :: else
  fi
}

/* gco_wait_record_cancel(): touches the record and no more */
proctype canceller (byte whom)
{
  atomic {
    if
    :: state[whom] == WAITING -> state[whom] = CANCELLED
    :: else -> goto done
    fi
  }
  woken[whom]++;
  assert (woken[whom] == 1);
done:
  skip
}

proctype waiter (byte me)
{
  byte  i, first, heir;
  mtype seen;

  woken[me]; /* suspend() */
  /* settle_outcome() */
  if
  :: state[me] == GRANTED ->
     assert (holder == me);
     unlock (me)
  :: else ->
     atomic {
       if
#ifdef BUG_TOUCHES_DETACHED
       :: state[me] != GRANTED -> state[me] = LEAVING; seen = LEAVING
#else
       :: state[me] == CANCELLED -> state[me] = LEAVING; seen = LEAVING
       :: else -> seen = DETACHED; assert (state[me] == DETACHED)
#endif
       fi
     };
#if !defined (BUG_STAYS_IN_LIST) && !defined (STALL_STAYS_IN_LIST)
     if
     :: seen == LEAVING -> /* leave() */
        busy_take ();
        close (me);
        busy_release (holder)
     :: else
     fi
#endif
  fi;
  d_step { gone[me] = 1; left++ }
}

proctype owner ()
{
  byte  i, first, heir;
  mtype seen;

  unlock (OWNER);
  d_step { left++ }
}

#ifdef LIVENESS
ltl ends { <> (left == N + 1) }
#endif

init
{
  byte n = 0;

  atomic {
    do
    :: n < N -> list[n] = n; in_list[n] = 1; length++; run waiter (n); run canceller (n); n++
    :: else -> break
    od;
    run owner ()
  }
  left == N + 1;
  assert (holder == NOBODY && !busy && length == 0)
}
