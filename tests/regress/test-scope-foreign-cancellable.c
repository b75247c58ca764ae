/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A scope that ended cancelled the GCancellable that its coroutine had given to GIO or to a
 * thread, which may be the caller's, and with it whatever else the caller does. */

#include "gco-test.h"

#include <sys/socket.h>
#include <unistd.h>

typedef struct
{
  GcoTest      *t;
  GIOStream    *stream; /* nothing ever comes */
  int           other_end;
  GCancellable *given;
  gboolean      began; /* (atomic) */
  gboolean      ended;
} Data;

static gboolean
read_for_ever (GCancellable *scope,
               gpointer      user_data,
               GError      **error)
{
  Data  *data = user_data;
  char   byte;
  gssize n;

  g_atomic_int_set (&data->began, TRUE);
  n = gco_input_stream_read (g_io_stream_get_input_stream (data->stream),
                             &byte,
                             1,
                             data->given,
                             error);
  g_assert_cmpint (n, ==, -1);
  g_assert_error (*error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  data->ended = TRUE;
  return FALSE;
}

static gboolean
wait_until_cancelled (GCancellable *cancellable,
                      gpointer      user_data,
                      GError      **error)
{
  Data *data = user_data;

  g_atomic_int_set (&data->began, TRUE);
  gco_aio_context_notify (data->t->ctx);
  while (!g_cancellable_is_cancelled (cancellable))
    g_thread_yield ();
  return !g_cancellable_set_error_if_cancelled (cancellable, error);
}

static gboolean
work_for_ever (GCancellable *scope,
               gpointer      user_data,
               GError      **error)
{
  Data *data = user_data;

  g_assert_false (gco_run_in_thread (wait_until_cancelled, data, data->given, error));
  g_assert_error (*error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  data->ended = TRUE;
  return FALSE;
}

static void
set_up (Data      *data,
        GcoTest   *t,
        GcoScope  *scope,
        GcoRunFunc func)
{
  g_autoptr (GSocket) socket = NULL;
  int fds[2];

  g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM, 0, fds), ==, 0);
  socket = g_socket_new_from_fd (fds[0], NULL);
  *data = (Data){
    .t = t,
    .stream = (GIOStream *) g_socket_connection_factory_create_connection (socket),
    .other_end = fds[1],
    .given = g_cancellable_new (),
  };
  gco_scope_spawn_full (scope, t->ctx, NULL, 0, func, data, NULL);
}

static void
tear_down (Data    *data,
           GcoTest *t)
{
  guint cancelled = g_signal_lookup ("cancelled", G_TYPE_CANCELLABLE);

  gco_test_run_until (t, &data->ended);
  gco_test_drain (t);
  g_assert_false (g_signal_has_handler_pending (data->given, cancelled, 0, TRUE));
  g_object_unref (data->stream);
  g_assert_finalize_object (data->given);
  close (data->other_end);
}

/* By the scope: the given one is left alone. */
static void
end_by_scope (GcoTest   *t,
              GcoRunFunc func)
{
  g_autoptr (GcoScope) scope = gco_scope_new (NULL);
  Data data;

  set_up (&data, t, scope, func);
  gco_test_run_until (t, &data.began);
  gco_test_drain (t);
  gco_scope_cancel (scope);
  gco_test_run_until (t, &data.ended);
  g_assert_false (g_cancellable_is_cancelled (data.given));
  tear_down (&data, t);
}

/* And it works as ever, before and after the call began. */
static void
end_by_given (GcoTest   *t,
              GcoRunFunc func,
              gboolean   before)
{
  g_autoptr (GcoScope) scope = gco_scope_new (NULL);
  Data data;

  set_up (&data, t, scope, func);
  if (!before)
    {
      gco_test_run_until (t, &data.began);
      gco_test_drain (t);
    }
  g_cancellable_cancel (data.given);
  tear_down (&data, t);
}

static void
try (GcoTest   *t,
     GcoRunFunc func)
{
  end_by_scope (t, func);
  end_by_given (t, func, FALSE);
  end_by_given (t, func, TRUE);
}

static void
test_gio (GcoTest *t)
{
  try (t, read_for_ever);
}

static void
test_thread (GcoTest *t)
{
  try (t, work_for_ever);
}

int
main (int   argc,
      char *argv[])
{
  gco_test_init (&argc, &argv);
  gco_test_add_source ("/regress/scope-foreign-cancellable/gio", test_gio);
  gco_test_add ("/regress/scope-foreign-cancellable/thread", test_thread);
  return g_test_run ();
}
