/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "bench-gio-work.h"

static double
run (Work *work,
     void (*begin) (Work *work),
     GcoCoroutineFunc body)
{
  GMainContext *main_context = g_main_context_new ();

  g_main_context_push_thread_default (main_context);
  if (body == NULL)
    work->start = bench_process_ns ();
  for (unsigned i = work->left; i > 0; i--)
    {
      if (body == NULL)
        begin (work);
      else
        gco_spawn (NULL, body, work, NULL);
    }
  while (work->left > 0)
    g_main_context_iteration (main_context, TRUE);
  g_main_context_pop_thread_default (main_context);
  g_main_context_unref (main_context);
  return work->count == work->total ? work->end - work->start : -1;
}

double
work_run (Work *work,
          void (*begin) (Work *work))
{
  return run (work, begin, NULL);
}

double
work_run_coroutines (Work            *work,
                     GcoCoroutineFunc body)
{
  return run (work, NULL, body);
}
