/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A channel for those who call back: in one line with coroutines. */

#include "gco-test-caller.h"
#include "gco-test-channel.h"

static void
send_async (Caller     *caller,
            GcoChannel *channel,
            Item       *item)
{
  caller->busy = TRUE;
  gco_channel_send_async (channel, item, caller->cancellable, caller_called, caller);
  caller->busy = FALSE;
}

static void
receive_async (Caller     *caller,
               GcoChannel *channel)
{
  caller->busy = TRUE;
  gco_channel_receive_async (channel, caller->cancellable, caller_called, caller);
  caller->busy = FALSE;
}

static GcoChannel *
channel_of (Caller *caller)
{
  g_autoptr (GObject) source = NULL;

  g_assert_true (caller->called);
  source = g_async_result_get_source_object (caller->result);
  return GCO_CHANNEL (source);
}

static void
assert_sent (Caller *caller)
{
  g_assert_true (
      gco_channel_send_finish (channel_of (caller), caller->result, &caller->error));
  g_assert_no_error (caller->error);
}

static void
assert_received (Caller *caller,
                 Item   *item)
{
  g_assert_true (gco_channel_receive_finish (channel_of (caller),
                                             caller->result,
                                             &caller->error) == item);
  g_assert_no_error (caller->error);
}

static void
assert_not_sent (Caller *caller,
                 int     code)
{
  g_assert_false (
      gco_channel_send_finish (channel_of (caller), caller->result, &caller->error));
  g_assert_error (caller->error, G_IO_ERROR, code);
  g_clear_error (&caller->error);
}

static void
assert_not_received (Caller *caller,
                     int     code)
{
  g_assert_null (
      gco_channel_receive_finish (channel_of (caller), caller->result, &caller->error));
  g_assert_error (caller->error, G_IO_ERROR, code);
  g_clear_error (&caller->error);
}

/* --------------------------------------------------------------------- order */

/* What needs no wait is called back as well, and later. */
static void
test_at_once (GcoTest *t)
{
  Item       *items = items_new ();
  GcoChannel *channel = gco_channel_new (1, item_destroy);
  Caller     *s = caller_new (t, "S");
  Caller     *r = caller_new (t, "R");

  send_async (s, channel, &items[0]);
  g_assert_cmpuint (gco_channel_get_n_items (channel), ==, 1);
  receive_async (r, channel);
  g_assert_cmpuint (gco_channel_get_n_items (channel), ==, 0);
  gco_test_drain (t);
  gco_test_assert_log (t, "S R ");
  assert_sent (s);
  assert_received (r, &items[0]);
  callers_end (s, r);
  g_assert_finalize_object (channel);
  assert_destroyed (items, 0, 0);
}

static void
test_receivers_in_order (GcoTest *t)
{
  static const char *const order[] = { "A ", "b ", "C " };
  Item                    *items = items_new ();
  GcoChannel              *channel = gco_channel_new (0, item_destroy);
  Caller                  *a = caller_new (t, "A");
  Actor                   *b = actor_new (t, "b");
  Caller                  *c = caller_new (t, "C");

  receive_async (a, channel);
  actor_do (b, do_receive, channel);
  receive_async (c, channel);
  for (int i = 0; i < 3; i++)
    {
      a->busy = c->busy = TRUE;
      g_assert_true (gco_channel_trysend (channel, &items[i]));
      a->busy = c->busy = FALSE;
      gco_test_assert_log (t, "");
      gco_test_drain (t);
      gco_test_assert_log (t, order[i]);
    }
  g_assert_false (gco_channel_trysend (channel, &items[3]));
  assert_received (a, &items[0]);
  actor_assert_received (b, &items[1]);
  assert_received (c, &items[2]);
  callers_end (a, c);
  actor_end (b);
  g_assert_finalize_object (channel);
  assert_destroyed (items, 0, 0);
}

static void
test_senders_in_order (GcoTest *t)
{
  static const char *const order[] = { "A ", "b ", "C ", "" };

  for (guint capacity = 0; capacity < 2; capacity++)
    {
      Item       *items = items_new ();
      GcoChannel *channel = gco_channel_new (capacity, item_destroy);
      Caller     *a = caller_new (t, "A");
      Actor      *b = actor_new (t, "b");
      Caller     *c = caller_new (t, "C");

      if (capacity == 1)
        g_assert_true (gco_channel_trysend (channel, &items[0]));
      send_async (a, channel, &items[capacity + 0]);
      actor_send (b, channel, &items[capacity + 1]);
      send_async (c, channel, &items[capacity + 2]);
      gco_test_drain (t);
      for (guint i = 0; i < 3 + capacity; i++)
        {
          g_assert_true (gco_channel_tryreceive (channel) == &items[i]);
          gco_test_assert_log (t, "");
          gco_test_drain (t);
          gco_test_assert_log (t, order[i]);
        }
      assert_sent (a);
      actor_assert_succeeded (b);
      assert_sent (c);
      callers_end (a, c);
      actor_end (b);
      g_assert_finalize_object (channel);
      assert_destroyed (items, 0, 0);
    }
}

/* In a coroutine, of which the other end is a callback. */
static gboolean
do_send_async (Actor   *self,
               gpointer user_data)
{
  GcoChannel *channel = user_data;

  gco_channel_send_async (channel, self->data, NULL, NULL, NULL);
  return gco_channel_send (channel, (Item *) self->data + 1, NULL, &self->error);
}

static void
test_in_coroutine (GcoTest *t)
{
  Item       *items = items_new ();
  GcoChannel *channel = gco_channel_new (0, item_destroy);
  Actor      *actor = actor_new (t, "actor");
  Caller     *a = caller_new (t, "A");
  Caller     *b = caller_new (t, "B");

  receive_async (a, channel);
  actor->data = items;
  actor_do (actor, do_send_async, channel);
  assert_waits (actor);
  assert_received (a, &items[0]);
  receive_async (b, channel);
  gco_test_drain (t);
  actor_assert_succeeded (actor);
  assert_received (b, &items[1]);
  callers_end (a, b);
  actor_end (actor);
  g_assert_finalize_object (channel);
  assert_destroyed (items, 0, 0);
}

/* ---------------------------------------------------------------- close, cancel */

static void
test_closed (GcoTest *t)
{
  for (int before = 0; before < 2; before++)
    for (int receive_end = 0; receive_end < 2; receive_end++)
      {
        Item       *items = items_new ();
        GcoChannel *full = gco_channel_new (0, item_destroy);
        GcoChannel *empty = gco_channel_new (0, item_destroy);
        Caller     *s = caller_new (t, "S");
        Caller     *r = caller_new (t, "R");

        for (int i = 0; i < 2; i++)
          {
            if (i == before)
              {
                send_async (s, full, &items[0]);
                receive_async (r, empty);
                continue;
              }
            s->busy = r->busy = TRUE;
            (receive_end ? gco_channel_close_receive : gco_channel_close_send) (full);
            (receive_end ? gco_channel_close_receive : gco_channel_close_send) (empty);
            s->busy = r->busy = FALSE;
          }
        gco_test_drain (t);
        assert_not_sent (s, G_IO_ERROR_CLOSED);
        assert_not_received (r, G_IO_ERROR_CLOSED);
        callers_end (s, r);
        g_assert_finalize_object (full);
        g_assert_finalize_object (empty);
        assert_destroyed (items, 0, 0);
      }
}

typedef enum
{
  CANCEL_FIRST,
  SERVE_FIRST,
  CANCEL_ONLY,
  CANCEL_BEFORE,
} Order;

static void
test_cancelled (GcoTest *t)
{
  for (Order order = CANCEL_FIRST; order <= CANCEL_BEFORE; order++)
    {
      Item       *items = items_new ();
      GcoChannel *channel = gco_channel_new (1, item_destroy);
      Caller     *a = caller_new (t, "A");
      Caller     *b = caller_new (t, "B");

      if (order == CANCEL_BEFORE)
        g_cancellable_cancel (a->cancellable);
      receive_async (a, channel);
      receive_async (b, channel);
      if (order == CANCEL_FIRST || order == CANCEL_ONLY)
        g_cancellable_cancel (a->cancellable);
      if (order == CANCEL_ONLY)
        gco_test_drain (t);
      g_assert_true (gco_channel_trysend (channel, &items[0]));
      if (order == SERVE_FIRST)
        g_cancellable_cancel (a->cancellable);
      g_assert_true (gco_channel_trysend (channel, &items[1]));
      gco_test_drain (t);
      if (order == SERVE_FIRST)
        assert_received (a, &items[0]);
      else
        assert_not_received (a, G_IO_ERROR_CANCELLED);
      assert_received (b, &items[order == SERVE_FIRST ? 1 : 0]);
      callers_end (a, b);
      g_assert_finalize_object (channel);
      assert_destroyed (items, 1, order == SERVE_FIRST ? 1 : 2);
    }
}

static void
test_send_cancelled (GcoTest *t)
{
  for (Order order = CANCEL_FIRST; order <= CANCEL_BEFORE; order++)
    {
      Item       *items = items_new ();
      GcoChannel *channel = gco_channel_new (0, item_destroy);
      Caller     *a = caller_new (t, "A");
      Caller     *b = caller_new (t, "B");
      int         first = order == SERVE_FIRST ? 0 : 1;

      if (order == CANCEL_BEFORE)
        g_cancellable_cancel (a->cancellable);
      send_async (a, channel, &items[0]);
      send_async (b, channel, &items[1]);
      if (order == CANCEL_FIRST || order == CANCEL_ONLY)
        g_cancellable_cancel (a->cancellable);
      if (order == CANCEL_ONLY)
        gco_test_drain (t);
      g_assert_true (gco_channel_tryreceive (channel) == &items[first]);
      if (order == SERVE_FIRST)
        {
          g_cancellable_cancel (a->cancellable);
          g_assert_true (gco_channel_tryreceive (channel) == &items[1]);
        }
      gco_test_drain (t);
      if (order == SERVE_FIRST)
        assert_sent (a);
      else
        assert_not_sent (a, G_IO_ERROR_CANCELLED);
      assert_sent (b);
      callers_end (a, b);
      g_assert_finalize_object (channel);
      assert_destroyed (items, 0, 0);
    }
}

/* ---------------------------------------------------------- who does not ask */

/* Without a callback, or without _finish(): the item goes with the result. */
static void
test_result_not_asked_for (GcoTest *t)
{
  for (int waited = 0; waited < 2; waited++)
    {
      Item       *items = items_new ();
      GcoChannel *channel = gco_channel_new (2, item_destroy);
      Caller     *a = caller_new (t, "A");

      for (int i = 0; i < 2; i++)
        {
          if (i == waited)
            {
              gco_channel_receive_async (channel, NULL, NULL, NULL);
              receive_async (a, channel);
              continue;
            }
          g_assert_true (gco_channel_trysend (channel, &items[0]));
          g_assert_true (gco_channel_trysend (channel, &items[1]));
        }
      gco_test_drain (t);
      assert_destroyed (items, 0, 1);
      caller_end (a);
      assert_destroyed (items, 0, 2);
      g_assert_finalize_object (channel);
      assert_destroyed (items, 0, 2);
    }
}

/* The wait keeps the channel, and the channel what frees the item. */
static void
test_channel_dropped (GcoTest *t)
{
  Item       *items = items_new ();
  GcoChannel *channel = gco_channel_new (0, item_destroy);
  Caller     *s = caller_new (t, "S");
  Caller     *r = caller_new (t, "R");

  send_async (s, channel, &items[0]);
  receive_async (r, channel);
  g_object_unref (channel);
  gco_test_drain (t);
  assert_sent (s);
  callers_end (s, r);
  assert_destroyed (items, 0, 1);
}

/* ------------------------------------------------------------- other threads */

typedef struct
{
  GcoChannel *channel;
  Caller     *caller;
} There;

static void
receive_there (gpointer user_data)
{
  There *there = user_data;

  there->caller->thread = g_thread_self ();
  there->caller->main_context = g_main_context_get_thread_default ();
  receive_async (there->caller, there->channel);
}

static void
test_caller_elsewhere (GcoTest *t)
{
  GcoTestThread *thread = gco_test_thread_new (t);
  Item          *items = items_new ();
  There          there = { gco_channel_new (0, item_destroy), caller_new (t, NULL) };
  Caller        *s = caller_new (t, "S");

  gco_test_thread_call (thread, receive_there, &there);
  send_async (s, there.channel, &items[0]);
  while (!g_atomic_int_get (&there.caller->called))
    gco_test_thread_call (thread, actor_nothing, NULL);
  gco_test_drain (t);
  assert_sent (s);
  assert_received (there.caller, &items[0]);
  callers_end (s, there.caller);
  gco_test_thread_stop (thread);
  g_assert_finalize_object (there.channel);
  assert_destroyed (items, 0, 0);
}

int
main (int   argc,
      char *argv[])
{
  gco_test_init (&argc, &argv);
  gco_test_add_source ("/channel/async/at-once", test_at_once);
  gco_test_add_source ("/channel/async/receivers-in-order", test_receivers_in_order);
  gco_test_add_source ("/channel/async/senders-in-order", test_senders_in_order);
  gco_test_add_source ("/channel/async/in-coroutine", test_in_coroutine);
  gco_test_add_source ("/channel/async/closed", test_closed);
  gco_test_add_source ("/channel/async/cancelled", test_cancelled);
  gco_test_add_source ("/channel/async/send-cancelled", test_send_cancelled);
  gco_test_add_source ("/channel/async/result-not-asked-for", test_result_not_asked_for);
  gco_test_add_source ("/channel/async/channel-dropped", test_channel_dropped);
  gco_test_add_source ("/channel/async/caller-elsewhere", test_caller_elsewhere);
  return g_test_run ();
}
