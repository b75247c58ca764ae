/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Regions are mapped without reserving swap and without huge pages, 64 MiB at
 * a time (less when that much address space cannot be had); their stacks are
 * guarded in batches when first needed. A region all of whose stacks are free
 * is unmapped, but for one a class, so that a program at the edge of a region
 * does not map and unmap it for ever.
 *
 * Calls nothing of libgco but gco-guard.
 */

#include "gco-stack-private.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "gco-atomic-private.h"
#include "gco-guard-private.h"

#define REGION_BYTES (64u << 20)
#define MAX_STACKS 1024
#define GUARD_BATCH 16

struct _GcoStackRegion
{
  GcoStackRegion *next;     /* (lock), read by gco_stack_find_guard() */
  char           *map;      /* (immutable) records first, stacks after */
  gsize           map_size; /* (immutable) */
  char           *stacks;   /* (immutable) */
  gsize           size;     /* (immutable) of a stack */
  guint           n_stacks; /* (immutable) */
  guint           n_carved; /* (lock) guarded, with a record */
  guint           n_free;   /* (lock) of those, in free_stacks */
};

/* For debuggers, which know no macros. */
static const gsize record_size __attribute__ ((used)) = GCO_STACK_RECORD;

static GMutex          lock;
static GcoStackRegion *regions[GCO_STACK_N_CLASSES];     /* (lock) newest first */
static GcoStack       *free_stacks[GCO_STACK_N_CLASSES]; /* (lock) */

static gsize
page_size (void)
{
  static gsize size;

  if (gco_load_relaxed (&size) == 0)
    gco_store_relaxed (&size, (gsize) sysconf (_SC_PAGESIZE));
  return gco_load_relaxed (&size);
}

/* A signal handler must fit in, whatever the registers of this machine. */
static gsize
min_size (void)
{
#ifdef _SC_MINSIGSTKSZ
  long signal_frame = sysconf (_SC_MINSIGSTKSZ);
#else
  long signal_frame = 2048;
#endif

  return page_size () + 8192 + (gsize) MAX (signal_frame, 2048);
}

int
gco_stack_class_for_size (gsize size)
{
  int stack_class = 0;

  size = MAX (size, min_size ());
  while (stack_class < GCO_STACK_N_CLASSES &&
         ((gsize) 1 << (GCO_STACK_MIN_SHIFT + stack_class)) < size)
    stack_class++;
  return stack_class < GCO_STACK_N_CLASSES ? stack_class : -1;
}

static GcoStack *
nth_record (GcoStackRegion *region,
            guint           i)
{
  return (GcoStack *) (region->map + (gsize) i * GCO_STACK_RECORD);
}

static GcoStackRegion *
region_new (gsize    size,
            GError **error)
{
  gsize           n = CLAMP (REGION_BYTES / size, 1, MAX_STACKS);
  GcoStackRegion *region;

  for (;; n /= 2)
    {
      gsize page = page_size ();
      gsize records = (n * GCO_STACK_RECORD + page - 1) & ~(page - 1);
      gsize map_size = records + n * size;
      char *map = mmap (NULL,
                        map_size,
                        PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
                        -1,
                        0);

      if (map == MAP_FAILED)
        {
          if (n > 1)
            continue;
          g_set_error (error,
                       G_IO_ERROR,
                       G_IO_ERROR_NO_SPACE,
                       "No address space for a coroutine's stack of %" G_GSIZE_FORMAT
                       " bytes: %s",
                       size,
                       g_strerror (errno));
          return NULL;
        }
#ifdef MADV_NOHUGEPAGE
      madvise (map, map_size, MADV_NOHUGEPAGE);
#endif
      region = g_new0 (GcoStackRegion, 1);
      region->map = map;
      region->map_size = map_size;
      region->stacks = map + records;
      region->size = size;
      region->n_stacks = (guint) n;
      gco_sanitizer_records_init (map, records);
      return region;
    }
}

/* Offsets the tops, lest all first frames compete for the same cache lines. */
static gsize
colour (guint i)
{
  return (i % 32) * 64;
}

/* (lock) */
static void
add_free (GcoStack *stack)
{
  GcoStack **list = &free_stacks[gco_stack_get_class (stack)];

  stack->next = *list;
  *list = stack;
  stack->region->n_free++;
}

/* (lock) Guards the next stacks of @region; as many as can be had. */
static gboolean
region_carve (GcoStackRegion *region,
              GError        **error)
{
  guint begin = region->n_carved;
  guint end = MIN (begin + GUARD_BATCH, region->n_stacks);

  for (guint i = begin; i < end; i++)
    {
      GcoStack *stack = nth_record (region, i);
      char     *base = region->stacks + i * region->size;
      gsize     page = page_size ();

      if (!gco_guard_install (base,
                              page,
                              &stack->guard_is_mapping,
                              i == begin ? error : NULL))
        return i > begin;
      stack->base = base;
      stack->size = region->size;
      stack->top = base + region->size - colour (i);
      stack->region = region;
      gco_sanitizer_stack_init (&stack->sanitizer,
                                base + page,
                                region->size - page);
      add_free (stack);
      region->n_carved++;
    }
  return TRUE;
}

/* (lock) FALSE: the system has no mapping left for what is on both sides; then
 * @region is as if it were new. */
static gboolean
region_unmap (GcoStackRegion *region)
{
  for (guint i = 0; i < region->n_carved; i++)
    {
      GcoStack *stack = nth_record (region, i);

      gco_sanitizer_stack_clear (&stack->sanitizer);
      gco_guard_forget (stack->guard_is_mapping);
    }
  gco_sanitizer_records_clear (region->map, (gsize) (region->stacks - region->map));
  region->n_carved = region->n_free = 0;
  if (munmap (region->map, region->map_size) != 0)
    return FALSE;
  g_free (region);
  return TRUE;
}

/* (lock) */
static void
region_link (GcoStackRegion *region,
             int             stack_class)
{
  region->next = regions[stack_class];
  /* pairs with gco_stack_find_guard() */
  gco_store_release (&regions[stack_class], region);
}

/* (lock) Sees to it that the class has a free stack. */
static gboolean
refill (int      stack_class,
        GError **error)
{
  GcoStackRegion *region = regions[stack_class];

  while (region != NULL && region->n_carved == region->n_stacks)
    region = region->next;
  if (region != NULL)
    return region_carve (region, error);

  region = region_new ((gsize) 1 << (GCO_STACK_MIN_SHIFT + stack_class), error);
  if (region == NULL)
    return FALSE;
  if (!region_carve (region, error))
    {
      if (!region_unmap (region))
        region_link (region, stack_class);
      return FALSE;
    }
  region_link (region, stack_class);
  return TRUE;
}

GcoStack *
gco_stack_new (int      stack_class,
               GError **error)
{
  GcoStack *stack = NULL;

  g_mutex_lock (&lock);
  if (free_stacks[stack_class] != NULL || refill (stack_class, error))
    {
      stack = free_stacks[stack_class];
      free_stacks[stack_class] = stack->next;
      stack->region->n_free--;
    }
  g_mutex_unlock (&lock);
  return stack;
}

/* (lock) Takes the stacks of regions that go out of the free list. */
static void
drop_free_stacks (int             stack_class,
                  GcoStackRegion *going)
{
  GcoStack **link = &free_stacks[stack_class];

  for (GcoStackRegion *region = going; region != NULL; region = region->next)
    region->n_free = G_MAXUINT;
  while (*link != NULL)
    if ((*link)->region->n_free == G_MAXUINT)
      *link = (*link)->next;
    else
      link = &(*link)->next;
}

/* (lock) Keeps one idle region of the class, unmaps the others. */
static void
drop_idle_regions (int stack_class)
{
  GcoStackRegion **link = &regions[stack_class];
  GcoStackRegion  *going = NULL;
  gboolean         kept = FALSE;

  while (*link != NULL)
    {
      GcoStackRegion *region = *link;
      gboolean        idle = region->n_free == region->n_carved;

      if (idle && kept)
        {
          *link = region->next;
          region->next = going;
          going = region;
          continue;
        }
      kept = kept || idle;
      link = &region->next;
    }
  if (going != NULL)
    drop_free_stacks (stack_class, going);
  while (going != NULL)
    {
      GcoStackRegion *region = going;

      going = region->next;
      if (!region_unmap (region))
        region_link (region, stack_class);
    }
}

void
gco_stack_free_list (GcoStack *list)
{
  gboolean classes[GCO_STACK_N_CLASSES] = { FALSE };

  g_mutex_lock (&lock);
  while (list != NULL)
    {
      GcoStack *stack = list;
      gsize     page = page_size ();

      list = stack->next;
      madvise (stack->base + page, stack->size - page, MADV_DONTNEED);
      add_free (stack);
      classes[gco_stack_get_class (stack)] = TRUE;
    }
  for (int i = 0; i < GCO_STACK_N_CLASSES; i++)
    if (classes[i])
      drop_idle_regions (i);
  g_mutex_unlock (&lock);
}

void
gco_stack_cache_trim (GcoStackCache *cache)
{
  GcoStack *last_kept = cache->head;
  guint     keep = cache->n / 2;

  for (guint i = 1; i < keep; i++)
    last_kept = last_kept->next;
  gco_stack_free_list (last_kept->next);
  last_kept->next = NULL;
  cache->n = keep;
}

void
gco_stack_foreach (GcoStackFunc func,
                   gpointer     user_data)
{
  g_mutex_lock (&lock);
  for (int c = 0; c < GCO_STACK_N_CLASSES; c++)
    for (GcoStackRegion *r = regions[c]; r != NULL; r = r->next)
      for (guint i = 0; i < r->n_carved; i++)
        func (nth_record (r, i), user_data);
  g_mutex_unlock (&lock);
}

#define LOOK_PAGES 256

char *
gco_stack_find_lowest (GcoStack *stack)
{
  gsize page = page_size ();
  char *end = stack->base + stack->size;

  for (char *at = stack->base + page; at < end; at += LOOK_PAGES * page)
    {
      guint8 pages[LOOK_PAGES];
      gsize  n = MIN ((gsize) (end - at) / page, LOOK_PAGES);

      if (mincore (at, n * page, (gpointer) pages) != 0)
        return stack->base + page;
      for (gsize i = 0; i < n; i++)
        if (pages[i] & 1)
          return at + i * page;
    }
  return end;
}

void
gco_stack_give_back (GcoStack *stack,
                     char     *end)
{
  gsize page = page_size ();
  char *first = stack->base + page;
  gsize size = end > first ? (gsize) (end - first) & ~(page - 1) : 0;

  if (size > 0)
    madvise (first, size, MADV_DONTNEED);
}

GcoStack *
gco_stack_find_guard (gconstpointer address)
{
  const char *at = address;

  for (int c = 0; c < GCO_STACK_N_CLASSES; c++)
    /* pairs with find_region(). No lock: the thread that overflowed may hold
     * it, and is about to die. */
    for (GcoStackRegion *r = gco_load_acquire (&regions[c]); r != NULL; r = r->next)
      if (at >= r->stacks && at < r->stacks + r->n_carved * r->size)
        {
          gsize offset = (gsize) (at - r->stacks);

          return offset % r->size < page_size ()
                     ? nth_record (r, (guint) (offset / r->size))
                     : NULL;
        }
  return NULL;
}
