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

#define N_LOCATIONS 16384 /* a power of two */

typedef struct
{
  guintptr address;
  guint    run;
  guint64  change; /* the last one */
  guint64  looks;  /* all that came after it */
} Location;

static Location locations[N_LOCATIONS];
static guint    run;
static guint64  pasts[EXPLORE_MAX_ACTORS];

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
        *location = (Location){ address, run, 0, 0 };
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
}

static void
add (guint64             *past,
     const volatile void *address,
     gboolean             changes)
{
  Location *location = find ((guintptr) address);

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
  add (&pasts[self->index], address, changes);
  if (self->emits != NULL)
    add (&pasts[self->index], self->emits, TRUE);
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
