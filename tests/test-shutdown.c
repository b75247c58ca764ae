/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Teardown, as the loop sees it; test-lock-teardown has each kind of lock. */

#include "gco-test.h"

#define HOUR (3600 * G_GINT64_CONSTANT (1000000000))

typedef struct
{
  GcoTest      *t;
  GcoCoroutine *self;
  GcoCoroutine *other;
  GCancellable *cancellable;
  guint         n_unwound;
  guint         n_destroyed;
  guint         n;
} Data;

static void
note_unwound (Data **place)
{
  (*place)->n_unwound++;
}

#define NOTE_UNWOUND(data) \
 __attribute__ ((cleanup (note_unwound))) G_GNUC_UNUSED Data *unwound = (data)

static void
note_destroyed (gpointer user_data)
{
  Data *data = user_data;

  g_assert_false (gco_in_coroutine ());
  data->n_destroyed++;
}

static GcoCoroutine *
start (GcoTest         *t,
       const char      *name,
       GcoCoroutineFunc func,
       Data            *data)
{
  GcoCoroutine *coroutine;

  data->t = t;
  coroutine = gco_coroutine_create_full (name, 0, func, data, note_destroyed, NULL);
  gco_coroutine_schedule (coroutine, t->ctx);
  return coroutine;
}

static void
shut_down_warned (GcoTest    *t,
                  const char *pattern)
{
  g_test_expect_message ("Gco", G_LOG_LEVEL_WARNING, pattern);
  gco_aio_context_shutdown (t->ctx);
  g_test_assert_expected_messages ();
}

/* ------------------------------------------------------------------ that end */

static void
test_nothing (GcoTest *t)
{
  gco_aio_context_shutdown (t->ctx);
  gco_aio_context_shutdown (t->ctx);
}

static void
take_steps (gpointer user_data)
{
  Data *data = user_data;
  NOTE_UNWOUND (data);

  for (guint i = 0; i < 5; i++)
    {
      data->n++;
      gco_test_pass ();
    }
}

/* Those that are ready come to their end. */
static void
test_ready (GcoTest *t)
{
  Data data = { NULL };

  start (t, "steps", take_steps, &data);
  start (t, "steps", take_steps, &data);
  gco_aio_context_shutdown (t->ctx);
  g_assert_cmpuint (data.n, ==, 10);
  g_assert_cmpuint (data.n_unwound, ==, 2);
  g_assert_cmpuint (data.n_destroyed, ==, 2);
}

static void
sleep_long (gpointer user_data)
{
  Data *data = user_data;
  NOTE_UNWOUND (data);
  g_autoptr (GError) error = NULL;

  g_assert_false (gco_sleep_ns_cancellable (NULL, HOUR, data->cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

/* With a cancellable and without one. */
static void
test_sleeping (GcoTest *t)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  Data a = { .cancellable = cancellable };
  Data b = { NULL };

  start (t, "a", sleep_long, &a);
  start (t, "b", sleep_long, &b);
  gco_test_drain (t);
  gco_aio_context_shutdown (t->ctx);
  g_assert_cmpuint (a.n_unwound + b.n_unwound, ==, 2);
  g_assert_cmpuint (a.n_destroyed + b.n_destroyed, ==, 2);
}

static void
sleep_again (gpointer user_data)
{
  for (guint i = 0; i < 10; i++)
    sleep_long (user_data);
}

/* From now on such waits fail at once: nothing goes on for ever. */
static void
test_sleeping_again (GcoTest *t)
{
  Data data = { NULL };

  start (t, "again", sleep_again, &data);
  gco_test_drain (t);
  gco_aio_context_shutdown (t->ctx);
  g_assert_cmpuint (data.n_unwound, ==, 10);
}

static void
test_started_after (GcoTest *t)
{
  Data data = { NULL };

  gco_aio_context_shutdown (t->ctx);
  start (t, "late", sleep_long, &data);
  gco_test_drain (t);
  g_assert_cmpuint (data.n_unwound, ==, 1);
}

static void
wake_other_when_cancelled (gpointer user_data)
{
  Data *data = user_data;

  sleep_long (data);
  gco_coroutine_wake (data->other);
}

static void
yield_once (gpointer user_data)
{
  NOTE_UNWOUND (user_data);

  gco_coroutine_yield ();
}

/* One that cannot fail by itself is woken by another one that ends. */
static void
test_woken_by_other (GcoTest *t)
{
  Data a = { NULL };
  Data b = { NULL };

  a.other = start (t, "b", yield_once, &b);
  start (t, "a", wake_other_when_cancelled, &a);
  gco_test_drain (t);
  gco_aio_context_shutdown (t->ctx);
  g_assert_cmpuint (a.n_unwound, ==, 1);
  g_assert_cmpuint (b.n_unwound, ==, 1);
}

static void
spawn_sleeper (gpointer user_data)
{
  Data *data = user_data;

  sleep_long (data);
  start (data->t, "child", sleep_long, data);
}

/* What those that unwind start is ended, too. */
static void
test_spawned_meanwhile (GcoTest *t)
{
  Data data = { NULL };

  start (t, "parent", spawn_sleeper, &data);
  gco_test_drain (t);
  gco_aio_context_shutdown (t->ctx);
  g_assert_cmpuint (data.n_unwound, ==, 2);
  g_assert_cmpuint (data.n_destroyed, ==, 2);
}

/* -------------------------------------------------------------------- await */

static void
finish_when_cancelled (GCancellable *cancellable,
                       gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;

  g_task_return_error_if_cancelled (task);
}

static void
await_for_ever (gpointer user_data)
{
  Data *data = user_data;
  NOTE_UNWOUND (data);
  g_autoptr (GError) error = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  GcoAwait await;
  GTask   *task;

  gco_await_init (&await, data->cancellable);
  task = g_task_new (NULL, data->cancellable, gco_await_ready, &await);
  g_signal_connect (data->cancellable,
                    "cancelled",
                    G_CALLBACK (finish_when_cancelled),
                    task);
  result = gco_await (&await);
  g_assert_false (g_task_propagate_boolean (G_TASK (result), &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

/* Its cancellable is cancelled, and the GMainContext iterated until the callback
 * has come. */
static void
test_awaiting (GcoTest *t)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  Data data = { .cancellable = cancellable };

  start (t, "await", await_for_ever, &data);
  gco_test_drain (t);
  gco_aio_context_shutdown (t->ctx);
  g_assert_true (g_cancellable_is_cancelled (cancellable));
  g_assert_cmpuint (data.n_unwound, ==, 1);
  g_assert_cmpuint (data.n_destroyed, ==, 1);
}

/* ------------------------------------------------------------- that do not end */

static void
test_bare_yield (GcoTest *t)
{
  Data data = { NULL };

  start (t, "forgotten", yield_once, &data);
  gco_test_drain (t);
  shut_down_warned (t,
                    "Coroutine forgotten (0x*)*abandoned: it waits for somebody to enter or"
                    " wake it,*");
  g_assert_cmpuint (data.n_unwound, ==, 0);
}

static void
sleep_plainly (gpointer user_data)
{
  gco_sleep_ns (NULL, HOUR);
}

/* Its timer does not fire afterwards: the stack is lost. */
static void
test_plain_sleep (GcoTest *t)
{
  Data data = { NULL };

  start (t, "dormouse", sleep_plainly, &data);
  gco_test_drain (t);
  shut_down_warned (t, "Coroutine dormouse (0x*)*abandoned*");
  gco_test_drain (t);
}

static void
wake_data (gpointer user_data)
{
  Data *data = user_data;

  gco_coroutine_wake (data->self);
}

static void
test_wake_abandoned (GcoTest *t)
{
  Data data = { NULL };

  data.self = start (t, "forgotten", yield_once, &data);
  gco_test_drain (t);
  shut_down_warned (t, "Coroutine forgotten*");
  wake_data (&data);
  gco_test_drain (t);
}

static void
test_enter_abandoned (GcoTest *t)
{
  Data data = { NULL };

  data.self = start (t, "forgotten", yield_once, &data);
  gco_test_drain (t);
  shut_down_warned (t, "Coroutine forgotten*");
  gco_coroutine_enter (data.self);
}

/* Others of another context go on undisturbed. */
static void
test_other_context (GcoTest *t)
{
  GcoAioContext *other = gco_aio_context_new ();
  Data           data = { .t = t };
  GcoCoroutine  *stranger = gco_spawn (other, yield_once, &data, NULL);

  gco_aio_context_poll (other, FALSE);
  gco_aio_context_shutdown (t->ctx);
  g_assert_cmpuint (data.n_unwound, ==, 0);
  gco_coroutine_wake (stranger);
  gco_aio_context_poll (other, FALSE);
  g_assert_cmpuint (data.n_unwound, ==, 1);
  g_assert_finalize_object (other);
}

/* ---------------------------------------------------------------- other work */

static void
count (gpointer user_data)
{
  Data *data = user_data;

  data->n++;
}

static void
shut_down (gpointer user_data)
{
  GcoTest *t = user_data;

  gco_aio_context_shutdown (t->ctx);
}

/* From within a dispatch: what is ready runs, and the sleepers end. */
static void
test_in_dispatch (GcoTest *t)
{
  Data data = { NULL };

  start (t, "sleeper", sleep_long, &data);
  gco_test_drain (t);
  gco_aio_context_schedule_oneshot (t->ctx, shut_down, t, NULL);
  gco_aio_context_schedule_oneshot (t->ctx, count, &data, NULL);
  gco_test_drain (t);
  g_assert_cmpuint (data.n, ==, 1);
  g_assert_cmpuint (data.n_unwound, ==, 1);
}

/* It is about coroutines: other work can be done as before. */
static void
test_still_works (GcoTest *t)
{
  Data data = { NULL };

  gco_aio_context_shutdown (t->ctx);
  gco_aio_context_schedule_oneshot (t->ctx, count, &data, NULL);
  start (t, "steps", take_steps, &data);
  gco_test_drain (t);
  g_assert_cmpuint (data.n, ==, 6);
}

int
main (int    argc,
      char **argv)
{
  gco_test_init (&argc, &argv);
  gco_test_add ("/shutdown/nothing", test_nothing);
  gco_test_add ("/shutdown/ready", test_ready);
  gco_test_add ("/shutdown/sleeping", test_sleeping);
  gco_test_add ("/shutdown/sleeping-again", test_sleeping_again);
  gco_test_add ("/shutdown/started-after", test_started_after);
  gco_test_add ("/shutdown/woken-by-other", test_woken_by_other);
  gco_test_add ("/shutdown/spawned-meanwhile", test_spawned_meanwhile);
  gco_test_add_source ("/shutdown/awaiting", test_awaiting);
  gco_test_add ("/shutdown/bare-yield", test_bare_yield);
  gco_test_add ("/shutdown/plain-sleep", test_plain_sleep);
  gco_test_add_abort ("/shutdown/wake-abandoned",
                      test_wake_abandoned,
                      "*coroutine forgotten*gco_aio_context_shutdown()*");
  gco_test_add_abort ("/shutdown/enter-abandoned",
                      test_enter_abandoned,
                      "*coroutine forgotten*gco_aio_context_shutdown()*");
  gco_test_add ("/shutdown/other-context", test_other_context);
  gco_test_add ("/shutdown/in-dispatch", test_in_dispatch);
  gco_test_add ("/shutdown/still-works", test_still_works);
  return g_test_run ();
}
