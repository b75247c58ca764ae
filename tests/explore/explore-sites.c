/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Which accesses concern other actors. To take another turn before one that does not
 * changes nothing: the turn may as well be taken at the next one that does. So the
 * exhaustive search chooses only there. It begins with none, and begins again whenever a
 * run has shown a new one, until no run that it makes does.
 *
 * What is known from run to run is a place in a named object, such as the state of a lock
 * or the ready list of a context; or else, for what lies on stacks and in the heap, the
 * place in the sources.
 */

#include <string.h>

#include "explore.h"

#define N_CELLS 8192 /* powers of two */
#define N_PLACES 512
#define MAX_SITES 16

/* What was met in a named object. */
typedef struct
{
  const char *name; /* NULL: a free place */
  gsize       offset;
  gboolean    shared;
} Place;

/* What was met in this run. */
typedef struct
{
  guintptr     address;
  guint        run;
  guint        namings; /* when @place was looked up */
  Place       *place;   /* or NULL: it is in no named object */
  guint        readers; /* bits */
  guint        writers;
  guint        n_sites;
  ExploreSite *sites[MAX_SITES];
} Cell;

static Cell     cells[N_CELLS];
static Place    places[N_PLACES];
static guint    run = 1;
static guint    n_shared;
static gboolean learnt;

static guint
hash (guintptr number)
{
  return (guint) ((number >> 2) * 2654435761u);
}

static Place *
find_place (const char *name,
            gsize       offset)
{
  guint first = hash ((guintptr) name + offset);

  for (guint i = 0; i < N_PLACES; i++)
    {
      Place *place = &places[(first + i) & (N_PLACES - 1)];

      if (place->name == NULL)
        *place = (Place){ name, offset, FALSE };
      if (place->name == name && place->offset == offset)
        return place;
    }
  g_assert_not_reached ();
}

/* What it is called may change in a run. */
static Place *
place_of (Cell *cell)
{
  gconstpointer start;
  const char   *name;

  if (cell->namings == explore_count_namings ())
    return cell->place;
  name = explore_name_at ((gconstpointer) cell->address, &start);
  cell->namings = explore_count_namings ();
  cell->place = name != NULL ? find_place (name, cell->address - (guintptr) start) : NULL;
  return cell->place;
}

static void
share (Cell *cell)
{
  Place *place = place_of (cell);

  for (guint i = 0; place == NULL && i < cell->n_sites; i++)
    if (!cell->sites[i]->shared)
      {
        cell->sites[i]->shared = learnt = TRUE;
        n_shared++;
      }
  if (place != NULL && !place->shared)
    {
      place->shared = learnt = TRUE;
      n_shared++;
    }
}

static Cell *
find_cell (guintptr address)
{
  guint first = hash (address);

  for (guint i = 0; i < N_CELLS; i++)
    {
      Cell *cell = &cells[(first + i) & (N_CELLS - 1)];

      if (cell->run != run)
        {
          memset (cell, 0, sizeof *cell);
          cell->run = run;
          cell->address = address;
        }
      if (cell->address == address)
        return cell;
    }
  g_assert_not_reached ();
}

static gboolean
is_shared (const Cell *cell)
{
  guint all = cell->readers | cell->writers;

  return cell->writers != 0 && (all & (all - 1)) != 0;
}

static void
add_site (Cell        *cell,
          ExploreSite *site)
{
  for (guint i = 0; i < cell->n_sites; i++)
    if (cell->sites[i] == site)
      return;
  g_assert (cell->n_sites < MAX_SITES);
  cell->sites[cell->n_sites++] = site;
}

gboolean
explore_sites_note (ExploreSite         *site,
                    const volatile void *address,
                    int                  actor,
                    gboolean             writes)
{
  Cell  *cell = find_cell ((guintptr) address);
  Place *place;

  if (writes)
    cell->writers |= 1u << actor;
  else
    cell->readers |= 1u << actor;
  add_site (cell, site);
  if (is_shared (cell))
    share (cell);
  place = place_of (cell);
  return place != NULL ? place->shared : site->shared;
}

void
explore_sites_begin_run (void)
{
  run++;
}

gboolean
explore_sites_have_learnt (void)
{
  gboolean result = learnt;

  learnt = FALSE;
  return result;
}

guint
explore_sites_count_shared (void)
{
  return n_shared;
}
