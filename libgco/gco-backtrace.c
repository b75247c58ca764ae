/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The unwinder of the C library knows only the stack it runs on. So it is run on that of
 * the suspended coroutine, for a visit: below its last frame, and as if called from there.
 */

#include "gco-backtrace-private.h"

#include <string.h>

#if HAVE_BACKTRACE
# include <execinfo.h>
#endif

#if HAVE_BACKTRACE && GCO_SWITCH_CAN_VISIT && !GCO_SWITCH_HOOKED

/* What the unwinder needs, with much to spare. */
# define ROOM (16 * 1024)

/* What a frame may keep below its stack pointer, and what a visit writes there. */
# define RED_ZONE 128

/* Of the visitor itself. */
# define N_OWN_FRAMES 1

typedef struct
{
  GcoSwitch there;
  GcoSwitch back;
  gpointer *addresses;
  int       max;
  int       n;
} GcoVisit;

static GCO_NEVER_RETURNS void
visit_main (gpointer   ignored,
            GcoSwitch *to)
{
  GcoVisit *visit = gco_container_of (to, GcoVisit, there);

  visit->n = backtrace (visit->addresses, visit->max);
  gco_switch_final (&visit->back);
}

static GCO_HOLDS_SWITCH void
pay_visit (GcoVisit     *visit,
           GcoCoroutine *coroutine)
{
  gco_switch_visit (&visit->there, &coroutine->context, visit_main);
  gco_switch_inline (&visit->back, &visit->there);
}

static gboolean
can_be_visited (GcoCoroutine *coroutine)
{
  char *sp = coroutine->context.sp;
  char *lowest = coroutine->stack.base + gco_stack_page_size (); /* above the guard */

  return (gsize) sp % 16 == 0 && sp - lowest > ROOM &&
         coroutine->context.ip != (gpointer) gco_switch_start;
}

int
gco_coroutine_backtrace (GcoCoroutine *coroutine,
                         gpointer     *addresses,
                         int           max)
{
  GcoThread *thread = gco_thread_get ();
  char       red_zone[RED_ZONE];
  char      *below = (char *) coroutine->context.sp - RED_ZONE;
  char      *lowest;
  GcoVisit   visit = { .addresses = addresses, .max = max };

  gco_thread_ensure (thread);
  /* The first call loads the unwinder: not on a stack that may be small. */
  visit.n = backtrace (addresses, max);
  if (coroutine == thread->current)
    return visit.n;
  if (!can_be_visited (coroutine))
    return 0;
  lowest = gco_stack_find_lowest (&coroutine->stack);
  memcpy (red_zone, below, RED_ZONE);
  pay_visit (&visit, coroutine);
  memcpy (below, red_zone, RED_ZONE);
  /* A dump of a million is to use no gigabytes, and get_stack_usage() to see no visitors. What
   * was swapped out counts as never written to: what is alive is never given back. */
  gco_stack_give_back (&coroutine->stack, MIN (lowest, below));
  visit.n = MAX (visit.n - N_OWN_FRAMES, 0);
  memmove (addresses, addresses + N_OWN_FRAMES, (gsize) visit.n * sizeof (gpointer));
  return visit.n;
}

#else

int
gco_coroutine_backtrace (GcoCoroutine *coroutine,
                         gpointer     *addresses,
                         int           max)
{
  return 0;
}

#endif
