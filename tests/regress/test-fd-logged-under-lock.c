/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A log writer may use the context that has something to complain of: it is not
 * called under that one's lock. */

#include "gco-test.h"

#include <unistd.h>

static GcoAioContext *ctx;
static guint          n_logged;

static GLogWriterOutput
write_log (GLogLevelFlags   level,
           const GLogField *fields,
           gsize            n_fields,
           gpointer         user_data)
{
  GcoTimer *timer = gco_timer_new (ctx, NULL, (GcoFunc) g_free, NULL, NULL);

  gco_timer_mod_ns (timer, 0);
  gco_timer_free (timer);
  n_logged++;
  return G_LOG_WRITER_HANDLED;
}

static void
never (int          fd,
       GIOCondition condition,
       gpointer     user_data)
{
  g_assert_not_reached ();
}

/* In a process of its own: it closes descriptors, and sets the log writer. */
static void
test_logged (void)
{
  int fds[2];

  if (!g_test_subprocess ())
    {
      g_test_trap_subprocess (NULL, G_USEC_PER_SEC * 20, 0);
      g_test_trap_assert_passed ();
      return;
    }
  g_log_set_always_fatal (G_LOG_FATAL_MASK);
  g_log_set_writer_func (write_log, NULL, NULL);
  g_assert_cmpint (pipe (fds), ==, 0);
  ctx = gco_aio_context_new ();
  /* the table reaches beyond it */
  gco_aio_context_set_fd_handler (ctx, fds[1], G_IO_OUT, never, NULL, NULL);
  close (fds[0]);
  gco_aio_context_set_fd_handler (ctx, fds[0], G_IO_IN, never, NULL, NULL);
  g_assert_cmpuint (n_logged, ==, 1);
  gco_aio_context_set_fd_handler (ctx, fds[0], 0, NULL, NULL, NULL);
  gco_aio_context_set_fd_handler (ctx, fds[1], 0, NULL, NULL, NULL);
  close (fds[1]);
  g_object_unref (ctx);
}

int
main (int   argc,
      char *argv[])
{
  gco_test_init (&argc, &argv);
  g_test_add_func ("/regress/fd-logged-under-lock", test_logged);
  return g_test_run ();
}
