/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Address space for stacks of one size. (lock of gco-stack) */

#pragma once

#include "gco-limits-private.h"
#include "gco-stack-private.h"

#define GCO_STACK_REGION_MAX 1024

/* It lies between its stacks and their records, and goes with them. Every stack is in
 * use, in a cache, in the depot, free or not yet carved. A free one has no memory: that of
 * its record goes with that of its neighbours'. */
struct _GcoStackRegion
{
  GcoStackRegion *next;     /* (lock), read by gco_stack_find_guard() */
  GcoStackRegion *previous; /* (lock) */
  char           *map;      /* (immutable) */
  gsize           map_size; /* (immutable) */
  char           *records;  /* (immutable) */
  gsize           size;     /* (immutable) of a stack */
  guint           n_stacks; /* (immutable) */

  /* (lock) */
  guint           n_carved; /* guarded, or once were; read as next is */
  guint           n_mapped; /* of those, by a mapping */
  guint           n_free;   /* of all carved */
  GList           open;     /* for lists of those with a free stack */
  GList           fresh;    /* for lists of those with one to be carved */
  gboolean        is_going; /* found to be empty, and in a list of those */
  GcoStackRegion *next_going;
  guint64         free[GCO_STACK_REGION_MAX / 64]; /* one bit a stack */
};

/* A region of at most @n stacks, none of them carved yet. NULL, with @shortage set: not
 * even of one. */
GcoStackRegion *gco_stack_region_new (gsize        size,
                                      guint        n,
                                      GcoShortage *shortage);

/* Frees it. FALSE: the system has no mapping left for what is on both sides; then it is
 * to be renewed. */
gboolean gco_stack_region_unmap (GcoStackRegion *region);

/* Makes it as if it were new, and gives the memory of its stacks back. */
void gco_stack_region_renew (GcoStackRegion *region);

/* Guards up to @n stacks more, which are free then. Returns how many: 0, with @shortage
 * set, only when none can be guarded. */
guint gco_stack_region_carve (GcoStackRegion *region,
                              guint           n,
                              GcoShortage    *shortage);

/* One that is free, which is not any longer. */
GcoStack *gco_stack_region_take (GcoStackRegion *region);

/* Frees those in the list, which n_free counts already, and gives their memory back to
 * the system. */
void gco_stack_regions_put (GcoStack *list);

/* Gives the memory of those in the list back that only a deep call has used. */
void gco_stack_regions_strip (GcoStack *list);

/* The records before the first that are the region itself. */
#define GCO_STACK_REGION_SLOTS \
 ((guint) ((sizeof (GcoStackRegion) + GCO_STACK_RECORD - 1) / GCO_STACK_RECORD))

static inline GcoStack *
gco_stack_region_nth (GcoStackRegion *region,
                      guint           i)
{
  return (GcoStack *) (region->records + (gsize) i * GCO_STACK_RECORD);
}
