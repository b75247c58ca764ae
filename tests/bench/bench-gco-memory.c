/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* libgco: what coroutines take that wait. */

#include "bench-gco.h"

static void
park_body (gpointer user_data)
{
  unsigned *n_ended = user_data;

  gco_coroutine_yield ();
  (*n_ended)++;
}

static gboolean
parked (unsigned size,
        gsize    stack_size)
{
  g_autofree GcoCoroutine **coroutines = g_new0 (GcoCoroutine *, size);
  g_autoptr (GError) error = NULL;
  unsigned    n_ended = 0;
  BenchMemory before;

  if (!bench_memory_begin (&before, size))
    return FALSE;
  for (unsigned i = 0; i < size; i++)
    {
      coroutines[i] =
          gco_coroutine_create_full (NULL, stack_size, park_body, &n_ended, NULL, &error);
      if (coroutines[i] == NULL)
        {
          bench_cannot ("ended at %u: %s", i, error->message);
          return FALSE;
        }
      gco_coroutine_enter (coroutines[i]);
    }
  bench_memory_end (&before, size);
  for (unsigned i = 0; i < size; i++)
    gco_coroutine_enter (coroutines[i]);
  return n_ended == size;
}

gboolean
gco_parked_64k (unsigned size,
                double   ms)
{
  return parked (size, 64 * 1024);
}

gboolean
gco_parked_1m (unsigned size,
               double   ms)
{
  return parked (size, 1024 * 1024);
}
