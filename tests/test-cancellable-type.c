/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is given in the place of a cancellable, and is none, every wait refuses. */

#include "gco-test.h"

static GcoMutex     mutex;
static GcoRwlock    rwlock;
static GcoQueue     queue;
static GcoSemaphore semaphore;
static GcoSleep     sleep_;
static GcoChannel  *channel;

static gboolean
lock (GCancellable *none)
{
  return gco_mutex_lock_cancellable (&mutex, none, NULL);
}

static gboolean
lock_until (GCancellable *none)
{
  return gco_mutex_lock_until (&mutex, NULL, 0, none, NULL);
}

static gboolean
rdlock (GCancellable *none)
{
  return gco_rwlock_rdlock_cancellable (&rwlock, none, NULL);
}

static gboolean
rdlock_until (GCancellable *none)
{
  return gco_rwlock_rdlock_until (&rwlock, NULL, 0, none, NULL);
}

static gboolean
wrlock (GCancellable *none)
{
  return gco_rwlock_wrlock_cancellable (&rwlock, none, NULL);
}

static gboolean
wrlock_until (GCancellable *none)
{
  return gco_rwlock_wrlock_until (&rwlock, NULL, 0, none, NULL);
}

static gboolean
upgrade (GCancellable *none)
{
  return gco_rwlock_upgrade_cancellable (&rwlock, none, NULL);
}

static gboolean
upgrade_until (GCancellable *none)
{
  return gco_rwlock_upgrade_until (&rwlock, NULL, 0, none, NULL);
}

static gboolean
queue_wait (GCancellable *none)
{
  return gco_queue_wait_cancellable (&queue, NULL, none, NULL);
}

static gboolean
queue_wait_until (GCancellable *none)
{
  return gco_queue_wait_until (&queue, NULL, NULL, 0, none, NULL);
}

static gboolean
acquire (GCancellable *none)
{
  return gco_semaphore_acquire_cancellable (&semaphore, none, NULL);
}

static gboolean
acquire_until (GCancellable *none)
{
  return gco_semaphore_acquire_until (&semaphore, NULL, 0, none, NULL);
}

static gboolean
sleep_ns (GCancellable *none)
{
  return gco_sleep_ns_cancellable (NULL, 0, none, NULL);
}

static gboolean
sleep_until (GCancellable *none)
{
  return gco_sleep_until (NULL, 0, none, NULL);
}

static gboolean
sleep_wait (GCancellable *none)
{
  return gco_sleep_wait_ns_cancellable (&sleep_, NULL, 0, none, NULL);
}

static gboolean
sleep_wait_until (GCancellable *none)
{
  return gco_sleep_wait_until (&sleep_, NULL, 0, none, NULL);
}

static gboolean
wait_fd (GCancellable *none)
{
  return gco_wait_fd (0, G_IO_IN, none, NULL) != 0;
}

static gboolean
wait_fd_until (GCancellable *none)
{
  return gco_wait_fd_until (0, G_IO_IN, NULL, 0, none, NULL) != 0;
}

static gboolean
send (GCancellable *none)
{
  return gco_channel_send (channel, channel, none, NULL);
}

static gboolean
send_until (GCancellable *none)
{
  return gco_channel_send_until (channel, channel, NULL, 0, none, NULL);
}

static gboolean
receive (GCancellable *none)
{
  return gco_channel_receive (channel, none, NULL) != NULL;
}

static gboolean
receive_until (GCancellable *none)
{
  return gco_channel_receive_until (channel, NULL, 0, none, NULL) != NULL;
}

static gboolean (*const waits[]) (GCancellable *none) = {
  lock,
  lock_until,
  rdlock,
  rdlock_until,
  wrlock,
  wrlock_until,
  upgrade,
  upgrade_until,
  queue_wait,
  queue_wait_until,
  acquire,
  acquire_until,
  sleep_ns,
  sleep_until,
  sleep_wait,
  sleep_wait_until,
  wait_fd,
  wait_fd_until,
  send,
  send_until,
  receive,
  receive_until,
};

static void
try_all (gpointer none)
{
  /* nothing would have to wait */
  gco_rwlock_rdlock (&rwlock);
  gco_sleep_wake (&sleep_);
  for (guint i = 0; i < G_N_ELEMENTS (waits); i++)
    {
      g_test_expect_message ("Gco", G_LOG_LEVEL_CRITICAL, "*gco_*G_IS_CANCELLABLE*");
      g_assert_false (waits[i](none));
      g_test_assert_expected_messages ();
    }
  g_assert_cmpuint (gco_semaphore_get_n_free (&semaphore), ==, 1);
  g_assert_cmpuint (gco_channel_get_n_items (channel), ==, 0);
  gco_rwlock_unlock (&rwlock);
}

static void
test_none (GcoTest *t)
{
  g_autoptr (GObject) none = g_object_new (G_TYPE_OBJECT, NULL);

  channel = gco_channel_new (1, NULL);
  gco_semaphore_init (&semaphore, 1);
  gco_test_run (t, try_all, none);
  g_clear_object (&channel);
}

int
main (int   argc,
      char *argv[])
{
  gco_test_init (&argc, &argv);
  gco_test_add ("/cancellable-type/none", test_none);
  return g_test_run ();
}
