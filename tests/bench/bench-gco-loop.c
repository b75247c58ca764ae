/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* libgco: the loop, by poll() and in a GMainContext. */

#include <unistd.h>

#include "bench-gco.h"

/* Where the loop is asked: as a context of its own, or as a source. */
typedef struct
{
  GcoAioContext *ctx;
  GMainContext  *main_context; /* or NULL */
} Door;

static Door
door_new (gboolean is_source)
{
  Door door = { gco_aio_context_new (), is_source ? g_main_context_new () : NULL };

  if (is_source)
    gco_aio_context_attach (door.ctx, door.main_context);
  return door;
}

static inline void
door_iterate (const Door *door)
{
  if (door->main_context == NULL)
    gco_aio_context_poll (door->ctx, FALSE);
  else
    g_main_context_iteration (door->main_context, FALSE);
}

static void
door_clear (Door *door)
{
  g_clear_pointer (&door->main_context, g_main_context_unref);
  g_clear_object (&door->ctx);
}

/* --------------------------------------------------------------------- one-shots */

static void
count_oneshot (gpointer user_data)
{
  unsigned *count = user_data;

  (*count)++;
}

static double
oneshots (const Door *door,
          unsigned    n,
          unsigned    at_once)
{
  unsigned count = 0;
  double   ns = -bench_cpu_ns ();

  for (unsigned end = at_once; end <= n; end += at_once)
    {
      for (unsigned i = 0; i < at_once; i++)
        gco_aio_context_schedule_oneshot (door->ctx, count_oneshot, &count, NULL);
      while (count < end)
        door_iterate (door);
    }
  ns += bench_cpu_ns ();
  return count == n ? ns : -1;
}

double
gco_oneshots_poll (unsigned n,
                   unsigned size)
{
  Door   door = door_new (FALSE);
  double ns = oneshots (&door, n, size);

  door_clear (&door);
  return ns;
}

double
gco_oneshots_source (unsigned n,
                     unsigned size)
{
  Door   door = door_new (TRUE);
  double ns = oneshots (&door, n, size);

  door_clear (&door);
  return ns;
}

/* --------------------------------------------------------------- idle coroutines */

static void
forever_body (gpointer user_data)
{
  GcoQueue queue = { 0 };

  gco_queue_wait (&queue, NULL);
}

/* Iterations that run one one-shot, while @size coroutines wait. Those and their
 * context live as long as the process, for to make them takes longer than what is
 * measured. */
static double
idle (gboolean is_source,
      unsigned n,
      unsigned size)
{
  static Door door;

  if (door.ctx == NULL)
    {
      door = door_new (is_source);
      for (unsigned i = 0; i < size; i++)
        gco_spawn (door.ctx, forever_body, NULL, NULL);
      for (unsigned i = 0; i < size; i++)
        door_iterate (&door);
    }
  return oneshots (&door, n, 1);
}

double
gco_idle_poll (unsigned n,
               unsigned size)
{
  return idle (FALSE, n, size);
}

double
gco_idle_source (unsigned n,
                 unsigned size)
{
  return idle (TRUE, n, size);
}

/* -------------------------------------------------------------- idle descriptors */

static unsigned n_read;

static void
busy_body (gpointer user_data)
{
  int  fd = GPOINTER_TO_INT (user_data);
  char byte;

  while (gco_wait_fd (fd, G_IO_IN, NULL, NULL) != 0)
    n_read += read (fd, &byte, 1) == 1;
}

static void
silent_body (gpointer user_data)
{
  gco_wait_fd (GPOINTER_TO_INT (user_data), G_IO_IN, NULL, NULL);
}

/* Bytes that are written, waited for and read, while @size coroutines wait for one
 * descriptor each. */
static double
fds (gboolean is_source,
     unsigned n,
     unsigned size)
{
  static Door door;
  static int  busy[2];
  double      ns;

  if (door.ctx == NULL)
    {
      int silent[2];

      if (!bench_may_open (size + 50))
        return -1;
      if (pipe (busy) != 0 || pipe (silent) != 0)
        return -1;
      door = door_new (is_source);
      gco_spawn (door.ctx, busy_body, GINT_TO_POINTER (busy[0]), NULL);
      for (unsigned i = 0; i < size; i++)
        gco_spawn (door.ctx, silent_body, GINT_TO_POINTER (dup (silent[0])), NULL);
      for (unsigned i = 0; i < size; i++)
        door_iterate (&door);
    }
  n_read = 0;
  ns = -bench_cpu_ns ();
  for (unsigned i = 1; i <= n; i++)
    {
      if (write (busy[1], "", 1) != 1)
        return -1;
      while (n_read < i)
        door_iterate (&door);
    }
  ns += bench_cpu_ns ();
  return ns;
}

double
gco_fds_poll (unsigned n,
              unsigned size)
{
  return fds (FALSE, n, size);
}

double
gco_fds_source (unsigned n,
                unsigned size)
{
  return fds (TRUE, n, size);
}
