/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "explore-memo.h"

#include "explore.h"

#define N_EVENTS (4 * EXPLORE_MAX_STEPS)

typedef struct
{
  guint64 key;  /* 0: free */
  guint32 rest; /* what happened after it */
  guint8  level;
  guint8  taken; /* or only offered */
  guint8  has_rest;
} Place;

/* A turn that was taken in this run. */
typedef struct
{
  guint64  key;
  guint    n_events; /* before it */
  gboolean is_new;
} Meeting;

typedef struct
{
  Place *places;
  guint  n_slots; /* a power of two */
  guint  n;
} Set;

static Set      seen;
static Set      ends;
static guint64  sum_of_ends;
static Meeting  meetings[EXPLORE_MAX_STEPS];
static guint    n_meetings;
static guint32  events[N_EVENTS];
static guint    n_events;
static gboolean known;

static Place *
find (const Set *set,
      guint64    key)
{
  guint i = (guint) key & (set->n_slots - 1);

  while (set->places[i].key != 0 && set->places[i].key != key)
    i = (i + 1) & (set->n_slots - 1);
  return &set->places[i];
}

static void
resize (Set  *set,
        guint n_slots)
{
  Set old = *set;

  set->places = g_new0 (Place, n_slots);
  set->n_slots = n_slots;
  for (guint i = 0; i < old.n_slots; i++)
    if (old.places[i].key != 0)
      *find (set, old.places[i].key) = old.places[i];
  g_free (old.places);
}

/* @is_new: was not there before. */
static Place *
add (Set      *set,
     guint64   key,
     gboolean *is_new)
{
  Place *place;

  if (2 * set->n >= set->n_slots)
    resize (set, 2 * set->n_slots);
  place = find (set, key);
  *is_new = place->key == 0;
  set->n += *is_new;
  place->key = key;
  return place;
}

static void
clear (Set *set)
{
  g_free (set->places);
  *set = (Set){ NULL, 0, 0 };
  resize (set, 1 << 10);
}

void
explore_memo_clear (void)
{
  clear (&seen);
  clear (&ends);
  sum_of_ends = 0;
}

void
explore_memo_begin_run (void)
{
  n_meetings = n_events = 0;
  known = FALSE;
}

gboolean
explore_memo_offer (guint64 turn,
                    guint   level)
{
  gboolean is_new;
  Place   *place = add (&seen, turn + (turn == 0), &is_new);

  if (!is_new && (place->taken || place->level <= level))
    return FALSE;
  place->level = (guint8) level;
  return TRUE;
}

gboolean
explore_memo_wants (guint64 turn,
                    guint   level)
{
  const Place *place = find (&seen, turn + (turn == 0));

  return !place->taken && place->level == level;
}

void
explore_memo_take (guint64  turn,
                   guint    level,
                   gboolean keep,
                   gboolean is_default)
{
  gboolean is_new;
  Place   *place;

  turn += turn == 0;
  if (!keep && find (&seen, turn)->key == 0)
    return;
  place = add (&seen, turn, &is_new);
  if (is_default)
    {
      meetings[n_meetings++] = (Meeting){ turn, n_events, !place->has_rest };
      place->has_rest = TRUE;
    }
  known = place->taken;
  place->taken = TRUE;
  place->level = (guint8) level;
}

gboolean
explore_memo_is_known (void)
{
  return known;
}

void
explore_memo_happens (guint64 number)
{
  if (n_events < N_EVENTS)
    events[n_events++] = (guint32) (number ^ (number >> 32));
}

static void
add_end (guint64 end)
{
  gboolean is_new;

  end += end == 0;
  add (&ends, end, &is_new);
  if (is_new)
    sum_of_ends += end;
}

gboolean
explore_memo_end_run (guint64 end)
{
  guint32 rest = 1;
  guint   n = n_meetings;

  add_end (end);
  for (guint i = n_events + 1; i-- > 0;)
    {
      for (; n > 0 && meetings[n - 1].n_events == i; n--)
        {
          Place *place = find (&seen, meetings[n - 1].key);

          if (meetings[n - 1].is_new)
            place->rest = rest;
          else if (place->rest != rest)
            return FALSE;
        }
      if (i > 0)
        rest = (rest ^ events[i - 1]) * 2654435761u;
    }
  return TRUE;
}

guint
explore_memo_count_ends (guint64 *sum)
{
  *sum = sum_of_ends;
  return ends.n;
}
