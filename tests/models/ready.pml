/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The ready list of a context: gco_aio_context_push_remote() from two threads, what runs
 * pushes at home, and the home thread sleeps in between. Each item runs exactly once, those
 * of one thread in their order, and the context lives as long as somebody pushes to it.
 *
 * Weak memory: what an item leads to is a plain field. A push passes on to the word that it
 * was written, a take takes that from it; and so must have, before it follows the field.
 *
 * LIVENESS: all of them run.
 */

#define WAKERS 2
#ifdef LIVENESS
#define ITEMS 1
#else
#define ITEMS 2
#endif
/* each; item i of waker w is 1 + w * ITEMS + i */
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
byte  word_knows;         /* items, one a bit */
byte  home_knows;
byte  total;              /* that ran */

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
       :: else ->
          newest = item;
#ifndef BUG_RELAXED_PUSH
          word_knows = word_knows | (1 << item)
#endif
       fi
     };
     /* gco_notify() */
     atomic { TOUCH; was = state; state = NOTIFIED };
#ifndef STALL_NO_KICK
     if
     :: was == ASLEEP -> d_step { TOUCH; kicked = 1 }
     :: else
     fi;
#endif
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
  d_step {
    at = newest;
    newest = 0;
#ifndef BUG_RELAXED_TAKE
    home_knows = home_knows | word_knows
#endif
  };
  d_step {
    n = 0;
    from = at;
    do
    :: from != 0 -> assert (home_knows & (1 << from)); n++; from = next[from]
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

#ifdef LIVENESS
ltl runs_all { <> (total == TOTAL) }
#endif

init
{
  atomic { run waker (0); run waker (1); run home () }
}
