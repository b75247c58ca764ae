/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What an await, a task, a message and a scope cost, beside what GLib takes. */

#include <glib.h>

#include "bench-gio.h"

/* A fifth of what a message costs in libdex, which no package lets us measure here:
 * 1,340 ns. */
#define MESSAGE 268

static const BenchRow rows[] = {
  {
      "await, called back already",
      .sides = {
          { "libgco", gco_await_called },
          { "bare GTask", gtask },
      },
  },
  {
      "await of a GTask that is pending",
      .sides = {
          { "libgco", gco_await_pending },
          { "bare GTask", gtask },
          { "same, with AioContext", gtask_attached },
      },
  },
  {
      "task that runs a coroutine, to its callback",
      .sides = {
          { "libgco", gco_task },
          { "bare GTask", gtask, .goal = 1.3 },
          { "same, with AioContext", gtask_attached },
          { "GTask in a thread", gtask_in_thread },
      },
  },
  {
      "message through a channel, no room",
      .limit = MESSAGE,
      .sides = {
          { "libgco", gco_channel_0 },
          { "GAsyncQueue, idle", glib_async_queue_1 },
          { "Go", .go = "channel-0" },
      },
  },
  {
      "message through a channel, room for 1",
      .limit = MESSAGE,
      .sides = {
          { "libgco", gco_channel_1 },
          { "GAsyncQueue, idle", glib_async_queue_1 },
          { "Go", .go = "channel-1" },
      },
  },
  {
      "message through a channel, room for 100",
      .limit = MESSAGE,
      .sides = {
          { "libgco", gco_channel_100 },
          { "GAsyncQueue, idle", glib_async_queue_100 },
          { "Go", .go = "channel-100" },
      },
  },
  {
      "semaphore, acquire + release, uncontended",
      .sides = {
          { "libgco", gco_semaphore_pair },
          { "sem_t", libc_semaphore_pair },
          { "GcoMutex", gco_mutex_pair },
      },
  },
  {
      "semaphore hand-off (acquire, yield, release), 2 coroutines",
      .sides = {
          { "libgco", gco_semaphore_handoff },
          { "GcoMutex", gco_mutex_handoff },
      },
  },
  {
      "semaphore hand-off (acquire, yield, release), 100 coroutines",
      .sides = {
          { "libgco", gco_semaphore_handoff_100 },
          { "GcoMutex", gco_mutex_handoff_100 },
      },
  },
  {
      "lock_async to its callback, uncontended",
      .sides = {
          { "libgco", gco_async_lock_1 },
          { "bare GTask", gtask, .goal = 1.3 },
          { "same, with AioContext", gtask_attached },
      },
  },
  {
      "lock_async to its callback, 2 for one mutex",
      .sides = {
          { "libgco", gco_async_lock_2 },
          { "bare GTask", gtask, .goal = 1.3 },
          { "bare GTask, 2", gtask_2 },
      },
  },
  {
      "lock_async to its callback, 100 for one mutex",
      .sides = {
          { "libgco", gco_async_lock_100 },
          { "bare GTask, 100", gtask_100, .goal = 1.3 },
      },
  },
  {
      "rdlock_async to its callback, uncontended",
      .sides = {
          { "libgco", gco_async_rdlock_1 },
          { "bare GTask", gtask, .goal = 1.3 },
          { "same, with AioContext", gtask_attached },
      },
  },
  {
      "wrlock_async to its callback, uncontended",
      .sides = {
          { "libgco", gco_async_wrlock_1 },
          { "bare GTask", gtask, .goal = 1.3 },
          { "same, with AioContext", gtask_attached },
      },
  },
  {
      "wrlock_async to its callback, 100 for one read/write lock",
      .sides = {
          { "libgco", gco_async_wrlock_100 },
          { "bare GTask, 100", gtask_100, .goal = 1.3 },
      },
  },
  {
      "acquire_async to its callback, uncontended",
      .sides = {
          { "libgco", gco_async_acquire_1 },
          { "bare GTask", gtask, .goal = 1.3 },
          { "same, with AioContext", gtask_attached },
      },
  },
  {
      "acquire_async to its callback, 100 for one permit",
      .sides = {
          { "libgco", gco_async_acquire_100 },
          { "bare GTask, 100", gtask_100, .goal = 1.3 },
      },
  },
  {
      "wait_async + next to its callback, alone in a queue",
      .sides = {
          { "libgco", gco_async_wait_1 },
          { "bare GTask", gtask },
          { "same, with AioContext", gtask_attached },
      },
  },
  {
      "wait_async + next to its callback, 100 in a queue",
      .sides = {
          { "libgco", gco_async_wait_100 },
          { "bare GTask, 100", gtask_100, .goal = 1.3 },
      },
  },
  {
      "scope: spawn + join, one child",
      .sides = {
          { "libgco", gco_scope_1 },
          { "gco_spawn", gco_spawn_1 },
      },
  },
  {
      "scope: spawn + join, 100 children, each",
      .sides = {
          { "libgco", gco_scope_100 },
          { "gco_spawn", gco_spawn_100 },
          { "Go", .go = "create" },
      },
  },
  {
      "mutex, lock_cancellable + unlock, uncontended",
      .sides = {
          { "libgco", gco_mutex_cancellable_pair },
          { "gco_mutex_lock", gco_mutex_pair },
      },
  },
  {
      "mutex hand-off (lock_cancellable, yield, unlock), 2 coroutines",
      .sides = {
          { "libgco", gco_mutex_cancellable_handoff },
          { "gco_mutex_lock", gco_mutex_handoff },
          { "g_cancellable_connect", gio_cancellable_watch },
      },
  },
  {
      "mutex, lock_until + unlock, uncontended",
      .sides = {
          { "libgco", gco_mutex_until_pair },
          { "gco_mutex_lock", gco_mutex_pair },
      },
  },
  {
      "mutex hand-off (lock_until, yield, unlock), 2 coroutines",
      .sides = {
          { "libgco", gco_mutex_until_handoff },
          { "gco_mutex_lock", gco_mutex_handoff },
          { "timeout GSource", glib_timeout_source },
      },
  },
};

int
main (int    argc,
      char **argv)
{
  return bench_main (argc, argv, rows, G_N_ELEMENTS (rows));
}
