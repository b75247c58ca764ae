/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Closing a channel, at either end and in every state; and what becomes of the
 * items that nobody received. */

#include "gco-test-channel.h"

static gboolean
do_close_send (Actor   *self,
               gpointer channel)
{
  gco_channel_close_send (channel);
  return TRUE;
}

static gboolean
do_close_receive (Actor   *self,
                  gpointer channel)
{
  gco_channel_close_receive (channel);
  return TRUE;
}

static gboolean
do_unref (Actor   *self,
          gpointer channel)
{
  g_object_unref (channel);
  return TRUE;
}

/* Nothing goes in; twice, and with the other end closed as well, is once. */
static void
assert_closed_to_senders (Actor      *actor,
                          GcoChannel *channel,
                          Item       *item)
{
  g_assert_false (gco_channel_trysend (channel, item));
  actor_send (actor, channel, item);
  actor_assert_closed (actor);
  actor->data = item;
  actor->clock = NULL;
  actor->deadline_ns = G_MAXINT64;
  actor_do (actor, do_send_until, channel);
  actor_assert_closed (actor);
}

static void
assert_closed_to_receivers (Actor      *actor,
                            GcoChannel *channel)
{
  g_assert_null (gco_channel_tryreceive (channel));
  actor_do (actor, do_receive, channel);
  actor_assert_closed (actor);
  g_assert_cmpuint (gco_channel_get_n_items (channel), ==, 0);
}

/* ----------------------------------------------------------- nobody waits */

static void
test_send_end (GcoTest *t)
{
  Item       *items = items_new ();
  GcoChannel *channel = gco_channel_new (4, item_destroy);
  Actor      *a = actor_new (t, "A");

  for (int i = 0; i < 3; i++)
    g_assert_true (gco_channel_trysend (channel, &items[i]));
  actor_do (a, do_close_send, channel);
  assert_closed_to_senders (a, channel, &items[4]);
  /* what is left can be received */
  for (int i = 0; i < 3; i++)
    {
      g_assert_cmpuint (gco_channel_get_n_items (channel), ==, 3 - i);
      actor_do (a, do_receive, channel);
      actor_assert_received (a, &items[i]);
    }
  assert_closed_to_receivers (a, channel);
  actor_do (a, do_close_send, channel);
  actor_do (a, do_close_receive, channel);
  assert_closed_to_senders (a, channel, &items[4]);
  assert_closed_to_receivers (a, channel);
  assert_destroyed (items, 0, 0);
  actor_end (a);
  g_assert_finalize_object (channel);
  assert_destroyed (items, 0, 0);
}

static void
test_receive_end (GcoTest *t)
{
  Item       *items = items_new ();
  GcoChannel *channel = gco_channel_new (4, item_destroy);
  Actor      *a = actor_new (t, "A");

  for (int i = 0; i < 3; i++)
    g_assert_true (gco_channel_trysend (channel, &items[i]));
  assert_destroyed (items, 0, 0);
  /* in a coroutine, but the items go outside of it */
  actor_do (a, do_close_receive, channel);
  assert_destroyed (items, 0, 3);
  assert_closed_to_senders (a, channel, &items[4]);
  assert_closed_to_receivers (a, channel);
  actor_do (a, do_close_receive, channel);
  actor_do (a, do_close_send, channel);
  assert_closed_to_senders (a, channel, &items[4]);
  assert_closed_to_receivers (a, channel);
  actor_end (a);
  g_assert_finalize_object (channel);
  assert_destroyed (items, 0, 3);
}

static void
test_receive_after_send_end (GcoTest *t)
{
  Item       *items = items_new ();
  GcoChannel *channel = gco_channel_new (4, item_destroy);

  for (int i = 0; i < 3; i++)
    g_assert_true (gco_channel_trysend (channel, &items[i]));
  gco_channel_close_send (channel);
  gco_channel_close_receive (channel);
  assert_destroyed (items, 0, 3);
  g_assert_finalize_object (channel);
  assert_destroyed (items, 0, 3);
}

/* ----------------------------------------------------------- somebody waits */

#define N_WAITERS 3

static const char *const names[N_WAITERS] = { "W0", "W1", "W2" };

/* The k-th of those who wait to send, if they do, has items[capacity + k]. */
static void
wait_all (GcoTest    *t,
          GcoChannel *channel,
          ActorOp     op,
          Item       *items,
          Actor     **waiters)
{
  for (int i = 0; i < N_WAITERS; i++)
    {
      waiters[i] = actor_new (t, names[i]);
      waiters[i]->data = &items[gco_channel_get_capacity (channel) + i];
      actor_do (waiters[i], op, channel);
      assert_waits (waiters[i]);
    }
  g_string_truncate (t->log, 0);
}

static void
end_all (GcoTest *t,
         Actor  **waiters)
{
  gco_test_assert_log (t, "");
  gco_test_drain (t);
  gco_test_assert_log (t, "W0 W1 W2 ");
  for (int i = 0; i < N_WAITERS; i++)
    {
      actor_assert_closed (waiters[i]);
      actor_end (waiters[i]);
    }
}

static void
test_receivers_wait (GcoTest *t)
{
  for (guint capacity = 0; capacity < 2; capacity++)
    for (int receive_end = 0; receive_end < 2; receive_end++)
      {
        Item       *items = items_new ();
        GcoChannel *channel = gco_channel_new (capacity, item_destroy);
        Actor      *waiters[N_WAITERS];

        wait_all (t, channel, do_receive, items, waiters);
        if (receive_end)
          gco_channel_close_receive (channel);
        else
          gco_channel_close_send (channel);
        end_all (t, waiters);
        g_assert_finalize_object (channel);
        assert_destroyed (items, 0, 0);
      }
}

/* Theirs are not sent, and stay theirs; what was in it is received, or freed. */
static void
test_senders_wait (GcoTest *t)
{
  for (guint capacity = 0; capacity < 3; capacity++)
    for (int receive_end = 0; receive_end < 2; receive_end++)
      {
        Item       *items = items_new ();
        GcoChannel *channel = gco_channel_new (capacity, item_destroy);
        Actor      *waiters[N_WAITERS];

        for (guint i = 0; i < capacity; i++)
          g_assert_true (gco_channel_trysend (channel, &items[i]));
        wait_all (t, channel, do_send, items, waiters);
        if (receive_end)
          gco_channel_close_receive (channel);
        else
          gco_channel_close_send (channel);
        end_all (t, waiters);
        for (guint i = 0; !receive_end && i < capacity; i++)
          g_assert_true (gco_channel_tryreceive (channel) == &items[i]);
        g_assert_null (gco_channel_tryreceive (channel));
        g_assert_finalize_object (channel);
        assert_destroyed (items, 0, receive_end ? (int) capacity : 0);
      }
}

/* Sent before the close, but who receives it has not run yet: it is received. */
static void
test_received_before (GcoTest *t)
{
  for (int receive_end = 0; receive_end < 2; receive_end++)
    {
      Item       *items = items_new ();
      GcoChannel *channel = gco_channel_new (1, item_destroy);
      Actor      *a = actor_new (t, "A");
      Actor      *b = actor_new (t, "B");

      actor_do (a, do_receive, channel);
      actor_do (b, do_receive, channel);
      g_assert_true (gco_channel_trysend (channel, &items[0]));
      if (receive_end)
        gco_channel_close_receive (channel);
      else
        gco_channel_close_send (channel);
      gco_test_drain (t);
      actor_assert_received (a, &items[0]);
      actor_assert_closed (b);
      actors_end (a, b);
      g_assert_finalize_object (channel);
      assert_destroyed (items, 0, 0);
    }
}

/* Likewise: it has been sent, and goes with the channel's. */
static void
test_sent_before (GcoTest *t)
{
  Item       *items = items_new ();
  GcoChannel *channel = gco_channel_new (1, item_destroy);
  Actor      *a = actor_new (t, "A");

  g_assert_true (gco_channel_trysend (channel, &items[1]));
  actor_send (a, channel, &items[0]);
  assert_waits (a);
  g_assert_true (gco_channel_tryreceive (channel) == &items[1]);
  gco_channel_close_receive (channel);
  gco_test_drain (t);
  actor_assert_succeeded (a);
  assert_destroyed (items, 0, 1);
  actor_end (a);
  g_assert_finalize_object (channel);
  assert_destroyed (items, 0, 1);
}

/* Cancelled, out of line, and closed in the same dispatch. */
static void
test_cancelled_and_closed (GcoTest *t)
{
  for (int close_first = 0; close_first < 2; close_first++)
    {
      Item       *items = items_new ();
      GcoChannel *channel = gco_channel_new (0, item_destroy);
      Actor      *waiters[N_WAITERS];

      wait_all (t, channel, do_send, items, waiters);
      if (close_first)
        gco_channel_close_send (channel);
      g_cancellable_cancel (waiters[1]->cancellable);
      if (!close_first)
        gco_channel_close_send (channel);
      gco_test_drain (t);
      for (int i = 0; i < N_WAITERS; i++)
        {
          if (i == 1 && !close_first)
            actor_assert_cancelled (waiters[i]);
          else
            actor_assert_closed (waiters[i]);
          actor_end (waiters[i]);
        }
      g_assert_finalize_object (channel);
      assert_destroyed (items, 0, 0);
    }
}

/* -------------------------------------------------------------------- the end */

static void
test_dropped (GcoTest *t)
{
  for (int in_coroutine = 0; in_coroutine < 2; in_coroutine++)
    {
      Item       *items = items_new ();
      GcoChannel *channel = gco_channel_new (40, item_destroy);
      Actor      *a = actor_new (t, "A");

      /* a ring of which the beginning is not the first */
      for (int i = 0; i < 5; i++)
        g_assert_true (gco_channel_trysend (channel, &items[40 + i]));
      for (int i = 0; i < 5; i++)
        g_assert_nonnull (gco_channel_tryreceive (channel));
      for (int i = 0; i < 8; i++)
        g_assert_true (gco_channel_trysend (channel, &items[i]));
      if (in_coroutine)
        actor_do (a, do_unref, channel);
      else
        g_object_unref (channel);
      assert_destroyed (items, 0, 8);
      actor_end (a);
    }
}

static void
test_no_destroy (GcoTest *t)
{
  Item       *items = items_new ();
  GcoChannel *channel = gco_channel_new (2, NULL);

  g_assert_true (gco_channel_trysend (channel, &items[0]));
  gco_channel_close_receive (channel);
  g_assert_finalize_object (channel);
  channel = gco_channel_new (2, NULL);
  g_assert_true (gco_channel_trysend (channel, &items[0]));
  g_assert_finalize_object (channel);
  assert_destroyed (items, 0, 0);
}

/* What frees an item may use the channel: it is freed with no lock held. */
static GcoChannel *destroying;

static void
destroy_with_channel (gpointer item)
{
  item_destroy (item);
  g_assert_cmpuint (gco_channel_get_n_items (destroying), ==, 0);
  g_assert_false (gco_channel_trysend (destroying, item));
  gco_channel_close_receive (destroying);
}

static void
test_destroy_uses_channel (GcoTest *t)
{
  Item *items = items_new ();

  destroying = gco_channel_new (3, destroy_with_channel);
  for (int i = 0; i < 3; i++)
    g_assert_true (gco_channel_trysend (destroying, &items[i]));
  gco_channel_close_receive (destroying);
  assert_destroyed (items, 0, 3);
  g_assert_finalize_object (destroying);
}

int
main (int   argc,
      char *argv[])
{
  gco_test_init (&argc, &argv);
  gco_test_add ("/channel/close/send-end", test_send_end);
  gco_test_add ("/channel/close/receive-end", test_receive_end);
  gco_test_add ("/channel/close/receive-after-send-end", test_receive_after_send_end);
  gco_test_add ("/channel/close/receivers-wait", test_receivers_wait);
  gco_test_add ("/channel/close/senders-wait", test_senders_wait);
  gco_test_add ("/channel/close/received-before", test_received_before);
  gco_test_add ("/channel/close/sent-before", test_sent_before);
  gco_test_add ("/channel/close/cancelled-and-closed", test_cancelled_and_closed);
  gco_test_add ("/channel/close/dropped", test_dropped);
  gco_test_add ("/channel/close/no-destroy", test_no_destroy);
  gco_test_add ("/channel/close/destroy-uses-channel", test_destroy_uses_channel);
  return g_test_run ();
}
