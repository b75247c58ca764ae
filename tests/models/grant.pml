/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * gco-async-call.c with gco-async-mutex.c: callers of gco_async_mutex_lock_async(), each
 * with a GMainContext in a thread of its own. The grant is returned on a GTask; some fetch
 * it with lock_finish(), even twice, and some leave it, and the face, and it is dropped with
 * the task: then the mutex is for the next. Some are cancelled at any time. One holds the
 * mutex at a time, in the order in which they came; it is nobody's in the end; each is
 * called back once; the face lives as long as anybody touches it.
 *
 * What is done to the mutex is one step: mutex.pml and mutex-cancel.pml prove it.
 *
 * LIVENESS: all are called back.
 */

#define N 3
#define NOBODY 255

mtype = { WAITING, GRANTED, CANCELLED, GONE }

byte  holder = NOBODY;
byte  list[N];
byte  length;
mtype state[N] = GONE;
bit   posted[N];     /* the hop */
bit   grant[N];      /* the task has one to give */
byte  face_refs = N; /* of each caller; and of each task, and of each grant */
byte  ticket[N];     /* who has come before, one a bit */
byte  waits;
byte  called;

#define TOUCH assert (face_refs > 0)
#define BIT (1 << me)

inline face_unref ()
{
  d_step { TOUCH; face_refs-- }
}

/* gco_wait_list_close() */
inline close (who)
{
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

/* gco_mutex_unlock_async(): it goes to the first that is not cancelled. */
inline unlock ()
{
  atomic {
    TOUCH;
    assert (holder == me);
    holder = NOBODY;
    do
    :: length > 0 && holder == NOBODY ->
       first = list[0];
       close (first);
       if
       :: state[first] == WAITING ->
          state[first] = GRANTED;
          holder = first;
          assert (!posted[first]);
          posted[first] = 1
       :: else -> /* DETACHED: the canceller posts it */
          assert (state[first] == CANCELLED);
          state[first] = GONE
       fi
    :: else -> break
    od;
    first = 0
  }
}

/* gco_async_mutex_lock_finish(): gco_async_grant_fetch() */
inline fetch ()
{
  atomic {
#ifdef BUG_FETCHED_TWICE
    had = grant[me] || fetched;
#else
    had = grant[me];
#endif
    grant[me] = 0;
    if
    :: had -> assert (!fetched); fetched = 1; face_refs--
    :: else
    fi
  }
}

proctype caller (byte me; bit keeps)
{
  byte i, first;
  bit  fetched, had, got;

  /* gco_async_mutex_lock_async(): the task has the face */
  atomic {
    TOUCH;
    face_refs++;
    if
    :: holder == NOBODY -> assert (waits == 0); holder = me; got = 1
    :: else ->
       state[me] = WAITING;
       list[length] = me;
       length++;
       ticket[me] = waits;
       waits = waits | BIT
    fi
  };
  if
  :: keeps
  :: else -> face_unref ()
  fi;
  if
  :: got
  :: else ->
     posted[me]; /* gco_async_waiter_finish() */
     atomic {
       got = (state[me] == GRANTED);
       waits = waits & ~BIT;
       if
       :: got -> assert ((ticket[me] & waits) == 0)
       :: state[me] == CANCELLED -> /* leave() */
#ifndef BUG_STAYS_IN_LIST
          close (me);
#endif
          state[me] = GONE
       :: else
       fi
     }
  fi;
  /* done(): give(), gco_async_grant_return(); or return_cancelled() */
  if
  :: got ->
     d_step {
       TOUCH;
       grant[me] = 1;
#ifndef BUG_NO_FACE_REFERENCE
       face_refs++
#endif
     }
  :: else
  fi;

  /* the callback, in an iteration of the GMainContext */
  called++;
  if
  :: keeps ->
     fetch ();
     if
     :: had -> unlock ()
     :: else
     fi;
     fetch ();
     if
     :: had -> unlock ()
     :: else
     fi;
     face_unref ()
  :: else
  fi;

  /* g_object_unref() of the task: it lets go of the face, and then drops the grant */
  face_unref ();
  if
  :: grant[me] ->
     grant[me] = 0;
#if !defined (BUG_DROPS_NOTHING) && !defined (STALL_DROPS_NOTHING)
     unlock (); /* drop() */
#endif
     face_unref () /* grant_free() */
  :: else
  fi
}

/* gco_wait_record_cancel(), or never */
proctype canceller (byte whom)
{
  if
  :: true -> goto end
  :: true
  fi;
  atomic {
    if
    :: state[whom] == WAITING -> state[whom] = CANCELLED; waits = waits & ~(1 << whom)
    :: else -> goto end
    fi
  };
  d_step { assert (!posted[whom]); posted[whom] = 1 };
end:
  skip
}

#ifdef LIVENESS
ltl calls_back { <> (called == N) }
#endif

init
{
  atomic {
    run caller (0, 1);
    run caller (1, 0);
    if
    :: true -> run caller (2, 0)
    :: true -> run caller (2, 1)
    fi;
#ifndef LIVENESS
    run canceller (2);
#endif
    run canceller (1)
  };
  _nr_pr == 1;
  assert (holder == NOBODY && length == 0 && called == N && face_refs == 0)
}
