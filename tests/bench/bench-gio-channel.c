/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Messages from one to another in the same thread. */

#include "bench-gio-work.h"

typedef struct
{
  Work        work;
  GcoChannel *channel;
} ChannelWork;

static void
channel_body (gpointer user_data)
{
  ChannelWork *self = user_data;
  Work        *work = &self->work;

  if (work_begin (work) == 0)
    {
      for (unsigned i = 0; i < work->total; i++)
        gco_channel_send (self->channel, self, NULL, NULL);
    }
  else
    {
      for (unsigned i = 0; i < work->total; i++)
        work->count += gco_channel_receive (self->channel, NULL, NULL) == self;
    }
  work_end (work);
}

/* It has room for @size. */
double
gco_channel (unsigned n,
             unsigned size)
{
  g_autoptr (GcoChannel) channel = gco_channel_new (size, NULL);
  ChannelWork self = { .channel = channel };

  work_init (&self.work, n, 2);
  return work_run_coroutines (&self.work, channel_body);
}

/* --------------------------------------------------------- GAsyncQueue, idle source */

typedef struct
{
  GAsyncQueue *queue;
  unsigned     count;
} Received;

static gboolean
pop (gpointer user_data)
{
  Received *received = user_data;

  received->count += g_async_queue_try_pop (received->queue) == received;
  return G_SOURCE_REMOVE;
}

static void
push (Received     *received,
      GMainContext *main_context)
{
  GSource *source = g_idle_source_new ();

  g_async_queue_push (received->queue, received);
  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, pop, received, NULL);
  g_source_attach (source, main_context);
  g_source_unref (source);
}

double
glib_async_queue (unsigned n,
                  unsigned size)
{
  g_autoptr (GMainContext) main_context = g_main_context_new ();
  g_autoptr (GAsyncQueue) queue = g_async_queue_new ();
  Received received = { queue, 0 };
  double   ns = -bench_cpu_ns ();

  while (received.count < n)
    {
      for (unsigned i = 0; i < size; i++)
        push (&received, main_context);
      g_main_context_iteration (main_context, FALSE);
    }
  ns += bench_cpu_ns ();
  return received.count == n ? ns : -1;
}
