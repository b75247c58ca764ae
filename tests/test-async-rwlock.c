/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* GcoAsyncRwlock: readers and writers that call back, in line with coroutines. */

#include "gco-test-actor.h"
#include "gco-test-face.h"

#define RD gco_async_rwlock_rdlock_finish
#define WR gco_async_rwlock_wrlock_finish
#define UP gco_async_rwlock_upgrade_finish

static void
rdlock (Caller         *caller,
        GcoAsyncRwlock *rwlock)
{
  caller_asks (caller, gco_async_rwlock_rdlock_async, rwlock);
}

static void
wrlock (Caller         *caller,
        GcoAsyncRwlock *rwlock)
{
  caller_asks (caller, gco_async_rwlock_wrlock_async, rwlock);
}

static void
upgrade (Caller         *caller,
         GcoAsyncRwlock *rwlock)
{
  caller_asks (caller, gco_async_rwlock_upgrade_async, rwlock);
}

static void
unlock (GcoAsyncRwlock *rwlock)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (gco_async_rwlock_unlock (rwlock, &error));
  g_assert_no_error (error);
}

static void
end_unlocked (GcoAsyncRwlock *rwlock)
{
  g_assert_true (gco_async_rwlock_trywrlock (rwlock));
  unlock (rwlock);
  assert_permission_denied (gco_async_rwlock_unlock (rwlock, error));
  g_assert_finalize_object (rwlock);
}

static GcoRwlock *
inner_of (GcoAsyncRwlock *rwlock)
{
  return gco_async_rwlock_get_rwlock (rwlock);
}

/* --------------------------------------------------------------------- order */

static void
test_try (GcoTest *t)
{
  GcoAsyncRwlock *rwlock = gco_async_rwlock_new ();

  g_assert_true (gco_async_rwlock_tryrdlock (rwlock));
  g_assert_true (gco_async_rwlock_tryrdlock (rwlock));
  g_assert_false (gco_async_rwlock_trywrlock (rwlock));
  unlock (rwlock);
  g_assert_false (gco_async_rwlock_trywrlock (rwlock));
  unlock (rwlock);
  g_assert_true (gco_async_rwlock_trywrlock (rwlock));
  g_assert_false (gco_async_rwlock_tryrdlock (rwlock));
  unlock (rwlock);
  end_unlocked (rwlock);
}

/* Readers together; a writer gets in ahead of readers that came later. */
static void
test_order (GcoTest *t)
{
  GcoAsyncRwlock *rwlock = gco_async_rwlock_new ();
  Caller         *a = caller_new (t, "A");
  Actor          *b = actor_new (t, "b");
  Caller         *c = caller_new (t, "C");
  Caller         *d = caller_new (t, "D");
  Actor          *e = actor_new (t, "e");

  rdlock (a, rwlock);
  actor_do (b, do_rdlock, inner_of (rwlock));
  gco_test_assert_log (t, "b A ");
  caller_assert_granted (a, RD);
  wrlock (c, rwlock);
  rdlock (d, rwlock);
  actor_do (e, do_rdlock, inner_of (rwlock));
  g_assert_false (gco_async_rwlock_tryrdlock (rwlock));
  gco_test_assert_log (t, "");

  unlock (rwlock);
  gco_test_drain (t);
  gco_test_assert_log (t, "");
  actor_do (b, do_rwunlock, inner_of (rwlock));
  gco_test_assert_log (t, "b C ");
  caller_assert_granted (c, WR);
  unlock (rwlock);
  gco_test_drain (t);
  caller_assert_granted (d, RD);
  assert_done (e);
  unlock (rwlock);
  actor_do (e, do_rwunlock, inner_of (rwlock));
  callers_end (a, c, d);
  actors_end (b, e);
  end_unlocked (rwlock);
}

/* A writer that leaves stands in nobody's way. */
static void
test_cancelled_writer (GcoTest *t)
{
  GcoAsyncRwlock *rwlock = gco_async_rwlock_new ();
  Caller         *a = caller_new (t, "A");
  Caller         *b = caller_new (t, "B");

  g_assert_true (gco_async_rwlock_tryrdlock (rwlock));
  wrlock (a, rwlock);
  rdlock (b, rwlock);
  g_cancellable_cancel (a->cancellable);
  gco_test_drain (t);
  caller_assert_failed (a, WR, G_IO_ERROR_CANCELLED);
  caller_assert_granted (b, RD);
  unlock (rwlock);
  unlock (rwlock);
  callers_end (a, b);
  end_unlocked (rwlock);
}

/* -------------------------------------------------------------------- misuse */

/* What one kind holds, the other cannot let go. */
static void
test_kinds (GcoTest *t)
{
  GcoAsyncRwlock *rwlock = gco_async_rwlock_new ();
  Actor          *a = actor_new (t, "a");

  assert_permission_denied (gco_async_rwlock_downgrade (rwlock, error));
  actor_do (a, do_rdlock, inner_of (rwlock));
  assert_permission_denied (gco_async_rwlock_unlock (rwlock, error));
  g_assert_true (gco_async_rwlock_tryrdlock (rwlock));
  assert_permission_denied (gco_async_rwlock_downgrade (rwlock, error));
  unlock (rwlock);
  assert_permission_denied (gco_async_rwlock_unlock (rwlock, error));
  actor_do (a, do_rwunlock, inner_of (rwlock));
  actor_do (a, do_wrlock, inner_of (rwlock));
  assert_permission_denied (gco_async_rwlock_unlock (rwlock, error));
  assert_permission_denied (gco_async_rwlock_downgrade (rwlock, error));
  actor_do (a, do_rwunlock, inner_of (rwlock));
  actor_end (a);
  end_unlocked (rwlock);
}

static void
test_coroutine_unlocks_readers (GcoTest *t)
{
  GcoAsyncRwlock *rwlock = gco_async_rwlock_new ();
  Actor          *a = actor_new (t, "a");

  g_assert_true (gco_async_rwlock_tryrdlock (rwlock));
  actor_do (a, do_rwunlock, inner_of (rwlock));
}

static void
test_coroutine_unlocks_writers (GcoTest *t)
{
  GcoAsyncRwlock *rwlock = gco_async_rwlock_new ();
  Actor          *a = actor_new (t, "a");

  g_assert_true (gco_async_rwlock_trywrlock (rwlock));
  actor_do (a, do_rwunlock, inner_of (rwlock));
}

static void
test_upgrade_nothing (GcoTest *t)
{
  GcoAsyncRwlock *rwlock = gco_async_rwlock_new ();
  Caller         *a = caller_new (t, "A");
  Caller         *b = caller_new (t, "B");

  upgrade (a, rwlock);
  g_assert_true (gco_async_rwlock_trywrlock (rwlock));
  upgrade (b, rwlock);
  gco_test_drain (t);
  caller_assert_failed (a, UP, G_IO_ERROR_PERMISSION_DENIED);
  caller_assert_failed (b, UP, G_IO_ERROR_PERMISSION_DENIED);
  unlock (rwlock);
  callers_end (a, b);
  end_unlocked (rwlock);
}

/* ----------------------------------------------------------- upgrade, downgrade */

static void
test_upgrade_alone (GcoTest *t)
{
  GcoAsyncRwlock *rwlock = gco_async_rwlock_new ();
  Caller         *a = caller_new (t, "A");

  g_assert_true (gco_async_rwlock_tryrdlock (rwlock));
  upgrade (a, rwlock);
  g_assert_false (gco_async_rwlock_tryrdlock (rwlock));
  gco_test_drain (t);
  caller_assert_granted (a, UP);
  g_assert_true (gco_async_rwlock_downgrade (rwlock, NULL));
  g_assert_true (gco_async_rwlock_tryrdlock (rwlock));
  unlock (rwlock);
  unlock (rwlock);
  caller_end (a);
  end_unlocked (rwlock);
}

/* Behind those who wait, and with other readers gone. */
static void
test_upgrade_contended (GcoTest *t)
{
  GcoAsyncRwlock *rwlock = gco_async_rwlock_new ();
  Caller         *a = caller_new (t, "A");
  Caller         *w = caller_new (t, "W");
  Actor          *r = actor_new (t, "r");

  g_assert_true (gco_async_rwlock_tryrdlock (rwlock));
  actor_do (r, do_rdlock, inner_of (rwlock));
  wrlock (w, rwlock);
  upgrade (a, rwlock);
  gco_test_drain (t);
  g_assert_false (w->called || a->called);
  actor_do (r, do_rwunlock, inner_of (rwlock));
  caller_assert_granted (w, WR);
  g_assert_false (a->called);
  unlock (rwlock);
  gco_test_drain (t);
  caller_assert_granted (a, UP);
  unlock (rwlock);
  callers_end (a, w);
  actor_end (r);
  end_unlocked (rwlock);
}

/* A reader again: for that it waits, whoever cancels. */
static void
test_upgrade_cancelled (GcoTest *t)
{
  for (int fetched = 0; fetched < 2; fetched++)
    {
      GcoAsyncRwlock *rwlock = gco_async_rwlock_new ();
      Caller         *a = caller_new (t, NULL);
      Caller         *w = caller_new (t, NULL);

      g_assert_true (gco_async_rwlock_tryrdlock (rwlock));
      wrlock (w, rwlock);
      upgrade (a, rwlock);
      g_cancellable_cancel (a->cancellable);
      gco_test_drain (t);
      caller_assert_granted (w, WR);
      g_assert_false (a->called);
      unlock (rwlock);
      gco_test_drain (t);
      g_assert_false (gco_async_rwlock_trywrlock (rwlock));
      if (fetched)
        {
          caller_assert_failed (a, UP, G_IO_ERROR_CANCELLED);
          g_assert_false (gco_async_rwlock_trywrlock (rwlock));
          unlock (rwlock);
          caller_end (a);
        }
      else
        {
          caller_forgets (a);
          caller_free (a);
        }
      caller_end (w);
      end_unlocked (rwlock);
    }
}

/* Cancelled before it was asked for: it never let go, and still reads if it asks. */
static void
test_upgrade_cancelled_before (GcoTest *t)
{
  for (int fetched = 0; fetched <= 1; fetched++)
    {
      GcoAsyncRwlock *rwlock = gco_async_rwlock_new ();
      Caller         *a = caller_new (t, "A");

      g_assert_true (gco_async_rwlock_tryrdlock (rwlock));
      g_cancellable_cancel (a->cancellable);
      upgrade (a, rwlock);
      gco_test_drain (t);
      g_assert_false (gco_async_rwlock_trywrlock (rwlock));
      if (fetched)
        {
          caller_assert_failed (a, UP, G_IO_ERROR_CANCELLED);
          unlock (rwlock);
          caller_end (a);
        }
      else
        {
          caller_forgets (a);
          caller_free (a);
        }
      end_unlocked (rwlock);
    }
}

/* Those in front of the next writer come in with it. */
static void
test_downgrade (GcoTest *t)
{
  GcoAsyncRwlock *rwlock = gco_async_rwlock_new ();
  Caller         *a = caller_new (t, "A");
  Actor          *b = actor_new (t, "b");
  Caller         *w = caller_new (t, "W");
  Caller         *c = caller_new (t, "C");

  g_assert_true (gco_async_rwlock_trywrlock (rwlock));
  rdlock (a, rwlock);
  actor_do (b, do_rdlock, inner_of (rwlock));
  wrlock (w, rwlock);
  rdlock (c, rwlock);
  g_assert_true (gco_async_rwlock_downgrade (rwlock, NULL));
  gco_test_drain (t);
  caller_assert_granted (a, RD);
  assert_done (b);
  g_assert_false (w->called || c->called);
  unlock (rwlock);
  unlock (rwlock);
  actor_do (b, do_rwunlock, inner_of (rwlock));
  caller_assert_granted (w, WR);
  unlock (rwlock);
  gco_test_drain (t);
  caller_assert_granted (c, RD);
  unlock (rwlock);
  callers_end (a, w, c);
  actor_end (b);
  end_unlocked (rwlock);
}

/* ----------------------------------------------------------------- abandoned */

static void
test_not_fetched (GcoTest *t)
{
  GcoAsyncRwlock *rwlock = gco_async_rwlock_new ();
  Caller         *a = caller_new (t, "A");
  Caller         *b = caller_new (t, "B");
  Actor          *c = actor_new (t, "c");

  wrlock (a, rwlock);
  rdlock (b, rwlock);
  gco_async_rwlock_rdlock_async (rwlock, NULL, NULL, NULL);
  gco_async_rwlock_wrlock_async (rwlock, NULL, NULL, NULL);
  actor_do (c, do_wrlock, inner_of (rwlock));
  gco_test_assert_log (t, "A ");
  caller_forgets (a);
  gco_test_drain (t);
  gco_test_assert_log (t, "B ");
  caller_forgets (b);
  gco_test_drain (t);
  gco_test_assert_log (t, "c ");
  actor_do (c, do_rwunlock, inner_of (rwlock));
  caller_free (a);
  caller_free (b);
  actor_end (c);
  end_unlocked (rwlock);
}

int
main (int   argc,
      char *argv[])
{
  gco_test_init (&argc, &argv);
  gco_test_add_source ("/async-rwlock/try", test_try);
  gco_test_add_source ("/async-rwlock/order", test_order);
  gco_test_add_source ("/async-rwlock/cancelled-writer", test_cancelled_writer);
  gco_test_add_source ("/async-rwlock/kinds", test_kinds);
  gco_test_add_abort ("/async-rwlock/coroutine-unlocks-readers",
                      test_coroutine_unlocks_readers,
                      "*not held by coroutine a*");
  gco_test_add_abort ("/async-rwlock/coroutine-unlocks-writers",
                      test_coroutine_unlocks_writers,
                      "*not held by coroutine a*its writer is an asynchronous caller*");
  gco_test_add_source ("/async-rwlock/upgrade-nothing", test_upgrade_nothing);
  gco_test_add_source ("/async-rwlock/upgrade-alone", test_upgrade_alone);
  gco_test_add_source ("/async-rwlock/upgrade-contended", test_upgrade_contended);
  gco_test_add_source ("/async-rwlock/upgrade-cancelled", test_upgrade_cancelled);
  gco_test_add_source ("/async-rwlock/upgrade-cancelled-before", test_upgrade_cancelled_before);
  gco_test_add_source ("/async-rwlock/downgrade", test_downgrade);
  gco_test_add_source ("/async-rwlock/not-fetched", test_not_fetched);
  return g_test_run ();
}
