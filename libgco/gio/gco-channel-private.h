/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The inside of a channel, for those who wait in it. */

#pragma once

#include "../gco-waiter-private.h"
#include "gco-channel.h"

struct _GcoChannel
{
  GObject parent_instance;

  GDestroyNotify item_destroy; /* (immutable) or NULL */
  guint          capacity;     /* (immutable) */

  GMutex      lock;
  gpointer   *ring;           /* (lock) */
  guint       ring_size;      /* (lock) a power of two, grows up to capacity */
  guint       first;          /* (lock) */
  guint       n_items;        /* (lock) */
  GcoWaitList senders;        /* (lock) */
  GcoWaitList receivers;      /* (lock) */
  gboolean    send_closed;    /* (lock) */
  gboolean    receive_closed; /* (lock) */
};

extern const GcoWaiterClass gco_channel_sender;
extern const GcoWaiterClass gco_channel_receiver;

/* As GcoTakeOrEnqueue. When it is TRUE, or @waiter was granted, its item is NULL if
 * it was sent. */
gboolean gco_channel_send_or_enqueue (gpointer   channel,
                                      GcoWaiter *waiter);

/* As GcoTakeOrEnqueue. When it is TRUE, or @waiter was granted, its item is what was
 * received. */
gboolean gco_channel_receive_or_enqueue (gpointer   channel,
                                         GcoWaiter *waiter);
