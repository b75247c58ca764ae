/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a context sleeps on: descriptors, a time to wake up at, and a kick from
 * other threads. gco-poller-epoll.c shows all of it to a GMainContext as one
 * descriptor; gco-poller-poll.c works anywhere.
 */

#pragma once

#include <glib.h>

typedef struct _GcoPoller GcoPoller;

/* One ready descriptor. */
typedef struct
{
  int          fd;
  guint        generation; /* as given to gco_poller_watch() */
  GIOCondition condition;
} GcoPollerEvent;

#define GCO_POLLER_MAX_EVENTS 64

/* Aborts when the process has no descriptors left, as g_main_context_new(). */
GcoPoller *gco_poller_new (void);
void       gco_poller_free (GcoPoller *poller);

/* Watches @fd for @condition, or changes what it is watched for, or with 0
 * forgets it; under the caller's lock, in any thread. With @generation 0 it is told
 * once, and not again before the next call. Returns 0, or an errno: EPERM says that
 * such descriptors (regular files) are always ready and cannot be watched. */
int gco_poller_watch (GcoPoller   *poller,
                      int          fd,
                      GIOCondition condition,
                      guint        generation);

/* Ends a sleep. Any thread. */
void gco_poller_kick (GcoPoller *poller);

/* Sleeps at most @timeout_ns, < 0 for as long as it takes; fills in @events, of
 * which there are GCO_POLLER_MAX_EVENTS, and returns how many. Home thread. */
guint gco_poller_wait (GcoPoller      *poller,
                       gint64          timeout_ns,
                       GcoPollerEvent *events);

/* What a GSource looks at. Zero-filled it is nothing yet. */
typedef struct
{
  GPollFD       fd;           /* in main_context */
  GMainContext *main_context; /* (lock) but home has a look without it; borrowed; NULL: not there */
  int           priority;
  gboolean      is_over; /* its source is destroyed */
  gboolean      is_bare; /* it is told of kicks, and of nothing else */
  guint         n_bare;  /* sleeps in a row for which that was enough */
} GcoPollerView;

/* For a GMainContext that sleeps in our place. Home thread, but for _attach() and
 * _detach(), which are under the caller's lock.
 *
 * _attach: @source, whose @view is, is to watch what we watch.
 * _source_destroyed: so @source is. Any thread, perhaps more than once.
 * _hide: nobody is to look at it until the next _prepare.
 * _prepare: about to sleep, until @deadline_ns of the monotonic clock at most;
 *   < 0: no limit. Returns the time-out in ms that the GMainContext must keep to
 *   besides, -1: none. What is watched only after it said otherwise by @watched ends
 *   the sleep only with a kick.
 * _check: whether it has been kicked, or gco_poller_wait() would have something to tell.
 * _accept: whether the latter, before what the kick was for is looked at.
 */
void     gco_poller_attach (GcoPoller     *poller,
                            GSource       *source,
                            GcoPollerView *view);
void     gco_poller_detach (GcoPoller *poller);
void     gco_poller_source_destroyed (GcoPoller     *poller,
                                      GSource       *source,
                                      GcoPollerView *view);
void     gco_poller_hide (GcoPoller     *poller,
                          GcoPollerView *view);
int      gco_poller_prepare (GcoPoller     *poller,
                             GSource       *source,
                             GcoPollerView *view,
                             gboolean       watched,
                             gint64         deadline_ns);
gboolean gco_poller_check (GcoPoller     *poller,
                           GSource       *source,
                           GcoPollerView *view);
gboolean gco_poller_accept (GcoPoller     *poller,
                            GSource       *source,
                            GcoPollerView *view);
