/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A pairing heap: it needs no memory of its own and inserts in constant time. */

#include "gco-timer-heap-private.h"

static gboolean
before (const GcoTimer *a,
        const GcoTimer *b)
{
  if (a->deadline != b->deadline)
    return a->deadline < b->deadline;
  return a->order < b->order;
}

/* Either may be NULL; both are without siblings. */
static GcoTimer *
meld (GcoTimer *a,
      GcoTimer *b)
{
  GcoTimer *winner;
  GcoTimer *loser;

  if (a == NULL || b == NULL)
    return a != NULL ? a : b;
  winner = before (b, a) ? b : a;
  loser = winner == a ? b : a;
  loser->next = winner->child;
  if (winner->child != NULL)
    winner->child->previous = loser;
  loser->previous = winner;
  winner->child = loser;
  return winner;
}

/* Melds a list of siblings: in pairs on the way there, all on the way back. */
static GcoTimer *
meld_siblings (GcoTimer *list)
{
  GcoTimer *pairs = NULL;
  GcoTimer *root = NULL;

  while (list != NULL)
    {
      GcoTimer *a = list;
      GcoTimer *b = a->next;
      GcoTimer *pair;

      list = b != NULL ? b->next : NULL;
      a->next = a->previous = NULL;
      if (b != NULL)
        b->next = b->previous = NULL;
      pair = meld (a, b);
      pair->next = pairs;
      pairs = pair;
    }
  while (pairs != NULL)
    {
      GcoTimer *pair = pairs;

      pairs = pair->next;
      pair->next = NULL;
      root = meld (root, pair);
    }
  return root;
}

GcoTimer *
gco_timer_heap_add (GcoTimer *first,
                    GcoTimer *timer)
{
  timer->next = timer->previous = timer->child = NULL;
  return meld (first, timer);
}

GcoTimer *
gco_timer_heap_remove (GcoTimer *first,
                       GcoTimer *timer)
{
  GcoTimer *below = meld_siblings (timer->child);

  if (timer == first)
    return below;
  if (timer->previous->child == timer)
    timer->previous->child = timer->next;
  else
    timer->previous->next = timer->next;
  if (timer->next != NULL)
    timer->next->previous = timer->previous;
  return meld (first, below);
}

GcoTimer *
gco_timer_heap_take_due (GcoTimer  *first,
                         gint64     now,
                         GcoTimer **due,
                         guint     *n)
{
  GcoTimer *siblings = first;
  GcoTimer *parents = NULL; /* of siblings not yet looked at, linked by @previous */
  GcoTimer *later = NULL;

  *due = NULL;
  *n = 0;
  for (;;)
    {
      while (siblings != NULL)
        {
          GcoTimer  *timer = siblings;
          gboolean   is_due = timer->deadline <= now;
          GcoTimer **to = is_due ? due : &later;

          siblings = timer->next;
          timer->next = *to;
          *to = timer;
          if (!is_due)
            continue;
          timer->state = GCO_TIMER_DUE;
          ++*n;
          if (timer->child != NULL)
            {
              timer->previous = parents;
              parents = timer;
            }
        }
      if (parents == NULL)
        return meld_siblings (later);
      siblings = parents->child;
      parents = parents->previous;
    }
}
