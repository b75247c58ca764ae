/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A loop of another make asks epoll in the place of a GMainContext's poll(), and remembers
 * by number what it has told it. Where the source of a context kept its number and changed
 * what lay there, such a loop was not woken by what was watched after that.
 */

#include "gco-test-pipe.h"

#include <sys/epoll.h>
#include <unistd.h>

/* More than it takes the source to sleep on something else. */
#define LONG 40

static int         epoll_fd;
static GHashTable *known; /* numbers */

/* What happens once the next sleep was prepared. */
static GcoFunc before_sleep;

static gboolean
is_gone (gpointer fd,
         gpointer value,
         gpointer now)
{
  if (g_hash_table_contains (now, fd))
    return FALSE;
  epoll_ctl (epoll_fd, EPOLL_CTL_DEL, GPOINTER_TO_INT (fd), NULL);
  return TRUE;
}

static void
tell (GPollFD *fds,
      guint    n_fds)
{
  g_autoptr (GHashTable) now = g_hash_table_new (NULL, NULL);

  for (guint i = 0; i < n_fds; i++)
    {
      struct epoll_event event = { .events = fds[i].events, .data.fd = fds[i].fd };

      g_hash_table_add (now, GINT_TO_POINTER (fds[i].fd));
      if (g_hash_table_add (known, GINT_TO_POINTER (fds[i].fd)))
        g_assert_no_errno (epoll_ctl (epoll_fd, EPOLL_CTL_ADD, fds[i].fd, &event));
      fds[i].revents = 0;
    }
  g_hash_table_foreach_remove (known, is_gone, now);
}

static GcoTest *running;

static int
poll_by_number (GPollFD *fds,
                guint    n_fds,
                int      timeout)
{
  GcoFunc            func = before_sleep;
  struct epoll_event events[16];
  int                n;

  tell (fds, n_fds);
  before_sleep = NULL;
  if (func != NULL)
    func (running);
  n = epoll_wait (epoll_fd, events, G_N_ELEMENTS (events), timeout < 0 ? 20000 : timeout);
  /* a sleep that nothing ends */
  g_assert_true (timeout >= 0 || n > 0);
  for (int i = 0; i < n; i++)
    for (guint j = 0; j < n_fds; j++)
      if (fds[j].fd == events[i].data.fd)
        fds[j].revents = (gushort) (events[i].events & fds[j].events);
  return n;
}

static void
nothing (gpointer user_data)
{
}

static gpointer
kick (gpointer user_data)
{
  gco_aio_context_schedule_oneshot (((GcoTest *) user_data)->ctx, nothing, NULL, NULL);
  return NULL;
}

static void
kick_elsewhere (gpointer user_data)
{
  g_thread_join (g_thread_new ("elsewhere", kick, user_data));
}

static void
be_idle (GcoTest *t)
{
  for (guint n = 0; n < LONG; n++)
    g_main_context_iteration (t->main_context, FALSE);
}

static void
test_watched (GcoTest *t)
{
  running = t;
  be_idle (t);
  epoll_fd = epoll_create1 (EPOLL_CLOEXEC);
  known = g_hash_table_new (NULL, NULL);
  g_main_context_set_poll_func (t->main_context, poll_by_number);
  for (guint i = 0; i < 3; i++)
    {
      GcoTestPipe pipe = { .t = t };

      be_idle (t);
      before_sleep = kick_elsewhere;
      g_main_context_iteration (t->main_context, TRUE);
      gco_test_pipe_start (t, &pipe, gco_test_pipe_read_one);
      g_main_context_iteration (t->main_context, FALSE);
      gco_test_pipe_put (&pipe);
      while (pipe.n == 0)
        g_main_context_iteration (t->main_context, TRUE);
      gco_test_pipe_finish (&pipe);
    }
  g_main_context_set_poll_func (t->main_context, NULL);
  g_hash_table_unref (known);
  close (epoll_fd);
}

int
main (int    argc,
      char **argv)
{
  gco_test_init (&argc, &argv);
  gco_test_add_source ("/regress/polled-by-number", test_watched);
  return g_test_run ();
}
