/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Regions are mapped without reserving swap, without huge pages and without
 * access: only what is carved can be written to, so that locking all memory, or an
 * overcommit that counts every page, does not cost what nobody uses. The system puts
 * new mappings below older ones: stacks are carved from the highest down, and with
 * them what can be written to grows as one mapping over all regions.
 */

#ifndef _GNU_SOURCE
# define _GNU_SOURCE /* madvise */
#endif

#include "gco-stack-region-private.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "gco-atomic-private.h"
#include "gco-guard-private.h"

#ifndef MAP_NORESERVE
# define MAP_NORESERVE 0 /* FreeBSD reserves nothing */
#endif

/* Guarded in one call; on the caller's stack, which may be a small one. */
#define VECTOR 64

/* What nearly all coroutines use of a stack. */
#define STRIPPED (4 * gco_stack_page_size ())

/* For debuggers, which know no macros. */
static const gsize record_size __attribute__ ((used)) = GCO_STACK_RECORD;

static GcoStackRegion *
map_region (gsize stacks_size,
            gsize records_size)
{
  gsize           size = stacks_size + records_size;
  GcoStackRegion *region;
  int             number;
  char           *map = mmap (NULL,
                    size,
                    PROT_NONE,
                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
                    -1,
                    0);

  if (map == MAP_FAILED)
    return NULL;
#ifdef MADV_NOHUGEPAGE
  madvise (map, size, MADV_NOHUGEPAGE);
#endif
  if (mprotect (map + stacks_size, records_size, PROT_READ | PROT_WRITE) != 0)
    {
      number = errno;
      munmap (map, size);
      errno = number;
      return NULL;
    }
  region = (GcoStackRegion *) (map + stacks_size);
  region->map = map;
  region->map_size = size;
  region->records = (char *) region + GCO_STACK_REGION_SLOTS * GCO_STACK_RECORD;
  return region;
}

GcoStackRegion *
gco_stack_region_new (gsize        size,
                      guint        n,
                      GcoShortage *shortage)
{
  gsize page = gco_stack_page_size ();

  /* whole pages of records */
  if (n > 4 * GCO_STACK_REGION_SLOTS)
    n -= GCO_STACK_REGION_SLOTS;
  for (;; n /= 2)
    {
      gsize           used = (n + GCO_STACK_REGION_SLOTS) * GCO_STACK_RECORD;
      gsize           records_size = (used + page - 1) & ~(page - 1);
      GcoStackRegion *region = map_region (n * size, records_size);

      if (region == NULL && n > 1)
        continue;
      if (region == NULL)
        {
          *shortage = (GcoShortage){ .size = size + records_size, .number = errno };
          return NULL;
        }
      region->size = size;
      region->n_stacks = n;
      region->open.data = region->fresh.data = region;
      gco_sanitizer_records_init (region, records_size);
      return region;
    }
}

static char *
nth_base (GcoStackRegion *region,
          guint           i)
{
  return (char *) region - (gsize) (i + 1) * region->size;
}

/* Offsets the tops, lest all first frames compete for the same cache lines. */
static gsize
colour (guint i)
{
  return (i % 32) * 64;
}

static void
add_carved (GcoStackRegion *region,
            guint           n)
{
  gsize page = gco_stack_page_size ();

  for (guint i = region->n_carved; i < region->n_carved + n; i++)
    {
      gco_sanitizer_stack_init (&gco_stack_region_nth (region, i)->sanitizer,
                                nth_base (region, i) + page,
                                region->size - page);
      region->free[i / 64] |= G_GUINT64_CONSTANT (1) << i % 64;
    }
  region->n_free += n;
  gco_store_relaxed (&region->n_carved, region->n_carved + n);
}

static struct iovec
nth_guard (GcoStackRegion *region,
           guint           i)
{
  return (struct iovec){ nth_base (region, i), gco_stack_page_size () };
}

static guint
carve_advised (GcoStackRegion *region,
               guint           n)
{
  struct iovec guards[VECTOR];
  guint        begin = region->n_carved;

  /* This one tells whether the memory is locked, before it can be written to: the
   * system would provide all of it. The others come after, for mprotect() is slow where
   * there are page tables. */
  guards[0] = nth_guard (region, begin);
  if (gco_guard_advise (guards, 1) == 0)
    return 0;
  /* fewer may be allowed where more are not */
  for (n = MIN (n, VECTOR); n > 0; n /= 2)
    if (mprotect (nth_base (region, begin + n - 1),
                  n * region->size,
                  PROT_READ | PROT_WRITE) == 0)
      break;
  for (guint i = 1; i < n; i++)
    guards[i] = nth_guard (region, begin + i);
  if (n > 1)
    n = 1 + gco_guard_advise (guards + 1, n - 1);
  add_carved (region, n);
  return n;
}

static guint
carve_mapped (GcoStackRegion *region,
              GcoShortage    *shortage)
{
  char *base = nth_base (region, region->n_carved);
  gsize page = gco_stack_page_size ();

  if (!gco_guard_take_mapping (shortage))
    return 0;
  /* the first is for a region that could not be unmapped */
  if (mprotect (base, page, PROT_NONE) != 0 ||
      mprotect (base + page, region->size - page, PROT_READ | PROT_WRITE) != 0)
    {
      *shortage = (GcoShortage){ .size = region->size, .number = errno };
      gco_guard_give_mappings (1);
      return 0;
    }
  add_carved (region, 1);
  region->n_mapped++;
  return 1;
}

guint
gco_stack_region_carve (GcoStackRegion *region,
                        guint           n,
                        GcoShortage    *shortage)
{
  guint done = carve_advised (region, MIN (n, region->n_stacks - region->n_carved));

  return done > 0 ? done : carve_mapped (region, shortage);
}

static void
uncarve (GcoStackRegion *region)
{
  for (guint i = 0; i < region->n_carved; i++)
    gco_sanitizer_stack_clear (&gco_stack_region_nth (region, i)->sanitizer);
  gco_guard_give_mappings (region->n_mapped);
  gco_store_relaxed (&region->n_carved, 0);
  region->n_mapped = region->n_free = 0;
  memset (region->free, 0, sizeof region->free);
}

gboolean
gco_stack_region_unmap (GcoStackRegion *region)
{
  gsize records_size = region->map_size - (gsize) ((char *) region - region->map);

  uncarve (region);
  gco_sanitizer_records_clear (region, records_size);
  if (munmap (region->map, region->map_size) == 0)
    return TRUE;
  gco_sanitizer_records_init (region, records_size);
  return FALSE;
}

void
gco_stack_region_renew (GcoStackRegion *region)
{
  uncarve (region);
  madvise (region->map, (gsize) ((char *) region - region->map), MADV_DONTNEED);
}

GcoStack *
gco_stack_region_take (GcoStackRegion *region)
{
  GcoStack *stack;
  guint     word = 0;
  guint     i;

  while (region->free[word] == 0)
    word++;
  i = word * 64 + (guint) __builtin_ctzll (region->free[word]);
  region->free[word] &= region->free[word] - 1;
  region->n_free--;
  stack = gco_stack_region_nth (region, i);
  stack->base = nth_base (region, i);
  stack->size = region->size;
  stack->top = stack->base + region->size - colour (i);
  stack->region = region;
  return stack;
}

/* -------------------------------------------------------------------- put */

typedef struct
{
  struct iovec parts[VECTOR];
  guint        n;
} Discard;

static void
discard_flush (Discard *discard)
{
  for (guint done = 0; done < discard->n;)
    {
      guint n = gco_advise_all (discard->parts + done, discard->n - done, MADV_DONTNEED);

      /* what is locked stays */
      done += MAX (n, 1);
    }
  discard->n = 0;
}

static void
discard_add (Discard *discard,
             gpointer start,
             gsize    size)
{
  if (discard->n == VECTOR)
    discard_flush (discard);
  discard->parts[discard->n++] = (struct iovec){ start, size };
}

/* The page that the record of @i is in, if all in there are of free stacks now. */
static void
discard_records (Discard        *discard,
                 GcoStackRegion *region,
                 guint           i)
{
  gsize page = gco_stack_page_size ();
  guint n = (guint) (page / GCO_STACK_RECORD);
  guint slot = i + GCO_STACK_REGION_SLOTS;
  guint first = slot - slot % n;

  if (first == 0)
    return; /* the region's own */
  first -= GCO_STACK_REGION_SLOTS;
  if (first + n > region->n_carved)
    return;
  for (guint j = first; j < first + n; j++)
    if ((region->free[j / 64] >> j % 64 & 1) == 0)
      return;
  discard_add (discard, gco_stack_region_nth (region, first), page);
}

void
gco_stack_regions_put (GcoStack *list)
{
  gsize   page = gco_stack_page_size ();
  Discard discard;

  discard.n = 0;
  while (list != NULL)
    {
      GcoStack       *stack = list;
      GcoStackRegion *region = stack->region;
      gsize           offset = (gsize) ((char *) stack - region->records);
      guint           i = (guint) (offset / GCO_STACK_RECORD);

      list = stack->next;
      discard_add (&discard, stack->base + page, stack->size - page);
      region->free[i / 64] |= G_GUINT64_CONSTANT (1) << i % 64;
      /* a sanitizer's notes are in the records */
      if (!gco_sanitizer_is_watching ())
        discard_records (&discard, region, i);
    }
  discard_flush (&discard);
}

void
gco_stack_regions_strip (GcoStack *list)
{
  gsize   page = gco_stack_page_size ();
  Discard discard;

  discard.n = 0;
  for (; list != NULL; list = list->next)
    if (list->size > page + STRIPPED)
      discard_add (&discard, list->base + page, list->size - page - STRIPPED);
  discard_flush (&discard);
}
