/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Long chains in which each one's turn is the next one's wake: the order holds
 * to the end, and the thread's own stack stays where it was. */

#include "gco-test.h"

#define STEPS 1000000
#define MAX_LINKS 100

typedef struct
{
  GcoMutex  mutex;
  GcoQueue  queues[MAX_LINKS];
  GcoRwlock rwlock;
  guint     n_links;
  int       left;
  guint     turn;
  guint     n_running;
  char     *lowest; /* where the thread's own stack was */
  char     *highest;
} Chain;

typedef struct
{
  Chain *chain;
  guint  index;
} Link;

static void
look_at_stack (gpointer user_data)
{
  Chain *chain = user_data;
  char  *here = __builtin_frame_address (0);

  if (chain->lowest == NULL || here < chain->lowest)
    chain->lowest = here;
  if (here > chain->highest)
    chain->highest = here;
}

/* TRUE as long as there is one more step to take. */
static gboolean
take_step (Link *link)
{
  Chain *chain = link->chain;

  if (chain->left == 0)
    return FALSE;
  g_assert_cmpuint (chain->turn, ==, link->index);
  chain->turn = (chain->turn + 1) % chain->n_links;
  if (chain->left-- % 4096 == 0)
    gco_coroutine_call_outside (look_at_stack, chain);
  return TRUE;
}

static void
run_chain (GcoTest         *t,
           guint            n_links,
           GcoCoroutineFunc func)
{
  Chain chain = { .n_links = n_links, .n_running = n_links };
  Link  links[MAX_LINKS];

  chain.left = gco_test_scale (STEPS);
  for (guint i = 0; i < n_links; i++)
    {
      links[i] = (Link){ &chain, i };
      gco_test_spawn (t, func, &links[i]);
    }
  while (chain.n_running > 0)
    gco_test_iterate_blocking (t);
  g_assert_cmpint (chain.left, ==, 0);
  g_assert_nonnull (chain.lowest);
  g_assert_cmpint (chain.highest - chain.lowest, <, 4096);
}

/* ------------------------------------------------------------------- mutex */

static void
hand_mutex_on (gpointer user_data)
{
  Link  *link = user_data;
  Chain *chain = link->chain;

  gco_mutex_lock (&chain->mutex);
  /* the first waits until all others stand behind it */
  if (link->index == 0)
    gco_test_pass ();
  while (take_step (link))
    {
      gco_mutex_unlock (&chain->mutex);
      gco_mutex_lock (&chain->mutex);
    }
  gco_mutex_unlock (&chain->mutex);
  chain->n_running--;
}

static void
test_mutex_2 (GcoTest *t)
{
  run_chain (t, 2, hand_mutex_on);
}

static void
test_mutex_100 (GcoTest *t)
{
  run_chain (t, 100, hand_mutex_on);
}

/* ------------------------------------------------------------------- rwlock */

static void
hand_rwlock_on (gpointer user_data)
{
  Link  *link = user_data;
  Chain *chain = link->chain;

  gco_rwlock_wrlock (&chain->rwlock);
  if (link->index == 0)
    gco_test_pass ();
  while (take_step (link))
    {
      gco_rwlock_unlock (&chain->rwlock);
      gco_rwlock_wrlock (&chain->rwlock);
    }
  gco_rwlock_unlock (&chain->rwlock);
  chain->n_running--;
}

static void
test_rwlock_100 (GcoTest *t)
{
  run_chain (t, 100, hand_rwlock_on);
}

/* -------------------------------------------------------------------- queue */

static void
wake_next_one (gpointer user_data)
{
  Link  *link = user_data;
  Chain *chain = link->chain;

  if (link->index == 0)
    gco_test_pass ();
  else
    gco_queue_wait (&chain->queues[link->index], NULL);
  while (take_step (link))
    {
      g_assert_true (gco_queue_next (&chain->queues[chain->turn]));
      gco_queue_wait (&chain->queues[link->index], NULL);
    }
  for (guint i = 0; i < chain->n_links; i++)
    gco_queue_restart_all (&chain->queues[i]);
  chain->n_running--;
}

static void
test_queue_2 (GcoTest *t)
{
  run_chain (t, 2, wake_next_one);
}

static void
test_queue_100 (GcoTest *t)
{
  run_chain (t, 100, wake_next_one);
}

int
main (int   argc,
      char *argv[])
{
  gco_test_init (&argc, &argv);
  gco_test_add ("/lock-chain/mutex/2", test_mutex_2);
  gco_test_add ("/lock-chain/mutex/100", test_mutex_100);
  gco_test_add ("/lock-chain/rwlock/100", test_rwlock_100);
  gco_test_add ("/lock-chain/queue/2", test_queue_2);
  gco_test_add ("/lock-chain/queue/100", test_queue_100);
  return g_test_run ();
}
