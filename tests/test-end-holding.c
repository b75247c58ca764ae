/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A coroutine that ends with a lock would leave it to whoever gets its record. */

#include "gco-test.h"

static GcoMutex  mutex;
static GcoRwlock rwlock;

static void
hold_mutex (gpointer user_data)
{
  gco_mutex_lock (&mutex);
}

static void
hold_mutex_that_was_tried (gpointer user_data)
{
  g_assert_true (gco_mutex_trylock (&mutex));
}

static void
hold_write_lock (gpointer user_data)
{
  gco_rwlock_wrlock (&rwlock);
}

static void
hold_upgraded (gpointer user_data)
{
  gco_rwlock_rdlock (&rwlock);
  gco_rwlock_upgrade (&rwlock);
}

static void
hold_read_lock (gpointer user_data)
{
  gco_rwlock_rdlock (&rwlock);
}

static void
hold_read_lock_that_was_tried (gpointer user_data)
{
  g_assert_true (gco_rwlock_tryrdlock (&rwlock));
}

static void
hold_downgraded (gpointer user_data)
{
  gco_rwlock_wrlock (&rwlock);
  gco_rwlock_downgrade (&rwlock);
}

static void
write_for_a_while (gpointer user_data)
{
  gco_rwlock_wrlock (&rwlock);
  gco_test_pass ();
  gco_rwlock_unlock (&rwlock);
}

static void
read_for_a_while (gpointer user_data)
{
  gco_rwlock_rdlock (&rwlock);
  gco_test_pass ();
  gco_rwlock_unlock (&rwlock);
}

static void
unlock_unread (gpointer user_data)
{
  gco_rwlock_unlock (&rwlock);
}

static void
hold_for_a_while (gpointer user_data)
{
  gco_mutex_lock (&mutex);
  gco_test_pass ();
  gco_mutex_unlock (&mutex);
}

static void
end_holding (GcoTest         *t,
             GcoCoroutineFunc func)
{
  GcoCoroutine *bob = gco_coroutine_create_full ("bob", 0, func, NULL, NULL, NULL);

  gco_coroutine_schedule (bob, t->ctx);
  gco_test_drain (t);
}

static void
test_mutex (GcoTest *t)
{
  end_holding (t, hold_mutex);
}

static void
test_handed_over (GcoTest *t)
{
  gco_test_spawn (t, hold_for_a_while, NULL);
  end_holding (t, hold_mutex);
}

static void
test_trylock (GcoTest *t)
{
  end_holding (t, hold_mutex_that_was_tried);
}

static void
test_write_lock (GcoTest *t)
{
  end_holding (t, hold_write_lock);
}

static void
test_upgraded (GcoTest *t)
{
  end_holding (t, hold_upgraded);
}

static void
test_read_lock (GcoTest *t)
{
  end_holding (t, hold_read_lock);
}

static void
test_let_in (GcoTest *t)
{
  gco_test_spawn (t, write_for_a_while, NULL);
  end_holding (t, hold_read_lock);
}

static void
test_tryrdlock (GcoTest *t)
{
  end_holding (t, hold_read_lock_that_was_tried);
}

static void
test_downgraded (GcoTest *t)
{
  end_holding (t, hold_downgraded);
}

/* What another one reads. */
static void
test_unread (GcoTest *t)
{
  gco_test_spawn (t, read_for_a_while, NULL);
  end_holding (t, unlock_unread);
}

static void
give_all_back (gpointer user_data)
{
  gco_mutex_lock (&mutex);
  gco_mutex_unlock (&mutex);
  gco_rwlock_rdlock (&rwlock);
  gco_rwlock_upgrade (&rwlock);
  gco_rwlock_downgrade (&rwlock);
  gco_rwlock_unlock (&rwlock);
  gco_rwlock_wrlock (&rwlock);
  gco_rwlock_unlock (&rwlock);
}

static void
test_given_back (GcoTest *t)
{
  gco_test_run (t, give_all_back, NULL);
}

int
main (int    argc,
      char **argv)
{
  const char *message = "*libgco: coroutine bob*ended while it holds 1 mutexes*";
  const char *reads = "*libgco: coroutine bob*ended while it holds 0 mutexes*1 read locks*";

  gco_test_init (&argc, &argv);
  gco_test_add_abort ("/end-holding/mutex", test_mutex, message);
  gco_test_add_abort ("/end-holding/mutex/handed-over", test_handed_over, message);
  gco_test_add_abort ("/end-holding/mutex/trylock", test_trylock, message);
  gco_test_add_abort ("/end-holding/write-lock", test_write_lock, message);
  gco_test_add_abort ("/end-holding/write-lock/upgraded", test_upgraded, message);
  gco_test_add_abort ("/end-holding/read-lock", test_read_lock, reads);
  gco_test_add_abort ("/end-holding/read-lock/let-in", test_let_in, reads);
  gco_test_add_abort ("/end-holding/read-lock/tried", test_tryrdlock, reads);
  gco_test_add_abort ("/end-holding/read-lock/downgraded", test_downgraded, reads);
  gco_test_add_abort ("/end-holding/read-lock/of-another",
                      test_unread,
                      "*gco_rwlock_unlock: GcoRwlock*not held by coroutine bob*");
  gco_test_add ("/end-holding/given-back", test_given_back);
  return g_test_run ();
}
