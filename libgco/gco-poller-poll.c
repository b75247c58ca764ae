/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Any Unix: poll() over an array, and a pipe for kicks. Its cost grows with the
 * number of descriptors; a GMainContext sees each of them, and its time-outs
 * are rounded up to ms.
 */

#include "gco-poller-private.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gco-clock-private.h"
#include "gco-fatal-private.h"

typedef struct
{
  int          fd;
  guint        generation;
  GIOCondition condition;
  gpointer     tag; /* in source */
} GcoPollerWatch;

struct _GcoPoller
{
  GMutex   lock;
  int      kick_fds[2]; /* (immutable) */
  GArray  *watches;     /* (lock) GcoPollerWatch; the first is kick_fds[0] */
  gboolean asleep;      /* (lock) in poll(), with the watches of before */
  GSource *source;      /* (lock) borrowed */
  gint64   deadline;    /* (home thread) of the sleep that was prepared, or -1 */
};

GcoPoller *
gco_poller_new (void)
{
  GcoPoller     *poller = g_new0 (GcoPoller, 1);
  GError        *error = NULL;
  GcoPollerWatch kick = { 0, 0, G_IO_IN, NULL };

  g_mutex_init (&poller->lock);
  poller->deadline = -1;
  if (!g_unix_open_pipe (poller->kick_fds, FD_CLOEXEC, &error) ||
      !g_unix_set_fd_nonblocking (poller->kick_fds[0], TRUE, &error) ||
      !g_unix_set_fd_nonblocking (poller->kick_fds[1], TRUE, &error))
    gco_fatal ("cannot make an AioContext: %s", error->message);
  poller->watches = g_array_new (FALSE, TRUE, sizeof (GcoPollerWatch));
  kick.fd = poller->kick_fds[0];
  g_array_append_val (poller->watches, kick);
  return poller;
}

void
gco_poller_free (GcoPoller *poller)
{
  close (poller->kick_fds[0]);
  close (poller->kick_fds[1]);
  g_array_unref (poller->watches);
  g_mutex_clear (&poller->lock);
  g_free (poller);
}

static GcoPollerWatch *
nth (GcoPoller *poller,
     guint      i)
{
  return &g_array_index (poller->watches, GcoPollerWatch, i);
}

/* (lock) */
static void
show (GcoPoller      *poller,
      GcoPollerWatch *watch)
{
  if (poller->source == NULL || g_source_is_destroyed (poller->source))
    return;
  if (watch->tag == NULL)
    watch->tag = g_source_add_unix_fd (poller->source, watch->fd, watch->condition);
  else
    g_source_modify_unix_fd (poller->source, watch->tag, watch->condition);
}

/* (lock) */
static void
hide (GcoPoller      *poller,
      GcoPollerWatch *watch)
{
  if (watch->tag != NULL && poller->source != NULL &&
      !g_source_is_destroyed (poller->source))
    g_source_remove_unix_fd (poller->source, watch->tag);
  watch->tag = NULL;
}

/* 0, or why not, as epoll says it. */
static int
check_pollable (int fd)
{
  struct stat info;

  if (fstat (fd, &info) != 0)
    return errno;
  return S_ISREG (info.st_mode) || S_ISDIR (info.st_mode) ? EPERM : 0;
}

int
gco_poller_watch (GcoPoller   *poller,
                  int          fd,
                  GIOCondition condition,
                  guint        generation)
{
  GcoPollerWatch watch = { fd, generation, condition, NULL };
  int            problem = condition != 0 ? check_pollable (fd) : 0;
  guint          i;

  if (problem != 0)
    return problem;

  g_mutex_lock (&poller->lock);
  for (i = 1; i < poller->watches->len && nth (poller, i)->fd != fd; i++)
    ;
  if (condition == 0 && i < poller->watches->len)
    {
      hide (poller, nth (poller, i));
      g_array_remove_index (poller->watches, i);
    }
  else if (condition != 0)
    {
      if (i == poller->watches->len)
        g_array_append_val (poller->watches, watch);
      nth (poller, i)->condition = condition;
      nth (poller, i)->generation = generation;
      show (poller, nth (poller, i));
    }
  if (poller->asleep)
    gco_poller_kick (poller);
  g_mutex_unlock (&poller->lock);
  return 0;
}

/* It was told: once is enough. */
static void
unwatch_once (GcoPoller *poller,
              int        fd)
{
  g_mutex_lock (&poller->lock);
  for (guint i = 1; i < poller->watches->len; i++)
    if (nth (poller, i)->fd == fd && nth (poller, i)->generation == 0)
      {
        hide (poller, nth (poller, i));
        g_array_remove_index (poller->watches, i);
        break;
      }
  g_mutex_unlock (&poller->lock);
}

void
gco_poller_kick (GcoPoller *poller)
{
  /* EAGAIN: as many kicks as a pipe holds are waiting already. */
  while (write (poller->kick_fds[1], "", 1) < 0 && errno == EINTR)
    ;
}

static void
drain (GcoPoller *poller)
{
  char bytes[256];

  while (read (poller->kick_fds[0], bytes, sizeof bytes) > 0)
    ;
}

static int
round_up_ms (gint64 ns)
{
  return ns < 0 ? -1 : (int) MIN ((ns + 999999) / 1000000, G_MAXINT);
}

guint
gco_poller_wait (GcoPoller      *poller,
                 gint64          timeout_ns,
                 GcoPollerEvent *events)
{
  struct pollfd  *fds;
  GcoPollerEvent *all;
  guint           n;
  guint           n_events = 0;
  int             n_ready;

  g_mutex_lock (&poller->lock);
  n = poller->watches->len;
  fds = g_new (struct pollfd, n);
  all = g_new (GcoPollerEvent, n);
  for (guint i = 0; i < n; i++)
    {
      fds[i].fd = nth (poller, i)->fd;
      fds[i].events = (short) nth (poller, i)->condition;
      fds[i].revents = 0;
      all[i].fd = fds[i].fd;
      all[i].generation = nth (poller, i)->generation;
    }
  poller->asleep = timeout_ns != 0;
  g_mutex_unlock (&poller->lock);

  n_ready = poll (fds, n, round_up_ms (timeout_ns));
  g_mutex_lock (&poller->lock);
  poller->asleep = FALSE;
  g_mutex_unlock (&poller->lock);
  if (n_ready > 0)
    {
      if (fds[0].revents != 0)
        drain (poller);
      for (guint i = 1; i < n && n_events < GCO_POLLER_MAX_EVENTS; i++)
        if (fds[i].revents != 0)
          {
            events[n_events] = all[i];
            events[n_events++].condition = (GIOCondition) fds[i].revents;
            if (all[i].generation == 0)
              unwatch_once (poller, all[i].fd);
          }
    }
  g_free (fds);
  g_free (all);
  return n_events;
}

void
gco_poller_attach (GcoPoller     *poller,
                   GSource       *source,
                   GcoPollerView *view)
{
  g_mutex_lock (&poller->lock);
  poller->source = source;
  for (guint i = 0; i < poller->watches->len; i++)
    show (poller, nth (poller, i));
  g_mutex_unlock (&poller->lock);
}

void
gco_poller_detach (GcoPoller *poller)
{
  g_mutex_lock (&poller->lock);
  for (guint i = 0; i < poller->watches->len; i++)
    hide (poller, nth (poller, i));
  poller->source = NULL;
  g_mutex_unlock (&poller->lock);
}

void
gco_poller_source_destroyed (GcoPoller     *poller,
                             GSource       *source,
                             GcoPollerView *view)
{
  /* GLib takes from it what it was given. */
}

void
gco_poller_hide (GcoPoller     *poller,
                 GcoPollerView *view)
{
  /* GLib does. */
}

int
gco_poller_prepare (GcoPoller     *poller,
                    GSource       *source,
                    GcoPollerView *view,
                    gboolean       watched,
                    gint64         deadline_ns)
{
  gint64 now = gco_monotonic_ns ();

  poller->deadline = deadline_ns;
  return deadline_ns < 0 ? -1 : round_up_ms (MAX (deadline_ns - now, 0));
}

gboolean
gco_poller_check (GcoPoller     *poller,
                  GSource       *source,
                  GcoPollerView *view)
{
  gboolean ready = poller->deadline >= 0 && poller->deadline <= gco_monotonic_ns ();

  /* The next sleep may be prepared without one. */
  poller->deadline = -1;
  g_mutex_lock (&poller->lock);
  /* GLib looks for each in a list: it is asked no more often than it takes */
  for (guint i = 0; i < poller->watches->len && !ready; i++)
    {
      GcoPollerWatch *watch = nth (poller, i);

      /* unless @source is one that another has taken the place of */
      if (watch->tag != NULL && poller->source == source &&
          g_source_query_unix_fd (source, watch->tag) != 0)
        ready = TRUE;
    }
  g_mutex_unlock (&poller->lock);
  return ready;
}

gboolean
gco_poller_accept (GcoPoller     *poller,
                   GSource       *source,
                   GcoPollerView *view)
{
  /* gco_poller_wait() tells what is there, and reads the kicks. */
  return TRUE;
}
