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
 * A thread that does not come to a dispatch within a second is told of by the teller, and
 * answers later.
 */

#include "gco-dump-signal-private.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include "gco-aio-context-private.h"
#include "gco-dump.h"

#define PATIENCE G_TIME_SPAN_SECOND

/* How often the teller looks whether it is the last thread. */
#define LOOK_MS 1000

/* Of those asked, and of others to whom a context has gone since. */
typedef struct
{
  GcoThread *thread; /* not to be looked into */
  int        id;     /* what the system calls it */
  guint      n_open; /* questions that may still be answered */
  gboolean   has_answered;
} GcoDumpAsked;

typedef struct
{
  GMutex  lock;
  GCond   cond;
  GArray *asked; /* (lock) GcoDumpAsked */
} GcoDumpRequest;

/* To one context. */
typedef struct
{
  GcoDumpRequest *request; /* with a reference */
  GcoAioContext  *ctx;
  guint           index; /* of whom it was at home with */
} GcoDumpQuestion;

static int              ends[2];
static pid_t            owner;
static struct sigaction previous;

static void
clear_request (gpointer data)
{
  GcoDumpRequest *request = data;

  g_array_unref (request->asked);
  g_mutex_clear (&request->lock);
  g_cond_clear (&request->cond);
}

static inline GcoDumpAsked *
nth_asked (GcoDumpRequest *request,
           guint           i)
{
  return &g_array_index (request->asked, GcoDumpAsked, i);
}

/* (lock) */
static guint
find_asked (GcoDumpRequest *request,
            GcoThread      *thread,
            int             id)
{
  GcoDumpAsked asked = { thread, id, 0, FALSE };
  guint        i = 0;

  while (i < request->asked->len && nth_asked (request, i)->thread != thread)
    i++;
  if (i == request->asked->len)
    g_array_append_val (request->asked, asked);
  return i;
}

/* ------------------------------------------------------------- in the home thread */

/* Several of its contexts may have been asked. */
static gboolean
is_first_answer (GcoDumpRequest *request,
                 GcoThread      *thread)
{
  guint    i = find_asked (request, thread, 0);
  gboolean is_first = !nth_asked (request, i)->has_answered;

  nth_asked (request, i)->has_answered = TRUE;
  return is_first;
}

static void
answer (gpointer data)
{
  GcoDumpQuestion *question = data;
  GcoDumpRequest  *request = question->request;
  GcoThread       *thread = gco_thread_get ();
  gboolean         is_to_dump;

  g_mutex_lock (&request->lock);
  nth_asked (request, question->index)->n_open--;
  /* else the context is being freed, by whoever had the last reference, amid anything */
  is_to_dump = thread->ctx == question->ctx && is_first_answer (request, thread);
  g_cond_signal (&request->cond);
  g_mutex_unlock (&request->lock);
  if (is_to_dump)
    {
      flockfile (stderr);
      fprintf (stderr, "libgco: SIGQUIT: thread %d\n", gco_thread_get_id ());
      gco_dump (stderr);
      funlockfile (stderr);
    }
  g_atomic_rc_box_release_full (request, clear_request);
  g_free (question);
}

/* --------------------------------------------------------------------- the teller */

static GcoReady *
ask (GcoAioContext *ctx,
     gpointer       data)
{
  GcoDumpRequest  *request = data;
  GcoThread       *home = gco_load_relaxed (&ctx->home);
  GcoDumpQuestion *question;

  if (home == NULL)
    return NULL;
  question = g_new (GcoDumpQuestion, 1);
  question->request = g_atomic_rc_box_acquire (request);
  question->ctx = ctx;
  g_mutex_lock (&request->lock);
  question->index = find_asked (request, home, gco_load_relaxed (&ctx->home_id));
  nth_asked (request, question->index)->n_open++;
  g_mutex_unlock (&request->lock);
  return gco_oneshot_new (NULL, question, answer);
}

static inline gboolean
is_awaited (GcoDumpAsked *asked)
{
  return asked->n_open > 0 && !asked->has_answered;
}

/* (lock) */
static gboolean
has_awaited (GcoDumpRequest *request)
{
  for (guint i = 0; i < request->asked->len; i++)
    if (is_awaited (nth_asked (request, i)))
      return TRUE;
  return FALSE;
}

static void
wait_for_answers (GcoDumpRequest *request)
{
  gint64 end = g_get_monotonic_time () + PATIENCE;

  g_mutex_lock (&request->lock);
  while (has_awaited (request) && g_cond_wait_until (&request->cond, &request->lock, end))
    ;
  if (request->asked->len == 0)
    fputs ("libgco: SIGQUIT: no thread runs an AioContext\n", stderr);
  for (guint i = 0; i < request->asked->len; i++)
    if (is_awaited (nth_asked (request, i)))
      fprintf (stderr,
               "libgco: SIGQUIT: thread %d has an AioContext, and has not come to a dispatch"
               " within a second: it computes, or waits outside of its loop\n",
               nth_asked (request, i)->id);
  g_mutex_unlock (&request->lock);
}

static void
tell (void)
{
  GcoDumpRequest *request = g_atomic_rc_box_new0 (GcoDumpRequest);

  g_mutex_init (&request->lock);
  g_cond_init (&request->cond);
  request->asked = g_array_new (FALSE, FALSE, sizeof (GcoDumpAsked));
  gco_aio_context_post_everywhere (ask, request);
  wait_for_answers (request);
  g_atomic_rc_box_release_full (request, clear_request);
}

/* A program whose main thread has called pthread_exit() ends with its last other thread,
 * and that should not be this one. */
static gboolean
is_alone (void)
{
  FILE *file = fopen ("/proc/self/stat", "re");
  char  state = '?';
  int   n_threads = 0;

  if (file == NULL)
    return FALSE;
  /* of a program with a parenthesis in its name this does not tell */
  if (fscanf (file,
              "%*d (%*[^)]) %c %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s"
              " %*s %d",
              &state,
              &n_threads) != 2)
    n_threads = 0;
  fclose (file);
  return state == 'Z' && n_threads == 2;
}

static gpointer
teller_main (gpointer unused)
{
  struct pollfd wanted = { ends[0], POLLIN, 0 };

  for (;;)
    {
      char bytes[64]; /* one answer for all that came meanwhile */

      if (poll (&wanted, 1, LOOK_MS) == 0)
        {
          if (is_alone ())
            return NULL;
        }
      else if (read (ends[0], bytes, sizeof bytes) > 0)
        tell ();
      else if (errno != EINTR)
        return NULL;
    }
}

/* ------------------------------------------------------------------- the signal */

static gboolean
has_handler (const struct sigaction *action)
{
  return (action->sa_flags & SA_SIGINFO) ||
         (action->sa_handler != SIG_DFL && action->sa_handler != SIG_IGN);
}

/* Async-signal-safe; whatever stack is there. */
static void
on_signal (int        number,
           siginfo_t *info,
           void      *context)
{
  int      kept = errno;
  gboolean is_forked = getpid () != owner; /* with the same pipe */

  /* a full pipe has been heard */
  if (!is_forked && write (ends[1], "", 1) < 0)
    errno = kept;
  if (previous.sa_flags & SA_SIGINFO)
    previous.sa_sigaction (number, info, context);
  else if (has_handler (&previous))
    previous.sa_handler (number);
  else if (is_forked && sigaction (SIGQUIT, &previous, NULL) == 0)
    raise (number); /* after this handler */
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

  owner = getpid ();
  if (sigaction (SIGQUIT, NULL, &previous) != 0)
    return;
  action.sa_sigaction = on_signal;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_RESTART;
  /* Whoever counts on EINTR gets it. */
  if (has_handler (&previous))
    action.sa_flags &= previous.sa_flags | ~SA_RESTART;
  action.sa_mask = previous.sa_mask;
  sigaction (SIGQUIT, &action, NULL);
}
