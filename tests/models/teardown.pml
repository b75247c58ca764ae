/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * gco-shutdown.c, the members of gco-schedule.c, gco_aio_context_push_remote() and
 * gco_aio_context_dispose(): a context is shut down and let go of, or only let go of, while
 * others wake, grant and spawn. One coroutine is in a bare yield, and may be woken by another
 * thread at any time; one waits for a lock, in a wait that cannot fail, and another thread
 * may grant it; one is spawned meanwhile, by who has found the context through the one that
 * waits. Coroutines are counted, and hold no reference: when the last one of others goes, and
 * some of them have not ended, they are given it, and it goes with the last of them. Those who
 * join while that goes on, or later, have one as well.
 *
 * After a shutdown each has ended or is abandoned; who was given a lock, or spawned, ends.
 * Without one they may be left behind, and the context with them. It is freed when nobody has
 * it and none is left, and not touched afterwards.
 *
 * LIVENESS: the shutdown comes to its end.
 */

#define N 3
#define YIELDER 0
#define WAITER 1
#define CHILD 2

#define LEFT 128 /* GCO_LEFT_BEHIND */

mtype = { WAITING, GRANTED, LEAVING }

byte  refs = 1;        /* the home's */
byte  n_members = 2;   /* and LEFT */
bit   freed;
mtype state = WAITING; /* of the waiter */
bit   member[N];       /* coroutine->ctx */
bit   scheduled[N];
bit   remote[N];       /* in the list of what others made ready */
bit   ended[N];
bit   abandoned[N];
bit   stopped;         /* gco_fatal(): the yielder is woken too late, as is documented */
bit   nobody_wakes;    /* the yielder */
bit   waker_ended;
bit   spawned;         /* or never will be */
bit   shut_down;
bit   done;

#define TOUCH assert (!freed)

inline ref ()
{
  d_step { TOUCH; refs++ }
}

/* gco_aio_context_dispose(); the caller keeps its reference until this returns. The hook is
 * left_behind() in gco-left-behind.c, which looks at the context and its members. */
inline dispose ()
{
#ifndef BUG_MARKS_FIRST
  ref ();
#endif
  d_step {
    TOUCH;
    n = n_members;
#ifdef BUG_MARKS_ONLY_MEMBERS
    if
    :: n > 0 -> n_members = n | LEFT
    :: else
    fi
#else
    n_members = n | LEFT
#endif
  };
#ifdef BUG_MEMBERS_DO_NOT_HOLD
  n = 0;
#endif
  if
#ifdef BUG_MARKS_FIRST
  :: n > 0 && n < LEFT -> ref (); TOUCH
  :: else
#else
  :: n > 0 && n < LEFT -> TOUCH
#ifdef BUG_KEEPS_REFERENCE
  :: else
#else
  :: else -> d_step { TOUCH; assert (refs > 1); refs-- }
#endif
#endif
  fi
}

/* g_object_unref(): whoever has the last one disposes, and looks again. */
inline unref ()
{
  atomic {
    TOUCH;
    last = (refs == 1);
    if
    :: last
    :: else -> assert (refs > 0); refs--
    fi
  };
  if
  :: last ->
     dispose ();
     d_step { TOUCH; assert (refs > 0); refs--; freed = (refs == 0) }
  :: else
  fi
}

/* count_in() */
inline count_in ()
{
  d_step { TOUCH; was = n_members; n_members++ };
#ifdef BUG_JOINS_WITHOUT_REFERENCE
  was = 0;
#endif
  if
  :: was == LEFT -> ref ()
  :: else
  fi
}

/* count_out() */
inline count_out ()
{
  d_step { TOUCH; assert ((n_members & 127) > 0); was = n_members; n_members-- };
#ifdef BUG_LAST_LETS_NOTHING_GO
  was = 0;
#endif
  if
  :: was == LEFT + 1 -> unref ()
  :: else
  fi
}

/* gco_coroutine_push(): gco_aio_context_push_remote(), gco_notify() */
inline push (who)
{
  assert (member[who]);
#ifndef BUG_NO_REFERENCE
  ref ();
#endif
  d_step { TOUCH; assert (!remote[who]); remote[who] = 1 };
  TOUCH;
#ifndef BUG_NO_REFERENCE
  unref ()
#endif
}

/* gco_coroutine_claim() */
inline claim (who)
{
  atomic {
    if
    :: scheduled[who] -> stopped = 1; assert (who == YIELDER && abandoned[who]); goto end
    :: else -> scheduled[who] = 1
    fi
  }
}

/* gco_coroutine_wake() in another thread, or never */
proctype waker ()
{
  byte n;
  bit  last;

  if
  :: true -> nobody_wakes = 1; goto end
  :: true
  fi;
  claim (YIELDER);
  push (YIELDER);
end:
  waker_ended = 1
}

/* gco_coroutine_dup_home() of the one that waits, which does not end before it is granted:
 * NULL if it is abandoned. Then gco_waiter_grant(), and only then gco_waiter_wake(), or
 * never; and gco_spawn(). */
proctype spawner ()
{
  byte n, was;
  bit  last;

  atomic {
    if
    :: !member[WAITER] -> goto end
    :: else -> TOUCH; refs++ /* under move_lock, as gco_coroutine_expel() */
    fi
  };
  if
  :: atomic { state == WAITING -> state = GRANTED };
     claim (WAITER);
     push (WAITER)
  :: true
  fi;
#ifdef BUG_JOINS_FIRST
  count_in ();
  member[CHILD] = 1;
  claim (CHILD);
#else
  scheduled[CHILD] = 1;
  count_in ();
  member[CHILD] = 1;
#endif
  push (CHILD);
  unref ();
end:
  spawned = 1
}

/* A coroutine goes on to its end, gco_coroutine_hooks.unsettle(): first the pointer. */
inline end_member (who)
{
  d_step {
    assert (member[who] && !ended[who] && !abandoned[who]);
    scheduled[who] = 0;
    ended[who] = 1;
    member[who] = 0
  };
  count_out ()
}

/* A dispatch, with a reference */
inline dispatch ()
{
  TOUCH;
  i = 0;
  do
  :: i < N ->
     if
     :: atomic { remote[i] -> remote[i] = 0 };
        end_member (i)
     :: else
     fi;
     i++
  :: else -> break
  od;
  i = 0
}

/* interrupt(), of all that find_members() found: they are gone through one by one. */
inline interrupt_all ()
{
  any = 0;
  i = 0;
  do
  :: i < N ->
     if
     :: member[i] ->
        if
        :: scheduled[i] -> any = 1
        /* gco_waiter_interrupt() */
        :: !scheduled[i] && i == WAITER && state != WAITING -> any = 1
        :: !scheduled[i] && (i != WAITER || state == WAITING)
        fi
     :: else
     fi;
     i++
  :: else -> break
  od;
  i = 0
}

/* abandon(), likewise */
inline abandon_all ()
{
  i = 0;
  do
  :: i < N ->
     if
     :: member[i] ->
        if
        :: scheduled[i] -> any = 1; goto next
        :: else
        fi;
        if
        :: i == WAITER -> /* gco_waiter_abandon() */
           atomic {
             if
             :: state == WAITING -> state = LEAVING
             :: else -> any = 1; goto next
             fi
           }
        :: else
        fi;
        /* gco_coroutine_expel() */
#ifdef BUG_EXPELS_BLINDLY
        scheduled[i] = 1;
#else
        atomic {
          if
          :: scheduled[i] -> any = 1; goto next
          :: else -> scheduled[i] = 1; abandoned[i] = 1
          fi
        };
#endif
        d_step { abandoned[i] = 1; member[i] = 0 };
        count_out ()
     :: else
     fi;
next:
     i++
  :: else -> break
  od;
  i = 0
}

#define SOMETHING (remote[YIELDER] || remote[WAITER] || remote[CHILD])

/* gco_aio_context_shutdown(), or none; and what the home does after it */
proctype home ()
{
  byte i, n, was;
  bit  any, last;

#ifndef LIVENESS
  if
  :: true -> goto lets_go
  :: true
  fi;
#endif
  ref ();
again:
  interrupt_all ();
#ifdef STALL_ABANDONS_NONE
  any = 1;
#endif
  if
  :: any
  :: else ->
     abandon_all ();
#ifdef BUG_FORGETS_THE_LATE
     any = 0
#endif
  fi;
  if
  :: any -> /* iterate(): it sleeps until there is something */
     SOMETHING;
     dispatch ();
     goto again
  :: else
  fi;
  assert (!member[YIELDER] && !member[WAITER]);
  unref ();
  shut_down = 1;
  /* polls on until the spawner is through */
  spawned;
  do
  :: SOMETHING -> dispatch ()
  :: else -> break
  od;
lets_go:
  unref ();
  /* What was left behind can still be woken, and entered by hand, and has its context: who
   * polls that has found it through one that is about to run. */
  do
  :: SOMETHING -> ref (); dispatch (); unref ()
  :: member[YIELDER] && !scheduled[YIELDER] && nobody_wakes -> end_member (YIELDER)
  :: spawned && waker_ended && !SOMETHING -> break
  od;
  done = 1
}

#ifdef LIVENESS
ltl ends { <> done }
#endif

init
{
  atomic {
    member[YIELDER] = 1;
    member[WAITER] = 1;
#ifndef LIVENESS
    run waker ();
#else
    nobody_wakes = 1;
    waker_ended = 1;
#endif
    run spawner ();
    run home ()
  };
  done && _nr_pr == 1;
  assert (ended[YIELDER] + abandoned[YIELDER] == 1 || stopped || !shut_down);
  assert (ended[WAITER] + abandoned[WAITER] == 1 || !shut_down);
  assert (ended[WAITER] == (state == GRANTED) || !shut_down);
  assert (!member[CHILD] || !shut_down);
  /* nobody has it but those left behind */
  assert ((n_members & 127) == member[YIELDER] + member[WAITER] + member[CHILD]);
  assert (refs == (freed -> 0 : 1));
  assert (freed == ((n_members & 127) == 0))
}
