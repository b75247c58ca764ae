/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a channel is to be, as gco-test-model.h for the locks. One whose wait was
 * cancelled is in no line any more: in a channel it stands in nobody's way.
 */

#pragma once

#include <glib.h>

#define MODEL_CHANNEL_MAX 16

typedef enum
{
  MODEL_WAITS, /* or, of who only tries: would have to */
  MODEL_DONE,
  MODEL_CLOSED,
} ModelEnd;

typedef struct
{
  gconstpointer who;
  gpointer      item; /* to be sent, or received */
  ModelEnd      end;
} ModelParty;

typedef struct
{
  ModelParty parties[MODEL_CHANNEL_MAX];
  guint      n;
} ModelLine;

typedef struct
{
  guint     capacity;
  gpointer  items[MODEL_CHANNEL_MAX];
  guint     n_items;
  ModelLine senders;
  ModelLine receivers;
  ModelLine ended; /* their waits are over, and they have not been told */
  gboolean  send_closed;
  gboolean  receive_closed;
} ModelChannel;

/* @who: NULL if it only tries. With MODEL_WAITS it stands in the line. */
ModelEnd model_channel_send (ModelChannel *model,
                             gconstpointer who,
                             gpointer      item);
ModelEnd model_channel_receive (ModelChannel *model,
                                gconstpointer who,
                                gpointer     *item);

void model_channel_close_send (ModelChannel *model);

/* What is in it is gone. */
void model_channel_close_receive (ModelChannel *model);

/* Does nothing if its wait is over. */
void model_channel_cancel (ModelChannel *model,
                           gconstpointer who);

gboolean model_channel_waits (const ModelChannel *model,
                              gconstpointer       who);

/* How the wait of @who ended, which is forgotten by that. MODEL_WAITS: it was cancelled. */
ModelEnd model_channel_collect (ModelChannel *model,
                                gconstpointer who,
                                gpointer     *item);
