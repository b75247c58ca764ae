/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * gco-mutex.c with 4 lockers, each in a thread of its own: one holder at a time, FIFO for
 * those in the list, everybody gets it in the end (else: an invalid end state), and
 * nobody touches the mutex after the last holder, who needs not unlock it, freed it.
 * Weak memory: what the holder wrote stands in a buffer until the machine, or a release
 * of the same process, writes it out.
 */

#define N 4
#define NOBODY 255

byte holder = NOBODY; /* the word: holder | WAITERS | BUSY */
bit  waiters;
bit  busy;
byte list[N];         /* head first */
byte length;
byte granted = NOBODY; /* FIFO: whom hand_over() has to choose */
bit  woken[N];
bit  freed;
byte users = N;       /* (mutex) */
byte data;            /* (mutex) as the others see it */
byte buffer[N];       /* what is to become of data, or 0 */

#define TOUCH assert (!freed)
#ifdef BUG_RELAXED_RELEASE
#define RELEASE skip
#else
#define RELEASE (buffer[me] == 0)
#endif

active [N] proctype memory ()
{
end:
  do
  :: d_step { buffer[_pid] != 0 -> data = buffer[_pid]; buffer[_pid] = 0 }
  od
}

/* gco_busy_take(): another try is as good as to wait. */
inline busy_take ()
{
  atomic { !busy -> TOUCH; busy = 1 }
}

/* gco_busy_release(): one store of the whole word */
inline busy_release (who)
{
  atomic {
    RELEASE;
    TOUCH;
    holder = who;
    waiters = (length > 0);
    busy = 0
  }
}

inline append ()
{
  d_step {
#ifdef BUG_LIFO
    i = length;
    do
    :: i > 0 -> list[i] = list[i - 1]; i--
    :: else -> break
    od;
    list[0] = me;
    if
    :: length == 0 -> granted = me
    :: else
    fi;
#else
    list[length] = me;
    if
    :: length == 0 -> granted = me /* the oldest */
    :: else
    fi;
#endif
    length++;
    i = 0
  }
}

inline pop ()
{
  d_step {
    heir = list[0];
    assert (heir == granted);
    length--;
    i = 0;
    do
    :: i < length -> list[i] = list[i + 1]; i++
    :: else -> list[i] = 0; break
    od;
    i = 0;
    granted = (length > 0 -> list[0] : NOBODY)
  }
}

proctype locker (byte me)
{
  byte heir = NOBODY;
  byte i = 0;

  /* try_fast() */
  atomic {
    TOUCH;
    if
    :: holder == NOBODY && !busy -> holder = me; goto held
    :: else
    fi
  }
  /* gco_mutex_lock_or_enqueue() */
  busy_take ();
  if
  :: holder == NOBODY -> busy_release (me); goto held
  :: else
  fi;
  append ();
#ifdef BUG_FORGETS_WAITERS
  atomic { TOUCH; busy = 0 };
#else
  busy_release (holder);
#endif
  woken[me]; /* gco_waiter_park() */

held:
  assert (!freed && holder == me);
  assert (buffer[me] == 0 && data == N - users);
  buffer[me] = data + 1;
  users--;
  if
  :: users == 0 -> freed = 1; goto done
  :: else
  fi;

  /* gco_mutex_unlock() */
  atomic {
    RELEASE;
    TOUCH;
    if
    :: !waiters && !busy -> holder = NOBODY; goto done
    :: else
    fi
  }
  /* unlock_slowly() */
  busy_take ();
  assert (holder == me);
  if /* hand_over() */
  :: length > 0 ->
     pop ();
#ifdef BUG_BARGING
     busy_release (NOBODY);
#else
     busy_release (heir);
#endif
     woken[heir] = 1; /* gco_waiter_wake() */
#ifdef BUG_TOUCH_AFTER
     TOUCH
#else
     skip
#endif
  :: else -> busy_release (NOBODY)
  fi;
done:
  skip
}

init
{
  byte n = 0;

  atomic {
    do
    :: n < N -> run locker (n); n++
    :: else -> break
    od
  }
}
