/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Which places in the sources touch what other actors touch too. To take another turn
 * before an access that concerns nobody else changes nothing: the turn may as well be
 * taken at the next access that does. So the exhaustive search chooses at shared places
 * only. It begins with none, and begins again whenever a run has shown a new one, until
 * no run that it makes does.
 */

#include <string.h>

#include "explore.h"

#define N_CELLS 8192 /* a power of two */
#define MAX_SITES 16

typedef struct
{
  guintptr     address;
  guint        run;
  guint        readers; /* bits */
  guint        writers;
  guint        n_sites;
  ExploreSite *sites[MAX_SITES];
} Cell;

static Cell     cells[N_CELLS];
static guint    run = 1;
static guint    n_shared;
static gboolean learnt;

static void
share (ExploreSite *site)
{
  if (site->shared)
    return;
  site->shared = TRUE;
  n_shared++;
  learnt = TRUE;
}

static Cell *
find (guintptr address)
{
  guint place = (guint) ((address >> 2) * 2654435761u) & (N_CELLS - 1);

  for (guint i = 0; i < N_CELLS; i++)
    {
      Cell *cell = &cells[(place + i) & (N_CELLS - 1)];

      if (cell->run != run)
        {
          memset (cell, 0, sizeof *cell);
          cell->run = run;
          cell->address = address;
        }
      if (cell->address == address)
        return cell;
    }
  return NULL;
}

static gboolean
is_shared (const Cell *cell)
{
  guint all = cell->readers | cell->writers;

  return cell->writers != 0 && (all & (all - 1)) != 0;
}

void
explore_sites_note (ExploreSite         *site,
                    const volatile void *address,
                    int                  actor,
                    gboolean             writes)
{
  Cell *cell = find ((guintptr) address);

  if (cell == NULL || cell->n_sites == MAX_SITES)
    {
      share (site);
      return;
    }
  if (writes)
    cell->writers |= 1u << actor;
  else
    cell->readers |= 1u << actor;
  for (guint i = 0; i < cell->n_sites; i++)
    if (cell->sites[i] == site)
      site = NULL;
  if (site != NULL)
    cell->sites[cell->n_sites++] = site;
  if (is_shared (cell))
    for (guint i = 0; i < cell->n_sites; i++)
      share (cell->sites[i]);
}

gboolean
explore_sites_end_run (void)
{
  gboolean result = learnt;

  run++;
  learnt = FALSE;
  return result;
}

guint
explore_sites_count_shared (void)
{
  return n_shared;
}
