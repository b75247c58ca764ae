/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * gco-notify.c: wakers push and notify, the home thread sleeps only when there is
 * nothing. No wake-up is lost, or the home thread would sleep forever: an invalid end
 * state. On weak memory: a plain store stands in a buffer of one entry until the
 * machine, or a sequentially consistent operation of the same process, writes it out.
 *
 * LIVENESS: all that is pushed is taken.
 */

#define WAKERS 3
#define TOTAL 3

mtype = { AWAKE, ASLEEP, NOTIFIED }

mtype state = AWAKE;     /* notify_state */
bit   pushed[WAKERS];    /* what the others see of the list */
bit   in_buffer[WAKERS]; /* of a waker: its push */
bit   home_in_buffer;    /* of the home thread: AWAKE */
bit   kicked;            /* the descriptor of the poller */
byte  taken;             /* by the home thread */

/* The machine writes a push out when it likes. */
active [WAKERS] proctype memory ()
{
end:
  do
  :: d_step { in_buffer[_pid] -> in_buffer[_pid] = 0; pushed[_pid] = 1 }
  od
}

active proctype home_memory ()
{
end:
  do
  :: d_step { home_in_buffer -> home_in_buffer = 0; state = AWAKE }
  od
}

proctype waker (byte me)
{
  mtype was;

  in_buffer[me] = 1; /* gco_push_list_push() */
  /* gco_notify() */
#ifdef BUG_SKIP_NOTIFIED
  if
  :: state == NOTIFIED -> goto done
  :: else
  fi;
#endif
  atomic {
#ifndef BUG_WEAK_NOTIFY
    !in_buffer[me]; /* the exchange comes after the push, for everybody */
#endif
    was = state;
    state = NOTIFIED
  }
#if !defined (BUG_NO_KICK) && !defined (STALL_NO_KICK)
  if
  :: was == ASLEEP -> kicked = 1 /* gco_poller_kick() */
  :: else
  fi;
#endif
done:
  skip
}

active proctype home ()
{
  byte  i;
  bit   strays = 1; /* a poll may end for another reason, and leave the kick */
  mtype was;

  atomic {
    i = 0;
    do
    :: i < WAKERS -> run waker (i); i++
    :: else -> break
    od
  }

dispatch: /* gco_aio_context_dispatch(): gco_notify_accept() */
  if
  :: state != AWAKE || home_in_buffer ->
#ifdef BUG_WEAK_ACCEPT
     home_in_buffer = 1
#else
     state = AWAKE
#endif
  :: else
  fi;
  /* gco_aio_context_take_remote() */
  d_step {
    i = 0;
    do
    :: i < WAKERS -> taken = taken + pushed[i]; pushed[i] = 0; i++
    :: else -> break
    od;
    i = 0
  }
  if
  :: taken == TOTAL -> goto done
  :: else
  fi;

block: /* block() of gco-aio-poll.c: gco_notify_begin_sleep() */
  atomic {
    !home_in_buffer;
    was = state;
    if
#ifdef BUG_NO_RECHECK
    :: true -> state = ASLEEP
#else
    :: was == NOTIFIED -> goto dispatch
    :: else -> state = ASLEEP
#endif
    fi
  }
  /* gco_poller_wait() */
  if
  :: kicked -> kicked = 0
  :: d_step { strays -> strays = 0 }
  fi;
  /* gco_notify_end_sleep() */
  atomic {
    was = state;
    if
    :: was == ASLEEP -> state = AWAKE; goto block
    :: else -> goto dispatch
    fi
  }
done:
  assert (taken == TOTAL)
}

#ifdef LIVENESS
ltl takes_all { <> (taken == TOTAL) }
#endif
