/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Echo servers with many idle connections and 100 busy ones: what they take. The load
 * is one thread of this process.
 *
 * The time a message is that of the server while all are connected, by its clock;
 * wait4() tells what it took in all.
 */

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "echo-load.h"

#include "bench.h"

#define N_BUSY 100

static double
clock_s (clockid_t id)
{
  struct timespec now = { 0, 0 };

  clock_gettime (id, &now);
  return now.tv_sec + now.tv_nsec / 1e9;
}

/* Returns: the port, or 0 with a message */
static int
start (const char *program,
       GPid       *pid,
       int        *out)
{
  const char *argv[] = { program, "--max=20000", "--idle-timeout=600", NULL };
  char        line[64] = "";
  g_autoptr (GError) error = NULL;
  int port = 0;

  if (!g_spawn_async_with_pipes (NULL,
                                 (char **) argv,
                                 NULL,
                                 G_SPAWN_DO_NOT_REAP_CHILD,
                                 NULL,
                                 NULL,
                                 pid,
                                 NULL,
                                 out,
                                 NULL,
                                 &error))
    {
      g_printerr ("%s\n", error->message);
      return 0;
    }
  if (read (*out, line, sizeof line - 1) <= 0 ||
      sscanf (line, "listening on port %d", &port) != 1)
    g_printerr ("%s does not say where it listens\n", program);
  return port;
}

static gboolean
measure (EchoLoad *load,
         GPid      pid,
         unsigned  n_idle,
         double    seconds)
{
  clockid_t server_clock;
  double    began = clock_s (CLOCK_MONOTONIC);
  double    cpu;
  guint64   n;

  if (clock_getcpuclockid (pid, &server_clock) != 0)
    return FALSE;
  echo_load_add (load, PEER_IDLE, n_idle);
  while (!echo_load_is_settled (load))
    if (!echo_load_step (load))
      return FALSE;
  echo_load_add (load, PEER_BUSY, N_BUSY);
  while (!echo_load_is_settled (load) || load->n_messages < N_BUSY * 20)
    if (!echo_load_step (load))
      return FALSE;
  bench_value ("open", (clock_s (CLOCK_MONOTONIC) - began) * 1e9 / (n_idle + N_BUSY));

  n = load->n_messages;
  began = clock_s (CLOCK_MONOTONIC);
  cpu = clock_s (server_clock);
  while (clock_s (CLOCK_MONOTONIC) < began + seconds)
    if (!echo_load_step (load))
      return FALSE;
  n = load->n_messages - n;
  bench_value ("ns", (clock_s (server_clock) - cpu) * 1e9 / n);
  bench_value ("wall", (clock_s (CLOCK_MONOTONIC) - began) * 1e9 / n);
  return TRUE;
}

/* Ends the server, to which everything has to come back first. */
static gboolean
stop (EchoLoad *load,
      GPid      pid,
      unsigned  n_idle)
{
  struct rusage usage;
  gboolean      fine = !load->failed;
  int           status = 0;

  if (fine)
    echo_load_send_last (load);
  kill (pid, fine ? SIGTERM : SIGKILL);
  while (fine && echo_load_count (load) > 0)
    fine = echo_load_step (load);
  if (wait4 (pid, &status, 0, &usage) != pid || status != 0)
    fine = FALSE;
  bench_value ("bytes", usage.ru_maxrss * 1024.0 / (n_idle + N_BUSY));
  return fine;
}

static gboolean
run (const char *program,
     unsigned    n_idle,
     double      ms)
{
  EchoLoad load;
  GPid     pid;
  gboolean fine;
  int      out;
  int      port;

  if (!bench_may_open (n_idle + N_BUSY + 50))
    return FALSE;
  port = start (program, &pid, &out);
  if (port == 0)
    return FALSE;
  echo_load_init (&load, port);
  fine = measure (&load, pid, n_idle, ms / 1000);
  fine = stop (&load, pid, n_idle) && fine;
  echo_load_clear (&load);
  close (out);
  return fine;
}

static gboolean
coroutines (unsigned size,
            double   ms)
{
  return run (ECHO_COROUTINES, size, ms);
}

static gboolean
callbacks (unsigned size,
           double   ms)
{
  return run (ECHO_CALLBACKS, size, ms);
}

static const BenchMeasure measures[] = {
  { "coroutines", NULL, coroutines },
  { "callbacks", NULL, callbacks },
};

int
main (int   argc,
      char *argv[])
{
  return bench_main (argc, argv, "", measures, G_N_ELEMENTS (measures));
}
