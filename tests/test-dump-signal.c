/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* GCO_DEBUG=dump-signal: each thread tells of its coroutines, whatever it is doing. */

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "gco-aio-context-private.h"
#include "gco-test-actor.h"

static const char *program;
static guint       n_handled; /* (atomic) by the handler of the program */

static void
my_handler (int number)
{
  g_atomic_int_inc (&n_handled);
}

/* --------------------------------------------------------------- what it writes */

/* In place of stderr: read by a thread until @wanted has come @n times. */
typedef struct
{
  const char    *wanted;
  guint          n;
  GcoAioContext *ctx; /* notified then; or NULL */
  gboolean       came;
  GString       *text;
  int            ends[2];
  int            stderr_fd;
  GThread       *thread;
} Listener;

static guint
count (const char *text,
       const char *word)
{
  guint n = 0;

  while ((text = strstr (text, word)) != NULL)
    text += strlen (word), n++;
  return n;
}

static gpointer
listen (gpointer data)
{
  Listener *self = data;
  char      piece[512];
  gssize    n;

  while (count (self->text->str, self->wanted) < self->n)
    {
      n = read (self->ends[0], piece, sizeof piece);
      if (n > 0)
        g_string_append_len (self->text, piece, n);
      else if (n == 0 || errno != EINTR)
        break;
    }
  g_atomic_int_set (&self->came, TRUE);
  if (self->ctx != NULL)
    gco_aio_context_notify (self->ctx);
  return NULL;
}

static void
begin_listening (Listener   *self,
                 const char *wanted,
                 guint       n,
                 GcoTest    *t)
{
  *self = (Listener){ .wanted = wanted, .n = n, .ctx = t != NULL ? t->ctx : NULL };
  self->text = g_string_new (NULL);
  g_assert_cmpint (pipe (self->ends), ==, 0);
  self->stderr_fd = dup (STDERR_FILENO);
  dup2 (self->ends[1], STDERR_FILENO);
  self->thread = g_thread_new ("listener", listen, self);
}

static char *
end_listening (Listener *self)
{
  char   piece[512];
  gssize n;

  g_thread_join (self->thread);
  dup2 (self->stderr_fd, STDERR_FILENO);
  close (self->stderr_fd);
  close (self->ends[1]);
  /* and what came after that */
  while ((n = read (self->ends[0], piece, sizeof piece)) > 0)
    g_string_append_len (self->text, piece, n);
  close (self->ends[0]);
  g_test_message ("%s", self->text->str);
  return g_string_free (self->text, FALSE);
}

static void
assert_says (const char *text,
             const char *pattern)
{
  g_autofree char *anywhere = g_strdup_printf ("*%s*", pattern);

  if (!g_pattern_match_simple (anywhere, text))
    g_error ("\"%s\" is not in: %s", pattern, text);
}

/* -------------------------------------------------------------------- scenarios */

/* Both are asleep in their loops. */
static void
test_two_threads (GcoTest *t)
{
  GcoTestThread   *thread = gco_test_thread_new (t);
  GcoMutex         mutex = { 0 };
  Actor           *there = actor_new_in (t, thread, "there");
  Actor           *here = actor_new (t, "here");
  guint            n_before = g_atomic_int_get (&n_handled);
  g_autofree char *text = NULL;
  Listener         listener;

  actor_do (there, do_lock, &mutex);
  actor_do (here, do_lock, &mutex);
  begin_listening (&listener, "coroutines in this thread", 2, t);
  kill (getpid (), SIGQUIT);
  gco_test_run_until (t, &listener.came);
  text = end_listening (&listener);
  assert_says (text, "libgco: SIGQUIT: thread *coroutine here (*) waits for a GcoMutex 0x*");
  assert_says (text, "libgco: SIGQUIT: thread *coroutine there (*) waits to be entered or woken");
  g_assert_cmpuint (count (text, "SIGQUIT"), ==, 2);
  /* who had the signal before is asked as well */
  g_assert_cmpuint (g_atomic_int_get (&n_handled), ==, n_before + 1);
  actor_do (there, do_unlock, &mutex);
  gco_test_drain (t);
  while (here->waits)
    gco_test_iterate_blocking (t);
  actor_do (here, do_unlock, &mutex);
  actors_end (here, there);
  gco_test_thread_stop (thread);
}

/* Once a thread, of all its contexts. */
static void
test_two_contexts (GcoTest *t)
{
  GcoTest          other = { .ctx = gco_aio_context_new (), .log = t->log };
  Actor           *here = actor_new (t, "here");
  Actor           *beside = actor_new (&other, "beside");
  g_autofree char *text = NULL;
  Listener         listener;

  begin_listening (&listener, "2 coroutines in this thread", 1, t);
  kill (getpid (), SIGQUIT);
  gco_test_run_until (t, &listener.came);
  gco_test_drain (&other);
  text = end_listening (&listener);
  g_assert_cmpuint (count (text, "SIGQUIT"), ==, 1);
  actors_end (here, beside);
  g_object_unref (other.ctx);
}

static void
interrupt (gpointer unused)
{
  raise (SIGQUIT);
}

/* In a coroutine, on a stack that has no room for much. */
static void
test_small_stack (GcoTest *t)
{
  GcoCoroutine    *small = gco_coroutine_create_full ("small", 1, interrupt, NULL, NULL, NULL);
  g_autofree char *text = NULL;
  Listener         listener;

  begin_listening (&listener, "in others, or not begun", 1, t);
  gco_coroutine_schedule (small, t->ctx);
  gco_test_run_until (t, &listener.came);
  text = end_listening (&listener);
  assert_says (text, "\n0 coroutines in this thread");
}

/* A thread that does not come back to its loop. */
static void
test_busy (GcoTest *t)
{
  Actor           *here = actor_new (t, "here");
  g_autofree char *text = NULL;
  Listener         listener;

  begin_listening (&listener, "has not come to a dispatch", 1, NULL);
  kill (getpid (), SIGQUIT);
  text = end_listening (&listener);
  assert_says (text, "libgco: SIGQUIT: thread * has an AioContext, and has not come to a dispatch");
  /* It does when it can. */
  begin_listening (&listener, "coroutine here", 1, t);
  gco_test_run_until (t, &listener.came);
  g_free (end_listening (&listener));
  actor_end (here);
}

/* By the teller, of its home. */
static void
wait_until_asked (GcoAioContext *ctx)
{
  while (gco_push_list_is_empty (&ctx->remote))
    g_thread_yield ();
}

/* A context that is freed before its dispatch: where that happens is no place to dump. */
static void
test_freed (GcoTest *t)
{
  GcoAioContext   *other = gco_aio_context_new ();
  Actor           *here = actor_new (t, "here");
  g_autofree char *text = NULL;
  Listener         listener;

  gco_aio_context_poll (other, FALSE);
  begin_listening (&listener, "the end", 1, NULL);
  kill (getpid (), SIGQUIT);
  wait_until_asked (other);
  wait_until_asked (t->ctx);
  g_object_unref (other);
  fputs ("the end\n", stderr);
  text = end_listening (&listener);
  g_assert_null (strstr (text, "in this thread"));
  begin_listening (&listener, "1 coroutines in this thread", 1, t);
  gco_test_run_until (t, &listener.came);
  g_free (end_listening (&listener));
  actor_end (here);
}

static gpointer
poll_once (gpointer ctx)
{
  gco_aio_context_poll (ctx, FALSE);
  gco_aio_context_release_thread (ctx);
  return NULL;
}

/* A context that goes to another thread: that is not the answer of the first. */
static void
test_moved (GcoTest *t)
{
  GcoAioContext   *other = gco_aio_context_new ();
  Actor           *here = actor_new (t, "here");
  gint64           start = g_get_monotonic_time ();
  g_autofree char *text = NULL;
  Listener         listener;

  gco_aio_context_poll (other, FALSE);
  begin_listening (&listener, "in this thread", 2, t);
  kill (getpid (), SIGQUIT);
  wait_until_asked (other);
  gco_aio_context_release_thread (other);
  g_thread_join (g_thread_new ("other", poll_once, other));
  gco_test_run_until (t, &listener.came);
  text = end_listening (&listener);
  if (g_get_monotonic_time () - start < G_TIME_SPAN_SECOND)
    g_assert_null (strstr (text, "has not come"));
  g_assert_nonnull (strstr (text, "\n0 coroutines in this thread"));
  g_assert_nonnull (strstr (text, "\n1 coroutines in this thread"));
  actor_end (here);
  g_object_unref (other);
}

/* ------------------------------------------------------- in processes of their own */

static void
nothing (gpointer unused)
{
}

static void
begin_with (void (*handler) (int))
{
  sigaction (SIGQUIT, &(struct sigaction){ .sa_handler = handler }, NULL);
  gco_coroutine_enter (gco_coroutine_create (nothing, NULL));
}

/* Whoever had the signal before, and counted on EINTR, still may. */
static void
restart (void)
{
  struct sigaction action;

  begin_with (my_handler);
  g_assert_cmpint (sigaction (SIGQUIT, NULL, &action), ==, 0);
  g_assert_true (action.sa_flags & SA_SIGINFO);
  g_assert_false (action.sa_flags & SA_RESTART);
}

static void
test_restart (void)
{
  g_test_trap_subprocess ("/dump-signal/subprocess/restart", 0, 0);
  g_test_trap_assert_passed ();
}

/* What is forked has the same pipe, and had the signal's default. */
static void
forked (void)
{
  GcoTest          t = { .ctx = gco_aio_context_new () };
  g_autofree char *text = NULL;
  Listener         listener;
  int              status;
  pid_t            child;

  begin_with (SIG_DFL);
  gco_test_drain (&t);
  begin_listening (&listener, "in this thread", 1, &t);
  child = fork ();
  if (child == 0)
    {
      raise (SIGQUIT);
      _exit (0);
    }
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_true (WIFSIGNALED (status));
  g_assert_cmpint (WTERMSIG (status), ==, SIGQUIT);
  /* asked, this process answers: once, and not for both */
  kill (getpid (), SIGQUIT);
  gco_test_run_until (&t, &listener.came);
  text = end_listening (&listener);
  g_assert_cmpuint (count (text, "in this thread"), ==, 1);
  g_object_unref (t.ctx);
}

static void
test_forked (void)
{
  g_test_trap_subprocess ("/dump-signal/subprocess/forked", 0, 0);
  g_test_trap_assert_passed ();
}

static void
ignored (void)
{
  begin_with (SIG_IGN);
  raise (SIGQUIT);
  while (TRUE)
    gco_aio_context_poll (gco_aio_context_get_default (), TRUE);
}

/* As in the background of a script: it was asked for. */
static void
test_ignored (void)
{
  g_autoptr (GSubprocess) process = NULL;
  g_autofree char *line = NULL;
  g_autoptr (GDataInputStream) errors = NULL;

  process = g_subprocess_new (G_SUBPROCESS_FLAGS_STDOUT_SILENCE | G_SUBPROCESS_FLAGS_STDERR_PIPE,
                              NULL,
                              program,
                              "-p",
                              "/dump-signal/subprocess/ignored",
                              NULL);
  g_assert_nonnull (process);
  errors = g_data_input_stream_new (g_subprocess_get_stderr_pipe (process));
  line = g_data_input_stream_read_line (errors, NULL, NULL, NULL);
  assert_says (line, "libgco: SIGQUIT: ");
  g_subprocess_force_exit (process);
  g_subprocess_wait (process, NULL, NULL);
}

static void
main_ends (void)
{
  begin_with (SIG_DFL);
  pthread_exit (NULL);
}

/* The thread that waits for the signal does not keep the process. */
static void
test_main_ends (void)
{
  g_test_trap_subprocess ("/dump-signal/subprocess/main-ends", 30 * G_USEC_PER_SEC, 0);
  g_assert_false (g_test_trap_reached_timeout ());
  g_test_trap_assert_passed ();
}

static void
unasked (void)
{
  g_autoptr (GcoAioContext) ctx = gco_aio_context_new ();
  struct sigaction action;

  g_setenv ("GCO_DEBUG", "", TRUE);
  gco_spawn (ctx, interrupt, NULL, NULL);
  gco_aio_context_poll (ctx, FALSE);
  g_assert_cmpint (sigaction (SIGQUIT, NULL, &action), ==, 0);
  g_assert_true (action.sa_handler == my_handler);
}

/* Where nobody asks, the signal is as it was. */
static void
test_unasked (void)
{
  g_test_trap_subprocess ("/dump-signal/subprocess/unasked", 0, 0);
  g_test_trap_assert_passed ();
  g_test_trap_assert_stderr_unmatched ("*SIGQUIT*");
}

int
main (int   argc,
      char *argv[])
{
  program = argv[0];
  gco_test_init (&argc, &argv);
  sigaction (SIGQUIT, &(struct sigaction){ .sa_handler = my_handler }, NULL);
  g_setenv ("GCO_DEBUG", "dump-signal", TRUE);
  gco_test_add ("/dump-signal/two-threads", test_two_threads);
  gco_test_add ("/dump-signal/two-contexts", test_two_contexts);
  gco_test_add ("/dump-signal/small-stack", test_small_stack);
  gco_test_add ("/dump-signal/busy", test_busy);
  gco_test_add ("/dump-signal/freed", test_freed);
  gco_test_add ("/dump-signal/moved", test_moved);
  g_test_add_func ("/dump-signal/restart", test_restart);
  g_test_add_func ("/dump-signal/subprocess/restart", restart);
  g_test_add_func ("/dump-signal/forked", test_forked);
  g_test_add_func ("/dump-signal/subprocess/forked", forked);
  g_test_add_func ("/dump-signal/ignored", test_ignored);
  g_test_add_func ("/dump-signal/subprocess/ignored", ignored);
  g_test_add_func ("/dump-signal/main-ends", test_main_ends);
  g_test_add_func ("/dump-signal/subprocess/main-ends", main_ends);
  g_test_add_func ("/dump-signal/unasked", test_unasked);
  g_test_add_func ("/dump-signal/subprocess/unasked", unasked);
  return g_test_run ();
}
