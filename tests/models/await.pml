/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * gco-await.c: a coroutine awaits two operations, one after the other, in one GcoAwait that
 * is freed then. Each calls back from another thread: before the await, within it or after;
 * and the first may do it twice, which is fatal before it can do harm. Somebody cancels
 * at any time: then an operation ends that would not end by itself, and its callback is
 * waited for all the same. Each result is had once, and the coroutine is woken only if it
 * waits.
 *
 * The result is a plain field: who takes it has seen that it was written, @knows.
 *
 * LIVENESS: the coroutine gets both results, as both operations end or are cancelled.
 */

#define NONE 0
#define READY 1
#define WAITER 2 /* of the coroutine */

byte  state;      /* await->state */
byte  result;     /* which operation's: 1 or 2; 0: NULL */
bit   state_knows; /* of the last change of the result */
bit   coroutine_knows = 1;
bit   wake_knows;
bit   waiting;    /* the waiter is on the coroutine's stack */
bit   woken;
bit   freed;      /* the await */
bit   cancelled;  /* its cancellable */
byte  started;    /* operations */
byte  calls;      /* of the first, that returned or were fatal */
bit   twice;      /* it calls back twice */
byte  fatal;
bit   over;

#define TOUCH assert (!freed)

/* gco_await_ready() */
proctype operation (byte me; bit ends)
{
  byte before;

end_idle:
  started >= me;
  ends || cancelled;
  TOUCH;
  if
  :: state == READY -> goto stop
  :: else
  fi;
  TOUCH;
  d_step { result = me; coroutine_knows = 0; state_knows = 0 };
  d_step {
    TOUCH;
    before = state;
    state = READY;
#ifndef BUG_RELAXED
    state_knows = 1
#endif
  };
#ifdef BUG_TOUCHES_AFTER
  TOUCH;
#endif
  if
  :: before == NONE
#ifndef BUG_TWICE_UNSEEN
  :: before == READY -> goto stop
  :: before == WAITER ->
#else
  :: else ->
#endif
     /* gco_waiter_grant(), gco_waiter_wake(): the waiter is there */
     d_step { assert (waiting && !woken); woken = 1; wake_knows = 1 }
  fi;
  goto end;
stop:
  assert (twice);
  fatal++;
end:
  calls = calls + (me == 1)
}

/* ask(), by the scope, a deadline or a shutdown */
proctype canceller ()
{
#ifndef STALL_ASKS_NOBODY
  cancelled = 1
#else
  skip
#endif
}

/* gco_await(), and what is done with the result */
proctype coroutine ()
{
next:
  started++;
  if
  :: state == READY -> coroutine_knows = coroutine_knows | state_knows; goto ready
  :: else
  fi;
  waiting = 1;
#ifdef BUG_PLAIN_STATE
  state = WAITER;
#else
  /* gco_cas(): if it fails, the callback was quicker */
  atomic {
    if
    :: state == NONE -> state = WAITER
    :: else ->
       assert (state == READY);
       coroutine_knows = coroutine_knows | state_knows;
       waiting = 0;
       goto ready
    fi
  };
#endif
  /* gco_waiter_park() */
#ifdef BUG_LEAVES_WHEN_CANCELLED
  woken || cancelled;
#else
  woken;
#endif
  d_step {
    woken = 0;
    waiting = 0;
    coroutine_knows = coroutine_knows | wake_knows;
    wake_knows = 0
  };

ready:
  /* of what calls back twice it is only promised that it is fatal */
  if
  :: twice -> calls == 2; assert (fatal == 1); goto end
  :: else
  fi;
  TOUCH;
  d_step {
    assert (coroutine_knows && result == started);
    result = 0;
    state = NONE
  };
  if
  :: started == 1 -> goto next
  :: else
  fi;
  freed = 1;
end:
  over = 1
}

#ifdef LIVENESS
ltl gets_them { <> over }
#endif

init
{
  bit ends;

  atomic {
    if
    :: ends = 0
    :: ends = 1
    fi;
    if
    :: twice = 0
    :: twice = 1; run operation (1, 1)
    fi;
    run operation (1, ends || twice);
    run operation (2, 1);
    run coroutine ();
    run canceller ()
  }
}
