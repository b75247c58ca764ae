/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* No thread to be had: what should have run in one waited for it without end. */

#define _GNU_SOURCE /* RTLD_NEXT */

#include "gco-test.h"

#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>

static gboolean fails;

#if !GCO_TEST_SANITIZED /* a sanitizer has its own */

/* Before that of libc, for GLib too. */
int
pthread_create (pthread_t            *thread,
                const pthread_attr_t *attributes,
                void *(*func) (void *),
                void *user_data)
{
  static int (*real) (pthread_t *, const pthread_attr_t *, void *(*) (void *), void *);

  if (fails)
    return EAGAIN;
  if (real == NULL)
    *(void **) &real = dlsym (RTLD_NEXT, "pthread_create");
  return real (thread, attributes, func, user_data);
}

#endif

static gboolean
count (GCancellable *cancellable,
       gpointer      n_calls,
       GError      **error)
{
  ++*(guint *) n_calls;
  return TRUE;
}

static void
run (gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  guint n_calls = 0;

  fails = TRUE;
  g_assert_false (gco_run_in_thread (count, &n_calls, NULL, &error));
  g_assert_error (error, G_THREAD_ERROR, G_THREAD_ERROR_AGAIN);
  g_assert_cmpuint (n_calls, ==, 0);

  fails = FALSE;
  g_clear_error (&error);
  g_assert_true (gco_run_in_thread (count, &n_calls, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (n_calls, ==, 1);
}

static void
test_no_thread (GcoTest *t)
{
  if (GCO_TEST_SANITIZED)
    {
      g_test_skip ("a sanitizer starts the threads");
      return;
    }
  gco_test_run (t, run, NULL);
}

int
main (int   argc,
      char *argv[])
{
  gco_test_init (&argc, &argv);
  gco_test_add_source ("/regress/run-in-thread-no-thread", test_no_thread);
  return g_test_run ();
}
