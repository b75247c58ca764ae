/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Channels with room for none, one and five. Each item is another, and is somewhere: with
 * its sender, in the channel or with who received it, or it was freed.
 */

#include "fuzz.h"

#include "gio/gco-channel-private.h"

static const guint capacities[FUZZ_N_CHANNELS] = { 0, 1, 5 };

static FuzzChannel *channel_at (guint place);

/* ---------------------------------------------------------------------- items */

static void
change_item (gpointer item,
             FuzzItem from,
             FuzzItem to)
{
  guint number = GPOINTER_TO_UINT (item);

  if (number == 0 || number > fuzz.n_items)
    fuzz_fail ("item %u is none", number);
  if (fuzz.items[number] != from)
    fuzz_fail ("item %u is lost or doubled: %d, not %d",
               number,
               (int) fuzz.items[number],
               (int) from);
  fuzz.items[number] = to;
}

static gpointer
new_item (void)
{
  if (fuzz.n_items + 1 == FUZZ_MAX_ITEMS)
    return NULL;
  return GUINT_TO_POINTER (++fuzz.n_items);
}

static void
free_item (gpointer item)
{
  if (gco_in_coroutine ())
    fuzz_fail ("an item is freed on the stack of a coroutine");
  change_item (item, FUZZ_ITEM_DOOMED, FUZZ_ITEM_GONE);
}

static void
doom_items (FuzzChannel *channel)
{
  for (guint i = 0; i < channel->model.n_items; i++)
    change_item (channel->model.items[i], FUZZ_ITEM_SENT, FUZZ_ITEM_DOOMED);
}

static FuzzChannel *
channel_at (guint place)
{
  FuzzChannel *channel = &fuzz.channels[place];

  if (channel->channel == NULL)
    {
      channel->channel = gco_channel_new (capacities[place], free_item);
      channel->model = (ModelChannel){ .capacity = capacities[place] };
    }
  return channel;
}

/* Both say how it ended, and agree. Who was cancelled finds itself so in the model. */
static void
check_end (const char *what,
           guint       index,
           ModelEnd    expected,
           gboolean    done,
           GError     *error)
{
  gboolean closed = g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CLOSED);

  if ((expected == MODEL_DONE) != done || (expected == MODEL_CLOSED) != closed)
    fuzz_fail ("%s by %u ended with %s, and was to end with %d",
               what,
               index,
               done ? "success" : error->message,
               (int) expected);
}

static void
check_received (gpointer item,
                gpointer expected)
{
  if (item != expected)
    fuzz_fail ("item %u is received, not %u",
               GPOINTER_TO_UINT (item),
               GPOINTER_TO_UINT (expected));
  if (item != NULL)
    change_item (item, FUZZ_ITEM_SENT, FUZZ_ITEM_GONE);
}

/* -------------------------------------------------------------- by coroutines */

static void
end_wait (FuzzActor *self,
          gboolean   done,
          GError    *error)
{
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CLOSED))
    {
      g_error_free (error);
      self->waits_for = FUZZ_NOTHING;
    }
  else
    fuzz_end_wait (self, done, error);
}

static FuzzWay
way_of (FuzzActor *self)
{
  return self->wish == FUZZ_UNTIL ? FUZZ_UNTIL : FUZZ_CANCELLABLE;
}

static void
send (FuzzActor *self)
{
  guint        place = self->arg % FUZZ_N_CHANNELS;
  FuzzChannel *channel = channel_at (place);
  FuzzWay      way = way_of (self);
  gpointer     item = new_item ();
  ModelEnd     end = MODEL_WAITS;
  GError      *error = NULL;
  gboolean     sent;
  gpointer     none;

  if (item == NULL)
    return;
  if (!fuzz_is_hopeless (self, way))
    end = model_channel_send (&channel->model, self, item);
  fuzz_begin_wait (self, FUZZ_CHANNEL, place, way);
  /* Who gets it may be told before the sender is. */
  change_item (item, FUZZ_ITEM_SENDERS, FUZZ_ITEM_SENT);
  if (way == FUZZ_UNTIL)
    sent = gco_channel_send_until (channel->channel,
                                   item,
                                   fuzz.clock,
                                   self->deadline_ns,
                                   self->cancellable,
                                   &error);
  else
    sent = gco_channel_send (channel->channel, item, self->cancellable, &error);
  if (end == MODEL_WAITS)
    end = model_channel_collect (&channel->model, self, &none);
  check_end ("send", self->index, end, sent, error);
  end_wait (self, sent, error);
  if (!sent)
    change_item (item, FUZZ_ITEM_SENT, FUZZ_ITEM_SENDERS);
}

static void
receive (FuzzActor *self)
{
  guint        place = self->arg % FUZZ_N_CHANNELS;
  FuzzChannel *channel = channel_at (place);
  FuzzWay      way = way_of (self);
  gpointer     expected = NULL;
  ModelEnd     end = MODEL_WAITS;
  GError      *error = NULL;
  gpointer     item;

  if (!fuzz_is_hopeless (self, way))
    end = model_channel_receive (&channel->model, self, &expected);
  fuzz_begin_wait (self, FUZZ_CHANNEL, place, way);
  if (way == FUZZ_UNTIL)
    item = gco_channel_receive_until (channel->channel,
                                      fuzz.clock,
                                      self->deadline_ns,
                                      self->cancellable,
                                      &error);
  else
    item = gco_channel_receive (channel->channel, self->cancellable, &error);
  if (end == MODEL_WAITS)
    end = model_channel_collect (&channel->model, self, &expected);
  check_end ("receive", self->index, end, item != NULL, error);
  check_received (item, expected);
  end_wait (self, item != NULL, error);
}

static void
try_channel (FuzzActor *self)
{
  FuzzChannel *channel = channel_at (self->arg % FUZZ_N_CHANNELS);
  gpointer     item;
  ModelEnd     end;

  fuzz_sync ();
  if (self->arg / FUZZ_N_CHANNELS % 2 == 0)
    {
      model_channel_receive (&channel->model, NULL, &item);
      check_received (gco_channel_tryreceive (channel->channel), item);
      return;
    }
  item = new_item ();
  if (item == NULL)
    return;
  end = model_channel_send (&channel->model, NULL, item);
  if (gco_channel_trysend (channel->channel, item) != (end == MODEL_DONE))
    fuzz_fail ("trysend is not %d", end == MODEL_DONE);
  if (end == MODEL_DONE)
    change_item (item, FUZZ_ITEM_SENDERS, FUZZ_ITEM_SENT);
}

static void
close_end (FuzzActor *self)
{
  FuzzChannel *channel = channel_at (self->arg % FUZZ_N_CHANNELS);

  fuzz_sync ();
  if (self->arg / FUZZ_N_CHANNELS % 2 == 0)
    {
      model_channel_close_send (&channel->model);
      gco_channel_close_send (channel->channel);
      return;
    }
  doom_items (channel);
  model_channel_close_receive (&channel->model);
  gco_channel_close_receive (channel->channel);
}

static void
close_outside (FuzzActor *actor,
               guint      who)
{
  fuzz.outsider.arg = who;
  close_end (&fuzz.outsider);
}

static void
drop_channel (FuzzChannel *channel)
{
  if (channel->channel == NULL)
    return;
  doom_items (channel);
  channel->model.n_items = 0;
  g_assert_finalize_object (g_steal_pointer (&channel->channel));
}

/* A new one in the place of it, if nobody waits there. */
static void
renew (FuzzActor *actor,
       guint      who)
{
  FuzzChannel *channel = &fuzz.channels[who % FUZZ_N_CHANNELS];

  fuzz_drain ();
  if (channel->model.senders.n == 0 && channel->model.receivers.n == 0)
    drop_channel (channel);
}

static const FuzzCode codes[] = {
  { "send", .op = send },
  { "receive", .op = receive },
  { "try to send or receive", .op = try_channel },
  { "close a channel", .op = close_end },
  { "close a channel", .step = close_outside },
  { "renew a channel", .step = renew },
};
const FuzzCodes fuzz_channel_codes = { codes, G_N_ELEMENTS (codes) };

/* ------------------------------------------------------------------ by callers */

static FuzzChannel *
channel_of (FuzzCaller *caller)
{
  return &fuzz.channels[caller->place];
}

static void
on_sent (GObject      *source,
         GAsyncResult *result,
         gpointer      data)
{
  FuzzCaller *caller = data;
  GError     *error = NULL;
  gboolean    sent;
  gpointer    none;

  fuzz_sync ();
  if (caller->end == MODEL_WAITS)
    caller->end = model_channel_collect (&channel_of (caller)->model, caller, &none);
  sent = gco_channel_send_finish (GCO_CHANNEL (source), result, &error);
  check_end ("send_async", caller->index, caller->end, sent, error);
  if (!sent)
    change_item (caller->item, FUZZ_ITEM_SENT, FUZZ_ITEM_SENDERS);
  if (caller->end == MODEL_WAITS)
    fuzz_caller_check_error (caller, error);
  g_clear_error (&error);
  fuzz_caller_end (caller);
}

static void
send_async (FuzzCaller *caller,
            guint       arg)
{
  FuzzChannel *channel = channel_at (arg % FUZZ_N_CHANNELS);
  gpointer     item = new_item ();

  if (item == NULL || !fuzz_caller_begin (caller, FUZZ_CHANNEL, TRUE, arg / FUZZ_N_CHANNELS))
    return;
  caller->place = arg % FUZZ_N_CHANNELS;
  caller->item = item;
  change_item (item, FUZZ_ITEM_SENDERS, FUZZ_ITEM_SENT);
  if (!g_cancellable_is_cancelled (caller->cancellable))
    caller->end = model_channel_send (&channel->model, caller, item);
  gco_channel_send_async (channel->channel, item, caller->cancellable, on_sent, caller);
}

static void
on_received (GObject      *source,
             GAsyncResult *result,
             gpointer      data)
{
  FuzzCaller *caller = data;
  GError     *error = NULL;
  gpointer    item;

  fuzz_sync ();
  if (caller->end == MODEL_WAITS)
    caller->end = model_channel_collect (&channel_of (caller)->model, caller, &caller->item);
  if (caller->forgets)
    {
      if (caller->item != NULL)
        change_item (caller->item, FUZZ_ITEM_SENT, FUZZ_ITEM_DOOMED);
      fuzz_caller_end (caller);
      return;
    }
  item = gco_channel_receive_finish (GCO_CHANNEL (source), result, &error);
  check_end ("receive_async", caller->index, caller->end, item != NULL, error);
  check_received (item, caller->item);
  if (caller->end == MODEL_WAITS)
    fuzz_caller_check_error (caller, error);
  g_clear_error (&error);
  fuzz_caller_end (caller);
}

static void
receive_async (FuzzCaller *caller,
               guint       arg)
{
  FuzzChannel *channel = channel_at (arg % FUZZ_N_CHANNELS);

  if (!fuzz_caller_begin (caller, FUZZ_CHANNEL, TRUE, arg / FUZZ_N_CHANNELS))
    return;
  caller->place = arg % FUZZ_N_CHANNELS;
  if (!g_cancellable_is_cancelled (caller->cancellable))
    caller->end = model_channel_receive (&channel->model, caller, &caller->item);
  gco_channel_receive_async (channel->channel, caller->cancellable, on_received, caller);
}

static const FuzzCode calls[] = {
  { "send async", .call = send_async },
  { "receive async", .call = receive_async },
};
const FuzzCodes fuzz_channel_calls = { calls, G_N_ELEMENTS (calls) };

/* ---------------------------------------------------------------------- checks */

static guint
count (GcoWaitList *list)
{
  guint n = 0;

  for (GcoWaiter *waiter = list->head; waiter != NULL; waiter = waiter->next)
    n++;
  return n;
}

void
fuzz_channels_check (void)
{
  for (guint i = 0; i < FUZZ_N_CHANNELS; i++)
    {
      FuzzChannel *channel = &fuzz.channels[i];

      if (channel->channel == NULL)
        continue;
      if (gco_channel_get_n_items (channel->channel) != channel->model.n_items ||
          count (&channel->channel->senders) != channel->model.senders.n ||
          count (&channel->channel->receivers) != channel->model.receivers.n ||
          channel->model.ended.n != 0)
        fuzz_fail ("channel %u is not as its model", i);
    }
}

void
fuzz_channels_end (void)
{
  for (guint i = 0; i < FUZZ_N_CHANNELS; i++)
    drop_channel (&fuzz.channels[i]);
  for (guint i = 1; i <= fuzz.n_items; i++)
    if (fuzz.items[i] != FUZZ_ITEM_SENDERS && fuzz.items[i] != FUZZ_ITEM_GONE)
      fuzz_fail ("item %u is lost: %d", i, (int) fuzz.items[i]);
}
