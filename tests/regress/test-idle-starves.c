/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A bottom half that scheduled itself as idle from its own callback went through
 * the list of what is urgent: GSources of a lower priority never had their turn.
 */

#include "gco-test.h"

typedef struct
{
  GcoBh *bh;
  guint  n;
} Idle;

static void
reschedule (gpointer user_data)
{
  Idle *idle = user_data;

  idle->n++;
  gco_bh_schedule_idle (idle->bh);
}

static gboolean
count (gpointer user_data)
{
  guint *n = user_data;

  (*n)++;
  return G_SOURCE_CONTINUE;
}

static void
test_idle_starves (GcoTest *t)
{
  Idle     idle = { NULL, 0 };
  guint    n_lower = 0;
  GSource *lower = g_idle_source_new ();

  g_source_set_priority (lower, G_PRIORITY_LOW);
  g_source_set_callback (lower, count, &n_lower, NULL);
  g_source_attach (lower, t->main_context);
  idle.bh = gco_bh_new (t->ctx, reschedule, &idle, NULL);
  gco_bh_schedule_idle (idle.bh);
  for (guint i = 0; i < 10; i++)
    g_main_context_iteration (t->main_context, TRUE);
  g_assert_cmpuint (n_lower, >=, 3);
  g_assert_cmpuint (idle.n, >=, 3);

  gco_bh_free (idle.bh);
  g_source_destroy (lower);
  g_source_unref (lower);
}

int
main (int    argc,
      char **argv)
{
  gco_test_init (&argc, &argv);
  gco_test_add_source ("/regress/idle-starves", test_idle_starves);
  return g_test_run ();
}
