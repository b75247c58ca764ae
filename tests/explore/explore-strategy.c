/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The default is that who runs goes on, and else the first who can. What differs from it
 * is written down, step by step: that is the schedule, and enough to do it again.
 */

#include "explore-strategy.h"

#include <string.h>

#include "explore-memo.h"
#include "explore-past.h"
#include "explore-search.h"
#include "explore.h"

typedef enum
{
  FOLLOW,
  SEED,
  ALL,
  REDUCED,
} Mode;

typedef struct
{
  guint step;
  int   actor;
} Turn;

/* One choice of a run in the search through all. */
typedef struct
{
  int      n_options;
  int      taken; /* which */
  gboolean costs; /* to take another one than the first is a preemption */
} Choice;

static Mode mode;

static Turn  turns[EXPLORE_MAX_STEPS];
static guint n_turns; /* taken in this run */
static Turn  wanted[EXPLORE_MAX_STEPS];
static guint n_wanted;

static Choice choices[EXPLORE_MAX_STEPS];
static guint  n_choices;
static guint  n_fixed;
static guint  bound;

/* -------------------------------------------------------------- as was written */

gboolean
explore_follow (const char *schedule)
{
  mode = FOLLOW;
  n_wanted = 0;
  while (*schedule != 0 && n_wanted < EXPLORE_MAX_STEPS)
    {
      char *end;
      guint step = (guint) g_ascii_strtoull (schedule, &end, 10);

      if (end == schedule || *end < 'A' || *end >= 'A' + EXPLORE_MAX_ACTORS)
        return FALSE;
      wanted[n_wanted++] = (Turn){ step, *end - 'A' };
      schedule = end[1] == ',' ? end + 2 : end + 1;
    }
  return *schedule == 0;
}

static int
choose_as_written (guint      step,
                   const int *options,
                   int        n)
{
  for (guint i = 0; i < n_wanted; i++)
    if (wanted[i].step == step)
      for (int j = 0; j < n; j++)
        if (options[j] == wanted[i].actor)
          return j;
  return 0;
}

const char *
explore_schedule (void)
{
  static GString *text;

  if (text == NULL)
    text = g_string_new (NULL);
  g_string_truncate (text, 0);
  for (guint i = 0; i < n_turns; i++)
    g_string_append_printf (text,
                            "%s%u%c",
                            i > 0 ? "," : "",
                            turns[i].step,
                            'A' + turns[i].actor);
  return text->str;
}

/* ---------------------------------------------------------------- as a seed says */

/* Half of the seeds toss a coin at each step, more or less often heads. The others
 * give each actor a rank, and change it at a few steps: such schedules find what needs
 * few changes at the right places sooner (Burckhardt and others: A randomized scheduler
 * with probabilistic guarantees of finding bugs, 2010). */
static struct
{
  guint64 state;
  guint   odds; /* 0: by rank */
  int     ranks[EXPLORE_MAX_ACTORS];
  guint   changes[4];
} chance;

static guint
draw (guint n)
{
  chance.state += G_GUINT64_CONSTANT (0x9e3779b97f4a7c15);
  guint64 z = chance.state;

  z = (z ^ (z >> 30)) * G_GUINT64_CONSTANT (0xbf58476d1ce4e5b9);
  z = (z ^ (z >> 27)) * G_GUINT64_CONSTANT (0x94d049bb133111eb);
  return (guint) ((z ^ (z >> 31)) % n);
}

void
explore_follow_seed (guint64 seed,
                     guint   length)
{
  mode = SEED;
  chance.state = seed;
  chance.odds = draw (2) == 0 ? 0 : 2u << draw (5);
  for (int i = 0; i < EXPLORE_MAX_ACTORS; i++)
    chance.ranks[i] = 100 + (int) draw (100);
  for (guint i = 0; i < G_N_ELEMENTS (chance.changes); i++)
    chance.changes[i] = draw (length);
}

static int
choose_by_rank (guint      step,
                const int *options,
                int        n)
{
  int best = 0;

  for (guint i = 0; i < G_N_ELEMENTS (chance.changes); i++)
    if (chance.changes[i] == step)
      chance.ranks[options[0]] = (int) i;
  for (int i = 1; i < n; i++)
    if (chance.ranks[options[i]] > chance.ranks[options[best]])
      best = i;
  return best;
}

static int
choose_by_chance (guint      step,
                  const int *options,
                  int        n)
{
  if (n == 1)
    return 0;
  if (chance.odds == 0)
    return choose_by_rank (step, options, n);
  return draw (chance.odds) == 0 ? (int) draw ((guint) n) : 0;
}

/* ----------------------------------------------------------------------- all */

void
explore_begin_all (guint    preemptions,
                   gboolean reduced)
{
  mode = reduced ? REDUCED : ALL;
  bound = preemptions;
  explore_memo_clear ();
  explore_search_begin (bound);
  n_fixed = 0;
  n_choices = 0;
}

static int
choose_next (int      n,
             gboolean can_go_on)
{
  if (n == 1)
    return 0;
  g_assert (n_choices < EXPLORE_MAX_STEPS);
  if (n_choices >= n_fixed)
    choices[n_choices] = (Choice){ n, 0, can_go_on };
  return choices[n_choices++].taken;
}

static gboolean
next_of_all (void)
{
  guint spent = 0;

  for (guint i = 0; i < n_choices; i++)
    spent += choices[i].costs && choices[i].taken > 0;
  while (n_choices > 0)
    {
      Choice *last = &choices[n_choices - 1];

      spent -= last->costs && last->taken > 0;
      if (last->taken + 1 < last->n_options && spent + last->costs <= bound)
        {
          last->taken++;
          n_fixed = n_choices;
          return TRUE;
        }
      n_choices--;
    }
  return FALSE;
}

gboolean
explore_next (void)
{
  return mode == REDUCED ? explore_search_next () : next_of_all ();
}

guint
explore_level (void)
{
  return mode == REDUCED ? explore_search_level () : bound;
}

/* -------------------------------------------------------------------- choose */

void
explore_begin_run (void)
{
  n_choices = 0;
  n_turns = 0;
  explore_memo_begin_run ();
  explore_search_begin_run ();
  explore_past_begin_run ();
}

gboolean
explore_end_run (void)
{
  return (mode != ALL && mode != REDUCED) || explore_memo_end_run (explore_past_key ());
}

gboolean
explore_chooses_everywhere (void)
{
  return mode == FOLLOW || mode == SEED;
}

int
explore_choose (guint      step,
                const int *options,
                int        n,
                gboolean   can_go_on)
{
  int taken = 0;

  switch (mode)
    {
    case FOLLOW:
      taken = choose_as_written (step, options, n);
      break;
    case SEED:
      taken = choose_by_chance (step, options, n);
      break;
    case ALL:
      taken = choose_next (n, can_go_on);
      break;
    case REDUCED:
      taken = explore_search_choose (options, n, can_go_on);
    }
  if (taken != 0)
    turns[n_turns++] = (Turn){ step, options[taken] };
  return options[taken];
}
