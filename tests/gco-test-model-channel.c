/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "gco-test-model-channel.h"

static void
append (ModelLine *line,
        ModelParty party)
{
  g_assert (line->n < MODEL_CHANNEL_MAX);
  line->parties[line->n++] = party;
}

static ModelParty
take (ModelLine *line,
      guint      place)
{
  ModelParty party = line->parties[place];

  line->n--;
  for (guint i = place; i < line->n; i++)
    line->parties[i] = line->parties[i + 1];
  return party;
}

static int
place_in (const ModelLine *line,
          gconstpointer    who)
{
  for (guint i = 0; i < line->n; i++)
    if (line->parties[i].who == who)
      return (int) i;
  return -1;
}

static void
end_first (ModelChannel *model,
           ModelLine    *line,
           gpointer      item,
           ModelEnd      end)
{
  append (&model->ended, (ModelParty){ take (line, 0).who, item, end });
}

static void
end_all (ModelChannel *model)
{
  while (model->senders.n > 0)
    end_first (model, &model->senders, NULL, MODEL_CLOSED);
  while (model->receivers.n > 0)
    end_first (model, &model->receivers, NULL, MODEL_CLOSED);
}

static void
put (ModelChannel *model,
     gpointer      item)
{
  g_assert (model->n_items < model->capacity);
  model->items[model->n_items++] = item;
}

ModelEnd
model_channel_send (ModelChannel *model,
                    gconstpointer who,
                    gpointer      item)
{
  if (model->send_closed || model->receive_closed)
    return MODEL_CLOSED;
  if (model->receivers.n > 0)
    end_first (model, &model->receivers, item, MODEL_DONE);
  else if (model->n_items < model->capacity)
    put (model, item);
  else
    {
      if (who != NULL)
        append (&model->senders, (ModelParty){ who, item, MODEL_WAITS });
      return MODEL_WAITS;
    }
  return MODEL_DONE;
}

/* The first item: that which is in there longest, or is handed over. */
static gpointer
first_item (ModelChannel *model)
{
  gpointer item;

  if (model->n_items == 0)
    return model->senders.parties[0].item;
  item = model->items[0];
  model->n_items--;
  for (guint i = 0; i < model->n_items; i++)
    model->items[i] = model->items[i + 1];
  if (model->senders.n > 0)
    put (model, model->senders.parties[0].item);
  return item;
}

ModelEnd
model_channel_receive (ModelChannel *model,
                       gconstpointer who,
                       gpointer     *item)
{
  *item = NULL;
  if (model->receive_closed)
    return MODEL_CLOSED;
  if (model->n_items > 0 || model->senders.n > 0)
    {
      *item = first_item (model);
      if (model->senders.n > 0)
        end_first (model, &model->senders, NULL, MODEL_DONE);
      return MODEL_DONE;
    }
  if (model->send_closed)
    return MODEL_CLOSED;
  if (who != NULL)
    append (&model->receivers, (ModelParty){ who, NULL, MODEL_WAITS });
  return MODEL_WAITS;
}

void
model_channel_close_send (ModelChannel *model)
{
  model->send_closed = TRUE;
  end_all (model);
}

void
model_channel_close_receive (ModelChannel *model)
{
  model->receive_closed = TRUE;
  model->n_items = 0;
  end_all (model);
}

void
model_channel_cancel (ModelChannel *model,
                      gconstpointer who)
{
  int sender = place_in (&model->senders, who);
  int receiver = place_in (&model->receivers, who);

  if (sender >= 0)
    take (&model->senders, (guint) sender);
  if (receiver >= 0)
    take (&model->receivers, (guint) receiver);
}

gboolean
model_channel_waits (const ModelChannel *model,
                     gconstpointer       who)
{
  return place_in (&model->senders, who) >= 0 || place_in (&model->receivers, who) >= 0;
}

ModelEnd
model_channel_collect (ModelChannel *model,
                       gconstpointer who,
                       gpointer     *item)
{
  int        place = place_in (&model->ended, who);
  ModelParty party = { who, NULL, MODEL_WAITS };

  if (place >= 0)
    party = take (&model->ended, (guint) place);
  *item = party.item;
  return party.end;
}
