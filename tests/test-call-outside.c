/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Calls from a coroutine that run on the thread's own stack. */

#ifndef _GNU_SOURCE
# define _GNU_SOURCE
#endif

#include "gco-test.h"

#include <pthread.h>

typedef struct
{
  GcoTest      *t;
  GcoCoroutine *other;
  guint         depth;
  guint         n;
} Data;

/* Whether the caller's frame is on the stack that the thread was started on. */
static gboolean
on_thread_stack (void)
{
  pthread_attr_t attr;
  void          *bottom;
  size_t         size;
  char          *here = __builtin_frame_address (0);

  g_assert_cmpint (pthread_getattr_np (pthread_self (), &attr), ==, 0);
  pthread_attr_getstack (&attr, &bottom, &size);
  pthread_attr_destroy (&attr);
  return here >= (char *) bottom && here < (char *) bottom + size;
}

static void
check_outside (gpointer user_data)
{
  Data *data = user_data;

  g_assert_false (gco_in_coroutine ());
  g_assert_null (gco_coroutine_self ());
  g_assert_true (on_thread_stack ());
  data->n++;
}

static void
call_once (gpointer user_data)
{
  GcoCoroutine *self = gco_coroutine_self ();

  g_assert_false (on_thread_stack ());
  gco_coroutine_call_outside (check_outside, user_data);
  g_assert_true (gco_coroutine_self () == self);
  g_assert_false (on_thread_stack ());
  g_assert_true (gco_coroutine_is_entered (self));
}

static void
test_from_dispatched (GcoTest *t)
{
  Data data = { .t = t };

  gco_test_run (t, call_once, &data);
  g_assert_cmpuint (data.n, ==, 1);
}

static void
test_from_entered (void)
{
  Data data = { NULL };

  gco_coroutine_enter (gco_coroutine_create (call_once, &data));
  g_assert_cmpuint (data.n, ==, 1);
}

/* Outside of coroutines it is a call like any other. */
static void
test_from_outside (void)
{
  Data data = { NULL };

  gco_coroutine_call_outside (check_outside, &data);
  g_assert_cmpuint (data.n, ==, 1);
}

/* ------------------------------------------------------------------- nested */

static void
nest (gpointer user_data)
{
  Data *data = user_data;

  gco_coroutine_call_outside (check_outside, data);
  if (data->depth-- > 0)
    gco_coroutine_enter (gco_coroutine_create (nest, data));
  gco_coroutine_call_outside (check_outside, data);
}

/* From a coroutine that was entered by one that was entered by one ... */
static void
test_nested_coroutines (GcoTest *t)
{
  Data data = { .t = t, .depth = 50 };

  gco_test_run (t, nest, &data);
  g_assert_cmpuint (data.n, ==, 2 * 51);
}

static void nest_outside (gpointer user_data);

static void
enter_deeper (gpointer user_data)
{
  Data *data = user_data;

  check_outside (data);
  if (data->depth-- > 0)
    gco_coroutine_enter (gco_coroutine_create (nest_outside, data));
  check_outside (data);
}

static void
nest_outside (gpointer user_data)
{
  GcoCoroutine *self = gco_coroutine_self ();
  volatile char frame[1000];

  for (guint i = 0; i < sizeof frame; i++)
    frame[i] = (char) i;
  gco_coroutine_call_outside (enter_deeper, user_data);
  for (guint i = 0; i < sizeof frame; i++)
    g_assert_cmpint (frame[i], ==, (char) i);
  g_assert_true (gco_coroutine_self () == self);
}

/* Coroutine, outside, coroutine, outside ...: all frames stay whole. */
static void
test_nested_calls (GcoTest *t)
{
  Data data = { .t = t, .depth = 50 };

  gco_test_run (t, nest_outside, &data);
  g_assert_cmpuint (data.n, ==, 2 * 51);
}

static void
yield_in_steps (gpointer user_data)
{
  Data *data = user_data;

  for (guint i = 0; i < 4; i++)
    {
      gco_coroutine_call_outside (check_outside, data);
      gco_coroutine_yield ();
    }
}

static void
enter_other (gpointer user_data)
{
  Data *data = user_data;

  gco_coroutine_enter (data->other);
}

static void
enter_and_call (gpointer user_data)
{
  Data *data = user_data;

  gco_coroutine_enter (data->other);
  gco_coroutine_call_outside (enter_other, data);
}

/* One coroutine is entered from a coroutine, from outside one, and by hand. */
static void
test_enterers (GcoTest *t)
{
  Data data = { .t = t };

  data.other = gco_test_spawn (t, yield_in_steps, &data);
  gco_test_drain (t);
  gco_test_run (t, enter_and_call, &data);
  gco_coroutine_enter (data.other);
  gco_coroutine_enter (data.other);
  g_assert_cmpuint (data.n, ==, 4);
}

/* ---------------------------------------------------------------- dispatches */

static void
log_oneshot (gpointer user_data)
{
  gco_test_log (user_data, "o");
}

static void
dispatch (gpointer user_data)
{
  GcoTest *t = user_data;

  gco_test_log (t, "(");
  gco_test_drain (t);
  gco_test_log (t, ")");
}

static void
dispatch_outside (gpointer user_data)
{
  GcoTest *t = user_data;

  gco_test_log (t, "<");
  gco_aio_context_schedule_oneshot (t->ctx, log_oneshot, t, NULL);
  gco_coroutine_call_outside (dispatch, t);
  gco_test_log (t, ">");
  gco_test_pass ();
  gco_test_log (t, "|");
}

/* The loop within is that of the context whose dispatch runs the coroutine. */
static void
test_dispatch (GcoTest *t)
{
  gco_test_run (t, dispatch_outside, t);
  gco_test_assert_log (t, "<(o)>|");
}

static void
test_dispatch_from_entered (GcoTest *t)
{
  gco_coroutine_enter (gco_coroutine_create (dispatch_outside, t));
  gco_test_assert_log (t, "<(o)>");
  while (t->log->len == 0)
    g_main_context_iteration (t->main_context, TRUE);
  gco_test_assert_log (t, "|");
}

/* Several at once: each loop runs within the one before, and the innermost one
 * finds what all have scheduled. */
static void
test_dispatch_nested (GcoTest *t)
{
  for (guint i = 0; i < 3; i++)
    gco_test_spawn (t, dispatch_outside, t);
  gco_test_drain (t);
  gco_test_assert_log (t, "<(<(<(ooo)>|)>|)>|");
}

/* ------------------------------------------------------------------ what for */

static void
use_very_deep_stack (gpointer user_data)
{
  volatile char block[3 * 1024 * 1024];

  for (gsize i = 0; i < sizeof block; i += 1024)
    block[i] = 1;
  check_outside (user_data);
}

static void
call_deep (gpointer user_data)
{
  gco_coroutine_call_outside (use_very_deep_stack, user_data);
}

/* More than the coroutine's own stack has. */
static void
test_deep (GcoTest *t)
{
  Data data = { .t = t };

  gco_test_run (t, call_deep, &data);
  g_assert_cmpuint (data.n, ==, 1);
}

static void
on_cancelled (GCancellable *cancellable,
              gpointer      user_data)
{
  check_outside (user_data);
}

static void
cancel_outside (gpointer user_data)
{
  gco_coroutine_call_outside ((GcoFunc) g_cancellable_cancel, user_data);
}

static void
test_signal (GcoTest *t)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  Data data = { .t = t };

  g_signal_connect (cancellable, "cancelled", G_CALLBACK (on_cancelled), &data);
  gco_test_run (t, cancel_outside, cancellable);
  g_assert_cmpuint (data.n, ==, 1);
}

static gpointer
call_in_thread (gpointer data)
{
  gco_coroutine_enter (gco_coroutine_create (call_once, data));
  return NULL;
}

static void
test_in_thread (void)
{
  Data data = { NULL };

  g_thread_join (g_thread_new (NULL, call_in_thread, &data));
  g_assert_cmpuint (data.n, ==, 1);
}

int
main (int    argc,
      char **argv)
{
  gco_test_init (&argc, &argv);
  gco_test_add ("/call-outside/from-dispatched", test_from_dispatched);
  g_test_add_func ("/call-outside/from-entered", test_from_entered);
  g_test_add_func ("/call-outside/from-outside", test_from_outside);
  gco_test_add ("/call-outside/nested-coroutines", test_nested_coroutines);
  gco_test_add ("/call-outside/nested-calls", test_nested_calls);
  gco_test_add ("/call-outside/enterers", test_enterers);
  gco_test_add ("/call-outside/dispatch", test_dispatch);
  gco_test_add_source ("/call-outside/dispatch-from-entered", test_dispatch_from_entered);
  gco_test_add ("/call-outside/dispatch-nested", test_dispatch_nested);
  gco_test_add ("/call-outside/deep", test_deep);
  gco_test_add ("/call-outside/signal", test_signal);
  g_test_add_func ("/call-outside/in-thread", test_in_thread);
  return g_test_run ();
}
