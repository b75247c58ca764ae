/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Beside a coroutine that slept for 0 ns in a loop, or a bottom half that scheduled
 * itself, nothing of a lower priority was ever run. */

#include "gco-test.h"

static gboolean
on_idle (gpointer n_idle)
{
  ++*(guint *) n_idle;
  return G_SOURCE_REMOVE;
}

/* Ends with the thousandth millisecond: then it has failed. */
static gboolean
is_to_go_on (guint *n_idle)
{
  static gint64 end;

  if (end == 0)
    end = g_get_monotonic_time () + G_USEC_PER_SEC;
  return *n_idle == 0 && g_get_monotonic_time () < end;
}

static void
sleep_again_and_again (gpointer n_idle)
{
  while (is_to_go_on (n_idle))
    gco_sleep_ns (NULL, 0);
}

static void
add_idle (GcoTest *t,
          guint   *n_idle)
{
  g_autoptr (GSource) source = g_idle_source_new ();

  g_source_set_callback (source, on_idle, n_idle, NULL);
  g_source_attach (source, t->main_context);
}

static void
test_sleep (GcoTest *t)
{
  guint n_idle = 0;

  add_idle (t, &n_idle);
  gco_test_spawn (t, sleep_again_and_again, &n_idle);
  while (is_to_go_on (&n_idle))
    g_main_context_iteration (t->main_context, TRUE);
  g_assert_cmpuint (n_idle, ==, 1);
  gco_test_drain (t);
}

typedef struct
{
  GcoBh *bh;
  guint  n_idle;
} Again;

static void
schedule_again (gpointer user_data)
{
  Again *again = user_data;

  if (is_to_go_on (&again->n_idle))
    gco_bh_schedule (again->bh);
}

static void
test_bh (GcoTest *t)
{
  Again again = { NULL, 0 };

  again.bh = gco_bh_new (t->ctx, schedule_again, &again, NULL);
  add_idle (t, &again.n_idle);
  gco_bh_schedule (again.bh);
  while (is_to_go_on (&again.n_idle))
    g_main_context_iteration (t->main_context, TRUE);
  g_assert_cmpuint (again.n_idle, ==, 1);
  gco_bh_free (again.bh);
  gco_test_drain (t);
}

int
main (int    argc,
      char **argv)
{
  gco_test_init (&argc, &argv);
  gco_test_add_source ("/regress/lower-priorities-starve/sleep", test_sleep);
  gco_test_add_source ("/regress/lower-priorities-starve/bh", test_bh);
  return g_test_run ();
}
