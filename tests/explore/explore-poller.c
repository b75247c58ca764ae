/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a context sleeps on, here: nothing but the kick, and the clock that moves when
 * nobody else can. In the place of gco-poller-epoll.c.
 */

#include "explore-scheduler.h"
#include "gco-poller-private.h"

#include <errno.h>

struct _GcoPoller
{
  gboolean kicked;
};

GcoPoller *
gco_poller_new (void)
{
  return g_new0 (GcoPoller, 1);
}

void
gco_poller_free (GcoPoller *poller)
{
  explore_note_gone (poller);
  g_free (poller);
}

int
gco_poller_watch (GcoPoller   *poller,
                  int          fd,
                  GIOCondition condition,
                  guint        generation)
{
  return EBADF;
}

void
gco_poller_kick (GcoPoller *poller)
{
  static ExploreSite site = { "gco_poller_kick", "poller", 0, EXPLORE_KICK, FALSE };

  explore_before (&site, poller);
  poller->kicked = TRUE;
  explore_after (&site, poller, 0, 1);
}

static gboolean
is_kicked (gpointer data)
{
  return ((GcoPoller *) data)->kicked;
}

guint
gco_poller_wait (GcoPoller      *poller,
                 gint64          timeout_ns,
                 GcoPollerEvent *events)
{
  static ExploreSite site = { "gco_poller_wait", "poller", 0, EXPLORE_SLEEP, FALSE };

  if (timeout_ns != 0 && explore_self () >= 0)
    explore_block (&site,
                   poller,
                   is_kicked,
                   poller,
                   timeout_ns < 0 ? -1 : explore_world.now + timeout_ns);
  poller->kicked = FALSE;
  return 0;
}

void
gco_poller_attach (GcoPoller     *poller,
                   GSource       *source,
                   GcoPollerView *view)
{
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

int
gco_poller_prepare (GcoPoller     *poller,
                    GSource       *source,
                    GcoPollerView *view,
                    gboolean       watched,
                    gint64         deadline_ns)
{
  return -1;
}

gboolean
gco_poller_check (GcoPoller     *poller,
                  GSource       *source,
                  GcoPollerView *view)
{
  return poller->kicked;
}

gboolean
gco_poller_accept (GcoPoller     *poller,
                   GSource       *source,
                   GcoPollerView *view)
{
  return poller->kicked;
}
