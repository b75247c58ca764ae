/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * gco-mutex.c with 4 lockers, each in a thread of its own: one holder at a time, those who
 * wait in the order in which they came, nobody is forgotten (else: an invalid end state),
 * and nobody touches the mutex after the last holder, who needs not unlock it, freed it.
 *
 * Weak memory. The store that ends BUSY stands in a buffer until the machine, or an atomic
 * exchange of the same thread, writes it out. And whoever touches what is guarded must have
 * seen the last change of it: a release passes on to the word, and an acquire takes from
 * it, whether that is so.
 *
 * LIVENESS: they lock again and again, and whoever wants it gets it. That who spins for
 * BUSY gets that, which is held for a few instructions, is taken for granted.
 */

#ifdef LIVENESS
#define N 3
#define SECTION atomic
#else
#define N 4
#define SECTION
#endif
#define NOBODY 255

byte holder = NOBODY; /* the word: holder | WAITERS | BUSY */
bit  waiters;
bit  busy;
bit  pending;         /* the end of BUSY: in the buffer of the one who had it */
byte pending_of;
byte pending_holder;
byte list[N];         /* head first */
byte length;
bit  woken[N];
bit  freed;
byte users = N;

/* Not the list, but who waits since when, and who came in: its copy would err with it. */
byte ticket[N];       /* since when, + 1; 0: does not wait */

/* Who has seen the last change: lockers, one a bit; the word; the wake of each. */
typedef Seen { byte by; bit in_word; byte in_wake };
Seen seen_list;       /* what BUSY guards */
Seen seen_data;       /* what the mutex guards */

#define TOUCH assert (!freed)
#define BIT (1 << me)

#ifdef BUG_RELAXED_RELEASE
#define RELEASE seen_data.in_word = 0; seen_list.in_word = 0
#else
#define RELEASE \
  seen_data.in_word = ((seen_data.by & BIT) != 0); \
  seen_list.in_word = ((seen_list.by & BIT) != 0)
#endif

#ifdef BUG_RELAXED_ACQUIRE
#define ACQUIRE skip
#else
#define ACQUIRE \
  seen_data.by = seen_data.by | (seen_data.in_word << me); \
  seen_list.by = seen_list.by | (seen_list.in_word << me)
#endif

#define CHANGE(seen) \
  assert (seen.by & BIT); \
  seen.by = BIT; \
  seen.in_word = 0; \
  seen.in_wake = 0

/* An atomic exchange waits for the buffer of its own thread. */
#define FLUSHED (!pending || pending_of != me)

#ifndef LIVENESS
active proctype memory ()
{
end:
  do
  :: d_step {
       pending ->
       TOUCH;
       holder = pending_holder;
       waiters = (length > 0);
       busy = 0;
       pending = 0
     }
  od
}
#endif

/* gco_busy_take(): another try is as good as to wait. */
inline busy_take ()
{
  atomic { !busy && FLUSHED -> TOUCH; ACQUIRE; busy = 1 }
}

/* gco_busy_release(): one store of the whole word */
inline busy_release (who)
{
  d_step {
    RELEASE;
    TOUCH;
#ifdef LIVENESS
    holder = who;
    waiters = (length > 0);
    busy = 0
#else
    pending_holder = who;
    pending_of = me;
    pending = 1
#endif
  }
}

/* gco_wait_list_append(), and the ticket */
inline append ()
{
  d_step {
    CHANGE (seen_list);
#if defined (BUG_LIFO) || defined (STALL_LIFO)
    i = length;
    do
    :: i > 0 -> list[i] = list[i - 1]; i--
    :: else -> break
    od;
    list[0] = me;
#else
    list[length] = me;
#endif
    length++;
    ticket[me] = 1;
    i = 0;
    do
    :: i < N ->
       if
       :: i != me && ticket[i] >= ticket[me] -> ticket[me] = ticket[i] + 1
       :: else
       fi;
       i++
    :: else -> break
    od;
    i = 0
  }
}

/* gco_waiter_grant(), of one that nobody cancels */
inline pop ()
{
  d_step {
    CHANGE (seen_list);
    heir = list[0];
    length--;
    i = 0;
    do
    :: i < length -> list[i] = list[i + 1]; i++
    :: else -> list[i] = 0; break
    od;
    i = 0
  }
}

/* Who does not wait gets it only if nobody else does. */
inline check_nobody_waits ()
{
#ifndef LIVENESS
  i = 0;
  do
  :: i < N -> assert (ticket[i] == 0); i++
  :: else -> break
  od;
  i = 0
#else
  skip
#endif
}

/* Who waited has waited longest. Those behind move up, so that tickets stay small. */
inline come_in ()
{
  d_step {
    TOUCH;
    assert (holder == me || (pending && pending_holder == me));
    i = 0;
    do
    :: i < N && ticket[me] != 0 && ticket[i] != 0 && i != me ->
#ifndef LIVENESS
       assert (ticket[me] < ticket[i]);
#endif
       if
       :: ticket[i] > ticket[me] -> ticket[i]--
       :: else
       fi;
       i++
    :: i < N && !(ticket[me] != 0 && ticket[i] != 0 && i != me) -> i++
    :: i == N -> break
    od;
    i = 0;
    ticket[me] = 0;
    CHANGE (seen_data)
  }
}

proctype locker (byte me)
{
  byte heir = NOBODY;
  byte i = 0;

want:
  /* try_fast() */
  atomic {
    FLUSHED;
    TOUCH;
    if
    :: holder == NOBODY && !busy -> ACQUIRE; holder = me; check_nobody_waits (); goto held
    :: else
    fi
  }
#ifdef STALL_BARGING
again:
#endif
  /* gco_mutex_lock_or_enqueue() */
  SECTION {
    busy_take ();
    if
    :: holder == NOBODY -> d_step { check_nobody_waits () }; busy_release (me); goto held
    :: else
    fi;
    append ();
#ifdef BUG_FORGETS_WAITERS
    d_step { TOUCH; RELEASE; busy = 0 }
#else
    busy_release (holder)
#endif
  };
  /* gco_waiter_park(), gco_push_list_take() */
  d_step {
    woken[me] ->
    woken[me] = 0;
    seen_data.by = seen_data.by | (seen_data.in_wake & BIT);
    seen_list.by = seen_list.by | (seen_list.in_wake & BIT)
  };
#ifdef STALL_BARGING
  atomic {
    if
    :: holder == NOBODY && !busy -> ACQUIRE; holder = me
    :: else -> goto again
    fi
  };
#endif

held:
  come_in ();
#ifndef LIVENESS
  users--;
  if
  :: users == 0 -> FLUSHED; freed = 1; goto done
  :: else
  fi;
#endif

  /* gco_mutex_unlock() */
  atomic {
    FLUSHED;
    TOUCH;
    if
    :: holder == me && !waiters && !busy ->
       /* on top of what the word has: the exchange goes on with its release sequence */
#ifndef BUG_RELAXED_RELEASE
       seen_data.in_word = seen_data.in_word | ((seen_data.by & BIT) != 0);
       seen_list.in_word = seen_list.in_word | ((seen_list.by & BIT) != 0);
#endif
       holder = NOBODY;
       goto done
    :: else
    fi
  }
  /* unlock_slowly() */
  SECTION {
    busy_take ();
    assert (holder == me);
    if /* hand_over() */
    :: length > 0 ->
       pop ();
#if defined (BUG_BARGING) || defined (STALL_BARGING)
       busy_release (NOBODY)
#else
       busy_release (heir)
#endif
    :: else -> heir = NOBODY; busy_release (NOBODY)
    fi
  };
  if
  :: heir != NOBODY ->
     /* gco_waiter_wake(): gco_push_list_push() */
     d_step {
#ifndef BUG_RELAXED_WAKE
       FLUSHED ->
       seen_data.in_wake = seen_data.in_wake | (((seen_data.by >> me) & 1) << heir);
       seen_list.in_wake = seen_list.in_wake | (((seen_list.by >> me) & 1) << heir);
#endif
       woken[heir] = 1;
       heir = NOBODY
     };
#ifdef BUG_TOUCH_AFTER
     TOUCH
#else
     skip
#endif
  :: else
  fi;
done:
#ifdef LIVENESS
  goto want
#else
  skip
#endif
}

#ifdef LIVENESS
#define wants (locker[1]@want)
#define has (locker[1]@held)
ltl gets_it { [] (wants -> <> has) }
#endif

init
{
  byte n = 0;

  atomic {
    seen_list.by = 255;
    seen_data.by = 255;
    seen_list.in_word = 1;
    seen_data.in_word = 1;
    do
    :: n < N -> run locker (n); n++
    :: else -> break
    od
  }
}
