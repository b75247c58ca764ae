/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * explore [--list] [--runs N] [--seeds N] [--compare N] [--plain]
 *         [SCENARIO [--seed N | --schedule TEXT]]
 *
 * Without SCENARIO: each, in a process of its own. All schedules with up to 3 preemptions,
 * those with fewer first, but no more than --runs N (0: all there are); then --seeds N random
 * ones. The first one that fails is told as columns, one for each actor, and as the words that
 * make it happen again.
 *
 * Of the schedules that come to the same place one is enough, see explore-memo.h. That this
 * misses no end is seen for those with up to --compare N preemptions (-1: for none), by a
 * search without it: 1 if not said, and 2 if few have 1. --plain is that search alone.
 */

#ifndef _GNU_SOURCE
# define _GNU_SOURCE
#endif

#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "explore-memo.h"
#include "explore-scheduler.h"
#include "explore-strategy.h"

/* Preemptions that are tried in all ways: few bugs need more. */
#define MAX_BOUND 3

/* What CI has time for. */
#define DEFAULT_RUNS 22000
#define DEFAULT_SEEDS 500

/* With one preemption: those with two can be searched without reduction. */
#define FEW_RUNS 64

/* Until each thread has the spare stacks and records that it will go on with. */
#define WARM_UP_RUNS 40

/* More than enough for 64 runs, unless an actor waits for something outside. */
#define TOO_LONG_S 60

static const ExploreScenario *running;
static gint64                 seed = -1; /* of the run, or -1 */

/* ------------------------------------------------------------------ a failure */

void
explore_report_failure (const char *text)
{
  printf ("# %s\n", text);
  explore_trace_print (stdout, running->n_actors);
  printf ("# again: explore %s --schedule %s\n", running->name, explore_schedule ());
  if (seed >= 0)
    printf ("#    or: explore %s --seed %" G_GINT64_FORMAT "\n", running->name, seed);
  fflush (stdout);
  _exit (1);
}

static void
on_signal (int number)
{
  signal (number, SIG_DFL);
  explore_report_failure (number == SIGABRT   ? "the library stopped the process, see above"
                          : number == SIGALRM ? "an actor does not give its turn away"
                                              : "a fault");
}

static void
catch_signals (void)
{
  static const int numbers[] = { SIGABRT, SIGSEGV, SIGBUS, SIGALRM };
  static char      stack[1 << 16];
  stack_t          where = { .ss_sp = stack, .ss_size = sizeof stack };
  struct sigaction action = { .sa_handler = on_signal, .sa_flags = SA_ONSTACK };

  sigaltstack (&where, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (numbers); i++)
    sigaction (numbers[i], &action, NULL);
}

/* ------------------------------------------------------------------- searches */

static void
run_once (void)
{
  static guint n_runs;

  if (n_runs++ % 64 == 0)
    alarm (TOO_LONG_S);
  explore_begin_run ();
  explore_sites_begin_run ();
  explore_run (running);
  if (!explore_end_run ())
    explore_fail ("what was taken for the same has gone on in another way");
}

static void
sleep_a_little (gpointer data)
{
  gco_sleep_ns (NULL, 1000);
}

static void
set_up_sleepers (void)
{
  for (int i = 0; i < EXPLORE_MAX_ACTORS; i++)
    explore_spawn (i, "sleeper", sleep_a_little, NULL);
}

static void
do_nothing (void)
{
}

/* What is made once, at the first use, is no step of the runs that follow. Returns how
 * many steps a run has. */
static guint
warm_up (void)
{
  ExploreScenario sleepers = {
    "sleepers", EXPLORE_MAX_ACTORS, running->spins, set_up_sleepers, do_nothing, { NULL }
  };

  explore_follow ("");
  explore_begin_run ();
  explore_run (&sleepers);
  for (int i = 0; i < WARM_UP_RUNS; i++)
    run_once ();
  explore_sites_have_learnt ();
  return explore_world.step;
}

/* How far a search has come. */
typedef struct
{
  gboolean whole;
  guint    bound;    /* preemptions of those that were tried last */
  guint    n_runs;   /* all */
  guint    n_before; /* with fewer */
} Tally;

static Tally
try_all (guint    bound,
         gboolean reduced,
         guint    max)
{
  Tally tally = { FALSE, 0, 0, 0 };

  explore_begin_all (bound, reduced);
  while (!tally.whole && (tally.n_runs < max || max == 0))
    {
      tally.n_runs++;
      run_once ();
      if (explore_sites_have_learnt ())
        {
          /* The search was blind for some choices. */
          explore_begin_all (bound, reduced);
          tally.n_runs = tally.n_before = 0;
          continue;
        }
      tally.bound = explore_level ();
      tally.whole = !explore_next ();
      if (explore_level () > tally.bound)
        tally.n_before = tally.n_runs;
    }
  tally.bound = explore_level ();
  return tally;
}

/* What the reduction leaves out, it must not miss. Returns how many schedules there are. */
static guint
check_reduction (guint bound,
                 guint max)
{
  guint64 sums[2];
  guint   n_ends[2];
  Tally   tallies[2];

  for (int reduced = 0; reduced < 2; reduced++)
    {
      tallies[reduced] = try_all (bound, reduced, max);
      if (!tallies[reduced].whole)
        {
          printf ("# %s: not compared with the search without reduction\n", running->name);
          return tallies[reduced].n_runs;
        }
      n_ends[reduced] = explore_memo_count_ends (&sums[reduced]);
    }
  if (n_ends[0] != n_ends[1] || sums[0] != sums[1])
    explore_fail ("the reduced search has come to %u ends, and the whole one to %u",
                  n_ends[1],
                  n_ends[0]);
  printf ("# %s: %u ends with up to %u preemptions, by %u schedules of %u\n",
          running->name,
          n_ends[0],
          bound,
          tallies[1].n_runs,
          tallies[0].n_runs);
  return tallies[0].n_runs;
}

static void
try_bounds (gboolean reduced,
            guint    max)
{
  guint   bound = reduced ? MAX_BOUND : 0;
  guint   n_before = 0;
  guint64 sum;
  Tally   tally;

  while ((tally = try_all (bound, reduced, max)).whole && bound < MAX_BOUND)
    {
      bound++;
      n_before = tally.n_runs;
    }
  if (reduced)
    n_before = tally.n_before;
  if (tally.whole)
    printf ("# %s: exhaustive up to %u preemptions: %u schedules, %u ends",
            running->name,
            bound,
            tally.n_runs,
            explore_memo_count_ends (&sum));
  else if (tally.bound > 0)
    printf ("# %s: exhaustive up to %u preemptions: %u schedules; and %u of those with %u",
            running->name,
            tally.bound - 1,
            n_before,
            tally.n_runs - tally.n_before,
            tally.bound);
  else
    printf ("# %s: not exhaustive: %u schedules without a preemption",
            running->name,
            tally.n_runs);
  printf ("; %u places to choose at\n", explore_sites_count_shared ());
}

static void
try_seed (guint64 number,
          guint   length)
{
  seed = (gint64) number;
  explore_follow_seed (number, length);
  run_once ();
  seed = -1;
}

/* A schedule decides everything: what a seed did, it does again, also when it is
 * followed as it was written down. */
static void
check_replay (guint64 number,
              guint   length)
{
  guint64          hash;
  g_autofree char *schedule = NULL;

  try_seed (number, length);
  hash = explore_trace_hash ();
  schedule = g_strdup (explore_schedule ());
  try_seed (number, length);
  if (hash != explore_trace_hash ())
    explore_fail ("seed %" G_GUINT64_FORMAT " is not the same a second time", number);
  explore_follow (schedule);
  run_once ();
  if (hash != explore_trace_hash ())
    explore_fail ("schedule %s is not what the seed did", schedule);
}

static void
try_seeds (guint n,
           guint length)
{
  for (guint i = 0; i < n; i++)
    if (i % 50 == 0)
      check_replay (i, length);
    else
      try_seed (i, length);
  printf ("# %s: %u random schedules\n", running->name, n);
}

/* ----------------------------------------------------------------------- main */

typedef struct
{
  const char *name;
  const char *schedule;
  gint64      seed;
  guint       n_runs;
  guint       n_seeds;
  gboolean    plain;    /* without reduction */
  int         compared; /* up to so many preemptions; -1: not */
} Wish;

#define COMPARED_AS_USUAL -2

/* Only one actor runs at a time: on one processor the turn passes in a third of the time. */
static void
stay_here (void)
{
  cpu_set_t here;

  CPU_ZERO (&here);
  CPU_SET ((guint) sched_getcpu (), &here);
  sched_setaffinity (0, sizeof here, &here);
}

static int
run_scenario (const ExploreScenario *scenario,
              const Wish            *wish)
{
  guint length;

  running = scenario;
  setrlimit (RLIMIT_CORE, &(struct rlimit){ 0, 0 });
  catch_signals ();
  stay_here ();
  length = warm_up ();
  if (wish->schedule != NULL && !explore_follow (wish->schedule))
    {
      fprintf (stderr, "explore: %s: not a schedule\n", wish->schedule);
      return 2;
    }
  if (wish->schedule != NULL)
    run_once ();
  else if (wish->seed >= 0)
    try_seed ((guint64) wish->seed, length);
  else
    {
      if (!wish->plain && wish->compared >= 0)
        check_reduction ((guint) wish->compared, wish->n_runs);
      if (!wish->plain && wish->compared == COMPARED_AS_USUAL &&
          check_reduction (1, wish->n_runs) <= FEW_RUNS)
        check_reduction (2, wish->n_runs);
      try_bounds (!wish->plain, wish->n_runs);
      try_seeds (wish->n_seeds, length);
    }
  if (wish->schedule != NULL || wish->seed >= 0)
    explore_trace_print (stdout, scenario->n_actors);
  fflush (stdout);
  return 0;
}

static gboolean
passes_in_child (const ExploreScenario *scenario,
                 const Wish            *wish)
{
  int   status;
  pid_t child;

  fflush (stdout);
  child = fork ();
  if (child == 0)
    {
      _exit (run_scenario (scenario, wish));
    }
  return waitpid (child, &status, 0) == child && WIFEXITED (status) &&
         WEXITSTATUS (status) == 0;
}

static int
run_all (const Wish *wish)
{
  int n = 0;
  int n_failed = 0;

  while (explore_scenarios[n] != NULL)
    n++;
  printf ("1..%d\n", n);
  for (int i = 0; i < n; i++)
    {
      gboolean passed = passes_in_child (explore_scenarios[i], wish);

      n_failed += !passed;
      printf ("%s %d %s\n", passed ? "ok" : "not ok", i + 1, explore_scenarios[i]->name);
    }
  return n_failed > 0;
}

static const char *
    usage = "explore [--list] [--runs N] [--seeds N] [--compare N] [--plain]"
            " [SCENARIO [--seed N | --schedule TEXT]]\n";

/* The value of the option at *@i, if that is @name. */
static const char *
option (char      **argv,
        int        *i,
        const char *name)
{
  if (strcmp (argv[*i], name) != 0 || argv[*i + 1] == NULL)
    return NULL;
  return argv[++*i];
}

static gboolean
read_wish (char **argv,
           Wish  *wish)
{
  for (int i = 1; argv[i] != NULL; i++)
    {
      const char *value;

      if ((value = option (argv, &i, "--runs")) != NULL)
        wish->n_runs = (guint) atoi (value);
      else if ((value = option (argv, &i, "--seeds")) != NULL)
        wish->n_seeds = (guint) atoi (value);
      else if (strcmp (argv[i], "--plain") == 0)
        wish->plain = TRUE;
      else if ((value = option (argv, &i, "--compare")) != NULL)
        wish->compared = atoi (value);
      else if ((value = option (argv, &i, "--seed")) != NULL)
        wish->seed = atoll (value);
      else if ((value = option (argv, &i, "--schedule")) != NULL)
        wish->schedule = value;
      else if (argv[i][0] != '-' && wish->name == NULL)
        wish->name = argv[i];
      else
        return FALSE;
    }
  return wish->name != NULL || (wish->seed < 0 && wish->schedule == NULL);
}

int
main (int    argc,
      char **argv)
{
  Wish wish = { NULL, NULL, -1, DEFAULT_RUNS, DEFAULT_SEEDS, FALSE, COMPARED_AS_USUAL };

  if (argc == 2 && strcmp (argv[1], "--list") == 0)
    {
      for (int i = 0; explore_scenarios[i] != NULL; i++)
        puts (explore_scenarios[i]->name);
      return 0;
    }
  if (!read_wish (argv, &wish))
    {
      fputs (usage, stderr);
      return 2;
    }
  if (wish.name == NULL)
    return run_all (&wish);
  for (int i = 0; explore_scenarios[i] != NULL; i++)
    if (strcmp (explore_scenarios[i]->name, wish.name) == 0)
      return run_scenario (explore_scenarios[i], &wish);
  fprintf (stderr, "explore: no scenario %s\n", wish.name);
  return 2;
}
