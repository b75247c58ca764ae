/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * GCO_DEBUG=dump-signal: a program that is stuck tells where, when it gets SIGQUIT. That is
 * what Ctrl-\ sends, and what Java and Go answer in the same way; and it is none that
 * g_unix_signal_add() can wait for, so a program of GLib's has no use of its own for it, as
 * it may have for SIGUSR1.
 *
 *   handler  writes a byte to a pipe, then calls whoever had the signal before
 *   teller   a thread that does nothing else: reads it, and posts to every context
 *   home     dumps in its next dispatch, once a thread, where it holds no lock
 *
 * A thread that does not come to a dispatch within a second is told of by the teller.
 */

#include "gco-dump-signal-private.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <signal.h>
#include <unistd.h>

#include "gco-dump-private.h"
#include "gco-dump.h"

#define PATIENCE G_TIME_SPAN_SECOND

typedef struct
{
  GMutex     lock;
  GCond      cond;
  GPtrArray *asked;    /* (teller) GcoThread, not to be looked into */
  GArray    *ids;      /* (teller) what the system calls them */
  GPtrArray *answered; /* (lock) GcoThread */
} GcoDumpRequest;

static int              ends[2];
static struct sigaction previous;

static void
clear_request (gpointer data)
{
  GcoDumpRequest *request = data;

  g_ptr_array_unref (request->asked);
  g_array_unref (request->ids);
  g_ptr_array_unref (request->answered);
  g_mutex_clear (&request->lock);
  g_cond_clear (&request->cond);
}

/* ------------------------------------------------------------- in the home thread */

/* Several of its contexts may have been asked. */
static gboolean
is_first_answer (GcoDumpRequest *request,
                 GcoThread      *thread)
{
  gboolean is_first;

  g_mutex_lock (&request->lock);
  is_first = !g_ptr_array_find (request->answered, thread, NULL);
  if (is_first)
    g_ptr_array_add (request->answered, thread);
  g_cond_signal (&request->cond);
  g_mutex_unlock (&request->lock);
  return is_first;
}

static void
answer (gpointer data)
{
  GcoDumpRequest *request = data;

  if (is_first_answer (request, gco_thread_get ()))
    {
      flockfile (stderr);
      fprintf (stderr, "libgco: SIGQUIT: thread %d\n", gco_thread_get_id ());
      gco_dump (stderr);
      funlockfile (stderr);
    }
  g_atomic_rc_box_release_full (request, clear_request);
}

/* --------------------------------------------------------------------- the teller */

static GcoReady *
ask (GcoAioContext *ctx,
     gpointer       data)
{
  GcoDumpRequest *request = data;
  GcoThread      *home = gco_load_relaxed (&ctx->home);
  int             id = gco_load_relaxed (&ctx->home_id);

  if (home == NULL)
    return NULL;
  if (!g_ptr_array_find (request->asked, home, NULL))
    {
      g_ptr_array_add (request->asked, home);
      g_array_append_val (request->ids, id);
    }
  return gco_oneshot_new (NULL, g_atomic_rc_box_acquire (request), answer);
}

static void
wait_for_answers (GcoDumpRequest *request)
{
  gint64 end = g_get_monotonic_time () + PATIENCE;

  g_mutex_lock (&request->lock);
  while (request->answered->len < request->asked->len &&
         g_cond_wait_until (&request->cond, &request->lock, end))
    ;
  for (guint i = 0; i < request->asked->len; i++)
    if (!g_ptr_array_find (request->answered, g_ptr_array_index (request->asked, i), NULL))
      fprintf (stderr,
               "libgco: SIGQUIT: thread %d has coroutines, and has not come to a dispatch"
               " within a second: it computes, or waits outside of its loop\n",
               g_array_index (request->ids, int, i));
  g_mutex_unlock (&request->lock);
}

static void
tell (void)
{
  GcoDumpRequest *request = g_atomic_rc_box_new0 (GcoDumpRequest);

  g_mutex_init (&request->lock);
  g_cond_init (&request->cond);
  request->asked = g_ptr_array_new ();
  request->ids = g_array_new (FALSE, FALSE, sizeof (int));
  request->answered = g_ptr_array_new ();
  gco_aio_context_post_everywhere (ask, request);
  if (request->asked->len == 0)
    fputs ("libgco: SIGQUIT: no thread has coroutines\n", stderr);
  else
    wait_for_answers (request);
  g_atomic_rc_box_release_full (request, clear_request);
}

static gpointer
teller_main (gpointer unused)
{
  for (;;)
    {
      char bytes[64]; /* one answer for all that came meanwhile */

      if (read (ends[0], bytes, sizeof bytes) > 0)
        tell ();
      else if (errno != EINTR)
        return NULL;
    }
}

/* ------------------------------------------------------------------- the signal */

/* Async-signal-safe; whatever stack is there. */
static void
on_signal (int        number,
           siginfo_t *info,
           void      *context)
{
  int kept = errno;

  /* a full pipe has been heard */
  if (write (ends[1], "", 1) < 0)
    errno = kept;
  if (previous.sa_flags & SA_SIGINFO)
    previous.sa_sigaction (number, info, context);
  else if (previous.sa_handler != SIG_DFL && previous.sa_handler != SIG_IGN)
    previous.sa_handler (number);
}

void
gco_dump_signal_begin (void)
{
  struct sigaction action = { 0 };
  sigset_t         all, before;
  GThread         *teller;

  if (!g_unix_open_pipe (ends, FD_CLOEXEC, NULL) ||
      !g_unix_set_fd_nonblocking (ends[1], TRUE, NULL))
    return;
  /* The handlers of the program are not to run in a thread that it does not know. */
  sigfillset (&all);
  pthread_sigmask (SIG_SETMASK, &all, &before);
  teller = g_thread_try_new ("gco-dump-signal", teller_main, NULL, NULL);
  pthread_sigmask (SIG_SETMASK, &before, NULL);
  if (teller == NULL)
    return;
  g_thread_unref (teller);

  if (sigaction (SIGQUIT, NULL, &previous) != 0)
    return;
  action.sa_sigaction = on_signal;
  action.sa_flags = SA_SIGINFO | SA_RESTART | SA_ONSTACK;
  action.sa_mask = previous.sa_mask;
  sigaction (SIGQUIT, &action, NULL);
}
