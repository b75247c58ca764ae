/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * gco-rwlock.c, gco-rwlock-upgrade.c and gco-rwlock-holder.c. One reads, upgrades, writes,
 * downgrades and reads on; one writes; one reads; one reads or writes and calls back
 * instead of waiting in a coroutine. Some of the waits are cancelled at any time, and
 * somebody unlocks what he does not hold. Readers read together and writers write alone,
 * in the order in which they came; whoever fits in is let in; who was cancelled swallows
 * nothing; nobody is forgotten (else: an invalid end state); and nobody touches the lock
 * after its last user freed it.
 *
 * What is done under BUSY is one step, for nobody else touches what that guards; and a
 * cancellation in its midst is as good as one before.
 *
 * WEAK: as in mutex.pml, without the one who calls back. What one knows of is the last
 * change of what BUSY guards, the last writing and the last reading of each.
 *
 * CROWD: all four of them, and nobody is cancelled. LIVENESS: one writes, one reads and one
 * upgrades or reads, again and again, and all get in.
 */

#ifdef CROWD
#define N 4
#else
#define N 3
#endif

#define NOBODY 0     /* writer is 0, an actor + 1, or one of these */
#define ASYNC 254
#define PASSING 255

#define UPGRADER 0
#define WRITER 1
#define CALLER 2     /* gco-async-rwlock.c: of a kind that nobody knows by name */
#define READER (N - 1)

mtype = { WAITING, GRANTED, CANCELLED, LEAVING, DETACHED }

byte  writer;
byte  n_readers;
byte  n_async;
bit   busy;
bit   pending;       /* the end of BUSY, in the buffer of the one who had it */
byte  pending_of;
byte  list[N];
byte  length;

mtype state[N] = DETACHED;
bit   exclusive[N];
bit   in_list[N];
bit   woken[N];
bit   cancellable[N];
byte  ticket[N];     /* since when it waits, as in mutex.pml */
bit   freed;
byte  ended;         /* who let go of it for good */
byte  returned;      /* and whose call has returned, too */
byte  before[N];     /* who had ended when one was let in */

/* Who is in, from the grant on, whatever the fields above say. */
byte  reading;       /* one bit each */
byte  writing;       /* likewise */

/* What one knows of: a reading of each, and these. */
#define WRITTEN 64
#define GUARDED 128
#define ALL 255
byte  knows[N] = ALL;
byte  word_knows = ALL;
byte  wake_knows[N];

#define TOUCH assert (!freed)
#define BIT(who) (1 << (who))
#define FLUSHED (!pending || pending_of != me)
#if defined (WEAK) || defined (LIVENESS)
#define CALLS(who) false
#else
#define CALLS(who) ((who) == CALLER)
#endif
#define AS_HOLDER(who) (CALLS (who) -> ASYNC : (who) + 1)

/* has_room() */
#define HAS_ROOM(alone) (writer == NOBODY && (!(alone) || n_readers == 0))

/* Something happens of which the others do not know. */
#ifdef WEAK
#define HAPPENS(what) \
  i = 0; \
  do \
  :: i < N -> knows[i] = knows[i] & ~(what); wake_knows[i] = wake_knows[i] & ~(what); i++ \
  :: else -> break \
  od; \
  i = 0; \
  word_knows = word_knows & ~(what); \
  knows[me] = knows[me] | (what)

active proctype memory ()
{
end:
  do
  :: d_step { pending -> TOUCH; busy = 0; pending = 0 }
  od
}
#else
#define HAPPENS(what) skip
#endif

#include "rwlock-steps.pml"

/* The last user frees the lock, which it may hold, if the others have returned, or had let
 * go of it before it was let in. */
inline quit (holds)
{
#ifndef LIVENESS
  atomic {
    if
    :: (returned | before[me] | BIT (me)) == BIT (N) - 1 -> FLUSHED; freed = 1; goto done
    :: else -> quitting = 1
    fi
  };
#endif
  if
  :: holds -> unlock ()
  :: else
  fi;
  d_step { FLUSHED; returned = returned | (quitting << me); quitting = 0 }
}

#define LOCALS \
  byte  i, first, chain; \
  mtype seen; \
  bit   got, quitting

proctype upgrader (byte me; bit reads_only)
{
  LOCALS;

again:
  lock (0, 0);
  read ();
  if
  :: reads_only -> goto read_enough
  :: else
  fi;
upgrading:
  upgrade ();
  if
  :: got ->
upgraded:
     write ();
     downgrade ()
  :: else -> lock (0, 0)
  fi;
  read ();
read_enough:
  quit (1);
done:
#ifdef LIVENESS
  goto again
#else
  skip
#endif
}

proctype user (byte me; bit alone)
{
  LOCALS;

again:
  lock (alone, 1);
in:
  if
  :: got && alone -> write ()
  :: got && !alone -> read ()
  :: else
  fi;
  quit (got);
done:
#ifdef LIVENESS
  goto again
#else
  skip
#endif
}

#ifdef LIVENESS
#define wants_to_write (user[2]@again)
#define writes (user[2]@in)
#define wants_to_read (user[3]@again)
#define reads (user[3]@in)
#define wants_up (upgrader[1]@upgrading)
#define is_up (upgrader[1]@upgraded)
#ifdef STALL_OVERTAKES
ltl gets_in { [] (wants_to_write -> <> writes) } /* the rest would take it long to find */
#else
ltl gets_in {
  [] (wants_to_write -> <> writes) &&
  [] (wants_to_read -> <> reads) &&
  [] (wants_up -> <> is_up)
}
#endif
#endif

/* gco_wait_record_cancel() of each, once or never: the change, and then post() */
#define CANCELS(who) \
  :: atomic { \
       cancellable[who] && state[who] == WAITING -> \
       cancellable[who] = 0; \
       state[who] = CANCELLED; \
       owed = owed | BIT (who) \
     } \
  :: d_step { \
       owed & BIT (who) -> \
       owed = owed & ~BIT (who); \
       assert (!woken[who]); \
       woken[who] = 1 \
     }

proctype canceller ()
{
  byte owed;

  do
  CANCELS (UPGRADER)
  CANCELS (WRITER)
  CANCELS (CALLER)
  :: owed == 0 -> break
  od
}

init
{
  atomic {
#ifdef LIVENESS
    if
    :: true -> run upgrader (UPGRADER, 0)
    :: true -> run upgrader (UPGRADER, 1)
    fi;
#else
    run upgrader (UPGRADER, 0);
#endif
    run user (WRITER, 1);
#if defined (CROWD) || defined (WEAK) || defined (LIVENESS)
    run user (READER, 0);
#endif
#if !defined (WEAK) && !defined (LIVENESS)
    if
    :: true -> run user (CALLER, 1)
    :: true -> run user (CALLER, 0)
    fi;
#endif
#if !defined (CROWD) && !defined (LIVENESS)
    run canceller ()
#endif
  }
}
