/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * hot-paths PATH N: does N times what each of the six hottest paths does, for
 * whoever counts its instructions. No path calls the system or GLib as often.
 */

#include <gco.h>
#include <stdlib.h>
#include <time.h>

typedef struct
{
  GcoAioContext *ctx;
  guint          n; /* operations left */
  guint          n_running;
  GcoMutex       mutex;
} Work;

/* Time stands still, lest a dispatch be cut short where it is emulated. In the place of
 * the C library's. */
int
clock_gettime (clockid_t        id,
               struct timespec *now)
{
  *now = (struct timespec){ 1, 0 };
  return 0;
}

/* --------------------------------------------------------------- one coroutine */

static void
reschedule (gpointer user_data)
{
  Work *work = user_data;

  while (work->n > 0)
    {
      work->n--;
      gco_coroutine_reschedule ();
    }
  work->n_running--;
}

static void
yield (gpointer user_data)
{
  Work *work = user_data;

  for (; work->n > 0; work->n--)
    gco_coroutine_yield ();
}

static void
nothing (gpointer user_data)
{
}

static void
lock (gpointer user_data)
{
  Work *work = user_data;

  for (; work->n > 0; work->n--)
    {
      gco_mutex_lock (&work->mutex);
      gco_mutex_unlock (&work->mutex);
    }
  work->n_running--;
}

static void
hand_off (gpointer user_data)
{
  Work *work = user_data;

  while (work->n > 0)
    {
      gco_mutex_lock (&work->mutex);
      work->n -= MIN (work->n, 1);
      gco_coroutine_reschedule ();
      gco_mutex_unlock (&work->mutex);
    }
  work->n_running--;
}

/* ------------------------------------------------------------------------ paths */

static void
run (Work            *work,
     GcoCoroutineFunc func,
     guint            n_coroutines)
{
  work->n_running = n_coroutines;
  for (guint i = 0; i < n_coroutines; i++)
    gco_spawn (work->ctx, func, work, NULL);
  while (work->n_running > 0)
    gco_aio_context_poll (work->ctx, TRUE);
}

static void
path_reschedule (Work *work)
{
  run (work, reschedule, 10);
}

static void
path_enter (Work *work)
{
  GcoCoroutine *coroutine = gco_coroutine_create (yield, work);
  guint         n = work->n;

  for (guint i = 0; i <= n; i++)
    gco_coroutine_enter (coroutine);
}

static void
path_create (Work *work)
{
  for (; work->n > 0; work->n--)
    gco_coroutine_enter (gco_coroutine_create (nothing, NULL));
}

static void
path_mutex (Work *work)
{
  run (work, lock, 1);
}

static void
path_hand_off (Work *work)
{
  run (work, hand_off, 2);
}

static void
path_oneshot (Work *work)
{
  while (work->n > 0)
    {
      for (guint i = 0; i < 100; i++)
        gco_aio_context_schedule_oneshot (work->ctx, nothing, NULL, NULL);
      work->n -= MIN (work->n, 100);
      gco_aio_context_poll (work->ctx, FALSE);
    }
}

static const struct
{
  const char *name;
  void (*func) (Work *work);
} paths[] = {
  { "reschedule", path_reschedule },
  { "enter-yield", path_enter },
  { "create-end", path_create },
  { "mutex", path_mutex },
  { "hand-off", path_hand_off },
  { "oneshot", path_oneshot },
};

int
main (int    argc,
      char **argv)
{
  for (guint i = 0; argc == 3 && i < G_N_ELEMENTS (paths); i++)
    if (g_str_equal (paths[i].name, argv[1]))
      {
        g_autoptr (GcoAioContext) ctx = gco_aio_context_new ();
        Work work = { .ctx = ctx, .n = (guint) atoi (argv[2]) };

        paths[i].func (&work);
        return EXIT_SUCCESS;
      }
  g_printerr ("hot-paths PATH N\n");
  return 2;
}
