/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Coroutines made ready in their context. */

#include "gco-test.h"

typedef struct
{
  GcoTest      *t;
  GcoCoroutine *self;
  GcoCoroutine *other;
  char          name;
  gboolean      ended;
} Who;

static void
log_name (gpointer user_data)
{
  Who *who = user_data;

  gco_test_log (who->t, "%c", who->name);
}

static void
note_end (gpointer user_data)
{
  Who *who = user_data;

  g_assert_false (gco_in_coroutine ());
  g_assert_true (gco_aio_context_get_current () == who->t->ctx);
  gco_test_log (who->t, "-%c", who->name);
}

/* ------------------------------------------------------------------- spawn */

static void
test_spawn (GcoTest *t)
{
  Who a = { .t = t, .name = 'a' };
  Who b = { .t = t, .name = 'b' };

  a.self = gco_spawn (t->ctx, log_name, &a, note_end);
  b.self = gco_spawn (t->ctx, log_name, &b, note_end);
  g_assert_true (gco_coroutine_get_aio_context (a.self) == t->ctx);
  gco_test_assert_log (t, "");
  g_assert_true (gco_test_iterate (t));
  gco_test_drain (t);
  gco_test_assert_log (t, "a-ab-b");
  g_assert_false (gco_test_iterate (t));
}

static void
spawn_with_null (gpointer user_data)
{
  Who *who = user_data;

  who->self = gco_spawn (NULL, log_name, who, note_end);
  g_assert_true (gco_coroutine_get_aio_context (who->self) == who->t->ctx);
  gco_test_log (who->t, "s");
}

static void
spawn_with_null_outside_dispatch (gpointer user_data)
{
  spawn_with_null (user_data);
  gco_test_pass ();
  spawn_with_null (user_data);
}

/* NULL is the context whose dispatch runs, or the coroutine's own. */
static void
test_spawn_null (GcoTest *t)
{
  Who a = { .t = t, .name = 'a' };

  gco_aio_context_schedule_oneshot (t->ctx, spawn_with_null, &a, NULL);
  gco_test_drain (t);
  gco_test_assert_log (t, "sa-a");
  gco_test_spawn (t, spawn_with_null_outside_dispatch, &a);
  gco_test_drain (t);
  gco_test_assert_log (t, "sa-asa-a");
}

static void
end_at_once (gpointer user_data)
{
  Who *who = user_data;

  g_assert_true (gco_aio_context_get_current () ==
                 gco_aio_context_get_thread_default ());
  who->ended = TRUE;
}

/* Outside of everything NULL is the thread-default main context's. */
static void
test_spawn_null_outside (GcoTest *t)
{
  Who a = { .t = t };

  a.self = gco_spawn (NULL, end_at_once, &a, NULL);
  g_assert_true (gco_coroutine_get_aio_context (a.self) ==
                 gco_aio_context_get_thread_default ());
  g_assert_true (gco_coroutine_get_aio_context (a.self) != t->ctx);
  while (!a.ended)
    g_main_context_iteration (t->main_context, TRUE);
}

/* ---------------------------------------------------------------- schedule */

static void
test_schedule_new (GcoTest *t)
{
  Who a = { .t = t, .name = 'a' };

  a.self = gco_coroutine_create (log_name, &a);
  g_assert_null (gco_coroutine_get_aio_context (a.self));
  gco_coroutine_schedule (a.self, t->ctx);
  gco_test_assert_log (t, "");
  gco_test_drain (t);
  gco_test_assert_log (t, "a");
}

static void
three_steps (gpointer user_data)
{
  Who *who = user_data;

  for (guint i = 1; i <= 3; i++)
    {
      gco_test_log (who->t, "%c%u ", who->name, i);
      gco_test_pass ();
    }
}

/* To schedule oneself and yield lets those that are ready go first. */
static void
test_interleaved (GcoTest *t)
{
  Who a = { .t = t, .name = 'a' };
  Who b = { .t = t, .name = 'b' };
  Who c = { .t = t, .name = 'c' };

  gco_test_spawn (t, three_steps, &a);
  gco_test_spawn (t, three_steps, &b);
  gco_test_spawn (t, three_steps, &c);
  gco_test_drain (t);
  gco_test_assert_log (t, "a1 b1 c1 a2 b2 c2 a3 b3 c3 ");
}

static void
yield_twice (gpointer user_data)
{
  Who *who = user_data;

  gco_coroutine_yield ();
  log_name (who);
  gco_coroutine_yield ();
  log_name (who);
}

static void
test_schedule_started (GcoTest *t)
{
  Who a = { .t = t, .name = 'a' };

  a.self = gco_test_spawn (t, yield_twice, &a);
  gco_test_drain (t);
  gco_coroutine_schedule (a.self, NULL);
  gco_test_assert_log (t, "");
  gco_test_drain (t);
  gco_test_assert_log (t, "a");
  gco_coroutine_schedule (a.self, t->ctx);
  gco_test_drain (t);
  gco_test_assert_log (t, "a");
}

/* -------------------------------------------------------------------- wake */

static void
wake_other (gpointer user_data)
{
  Who *who = user_data;

  gco_test_log (who->t, "<");
  gco_coroutine_wake (who->other);
  gco_test_log (who->t, ">");
}

/* The woken one does not run inside the waker, wherever that is. */
static void
test_wake_is_no_call (GcoTest *t)
{
  Who a = { .t = t, .name = 'a' };
  Who waker = { .t = t };

  a.self = waker.other = gco_test_spawn (t, yield_twice, &a);
  gco_test_drain (t);
  gco_test_spawn (t, wake_other, &waker);
  gco_test_drain (t);
  gco_test_assert_log (t, "<>a");
  gco_aio_context_schedule_oneshot (t->ctx, wake_other, &waker, NULL);
  gco_test_drain (t);
  gco_test_assert_log (t, "<>a");
}

static void
wake_itself (gpointer user_data)
{
  Who *who = user_data;

  for (guint i = 0; i < 3; i++)
    {
      gco_coroutine_wake (gco_coroutine_self ());
      log_name (who);
      gco_coroutine_yield ();
    }
  who->ended = TRUE;
}

/* Nobody else is ready: it goes on by itself. */
static void
test_wake_itself (GcoTest *t)
{
  Who a = { .t = t, .name = 'a' };

  gco_test_run (t, wake_itself, &a);
  g_assert_true (a.ended);
  gco_test_assert_log (t, "aaa");
}

/* Entered by hand first, it belongs to where it first suspends. */
static void
test_wake_entered (GcoTest *t)
{
  Who a = { .t = t, .name = 'a' };

  a.self = gco_coroutine_create (yield_twice, &a);
  gco_coroutine_enter (a.self);
  g_assert_true (gco_coroutine_get_aio_context (a.self) ==
                 gco_aio_context_get_thread_default ());
  gco_coroutine_wake (a.self);
  gco_test_assert_log (t, "");
  while (t->log->len == 0)
    g_main_context_iteration (t->main_context, TRUE);
  gco_test_assert_log (t, "a");
  gco_coroutine_enter (a.self);
  gco_test_assert_log (t, "a");
}

/* A coroutine may be entered by hand although a dispatch resumed it before. */
static void
enter_other (gpointer user_data)
{
  Who *who = user_data;

  gco_test_log (who->t, "<");
  gco_coroutine_enter (who->other);
  gco_test_log (who->t, ">");
}

static void
test_enter_resumed (GcoTest *t)
{
  Who a = { .t = t, .name = 'a' };
  Who enterer = { .t = t };

  enterer.other = gco_test_spawn (t, yield_twice, &a);
  gco_test_drain (t);
  gco_test_run (t, enter_other, &enterer);
  gco_test_assert_log (t, "<a>");
  gco_coroutine_enter (enterer.other);
  gco_test_assert_log (t, "a");
}

/* A coroutine that is entered by hand and yields goes to its enterer, even
 * though others are ready. */
static void
test_yield_to_enterer (GcoTest *t)
{
  Who a = { .t = t, .name = 'a' };
  Who b = { .t = t, .name = 'b' };
  Who enterer = { .t = t };

  enterer.other = gco_test_spawn (t, yield_twice, &a);
  gco_test_drain (t);
  gco_test_spawn (t, enter_other, &enterer);
  gco_test_spawn (t, log_name, &b);
  gco_test_drain (t);
  gco_test_assert_log (t, "<a>b");
  gco_coroutine_enter (enterer.other);
  gco_test_assert_log (t, "a");
}

/* ------------------------------------------------------------------ chains */

typedef struct
{
  GcoTest *t;
  guint    n;
  guint    max;
  char    *lowest;
  char    *highest;
} Chain;

/* Where the thread's own stack stands. */
static void
measure (gpointer user_data)
{
  Chain *chain = user_data;
  char  *here = __builtin_frame_address (0);

  chain->lowest = chain->lowest == NULL ? here : MIN (chain->lowest, here);
  chain->highest = MAX (chain->highest, here);
}

static void
assert_flat (Chain *chain)
{
  g_assert_nonnull (chain->lowest);
  g_assert_cmpint (chain->highest - chain->lowest, <, 4096);
}

typedef struct
{
  Chain        *chain;
  GcoCoroutine *other;
} Link;

static void
wake_and_yield (gpointer user_data)
{
  Link  *link = user_data;
  Chain *chain = link->chain;

  gco_coroutine_yield ();
  while (chain->n < chain->max)
    {
      if (chain->n++ % 50000 == 0)
        gco_coroutine_call_outside (measure, chain);
      gco_coroutine_wake (link->other);
      gco_coroutine_yield ();
    }
  if (chain->n++ == chain->max)
    gco_coroutine_wake (link->other);
}

/* Two that wake each other, a million times. */
static void
test_chain_of_two (GcoTest *t)
{
  Chain chain = { .t = t, .max = gco_test_scale (1000000) };
  Link  a = { .chain = &chain };
  Link  b = { .chain = &chain };

  a.other = gco_test_spawn (t, wake_and_yield, &b);
  b.other = gco_test_spawn (t, wake_and_yield, &a);
  gco_test_drain (t);
  gco_coroutine_wake (a.other);
  gco_test_drain (t);
  g_assert_cmpuint (chain.n, ==, chain.max + 2);
  assert_flat (&chain);
}

static void
spawn_next (gpointer user_data)
{
  Chain *chain = user_data;

  if (chain->n++ % 50000 == 0)
    gco_coroutine_call_outside (measure, chain);
  if (chain->n < chain->max)
    gco_spawn (NULL, spawn_next, chain, NULL);
}

/* A million of which each starts the next and ends. */
static void
test_chain_of_spawns (GcoTest *t)
{
  Chain chain = { .t = t, .max = gco_test_scale (1000000) };

  gco_test_spawn (t, spawn_next, &chain);
  while (chain.n < chain.max)
    g_assert_true (gco_test_iterate (t));
  assert_flat (&chain);
}

typedef struct
{
  Chain        *chain;
  GcoCoroutine *next;
} Row;

static void
wait_and_wake_next (gpointer user_data)
{
  Row *row = user_data;

  gco_coroutine_yield ();
  if (row->chain->n++ % 500 == 0)
    gco_coroutine_call_outside (measure, row->chain);
  if (row->next != NULL)
    gco_coroutine_wake (row->next);
}

/* A long row that is parked, each waking the one behind it. */
static void
test_chain_of_row (GcoTest *t)
{
  Chain chain = { .t = t, .max = gco_test_crowd (25000, 1 << 20) };
  Row  *rows = g_new0 (Row, chain.max);

  for (guint i = chain.max; i-- > 0;)
    {
      GcoCoroutine *coroutine;

      rows[i].chain = &chain;
      coroutine = gco_test_spawn (t, wait_and_wake_next, &rows[i]);
      if (i > 0)
        rows[i - 1].next = coroutine;
      else
        {
          gco_test_drain (t);
          gco_coroutine_wake (coroutine);
        }
    }
  gco_test_drain (t);
  g_assert_cmpuint (chain.n, ==, chain.max);
  assert_flat (&chain);
  g_free (rows);
}

int
main (int    argc,
      char **argv)
{
  gco_test_init (&argc, &argv);
  gco_test_add ("/schedule/spawn", test_spawn);
  gco_test_add ("/schedule/spawn-null", test_spawn_null);
  gco_test_add_source ("/schedule/spawn-null-outside", test_spawn_null_outside);
  gco_test_add ("/schedule/new", test_schedule_new);
  gco_test_add ("/schedule/interleaved", test_interleaved);
  gco_test_add ("/schedule/started", test_schedule_started);
  gco_test_add ("/schedule/wake-is-no-call", test_wake_is_no_call);
  gco_test_add ("/schedule/wake-itself", test_wake_itself);
  gco_test_add_source ("/schedule/wake-entered", test_wake_entered);
  gco_test_add ("/schedule/enter-resumed", test_enter_resumed);
  gco_test_add ("/schedule/yield-to-enterer", test_yield_to_enterer);
  gco_test_add ("/schedule/chain-of-two", test_chain_of_two);
  gco_test_add ("/schedule/chain-of-spawns", test_chain_of_spawns);
  gco_test_add ("/schedule/chain-of-row", test_chain_of_row);
  return g_test_run ();
}
