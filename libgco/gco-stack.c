/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Who has which stack. What a thread has no more use for goes to the depot of its
 * class, from which all threads take; its memory is still there. How much the depot
 * keeps depends on how much is in use and on what was given back too early. The rest
 * goes back to the system: whole regions where all stacks are free, else page by page.
 */

#include "gco-stack-private.h"

#include <unistd.h>

#include "gco-atomic-private.h"
#include "gco-stack-region-private.h"

#define REGION_BYTES (64u << 20)

/* Carved at once: by a program with a handful of coroutines, and by others. */
#define BATCH_MIN 16
#define BATCH_MAX 64

/* Of more than that the depth is not looked at: they are few beside those in use. */
#define STRIP_MAX 32

/* What is needed again within that time was given back too early. */
#define TOO_EARLY (G_TIME_SPAN_SECOND)

typedef struct
{
  GQueue open;     /* regions with a free stack: the head is filled first, for the
                    * others to become empty */
  GQueue    fresh; /* regions with stacks to be carved */
  GcoStack *depot; /* the newest first */
  guint     n_depot;
  guint     n_carved; /* of all regions */
  guint     n_free;

  guint    keep; /* so many were needed again at once */
  gboolean missed;
  guint    n_given_back;
  gint64   given_back_at;
} Class;

static GMutex lock;
static Class  classes[GCO_STACK_N_CLASSES]; /* (lock) */

/* (lock) newest first; for debuggers, too */
static GcoStackRegion *regions[GCO_STACK_N_CLASSES];

static guint n_looking; /* (atomic) who go through regions without the lock */

/* A signal handler must fit in, whatever the registers of this machine. */
static gsize
min_size (void)
{
#ifdef _SC_MINSIGSTKSZ
  long signal_frame = sysconf (_SC_MINSIGSTKSZ);
#else
  long signal_frame = 2048;
#endif

  return gco_stack_page_size () + 8192 + (gsize) MAX (signal_frame, 2048);
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

/* ------------------------------------------------------------------ regions */

/* (lock) */
static void
region_link (GcoStackRegion *region,
             int             stack_class)
{
  GcoStackRegion *next = regions[stack_class];

  gco_store_release (&region->next, next); /* it may be looked at still */
  region->previous = NULL;
  if (next != NULL)
    next->previous = region;
  /* pairs with gco_stack_find_guard() */
  gco_store_release (&regions[stack_class], region);
  g_queue_push_tail_link (&classes[stack_class].fresh, &region->fresh);
}

/* (lock) */
static void
region_unlink (GcoStackRegion *region,
               int             stack_class)
{
  Class *c = &classes[stack_class];

  if (region->n_carved < region->n_stacks)
    g_queue_unlink (&c->fresh, &region->fresh);
  if (region->n_free > 0)
    g_queue_unlink (&c->open, &region->open);
  if (region->next != NULL)
    region->next->previous = region->previous;
  gco_store_release (region->previous != NULL ? &region->previous->next
                                              : &regions[stack_class],
                     region->next);
}

/* (lock) One that may be empty: to be carved, or dropped. */
static GcoStackRegion *
find_fresh (int          stack_class,
            GcoShortage *shortage)
{
  Class          *c = &classes[stack_class];
  gsize           size = (gsize) 1 << (GCO_STACK_MIN_SHIFT + stack_class);
  guint           n = (guint) CLAMP (REGION_BYTES / size, 1, GCO_STACK_REGION_MAX);
  GcoStackRegion *region = g_queue_peek_head (&c->fresh);

  if (region != NULL)
    return region;
  /* the more there are, the larger: they are looked through one by one */
  n = MAX (n, MIN (c->n_carved / 16, 256));
  region = gco_stack_region_new (size, n, shortage);
  if (region != NULL)
    region_link (region, stack_class);
  return region;
}

/* (lock) A region that is not in the list any more: may it go? Pairs with
 * gco_stack_begin_look(): who begins after this finds the list without it. */
static gboolean
is_looked_at (void)
{
  return gco_fetch_add (&n_looking, 0) > 0;
}

/* (lock) */
static void
drop (GcoStackRegion *region,
      int             stack_class)
{
  region_unlink (region, stack_class);
  if (!is_looked_at () && gco_stack_region_unmap (region))
    return;
  gco_stack_region_renew (region);
  region_link (region, stack_class);
}

/* (lock) Sees to it that the class has a free stack. */
static gboolean
refill (int          stack_class,
        GcoShortage *shortage)
{
  Class          *c = &classes[stack_class];
  guint           batch = CLAMP (c->n_carved / 4, BATCH_MIN, BATCH_MAX);
  GcoStackRegion *region;
  guint           n;

  if (c->open.length > 0)
    return TRUE;
  region = find_fresh (stack_class, shortage);
  if (region == NULL)
    return FALSE;
  /* ThreadSanitizer has room for 8,000 or so */
  n = gco_stack_region_carve (region, GCO_TSAN ? BATCH_MIN : batch, shortage);
  if (n == 0)
    {
      if (region->n_carved == 0)
        drop (region, stack_class);
      return FALSE;
    }
  g_queue_push_tail_link (&c->open, &region->open);
  if (region->n_carved == region->n_stacks)
    g_queue_unlink (&c->fresh, &region->fresh);
  c->n_carved += n;
  c->n_free += n;
  return TRUE;
}

/* ---------------------------------------------------------------- give back */

/* (lock) Gives the memory of those in @list to the system, and that of regions that
 * become empty with all that is in them. */
static void
give_back (int       stack_class,
           GcoStack *list)
{
  Class          *c = &classes[stack_class];
  GcoStackRegion *going = NULL;
  GcoStack       *staying = NULL;

  for (GcoStack *stack = list; stack != NULL; stack = stack->next)
    {
      if (stack->region->n_free++ == 0)
        g_queue_push_tail_link (&c->open, &stack->region->open);
      c->n_free++;
      c->n_given_back++;
    }
  while (list != NULL)
    {
      GcoStack       *stack = list;
      GcoStackRegion *region = stack->region;

      list = stack->next;
      if (region->n_free < region->n_carved)
        {
          stack->next = staying;
          staying = stack;
        }
      else if (!region->is_going)
        {
          region->is_going = TRUE;
          region->next_going = going;
          going = region;
        }
    }
  gco_stack_regions_put (staying);
  while (going != NULL)
    {
      GcoStackRegion *region = going;

      going = region->next_going;
      region->is_going = FALSE;
      c->n_carved -= region->n_carved;
      c->n_free -= region->n_free;
      drop (region, stack_class);
    }
  c->given_back_at = g_get_monotonic_time ();
}

/* (lock) Of all other classes, what the depot keeps goes back to the system. */
static gboolean
give_back_others (int stack_class)
{
  gboolean any = FALSE;

  for (int i = 0; i < GCO_STACK_N_CLASSES; i++)
    {
      GcoStack *list = classes[i].depot;

      if (i == stack_class || list == NULL)
        continue;
      classes[i].depot = NULL;
      classes[i].n_depot = 0;
      give_back (i, list);
      any = TRUE;
    }
  return any;
}

/* --------------------------------------------------------------------- take */

/* (lock) The system has to provide memory: was it given some a moment ago? */
static void
note_need (Class *c)
{
  if (c->n_given_back == 0)
    return;
  if (g_get_monotonic_time () - c->given_back_at > TOO_EARLY)
    {
      c->n_given_back = 0;
      return;
    }
  c->n_given_back--;
  c->keep = MIN (c->keep + 1, GCO_STACK_DEPOT_MAX);
  c->missed = TRUE;
}

/* (lock) As refill(), if it must be at the cost of other classes. */
static gboolean
refill_somehow (int          stack_class,
                GcoShortage *shortage)
{
  return refill (stack_class, shortage) ||
         (give_back_others (stack_class) && refill (stack_class, shortage));
}

/* (lock) */
static GcoStack *
take_free (Class *c)
{
  GcoStackRegion *region = g_queue_peek_head (&c->open);
  GcoStack       *stack = gco_stack_region_take (region);

  if (region->n_free == 0)
    g_queue_unlink (&c->open, &region->open);
  c->n_free--;
  return stack;
}

GcoStack *
gco_stack_new (int      stack_class,
               GError **error)
{
  Class      *c = &classes[stack_class];
  GcoShortage shortage;
  GcoStack   *stack;

  g_mutex_lock (&lock);
  stack = c->depot;
  if (stack != NULL)
    {
      c->depot = stack->next;
      c->n_depot--;
    }
  else if (refill_somehow (stack_class, &shortage))
    {
      note_need (c);
      stack = take_free (c);
    }
  g_mutex_unlock (&lock);
  if (stack == NULL)
    gco_limits_set_error (error, &shortage);
  return stack;
}

/* -------------------------------------------------------------------- depot */

/* (lock) How many the depot is to keep. */
static guint
depot_max (int stack_class)
{
  Class *c = &classes[stack_class];
  guint  n_used = c->n_carved - c->n_free - c->n_depot;
  gsize  max = GCO_STACK_DEPOT_BYTES >> (GCO_STACK_MIN_SHIFT + stack_class);

  return MIN (GCO_STACK_DEPOT_MIN + c->keep + n_used / 16,
              CLAMP (max, 1, GCO_STACK_DEPOT_MAX));
}

/* (lock) Leaves half of what the depot is to keep, if it has more than all. */
static void
shrink (int stack_class)
{
  Class    *c = &classes[stack_class];
  GcoStack *last_kept = c->depot;
  guint     max = depot_max (stack_class);
  GcoStack *list;

  if (c->n_depot <= max)
    return;
  if (!c->missed)
    {
      c->keep = 0;
      max = depot_max (stack_class);
    }
  c->missed = FALSE;
  c->n_depot = MAX (max / 2, 1);
  for (guint i = 1; i < c->n_depot; i++)
    last_kept = last_kept->next;
  list = last_kept->next;
  last_kept->next = NULL;
  give_back (stack_class, list);
  /* one that was used to its depth once is not for ever */
  if (c->n_depot <= STRIP_MAX)
    gco_stack_regions_strip (c->depot);
}

/* (lock) */
static void
depot_add (GcoStack *list,
           guint     n)
{
  int       stack_class = gco_stack_get_class (list);
  Class    *c = &classes[stack_class];
  GcoStack *last = list;

  while (last->next != NULL)
    last = last->next;
  last->next = c->depot;
  c->depot = list;
  c->n_depot += n;
  shrink (stack_class);
}

void
gco_stack_cache_trim (GcoStackCache *cache)
{
  GcoStack **link = &cache->head;
  GcoStack  *list;
  int        stack_class;
  guint      n_kept = cache->n / 2;

  if (cache->head == NULL)
    {
      cache->max = 2 * GCO_STACK_CACHE_MIN;
      return;
    }
  stack_class = gco_stack_get_class (cache->head);
  for (guint i = 0; i < n_kept; i++)
    link = &(*link)->next;
  list = *link;
  *link = NULL;
  g_mutex_lock (&lock);
  depot_add (list, cache->n - n_kept);
  cache->max = CLAMP (depot_max (stack_class) / 2, 2 * GCO_STACK_CACHE_MIN, GCO_STACK_CACHE_MAX);
  g_mutex_unlock (&lock);
  cache->n = n_kept;
}

void
gco_stack_cache_clear (GcoStackCache *cache)
{
  if (cache->head != NULL)
    {
      g_mutex_lock (&lock);
      depot_add (cache->head, cache->n);
      g_mutex_unlock (&lock);
    }
  cache->head = NULL;
  cache->n = 0;
}

/* -------------------------------------------------------------------- look */

void
gco_stack_foreach (GcoStackFunc func,
                   gpointer     user_data)
{
  g_mutex_lock (&lock);
  for (int c = 0; c < GCO_STACK_N_CLASSES; c++)
    for (GcoStackRegion *r = regions[c]; r != NULL; r = r->next)
      for (guint i = 0; i < r->n_carved; i++)
        func (gco_stack_region_nth (r, i), user_data);
  g_mutex_unlock (&lock);
}

void
gco_stack_begin_look (void)
{
  gco_fetch_add (&n_looking, 1);
}

void
gco_stack_end_look (void)
{
  gco_fetch_sub (&n_looking, 1);
}

GcoStack *
gco_stack_find_guard (gconstpointer address)
{
  const char *at = address;

  for (int c = 0; c < GCO_STACK_N_CLASSES; c++)
    /* pairs with region_link() and region_unlink() */
    for (GcoStackRegion *r = gco_load_acquire (&regions[c]); r != NULL;
         r = gco_load_acquire (&r->next))
      if (at < (char *) r && at >= (char *) r - gco_load_relaxed (&r->n_carved) * r->size)
        {
          gsize offset = (gsize) ((char *) r - 1 - at);

          return offset % r->size >= r->size - gco_stack_page_size ()
                     ? gco_stack_region_nth (r, (guint) (offset / r->size))
                     : NULL;
        }
  return NULL;
}
