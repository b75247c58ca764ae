/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <gco.h>

typedef void gco_coroutine_fn (*Pause) (void);

struct pauses
{
  void gco_coroutine_fn (*pause) (void);
  Pause other;
};

static void gco_coroutine_fn
nap (void)
{
  gco_sleep_ns (NULL, 1);
}

static int gco_coroutine_fn
count (void)
{
  return 1;
}

static int number = 3;

static void
plain (struct pauses *pauses,
       Pause          pause)
{
  nap ();                                /* [call] nap () is a coroutine_fn, plain () is not */
  (nap) ();                              /* [call] nap () */
  pauses->pause ();                      /* [call] pause () */
  (*pauses->other) ();                   /* [call] other () */
  pause ();                              /* [call] pause () */
  number = number > 2 ? count () : 4;    /* [call] count () */
  g_assert_cmpint (count () + 1, ==, 2); /* [call] count () */
}

static inline gboolean
in_a_condition (GcoMutex *mutex)
{
  for (int i = 0; i < count (); i++) /* [call] in_a_condition () */
    if (gco_mutex_trylock (mutex))   /* [call] gco_mutex_trylock () */
      return TRUE;
  GCO_MUTEX_AUTO_LOCK (mutex, lock); /* [call] gco_mutex_locker_new () */
  return FALSE;
}
