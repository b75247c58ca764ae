/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "explore-search.h"

#include <string.h>

#include "explore-memo.h"
#include "explore-past.h"
#include "explore.h"

#define MAX_LEVELS 8

/* Another turn than the default, at some choice of a schedule that was tried; the default
 * from there on. */
typedef struct
{
  guint64 turn;   /* for the memo */
  guint32 before; /* the branch that it is of; 0: the default everywhere */
  guint32 next;   /* of its level; 0: none */
  guint32 when;   /* as explore_past_now() says */
  guint16 choice; /* at which */
  guint16 period; /* of the run: who runs has done so since it began */
  gint8   taken;  /* which option */
  gint8   actor;  /* that goes on */
  gint8   waits;  /* that could have gone on for nothing, or < 0 */
} Branch;

static GArray *branches;
static guint32 waiting[MAX_LEVELS]; /* the first of each level; 0: none */
static guint   bound;
static guint   level;
static guint32 first;   /* the branch that the run began as */
static guint32 current; /* and what it has become */

/* By the last branch in which the actor went on while another one was let wait. */
static struct
{
  guint32 before; /* of the branch */
  guint32 period;
  guint32 disturbed; /* as explore_past_end_wait() says */
} found[EXPLORE_MAX_ACTORS];

/* Of the run: what it takes at its first choices. */
static guint8 fixed[EXPLORE_MAX_STEPS];
static guint  n_fixed;
static guint  n_choices;
static int    runs;
static guint  period;

void
explore_search_begin (guint preemptions)
{
  g_assert (preemptions < MAX_LEVELS);
  bound = preemptions;
  level = first = current = n_fixed = 0;
  memset (waiting, 0, sizeof waiting);
  memset (found, 0, sizeof found);
  if (branches == NULL)
    branches = g_array_new (FALSE, TRUE, sizeof (Branch));
  g_array_set_size (branches, 0);
  g_array_set_size (branches, 1);
}

guint
explore_search_level (void)
{
  return level;
}

/* What it takes before it, from the last to the first. */
static void
fix (guint32 number)
{
  const Branch *branch = &g_array_index (branches, Branch, number);

  first = current = number;
  n_fixed = branch->choice + 1;
  memset (fixed, 0, n_fixed);
  for (; number != 0; number = branch->before)
    {
      branch = &g_array_index (branches, Branch, number);
      fixed[branch->choice] = (guint8) branch->taken;
    }
}

/* With the last preemption somebody is let wait, and the others go on for as long as they
 * can. If they do nothing that does not commute with what it did from here on to where it was
 * let wait in a branch tried before, to let it wait here leads to the same. (Of two others only
 * one can go on where the one before it cannot: with more actors, the ways that they can go
 * would have to be told apart.) */
G_STATIC_ASSERT (EXPLORE_MAX_ACTORS <= 3);

static gboolean
is_in_vain (const Branch *branch)
{
  return level == bound && branch->waits >= 0 &&
         found[branch->actor].before == branch->before &&
         found[branch->actor].period == branch->period &&
         found[branch->actor].disturbed <= branch->when;
}

gboolean
explore_search_next (void)
{
  for (; level <= bound; level++)
    while (waiting[level] != 0)
      {
        guint32       number = waiting[level];
        const Branch *branch = &g_array_index (branches, Branch, number);

        waiting[level] = branch->next;
        if (!explore_memo_wants (branch->turn, level) || is_in_vain (branch))
          continue;
        fix (number);
        return TRUE;
      }
  level = bound;
  return FALSE;
}

void
explore_search_begin_run (void)
{
  n_choices = period = 0;
  runs = -1;
}

static guint64
turn_of (guint64 place,
         int     actor)
{
  return (place + (guint64) actor) * G_GUINT64_CONSTANT (0x9e3779b97f4a7c15);
}

/* What the run may take, or takes, other than the default. */
static guint32
add_branch (guint64    turn,
            const int *options,
            int        taken,
            gboolean   costs)
{
  Branch branch = { .turn = turn,
                    .before = current,
                    .when = explore_past_now (),
                    .choice = (guint16) n_choices,
                    .period = (guint16) period,
                    .taken = (gint8) taken,
                    .actor = (gint8) options[taken],
                    .waits = (gint8) (costs ? options[0] : -1) };

  g_array_append_val (branches, branch);
  return branches->len - 1;
}

static void
offer (guint64    place,
       const int *options,
       int        option,
       gboolean   costs)
{
  guint   with = costs ? level + 1 : level;
  guint64 turn = turn_of (place, options[option]);
  guint32 number;

  if (with > bound || !explore_memo_offer (turn, with))
    return;
  number = add_branch (turn, options, option, costs);
  g_array_index (branches, Branch, number).next = waiting[with];
  waiting[with] = number;
}

/* As the branch says. */
static int
choose_fixed (const int *options)
{
  const Branch *branch = &g_array_index (branches, Branch, current);
  int           taken = fixed[n_choices++];
  gboolean      lets_wait = level == bound && branch->waits >= 0;

  if (n_choices < n_fixed)
    return taken;
  if (lets_wait)
    explore_past_begin_wait (branch->waits);
  explore_memo_take (branch->turn, level, TRUE, !lets_wait);
  return taken;
}

/* Who was let wait goes on when nobody else can. */
static int
choose_default (const int *options,
                int        n,
                gboolean   can_go_on)
{
  int     waits = explore_past_who_waits ();
  int     taken = n > 1 && options[0] == waits ? 1 : 0;
  guint64 place;

  if (n == 1 || explore_memo_is_known ())
    return taken;
  place = explore_past_key ();
  for (int i = n; i-- > 0;)
    if (i != taken)
      offer (place, options, i, can_go_on);
  if (taken > 0)
    current = add_branch (0, options, taken, FALSE);
  n_choices++;
  /* With no preemption left, what was not offered leads to what is not offered either. */
  explore_memo_take (turn_of (place, options[taken]),
                     level,
                     level < bound || !can_go_on,
                     waits < 0);
  return taken;
}

static void
note_turn (int actor)
{
  const Branch *branch = &g_array_index (branches, Branch, first);

  period += actor != runs;
  runs = actor;
  if (actor != explore_past_who_waits ())
    return;
  found[branch->actor].before = branch->before;
  found[branch->actor].period = branch->period;
  found[branch->actor].disturbed = explore_past_end_wait ();
}

int
explore_search_choose (const int *options,
                       int        n,
                       gboolean   can_go_on)
{
  int taken = n_choices >= n_fixed ? choose_default (options, n, can_go_on)
              : n > 1              ? choose_fixed (options)
                                   : 0;

  note_turn (options[taken]);
  return taken;
}
