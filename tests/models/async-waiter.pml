/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * gco-async-waiter.c: a published waiter is granted or cancelled in other threads while
 * its own connects the handler, and finishes in a third. It finishes exactly once, its
 * record is not touched once it is freed, and no handler stays connected.
 *
 * LIVENESS: it finishes.
 */

mtype = { WAITING, GRANTED, CANCELLED, LEAVING }

mtype state = WAITING;
/* of the record: the waiter's and, from gco_async_waiter_begin_watch(), the watch's */
#ifdef BUG_NO_WATCH_REFERENCE
byte  refs = 1;
#else
byte  refs = 2;
#endif
bit   handler;     /* record->handler */
bit   connected;   /* to the cancellable */
bit   cancelled;   /* the cancellable */
bit   posted;
bit   finished;

#define TOUCH assert (refs > 0)

/* post() */
inline post ()
{
  d_step { assert (!posted); posted = 1 }
}

inline unref ()
{
  d_step { TOUCH; refs-- }
}

/* gco_wait_record_cancel() */
inline record_cancel ()
{
  atomic {
    TOUCH;
    seen = state;
    if
    :: seen == WAITING -> state = CANCELLED
    :: else
    fi
  };
  if
  :: seen == WAITING -> post ()
  :: else
  fi
}

inline disconnect ()
{
  d_step { TOUCH; had = handler; handler = 0 };
  if
  :: had -> d_step { assert (connected); connected = 0; assert (refs > 0); refs-- }
  :: else
  fi
}

/* gco_async_waiter_watch() */
active proctype publisher ()
{
  mtype seen;
  bit   had;

  d_step { TOUCH; connected = 1; refs++ }; /* gco_wait_record_connect() */
  d_step { TOUCH; handler = 1 };
#if !defined (BUG_NO_CANCELLED_CHECK) && !defined (STALL_NO_CANCELLED_CHECK)
  if
  :: cancelled -> record_cancel ()
  :: else
  fi;
#endif
#ifndef BUG_NO_STATE_CHECK
  TOUCH;
  if
  :: state != WAITING -> disconnect ()
  :: else
  fi;
#endif
#ifndef BUG_NO_WATCH_REFERENCE
  unref () /* gco_async_watch_drop() */
#endif
}

/* g_cancellable_cancel(): the emission keeps the closure */
active proctype canceller ()
{
  mtype seen;

  cancelled = 1;
  atomic {
    if
    :: connected -> refs++
    :: else -> goto done
    fi
  };
  record_cancel ();
  unref ();
done:
  skip
}

/* gco_waiter_grant(), gco_waiter_wake(); or nobody grants it */
active proctype granter ()
{
  if
  :: true -> goto done
  :: true
  fi;
#ifdef BUG_GRANT_BLINDLY
  state = GRANTED;
#else
  atomic {
    if
    :: state == WAITING -> state = GRANTED
    :: else -> goto done
    fi
  };
#endif
  post ();
done:
  skip
}

/* gco_async_waiter_finish() */
active proctype home ()
{
  bit had;

  posted;
  disconnect ();
  if
  :: state == CANCELLED -> state = LEAVING
  :: else
  fi;
  d_step { assert (!finished); finished = 1 };
  unref () /* gco_async_waiter_clear() */
}

active proctype judge ()
{
  finished && refs == 0;
  assert (!connected && !handler)
}

#ifdef LIVENESS
ltl finishes { <> (finished && refs == 0) }
#endif
