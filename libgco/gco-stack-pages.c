/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which pages of a stack there are, and what becomes of those nothing is in. */

#ifndef _GNU_SOURCE
# define _GNU_SOURCE /* madvise, mincore */
#endif

#include "gco-stack-private.h"

#include <sys/mman.h>
#include <unistd.h>

#include "gco-atomic-private.h"

#define LOOK_PAGES 256

gsize
gco_stack_page_size (void)
{
  static gsize size;

  if (gco_load_relaxed (&size) == 0)
    gco_store_relaxed (&size, (gsize) sysconf (_SC_PAGESIZE));
  return gco_load_relaxed (&size);
}

char *
gco_stack_find_lowest (GcoStack *stack)
{
  gsize page = gco_stack_page_size ();
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
  gsize page = gco_stack_page_size ();
  char *first = stack->base + page;
  gsize size = end > first ? (gsize) (end - first) & ~(page - 1) : 0;

  if (size > 0)
    madvise (first, size, MADV_DONTNEED);
}
