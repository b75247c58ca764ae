/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Items that know how often they were destroyed, and what actors do with them. */

#pragma once

#include "gco-test-actor.h"

typedef struct
{
  int n_destroyed;
} Item;

#define N_ITEMS 64

/* All as new, at the beginning of a test. */
static inline Item *
items_new (void)
{
  static Item items[N_ITEMS];

  for (int i = 0; i < N_ITEMS; i++)
    items[i] = (Item){ 0 };
  return items;
}

/* Foreign code: never on a coroutine's stack. */
static inline void
item_destroy (gpointer item)
{
  g_assert_false (gco_in_coroutine ());
  ((Item *) item)->n_destroyed++;
}

/* Those from @first up to, and without, @end were destroyed once, and no other. */
static inline void
assert_destroyed (Item *items,
                  int   first,
                  int   end)
{
  for (int i = 0; i < N_ITEMS; i++)
    g_assert_cmpint (items[i].n_destroyed, ==, i >= first && i < end);
}

static inline void
actor_assert_closed (Actor *self)
{
  g_assert_false (self->waits);
  g_assert_false (self->result);
  g_assert_error (self->error, G_IO_ERROR, G_IO_ERROR_CLOSED);
  g_clear_error (&self->error);
}

/* actor->data: the item */
static inline gboolean
do_send (Actor   *self,
         gpointer channel)
{
  return gco_channel_send (channel, self->data, self->cancellable, &self->error);
}

static inline gboolean
do_send_until (Actor   *self,
               gpointer channel)
{
  return gco_channel_send_until (channel,
                                 self->data,
                                 self->clock,
                                 self->deadline_ns,
                                 self->cancellable,
                                 &self->error);
}

static inline gboolean
do_receive (Actor   *self,
            gpointer channel)
{
  self->data = gco_channel_receive (channel, self->cancellable, &self->error);
  return self->data != NULL;
}

static inline gboolean
do_receive_until (Actor   *self,
                  gpointer channel)
{
  self->data = gco_channel_receive_until (channel,
                                          self->clock,
                                          self->deadline_ns,
                                          self->cancellable,
                                          &self->error);
  return self->data != NULL;
}

static inline void
actor_send (Actor      *self,
            GcoChannel *channel,
            Item       *item)
{
  self->data = item;
  actor_do (self, do_send, channel);
}

/* It has @item now. */
static inline void
actor_assert_received (Actor *self,
                       Item  *item)
{
  actor_assert_succeeded (self);
  g_assert_true (self->data == item);
}
