/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* For rwlock.pml: what is done to the lock, by @me. */

/* gco_busy_take() */
inline busy_take ()
{
  atomic {
    !busy && FLUSHED ->
    TOUCH;
#ifdef WEAK
    knows[me] = knows[me] | word_knows;
    assert (knows[me] & GUARDED);
    HAPPENS (GUARDED);
#endif
    busy = 1
  }
}

/* gco_busy_release(). Whoever ends it has left nobody outside who fits in, and one who
 * calls back but holds nothing, and unlocks, gets an error, and no more: gco_rwlock_end_write()
 * and gco_rwlock_end_read() are not deceived. */
inline busy_release ()
{
  d_step {
    TOUCH;
    assert (length == 0 || state[list[0]] != WAITING || !HAS_ROOM (exclusive[list[0]]));
    assert (writer != ASYNC || n_readers > 0 || (writing & BIT (CALLER)));
    assert (n_async == 0 || (reading & BIT (CALLER)));
    end_busy ()
  }
}

inline end_busy ()
{
#ifdef WEAK
#ifdef WEAK_RELEASE
  word_knows = 0;
#else
  word_knows = knows[me];
#endif
  pending = 1;
  pending_of = me
#else
  busy = 0
#endif
}

/* gco_rwlock_give(), and what is promised of it. Not @in_turn: who downgrades. */
inline give (who, in_turn)
{
  d_step {
    if
    :: exclusive[who] ->
       assert (reading == 0 && writing == 0);
       writing = BIT (who);
       writer = AS_HOLDER (who)
    :: else ->
       assert (writing == 0);
       reading = reading | BIT (who);
       n_readers++;
       n_async = n_async + CALLS (who)
    fi;
    /* nobody who still waits came before */
    i = 0;
    do
    :: i < N ->
#ifndef LIVENESS
       assert (!in_turn || i == who || ticket[i] == 0 || state[i] != WAITING ||
               (ticket[who] != 0 && ticket[who] < ticket[i]));
#endif
       i++
    :: else -> break
    od;
    i = 0;
    ticket[who] = 0;
    before[who] = ended
  }
}

/* gco_rwlock_end_write(), gco_rwlock_end_read() */
inline end_write ()
{
  d_step {
    assert (writer == AS_HOLDER (me) && n_readers == 0);
    writer = NOBODY;
    writing = 0;
    ended = ended | (quitting << me)
  }
}

inline end_read ()
{
  d_step {
    assert ((CALLS (me) -> n_async : n_readers - n_async) > 0);
    n_readers--;
    n_async = n_async - CALLS (me);
    reading = reading & ~BIT (me);
    ended = ended | (quitting << me)
  }
}

/* gco_wait_list_append() */
inline append ()
{
  d_step {
    state[me] = WAITING;
    list[length] = me;
    length++;
    in_list[me] = 1;
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

/* let_pass(), of @first: another try is as good as to wait, until it is out. */
inline let_pass ()
{
#ifdef BUG_NO_STAND_IN
  end_busy ();
  !(in_list[first] && state[first] == LEAVING);
  busy_take ();
#else
#ifdef BUG_STANDS_IN_BY_NAME
  writer = AS_HOLDER (me);
#else
  writer = PASSING;
#endif
  busy_release ();
  !(in_list[first] && state[first] == LEAVING);
  busy_take ();
  writer = NOBODY;
#endif
}

/* gco_rwlock_let_in(): grant() */
inline let_in ()
{
  do
  :: length == 0 || !HAS_ROOM (exclusive[list[0]]) -> break
  :: else ->
     first = list[0];
     /* gco_waiter_grant() */
     if
#ifdef BUG_GRANTS_CANCELLED
     :: state[first] == WAITING || state[first] == CANCELLED ->
#else
     :: state[first] == WAITING ->
#endif
        state[first] = GRANTED;
        close (first);
        give (first, 1);
        chain = chain | BIT (first);
#ifdef BUG_LETS_IN_ONE
        break
#endif
     :: state[first] == CANCELLED ->
        state[first] = DETACHED;
        ticket[first] = 0;
        close (first)
     :: else -> assert (state[first] == LEAVING); let_pass ()
     fi
  od;
  first = 0;
  busy_release ()
}

/* And then gco_waiter_wake(), which is gco_push_list_push(), of each. */
inline wake ()
{
  do
  :: atomic {
#ifdef WEAK_WAKE
       chain != 0 ->
#else
       chain != 0 && FLUSHED ->
#endif
       do
       :: chain & BIT (i) -> break
       :: else -> i++
       od;
       chain = chain & ~BIT (i);
#if defined (WEAK) && !defined (WEAK_WAKE)
       wake_knows[i] = wake_knows[i] | knows[me];
#endif
       assert (!woken[i]);
       woken[i] = 1;
       i = 0
     }
  :: chain == 0 -> break
  od;
  assert (chain == 0)
}

/* gco_rwlock_lock_or_enqueue(), gco_waiter_park(): @got tells of the outcome. */
inline wait ()
{
  d_step {
    woken[me] ->
#ifdef WEAK
    knows[me] = knows[me] | wake_knows[me];
    wake_knows[me] = 0;
#endif
    woken[me] = 0
  };
  /* settle_outcome() */
  if
  :: state[me] == GRANTED -> got = 1
  :: else ->
     atomic {
       if
       :: state[me] == CANCELLED -> state[me] = LEAVING; seen = LEAVING
       :: else -> assert (state[me] == DETACHED); seen = DETACHED
       fi
     };
     if
     :: seen == LEAVING -> /* leave() */
        atomic {
          busy_take ();
          close (me);
          ticket[me] = 0;
#ifdef BUG_LEAVE_FORGETS
          busy_release ()
#else
          let_in ()
#endif
        };
        wake ()
     :: else
     fi;
     got = 0
  fi;
  d_step { state[me] = DETACHED; cancellable[me] = 0 }
}

inline lock (alone, may_fail)
{
  d_step { exclusive[me] = alone; got = 0 };
  atomic {
    busy_take ();
    if
#if defined (BUG_OVERTAKES) || defined (STALL_OVERTAKES)
    :: HAS_ROOM (alone) ->
#else
    :: length == 0 && HAS_ROOM (alone) ->
#endif
       give (me, 1);
       busy_release ();
       got = 1
    :: else ->
       append ();
       busy_release ();
       cancellable[me] = may_fail
    fi
  };
  if
  :: !got -> wait ()
  :: else
  fi
}

inline unlock ()
{
  atomic {
    busy_take ();
    if
    :: writing == BIT (me) -> end_write ()
    :: else -> end_read ()
    fi;
    let_in ()
  };
  wake ()
}

/* gco_rwlock_upgrade_or_enqueue(), gco_waiter_park() */
inline upgrade ()
{
  d_step { exclusive[me] = 1; got = 0 };
  atomic {
    busy_take ();
#ifndef CROWD_UPGRADE_KEEPS
    end_read ();
#endif
    if
#ifdef BUG_UPGRADE_IGNORES_STAND_IN
    :: length == 0 && n_readers == 0 ->
#else
    :: length == 0 && n_readers == 0 && writer == NOBODY ->
#endif
       give (me, 1);
       busy_release ();
       got = 1
    :: else ->
       append ();
       cancellable[me] = 1;
       let_in ()
    fi
  };
  wake ();
  if
  :: !got -> wait ()
  :: else
  fi
}

/* gco_rwlock_downgrade() */
inline downgrade ()
{
  atomic {
    busy_take ();
    end_write ();
    d_step { exclusive[me] = 0 };
    give (me, 0);
#ifdef BUG_DOWNGRADE_FORGETS
    busy_release ()
#else
    let_in ()
#endif
  };
  wake ()
}

inline read ()
{
  d_step {
    TOUCH;
    assert (reading & BIT (me));
#ifdef WEAK
    assert (knows[me] & WRITTEN);
#endif
    HAPPENS (BIT (me))
  }
}

inline write ()
{
  d_step {
    TOUCH;
    assert (writing == BIT (me));
#ifdef WEAK
    assert ((knows[me] & (WRITTEN | (BIT (N) - 1))) == (WRITTEN | (BIT (N) - 1)));
#endif
    HAPPENS (WRITTEN)
  }
}
