/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* GcoQueue: who is woken, when and in which order. */

#include "gco-test-actor.h"

#include <string.h>

static void
test_size (void)
{
  g_assert_cmpuint (sizeof (GcoQueue), ==, 4 * sizeof (gpointer));
}

static void
test_zero_filled (GcoTest *t)
{
  GcoQueue zero;
  GcoQueue made;
  Actor   *a = actor_new (t, "A");

  memset (&zero, 0, sizeof zero);
  memset (&made, 0xff, sizeof made);
  gco_queue_init (&made);
  g_assert_cmpmem (&zero, sizeof zero, &made, sizeof made);
  actor_do (a, do_wait, &zero);
  g_assert_true (gco_queue_next (&zero));
  gco_test_drain (t);
  assert_done (a);
  g_assert_cmpmem (&zero, sizeof zero, &made, sizeof made);
  actor_end (a);
}

static void
test_empty (GcoTest *t)
{
  GcoQueue queue = { 0 };
  Actor   *a = actor_new (t, "A");
  Actor   *b = actor_new (t, "B");

  g_assert_true (gco_queue_is_empty (&queue));
  g_assert_false (gco_queue_next (&queue));
  gco_queue_restart_all (&queue);

  /* a wake that finds nobody is not kept */
  actor_do (a, do_wait, &queue);
  assert_waits (a);
  g_assert_false (gco_queue_is_empty (&queue));
  actor_do (b, do_wait, &queue);

  g_assert_true (gco_queue_next (&queue));
  g_assert_false (gco_queue_is_empty (&queue));
  g_assert_true (gco_queue_next (&queue));
  /* it is they who are woken, though they have not run yet */
  g_assert_true (gco_queue_is_empty (&queue));
  g_assert_false (gco_queue_next (&queue));
  assert_waits (a);
  gco_test_drain (t);
  gco_test_assert_log (t, "A B ");
  actors_end (a, b);
}

static void
test_fifo (GcoTest *t)
{
  GcoQueue queue = { 0 };
  Actor   *a = actor_new (t, "A");
  Actor   *b = actor_new (t, "B");
  Actor   *c = actor_new (t, "C");

  actor_do (a, do_wait, &queue);
  actor_do (b, do_wait, &queue);
  actor_do (c, do_wait, &queue);
  g_assert_true (gco_queue_next (&queue));
  gco_test_drain (t);
  gco_test_assert_log (t, "A ");
  actor_do (a, do_wait, &queue);
  g_assert_true (gco_queue_next (&queue));
  g_assert_true (gco_queue_next (&queue));
  gco_test_drain (t);
  gco_test_assert_log (t, "B C ");
  assert_waits (a);
  g_assert_true (gco_queue_next (&queue));
  gco_test_drain (t);
  gco_test_assert_log (t, "A ");
  actors_end (a, b, c);
}

static void
test_insert_head (GcoTest *t)
{
  GcoQueue queue = { 0 };
  Actor   *a = actor_new (t, "A");
  Actor   *b = actor_new (t, "B");
  Actor   *c = actor_new (t, "C");
  Actor   *d = actor_new (t, "D");

  actor_do (a, do_wait_insert_head, &queue);
  actor_do (b, do_wait, &queue);
  actor_do (c, do_wait_insert_head, &queue);
  actor_do (d, do_wait_insert_head, &queue);
  gco_queue_restart_all (&queue);
  gco_test_drain (t);
  gco_test_assert_log (t, "D C A B ");
  actors_end (a, b, c, d);
}

/* -------------------------------------------------------- never in the waker */

static gboolean
do_restart_and_go_on (Actor   *self,
                      gpointer queue)
{
  gco_test_log (self->t, "1 ");
  gco_queue_restart_all (queue);
  g_assert_true (gco_queue_is_empty (queue));
  gco_test_log (self->t, "2 ");
  gco_test_pass ();
  return TRUE;
}

static void
test_restart_all_in_coroutine (GcoTest *t)
{
  GcoQueue queue = { 0 };
  Actor   *a = actor_new (t, "A");
  Actor   *b = actor_new (t, "B");
  Actor   *c = actor_new (t, "C");

  actor_do (a, do_wait, &queue);
  actor_do (b, do_wait, &queue);
  actor_do (c, do_restart_and_go_on, &queue);
  gco_test_assert_log (t, "1 2 A B C ");
  actors_end (a, b, c);
}

static gboolean
do_wait_twice (Actor   *self,
               gpointer queue)
{
  gco_queue_wait (queue, self->data);
  gco_test_log (self->t, "%s-again ", self->name);
  gco_queue_wait (queue, self->data);
  return TRUE;
}

static void
test_restart_all_is_no_loop (GcoTest *t)
{
  GcoQueue queue = { 0 };
  Actor   *a = actor_new (t, "A");
  Actor   *b = actor_new (t, "B");

  actor_do (a, do_wait_twice, &queue);
  actor_do (b, do_wait_twice, &queue);
  gco_queue_restart_all (&queue);
  gco_test_drain (t);
  gco_test_assert_log (t, "A-again B-again ");
  assert_waits (a);
  assert_waits (b);
  gco_queue_restart_all (&queue);
  gco_test_drain (t);
  gco_test_assert_log (t, "A B ");
  actors_end (a, b);
}

static void
log_dot (gpointer t)
{
  gco_test_log (t, ". ");
}

static void
test_wakes_are_one_shots (GcoTest *t)
{
  GcoQueue queue = { 0 };
  Actor   *a = actor_new (t, "A");
  Actor   *b = actor_new (t, "B");
  GcoBh   *bh = gco_bh_new (t->ctx, log_dot, t, NULL);

  actor_do (a, do_wait, &queue);
  actor_do (b, do_wait, &queue);
  gco_aio_context_schedule_oneshot (t->ctx, log_dot, t, NULL);
  gco_queue_next (&queue);
  gco_bh_schedule (bh);
  gco_queue_next (&queue);
  gco_aio_context_schedule_oneshot (t->ctx, log_dot, t, NULL);
  gco_test_assert_log (t, "");
  gco_test_drain (t);
  gco_test_assert_log (t, ". A . B . ");
  gco_bh_free (bh);
  actors_end (a, b);
}

/* --------------------------------------------------------------- with a mutex */

static void
test_mutex (GcoTest *t)
{
  GcoQueue queue = { 0 };
  GcoMutex mutex = { 0 };
  Actor   *a = actor_new (t, "A");
  Actor   *b = actor_new (t, "B");
  Actor   *c = actor_new (t, "C");

  a->data = b->data = &mutex;
  actor_do (a, do_lock, &mutex);
  actor_do (b, do_lock, &mutex);
  assert_waits (b);
  /* lets go of it, to who waits for it */
  actor_do (a, do_wait, &queue);
  assert_done (b);
  actor_do (b, do_wait, &queue);
  actor_do (c, do_trylock, &mutex);
  g_assert_true (c->result);
  gco_test_assert_log (t, "A B C ");

  actor_do (c, do_restart_all, &queue);
  assert_waits (a);
  assert_waits (b);
  actor_do (c, do_unlock, &mutex);
  gco_test_assert_log (t, "C C A ");
  actor_do (c, do_trylock, &mutex);
  g_assert_false (c->result);
  actor_do (a, do_unlock, &mutex);
  assert_done (b);
  actor_do (b, do_unlock, &mutex);
  actors_end (a, b, c);
}

typedef struct
{
  GcoTest *t;
  GcoMutex mutex;
  GcoQueue not_empty;
  int      items;
  int      taken[2];
} Shop;

static void
take_two (Shop *shop,
          int   who)
{
  gco_mutex_lock (&shop->mutex);
  for (gboolean again = FALSE; shop->items < 2; again = TRUE)
    {
      if (again)
        gco_queue_wait_insert_head (&shop->not_empty, &shop->mutex);
      else
        gco_queue_wait (&shop->not_empty, &shop->mutex);
    }
  shop->items -= 2;
  shop->taken[who] += 2;
  gco_mutex_unlock (&shop->mutex);
}

static void
first_customer (gpointer user_data)
{
  take_two (user_data, 0);
}

static void
second_customer (gpointer user_data)
{
  take_two (user_data, 1);
}

static void
deliver_one (gpointer user_data)
{
  Shop *shop = user_data;

  gco_mutex_lock (&shop->mutex);
  shop->items++;
  gco_queue_next (&shop->not_empty);
  gco_mutex_unlock (&shop->mutex);
}

/* Who was woken in vain keeps the place in front of the others. */
static void
test_keep_place (GcoTest *t)
{
  Shop shop = { .t = t };

  gco_test_spawn (t, first_customer, &shop);
  gco_test_spawn (t, second_customer, &shop);
  gco_test_drain (t);
  for (int i = 0; i < 4; i++)
    {
      gco_test_run (t, deliver_one, &shop);
      gco_test_drain (t);
      g_assert_cmpint (shop.taken[0], ==, i >= 1 ? 2 : 0);
      g_assert_cmpint (shop.taken[1], ==, i >= 3 ? 2 : 0);
    }
}

/* ------------------------------------------------------------ with a context */

static void
test_with_context (GcoTest *t)
{
  g_autoptr (GcoAioContext) via = gco_aio_context_new ();
  GcoQueue queue;
  Actor   *a = actor_new (t, "A");
  Actor   *b = actor_new (t, "B");

  gco_queue_init_with_context (&queue, via);
  actor_do (a, do_wait, &queue);
  actor_do (b, do_wait, &queue);
  g_assert_true (gco_queue_next (&queue));
  gco_test_drain (t);
  gco_test_assert_log (t, "");

  g_assert_true (gco_aio_context_poll (via, FALSE));
  gco_test_assert_log (t, "");
  gco_test_drain (t);
  gco_test_assert_log (t, "A ");
  g_assert_false (gco_aio_context_poll (via, FALSE));

  /* decided before the hop: who comes after it is not woken by it */
  gco_queue_restart_all (&queue);
  actor_do (a, do_wait, &queue);
  g_assert_true (gco_aio_context_poll (via, FALSE));
  gco_test_drain (t);
  gco_test_assert_log (t, "B ");
  gco_queue_restart_all (&queue);
  g_assert_true (gco_aio_context_poll (via, FALSE));
  gco_test_drain (t);
  gco_test_assert_log (t, "A ");
  actors_end (a, b);
}

/* ------------------------------------------------------------ other threads */

static void
restart_queue (gpointer queue)
{
  gco_queue_restart_all (queue);
}

static gboolean
do_wait_and_look (Actor   *self,
                  gpointer queue)
{
  GThread *before = g_thread_self ();

  gco_queue_wait (queue, NULL);
  g_assert_true (g_thread_self () == before);
  return TRUE;
}

static void
test_threads (GcoTest *t)
{
  GcoTestThread *thread1 = gco_test_thread_new (t);
  GcoTestThread *thread2 = gco_test_thread_new (t);
  GcoQueue       queue = { 0 };
  Actor         *a = actor_new (t, "A");
  Actor         *b = actor_new_in (t, thread1, "B");
  Actor         *c = actor_new (t, "C");
  Actor         *d = actor_new_in (t, thread2, "D");

  actor_do (a, do_wait_and_look, &queue);
  actor_do (b, do_wait_and_look, &queue);
  actor_do (c, do_wait_and_look, &queue);
  actor_do (d, do_wait_and_look, &queue);
  gco_test_thread_call (thread1, restart_queue, &queue);
  gco_test_drain (t);
  gco_test_assert_log (t, "A C ");
  actor_settle (b);
  actor_settle (d);
  assert_done (b);
  assert_done (d);
  actors_end (a, b, c, d);
  gco_test_thread_stop (thread1);
  gco_test_thread_stop (thread2);
}

static gpointer
wake_from_plain_thread (gpointer queue)
{
  g_assert_true (gco_queue_next (queue));
  return NULL;
}

/* The context sleeps until a thread that has none wakes the waiter. */
static void
test_plain_thread (GcoTest *t)
{
  GcoQueue queue = { 0 };
  Actor   *a = actor_new (t, "A");
  GThread *thread;

  actor_do (a, do_wait, &queue);
  thread = g_thread_new ("plain", wake_from_plain_thread, &queue);
  while (a->waits)
    gco_test_iterate_blocking (t);
  g_thread_join (thread);
  actor_end (a);
}

int
main (int   argc,
      char *argv[])
{
  gco_test_init (&argc, &argv);
  g_test_add_func ("/queue/size", test_size);
  gco_test_add ("/queue/zero-filled", test_zero_filled);
  gco_test_add ("/queue/empty", test_empty);
  gco_test_add ("/queue/fifo", test_fifo);
  gco_test_add ("/queue/insert-head", test_insert_head);
  gco_test_add ("/queue/restart-all-in-coroutine", test_restart_all_in_coroutine);
  gco_test_add ("/queue/restart-all-is-no-loop", test_restart_all_is_no_loop);
  gco_test_add ("/queue/wakes-are-one-shots", test_wakes_are_one_shots);
  gco_test_add ("/queue/mutex", test_mutex);
  gco_test_add ("/queue/keep-place", test_keep_place);
  gco_test_add ("/queue/with-context", test_with_context);
  gco_test_add ("/queue/threads", test_threads);
  gco_test_add ("/queue/plain-thread", test_plain_thread);
  return g_test_run ();
}
