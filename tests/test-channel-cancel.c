/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Waits in a channel that end early: those who receive take no item, and those
 * who send keep theirs. */

#include "gco-test-channel.h"

#define N_WAITERS 4
#define DEADLINE 100

static const guint capacities[] = { 0, 1, 3 };

typedef enum
{
  SENDERS,
  RECEIVERS,
} Side;

/* Four who wait; only the one at position has a deadline. With senders the
 * channel is full, and the k-th item in line is items[k]. */
typedef struct
{
  GcoTest    *t;
  Side        side;
  GcoChannel *channel;
  guint       capacity;
  Item       *items;
  GcoClock   *clock;
  Actor      *waiters[N_WAITERS];
  Actor      *other;
  int         position;
  int         n_received; /* by the test, when it is senders who wait */
  int         n_sent;     /* likewise */
} Line;

static void
line_up (Line    *line,
         GcoTest *t,
         Side     side,
         guint    capacity,
         int      position)
{
  static const char *const names[N_WAITERS] = { "W0", "W1", "W2", "W3" };

  g_test_message ("%s, capacity %u, place %d",
                  side == SENDERS ? "senders" : "receivers",
                  capacity,
                  position);
  *line = (Line){ .t = t, .side = side, .capacity = capacity, .position = position };
  line->channel = gco_channel_new (capacity, item_destroy);
  line->items = items_new ();
  line->clock = gco_clock_new_manual ();
  line->other = actor_new (t, "other");
  for (guint i = 0; side == SENDERS && i < capacity; i++)
    g_assert_true (gco_channel_trysend (line->channel, &line->items[i]));
  for (int i = 0; i < N_WAITERS; i++)
    {
      Actor *waiter = line->waiters[i] = actor_new (t, names[i]);

      waiter->clock = line->clock;
      waiter->deadline_ns = i == position ? DEADLINE : G_MAXINT64;
      waiter->data = &line->items[capacity + i];
      actor_do (waiter, side == SENDERS ? do_send_until : do_receive_until, line->channel);
      assert_waits (waiter);
    }
}

static Actor *
victim (Line *line)
{
  return line->waiters[line->position];
}

/* What the next in line waits for; with senders, the next item comes out. */
static void
serve_one (Line    *line,
           gboolean victim_gone)
{
  int k = line->n_received;

  if (line->side == RECEIVERS)
    {
      Item *item = &line->items[line->n_sent++];

      g_assert_true (gco_channel_trysend (line->channel, item));
      return;
    }
  if (victim_gone && k == (int) line->capacity + line->position)
    k = ++line->n_received;
  line->n_received++;
  g_assert_true (gco_channel_tryreceive (line->channel) == &line->items[k]);
}

/* All but the victim are served, in order, and then it is as if it had not been. */
static void
line_serve (Line    *line,
            gboolean victim_gone,
            gboolean served)
{
  int n_items = 0;

  for (int i = 0; i < N_WAITERS; i++)
    {
      if (i == line->position && victim_gone)
        continue;
      if (!served)
        serve_one (line, victim_gone);
      served = FALSE;
      gco_test_drain (line->t);
      if (line->side == RECEIVERS)
        actor_assert_received (line->waiters[i], &line->items[n_items++]);
      else
        actor_assert_succeeded (line->waiters[i]);
      for (int k = i + 1; k < N_WAITERS; k++)
        g_assert_true (k == line->position || line->waiters[k]->waits);
    }
  for (guint i = 0; line->side == SENDERS && i < line->capacity; i++)
    serve_one (line, victim_gone);
  g_assert_null (gco_channel_tryreceive (line->channel));
  g_assert_cmpuint (gco_channel_get_n_items (line->channel), ==, 0);
}

static void
line_end (Line *line)
{
  for (int i = 0; i < N_WAITERS; i++)
    actor_end (line->waiters[i]);
  actor_end (line->other);
  g_object_unref (line->clock);
  g_assert_finalize_object (line->channel);
  assert_destroyed (line->items, 0, 0);
}

typedef void (*Scene) (GcoTest *t,
                       Line    *line);

static void
check (GcoTest *t,
       Scene    scene)
{
  for (Side side = SENDERS; side <= RECEIVERS; side++)
    for (gsize i = 0; i < G_N_ELEMENTS (capacities); i++)
      for (int position = 0; position < N_WAITERS; position++)
        {
          Line line;

          line_up (&line, t, side, capacities[i], position);
          scene (t, &line);
          line_end (&line);
        }
}

/* --------------------------------------------------------------- from where */

static void
cancel (Line *line)
{
  g_cancellable_cancel (victim (line)->cancellable);
}

static void
expect_cancelled (GcoTest *t,
                  Line    *line)
{
  gco_test_drain (t);
  actor_assert_cancelled (victim (line));
  for (int i = 0; i < N_WAITERS; i++)
    g_assert_true (line->waiters[i]->waits == (i != line->position));
  line_serve (line, TRUE, FALSE);
}

static void
cancel_plainly (GcoTest *t,
                Line    *line)
{
  cancel (line);
  expect_cancelled (t, line);
}

static gboolean
do_cancel (Actor   *self,
           gpointer line)
{
  cancel (line);
  return TRUE;
}

static void
cancel_from_coroutine (GcoTest *t,
                       Line    *line)
{
  actor_do (line->other, do_cancel, line);
  expect_cancelled (t, line);
}

static gpointer
cancel_in_thread (gpointer line)
{
  cancel (line);
  return NULL;
}

static void
cancel_from_thread (GcoTest *t,
                    Line    *line)
{
  GThread *thread = g_thread_new ("canceller", cancel_in_thread, line);

  while (victim (line)->waits)
    gco_test_iterate_blocking (t);
  g_thread_join (thread);
  expect_cancelled (t, line);
}

static void
on_cancelled (GCancellable *cancellable,
              Line         *line)
{
  cancel (line);
}

static void
cancel_from_handler (GcoTest *t,
                     Line    *line)
{
  GCancellable *other = line->other->cancellable;

  g_signal_connect (other, "cancelled", G_CALLBACK (on_cancelled), line);
  g_cancellable_cancel (other);
  expect_cancelled (t, line);
}

static void
test_plainly (GcoTest *t)
{
  check (t, cancel_plainly);
}

static void
test_from_coroutine (GcoTest *t)
{
  check (t, cancel_from_coroutine);
}

static void
test_from_thread (GcoTest *t)
{
  check (t, cancel_from_thread);
}

static void
test_from_handler (GcoTest *t)
{
  check (t, cancel_from_handler);
}

/* -------------------------------------------------- together with what comes */

static void
cancel_then_serve (GcoTest *t,
                   Line    *line)
{
  cancel (line);
  serve_one (line, TRUE);
  gco_test_drain (t);
  actor_assert_cancelled (victim (line));
  line_serve (line, TRUE, TRUE);
}

static void
serve_then_cancel (GcoTest *t,
                   Line    *line)
{
  serve_one (line, FALSE);
  cancel (line);
  gco_test_drain (t);
  if (line->position != 0)
    actor_assert_cancelled (victim (line));
  line_serve (line, line->position != 0, TRUE);
}

static void
test_cancelled_first (GcoTest *t)
{
  check (t, cancel_then_serve);
}

static void
test_served_first (GcoTest *t)
{
  check (t, serve_then_cancel);
}

/* ----------------------------------------------------------------- deadlines */

static void
time_out (GcoTest *t,
          Line    *line)
{
  gco_clock_advance (line->clock, DEADLINE - 1);
  gco_test_drain (t);
  assert_waits (victim (line));
  gco_clock_advance (line->clock, 1);
  gco_test_drain (t);
  actor_assert_timed_out (victim (line));
  line_serve (line, TRUE, FALSE);
}

static gboolean
do_sleep_then_serve (Actor   *self,
                     gpointer data)
{
  Line *line = data;

  gco_sleep_ns (line->clock, DEADLINE);
  serve_one (line, TRUE);
  return TRUE;
}

/* In one dispatch: its timer goes first. */
static void
time_out_then_serve (GcoTest *t,
                     Line    *line)
{
  actor_do (line->other, do_sleep_then_serve, line);
  gco_clock_advance (line->clock, DEADLINE);
  gco_test_drain (t);
  actor_assert_timed_out (victim (line));
  line_serve (line, TRUE, TRUE);
}

static void
serve_then_time_out (GcoTest *t,
                     Line    *line)
{
  serve_one (line, FALSE);
  gco_clock_advance (line->clock, DEADLINE);
  gco_test_drain (t);
  if (line->position != 0)
    actor_assert_timed_out (victim (line));
  line_serve (line, line->position != 0, TRUE);
}

static void
test_timed_out (GcoTest *t)
{
  check (t, time_out);
}

static void
test_timed_out_first (GcoTest *t)
{
  check (t, time_out_then_serve);
}

static void
test_served_before_deadline (GcoTest *t)
{
  check (t, serve_then_time_out);
}

static void
test_timed_out_receive_eats_nothing (GcoTest *t)
{
  for (guint capacity = 1; capacity < 3; capacity++)
    {
      g_autoptr (GcoClock) clock = gco_clock_new_manual ();
      Item       *items = items_new ();
      GcoChannel *channel = gco_channel_new (capacity, item_destroy);
      Actor      *a = actor_new (t, "A");

      a->clock = clock;
      a->deadline_ns = DEADLINE;
      actor_do (a, do_receive_until, channel);
      gco_clock_advance (clock, DEADLINE);
      gco_test_drain (t);
      actor_assert_timed_out (a);
      g_assert_true (gco_channel_trysend (channel, &items[0]));
      /* even after the deadline what is there is received */
      actor_do (a, do_receive_until, channel);
      actor_assert_received (a, &items[0]);
      actor_end (a);
      g_assert_finalize_object (channel);
      assert_destroyed (items, 0, 0);
    }
}

/* ------------------------------------------------------------------- before */

static void
test_before (GcoTest *t)
{
  Item       *items = items_new ();
  GcoChannel *channel = gco_channel_new (2, item_destroy);
  Actor      *a = actor_new (t, "A");

  g_assert_true (gco_channel_trysend (channel, &items[0]));
  g_cancellable_cancel (a->cancellable);
  actor_send (a, channel, &items[1]);
  actor_assert_cancelled (a);
  g_assert_cmpuint (gco_channel_get_n_items (channel), ==, 1);
  actor_do (a, do_receive, channel);
  actor_assert_cancelled (a);
  g_assert_cmpuint (gco_channel_get_n_items (channel), ==, 1);
  actor_end (a);
  g_assert_finalize_object (channel);
  assert_destroyed (items, 0, 1);
}

int
main (int   argc,
      char *argv[])
{
  gco_test_init (&argc, &argv);
  gco_test_add ("/channel/cancel-plainly", test_plainly);
  gco_test_add ("/channel/cancel-from-coroutine", test_from_coroutine);
  gco_test_add ("/channel/cancel-from-thread", test_from_thread);
  gco_test_add ("/channel/cancel-from-handler", test_from_handler);
  gco_test_add ("/channel/cancelled-first", test_cancelled_first);
  gco_test_add ("/channel/served-first", test_served_first);
  gco_test_add ("/channel/timed-out", test_timed_out);
  gco_test_add ("/channel/timed-out-first", test_timed_out_first);
  gco_test_add ("/channel/served-before-deadline", test_served_before_deadline);
  gco_test_add ("/channel/timed-out-receive-eats-nothing",
                test_timed_out_receive_eats_nothing);
  gco_test_add ("/channel/cancelled-before", test_before);
  return g_test_run ();
}
