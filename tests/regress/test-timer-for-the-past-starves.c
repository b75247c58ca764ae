/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A timer that its callback arms for a time past, again and again, leaves the other
 * timers of its clock their turn, and the sleeps. */

#include "gco-test.h"

typedef struct
{
  GcoTimer *hasty;
  guint     n_hasty;
  gboolean  patient_ran;
  gboolean  slept;
} Starved;

static void
on_hasty (gpointer user_data)
{
  Starved *s = user_data;

  s->n_hasty++;
  gco_timer_mod_ns (s->hasty, s->n_hasty % 2 != 0 ? 0 : G_MININT64);
}

static void
on_patient (gpointer user_data)
{
  ((Starved *) user_data)->patient_ran = TRUE;
}

static void
sleeper (gpointer user_data)
{
  gco_sleep_until (NULL, 1, NULL, NULL);
  ((Starved *) user_data)->slept = TRUE;
}

static void
test_starves (GcoTest *t)
{
  Starved   s = { 0 };
  GcoTimer *patient = gco_timer_new (t->ctx, NULL, on_patient, &s, NULL);

  s.hasty = gco_timer_new (t->ctx, NULL, on_hasty, &s, NULL);
  gco_timer_mod_ns (s.hasty, 0);
  gco_timer_mod_ns (patient, 1);
  gco_test_spawn (t, sleeper, &s);
  for (int i = 0; i < 4; i++)
    gco_test_iterate (t);
  g_assert_true (s.patient_ran);
  g_assert_true (s.slept);
  g_assert_cmpuint (s.n_hasty, >=, 3);
  gco_timer_free (s.hasty);
  gco_timer_free (patient);
  gco_test_drain (t);
}

int
main (int   argc,
      char *argv[])
{
  gco_test_init (&argc, &argv);
  gco_test_add ("/regress/timer-for-the-past-starves", test_starves);
  return g_test_run ();
}
