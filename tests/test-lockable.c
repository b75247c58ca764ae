/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* GCO_LOCKABLE: a queue waits with a GcoMutex, a GMutex or nothing. */

#include "gco-test-actor.h"

typedef struct
{
  GcoQueue          queue;
  GcoMutex          mutex;
  GMutex            thread_mutex;
  GcoQueueWaitFlags flags;
  gboolean          ready; /* (thread_mutex) */
} Place;

static gboolean
do_wait_with_mutex (Actor   *self,
                    gpointer lock)
{
  Place   *place = lock;
  gboolean granted;

  gco_mutex_lock (&place->mutex);
  granted = gco_queue_wait_full (&place->queue,
                                 GCO_LOCKABLE (&place->mutex),
                                 place->flags,
                                 self->cancellable,
                                 &self->error);
  g_assert_false (gco_mutex_trylock (&place->mutex));
  gco_mutex_unlock (&place->mutex);
  return granted;
}

static gboolean
do_wait_with_thread_mutex (Actor   *self,
                           gpointer lock)
{
  Place   *place = lock;
  gboolean granted;

  g_mutex_lock (&place->thread_mutex);
  granted = gco_queue_wait_full (&place->queue,
                                 GCO_LOCKABLE (&place->thread_mutex),
                                 place->flags,
                                 self->cancellable,
                                 &self->error);
  g_assert_false (g_mutex_trylock (&place->thread_mutex));
  g_mutex_unlock (&place->thread_mutex);
  return granted;
}

static gboolean
do_wait_with_nothing (Actor   *self,
                      gpointer lock)
{
  Place *place = lock;

  return gco_queue_wait_full (&place->queue,
                              GCO_LOCKABLE (NULL),
                              place->flags,
                              self->cancellable,
                              &self->error);
}

static const ActorOp ops[] = {
  do_wait_with_mutex,
  do_wait_with_thread_mutex,
  do_wait_with_nothing,
};

static void
check_free (Place *place,
            Actor *actor)
{
  g_assert_true (g_mutex_trylock (&place->thread_mutex));
  g_mutex_unlock (&place->thread_mutex);
  actor_do (actor, do_trylock, &place->mutex);
  g_assert_true (actor->result);
  actor_do (actor, do_unlock, &place->mutex);
}

static void
test_released_meanwhile (GcoTest *t)
{
  Actor *a = actor_new (t, "A");
  Actor *b = actor_new (t, "B");
  Actor *other = actor_new (t, "other");

  for (gsize i = 0; i < G_N_ELEMENTS (ops); i++)
    {
      Place place = { 0 };

      actor_do (a, ops[i], &place);
      place.flags = GCO_QUEUE_WAIT_INSERT_HEAD;
      actor_do (b, ops[i], &place);
      assert_waits (a);
      assert_waits (b);
      check_free (&place, other);
      g_string_truncate (t->log, 0);
      gco_queue_restart_all (&place.queue);
      gco_test_drain (t);
      actor_assert_succeeded (a);
      actor_assert_succeeded (b);
      gco_test_assert_log (t, "B A ");
      check_free (&place, other);
    }
  actors_end (a, b, other);
}

static void
test_retaken_when_cancelled (GcoTest *t)
{
  for (gsize i = 0; i < G_N_ELEMENTS (ops); i++)
    {
      Place  place = { 0 };
      Actor *a = actor_new (t, "A");
      Actor *other = actor_new (t, "other");

      actor_do (a, ops[i], &place);
      g_cancellable_cancel (a->cancellable);
      assert_waits (a);
      gco_test_drain (t);
      actor_assert_cancelled (a);
      /* cancelled before: it is held afterwards just the same */
      actor_do (a, ops[i], &place);
      actor_assert_cancelled (a);
      check_free (&place, other);
      g_assert_true (gco_queue_is_empty (&place.queue));
      actors_end (a, other);
    }
}

/* ------------------------------------------------- a thread tells a coroutine */

static void
consume (gpointer user_data)
{
  Place *place = user_data;

  g_mutex_lock (&place->thread_mutex);
  while (!place->ready)
    gco_queue_wait_full (&place->queue,
                         GCO_LOCKABLE (&place->thread_mutex),
                         GCO_QUEUE_WAIT_DEFAULT,
                         NULL,
                         NULL);
  place->ready = FALSE;
  g_mutex_unlock (&place->thread_mutex);
}

static gpointer
produce (gpointer user_data)
{
  Place *place = user_data;

  g_mutex_lock (&place->thread_mutex);
  place->ready = TRUE;
  gco_queue_next (&place->queue);
  g_mutex_unlock (&place->thread_mutex);
  return NULL;
}

/* Whichever comes first: the wake is not lost. */
static void
test_thread_produces (GcoTest *t)
{
  Place place = { 0 };

  for (int i = 0; i < 200; i++)
    {
      GThread *thread = g_thread_new ("producer", produce, &place);

      gco_test_run (t, consume, &place);
      g_thread_join (thread);
      g_assert_false (place.ready);
    }
}

static void
test_values (void)
{
  GcoMutex    mutex = { 0 };
  GMutex      thread_mutex = { 0 };
  GcoLockable lockable = GCO_LOCKABLE (&mutex);

  g_assert_true (lockable.lock == &mutex);
  lockable = GCO_LOCKABLE (&thread_mutex);
  g_assert_true (lockable.lock == &thread_mutex);
  lockable = GCO_LOCKABLE (NULL);
  g_assert_null (lockable.lock);
  /* no mutex is no mutex, of whatever kind */
  lockable = GCO_LOCKABLE ((GcoMutex *) NULL);
  g_assert_null (lockable.lock);
}

int
main (int   argc,
      char *argv[])
{
  gco_test_init (&argc, &argv);
  g_test_add_func ("/lockable/values", test_values);
  gco_test_add ("/lockable/released-meanwhile", test_released_meanwhile);
  gco_test_add ("/lockable/retaken-when-cancelled", test_retaken_when_cancelled);
  gco_test_add ("/lockable/thread-produces", test_thread_produces);
  return g_test_run ();
}
