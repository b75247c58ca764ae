/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * To allow fewer, permits are withheld: those that are free at once, the others as they
 * are given back. To queue up for them would be to wait behind all who wait already.
 */

#include "wall.h"

#define MOST 16

void
limit_init (Limit *limit)
{
  *limit = (Limit){ .n_withheld = 0 };
  gco_semaphore_init (&limit->semaphore, MOST);
}

/* @n: from 1 to 16 */
void
limit_set (Limit *limit,
           guint  n)
{
  limit->n_to_withhold = MOST - n;
  for (; limit->n_withheld > limit->n_to_withhold; limit->n_withheld--)
    gco_semaphore_release (&limit->semaphore);
  while (limit->n_withheld < limit->n_to_withhold &&
         gco_semaphore_tryacquire (&limit->semaphore))
    limit->n_withheld++;
}

void
limit_release (Limit *limit)
{
  if (limit->n_withheld < limit->n_to_withhold)
    limit->n_withheld++;
  else
    gco_semaphore_release (&limit->semaphore);
}
