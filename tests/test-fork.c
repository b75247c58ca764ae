/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A child of a process with coroutines may exit, or become another program; the parent
 * does not notice. */

#include "gco-test.h"

#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

typedef struct
{
  GcoMutex mutex;
  gboolean is_over;
} Parent;

static void
hold (gpointer user_data)
{
  Parent *parent = user_data;

  gco_mutex_lock (&parent->mutex);
  while (!parent->is_over)
    gco_test_pass ();
  gco_mutex_unlock (&parent->mutex);
}

static void
lock_once (gpointer user_data)
{
  Parent *parent = user_data;

  gco_mutex_lock (&parent->mutex);
  gco_mutex_unlock (&parent->mutex);
}

/* One holds the lock and is ready, one waits for it; then @be_child(). */
static void
check_child (GcoTest *t,
             void (*be_child) (void),
             int expected)
{
  Parent parent = { .is_over = FALSE };
  int    status = 0;
  pid_t  child;

  gco_test_spawn (t, hold, &parent);
  gco_test_spawn (t, lock_once, &parent);
  gco_test_iterate (t);
  child = fork ();
  g_assert_cmpint (child, >=, 0);
  if (child == 0)
    be_child ();
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_true (WIFEXITED (status));
  g_assert_cmpint (WEXITSTATUS (status), ==, expected);
  parent.is_over = TRUE;
  gco_test_run (t, lock_once, &parent);
}

static void
be_exit (void)
{
  exit (42);
}

/* Which says whether a context's descriptors are there. */
static void
be_program (void)
{
  execl ("/bin/sh",
         "sh",
         "-c",
         "for fd in /proc/self/fd/*; do case $(readlink $fd) in"
         " *eventfd*|*eventpoll*|*timerfd*) exit 1;; esac; done; exit 43",
         NULL);
  _exit (1);
}

static void
test_exit (GcoTest *t)
{
  check_child (t, be_exit, 42);
}

static void
test_exec (GcoTest *t)
{
  check_child (t, be_program, 43);
}

static void
in_coroutine (gpointer user_data)
{
  int   status = 0;
  pid_t child = fork ();

  g_assert_cmpint (child, >=, 0);
  if (child == 0)
    be_program ();
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_true (WIFEXITED (status) && WEXITSTATUS (status) == 43);
}

static void
test_in_coroutine (GcoTest *t)
{
  gco_test_run (t, in_coroutine, NULL);
}

int
main (int    argc,
      char **argv)
{
  gco_test_init (&argc, &argv);
  gco_test_add ("/fork/exit", test_exit);
  gco_test_add ("/fork/exec", test_exec);
  gco_test_add ("/fork/in-coroutine", test_in_coroutine);
  return g_test_run ();
}
