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
  guint32 choice; /* at which */
  guint32 taken;  /* which option */
} Branch;

static GArray *branches;
static guint32 waiting[MAX_LEVELS]; /* the first of each level; 0: none */
static guint   bound;
static guint   level;
static guint32 current;

/* Of the run: what it takes at its first choices. */
static guint8 fixed[EXPLORE_MAX_STEPS];
static guint  n_fixed;
static guint  n_choices;

void
explore_search_begin (guint preemptions)
{
  g_assert (preemptions < MAX_LEVELS);
  bound = preemptions;
  level = current = n_fixed = 0;
  memset (waiting, 0, sizeof waiting);
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

  current = number;
  n_fixed = branch->choice + 1;
  memset (fixed, 0, n_fixed);
  for (; number != 0; number = branch->before)
    {
      branch = &g_array_index (branches, Branch, number);
      fixed[branch->choice] = (guint8) branch->taken;
    }
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
        if (!explore_memo_wants (branch->turn, level))
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
  n_choices = 0;
}

static void
offer (guint64 turn,
       guint   with,
       int     option)
{
  Branch branch = { turn, current, waiting[with], n_choices, (guint32) option };

  if (with > bound || !explore_memo_offer (turn, with))
    return;
  waiting[with] = branches->len;
  g_array_append_val (branches, branch);
}

static guint64
turn_of (guint64 place,
         int     actor)
{
  return (place + (guint64) actor) * G_GUINT64_CONSTANT (0x9e3779b97f4a7c15);
}

int
explore_search_choose (const int *options,
                       int        n,
                       gboolean   can_go_on)
{
  guint64 place;
  int     taken = 0;

  if (explore_memo_is_known ())
    return 0;
  if (n_choices < n_fixed)
    {
      taken = fixed[n_choices++];
      if (n_choices == n_fixed)
        explore_memo_take (turn_of (explore_past_key (), options[taken]), level, TRUE);
      return taken;
    }
  place = explore_past_key ();
  for (int i = n; i-- > 1;)
    offer (turn_of (place, options[i]), can_go_on ? level + 1 : level, i);
  n_choices++;
  /* With no preemption left, what was not offered leads to what is not offered either. */
  explore_memo_take (turn_of (place, options[0]), level, level < bound || !can_go_on);
  return 0;
}
