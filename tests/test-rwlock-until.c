/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Deadlines in a read/write lock: who stood in whose way, and the upgrade, which
 * gives up and reads again. */

#include "gco-test-actor.h"

#define DEADLINE 100

static Actor *
actor_until (GcoTest    *t,
             const char *name,
             GcoClock   *clock,
             gint64      deadline_ns)
{
  Actor *actor = actor_new (t, name);

  actor->clock = clock;
  actor->deadline_ns = deadline_ns;
  return actor;
}

static void
pass (GcoTest  *t,
      GcoClock *clock)
{
  gco_clock_advance (clock, DEADLINE);
  gco_test_drain (t);
}

static void
check_free (Actor     *actor,
            GcoRwlock *rwlock)
{
  actor_do (actor, do_trywrlock, rwlock);
  g_assert_true (actor->result);
  actor_do (actor, do_rwunlock, rwlock);
}

/* Who is the one reader, and no writer. */
static void
check_reads (Actor     *actor,
             Actor     *other,
             GcoRwlock *rwlock)
{
  actor_do (other, do_trywrlock, rwlock);
  g_assert_false (other->result);
  actor_do (other, do_tryrdlock, rwlock);
  g_assert_true (other->result);
  actor_do (other, do_rwunlock, rwlock);
  actor_do (actor, do_rwunlock, rwlock);
  check_free (other, rwlock);
}

/* A writer that leaves lets in the readers behind it, up to the next writer. */
static void
test_writer_in_the_way (GcoTest *t)
{
  g_autoptr (GcoClock) clock = gco_clock_new_manual ();
  GcoRwlock rwlock = { 0 };
  Actor    *r1 = actor_new (t, "R1");
  Actor    *w1 = actor_until (t, "W1", clock, DEADLINE);
  Actor    *r2 = actor_until (t, "R2", clock, DEADLINE + 1);
  Actor    *w2 = actor_until (t, "W2", clock, 2 * DEADLINE);
  Actor    *r3 = actor_new (t, "R3");

  actor_do (r1, do_rdlock, &rwlock);
  actor_do (w1, do_wrlock_until, &rwlock);
  actor_do (r2, do_rdlock_until, &rwlock);
  actor_do (w2, do_wrlock_until, &rwlock);
  actor_do (r3, do_rdlock, &rwlock);
  gco_test_assert_log (t, "R1 ");
  pass (t, clock);
  gco_test_assert_log (t, "W1 R2 ");
  actor_assert_timed_out (w1);
  actor_assert_succeeded (r2);
  pass (t, clock);
  gco_test_assert_log (t, "W2 R3 ");
  actor_assert_timed_out (w2);
  actor_do (r1, do_rwunlock, &rwlock);
  actor_do (r2, do_rwunlock, &rwlock);
  actor_do (r3, do_rwunlock, &rwlock);
  check_free (w1, &rwlock);
  actors_end (r1, w1, r2, w2, r3);
}

/* Reader and writer in the same dispatch: who is behind gets in all the same. */
static void
test_both_in_the_way (GcoTest *t)
{
  g_autoptr (GcoClock) clock = gco_clock_new_manual ();
  GcoRwlock rwlock = { 0 };
  Actor    *r1 = actor_new (t, "R1");
  Actor    *w1 = actor_until (t, "W1", clock, DEADLINE);
  Actor    *r2 = actor_until (t, "R2", clock, DEADLINE);
  Actor    *r3 = actor_new (t, "R3");

  actor_do (r1, do_rdlock, &rwlock);
  actor_do (w1, do_wrlock_until, &rwlock);
  actor_do (r2, do_rdlock_until, &rwlock);
  actor_do (r3, do_rdlock, &rwlock);
  g_string_truncate (t->log, 0);
  pass (t, clock);
  gco_test_assert_log (t, "W1 R2 R3 ");
  actor_assert_timed_out (w1);
  /* it is due, too: W1 did not get as far as letting it in */
  actor_assert_timed_out (r2);
  actor_do (r1, do_rwunlock, &rwlock);
  check_reads (r3, w1, &rwlock);
  actors_end (r1, w1, r2, r3);
}

/* ------------------------------------------------------------------ upgrade */

static void
test_upgrade_granted (GcoTest *t)
{
  g_autoptr (GcoClock) clock = gco_clock_new_manual ();
  GcoRwlock rwlock = { 0 };
  Actor    *a = actor_until (t, "A", clock, DEADLINE);
  Actor    *b = actor_new (t, "B");

  actor_do (a, do_rdlock, &rwlock);
  actor_do (b, do_rdlock, &rwlock);
  actor_do (a, do_upgrade_until, &rwlock);
  gco_clock_advance (clock, DEADLINE - 1);
  assert_waits (a);
  actor_do (b, do_rwunlock, &rwlock);
  actor_assert_succeeded (a);
  gco_clock_advance (clock, 1);
  gco_test_drain (t);
  actor_do (b, do_tryrdlock, &rwlock);
  g_assert_false (b->result);
  actor_do (a, do_rwunlock, &rwlock);
  check_free (b, &rwlock);
  actors_end (a, b);
}

/* Alone it needs no wait, whatever the time is; among others there is no time. */
static void
test_upgrade_past (GcoTest *t)
{
  static const gint64 past[] = { 0, -1, G_MININT64 };

  for (gsize i = 0; i < G_N_ELEMENTS (past); i++)
    {
      GcoRwlock rwlock = { 0 };
      Actor    *a = actor_until (t, "A", NULL, past[i]);
      Actor    *b = actor_new (t, "B");

      actor_do (a, do_rdlock, &rwlock);
      actor_do (a, do_upgrade_until, &rwlock);
      actor_assert_succeeded (a);
      actor_do (a, do_downgrade, &rwlock);

      actor_do (b, do_rdlock, &rwlock);
      actor_do (a, do_upgrade_until, &rwlock);
      actor_assert_timed_out (a);
      actor_do (b, do_rwunlock, &rwlock);
      check_reads (a, b, &rwlock);
      actors_end (a, b);
    }
}

static void
test_upgrade_cancelled (GcoTest *t)
{
  g_autoptr (GcoClock) clock = gco_clock_new_manual ();
  GcoRwlock rwlock = { 0 };
  Actor    *a = actor_until (t, "A", clock, DEADLINE);
  Actor    *b = actor_new (t, "B");

  actor_do (a, do_rdlock, &rwlock);
  actor_do (b, do_rdlock, &rwlock);
  actor_do (a, do_upgrade_until, &rwlock);
  g_cancellable_cancel (a->cancellable);
  pass (t, clock);
  actor_assert_cancelled (a);
  actor_do (b, do_rwunlock, &rwlock);
  /* and before, it is a reader as it was */
  actor_do (a, do_upgrade_until, &rwlock);
  actor_assert_cancelled (a);
  check_reads (a, b, &rwlock);
  actors_end (a, b);
}

/* While another writes it cannot read: that takes as long as it takes. */
static void
test_upgrade_while_written (GcoTest *t)
{
  g_autoptr (GcoClock) clock = gco_clock_new_manual ();
  GcoRwlock rwlock = { 0 };
  Actor    *a = actor_until (t, "A", clock, DEADLINE);
  Actor    *w = actor_new (t, "W");

  actor_do (a, do_rdlock, &rwlock);
  actor_do (w, do_wrlock, &rwlock);
  actor_do (a, do_upgrade_until, &rwlock);
  assert_done (w);
  pass (t, clock);
  pass (t, clock);
  assert_waits (a);
  actor_do (w, do_rwunlock, &rwlock);
  actor_assert_timed_out (a);
  check_reads (a, w, &rwlock);
  actors_end (a, w);
}

/* In every place among three that upgrade; the others become writers in turn. */
static void
test_upgrade_positions (GcoTest *t)
{
  for (int position = 0; position < 3; position++)
    {
      g_autoptr (GcoClock) clock = gco_clock_new_manual ();
      GcoRwlock rwlock = { 0 };
      Actor    *reader = actor_new (t, "reader");
      Actor    *actors[3];

      actor_do (reader, do_rdlock, &rwlock);
      for (int i = 0; i < 3; i++)
        {
          actors[i] = actor_until (t, "A", clock, i == position ? DEADLINE : G_MAXINT64);
          actor_do (actors[i], do_rdlock, &rwlock);
        }
      for (int i = 0; i < 3; i++)
        actor_do (actors[i], do_upgrade_until, &rwlock);
      pass (t, clock);
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
      actor_assert_timed_out (actors[position]);
      check_reads (actors[position], reader, &rwlock);
      actors_end (reader, actors[0], actors[1], actors[2]);
    }
}

typedef struct
{
  Actor     *reader;
  GcoRwlock *rwlock;
} Release;

static void
on_due (gpointer user_data)
{
  Release *release = user_data;

  actor_tell (release->reader, do_rwunlock, release->rwlock);
}

/* In the dispatch in which the deadline passes the last reader lets go: before it,
 * after it with the upgrade not gone yet, after it is gone. */
static void
test_upgrade_together (GcoTest *t)
{
  for (int order = 0; order < 3; order++)
    {
      g_autoptr (GcoClock) clock = gco_clock_new_manual ();
      GcoRwlock rwlock = { 0 };
      Actor    *a = actor_until (t, "A", clock, DEADLINE);
      Actor    *b = actor_new (t, "B");
      Release   release = { b, &rwlock };
      GcoTimer *timer = gco_timer_new (t->ctx, clock, on_due, &release, NULL);

      actor_do (a, do_rdlock, &rwlock);
      actor_do (b, do_rdlock, &rwlock);
      if (order == 1)
        gco_timer_mod_ns (timer, DEADLINE);
      actor_do (a, do_upgrade_until, &rwlock);
      if (order == 2)
        gco_timer_mod_ns (timer, DEADLINE);
      if (order == 0)
        actor_tell (b, do_rwunlock, &rwlock);
      pass (t, clock);
      assert_done (b);
      if (order == 0)
        {
          actor_assert_succeeded (a);
          actor_do (a, do_downgrade, &rwlock);
        }
      else
        actor_assert_timed_out (a);
      check_reads (a, b, &rwlock);
      gco_timer_free (timer);
      actors_end (a, b);
    }
}

int
main (int   argc,
      char *argv[])
{
  gco_test_init (&argc, &argv);
  gco_test_add ("/rwlock-until/writer-in-the-way", test_writer_in_the_way);
  gco_test_add ("/rwlock-until/both-in-the-way", test_both_in_the_way);
  gco_test_add ("/rwlock-until/upgrade/granted", test_upgrade_granted);
  gco_test_add ("/rwlock-until/upgrade/past", test_upgrade_past);
  gco_test_add ("/rwlock-until/upgrade/cancelled", test_upgrade_cancelled);
  gco_test_add ("/rwlock-until/upgrade/while-written", test_upgrade_while_written);
  gco_test_add ("/rwlock-until/upgrade/positions", test_upgrade_positions);
  gco_test_add ("/rwlock-until/upgrade/together", test_upgrade_together);
  return g_test_run ();
}
