/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * While idle bottom halves ran, those whose turn was yet to come stood in no
 * list: a loop within one of them slept for ever, and one that was scheduled as
 * urgent there was forgotten.
 */

#include "gco-test.h"

typedef struct
{
  GcoTest *t;
  GcoBh   *first;
  GcoBh   *second;
  gboolean urgent;
  gboolean again;
  gboolean done;
} Data;

static void
run_until_done (gpointer user_data)
{
  Data *data = user_data;

  gco_test_log (data->t, "(");
  if (data->urgent)
    gco_bh_schedule (data->second);
  if (data->again)
    gco_bh_schedule_idle (data->first);
  data->again = FALSE;
  gco_test_run_until (data->t, &data->done);
  gco_test_log (data->t, ")");
}

static void
be_done (gpointer user_data)
{
  Data *data = user_data;

  gco_test_log (data->t, "2");
  data->done = TRUE;
}

static void
run (GcoTest    *t,
     gboolean    urgent,
     gboolean    again,
     const char *expected)
{
  Data data = { t, .urgent = urgent, .again = again };

  data.first = gco_bh_new (t->ctx, run_until_done, &data, NULL);
  data.second = gco_bh_new (t->ctx, be_done, &data, NULL);
  gco_bh_schedule_idle (data.first);
  gco_bh_schedule_idle (data.second);
  gco_test_run_until (t, &data.done);
  gco_test_drain (t);
  gco_test_assert_log (t, expected);
  gco_bh_free (data.first);
  gco_bh_free (data.second);
}

static void
test_plain (GcoTest *t)
{
  run (t, FALSE, FALSE, "(2)");
}

static void
test_urgent (GcoTest *t)
{
  run (t, TRUE, FALSE, "(2)");
}

/* Behind the other one, and so within itself, or after. */
static void
test_again (GcoTest *t)
{
  run (t, FALSE, TRUE, "(2())");
}

int
main (int    argc,
      char **argv)
{
  gco_test_init (&argc, &argv);
  gco_test_add ("/regress/idle-loop-within/plain", test_plain);
  gco_test_add ("/regress/idle-loop-within/urgent", test_urgent);
  gco_test_add ("/regress/idle-loop-within/again", test_again);
  return g_test_run ();
}
