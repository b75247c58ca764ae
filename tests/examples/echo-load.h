/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Connections to an echo server, by one thread with epoll and no library: each
 * checks that what it sent is what comes back. Of several kinds, since servers
 * fail at the odd ones.
 */

#pragma once

#include <glib.h>

typedef enum
{
  PEER_ECHO,       /* several messages, each after the echo of the one before */
  PEER_HALF_CLOSE, /* sends all, says so, and reads on */
  PEER_RESET,      /* breaks off while it sends */
  PEER_IDLE,       /* one message; then the server has to end it */
  PEER_BUSY,       /* message after message, until the load is stopped */
  N_PEER_KINDS,
} PeerKind;

typedef struct
{
  int      port;
  gsize    size;     /* of a message of the busy ones */
  gboolean stopping; /* no new messages; the server may end connections */

  int        epoll_fd;
  GPtrArray *peers; /* the open ones */
  guint      n_made;
  guint      n_to_open[N_PEER_KINDS];
  guint      n_unsettled; /* open, and not known to be served */
  gboolean   failed;

  guint64 n_messages; /* that came back to busy ones */
  guint64 n_bytes;    /* that came back */
  gint64  idle_min_us;
  gint64  idle_max_us;
} EchoLoad;

void echo_load_init (EchoLoad *load,
                     int       port);
void echo_load_clear (EchoLoad *load);

/* To be opened as the server keeps up. */
void echo_load_add (EchoLoad *load,
                    PeerKind  kind,
                    guint     n);

/* How many are open or to be opened. */
guint echo_load_count (EchoLoad *load);

/* All are open, and the server has answered each. */
gboolean echo_load_is_settled (EchoLoad *load);

/* Waits for something and does what is to be done then. FALSE: something went
 * wrong, or nothing happened for long, and stderr says what. */
gboolean echo_load_step (EchoLoad *load);

/* Has each busy one send another message, and no more after it. Returns how many
 * bytes have not come back. */
guint64 echo_load_send_last (EchoLoad *load);

/* As many descriptors as the process may have. */
guint echo_load_raise_limit (void);
