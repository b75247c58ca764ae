/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Shutting a context down while its coroutines wait in locks: waits that can
 * fail do, the others are taken out of their locks, named and left behind. */

#include "gco-test.h"

typedef union
{
  GcoMutex  mutex;
  GcoRwlock rwlock;
  GcoQueue  queue;
  GcoSleep  sleep;
} AnyLock;

typedef struct
{
  const char *name;
  void (*hold) (AnyLock *lock); /* by a coroutine of another context */
  gboolean (*wait) (AnyLock *lock,
                    GError **error);
  void (*wait_plainly) (AnyLock *lock);
  const char *waits_for;
} Kind;

typedef struct
{
  const Kind *kind;
  AnyLock     lock;
  int         n_failed;
  int         n_unwound;
} Data;

/* -------------------------------------------------------------------- kinds */

static void
lock_mutex (AnyLock *lock)
{
  gco_mutex_lock (&lock->mutex);
}

static gboolean
lock_mutex_cancellable (AnyLock *lock,
                        GError **error)
{
  return gco_mutex_lock_cancellable (&lock->mutex, NULL, error);
}

static void
rdlock (AnyLock *lock)
{
  gco_rwlock_rdlock (&lock->rwlock);
}

static gboolean
rdlock_cancellable (AnyLock *lock,
                    GError **error)
{
  return gco_rwlock_rdlock_cancellable (&lock->rwlock, NULL, error);
}

static void
wrlock (AnyLock *lock)
{
  gco_rwlock_wrlock (&lock->rwlock);
}

static gboolean
wrlock_cancellable (AnyLock *lock,
                    GError **error)
{
  return gco_rwlock_wrlock_cancellable (&lock->rwlock, NULL, error);
}

static void
hold_nothing (AnyLock *lock)
{
}

static void
wait_in_queue (AnyLock *lock)
{
  gco_queue_wait (&lock->queue, NULL);
}

static gboolean
wait_in_queue_cancellable (AnyLock *lock,
                           GError **error)
{
  return gco_queue_wait_cancellable (&lock->queue, NULL, NULL, error);
}

static void
sleep_for_ever (AnyLock *lock)
{
  gco_sleep_wait_ns (&lock->sleep, NULL, -1);
}

static gboolean
sleep_for_ever_cancellable (AnyLock *lock,
                            GError **error)
{
  return gco_sleep_wait_ns_cancellable (&lock->sleep, NULL, -1, NULL, error);
}

static void
sleep_long (AnyLock *lock)
{
  gco_sleep_ns (NULL, G_MAXINT64);
}

static gboolean
sleep_long_cancellable (AnyLock *lock,
                        GError **error)
{
  return gco_sleep_ns_cancellable (NULL, G_MAXINT64, NULL, error);
}

static const Kind kinds[] = {
  { "mutex", lock_mutex, lock_mutex_cancellable, lock_mutex, "a GcoMutex" },
  { "rdlock", wrlock, rdlock_cancellable, rdlock, "a GcoRwlock to read" },
  { "wrlock", rdlock, wrlock_cancellable, wrlock, "a GcoRwlock to write" },
  { "queue", hold_nothing, wait_in_queue_cancellable, wait_in_queue, "a GcoQueue" },
  { "sleep", hold_nothing, sleep_long_cancellable, sleep_long, "a sleep" },
  { "GcoSleep", hold_nothing, sleep_for_ever_cancellable, sleep_for_ever, "a GcoSleep" },
};

/* ------------------------------------------------------------------ a context */

/* One a round: what was shut down stays so. */
typedef struct
{
  GcoTest       *t;
  GcoAioContext *ctx;
  guint          source_id;
  GcoAioContext *elsewhere; /* another, which goes on */
  GcoCoroutine  *holder;
} Round;

/* In a coroutine elsewhere. */
static void
hold (gpointer user_data)
{
  Data *data = user_data;

  data->kind->hold (&data->lock);
  gco_coroutine_yield ();
  if (data->kind->hold == lock_mutex)
    gco_mutex_unlock (&data->lock.mutex);
  else if (data->kind->hold != hold_nothing)
    gco_rwlock_unlock (&data->lock.rwlock);
}

static void
round_begin (Round   *round,
             GcoTest *t,
             Data    *data)
{
  *round = (Round){ t, gco_aio_context_new (), 0, gco_aio_context_new (), NULL };
  if (t->main_context != NULL)
    round->source_id = gco_aio_context_attach (round->ctx, t->main_context);
  round->holder = gco_spawn (round->elsewhere, hold, data, NULL);
  gco_aio_context_poll (round->elsewhere, FALSE);
}

static void
round_settle (Round *round)
{
  gco_test_drain (round->t);
  if (round->t->main_context == NULL)
    while (gco_aio_context_poll (round->ctx, FALSE))
      ;
}

static void
round_spawn (Round           *round,
             GcoCoroutineFunc func,
             Data            *data)
{
  g_assert_nonnull (gco_spawn (round->ctx, func, data, NULL));
  round_settle (round);
}

/* The lock is given back, and nobody is left in it. */
static void
round_end (Round *round,
           Data  *data)
{
  static const AnyLock unused;
  GSource             *source;

  gco_coroutine_wake (round->holder);
  gco_aio_context_poll (round->elsewhere, FALSE);
  g_assert_cmpmem (&data->lock, sizeof data->lock, &unused, sizeof unused);
  round_settle (round);
  if (round->source_id != 0)
    {
      source = g_main_context_find_source_by_id (round->t->main_context,
                                                 round->source_id);
      g_source_destroy (source);
    }
  g_assert_finalize_object (round->ctx);
  g_assert_finalize_object (round->elsewhere);
}

/* ------------------------------------------------------------- waits that fail */

static void
count_unwound (Data **data)
{
  (*data)->n_unwound++;
}

static void
wait_to_fail (gpointer user_data)
{
  __attribute__ ((cleanup (count_unwound))) Data *data = user_data;
  g_autoptr (GError) error = NULL;

  g_assert_false (data->kind->wait (&data->lock, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  data->n_failed++;
  /* from now on they all do, without waiting */
  g_clear_error (&error);
  g_assert_false (data->kind->wait (&data->lock, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static void
test_fail (GcoTest *t)
{
  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      Data  data = { .kind = &kinds[i] };
      Round round;
      /* a GcoSleep is for one */
      int n_waiters = kinds[i].wait_plainly == sleep_for_ever ? 1 : 3;

      g_test_message ("%s", kinds[i].name);
      round_begin (&round, t, &data);
      for (int k = 0; k < n_waiters; k++)
        round_spawn (&round, wait_to_fail, &data);
      g_assert_cmpint (data.n_failed, ==, 0);
      gco_aio_context_shutdown (round.ctx);
      g_assert_cmpint (data.n_failed, ==, n_waiters);
      g_assert_cmpint (data.n_unwound, ==, n_waiters);
      round_end (&round, &data);
    }
}

/* ------------------------------------------------------- waits that cannot fail */

static void
wait_for_good (gpointer user_data)
{
  Data *data = user_data;

  gco_coroutine_set_name (gco_coroutine_self (), "patience");
  data->kind->wait_plainly (&data->lock);
  g_assert_not_reached ();
}

static void
test_left_behind (GcoTest *t)
{
  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      g_autofree char *pattern = g_strdup_printf ("*patience*abandoned*waits for %s*",
                                                  kinds[i].waits_for);
      Data             data = { .kind = &kinds[i] };
      Round            round;
      int              n_waiters = kinds[i].wait_plainly == sleep_for_ever ? 1 : 2;

      g_test_message ("%s", kinds[i].name);
      round_begin (&round, t, &data);
      for (int k = 0; k < n_waiters; k++)
        {
          round_spawn (&round, wait_for_good, &data);
          g_test_expect_message ("Gco", G_LOG_LEVEL_WARNING, pattern);
        }
      gco_aio_context_shutdown (round.ctx);
      g_test_assert_expected_messages ();
      round_end (&round, &data);
    }
}

/* Both in one lock: those that fail leave, and none of them takes another's. */
static void
test_mixed (GcoTest *t)
{
  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      Data  data = { .kind = &kinds[i] };
      Round round;

      if (kinds[i].wait_plainly == sleep_for_ever)
        continue;
      round_begin (&round, t, &data);
      round_spawn (&round, wait_to_fail, &data);
      round_spawn (&round, wait_for_good, &data);
      round_spawn (&round, wait_to_fail, &data);
      g_test_expect_message ("Gco", G_LOG_LEVEL_WARNING, "*patience*abandoned*");
      gco_aio_context_shutdown (round.ctx);
      g_test_assert_expected_messages ();
      g_assert_cmpint (data.n_unwound, ==, 2);
      round_end (&round, &data);
    }
}

/* ----------------------------------------------------------------- unwinding */

typedef struct
{
  GcoMutex mutex;
  GcoQueue queue;
  GString *log;
} House;

static void
wait_inside (gpointer user_data)
{
  House *house = user_data;

  GCO_MUTEX_AUTO_LOCK (&house->mutex, locker);
  g_assert_false (gco_queue_wait_cancellable (&house->queue, NULL, NULL, NULL));
  g_string_append (house->log, "inside ");
}

static void
wait_at_the_door (gpointer user_data)
{
  House *house = user_data;

  gco_mutex_lock (&house->mutex);
  g_string_append (house->log, "door ");
  gco_mutex_unlock (&house->mutex);
}

/* Its frame unwinds, and so one that could not fail gets what it waits for. */
static void
test_unwinding_unlocks (GcoTest *t)
{
  House house = { .log = t->log };

  gco_test_spawn (t, wait_inside, &house);
  gco_test_spawn (t, wait_at_the_door, &house);
  gco_test_drain (t);
  gco_aio_context_shutdown (t->ctx);
  gco_test_assert_log (t, "inside door ");
}

static void
wait_with_mutex (gpointer user_data)
{
  House *house = user_data;

  gco_mutex_lock (&house->mutex);
  g_assert_false (gco_queue_wait_cancellable (&house->queue, &house->mutex, NULL, NULL));
  /* taken again, in a context that is shut down just the same */
  g_assert_false (gco_mutex_trylock (&house->mutex));
  gco_mutex_unlock (&house->mutex);
  g_string_append (house->log, "out ");
}

static void
test_mutex_retaken (GcoTest *t)
{
  House house = { .log = t->log };

  for (int i = 0; i < 3; i++)
    gco_test_spawn (t, wait_with_mutex, &house);
  gco_test_drain (t);
  gco_aio_context_shutdown (t->ctx);
  gco_test_assert_log (t, "out out out ");
}

static void
wait_granted (gpointer user_data)
{
  House *house = user_data;

  g_assert_true (gco_queue_wait_cancellable (&house->queue, NULL, NULL, NULL));
  g_string_append (house->log, "granted ");
}

/* What was granted before the shutdown stays granted. */
static void
test_granted (GcoTest *t)
{
  House house = { .log = t->log };

  gco_test_spawn (t, wait_granted, &house);
  gco_test_drain (t);
  gco_queue_next (&house.queue);
  gco_aio_context_shutdown (t->ctx);
  gco_test_assert_log (t, "granted ");
}

int
main (int   argc,
      char *argv[])
{
  gco_test_init (&argc, &argv);
  gco_test_add ("/lock-teardown/fail", test_fail);
  gco_test_add ("/lock-teardown/left-behind", test_left_behind);
  gco_test_add ("/lock-teardown/mixed", test_mixed);
  gco_test_add ("/lock-teardown/unwinding-unlocks", test_unwinding_unlocks);
  gco_test_add ("/lock-teardown/mutex-retaken", test_mutex_retaken);
  gco_test_add ("/lock-teardown/granted", test_granted);
  return g_test_run ();
}
