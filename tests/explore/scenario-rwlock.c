/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The read/write lock across threads: in, up, down, and given up. */

#include "explore-locks.h"
#include "scenarios.h"

static GcoRwlock     rwlock;
static GCancellable *cancellable;
static guint         n_writing;
static guint         n_reading;

static void
read_here (void)
{
  n_reading++;
  explore_assert (n_writing == 0);
  explore_note ("reads");
  n_reading--;
}

static void
write_here (void)
{
  explore_assert (n_writing++ == 0 && n_reading == 0);
  explore_note ("writes");
  n_writing--;
}

static void
read_once (gpointer data)
{
  x_rdlock (&rwlock);
  read_here ();
  x_rwunlock (&rwlock);
}

static void
write_once (gpointer data)
{
  x_wrlock (&rwlock);
  write_here ();
  x_rwunlock (&rwlock);
}

static void
read_and_upgrade (gpointer data)
{
  x_rdlock (&rwlock);
  read_here ();
  x_upgrade (&rwlock);
  write_here ();
  x_rwunlock (&rwlock);
}

static void
write_and_downgrade (gpointer data)
{
  x_wrlock (&rwlock);
  write_here ();
  x_downgrade (&rwlock);
  read_here ();
  x_rwunlock (&rwlock);
}

static void
set_up (void)
{
  gco_rwlock_init (&rwlock);
  explore_watch_rwlock (&rwlock, "rw");
  n_writing = n_reading = 0;
}

static void
tear_down (void)
{
  explore_assert_free (&rwlock);
}

/* -------------------------------------------------------------------- in and out */

static void
set_up_in (void)
{
  set_up ();
  explore_spawn (0, "r", read_once, NULL);
  explore_spawn (1, "w", write_once, NULL);
  explore_spawn (0, "s", read_once, NULL);
}

const ExploreScenario scenario_rwlock = {
  "rwlock", 2, FALSE, set_up_in, tear_down, { NULL }
};

static void
set_up_upgrade (void)
{
  set_up ();
  explore_spawn (0, "u", read_and_upgrade, NULL);
  explore_spawn (1, "v", read_and_upgrade, NULL);
}

const ExploreScenario scenario_rwlock_upgrade = {
  "rwlock-upgrade", 2, FALSE, set_up_upgrade, tear_down, { NULL }
};

static void
set_up_downgrade (void)
{
  set_up ();
  explore_spawn (0, "d", write_and_downgrade, NULL);
  explore_spawn (1, "r", read_once, NULL);
  explore_spawn (1, "w", write_once, NULL);
}

const ExploreScenario scenario_rwlock_downgrade = {
  "rwlock-downgrade", 2, FALSE, set_up_downgrade, tear_down, { NULL }
};

/* ---------------------------------------------------------------------- given up */

static void
write_cancellable (gpointer data)
{
  if (!x_wrlock_cancellable (&rwlock, cancellable))
    return;
  write_here ();
  x_rwunlock (&rwlock);
}

static void
upgrade_cancellable (gpointer data)
{
  x_rdlock (&rwlock);
  if (x_upgrade_cancellable (&rwlock, cancellable))
    write_here ();
  else
    read_here ();
  x_rwunlock (&rwlock);
}

static void
cancel (void)
{
  explore_note ("cancels");
  explore_cancel (cancellable);
}

static void
cancel_here (gpointer data)
{
  cancel ();
}

/* Whoever stands behind the writer that gives up comes in. */
static void
set_up_cancel (void)
{
  set_up ();
  cancellable = g_cancellable_new ();
  explore_spawn (0, "r", read_once, NULL);
  explore_spawn (1, "w", write_cancellable, NULL);
  explore_spawn (0, "s", read_once, NULL);
}

static void
tear_down_cancel (void)
{
  tear_down ();
  g_assert_finalize_object (cancellable);
}

const ExploreScenario scenario_rwlock_cancel = {
  "rwlock-cancel", 3, FALSE, set_up_cancel, tear_down_cancel, { NULL, NULL, cancel }
};

static void
set_up_cancel_upgrade (void)
{
  set_up ();
  cancellable = g_cancellable_new ();
  explore_spawn (0, "u", upgrade_cancellable, NULL);
  explore_spawn (1, "r", read_once, NULL);
  explore_spawn (1, "x", cancel_here, NULL);
}

const ExploreScenario scenario_rwlock_cancel_upgrade = {
  "rwlock-cancel-upgrade", 2, FALSE, set_up_cancel_upgrade, tear_down_cancel, { NULL }
};

/* -------------------------------------------------------------------- stood in for */

static void
read_cancellable (gpointer data)
{
  if (!x_rdlock_cancellable (&rwlock, cancellable))
    return;
  read_here ();
  x_rwunlock (&rwlock);
}

static void
read_and_upgrade_later (gpointer data)
{
  x_rdlock (&rwlock);
  explore_end_step ();
  explore_await_step (3);
  cancel ();
  x_upgrade (&rwlock);
  write_here ();
  x_rwunlock (&rwlock);
}

static void
line_up_second (void)
{
  explore_await_step (1);
  explore_iterate (FALSE);
  explore_end_step ();
  explore_iterate_all ();
}

static void
line_up_third (void)
{
  explore_await_step (2);
  explore_iterate (FALSE);
  explore_end_step ();
  explore_iterate_all ();
}

/* A writer that gives up, and behind it a reader that is about to: while the one lets the
 * other pass, it holds the lock, and who upgrades then must not take it for free. */
static void
set_up_stand_in (void)
{
  set_up ();
  cancellable = g_cancellable_new ();
  explore_spawn (0, "u", read_and_upgrade_later, NULL);
  explore_spawn (1, "w", write_cancellable, NULL);
  explore_spawn (2, "r", read_cancellable, NULL);
}

const ExploreScenario scenario_rwlock_stand_in = {
  "rwlock-stand-in",
  3,
  FALSE,
  set_up_stand_in,
  tear_down_cancel,
  { NULL, line_up_second, line_up_third },
};
