/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <gco.h>

#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static void gco_coroutine_fn
times (void)
{
  g_usleep (1000); /* [blocking] g_usleep () blocks the thread: gco_sleep_ns () */
  sleep (1);       /* [blocking] sleep () */
}

static void gco_coroutine_fn
descriptors (int           fd,
             struct pollfd poll_fd)
{
  char byte;

  read (fd, &byte, 1);     /* [blocking] unless its descriptor is non-blocking */
  write (fd, &byte, 1);    /* [blocking] write () */
  recv (fd, &byte, 1, 0);  /* [blocking] recv () */
  accept (fd, NULL, NULL); /* [blocking] accept () */
  poll (&poll_fd, 1, -1);  /* [blocking] poll () blocks the thread: gco_wait_fd () */
}

static void gco_coroutine_fn
streams (GInputStream    *stream,
         GFile           *file,
         GDBusProxy      *proxy,
         GDBusConnection *bus)
{
  char byte;

  g_input_stream_read (stream, &byte, 1, NULL, NULL); /* [blocking] gco_input_stream_read () */
  g_file_trash (file, NULL, NULL);                    /* [blocking] g_file_trash_async () */
  g_dbus_connection_flush_sync (bus, NULL, NULL);     /* [blocking] its _async twin */
  g_file_get_contents ("a", NULL, NULL, NULL);        /* [blocking] gco_file_load_contents () */
}

static void gco_coroutine_fn
loops (GMainLoop *loop)
{
  g_main_loop_run (loop);                 /* [blocking] a coroutine waits by itself */
  g_main_context_iteration (NULL, FALSE); /* [blocking] g_main_context_iteration () */
}

static void gco_coroutine_fn
threads (GCond   *cond,
         GMutex  *mutex,
         GThread *thread)
{
  g_cond_wait (cond, mutex);                                  /* [blocking] GcoQueue */
  g_thread_join (thread);                                     /* [blocking] gco_run_in_thread () */
  system ("true");                                            /* [blocking] system () */
  g_spawn_command_line_sync ("true", NULL, NULL, NULL, NULL); /* [blocking] gco_subprocess */
}
