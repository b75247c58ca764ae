/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* All coroutines of a scope had succeeded, then its deadline passed, and who joined it
 * after that was told that they had not. */

#include "gco-test.h"

typedef struct
{
  GcoScope *scope;
  GcoClock *clock;
  guint     n;
} Data;

/* In a dispatch: the timer is of the context at hand. */
static void
set_deadline (gpointer user_data)
{
  Data *data = user_data;

  gco_scope_set_deadline (data->scope, data->clock, 10);
}

static void
set_up (Data    *data,
        GcoTest *t)
{
  data->n = 0;
  data->clock = gco_clock_new_manual ();
  data->scope = gco_scope_new (NULL);
  gco_aio_context_schedule_oneshot (t->ctx, set_deadline, data, NULL);
  gco_test_drain (t);
}

static void
tear_down (Data *data)
{
  g_assert_finalize_object (data->scope);
  g_object_unref (data->clock);
}

static gboolean
pass_once (GCancellable *cancellable,
           gpointer      data,
           GError      **error)
{
  gco_test_pass ();
  ((Data *) data)->n++;
  return TRUE;
}

static void
pass_deadline (GcoTest *t,
               Data    *data)
{
  gco_clock_advance (data->clock, 10);
  gco_test_drain (t);
}

static void
join_late (gpointer user_data)
{
  Data *data = user_data;

  g_autoptr (GError) error = NULL;

  g_assert_true (gco_scope_join (data->scope, &error));
  g_assert_no_error (error);
  data->n++;
}

static void
join_timed_out (gpointer user_data)
{
  Data *data = user_data;

  g_autoptr (GError) error = NULL;

  g_assert_false (gco_scope_join (data->scope, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
  data->n++;
}

static void
test_ended (GcoTest *t)
{
  Data data;

  set_up (&data, t);
  gco_scope_spawn_full (data.scope, t->ctx, NULL, 0, pass_once, &data, NULL);
  gco_scope_spawn_full (data.scope, t->ctx, NULL, 0, pass_once, &data, NULL);
  gco_test_drain (t);
  pass_deadline (t, &data);
  gco_test_run (t, join_late, &data);
  g_assert_cmpuint (data.n, ==, 3);
  tear_down (&data);
}

/* What is spawned after that is cancelled from the start. */
static void
test_spawned_since (GcoTest *t)
{
  Data data;

  set_up (&data, t);
  gco_scope_spawn_full (data.scope, t->ctx, NULL, 0, pass_once, &data, NULL);
  gco_test_drain (t);
  pass_deadline (t, &data);
  gco_scope_spawn_full (data.scope, t->ctx, NULL, 0, pass_once, &data, NULL);
  gco_test_drain (t);
  gco_test_run (t, join_timed_out, &data);
  g_assert_cmpuint (data.n, ==, 3);
  tear_down (&data);
}

/* Nobody has succeeded where nobody was. */
static void
test_nobody (GcoTest *t)
{
  Data data;

  set_up (&data, t);
  pass_deadline (t, &data);
  gco_test_run (t, join_timed_out, &data);
  g_assert_cmpuint (data.n, ==, 1);
  tear_down (&data);
}

int
main (int   argc,
      char *argv[])
{
  gco_test_init (&argc, &argv);
  gco_test_add ("/regress/scope-deadline-late/ended", test_ended);
  gco_test_add ("/regress/scope-deadline-late/spawned-since", test_spawned_since);
  gco_test_add ("/regress/scope-deadline-late/nobody", test_nobody);
  return g_test_run ();
}
