/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* GcoRwlock: who shares it, who waits for whom, and what upgrade and downgrade
 * mean for those who wait. */

#include "gco-test-actor.h"

#include <string.h>

static void
test_size (void)
{
  g_assert_cmpuint (sizeof (GcoRwlock), ==, 8 * sizeof (gpointer));
}

static void
test_zero_filled (GcoTest *t)
{
  GcoRwlock zero;
  GcoRwlock made;
  Actor    *a = actor_new (t, "A");
  Actor    *b = actor_new (t, "B");

  memset (&zero, 0, sizeof zero);
  memset (&made, 0xff, sizeof made);
  gco_rwlock_init (&made);
  g_assert_cmpmem (&zero, sizeof zero, &made, sizeof made);

  actor_do (a, do_wrlock, &zero);
  actor_do (b, do_rdlock, &zero);
  assert_done (a);
  assert_waits (b);
  actor_do (a, do_rwunlock, &zero);
  assert_done (b);
  actor_do (b, do_rwunlock, &zero);
  g_assert_cmpmem (&zero, sizeof zero, &made, sizeof made);
  actors_end (a, b);
}

/* --------------------------------------------------------- readers, writers */

/* Nobody holds it: a writer gets it at once. */
static void
check_free (Actor     *actor,
            GcoRwlock *rwlock)
{
  actor_do (actor, do_trywrlock, rwlock);
  g_assert_true (actor->result);
  actor_do (actor, do_rwunlock, rwlock);
}

static void
test_readers_share (GcoTest *t)
{
  GcoRwlock rwlock = { 0 };
  Actor    *a = actor_new (t, "A");
  Actor    *b = actor_new (t, "B");
  Actor    *w = actor_new (t, "W");

  actor_do (a, do_rdlock, &rwlock);
  actor_do (b, do_rdlock, &rwlock);
  assert_done (b);
  actor_do (w, do_wrlock, &rwlock);
  actor_do (a, do_rwunlock, &rwlock);
  assert_waits (w);
  actor_do (b, do_rwunlock, &rwlock);
  assert_done (w);
  actor_do (a, do_rdlock, &rwlock);
  assert_waits (a);
  actor_do (w, do_rwunlock, &rwlock);
  assert_done (a);
  actor_do (a, do_rwunlock, &rwlock);
  check_free (w, &rwlock);
  actors_end (a, b, w);
}

/* Of one coroutine, as often as it likes, as long as nobody queues. */
static void
test_reader_twice (GcoTest *t)
{
  GcoRwlock rwlock = { 0 };
  Actor    *a = actor_new (t, "A");
  Actor    *w = actor_new (t, "W");

  actor_do (a, do_rdlock, &rwlock);
  actor_do (a, do_rdlock, &rwlock);
  assert_done (a);
  actor_do (w, do_wrlock, &rwlock);
  actor_do (a, do_rwunlock, &rwlock);
  assert_waits (w);
  actor_do (a, do_rwunlock, &rwlock);
  assert_done (w);
  actor_do (w, do_rwunlock, &rwlock);
  actors_end (a, w);
}

/* Arrival: R1 W1 R2 R3 W2 R4. */
static void
test_fifo (GcoTest *t)
{
  GcoRwlock rwlock = { 0 };
  Actor    *r1 = actor_new (t, "R1");
  Actor    *r2 = actor_new (t, "R2");
  Actor    *r3 = actor_new (t, "R3");
  Actor    *r4 = actor_new (t, "R4");
  Actor    *w1 = actor_new (t, "W1");
  Actor    *w2 = actor_new (t, "W2");

  actor_do (r1, do_rdlock, &rwlock);
  actor_do (w1, do_wrlock, &rwlock);
  /* fairness: a reader behind a writer waits, though only readers hold it */
  actor_do (r2, do_rdlock, &rwlock);
  actor_do (r3, do_rdlock, &rwlock);
  actor_do (w2, do_wrlock, &rwlock);
  actor_do (r4, do_rdlock, &rwlock);
  gco_test_assert_log (t, "R1 ");

  actor_do (r1, do_rwunlock, &rwlock);
  gco_test_assert_log (t, "R1 W1 ");
  actor_do (w1, do_rwunlock, &rwlock);
  gco_test_assert_log (t, "W1 R2 R3 ");
  actor_do (r2, do_rwunlock, &rwlock);
  gco_test_assert_log (t, "R2 ");
  actor_do (r3, do_rwunlock, &rwlock);
  gco_test_assert_log (t, "R3 W2 ");
  actor_do (w2, do_rwunlock, &rwlock);
  gco_test_assert_log (t, "W2 R4 ");
  actor_do (r4, do_rwunlock, &rwlock);
  check_free (w1, &rwlock);
  actors_end (r1, r2, r3, r4, w1, w2);
}

static gboolean
do_rwunlock_and_lock_again (Actor   *self,
                            gpointer rwlock)
{
  gco_rwlock_unlock (rwlock);
  g_assert_false (gco_rwlock_trywrlock (rwlock));
  gco_test_log (self->t, "unlocked ");
  gco_rwlock_wrlock (rwlock);
  return TRUE;
}

static void
test_no_barging (GcoTest *t)
{
  GcoRwlock rwlock = { 0 };
  Actor    *a = actor_new (t, "A");
  Actor    *r = actor_new (t, "R");

  actor_do (a, do_wrlock, &rwlock);
  actor_do (r, do_rdlock, &rwlock);
  actor_do (a, do_rwunlock_and_lock_again, &rwlock);
  gco_test_assert_log (t, "A unlocked R ");
  actor_do (r, do_rwunlock, &rwlock);
  gco_test_assert_log (t, "R A ");
  actor_do (a, do_rwunlock, &rwlock);
  actors_end (a, r);
}

static void
test_try (GcoTest *t)
{
  GcoRwlock rwlock = { 0 };
  Actor    *a = actor_new (t, "A");
  Actor    *b = actor_new (t, "B");
  Actor    *w = actor_new (t, "W");

  actor_do (a, do_tryrdlock, &rwlock);
  g_assert_true (a->result);
  actor_do (b, do_tryrdlock, &rwlock);
  g_assert_true (b->result);
  actor_do (w, do_trywrlock, &rwlock);
  g_assert_false (w->result);
  actor_do (b, do_rwunlock, &rwlock);

  /* a writer queues: a try is no way past it */
  actor_do (w, do_wrlock, &rwlock);
  assert_waits (w);
  actor_do (b, do_tryrdlock, &rwlock);
  g_assert_false (b->result);
  actor_do (a, do_rwunlock, &rwlock);
  assert_done (w);
  actor_do (a, do_tryrdlock, &rwlock);
  g_assert_false (a->result);
  actor_do (a, do_trywrlock, &rwlock);
  g_assert_false (a->result);
  actor_do (w, do_rwunlock, &rwlock);
  check_free (a, &rwlock);
  actors_end (a, b, w);
}

/* -------------------------------------------------------------------- upgrade */

static void
test_upgrade_alone (GcoTest *t)
{
  GcoRwlock rwlock = { 0 };
  Actor    *a = actor_new (t, "A");
  Actor    *b = actor_new (t, "B");

  actor_do (a, do_rdlock, &rwlock);
  actor_tell (a, do_upgrade, &rwlock);
  actor_tell (b, do_tryrdlock, &rwlock);
  gco_test_drain (t);
  gco_test_assert_log (t, "A A B ");
  g_assert_false (b->result);
  actor_do (a, do_rwunlock, &rwlock);
  check_free (b, &rwlock);
  actors_end (a, b);
}

static void
test_upgrade_behind_reader (GcoTest *t)
{
  GcoRwlock rwlock = { 0 };
  Actor    *a = actor_new (t, "A");
  Actor    *b = actor_new (t, "B");
  Actor    *c = actor_new (t, "C");

  actor_do (a, do_rdlock, &rwlock);
  actor_do (b, do_rdlock, &rwlock);
  actor_do (a, do_upgrade, &rwlock);
  assert_waits (a);
  /* it stands as a writer now */
  actor_do (c, do_rdlock, &rwlock);
  assert_waits (c);
  actor_do (b, do_rwunlock, &rwlock);
  assert_done (a);
  assert_waits (c);
  actor_do (a, do_rwunlock, &rwlock);
  assert_done (c);
  actor_do (c, do_rwunlock, &rwlock);
  actors_end (a, b, c);
}

/* It lets the writer in: what it read before may have changed. */
static void
test_upgrade_behind_writer (GcoTest *t)
{
  GcoRwlock rwlock = { 0 };
  Actor    *a = actor_new (t, "A");
  Actor    *w = actor_new (t, "W");
  Actor    *r = actor_new (t, "R");

  actor_do (a, do_rdlock, &rwlock);
  actor_do (w, do_wrlock, &rwlock);
  actor_do (r, do_rdlock, &rwlock);
  actor_do (a, do_upgrade, &rwlock);
  gco_test_assert_log (t, "A W ");
  actor_do (w, do_rwunlock, &rwlock);
  gco_test_assert_log (t, "W R ");
  actor_do (r, do_rwunlock, &rwlock);
  gco_test_assert_log (t, "R A ");
  actor_do (w, do_tryrdlock, &rwlock);
  g_assert_false (w->result);
  actor_do (a, do_rwunlock, &rwlock);
  check_free (w, &rwlock);
  actors_end (a, w, r);
}

static void
test_two_upgraders (GcoTest *t)
{
  GcoRwlock rwlock = { 0 };
  Actor    *a = actor_new (t, "A");
  Actor    *b = actor_new (t, "B");

  actor_do (a, do_rdlock, &rwlock);
  actor_do (b, do_rdlock, &rwlock);
  actor_do (a, do_upgrade, &rwlock);
  assert_waits (a);
  actor_do (b, do_upgrade, &rwlock);
  assert_done (a);
  assert_waits (b);
  actor_do (a, do_rwunlock, &rwlock);
  assert_done (b);
  actor_do (b, do_rwunlock, &rwlock);
  check_free (a, &rwlock);
  actors_end (a, b);
}

/* ------------------------------------------------------------------ downgrade */

static void
test_downgrade_alone (GcoTest *t)
{
  GcoRwlock rwlock = { 0 };
  Actor    *a = actor_new (t, "A");
  Actor    *b = actor_new (t, "B");

  actor_do (a, do_wrlock, &rwlock);
  actor_do (a, do_downgrade, &rwlock);
  actor_do (b, do_trywrlock, &rwlock);
  g_assert_false (b->result);
  actor_do (b, do_tryrdlock, &rwlock);
  g_assert_true (b->result);
  actor_do (a, do_rwunlock, &rwlock);
  actor_do (b, do_upgrade, &rwlock);
  assert_done (b);
  actor_do (b, do_rwunlock, &rwlock);
  check_free (a, &rwlock);
  actors_end (a, b);
}

static void
test_downgrade_wakes_readers (GcoTest *t)
{
  GcoRwlock rwlock = { 0 };
  Actor    *a = actor_new (t, "A");
  Actor    *r1 = actor_new (t, "R1");
  Actor    *r2 = actor_new (t, "R2");
  Actor    *w = actor_new (t, "W");
  Actor    *r3 = actor_new (t, "R3");

  actor_do (a, do_wrlock, &rwlock);
  actor_do (r1, do_rdlock, &rwlock);
  actor_do (r2, do_rdlock, &rwlock);
  actor_do (w, do_wrlock, &rwlock);
  actor_do (r3, do_rdlock, &rwlock);
  gco_test_assert_log (t, "A ");

  actor_do (a, do_downgrade, &rwlock);
  gco_test_assert_log (t, "A R1 R2 ");
  actor_do (r1, do_rwunlock, &rwlock);
  actor_do (r2, do_rwunlock, &rwlock);
  assert_waits (w);
  actor_do (a, do_rwunlock, &rwlock);
  gco_test_assert_log (t, "R1 R2 A W ");
  assert_waits (r3);
  actor_do (w, do_rwunlock, &rwlock);
  assert_done (r3);
  actor_do (r3, do_rwunlock, &rwlock);
  check_free (w, &rwlock);
  actors_end (a, r1, r2, w, r3);
}

/* Back and forth keeps the place of nobody. */
static void
test_downgrade_after_upgrade (GcoTest *t)
{
  GcoRwlock rwlock = { 0 };
  Actor    *a = actor_new (t, "A");
  Actor    *w = actor_new (t, "W");

  actor_do (a, do_rdlock, &rwlock);
  actor_do (a, do_upgrade, &rwlock);
  actor_do (w, do_wrlock, &rwlock);
  actor_do (a, do_downgrade, &rwlock);
  assert_waits (w);
  actor_do (a, do_upgrade, &rwlock);
  assert_waits (a);
  assert_done (w);
  actor_do (w, do_downgrade, &rwlock);
  assert_waits (a);
  actor_do (w, do_rwunlock, &rwlock);
  assert_done (a);
  actor_do (a, do_rwunlock, &rwlock);
  check_free (w, &rwlock);
  actors_end (a, w);
}

/* -------------------------------------------------- contexts, threads, scopes */

static void
test_with_context (GcoTest *t)
{
  g_autoptr (GcoAioContext) via = gco_aio_context_new ();
  GcoRwlock rwlock;
  Actor    *a = actor_new (t, "A");
  Actor    *r = actor_new (t, "R");
  Actor    *w = actor_new (t, "W");

  gco_rwlock_init_with_context (&rwlock, via);
  actor_do (a, do_wrlock, &rwlock);
  actor_do (r, do_rdlock, &rwlock);
  actor_do (w, do_wrlock, &rwlock);
  actor_do (a, do_rwunlock, &rwlock);
  assert_waits (r);
  g_assert_true (gco_aio_context_poll (via, FALSE));
  gco_test_drain (t);
  assert_done (r);
  actor_do (r, do_rwunlock, &rwlock);
  assert_waits (w);
  g_assert_true (gco_aio_context_poll (via, FALSE));
  gco_test_drain (t);
  assert_done (w);
  actor_do (w, do_rwunlock, &rwlock);
  g_assert_false (gco_aio_context_poll (via, FALSE));
  actors_end (a, r, w);
}

static void
test_threads (GcoTest *t)
{
  GcoTestThread *thread = gco_test_thread_new (t);
  GcoRwlock      rwlock = { 0 };
  Actor         *here = actor_new (t, "here");
  Actor         *there = actor_new_in (t, thread, "there");
  Actor         *writer = actor_new_in (t, thread, "writer");

  actor_do (here, do_rdlock, &rwlock);
  actor_do (there, do_rdlock, &rwlock);
  assert_done (there);
  actor_do (writer, do_wrlock, &rwlock);
  actor_do (here, do_upgrade, &rwlock);
  assert_waits (writer);
  actor_do (there, do_rwunlock, &rwlock);
  actor_settle (writer);
  assert_done (writer);
  assert_waits (here);
  actor_do (there, do_rdlock, &rwlock);
  actor_do (writer, do_rwunlock, &rwlock);
  actor_settle (here);
  assert_done (here);
  assert_waits (there);
  actor_do (here, do_downgrade, &rwlock);
  actor_settle (there);
  assert_done (there);
  actor_do (here, do_rwunlock, &rwlock);
  actor_do (there, do_rwunlock, &rwlock);
  check_free (writer, &rwlock);
  actors_end (here, there, writer);
  gco_test_thread_stop (thread);
}

static gboolean
do_scopes (Actor   *self,
           gpointer rwlock)
{
  {
    GCO_RWLOCK_READER_AUTO_LOCK (rwlock, reader);

    g_assert_true (gco_rwlock_tryrdlock (rwlock));
    gco_rwlock_unlock (rwlock);
    g_assert_false (gco_rwlock_trywrlock (rwlock));
  }
  {
    GCO_RWLOCK_WRITER_AUTO_LOCK (rwlock, writer);

    g_assert_false (gco_rwlock_tryrdlock (rwlock));
    /* whichever way it holds it by then */
    gco_rwlock_downgrade (rwlock);
  }
  GCO_RWLOCK_WRITER_AUTO_LOCK (rwlock, again);
  return TRUE;
}

static void
test_auto_lock (GcoTest *t)
{
  GcoRwlock rwlock = { 0 };
  Actor    *a = actor_new (t, "A");

  actor_do (a, do_scopes, &rwlock);
  assert_done (a);
  check_free (a, &rwlock);
  actor_end (a);
}

int
main (int   argc,
      char *argv[])
{
  gco_test_init (&argc, &argv);
  g_test_add_func ("/rwlock/size", test_size);
  gco_test_add ("/rwlock/zero-filled", test_zero_filled);
  gco_test_add ("/rwlock/readers-share", test_readers_share);
  gco_test_add ("/rwlock/reader-twice", test_reader_twice);
  gco_test_add ("/rwlock/fifo", test_fifo);
  gco_test_add ("/rwlock/no-barging", test_no_barging);
  gco_test_add ("/rwlock/try", test_try);
  gco_test_add ("/rwlock/upgrade/alone", test_upgrade_alone);
  gco_test_add ("/rwlock/upgrade/behind-reader", test_upgrade_behind_reader);
  gco_test_add ("/rwlock/upgrade/behind-writer", test_upgrade_behind_writer);
  gco_test_add ("/rwlock/upgrade/two", test_two_upgraders);
  gco_test_add ("/rwlock/downgrade/alone", test_downgrade_alone);
  gco_test_add ("/rwlock/downgrade/wakes-readers", test_downgrade_wakes_readers);
  gco_test_add ("/rwlock/downgrade/after-upgrade", test_downgrade_after_upgrade);
  gco_test_add ("/rwlock/with-context", test_with_context);
  gco_test_add ("/rwlock/threads", test_threads);
  gco_test_add ("/rwlock/auto-lock", test_auto_lock);
  return g_test_run ();
}
