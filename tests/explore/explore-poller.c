/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a context sleeps on, here: the kick, descriptors that a scenario says are ready, and
 * the clock that moves when nobody else can. In the place of gco-poller-epoll.c, and to a
 * GMainContext one descriptor as there: the function that polls for it knows what it means.
 */

#include <fcntl.h>
#include <poll.h>

#include "explore-past.h"
#include "explore-scheduler.h"
#include "gco-poller-private.h"

#define MAX_POLLERS 8
#define MAX_WATCHES 2

/* No descriptor of the system has such a number. */
#define FIRST_OWN_FD (1 << 24)

typedef struct
{
  int          fd;
  GIOCondition condition; /* 0: a free place */
  guint        generation;
} Watch;

struct _GcoPoller
{
  gboolean kicked;
  gint64   alarm; /* on the clock, for a GMainContext; 0: none */
  Watch    watches[MAX_WATCHES];
  int      own_fd;
};

static GcoPoller *pollers[MAX_POLLERS];

/* ------------------------------------------------------------------------- descriptors */

static struct
{
  int          fd; /* of the system, so that it counts as open; never read */
  GIOCondition condition;
} fds[MAX_WATCHES];
static guint n_fds;

void
explore_forget_fds (void)
{
  n_fds = 0;
}

int
explore_new_fd (void)
{
  g_assert (n_fds < G_N_ELEMENTS (fds));
  if (fds[n_fds].fd == 0)
    fds[n_fds].fd = open ("/dev/null", O_RDONLY | O_CLOEXEC);
  fds[n_fds].condition = 0;
  return fds[n_fds++].fd;
}

static GIOCondition *
find_fd (int fd)
{
  for (guint i = 0; i < n_fds; i++)
    if (fds[i].fd == fd)
      return &fds[i].condition;
  g_assert_not_reached ();
}

void
explore_make_ready (int          fd,
                    GIOCondition condition)
{
  static ExploreSite site = { "explore_make_ready", "fd", 0, EXPLORE_WRITE, FALSE };
  GIOCondition      *now = find_fd (fd);
  GIOCondition       before;

  explore_note ("makes it ready");
  explore_before (&site, now);
  before = *now;
  *now |= condition;
  explore_after (&site, now, before, *now);
}

GcoPoller *
gco_poller_new (void)
{
  GcoPoller *poller = g_new0 (GcoPoller, 1);
  int        i = 0;

  while (pollers[i] != NULL)
    g_assert (++i < MAX_POLLERS);
  pollers[i] = poller;
  poller->own_fd = FIRST_OWN_FD + i;
  return poller;
}

void
gco_poller_free (GcoPoller *poller)
{
  explore_note_gone (poller);
  pollers[poller->own_fd - FIRST_OWN_FD] = NULL;
  g_free (poller);
}

/* -------------------------------------------------------------- what it has to tell */

static gboolean
is_told (const Watch *watch)
{
  return watch->condition != 0 && (*find_fd (watch->fd) & watch->condition) != 0;
}

static gboolean
has_something (GcoPoller *poller)
{
  for (guint i = 0; i < MAX_WATCHES; i++)
    if (is_told (&poller->watches[i]))
      return TRUE;
  return poller->kicked || (poller->alarm != 0 && poller->alarm <= explore_world.now);
}

/* Here others may make one ready, or not any more. */
static void
begin_look (GcoPoller *poller)
{
  static ExploreSite site = { "gco_poller_wait", "fd", 0, EXPLORE_READ, FALSE };

  for (guint i = 0; i < MAX_WATCHES; i++)
    if (poller->watches[i].condition != 0)
      explore_before (&site, find_fd (poller->watches[i].fd));
  for (guint i = 0; i < MAX_WATCHES; i++)
    if (poller->watches[i].condition != 0)
      explore_past_look (find_fd (poller->watches[i].fd));
}

/* Whoever looks at it sees all of that. */
static void
note_look (GcoPoller *poller)
{
  explore_past_add (poller, FALSE);
  explore_past_add (&explore_world.now, FALSE);
  for (guint i = 0; i < MAX_WATCHES; i++)
    if (poller->watches[i].condition != 0)
      explore_past_add (find_fd (poller->watches[i].fd), FALSE);
}

static guint
fetch (GcoPoller      *poller,
       GcoPollerEvent *events)
{
  guint n = 0;

  note_look (poller);
  if (has_something (poller))
    explore_past_add (poller, TRUE);
  poller->kicked = FALSE;
  if (poller->alarm <= explore_world.now)
    poller->alarm = 0;
  for (guint i = 0; i < MAX_WATCHES; i++)
    {
      Watch *watch = &poller->watches[i];

      if (!is_told (watch))
        continue;
      events[n++] = (GcoPollerEvent){ watch->fd,
                                      watch->generation,
                                      *find_fd (watch->fd) & watch->condition };
      if (watch->generation == 0)
        watch->condition = 0;
    }
  return n;
}

/* ----------------------------------------------------------------- from other threads */

int
gco_poller_watch (GcoPoller   *poller,
                  int          fd,
                  GIOCondition condition,
                  guint        generation)
{
  static ExploreSite site = { "gco_poller_watch", "poller", 0, EXPLORE_WRITE, FALSE };
  Watch             *watch = poller->watches;

  while (watch->condition != 0 && watch->fd != fd)
    g_assert (++watch < poller->watches + MAX_WATCHES);
  explore_before (&site, poller);
  *watch = (Watch){ fd, condition, generation };
  explore_after (&site, poller, 0, 1);
  return 0;
}

void
gco_poller_kick (GcoPoller *poller)
{
  static ExploreSite site = { "gco_poller_kick", "poller", 0, EXPLORE_KICK, FALSE };

  gboolean before;

  explore_before (&site, poller);
  before = poller->kicked;
  poller->kicked = TRUE;
  explore_after (&site, poller, (guintptr) before, TRUE);
}

/* ---------------------------------------------------------------------------- by itself */

static gboolean
is_awake (gpointer data)
{
  return has_something (data);
}

guint
gco_poller_wait (GcoPoller      *poller,
                 gint64          timeout_ns,
                 GcoPollerEvent *events)
{
  static ExploreSite site = { "gco_poller_wait", "poller", 0, EXPLORE_SLEEP, FALSE };

  begin_look (poller);
  if (timeout_ns != 0 && explore_self () >= 0)
    explore_block (&site,
                   poller,
                   is_awake,
                   poller,
                   timeout_ns < 0 ? -1 : explore_world.now + timeout_ns);
  return fetch (poller, events);
}

/* --------------------------------------------------------------------- by a GMainContext */

typedef struct
{
  GPollFD *fds;
  guint    n;
} Poll;

static GcoPoller *
find_poller (int fd)
{
  return fd >= FIRST_OWN_FD ? pollers[fd - FIRST_OWN_FD] : NULL;
}

static int
poll_now (Poll *asked)
{
  int n = 0;

  for (guint i = 0; i < asked->n; i++)
    {
      GPollFD   *fd = &asked->fds[i];
      GcoPoller *poller = find_poller (fd->fd);

      if (poller != NULL)
        fd->revents = has_something (poller) ? G_IO_IN : 0;
      else
        poll ((struct pollfd *) fd, 1, 0); /* GLib's own */
      n += fd->revents != 0;
    }
  return n;
}

static gboolean
is_told_any (gpointer data)
{
  return poll_now (data) > 0;
}

static int
poll_for_main (GPollFD *asked_fds,
               guint    n,
               int      timeout_ms)
{
  static ExploreSite site = { "g_main_context_poll", "poller", 0, EXPLORE_SLEEP, FALSE };
  static ExploreSite look = { "g_main_context_poll", "poller", 0, EXPLORE_READ, FALSE };
  Poll               asked = { asked_fds, n };
  gpointer           place = NULL;
  gint64             deadline = -1;

  g_assert (timeout_ms <= 0);
  for (guint i = 0; i < n; i++)
    {
      GcoPoller *poller = find_poller (asked_fds[i].fd);

      if (poller == NULL)
        continue;
      place = poller;
      deadline = poller->alarm != 0 ? poller->alarm : -1;
    }
  if (explore_self () >= 0 && place != NULL)
    {
      begin_look (place);
      if (timeout_ms == 0)
        {
          explore_before (&look, place);
          explore_after (&look, place, 0, 0);
        }
      else
        explore_block (&site, place, is_told_any, &asked, deadline);
      note_look (place);
    }
  return poll_now (&asked);
}

GMainContext *
explore_new_main_context (void)
{
  GMainContext *main_context = g_main_context_new ();

  g_main_context_set_poll_func (main_context, poll_for_main);
  return main_context;
}

/* A view of all there is: one that is told of kicks only is for the tests of the poller. */
void
gco_poller_attach (GcoPoller     *poller,
                   GSource       *source,
                   GcoPollerView *view)
{
  if (view->fd.events != 0)
    return;
  view->fd = (GPollFD){ poller->own_fd, G_IO_IN, 0 };
  g_source_add_poll (source, &view->fd);
}

void
gco_poller_detach (GcoPoller *poller)
{
}

void
gco_poller_source_destroyed (GcoPoller     *poller,
                             GSource       *source,
                             GcoPollerView *view)
{
}

void
gco_poller_hide (GcoPoller     *poller,
                 GcoPollerView *view)
{
}

int
gco_poller_prepare (GcoPoller     *poller,
                    GSource       *source,
                    GcoPollerView *view,
                    gboolean       watched,
                    gint64         deadline_ns)
{
  explore_past_add (poller, poller->alarm != MAX (deadline_ns, 0));
  poller->alarm = MAX (deadline_ns, 0);
  return -1;
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
  return view->fd.revents != 0;
}
