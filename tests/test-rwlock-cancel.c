/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Cancelling in a read/write lock: who stood in whose way, and the upgrade, which
 * gives up and reads again. */

#include "gco-test-actor.h"

static void
cancel (Actor *actor)
{
  g_cancellable_cancel (actor->cancellable);
}

static void
check_free (Actor     *actor,
            GcoRwlock *rwlock)
{
  actor_do (actor, do_trywrlock, rwlock);
  g_assert_true (actor->result);
  actor_do (actor, do_rwunlock, rwlock);
}

/* A writer that leaves lets in the readers behind it, up to the next writer. */
static void
test_writer_in_the_way (GcoTest *t)
{
  GcoRwlock rwlock = { 0 };
  Actor    *r1 = actor_new (t, "R1");
  Actor    *w1 = actor_new (t, "W1");
  Actor    *r2 = actor_new (t, "R2");
  Actor    *r3 = actor_new (t, "R3");
  Actor    *w2 = actor_new (t, "W2");
  Actor    *r4 = actor_new (t, "R4");

  actor_do (r1, do_rdlock, &rwlock);
  actor_do (w1, do_wrlock_cancellable, &rwlock);
  actor_do (r2, do_rdlock, &rwlock);
  actor_do (r3, do_rdlock, &rwlock);
  actor_do (w2, do_wrlock, &rwlock);
  actor_do (r4, do_rdlock, &rwlock);
  gco_test_assert_log (t, "R1 ");

  cancel (w1);
  gco_test_drain (t);
  actor_assert_cancelled (w1);
  gco_test_assert_log (t, "W1 R2 R3 ");
  actor_do (r1, do_rwunlock, &rwlock);
  actor_do (r2, do_rwunlock, &rwlock);
  actor_do (r3, do_rwunlock, &rwlock);
  gco_test_assert_log (t, "R1 R2 R3 W2 ");
  actor_do (w2, do_rwunlock, &rwlock);
  gco_test_assert_log (t, "W2 R4 ");
  actor_do (r4, do_rwunlock, &rwlock);
  check_free (w1, &rwlock);
  actors_end (r1, w1, r2, r3, w2, r4);
}

/* A reader that leaves is in nobody's way. */
static void
test_reader_behind_writer (GcoTest *t)
{
  GcoRwlock rwlock = { 0 };
  Actor    *r1 = actor_new (t, "R1");
  Actor    *w1 = actor_new (t, "W1");
  Actor    *r2 = actor_new (t, "R2");
  Actor    *r3 = actor_new (t, "R3");

  actor_do (r1, do_rdlock, &rwlock);
  actor_do (w1, do_wrlock, &rwlock);
  actor_do (r2, do_rdlock_cancellable, &rwlock);
  actor_do (r3, do_rdlock, &rwlock);
  cancel (r2);
  gco_test_drain (t);
  actor_assert_cancelled (r2);
  assert_waits (w1);
  assert_waits (r3);
  actor_do (r1, do_rwunlock, &rwlock);
  assert_done (w1);
  actor_do (w1, do_rwunlock, &rwlock);
  assert_done (r3);
  actor_do (r3, do_rwunlock, &rwlock);
  check_free (r1, &rwlock);
  actors_end (r1, w1, r2, r3);
}

/* --------------------------------------------------------------- upgrade */

static void
test_upgrade_before (GcoTest *t)
{
  GcoRwlock rwlock = { 0 };
  Actor    *a = actor_new (t, "A");
  Actor    *b = actor_new (t, "B");

  cancel (a);
  actor_do (a, do_rdlock, &rwlock);
  actor_do (a, do_upgrade_cancellable, &rwlock);
  actor_assert_cancelled (a);
  /* a reader as before */
  actor_do (b, do_tryrdlock, &rwlock);
  g_assert_true (b->result);
  actor_do (b, do_rwunlock, &rwlock);
  actor_do (b, do_trywrlock, &rwlock);
  g_assert_false (b->result);
  actor_do (a, do_rwunlock, &rwlock);
  check_free (b, &rwlock);
  actors_end (a, b);
}

static void
test_upgrade_granted (GcoTest *t)
{
  GcoRwlock rwlock = { 0 };
  Actor    *a = actor_new (t, "A");
  Actor    *b = actor_new (t, "B");

  actor_do (a, do_rdlock, &rwlock);
  actor_do (a, do_upgrade_cancellable, &rwlock);
  actor_assert_succeeded (a);
  actor_do (a, do_downgrade, &rwlock);

  actor_do (b, do_rdlock, &rwlock);
  actor_do (a, do_upgrade_cancellable, &rwlock);
  assert_waits (a);
  actor_do (b, do_rwunlock, &rwlock);
  actor_assert_succeeded (a);
  actor_do (b, do_tryrdlock, &rwlock);
  g_assert_false (b->result);
  actor_do (a, do_rwunlock, &rwlock);
  check_free (b, &rwlock);
  actors_end (a, b);
}

/* Among readers it reads again at once. */
static void
test_upgrade_among_readers (GcoTest *t)
{
  GcoRwlock rwlock = { 0 };
  Actor    *a = actor_new (t, "A");
  Actor    *b = actor_new (t, "B");
  Actor    *w = actor_new (t, "W");

  actor_do (a, do_rdlock, &rwlock);
  actor_do (b, do_rdlock, &rwlock);
  actor_do (a, do_upgrade_cancellable, &rwlock);
  assert_waits (a);
  cancel (a);
  gco_test_drain (t);
  actor_assert_cancelled (a);

  /* both read */
  actor_do (w, do_wrlock, &rwlock);
  actor_do (b, do_rwunlock, &rwlock);
  assert_waits (w);
  actor_do (a, do_rwunlock, &rwlock);
  assert_done (w);
  actor_do (w, do_rwunlock, &rwlock);
  actors_end (a, b, w);
}

/* While another writes it cannot read: that takes as long as it takes. */
static void
test_upgrade_while_written (GcoTest *t)
{
  GcoRwlock rwlock = { 0 };
  Actor    *a = actor_new (t, "A");
  Actor    *w = actor_new (t, "W");
  Actor    *w2 = actor_new (t, "W2");

  actor_do (a, do_rdlock, &rwlock);
  actor_do (w, do_wrlock, &rwlock);
  actor_do (a, do_upgrade_cancellable, &rwlock);
  assert_done (w);
  assert_waits (a);
  cancel (a);
  gco_test_drain (t);
  assert_waits (a);
  actor_do (w2, do_wrlock, &rwlock);
  actor_do (w, do_rwunlock, &rwlock);
  actor_assert_cancelled (a);
  assert_waits (w2);
  actor_do (a, do_rwunlock, &rwlock);
  assert_done (w2);
  actor_do (w2, do_rwunlock, &rwlock);
  check_free (a, &rwlock);
  actors_end (a, w, w2);
}

/* In every place among three that upgrade; the others become writers in turn. */
static void
test_upgrade_positions (GcoTest *t)
{
  for (int position = 0; position < 3; position++)
    {
      GcoRwlock rwlock = { 0 };
      Actor    *reader = actor_new (t, "reader");
      Actor    *actors[3];

      actor_do (reader, do_rdlock, &rwlock);
      for (int i = 0; i < 3; i++)
        {
          actors[i] = actor_new (t, "A");
          actor_do (actors[i], do_rdlock, &rwlock);
        }
      for (int i = 0; i < 3; i++)
        actor_do (actors[i], do_upgrade_cancellable, &rwlock);
      cancel (actors[position]);
      gco_test_drain (t);
      /* the others stand in front of its wish to read again */
      actor_do (reader, do_rwunlock, &rwlock);
      for (int i = 0; i < 3; i++)
        {
          if (i == position)
            continue;
          actor_assert_succeeded (actors[i]);
          assert_waits (actors[position]);
          actor_do (actors[i], do_rwunlock, &rwlock);
        }
      actor_assert_cancelled (actors[position]);
      actor_do (actors[position], do_rwunlock, &rwlock);
      check_free (reader, &rwlock);
      actors_end (reader, actors[0], actors[1], actors[2]);
    }
}

static gboolean
do_cancel_and_unlock (Actor   *self,
                      gpointer rwlock)
{
  g_cancellable_cancel (self->data);
  gco_rwlock_unlock (rwlock);
  return TRUE;
}

static gboolean
do_unlock_and_cancel (Actor   *self,
                      gpointer rwlock)
{
  gco_rwlock_unlock (rwlock);
  g_cancellable_cancel (self->data);
  return TRUE;
}

static void
test_upgrade_together (GcoTest *t)
{
  for (int granted_first = 0; granted_first < 2; granted_first++)
    {
      GcoRwlock rwlock = { 0 };
      Actor    *a = actor_new (t, "A");
      Actor    *b = actor_new (t, "B");
      Actor    *r = actor_new (t, "R");

      b->data = a->cancellable;
      actor_do (a, do_rdlock, &rwlock);
      actor_do (b, do_rdlock, &rwlock);
      actor_do (a, do_upgrade_cancellable, &rwlock);
      actor_do (b, granted_first ? do_unlock_and_cancel : do_cancel_and_unlock, &rwlock);
      if (granted_first)
        actor_assert_succeeded (a);
      else
        actor_assert_cancelled (a);
      actor_do (r, do_tryrdlock, &rwlock);
      g_assert_true (r->result == !granted_first);
      if (r->result)
        actor_do (r, do_rwunlock, &rwlock);
      actor_do (a, do_rwunlock, &rwlock);
      check_free (b, &rwlock);
      actors_end (a, b, r);
    }
}

int
main (int   argc,
      char *argv[])
{
  gco_test_init (&argc, &argv);
  gco_test_add ("/rwlock-cancel/writer-in-the-way", test_writer_in_the_way);
  gco_test_add ("/rwlock-cancel/reader-behind-writer", test_reader_behind_writer);
  gco_test_add ("/rwlock-cancel/upgrade/before", test_upgrade_before);
  gco_test_add ("/rwlock-cancel/upgrade/granted", test_upgrade_granted);
  gco_test_add ("/rwlock-cancel/upgrade/among-readers", test_upgrade_among_readers);
  gco_test_add ("/rwlock-cancel/upgrade/while-written", test_upgrade_while_written);
  gco_test_add ("/rwlock-cancel/upgrade/positions", test_upgrade_positions);
  gco_test_add ("/rwlock-cancel/upgrade/together", test_upgrade_together);
  return g_test_run ();
}
