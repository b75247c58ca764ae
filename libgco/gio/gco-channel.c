/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A queue with room for so many items, and two lists of those who wait: for room,
 * each with its item, or for an item. At most one list has anybody in it.
 *
 * What changes hands with a grant is the waiter's item: a receiver's is filled
 * in, a sender's is emptied. A grant that does neither tells of a closed end.
 */

#include "gco-channel-private.h"

/**
 * GcoChannel: (skip)
 *
 * Passes items from those who send to those who receive, in order, and makes
 * either wait for the other: coroutines, callers of the `_async` functions, of
 * any thread, in order of their arrival. Not for NULL.
 *
 * Since: 1.0
 */

G_DEFINE_FINAL_TYPE (GcoChannel, gco_channel, G_TYPE_OBJECT)

/* -------------------------------------------------------------------- items */

/* (lock) */
static void
grow (GcoChannel *self)
{
  guint     size = self->ring_size != 0 ? self->ring_size * 2 : 4;
  gpointer *ring = g_new (gpointer, size);

  for (guint i = 0; i < self->n_items; i++)
    ring[i] = self->ring[(self->first + i) & (self->ring_size - 1)];
  g_free (self->ring);
  self->ring = ring;
  self->ring_size = size;
  self->first = 0;
}

/* (lock) */
static void
push_item (GcoChannel *self,
           gpointer    item)
{
  if (self->n_items == self->ring_size)
    grow (self);
  self->ring[(self->first + self->n_items++) & (self->ring_size - 1)] = item;
}

/* (lock) */
static gpointer
pop_item (GcoChannel *self)
{
  gpointer item = self->ring[self->first];

  self->first = (self->first + 1) & (self->ring_size - 1);
  self->n_items--;
  return item;
}

typedef struct
{
  GDestroyNotify destroy;
  gpointer      *ring;
  guint          size;
  guint          first;
  guint          n_items;
} GcoChannelItems;

static void
destroy_items (gpointer user_data)
{
  GcoChannelItems *items = user_data;

  for (guint i = 0; i < items->n_items; i++)
    items->destroy (items->ring[(items->first + i) & (items->size - 1)]);
}

/* Outside of @self's lock and of coroutines: what frees an item is anybody's. */
static void
free_items (GcoChannelItems *items)
{
  if (items->destroy != NULL && items->n_items > 0)
    gco_coroutine_call_outside (destroy_items, items);
  g_free (items->ring);
}

/* (lock) */
static GcoChannelItems
take_items (GcoChannel *self)
{
  GcoChannelItems items = {
    self->item_destroy,
    self->ring,
    self->ring_size,
    self->first,
    self->n_items,
  };

  self->ring = NULL;
  self->ring_size = self->first = self->n_items = 0;
  return items;
}

static void
gco_channel_finalize (GObject *object)
{
  GcoChannel     *self = GCO_CHANNEL (object);
  GcoChannelItems items = take_items (self);

  free_items (&items);
  g_mutex_clear (&self->lock);
  G_OBJECT_CLASS (gco_channel_parent_class)->finalize (object);
}

static void
gco_channel_class_init (GcoChannelClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = gco_channel_finalize;
}

static void
gco_channel_init (GcoChannel *self)
{
  g_mutex_init (&self->lock);
}

/* ------------------------------------------------------------------ waiters */

static void
leave (GcoChannel  *self,
       GcoWaitList *list,
       GcoWaiter   *waiter)
{
  g_mutex_lock (&self->lock);
  gco_wait_list_close (list, waiter->previous, waiter->next);
  g_mutex_unlock (&self->lock);
}

static void
leave_senders (GcoWaiter *waiter)
{
  leave (waiter->lock, &((GcoChannel *) waiter->lock)->senders, waiter);
}

static void
leave_receivers (GcoWaiter *waiter)
{
  leave (waiter->lock, &((GcoChannel *) waiter->lock)->receivers, waiter);
}

const GcoWaiterClass gco_channel_sender = { "room in a GcoChannel", leave_senders, NULL };

const GcoWaiterClass gco_channel_receiver = { "an item of a GcoChannel", leave_receivers, NULL };

/* (lock) Grants the first of @list who can have it; NULL: nobody. One that is
 * LEAVING just now is passed over: it takes itself out. */
static GcoWaiter *
grant_first (GcoWaitList *list)
{
  GcoWaiter *next;

  for (GcoWaiter *waiter = list->head; waiter != NULL; waiter = next)
    {
      next = waiter->next;
      if (gco_waiter_grant (waiter, list) == GCO_WAIT_GRANTED)
        return waiter;
    }
  return NULL;
}

/* (lock) Grants all of @list; returns them, linked. */
static GcoWaiter *
grant_all (GcoWaitList *list)
{
  GcoWaiter  *granted = NULL;
  GcoWaiter **end = &granted;
  GcoWaiter  *waiter;

  while ((waiter = grant_first (list)) != NULL)
    {
      *end = waiter;
      end = &waiter->next;
    }
  *end = NULL;
  return granted;
}

/* ---------------------------------------------------------- send and receive */

/* (lock) FALSE: there is no room. Else *@heir is the receiver to be woken, if it
 * went to one. */
static gboolean
put (GcoChannel *self,
     gpointer    item,
     GcoWaiter **heir)
{
  *heir = grant_first (&self->receivers);
  if (*heir != NULL)
    (*heir)->item = item;
  else if (self->n_items < self->capacity)
    push_item (self, item);
  else
    return FALSE;
  return TRUE;
}

/* (lock) NULL: there is none. *@heir is the sender to be woken, if one has room
 * now. */
static gpointer
take (GcoChannel *self,
      GcoWaiter **heir)
{
  gpointer item = self->n_items > 0 ? pop_item (self) : NULL;

  *heir = grant_first (&self->senders);
  if (*heir == NULL)
    return item;
  if (item == NULL)
    return g_steal_pointer (&(*heir)->item);
  push_item (self, g_steal_pointer (&(*heir)->item));
  return item;
}

static void
wake (GcoWaiter  *heir,
      const char *who)
{
  if (heir != NULL)
    gco_waiter_wake (heir, NULL, who);
}

gboolean
gco_channel_send_or_enqueue (gpointer   lock,
                             GcoWaiter *waiter)
{
  GcoChannel *self = lock;
  GcoWaiter  *heir = NULL;
  gboolean    over = TRUE;

  g_mutex_lock (&self->lock);
  if (self->send_closed || self->receive_closed)
    ;
  else if (put (self, waiter->item, &heir))
    waiter->item = NULL;
  else
    {
      over = FALSE;
      gco_wait_list_append (&self->senders, waiter);
    }
  g_mutex_unlock (&self->lock);
  wake (heir, "gco_channel_send");
  return over;
}

gboolean
gco_channel_receive_or_enqueue (gpointer   lock,
                                GcoWaiter *waiter)
{
  GcoChannel *self = lock;
  GcoWaiter  *heir = NULL;
  gboolean    over = TRUE;

  g_mutex_lock (&self->lock);
  waiter->item = self->receive_closed ? NULL : take (self, &heir);
  if (waiter->item == NULL && !self->send_closed && !self->receive_closed)
    {
      over = FALSE;
      gco_wait_list_append (&self->receivers, waiter);
    }
  g_mutex_unlock (&self->lock);
  wake (heir, "gco_channel_receive");
  return over;
}

/**
 * gco_channel_new: (skip)
 * @capacity: how many items it holds when nobody waits for them; 0 if each is to
 *   be handed over
 * @item_destroy: (nullable): frees an item that nobody received
 *
 * Makes a channel, open at both ends. Any thread.
 *
 * Returns: (transfer full): a channel
 *
 * Since: 1.0
 */
GcoChannel *
gco_channel_new (guint          capacity,
                 GDestroyNotify item_destroy)
{
  GcoChannel *self;

  g_return_val_if_fail (capacity <= G_MAXUINT / 4, NULL);

  self = g_object_new (GCO_TYPE_CHANNEL, NULL);
  self->capacity = capacity;
  self->item_destroy = item_destroy;
  return self;
}

/**
 * gco_channel_trysend: (skip)
 * @self: a channel
 * @item: an item, not NULL
 *
 * Sends @item if that needs no wait. Any thread, in a coroutine or not; never
 * yields.
 *
 * Returns: TRUE if @item is @self's, or the receiver's, now
 *
 * Since: 1.0
 */
gboolean
gco_channel_trysend (GcoChannel *self,
                     gpointer    item)
{
  GcoWaiter *heir = NULL;
  gboolean   sent;

  g_return_val_if_fail (GCO_IS_CHANNEL (self), FALSE);
  g_return_val_if_fail (item != NULL, FALSE);

  g_mutex_lock (&self->lock);
  sent = !self->send_closed && !self->receive_closed && put (self, item, &heir);
  g_mutex_unlock (&self->lock);
  wake (heir, "gco_channel_trysend");
  return sent;
}

/**
 * gco_channel_tryreceive: (skip)
 * @self: a channel
 *
 * Takes the first item if there is one. Any thread, in a coroutine or not; never
 * yields.
 *
 * Returns: (transfer full) (nullable): an item, or NULL
 *
 * Since: 1.0
 */
gpointer
gco_channel_tryreceive (GcoChannel *self)
{
  GcoWaiter *heir = NULL;
  gpointer   item = NULL;

  g_return_val_if_fail (GCO_IS_CHANNEL (self), NULL);

  g_mutex_lock (&self->lock);
  if (!self->receive_closed)
    item = take (self, &heir);
  g_mutex_unlock (&self->lock);
  wake (heir, "gco_channel_tryreceive");
  return item;
}

/* -------------------------------------------------------------------- close */

/**
 * gco_channel_close_send: (skip)
 * @self: a channel
 *
 * Nothing is sent any more, which who waits to send is told as well; what is in
 * @self can still be received. Any thread, any number of times; never yields.
 *
 * Since: 1.0
 */
void
gco_channel_close_send (GcoChannel *self)
{
  GcoWaiter *senders;
  GcoWaiter *receivers;

  g_return_if_fail (GCO_IS_CHANNEL (self));

  g_mutex_lock (&self->lock);
  self->send_closed = TRUE;
  senders = grant_all (&self->senders);
  receivers = grant_all (&self->receivers);
  g_mutex_unlock (&self->lock);
  gco_waiter_wake_all (senders, NULL, "gco_channel_close_send");
  gco_waiter_wake_all (receivers, NULL, "gco_channel_close_send");
}

/**
 * gco_channel_close_receive: (skip)
 * @self: a channel
 *
 * Nothing is received any more, and so nothing sent, which who waits for either
 * is told; what is in @self is freed. Any thread, any number of times; never
 * yields.
 *
 * Since: 1.0
 */
void
gco_channel_close_receive (GcoChannel *self)
{
  GcoChannelItems items;
  GcoWaiter      *senders;
  GcoWaiter      *receivers;

  g_return_if_fail (GCO_IS_CHANNEL (self));

  g_mutex_lock (&self->lock);
  self->receive_closed = TRUE;
  items = take_items (self);
  senders = grant_all (&self->senders);
  receivers = grant_all (&self->receivers);
  g_mutex_unlock (&self->lock);
  gco_waiter_wake_all (senders, NULL, "gco_channel_close_receive");
  gco_waiter_wake_all (receivers, NULL, "gco_channel_close_receive");
  free_items (&items);
}

/**
 * gco_channel_get_n_items: (skip)
 * @self: a channel
 *
 * How full it is. Any thread.
 *
 * Returns: how many items are in it, now
 *
 * Since: 1.0
 */
guint
gco_channel_get_n_items (GcoChannel *self)
{
  guint n_items;

  g_return_val_if_fail (GCO_IS_CHANNEL (self), 0);

  g_mutex_lock (&self->lock);
  n_items = self->n_items;
  g_mutex_unlock (&self->lock);
  return n_items;
}

/**
 * gco_channel_get_capacity: (skip)
 * @self: a channel
 *
 * How much room it has. Any thread.
 *
 * Returns: how many items it holds when nobody waits for them
 *
 * Since: 1.0
 */
guint
gco_channel_get_capacity (GcoChannel *self)
{
  g_return_val_if_fail (GCO_IS_CHANNEL (self), 0);

  return self->capacity;
}
