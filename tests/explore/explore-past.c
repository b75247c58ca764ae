/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What each actor can know: a number for all that its last access came after. It is made
 * of the accesses and of the order of those that do not commute, so that two schedules
 * which differ only in the order of others give the same, and lead to the same.
 *
 * An access that leaves things as they are commutes with its like. All orders of GLib's own
 * doings count: what an actor does inside of g_cancellable_cancel() is also said of the
 * cancellable. Of the scenarios, each access is told by the compiler: see the end.
 */

#include "explore-past.h"

#include <string.h>

#include "explore-scheduler.h"

#define MAX_PAUSES 16
#define N_LOCATIONS 16384 /* a power of two */

typedef struct
{
  guintptr address;
  guint    run;
  guint64  change; /* the last one */
  guint64  looks;  /* all that came after it */

  /* When each actor did so last; 0: never. */
  guint looked[EXPLORE_MAX_ACTORS];
  guint changed[EXPLORE_MAX_ACTORS];
} Location;

static Location locations[N_LOCATIONS];
static guint    run;
static guint64  pasts[EXPLORE_MAX_ACTORS];
static guint    now; /* accesses of this run */

static struct
{
  int   actor;     /* < 0: nobody */
  guint n_pauses;  /* of others, meanwhile */
  guint disturbed; /* the last that it has done of what others disturb */

  /* When each actor did so last. */
  guint barred[EXPLORE_MAX_ACTORS];
  guint changed[EXPLORE_MAX_ACTORS]; /* anything */
} waits;

static guint64
mix (guint64 a,
     guint64 b)
{
  guint64 z = (a ^ (a >> 32)) * G_GUINT64_CONSTANT (0x9e3779b97f4a7c15) + b;

  z = (z ^ (z >> 30)) * G_GUINT64_CONSTANT (0xbf58476d1ce4e5b9);
  z = (z ^ (z >> 27)) * G_GUINT64_CONSTANT (0x94d049bb133111eb);
  return z ^ (z >> 31);
}

static Location *
find (guintptr address)
{
  guint first = (guint) ((address >> 2) * 2654435761u);

  for (guint i = 0; i < N_LOCATIONS; i++)
    {
      Location *location = &locations[(first + i) & (N_LOCATIONS - 1)];

      if (location->run != run)
        *location = (Location){ .address = address, .run = run };
      if (location->address == address)
        return location;
    }
  g_assert_not_reached ();
}

void
explore_past_begin_run (void)
{
  run++;
  memset (pasts, 0, sizeof pasts);
  memset (&waits, 0, sizeof waits);
  waits.actor = -1;
  now = 0;
}

/* ----------------------------------------------------------------- who was let wait */

guint
explore_past_now (void)
{
  return now;
}

void
explore_past_begin_wait (int actor)
{
  waits.actor = actor;
  waits.n_pauses = 0;
  waits.disturbed = waits.barred[actor];
}

guint
explore_past_end_wait (void)
{
  waits.actor = -1;
  return waits.disturbed;
}

int
explore_past_who_waits (void)
{
  return waits.actor;
}

void
explore_past_bar (void)
{
  ExploreActor *self = explore_actor_here ();

  if (self == NULL)
    return;
  waits.barred[self->index] = ++now;
  waits.disturbed = G_MAXUINT;
  waits.actor = -1;
}

void
explore_past_pause (void)
{
  ExploreActor *self = explore_actor_here ();

  waits.barred[self->index] = ++now;
  if (waits.actor < 0 || waits.actor == self->index)
    return;
  waits.disturbed = MAX (waits.disturbed, waits.changed[waits.actor]);
  /* Two that give way to each other would never let it go on. */
  if (++waits.n_pauses > MAX_PAUSES)
    explore_past_bar ();
}

static void
note (Location *location,
      int       actor,
      gboolean  changes)
{
  now++;
  if (changes)
    location->changed[actor] = waits.changed[actor] = now;
  else
    location->looked[actor] = now;
  if (waits.actor < 0 || waits.actor == actor)
    return;
  waits.disturbed = MAX (waits.disturbed, location->changed[waits.actor]);
  if (changes)
    waits.disturbed = MAX (waits.disturbed, location->looked[waits.actor]);
}

void
explore_past_look (const volatile void *address)
{
  ExploreActor *self = explore_actor_here ();

  if (self != NULL)
    note (find ((guintptr) address), self->index, FALSE);
}

/* ------------------------------------------------------------------------- accesses */

static void
add (int                  actor,
     const volatile void *address,
     gboolean             changes)
{
  guint64  *past = &pasts[actor];
  Location *location = find ((guintptr) address);

  note (location, actor, changes);
  *past = mix (*past, location->change);
  if (!changes)
    {
      *past = mix (*past, 1);
      location->looks += *past;
      return;
    }
  *past = mix (*past, location->looks);
  location->change = *past;
  location->looks = 0;
}

void
explore_past_add (const volatile void *address,
                  gboolean             changes)
{
  ExploreActor *self = explore_actor_here ();

  if (self == NULL)
    return;
  add (self->index, address, changes);
  if (self->emits != NULL)
    add (self->index, self->emits, TRUE);
}

/* Where each of them stands, and what is not memory. */
guint64
explore_past_key (void)
{
  guint64 key = (guint64) explore_world.now;

  for (int i = 0; i < explore_world.n_actors; i++)
    {
      const ExploreActor *actor = &explore_world.actors[i];

      key = mix (key, pasts[i]);
      key = mix (key, (guint64) actor->stand);
      key = mix (key, (guint64) actor->state * 2 + (guint64) actor->paused);
      if (actor->state == EXPLORE_BLOCKED)
        key = mix (key, (guint64) actor->deadline);
    }
  return key;
}

/* ---------------------------------------------------------------- told by gcc */

/* The scenarios are compiled with -fsanitize=thread and linked with this in the place of
 * its library: their own variables are shared as well, and bring no choice of their own. */
#define TOLD(suffix)                  \
 void __tsan_read##suffix (void *p);  \
 void __tsan_write##suffix (void *p); \
 void __tsan_read##suffix (void *p)   \
 {                                    \
  explore_past_add (p, FALSE);        \
 }                                    \
 void __tsan_write##suffix (void *p)  \
 {                                    \
  explore_past_add (p, TRUE);         \
 }

TOLD (1)
TOLD (2)
TOLD (4)
TOLD (8)
TOLD (16)

void __tsan_read_range (void *p,
                        gsize size);
void __tsan_write_range (void *p,
                         gsize size);
void __tsan_init (void);
void __tsan_func_entry (void *caller);
void __tsan_func_exit (void);

/* Of a struct. */
void
__tsan_read_range (void *p,
                   gsize size)
{
  for (gsize i = 0; i < size; i += 4)
    explore_past_add ((char *) p + i, FALSE);
}

void
__tsan_write_range (void *p,
                    gsize size)
{
  for (gsize i = 0; i < size; i += 4)
    explore_past_add ((char *) p + i, TRUE);
}

void
__tsan_init (void)
{
}

void
__tsan_func_entry (void *caller)
{
}

void
__tsan_func_exit (void)
{
}
