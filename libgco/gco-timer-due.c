/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Few are sorted by insertion. Many are distributed by one byte of the key after the
 * other, from the lowest up, bytes that all have in common left out: that takes as long
 * whatever order they come in, where comparisons would each be a branch mispredicted.
 * The timers themselves, each in a cache line of its own, are visited once.
 */

#include "gco-timer-due-private.h"

#include <stdlib.h>

static int
compare (gconstpointer a,
         gconstpointer b)
{
  const GcoDue *one = a;
  const GcoDue *other = b;

  if (one->deadline != other->deadline)
    return one->deadline < other->deadline ? -1 : 1;
  return one->order < other->order ? -1 : one->order > other->order;
}

static void
insert (GcoDue *sorted,
        guint   n,
        GcoDue  due)
{
  for (; n > 0 && compare (&due, &sorted[n - 1]) < 0; n--)
    sorted[n] = sorted[n - 1];
  sorted[n] = due;
}

/* Of the key as a number without a sign, in which the order is the same. */
static inline guint
byte_of (const GcoDue *due,
         gboolean      of_order,
         guint         shift)
{
  guint64 key = of_order ? due->order : (guint64) due->deadline ^ ((guint64) 1 << 63);

  return (guint) (key >> shift) & 0xff;
}

/* Those of equal bytes stay in order. */
static inline __attribute__ ((always_inline)) void
distribute (GcoDue **from,
            GcoDue **to,
            guint    n,
            gboolean of_order,
            guint    shift)
{
  guint   at[256] = { 0 };
  guint   sum = 0;
  GcoDue *swap = *from;

  for (guint i = 0; i < n; i++)
    at[byte_of (*from + i, of_order, shift)]++;
  for (guint byte = 0; byte < G_N_ELEMENTS (at); byte++)
    {
      guint n_with = at[byte];

      at[byte] = sum;
      sum += n_with;
    }
  for (guint i = 0; i < n; i++)
    (*to)[at[byte_of (*from + i, of_order, shift)]++] = (*from)[i];
  *from = *to;
  *to = swap;
}

/* Not within its caller, which would make room for the counts for a single one too. */
static __attribute__ ((noinline)) GcoDue *
sort_many (GcoTimer *list,
           guint     n,
           GcoDue   *due)
{
  GcoDue *other = due + n;
  guint64 deadlines = 0; /* bits in which they differ */
  guint64 orders = 0;
  guint   i = 0;

  for (GcoTimer *timer = list; timer != NULL; timer = timer->next)
    {
      deadlines |= (guint64) (timer->deadline ^ list->deadline);
      orders |= timer->order ^ list->order;
      due[i++] = (GcoDue){ timer->deadline, timer->order, timer };
    }
  for (guint shift = 0; shift < 64; shift += 8)
    if ((orders >> shift & 0xff) != 0)
      distribute (&due, &other, n, TRUE, shift);
  for (guint shift = 0; shift < 64; shift += 8)
    if ((deadlines >> shift & 0xff) != 0)
      distribute (&due, &other, n, FALSE, shift);
  return due;
}

GcoDue *
gco_due_sort (GcoTimer *list,
              guint     n,
              GcoDue   *due)
{
  guint i = 0;

  if (n > GCO_DUE_FEW)
    return sort_many (list, n, due);
  for (GcoTimer *timer = list; timer != NULL; timer = timer->next)
    insert (due, i++, (GcoDue){ timer->deadline, timer->order, timer });
  return due;
}

void
gco_due_forget (GcoDue   *due,
                guint     n,
                GcoTimer *timer)
{
  GcoDue  key = { timer->deadline, timer->order, timer };
  GcoDue *found = bsearch (&key, due, n, sizeof *due, compare);

  g_assert (found != NULL);
  found->timer = NULL;
}
