/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * poll() computed how long it may block by MAX (due - now (), 0), which reads the clock
 * twice: for a timer that became due in between that was a negative time, which is
 * for ever. Here each look at the clock takes 10 ns, and a timer is due after any number.
 */

#include "gco-test.h"

#include <time.h>
#include <unistd.h>

static gint64 now = 1000000;

/* In the place of the C library's. */
int
clock_gettime (clockid_t        id,
               struct timespec *time)
{
  now += 10;
  *time = (struct timespec){ now / 1000000000, now % 1000000000 };
  return 0;
}

static void
note (gpointer user_data)
{
  gboolean *ran = user_data;

  *ran = TRUE;
}

static void
test_each_moment (GcoTest *t)
{
  gboolean  ran;
  GcoTimer *timer = gco_timer_new (t->ctx, NULL, note, &ran, NULL);

  /* it ends the process where it would block */
  alarm (20);
  for (guint i = 0; i < 400; i++)
    {
      ran = FALSE;
      gco_timer_mod_ns (timer, now + 5 * i);
      while (!ran)
        gco_test_iterate_blocking (t);
    }
  alarm (0);
  gco_timer_free (timer);
}

int
main (int    argc,
      char **argv)
{
  gco_test_init (&argc, &argv);
  gco_test_add_poll ("/regress/timer-due-in-between", test_each_moment);
  return g_test_run ();
}
