/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "gco-test.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

typedef struct
{
  GcoTest          *t;
  GcoEventNotifier *notifier;
  guint             n;
  guint             max; /* sets itself again while below */
  guint             freed;
} Bell;

static void
on_bell (gpointer user_data)
{
  Bell *bell = user_data;

  g_assert_false (gco_in_coroutine ());
  g_assert_true (gco_aio_context_get_current () == bell->t->ctx);
  g_assert_false (gco_event_notifier_test_and_clear (bell->notifier));
  if (++bell->n < bell->max)
    gco_event_notifier_set (bell->notifier);
}

static void
note_free (gpointer user_data)
{
  Bell *bell = user_data;

  bell->freed++;
}

static GcoEventNotifier *
make (void)
{
  g_autoptr (GError) error = NULL;
  GcoEventNotifier *notifier = gco_event_notifier_new (&error);

  g_assert_no_error (error);
  g_assert_nonnull (notifier);
  return notifier;
}

static void
watch (Bell *bell)
{
  bell->notifier = make ();
  gco_aio_context_set_event_notifier (bell->t->ctx,
                                      bell->notifier,
                                      on_bell,
                                      bell,
                                      note_free);
}

static void
unwatch (Bell *bell)
{
  gco_aio_context_set_event_notifier (bell->t->ctx, bell->notifier, NULL, NULL, NULL);
  gco_test_drain (bell->t);
  g_assert_cmpuint (bell->freed, ==, 1);
  gco_event_notifier_free (bell->notifier);
}

/* --------------------------------------------------------- without a context */

static void
test_test_and_clear (void)
{
  g_autoptr (GcoEventNotifier) notifier = make ();

  g_assert_false (gco_event_notifier_test_and_clear (notifier));
  gco_event_notifier_set (notifier);
  g_assert_true (gco_event_notifier_test_and_clear (notifier));
  g_assert_false (gco_event_notifier_test_and_clear (notifier));
  for (guint i = 0; i < 100000; i++)
    gco_event_notifier_set (notifier);
  g_assert_true (gco_event_notifier_test_and_clear (notifier));
  g_assert_false (gco_event_notifier_test_and_clear (notifier));
}

static void
test_fd (void)
{
  g_autoptr (GcoEventNotifier) notifier = make ();
  int     fd = gco_event_notifier_get_fd (notifier);
  GPollFD poll_fd = { fd, G_IO_IN, 0 };

  g_assert_cmpint (fcntl (fd, F_GETFD) & FD_CLOEXEC, !=, 0);
  g_assert_cmpint (g_poll (&poll_fd, 1, 0), ==, 0);
  gco_event_notifier_set (notifier);
  g_assert_cmpint (g_poll (&poll_fd, 1, 0), ==, 1);
}

static void
no_fds_in_subprocess (void)
{
  g_autoptr (GError) error = NULL;
  struct rlimit limit;
  rlim_t        before;

  g_assert_no_errno (getrlimit (RLIMIT_NOFILE, &limit));
  before = limit.rlim_cur;
  limit.rlim_cur = 0;
  g_assert_no_errno (setrlimit (RLIMIT_NOFILE, &limit));
  g_assert_null (gco_event_notifier_new (&error));
  limit.rlim_cur = before;
  g_assert_no_errno (setrlimit (RLIMIT_NOFILE, &limit));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_TOO_MANY_OPEN_FILES);
  g_clear_error (&error);
  /* the tests that this process does not run are no leak */
  _exit (EXIT_SUCCESS);
}

static void
test_no_fds (void)
{
  if (g_test_subprocess ())
    {
      no_fds_in_subprocess ();
      return;
    }
  g_test_trap_subprocess (NULL, 0, 0);
  g_test_trap_assert_passed ();
}

/* ------------------------------------------------------------ in a context */

static void
test_add_remove (GcoTest *t)
{
  Bell bell = { .t = t };

  watch (&bell);
  g_assert_false (gco_test_iterate (t));
  g_assert_cmpuint (bell.n, ==, 0);
  gco_aio_context_set_event_notifier (t->ctx, bell.notifier, NULL, NULL, NULL);
  gco_event_notifier_set (bell.notifier);
  gco_test_drain (t);
  g_assert_false (gco_test_iterate (t));
  g_assert_cmpuint (bell.n, ==, 0);
  g_assert_cmpuint (bell.freed, ==, 1);
  gco_event_notifier_free (bell.notifier);
}

static void
test_set (GcoTest *t)
{
  Bell bell = { .t = t };

  watch (&bell);
  gco_event_notifier_set (bell.notifier);
  gco_event_notifier_set (bell.notifier);
  g_assert_cmpuint (bell.n, ==, 0);
  gco_test_iterate_blocking (t);
  g_assert_cmpuint (bell.n, ==, 1);
  g_assert_false (gco_test_iterate (t));
  g_assert_cmpuint (bell.n, ==, 1);
  unwatch (&bell);
}

static void
test_set_before_watch (GcoTest *t)
{
  Bell bell = { .t = t, .notifier = make () };

  gco_event_notifier_set (bell.notifier);
  gco_aio_context_set_event_notifier (t->ctx, bell.notifier, on_bell, &bell, note_free);
  gco_test_iterate_blocking (t);
  g_assert_cmpuint (bell.n, ==, 1);
  unwatch (&bell);
}

static void
test_two (GcoTest *t)
{
  Bell a = { .t = t };
  Bell b = { .t = t };

  watch (&a);
  watch (&b);
  gco_event_notifier_set (b.notifier);
  gco_test_drain (t);
  g_assert_cmpuint (a.n, ==, 0);
  g_assert_cmpuint (b.n, ==, 1);
  gco_event_notifier_set (a.notifier);
  gco_event_notifier_set (b.notifier);
  gco_test_drain (t);
  g_assert_cmpuint (a.n, ==, 1);
  g_assert_cmpuint (b.n, ==, 2);
  unwatch (&a);
  unwatch (&b);
}

static void
test_set_in_handler (GcoTest *t)
{
  Bell bell = { .t = t, .max = 10 };

  watch (&bell);
  gco_event_notifier_set (bell.notifier);
  for (guint i = 1; i <= 10; i++)
    {
      gco_test_iterate_blocking (t);
      g_assert_cmpuint (bell.n, ==, i);
    }
  g_assert_false (gco_test_iterate (t));
  unwatch (&bell);
}

static void
remove_itself (gpointer user_data)
{
  Bell *bell = user_data;

  bell->n++;
  gco_aio_context_set_event_notifier (bell->t->ctx, bell->notifier, NULL, NULL, NULL);
  g_assert_cmpuint (bell->freed, ==, 0);
  gco_event_notifier_set (bell->notifier);
}

static void
test_remove_in_handler (GcoTest *t)
{
  Bell bell = { .t = t, .notifier = make () };

  gco_aio_context_set_event_notifier (t->ctx,
                                      bell.notifier,
                                      remove_itself,
                                      &bell,
                                      note_free);
  gco_event_notifier_set (bell.notifier);
  gco_test_drain (t);
  g_assert_cmpuint (bell.n, ==, 1);
  g_assert_cmpuint (bell.freed, ==, 1);
  gco_event_notifier_free (bell.notifier);
}

static gpointer
set_from_thread (gpointer data)
{
  gco_event_notifier_set (data);
  return NULL;
}

static void
test_set_from_thread (GcoTest *t)
{
  Bell     bell = { .t = t };
  GThread *thread;

  watch (&bell);
  thread = g_thread_new (NULL, set_from_thread, bell.notifier);
  while (bell.n == 0)
    gco_test_iterate_blocking (t);
  g_thread_join (thread);
  unwatch (&bell);
}

int
main (int    argc,
      char **argv)
{
  gco_test_init (&argc, &argv);
  g_test_add_func ("/event-notifier/test-and-clear", test_test_and_clear);
  g_test_add_func ("/event-notifier/fd", test_fd);
  g_test_add_func ("/event-notifier/no-fds", test_no_fds);
  gco_test_add ("/event-notifier/add-remove", test_add_remove);
  gco_test_add ("/event-notifier/set", test_set);
  gco_test_add ("/event-notifier/set-before-watch", test_set_before_watch);
  gco_test_add ("/event-notifier/two", test_two);
  gco_test_add ("/event-notifier/set-in-handler", test_set_in_handler);
  gco_test_add ("/event-notifier/remove-in-handler", test_remove_in_handler);
  gco_test_add ("/event-notifier/set-from-thread", test_set_from_thread);
  return g_test_run ();
}
