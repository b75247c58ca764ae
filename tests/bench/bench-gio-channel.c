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

static double
channel (unsigned n,
         unsigned capacity)
{
  g_autoptr (GcoChannel) channel = gco_channel_new (capacity, NULL);
  ChannelWork self = { .channel = channel };

  work_init (&self.work, n, 2);
  return work_run_coroutines (&self.work, channel_body);
}

double
gco_channel_0 (unsigned n)
{
  return channel (n, 0);
}

double
gco_channel_1 (unsigned n)
{
  return channel (n, 1);
}

double
gco_channel_100 (unsigned n)
{
  return channel (n, 100);
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

static double
async_queue (unsigned n,
             unsigned at_once)
{
  g_autoptr (GMainContext) main_context = g_main_context_new ();
  g_autoptr (GAsyncQueue) queue = g_async_queue_new ();
  Received received = { queue, 0 };
  double   ns = -bench_cpu_ns ();

  while (received.count < n)
    {
      for (unsigned i = 0; i < at_once; i++)
        push (&received, main_context);
      g_main_context_iteration (main_context, FALSE);
    }
  ns += bench_cpu_ns ();
  return received.count == n ? ns : -1;
}

double
glib_async_queue_1 (unsigned n)
{
  return async_queue (n, 1);
}

double
glib_async_queue_100 (unsigned n)
{
  return async_queue (n, 100);
}
