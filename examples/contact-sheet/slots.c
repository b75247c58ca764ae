/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * How many files are open and decoded at once. A thousand coroutines wait here
 * and not in open(): neither the descriptors nor the memory run out.
 */

#include "slots.h"

void
slots_init (Slots *slots,
            guint  n)
{
  gco_mutex_init (&slots->lock);
  gco_queue_init (&slots->freed);
  slots->n_free = n;
}

/*
 * The queue is what makes coroutines wait, in the order in which they came. The
 * mutex makes one step of "none is free" and "so I wait", and of "one is free"
 * and "so it is mine", in whatever thread the coroutines run.
 */
gboolean gco_coroutine_fn
slots_take (Slots        *slots,
            GCancellable *cancellable,
            GError      **error)
{
  gboolean taken = TRUE;

  if (!gco_mutex_lock_cancellable (&slots->lock, cancellable, error))
    return FALSE;

  while (taken && slots->n_free == 0)
    taken = gco_queue_wait_cancellable (&slots->freed, &slots->lock, cancellable, error);
  if (taken)
    slots->n_free--;
  gco_mutex_unlock (&slots->lock);
  return taken;
}

void gco_coroutine_fn
slots_give (Slots *slots)
{
  gco_mutex_lock (&slots->lock);
  slots->n_free++;
  gco_queue_next (&slots->freed);
  gco_mutex_unlock (&slots->lock);
}
