/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * gco-shutdown.c, the members of gco-schedule.c and gco_aio_context_push_remote(): a
 * context is shut down and let go of while others wake, grant and spawn. One coroutine is in
 * a bare yield, and may be woken by another thread at any time; one waits for a lock, in a
 * wait that cannot fail, and another thread may grant it; one is spawned meanwhile. Each
 * ends or is abandoned; who was given a lock, or spawned, ends; the context is freed once
 * nobody has it, and not touched afterwards.
 *
 * LIVENESS: the shutdown comes to its end.
 */

#define N 3
#define YIELDER 0
#define WAITER 1
#define CHILD 2

mtype = { WAITING, GRANTED, LEAVING }

byte  refs = 3;        /* the home's, the spawner's, and that of the members */
byte  n_members = 2;
bit   freed;
mtype state = WAITING; /* of the waiter */
bit   member[N];       /* coroutine->ctx */
bit   scheduled[N];
bit   remote[N];       /* in the list of what others made ready */
bit   ended[N];
bit   abandoned[N];
bit   stopped;         /* gco_fatal(): the yielder is woken too late, as is documented */
bit   spawned;
bit   done;

#define TOUCH assert (!freed)

inline ref ()
{
  d_step { TOUCH; refs++ }
}

inline unref ()
{
  d_step { assert (refs > 0 && !freed); refs--; freed = (refs == 0) }
}

/* count_in(), count_out(). That the first member takes a reference stands for what
 * gco_aio_context_dispose() does: as long as there are members, the context stays. */
inline hold ()
{
  d_step { TOUCH; was = n_members; n_members++ };
#ifndef BUG_MEMBERS_DO_NOT_HOLD
  if
  :: was == 0 -> ref ()
  :: else
  fi
#endif
}

inline let_go ()
{
  d_step { TOUCH; assert (n_members > 0); n_members--; was = n_members };
  if
  :: was == 0 -> unref ()
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
  if
  :: true -> goto end
  :: true
  fi;
  claim (YIELDER);
  push (YIELDER);
end:
  skip
}

/* gco_waiter_grant(), and only then gco_waiter_wake(); or never */
proctype granter ()
{
  if
  :: true -> goto end
  :: true
  fi;
  atomic {
    if
    :: state == WAITING -> state = GRANTED
    :: else -> goto end
    fi
  };
  claim (WAITER);
  push (WAITER);
end:
  skip
}

/* gco_spawn() */
proctype spawner ()
{
  byte was;

#ifdef BUG_JOINS_FIRST
  hold ();
  member[CHILD] = 1;
  claim (CHILD);
#else
  scheduled[CHILD] = 1;
  hold ();
  member[CHILD] = 1;
#endif
  push (CHILD);
end:
  spawned = 1;
  unref ()
}

/* A dispatch: the coroutine goes on to its end, gco_coroutine_hooks.unsettle(). */
inline dispatch ()
{
  i = 0;
  do
  :: i < N ->
     if
     :: atomic { remote[i] -> remote[i] = 0 };
        d_step {
          TOUCH;
          assert (member[i] && !ended[i] && !abandoned[i]);
          scheduled[i] = 0;
          ended[i] = 1;
          member[i] = 0
        };
        let_go ()
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
        let_go ()
     :: else
     fi;
next:
     i++
  :: else -> break
  od;
  i = 0
}

/* gco_aio_context_shutdown(), and what the home does after it */
proctype home ()
{
  byte i, was;
  bit  any;

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
     remote[YIELDER] || remote[WAITER] || remote[CHILD];
     dispatch ();
     goto again
  :: else
  fi;
  unref ();
  /* polls on until the spawner is through, and lets go of it */
  spawned;
  do
  :: remote[YIELDER] || remote[WAITER] || remote[CHILD] -> dispatch ()
  :: else -> break
  od;
  unref ();
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
#endif
    run granter ();
    run spawner ();
    run home ()
  };
  done && _nr_pr == 1;
  assert (ended[YIELDER] + abandoned[YIELDER] == 1 || stopped);
  assert (ended[WAITER] + abandoned[WAITER] == 1);
  assert (ended[WAITER] == (state == GRANTED));
  assert (ended[CHILD]);
  assert (n_members == 0 && freed)
}
