/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Linux: one epoll descriptor with an eventfd and a timerfd in it.
 *
 * The eventfd is edge-triggered and never read: each write is one event, and
 * fetching the events consumes it. The timerfd serves GMainContexts, whose own
 * time-outs are in ms; it is set again only when the time to wake up changes.
 *
 * To ask an epoll descriptor takes poll() as long as to ask three others. So a
 * GMainContext looks at the eventfd alone after some sleeps in which nothing else could
 * have ended them, else at the epoll descriptor.
 */

#ifndef _GNU_SOURCE
# define _GNU_SOURCE /* ppoll */
#endif

#include "gco-poller-private.h"

#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "gco-atomic-private.h"
#include "gco-clock-private.h"
#include "gco-fatal-private.h"

/* After how many sleeps in a row that need the eventfd only. To go to and fro has the
 * GMainContext look again. */
#define MIN_BARE 16

struct _GcoPoller
{
  int    epoll_fd; /* (immutable) */
  int    event_fd; /* (immutable) */
  int    timer_fd; /* (immutable) */
  gint64 deadline; /* (home thread) what timer_fd is set to, 0: nothing */
  GMutex lock;
};

G_STATIC_ASSERT ((int) G_IO_IN == EPOLLIN && (int) G_IO_OUT == EPOLLOUT);
G_STATIC_ASSERT ((int) G_IO_ERR == EPOLLERR && (int) G_IO_HUP == EPOLLHUP);
G_STATIC_ASSERT ((int) G_IO_PRI == EPOLLPRI);

static void
add_own (GcoPoller *poller,
         int        fd,
         guint32    events)
{
  struct epoll_event event = { .events = events, .data.u64 = (guint32) fd };

  if (fd < 0 || epoll_ctl (poller->epoll_fd, EPOLL_CTL_ADD, fd, &event) != 0)
    gco_fatal ("cannot make an AioContext: %s", g_strerror (errno));
}

GcoPoller *
gco_poller_new (void)
{
  GcoPoller *poller = g_new0 (GcoPoller, 1);

  g_mutex_init (&poller->lock);
  poller->epoll_fd = epoll_create1 (EPOLL_CLOEXEC);
  poller->event_fd = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);
  poller->timer_fd = timerfd_create (CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
  if (poller->epoll_fd < 0)
    gco_fatal ("cannot make an AioContext: %s", g_strerror (errno));
  add_own (poller, poller->event_fd, EPOLLIN | EPOLLET);
  add_own (poller, poller->timer_fd, EPOLLIN | EPOLLET);
  return poller;
}

void
gco_poller_free (GcoPoller *poller)
{
  g_mutex_clear (&poller->lock);
  close (poller->timer_fd);
  close (poller->event_fd);
  close (poller->epoll_fd);
  g_free (poller);
}

int
gco_poller_watch (GcoPoller   *poller,
                  int          fd,
                  GIOCondition condition,
                  guint        generation)
{
  struct epoll_event event = {
    .events = (guint32) condition | (generation == 0 ? EPOLLONESHOT : 0),
    .data.u64 = ((guint64) generation << 32) | (guint32) fd,
  };

  if (condition == 0)
    {
      /* Fails if @fd was closed too early: then it is gone already. */
      epoll_ctl (poller->epoll_fd, EPOLL_CTL_DEL, fd, NULL);
      return 0;
    }
  if (epoll_ctl (poller->epoll_fd, EPOLL_CTL_MOD, fd, &event) == 0 ||
      (errno == ENOENT && epoll_ctl (poller->epoll_fd, EPOLL_CTL_ADD, fd, &event) == 0))
    return 0;
  return errno;
}

void
gco_poller_kick (GcoPoller *poller)
{
  uint64_t one = 1;

  /* EAGAIN would take 2^64 writes. */
  while (write (poller->event_fd, &one, sizeof one) < 0 && errno == EINTR)
    ;
}

static int
wait_ns (GcoPoller          *poller,
         struct epoll_event *events,
         gint64              timeout_ns)
{
  if (timeout_ns > 0)
    {
      /* Not through the timerfd: one system call less. ppoll() has ns. */
      struct timespec timeout = {
        .tv_sec = timeout_ns / G_GINT64_CONSTANT (1000000000),
        .tv_nsec = timeout_ns % G_GINT64_CONSTANT (1000000000),
      };
      GPollFD fd = { poller->epoll_fd, G_IO_IN, 0 };

      if (ppoll ((struct pollfd *) &fd, 1, &timeout, NULL) <= 0)
        return 0;
    }
  return epoll_wait (poller->epoll_fd,
                     events,
                     GCO_POLLER_MAX_EVENTS,
                     timeout_ns < 0 ? -1 : 0);
}

guint
gco_poller_wait (GcoPoller      *poller,
                 gint64          timeout_ns,
                 GcoPollerEvent *events)
{
  struct epoll_event ready[GCO_POLLER_MAX_EVENTS];
  int                n = wait_ns (poller, ready, timeout_ns);
  guint              n_events = 0;

  for (int i = 0; i < n; i++)
    {
      int fd = (int) (guint32) ready[i].data.u64;

      if (fd == poller->event_fd)
        continue;
      if (fd == poller->timer_fd)
        {
          poller->deadline = 0;
          continue;
        }
      events[n_events].fd = fd;
      events[n_events].generation = (guint) (ready[i].data.u64 >> 32);
      events[n_events].condition = (GIOCondition) ready[i].events;
      n_events++;
    }
  return n_events;
}

void
gco_poller_attach (GcoPoller     *poller,
                   GSource       *source,
                   GcoPollerView *view)
{
  /* With the first sleep. */
}

void
gco_poller_detach (GcoPoller *poller)
{
  /* A source that has let go of its context may keep its eye on it. */
}

/* (lock) */
static void
hide (GcoPollerView *view)
{
  if (view->main_context != NULL)
    g_main_context_remove_poll (view->main_context, &view->fd);
  gco_store_relaxed (&view->main_context, NULL);
}

void
gco_poller_source_destroyed (GcoPoller     *poller,
                             GSource       *source,
                             GcoPollerView *view)
{
  g_mutex_lock (&poller->lock);
  /* Else it is the GMainContext that goes, and all that it polls. g_source_get_context()
   * is not for sources that are destroyed. */
  if (source->context != NULL)
    hide (view);
  view->is_over = TRUE;
  g_mutex_unlock (&poller->lock);
}

void
gco_poller_hide (GcoPoller     *poller,
                 GcoPollerView *view)
{
  g_mutex_lock (&poller->lock);
  hide (view);
  view->fd.revents = 0;
  g_mutex_unlock (&poller->lock);
}

/* TRUE if it was kicked. */
static gboolean
read_kick (GcoPoller *poller)
{
  uint64_t count;

  return read (poller->event_fd, &count, sizeof count) > 0;
}

/* FALSE if there may be something to look at instead of sleeping. */
static gboolean
show (GcoPoller     *poller,
      GSource       *source,
      GcoPollerView *view,
      gboolean       bare)
{
  g_mutex_lock (&poller->lock);
  hide (view);
  /* Not among the descriptors of @source: to give it one while another thread destroys it
   * is a mistake to GLib, and this is not. */
  if (!view->is_over)
    {
      gco_store_relaxed (&view->main_context, g_source_get_context (source));
      view->priority = g_source_get_priority (source);
      view->fd = (GPollFD){ bare ? poller->event_fd : poller->epoll_fd, G_IO_IN, 0 };
      g_main_context_add_poll (view->main_context, &view->fd, view->priority);
    }
  g_mutex_unlock (&poller->lock);
  view->is_bare = bare;
  view->n_bare = 0;
  /* What epoll has told already would be told again; but it may be for this sleep. */
  return !bare || !read_kick (poller);
}

/* Likewise. */
static gboolean
show_what_is_needed (GcoPoller     *poller,
                     GSource       *source,
                     GcoPollerView *view,
                     gboolean       needs_all)
{
  /* another thread may destroy @source just now, which show() finds out under the lock */
  if (G_UNLIKELY (gco_load_relaxed (&view->main_context) == NULL ||
                  view->priority != g_source_get_priority (source)))
    return show (poller, source, view, FALSE);
  if (needs_all)
    {
      view->n_bare = 0;
      return !view->is_bare || show (poller, source, view, FALSE);
    }
  if (view->is_bare || ++view->n_bare < MIN_BARE)
    return TRUE;
  return show (poller, source, view, TRUE);
}

static int
set_timer (GcoPoller *poller,
           gint64     deadline_ns)
{
  struct itimerspec at = { { 0, 0 }, { 0, 0 } };
  gint64            left;

  if (deadline_ns == poller->deadline)
    return -1;
  at.it_value.tv_sec = deadline_ns / G_GINT64_CONSTANT (1000000000);
  at.it_value.tv_nsec = deadline_ns % G_GINT64_CONSTANT (1000000000);
  if (timerfd_settime (poller->timer_fd, TFD_TIMER_ABSTIME, &at, NULL) == 0)
    {
      poller->deadline = deadline_ns;
      return -1;
    }
  /* better in ms than never; the deadline of before may still be set */
  if (deadline_ns == 0)
    return -1;
  left = deadline_ns - gco_monotonic_ns ();
  left = MAX (left, 0);
  return (int) MIN ((left + 999999) / 1000000, G_MAXINT);
}

int
gco_poller_prepare (GcoPoller     *poller,
                    GSource       *source,
                    GcoPollerView *view,
                    gboolean       watched,
                    gint64         deadline_ns)
{
  int timeout = set_timer (poller, MAX (deadline_ns, 0));

  return show_what_is_needed (poller, source, view, watched || deadline_ns > 0) ? timeout : 0;
}

gboolean
gco_poller_check (GcoPoller     *poller,
                  GSource       *source,
                  GcoPollerView *view)
{
  return view->fd.revents != 0;
}

gboolean
gco_poller_accept (GcoPoller     *poller,
                   GSource       *source,
                   GcoPollerView *view)
{
  if (!gco_poller_check (poller, source, view))
    return FALSE;
  if (!view->is_bare)
    return TRUE;
  read_kick (poller);
  return FALSE;
}
