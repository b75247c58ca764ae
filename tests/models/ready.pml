/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The ready list of a context: gco_aio_context_push_remote() from two threads, what runs
 * pushes at home, and the home thread sleeps in between. Each item runs exactly once, those
 * of one thread in their order, and the context lives as long as somebody pushes to it.
 */

#define WAKERS 2
#define ITEMS 2 /* each; item i of waker w is 1 + w * ITEMS + i */
#define REMOTE (WAKERS * ITEMS)
#define LOCAL (REMOTE + 1) /* is pushed by item 1, at home */
#define TOTAL LOCAL

mtype = { AWAKE, ASLEEP, NOTIFIED }

mtype state = AWAKE;
bit   kicked;
byte  newest;             /* remote */
byte  next[TOTAL + 1];
byte  ready[TOTAL];       /* FIFO, first first */
byte  length;
byte  runs[TOTAL + 1];
byte  refs = 1;           /* of the context: 1 for all that is pushed or still to come */
bit   freed;

#define TOUCH assert (!freed)

inline unref ()
{
  d_step { assert (refs > 0); refs--; freed = (refs == 0) }
}

proctype waker (byte me)
{
  byte  i = 0;
  byte  item;
  byte  seen;
  mtype was;

  do
  :: i < ITEMS ->
     item = 1 + me * ITEMS + i;
     /* gco_aio_context_push_remote() */
#ifndef BUG_NO_REFERENCE
     d_step { TOUCH; refs++ };
#endif
     /* gco_push_list_push() */
     seen = newest;
again:
     next[item] = seen;
     atomic {
       TOUCH;
       if
#ifndef BUG_NO_CAS
       :: newest != seen -> seen = newest; goto again
#endif
       :: else -> newest = item
       fi
     };
     /* gco_notify() */
     atomic { TOUCH; was = state; state = NOTIFIED };
     if
     :: was == ASLEEP -> d_step { TOUCH; kicked = 1 }
     :: else
     fi;
#ifndef BUG_NO_REFERENCE
     unref ();
#endif
     i++
  :: else -> break
  od
}

/* gco_push_list_take(): behind what is there, oldest first */
inline take ()
{
  d_step { at = newest; newest = 0 };
  d_step {
    n = 0;
    from = at;
    do
    :: from != 0 -> n++; from = next[from]
    :: else -> break
    od;
    i = n;
    do
    :: i > 0 ->
       i--;
#ifdef BUG_NEWEST_FIRST
       ready[length + n - 1 - i] = at;
#else
       ready[length + i] = at;
#endif
       at = next[at]
    :: else -> break
    od;
    length = length + n;
    n = 0
  }
}

proctype home ()
{
  byte  i, n, at, from, item;
  byte  total = 0;
  mtype was;

dispatch: /* gco_notify_accept(), gco_aio_context_take_remote() */
#ifdef BUG_TAKE_BEFORE_ACCEPT
  take ();
  state = AWAKE;
#else
  if
  :: state != AWAKE -> state = AWAKE
  :: else
  fi;
  take ();
#endif
  /* drain() */
  do
  :: length > 0 ->
     d_step {
       item = ready[0];
       length--;
       i = 0;
       do
       :: i < length -> ready[i] = ready[i + 1]; i++
       :: else -> ready[i] = 0; break
       od;
       i = 0;
       assert (item != 0 && runs[item] == 0);
       assert (item > REMOTE || (item - 1) % ITEMS == 0 || runs[item - 1] == 1);
       runs[item] = 1;
       total++
     };
     if
     :: item == 1 ->
        take (); /* gco_aio_context_push(): what others pushed stays before */
        d_step { ready[length] = LOCAL; length++ }
     :: else
     fi
  :: else -> break
  od;
  if
  :: total == TOTAL -> unref (); goto done
  :: else
  fi;

block:
  atomic {
    if
    :: state == NOTIFIED -> goto dispatch
    :: else -> state = ASLEEP
    fi
  };
  d_step { kicked -> kicked = 0 };
  atomic {
    was = state;
    if
    :: was == ASLEEP -> state = AWAKE; goto block
    :: else -> goto dispatch
    fi
  }
done:
  skip
}

init
{
  atomic { run waker (0); run waker (1); run home () }
}
