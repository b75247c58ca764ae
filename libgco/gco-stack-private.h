/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Stacks: cut from large reserved regions, each with a guard page at its lower
 * end, never without. A stack comes with a record of GCO_STACK_RECORD bytes in
 * a compact slab: its first bytes are the GcoStack, the rest is the user's.
 *
 * Sizes are powers of two, the guard page included, so that a handful of
 * classes serves all.
 */

#pragma once

#include <gio/gio.h>

#include "gco-sanitizer-private.h"

#define GCO_STACK_RECORD (GCO_SWITCH_HOOKED ? 320 : 256)
#define GCO_STACK_DEFAULT_SIZE (1u << 20)
#define GCO_STACK_MIN_SHIFT 14
#define GCO_STACK_N_CLASSES 17
#define GCO_STACK_DEFAULT_CLASS (20 - GCO_STACK_MIN_SHIFT)

/* How many stacks of a class a thread keeps, at least and at most, and then all threads
 * together. */
#define GCO_STACK_CACHE_MIN 16
#define GCO_STACK_CACHE_MAX 256
#define GCO_STACK_DEPOT_MIN 8
#define GCO_STACK_DEPOT_MAX 16384

/* And of address space. */
#define GCO_STACK_DEPOT_BYTES ((gsize) 1 << (sizeof (gsize) == 8 ? 34 : 28))

typedef struct _GcoStack       GcoStack;
typedef struct _GcoStackRegion GcoStackRegion;

struct _GcoStack
{
  GcoStack       *next;   /* (owner) in a cache or a list */
  char           *top;    /* (immutable) where execution starts */
  char           *base;   /* (immutable) lowest byte, of the guard page */
  gsize           size;   /* (immutable) guard included */
  GcoStackRegion *region; /* (immutable) */
  GcoSanitizer    sanitizer;
} __attribute__ ((aligned (64)));

typedef struct
{
  GcoStack *head; /* (owner) */
  guint     n;
  guint     max;
} GcoStackCache;

gsize gco_stack_page_size (void);

/* The class for a stack of @size bytes, or -1 if none is that large. */
int gco_stack_class_for_size (gsize size);

/* Any thread, outside of coroutines. NULL and G_IO_ERROR_NO_SPACE when no guarded stack can
 * be had, nor with what the depot keeps of other sizes given back; caches are their
 * threads'. */
GcoStack *gco_stack_new (int      stack_class,
                         GError **error);

static inline int
gco_stack_get_class (GcoStack *stack)
{
  return __builtin_ctzl (stack->size) - GCO_STACK_MIN_SHIFT;
}

/* Calls @func for the record of every stack that was ever handed out and still
 * exists, under the lock of this module: @func must not come back here. */
typedef void (*GcoStackFunc) (GcoStack *stack,
                              gpointer  user_data);
void gco_stack_foreach (GcoStackFunc func,
                        gpointer     user_data);

/* Between these two no stack or record that is found can go. Without a lock or a wait, for
 * the one who looks may have been interrupted with that lock held: async-signal-safe. */
void gco_stack_begin_look (void);
void gco_stack_end_look (void);

/* In a look: the stack whose guard page holds @address, or NULL. */
GcoStack *gco_stack_find_guard (gconstpointer address);

/* Where the lowest page begins that was written to since it was given to the system last;
 * the end of the stack if none was. Where that cannot be found out, or all memory is
 * locked: the lowest there is. One that is swapped out was not written to, says the system: above
 * what this returns there may be none that are alive, below it there may. Any thread. */
char *gco_stack_find_lowest (GcoStack *stack);

/* Gives the pages that lie wholly below @end back to the system: nothing may be in them. */
void gco_stack_give_back (GcoStack *stack,
                          char     *end);

/* For tests: believe in a limit of @max_mappings (0: the system's), and do without
 * MADV_GUARD_INSTALL as well. */
void gco_stack_force_max_mappings (gsize max_mappings);
void gco_stack_force_mprotect (gsize max_mappings);

/* The calling thread's memory of stacks that ended: LIFO, no lock. */
static inline GcoStack *
gco_stack_cache_take (GcoStackCache *cache)
{
  GcoStack *stack = cache->head;

  if (G_LIKELY (stack != NULL))
    {
      cache->head = stack->next;
      cache->n--;
    }
  return stack;
}

/* Lets go of the half that was used longest ago, without touching the newest. What it
 * lets go is given to other threads first, and to the system when there is more of it
 * than seems to be needed again. */
void gco_stack_cache_trim (GcoStackCache *cache);

/* Lets go of all. */
void gco_stack_cache_clear (GcoStackCache *cache);

/* @stack may be the one the caller runs on: trimmed before it is added. */
static inline void
gco_stack_cache_put (GcoStackCache *cache,
                     GcoStack      *stack)
{
  if (G_UNLIKELY (cache->n >= cache->max))
    gco_stack_cache_trim (cache);
  stack->next = cache->head;
  cache->head = stack;
  cache->n++;
}
