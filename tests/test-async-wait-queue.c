/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* GcoAsyncWaitQueue: who was picked, or gave up, has its mutex again. */

#include "gco-test-actor.h"
#include "gco-test-face.h"

#define FINISH gco_async_wait_queue_wait_finish

typedef struct
{
  GcoTest           *t;
  GcoAsyncWaitQueue *queue;
  GcoAsyncMutex     *mutex;
} Room;

static Room
room_new (GcoTest *t)
{
  return (Room){ t, gco_async_wait_queue_new (), gco_async_mutex_new () };
}

static void
room_end (Room *room)
{
  g_assert_true (gco_async_wait_queue_is_empty (room->queue));
  g_assert_false (gco_async_mutex_is_locked (room->mutex));
  g_assert_finalize_object (room->queue);
  g_assert_finalize_object (room->mutex);
}

static void
lock (Room *room)
{
  g_assert_true (gco_async_mutex_trylock (room->mutex));
}

static void
unlock (Room *room)
{
  g_assert_true (gco_async_mutex_unlock (room->mutex, NULL));
}

/* With the mutex locked for it. */
static void
wait_in (Room   *room,
         Caller *caller)
{
  lock (room);
  caller_asks (caller, gco_async_wait_queue_wait_async, room->queue, room->mutex);
  g_assert_false (gco_async_mutex_is_locked (room->mutex));
}

static void
wait_alone (Room   *room,
            Caller *caller)
{
  caller_asks (caller, gco_async_wait_queue_wait_async, room->queue, NULL);
}

static gboolean
do_wait_in_room (Actor   *self,
                 gpointer room)
{
  GcoAsyncMutex *mutex = ((Room *) room)->mutex;

  gco_mutex_lock (gco_async_mutex_get_mutex (mutex));
  gco_queue_wait (gco_async_wait_queue_get_queue (((Room *) room)->queue),
                  gco_async_mutex_get_mutex (mutex));
  gco_mutex_unlock (gco_async_mutex_get_mutex (mutex));
  return TRUE;
}

/* --------------------------------------------------------------------- order */

static void
test_next (GcoTest *t)
{
  Room    room = room_new (t);
  Caller *a = caller_new (t, "A");
  Actor  *b = actor_new (t, "b");
  Caller *c = caller_new (t, "C");

  g_assert_false (gco_async_wait_queue_next (room.queue));
  wait_in (&room, a);
  actor_do (b, do_wait_in_room, &room);
  wait_alone (&room, c);
  g_assert_false (gco_async_wait_queue_is_empty (room.queue));

  g_assert_true (gco_async_wait_queue_next (room.queue));
  gco_test_drain (t);
  gco_test_assert_log (t, "A ");
  caller_assert_granted (a, FINISH);
  g_assert_true (gco_async_wait_queue_next (room.queue));
  gco_test_drain (t);
  gco_test_assert_log (t, ""); /* it waits for the mutex */
  unlock (&room);
  gco_test_drain (t);
  gco_test_assert_log (t, "b ");
  g_assert_true (gco_async_wait_queue_next (room.queue));
  gco_test_drain (t);
  gco_test_assert_log (t, "C ");
  caller_assert_granted (c, FINISH);
  g_assert_false (gco_async_wait_queue_next (room.queue));
  callers_end (a, c);
  actor_end (b);
  room_end (&room);
}

/* All that wait now, one after the other into the mutex. */
static void
test_restart_all (GcoTest *t)
{
  Room    room = room_new (t);
  Caller *a = caller_new (t, "A");
  Caller *b = caller_new (t, "B");
  Caller *late = caller_new (t, "L");

  wait_in (&room, a);
  wait_in (&room, b);
  gco_async_wait_queue_restart_all (room.queue);
  g_assert_true (gco_async_wait_queue_is_empty (room.queue));
  wait_in (&room, late);
  gco_test_drain (t);
  gco_test_assert_log (t, "A ");
  caller_assert_granted (a, FINISH);
  unlock (&room);
  gco_test_drain (t);
  gco_test_assert_log (t, "B ");
  caller_assert_granted (b, FINISH);
  unlock (&room);
  gco_test_drain (t);
  gco_test_assert_log (t, "");
  g_assert_true (gco_async_wait_queue_next (room.queue));
  gco_test_drain (t);
  caller_assert_granted (late, FINISH);
  unlock (&room);
  callers_end (a, b, late);
  room_end (&room);
}

/* What is announced between the unlock and the wait is not missed. */
static void
test_not_missed (GcoTest *t)
{
  Room    room = room_new (t);
  Caller *a = caller_new (t, "A");
  Caller *b = caller_new (t, "B");

  lock (&room);
  caller_asks (b, gco_async_mutex_lock_async, room.mutex);
  caller_asks (a, gco_async_wait_queue_wait_async, room.queue, room.mutex);
  gco_test_drain (t);
  gco_test_assert_log (t, "B ");
  caller_assert_granted (b, gco_async_mutex_lock_finish);
  g_assert_true (gco_async_wait_queue_next (room.queue));
  unlock (&room);
  gco_test_drain (t);
  gco_test_assert_log (t, "A ");
  caller_assert_granted (a, FINISH);
  unlock (&room);
  callers_end (a, b);
  room_end (&room);
}

/* -------------------------------------------------------------------- misuse */

static void
test_mutex_not_held (GcoTest *t)
{
  Room    room = room_new (t);
  Caller *a = caller_new (t, "A");
  Caller *b = caller_new (t, "B");
  Actor  *c = actor_new (t, "c");

  caller_asks (a, gco_async_wait_queue_wait_async, room.queue, room.mutex);
  actor_do (c, do_lock, gco_async_mutex_get_mutex (room.mutex));
  caller_asks (b, gco_async_wait_queue_wait_async, room.queue, room.mutex);
  g_assert_true (gco_async_wait_queue_is_empty (room.queue));
  gco_test_drain (t);
  caller_assert_failed (a, FINISH, G_IO_ERROR_PERMISSION_DENIED);
  caller_assert_failed (b, FINISH, G_IO_ERROR_PERMISSION_DENIED);
  actor_do (c, do_unlock, gco_async_mutex_get_mutex (room.mutex));
  callers_end (a, b);
  actor_end (c);
  room_end (&room);
}

/* ----------------------------------------------------------------- cancelled */

/* The mutex is somebody's meanwhile: it waits for that, and cannot be cancelled. */
static void
test_cancelled (GcoTest *t)
{
  Room    room = room_new (t);
  Caller *a = caller_new (t, "A");
  Caller *b = caller_new (t, "B");

  wait_in (&room, a);
  wait_in (&room, b);
  lock (&room);
  g_cancellable_cancel (a->cancellable);
  gco_test_drain (t);
  gco_test_assert_log (t, "");
  g_assert_true (gco_async_wait_queue_next (room.queue));
  g_assert_true (gco_async_wait_queue_is_empty (room.queue));
  unlock (&room);
  gco_test_drain (t);
  gco_test_assert_log (t, "A ");
  caller_assert_failed (a, FINISH, G_IO_ERROR_CANCELLED);
  g_assert_true (gco_async_mutex_is_locked (room.mutex));
  unlock (&room);
  gco_test_drain (t);
  gco_test_assert_log (t, "B ");
  caller_assert_granted (b, FINISH);
  unlock (&room);
  callers_end (a, b);
  room_end (&room);
}

/* Picked, and then cancelled while it waits for the mutex: picked it is. */
static void
test_cancelled_after (GcoTest *t)
{
  Room    room = room_new (t);
  Caller *a = caller_new (t, "A");

  wait_in (&room, a);
  lock (&room);
  g_assert_true (gco_async_wait_queue_next (room.queue));
  gco_test_drain (t);
  g_cancellable_cancel (a->cancellable);
  gco_test_drain (t);
  unlock (&room);
  gco_test_drain (t);
  caller_assert_granted (a, FINISH);
  unlock (&room);
  caller_end (a);
  room_end (&room);
}

static void
test_cancelled_before (GcoTest *t)
{
  Room    room = room_new (t);
  Caller *a = caller_new (t, "A");

  lock (&room);
  g_cancellable_cancel (a->cancellable);
  caller_asks (a, gco_async_wait_queue_wait_async, room.queue, room.mutex);
  g_assert_true (gco_async_mutex_is_locked (room.mutex));
  gco_test_drain (t);
  caller_assert_failed (a, FINISH, G_IO_ERROR_CANCELLED);
  unlock (&room);
  caller_end (a);
  room_end (&room);
}

/* ----------------------------------------------------------------- abandoned */

/* The mutex is unlocked, and the wake-up is the next one's: but not one of
 * restart_all(), for all who waited then have theirs. */
static void
test_not_fetched (GcoTest *t)
{
  for (int all = 0; all < 2; all++)
    {
      Room    room = room_new (t);
      Caller *a = caller_new (t, "A");
      Caller *b = caller_new (t, "B");

      wait_in (&room, a);
      if (all)
        gco_async_wait_queue_restart_all (room.queue);
      else
        g_assert_true (gco_async_wait_queue_next (room.queue));
      wait_in (&room, b);
      gco_test_drain (t);
      gco_test_assert_log (t, "A ");
      g_assert_true (gco_async_mutex_is_locked (room.mutex));
      caller_forgets (a);
      gco_test_drain (t);
      gco_test_assert_log (t, all ? "" : "B ");
      if (all)
        g_assert_true (gco_async_wait_queue_next (room.queue));
      gco_test_drain (t);
      caller_assert_granted (b, FINISH);
      unlock (&room);
      g_string_truncate (t->log, 0);
      caller_free (a);
      caller_end (b);
      room_end (&room);
    }
}

/* Cancelled, with the mutex locked again for it: nobody knows. */
static void
test_cancelled_not_fetched (GcoTest *t)
{
  Room    room = room_new (t);
  Caller *a = caller_new (t, "A");
  Caller *b = caller_new (t, "B");

  wait_in (&room, a);
  wait_in (&room, b);
  g_cancellable_cancel (a->cancellable);
  gco_test_drain (t);
  g_assert_true (gco_async_mutex_is_locked (room.mutex));
  caller_forgets (a);
  g_assert_false (gco_async_mutex_is_locked (room.mutex));
  gco_test_drain (t);
  g_assert_false (b->called);
  g_assert_true (gco_async_wait_queue_next (room.queue));
  gco_test_drain (t);
  caller_assert_granted (b, FINISH);
  unlock (&room);
  caller_free (a);
  caller_end (b);
  room_end (&room);
}

/* The same from the outset: it has never let go of the mutex. */
static void
test_cancelled_before_not_fetched (GcoTest *t)
{
  Room    room = room_new (t);
  Caller *a = caller_new (t, "A");

  g_cancellable_cancel (a->cancellable);
  lock (&room);
  caller_asks (a, gco_async_wait_queue_wait_async, room.queue, room.mutex);
  g_assert_true (gco_async_mutex_is_locked (room.mutex));
  gco_test_drain (t);
  caller_forgets (a);
  g_assert_false (gco_async_mutex_is_locked (room.mutex));
  caller_free (a);
  room_end (&room);
}

int
main (int   argc,
      char *argv[])
{
  gco_test_init (&argc, &argv);
  gco_test_add_source ("/async-wait-queue/next", test_next);
  gco_test_add_source ("/async-wait-queue/restart-all", test_restart_all);
  gco_test_add_source ("/async-wait-queue/not-missed", test_not_missed);
  gco_test_add_source ("/async-wait-queue/mutex-not-held", test_mutex_not_held);
  gco_test_add_source ("/async-wait-queue/cancelled", test_cancelled);
  gco_test_add_source ("/async-wait-queue/cancelled-after", test_cancelled_after);
  gco_test_add_source ("/async-wait-queue/cancelled-before", test_cancelled_before);
  gco_test_add_source ("/async-wait-queue/not-fetched", test_not_fetched);
  gco_test_add_source ("/async-wait-queue/cancelled-not-fetched", test_cancelled_not_fetched);
  gco_test_add_source ("/async-wait-queue/cancelled-before-not-fetched",
                       test_cancelled_before_not_fetched);
  return g_test_run ();
}
