/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "gco-test.h"

#include "gco-list-private.h"

#define N_PRODUCERS 3
#define N_EACH 50000

typedef struct
{
  GcoReady ready;
  guint    producer;
  guint    n;
} Item;

static void
fill (Item *items,
      guint n)
{
  for (guint i = 0; i < n; i++)
    items[i] = (Item){ .n = i };
}

static void
assert_pops (GcoReadyList *list,
             guint         first,
             guint         n)
{
  for (guint i = 0; i < n; i++)
    {
      Item *item = (Item *) gco_ready_list_pop (list);

      g_assert_nonnull (item);
      g_assert_cmpuint (item->n, ==, first + i);
    }
}

static void
test_fifo (void)
{
  GcoReadyList list = { NULL, NULL };
  Item         items[6];

  fill (items, 6);
  g_assert_null (gco_ready_list_pop (&list));
  for (guint i = 0; i < 3; i++)
    gco_ready_list_push (&list, &items[i].ready);
  assert_pops (&list, 0, 2);
  for (guint i = 3; i < 6; i++)
    gco_ready_list_push (&list, &items[i].ready);
  assert_pops (&list, 2, 4);
  g_assert_null (gco_ready_list_pop (&list));
}

static void
test_reuse_empty (void)
{
  GcoReadyList list = { NULL, NULL };
  Item         items[2];

  fill (items, 2);
  gco_ready_list_push (&list, &items[0].ready);
  assert_pops (&list, 0, 1);
  /* the tail is stale now */
  gco_ready_list_push (&list, &items[1].ready);
  assert_pops (&list, 1, 1);
  g_assert_null (gco_ready_list_pop (&list));
}

static void
test_append (void)
{
  GcoReadyList a = { NULL, NULL };
  GcoReadyList b = { NULL, NULL };
  Item         items[5];

  fill (items, 5);
  gco_ready_list_append (&a, &b);
  g_assert_null (a.head);
  gco_ready_list_push (&b, &items[0].ready);
  gco_ready_list_push (&b, &items[1].ready);
  gco_ready_list_append (&a, &b);
  g_assert_null (b.head);
  gco_ready_list_push (&b, &items[2].ready);
  gco_ready_list_push (&b, &items[3].ready);
  gco_ready_list_append (&a, &b);
  gco_ready_list_push (&a, &items[4].ready);
  assert_pops (&a, 0, 5);
  g_assert_null (gco_ready_list_pop (&a));
}

static void
test_take (void)
{
  GcoPushList  shared = { NULL };
  GcoReadyList mine = { NULL, NULL };
  Item         items[6];

  fill (items, 6);
  g_assert_true (gco_push_list_is_empty (&shared));
  gco_push_list_take (&shared, &mine);
  g_assert_null (mine.head);
  gco_ready_list_push (&mine, &items[0].ready);
  for (guint i = 1; i < 5; i++)
    gco_push_list_push (&shared, &items[i].ready);
  g_assert_false (gco_push_list_is_empty (&shared));
  gco_push_list_take (&shared, &mine);
  g_assert_true (gco_push_list_is_empty (&shared));
  gco_ready_list_push (&mine, &items[5].ready);
  assert_pops (&mine, 0, 6);
  g_assert_null (gco_ready_list_pop (&mine));
}

typedef struct
{
  GcoPushList *list;
  Item        *items;
} Producer;

static gpointer
produce (gpointer data)
{
  Producer *producer = data;

  for (guint i = 0; i < N_EACH; i++)
    gco_push_list_push (producer->list, &producer->items[i].ready);
  return NULL;
}

/* Takes all that comes; each producer's items must come in its order. */
static void
consume (GcoPushList *list)
{
  guint next[N_PRODUCERS] = { 0 };

  for (guint n = 0; n < N_PRODUCERS * N_EACH;)
    {
      GcoReadyList slice = { NULL, NULL };
      Item        *item;

      gco_push_list_take (list, &slice);
      for (; (item = (Item *) gco_ready_list_pop (&slice)) != NULL; n++)
        g_assert_cmpuint (item->n, ==, next[item->producer]++);
    }
}

static void
test_producers (void)
{
  GcoPushList list = { NULL };
  Producer    producers[N_PRODUCERS];
  GThread    *threads[N_PRODUCERS];

  for (guint p = 0; p < N_PRODUCERS; p++)
    {
      producers[p].list = &list;
      producers[p].items = g_new (Item, N_EACH);
      for (guint i = 0; i < N_EACH; i++)
        producers[p].items[i] = (Item){ .producer = p, .n = i };
      threads[p] = g_thread_new (NULL, produce, &producers[p]);
    }
  consume (&list);
  for (guint p = 0; p < N_PRODUCERS; p++)
    {
      g_thread_join (threads[p]);
      g_free (producers[p].items);
    }
  g_assert_true (gco_push_list_is_empty (&list));
}

int
main (int    argc,
      char **argv)
{
  gco_test_init (&argc, &argv);
  g_test_add_func ("/list/fifo", test_fifo);
  g_test_add_func ("/list/reuse-empty", test_reuse_empty);
  g_test_add_func ("/list/append", test_append);
  g_test_add_func ("/list/take", test_take);
  g_test_add_func ("/list/producers", test_producers);
  return g_test_run ();
}
