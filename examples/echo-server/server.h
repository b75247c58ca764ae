/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gco.h>

/* Why a connection ended. */
typedef enum
{
  END_BY_PEER,
  END_TIMED_OUT,
  END_RESET,
  END_STOPPED,
  END_CANCELLED,
  N_ENDS,
} End;

/* (main thread) */
typedef struct
{
  guint   n_now;
  guint   n_most; /* at a time */
  guint   n_ended[N_ENDS];
  guint   n_shortages; /* no descriptor was free for the next one */
  guint64 n_bytes;
} Statistics;

/* (main thread) */
typedef struct
{
  /* what the user wants */
  int    port;    /* 0: any */
  int    max;     /* connections at a time */
  double idle_s;  /* 0: for ever */
  double grace_s; /* after a signal */

  int           listener;
  GcoScope     *scope;    /* who accepts, and the connections */
  GCancellable *stopping; /* ends the waits that are for something new */
  GcoSemaphore  room;     /* one permit a connection */
  GcoSleep      closed;   /* where to wait for a descriptor to be free */
  Statistics    statistics;
} Server;

gboolean server_init (Server  *server,
                      GError **error);
void     server_clear (Server *server);

/* A GcoRunFunc: until the server was stopped. */
gboolean gco_coroutine_fn server_run (GCancellable *cancellable,
                                      gpointer      server,
                                      GError      **error);

/* The first time: in order; the second time: at once. */
void server_stop (Server *server);
