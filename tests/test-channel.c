/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* GcoChannel: the order of items, and of those who wait for room or for items. */

#include "gco-test-channel.h"

static const guint capacities[] = { 0, 1, 2, 3, 4, 5, 9, 32 };

static void
test_properties (GcoTest *t)
{
  Item *items = items_new ();

  for (gsize i = 0; i < G_N_ELEMENTS (capacities); i++)
    {
      GcoChannel *channel = gco_channel_new (capacities[i], NULL);

      g_assert_cmpuint (gco_channel_get_capacity (channel), ==, capacities[i]);
      g_assert_null (gco_channel_tryreceive (channel));
      for (guint k = 0; k < capacities[i]; k++)
        {
          g_assert_cmpuint (gco_channel_get_n_items (channel), ==, k);
          g_assert_true (gco_channel_trysend (channel, &items[k]));
        }
      g_assert_false (gco_channel_trysend (channel, &items[0]));
      for (guint k = 0; k < capacities[i]; k++)
        g_assert_true (gco_channel_tryreceive (channel) == &items[k]);
      g_assert_null (gco_channel_tryreceive (channel));
      g_assert_finalize_object (channel);
    }
}

/* The ring goes round, and grows when its beginning is in the middle. */
static void
test_ring (GcoTest *t)
{
  Item       *items = items_new ();
  GcoChannel *channel = gco_channel_new (N_ITEMS, item_destroy);
  guint       next = 0;
  guint       first = 0;

  for (guint n = 1; n <= 40; n++)
    {
      while (gco_channel_get_n_items (channel) < n)
        g_assert_true (gco_channel_trysend (channel, &items[next++ % N_ITEMS]));
      for (guint k = 0; k < (n + 1) / 2; k++)
        g_assert_true (gco_channel_tryreceive (channel) == &items[first++ % N_ITEMS]);
    }
  while (first < next)
    g_assert_true (gco_channel_tryreceive (channel) == &items[first++ % N_ITEMS]);
  g_assert_finalize_object (channel);
  assert_destroyed (items, 0, 0);
}

/* ------------------------------------------------------------------- waiting */

#define N_WAITERS 4

static const char *const names[N_WAITERS] = { "W0", "W1", "W2", "W3" };

/* Full, and then four more who wait. */
static void
test_senders_in_order (GcoTest *t)
{
  for (gsize i = 0; i < G_N_ELEMENTS (capacities); i++)
    {
      guint       capacity = capacities[i];
      Item       *items = items_new ();
      GcoChannel *channel = gco_channel_new (capacity, item_destroy);
      Actor      *receiver = actor_new (t, "R");
      Actor      *senders[N_WAITERS];

      for (guint k = 0; k < capacity; k++)
        g_assert_true (gco_channel_trysend (channel, &items[k]));
      for (int k = 0; k < N_WAITERS; k++)
        {
          senders[k] = actor_new (t, names[k]);
          actor_send (senders[k], channel, &items[capacity + k]);
          assert_waits (senders[k]);
          g_assert_false (gco_channel_trysend (channel, &items[N_ITEMS - 1]));
        }
      for (guint k = 0; k < capacity + N_WAITERS; k++)
        {
          actor_do (receiver, do_receive, channel);
          actor_assert_received (receiver, &items[k]);
          for (guint n = 0; n < N_WAITERS; n++)
            g_assert_true (senders[n]->waits == (n > k));
          if (k < N_WAITERS)
            g_assert_cmpuint (gco_channel_get_n_items (channel), ==, capacity);
        }
      g_string_truncate (t->log, 0);
      for (int k = 0; k < N_WAITERS; k++)
        {
          actor_assert_succeeded (senders[k]);
          actor_end (senders[k]);
        }
      actor_end (receiver);
      g_assert_finalize_object (channel);
      assert_destroyed (items, 0, 0);
    }
}

static void
test_receivers_in_order (GcoTest *t)
{
  for (gsize i = 0; i < G_N_ELEMENTS (capacities); i++)
    {
      Item       *items = items_new ();
      GcoChannel *channel = gco_channel_new (capacities[i], item_destroy);
      Actor      *receivers[N_WAITERS];

      for (int k = 0; k < N_WAITERS; k++)
        {
          receivers[k] = actor_new (t, names[k]);
          actor_do (receivers[k], do_receive, channel);
          assert_waits (receivers[k]);
        }
      gco_test_assert_log (t, "");
      /* two at once: decided when they are sent */
      g_assert_true (gco_channel_trysend (channel, &items[0]));
      g_assert_true (gco_channel_trysend (channel, &items[1]));
      g_assert_null (gco_channel_tryreceive (channel));
      g_assert_cmpuint (gco_channel_get_n_items (channel), ==, 0);
      gco_test_assert_log (t, "");
      gco_test_drain (t);
      gco_test_assert_log (t, "W0 W1 ");
      g_assert_true (gco_channel_trysend (channel, &items[2]));
      gco_test_drain (t);
      gco_test_assert_log (t, "W2 ");
      g_assert_true (gco_channel_trysend (channel, &items[3]));
      gco_test_drain (t);
      gco_test_assert_log (t, "W3 ");
      g_assert_true (gco_channel_trysend (channel, &items[4]) == (capacities[i] > 0));
      for (int k = 0; k < N_WAITERS; k++)
        {
          actor_assert_received (receivers[k], &items[k]);
          actor_end (receivers[k]);
        }
      g_assert_finalize_object (channel);
      assert_destroyed (items, 4, capacities[i] > 0 ? 5 : 4);
    }
}

/* Who sends goes on; who receives runs when the sender yields. */
static gboolean
do_send_all (Actor   *self,
             gpointer channel)
{
  Item *items = self->data;

  for (int i = 0; i < 6; i++)
    {
      g_assert_true (gco_channel_send (channel, &items[i], NULL, &self->error));
      gco_test_log (self->t, "s%d ", i);
    }
  return TRUE;
}

static gboolean
do_receive_all (Actor   *self,
                gpointer channel)
{
  Item *items = self->data;

  for (int i = 0; i < 6; i++)
    {
      g_assert_true (gco_channel_receive (channel, NULL, &self->error) == &items[i]);
      gco_test_log (self->t, "r%d ", i);
    }
  return TRUE;
}

static void
test_turns (GcoTest *t)
{
  static const char *const logs[] = {
    "s0 r0 r1 s1 s2 r2 r3 s3 s4 r4 r5 R s5 S ",
    "s0 s1 r0 r1 r2 s2 s3 s4 r3 r4 r5 R s5 S ",
  };

  for (guint capacity = 0; capacity < 2; capacity++)
    {
      Item       *items = items_new ();
      GcoChannel *channel = gco_channel_new (capacity, NULL);
      Actor      *s = actor_new (t, "S");
      Actor      *r = actor_new (t, "R");

      s->data = r->data = items;
      actor_do (r, do_receive_all, channel);
      actor_do (s, do_send_all, channel);
      gco_test_assert_log (t, logs[capacity]);
      actors_end (s, r);
      g_assert_finalize_object (channel);
    }
}

/* ------------------------------------------------------------- other threads */

#define N_SENT 2000

static gboolean
do_send_numbers (Actor   *self,
                 gpointer channel)
{
  for (int i = 1; i <= (int) gco_test_scale (N_SENT); i++)
    g_assert_true (gco_channel_send (channel, GINT_TO_POINTER (i), NULL, &self->error));
  gco_channel_close_send (channel);
  return TRUE;
}

static gboolean
do_receive_numbers (Actor   *self,
                    gpointer channel)
{
  gpointer item;
  int      n = 0;

  while ((item = gco_channel_receive (channel, NULL, &self->error)) != NULL)
    g_assert_cmpint (GPOINTER_TO_INT (item), ==, ++n);
  g_assert_error (self->error, G_IO_ERROR, G_IO_ERROR_CLOSED);
  g_clear_error (&self->error);
  g_assert_cmpint (n, ==, gco_test_scale (N_SENT));
  return TRUE;
}

static void
test_two_threads (GcoTest *t)
{
  GcoTestThread *thread = gco_test_thread_new (t);

  for (gsize i = 0; i < G_N_ELEMENTS (capacities); i++)
    {
      GcoChannel *channel = gco_channel_new (capacities[i], NULL);
      Actor      *s = actor_new_in (t, thread, "S");
      Actor      *r = actor_new (t, "R");

      actor_tell (r, do_receive_numbers, channel);
      actor_tell (s, do_send_numbers, channel);
      while (r->waits)
        gco_test_iterate_blocking (t);
      actor_settle (s);
      actor_assert_succeeded (s);
      actor_assert_succeeded (r);
      actors_end (s, r);
      g_assert_finalize_object (channel);
    }
  gco_test_thread_stop (thread);
}

typedef struct
{
  GcoChannel *channel;
  Item       *item;
} Post;

static gpointer
send_in_thread (gpointer user_data)
{
  Post *post = user_data;

  g_assert_true (gco_channel_trysend (post->channel, post->item));
  return NULL;
}

/* The context sleeps until a thread that has none sends. */
static void
test_plain_thread (GcoTest *t)
{
  Post     post = { gco_channel_new (0, item_destroy), items_new () };
  Actor   *a = actor_new (t, "A");
  GThread *thread;

  actor_do (a, do_receive, post.channel);
  thread = g_thread_new ("plain", send_in_thread, &post);
  while (a->waits)
    gco_test_iterate_blocking (t);
  g_thread_join (thread);
  actor_assert_received (a, post.item);
  actor_end (a);
  g_assert_finalize_object (post.channel);
}

/* ------------------------------------------------------------------ teardown */

typedef struct
{
  GcoChannel *channel;
  Item       *items;
  int         n_failed;
} Teardown;

static void
send_to_fail (gpointer user_data)
{
  Teardown *data = user_data;
  g_autoptr (GError) error = NULL;

  g_assert_false (gco_channel_send (data->channel, &data->items[1], NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  data->n_failed++;
}

static void
receive_to_fail (gpointer user_data)
{
  Teardown *data = user_data;
  g_autoptr (GError) error = NULL;

  g_assert_null (gco_channel_receive (data->channel, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  data->n_failed++;
}

/* Neither takes an item, nor leaves one. */
static void
test_shutdown (GcoTest *t)
{
  Teardown full = { gco_channel_new (1, item_destroy), items_new (), 0 };
  Teardown empty = { gco_channel_new (1, item_destroy), full.items, 0 };

  g_assert_true (gco_channel_trysend (full.channel, &full.items[0]));
  gco_test_spawn (t, send_to_fail, &full);
  gco_test_spawn (t, receive_to_fail, &empty);
  gco_test_drain (t);
  gco_aio_context_shutdown (t->ctx);
  g_assert_cmpint (full.n_failed, ==, 1);
  g_assert_cmpint (empty.n_failed, ==, 1);
  g_assert_true (gco_channel_tryreceive (full.channel) == &full.items[0]);
  g_assert_null (gco_channel_tryreceive (full.channel));
  g_assert_true (gco_channel_trysend (empty.channel, &full.items[2]));
  g_assert_true (gco_channel_tryreceive (empty.channel) == &full.items[2]);
  g_assert_finalize_object (full.channel);
  g_assert_finalize_object (empty.channel);
  assert_destroyed (full.items, 0, 0);
}

int
main (int   argc,
      char *argv[])
{
  gco_test_init (&argc, &argv);
  gco_test_add ("/channel/properties", test_properties);
  gco_test_add ("/channel/ring", test_ring);
  gco_test_add ("/channel/senders-in-order", test_senders_in_order);
  gco_test_add ("/channel/receivers-in-order", test_receivers_in_order);
  gco_test_add ("/channel/turns", test_turns);
  gco_test_add ("/channel/two-threads", test_two_threads);
  gco_test_add ("/channel/plain-thread", test_plain_thread);
  gco_test_add ("/channel/shutdown", test_shutdown);
  return g_test_run ();
}
