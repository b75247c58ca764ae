/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * bench-echo OURS THEIRS: two echo servers with many idle and
 * some busy connections, in turns: how many messages they send back, and how much
 * processor time each takes. The load is one thread of this process.
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

#define MAX_ROUNDS 9
#define N_SIDES 2

typedef struct
{
  double rate;   /* messages a second */
  double cpu_us; /* a message */
  double open_s; /* until all were connected */
  double all_s;  /* of processor time */
  double mib;    /* of memory, at most */
} Figures;

static gboolean quick;
static int      n_idle = 10000;
static int      n_busy = 100;
static int      n_rounds = 3;
static double   seconds = 2;
static char   **programs;

static const GOptionEntry options[] = {
  { "quick", 'q', 0, G_OPTION_ARG_NONE, &quick, "Fewer connections, one round", NULL },
  { "idle", 0, 0, G_OPTION_ARG_INT, &n_idle, "Idle connections (10000)", "N" },
  { "busy", 0, 0, G_OPTION_ARG_INT, &n_busy, "Busy connections (100)", "N" },
  { "rounds", 'r', 0, G_OPTION_ARG_INT, &n_rounds, "How many, 1 to 9 (3)", "N" },
  { "seconds", 's', 0, G_OPTION_ARG_DOUBLE, &seconds, "How long a round is (2)", "S" },
  { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_STRING_ARRAY, &programs, NULL, "OURS THEIRS" },
  { NULL }
};

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
         Figures  *figures)
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
  echo_load_add (load, PEER_BUSY, n_busy);
  while (!echo_load_is_settled (load) || load->n_messages < (guint64) n_busy * 20)
    if (!echo_load_step (load))
      return FALSE;
  figures->open_s = clock_s (CLOCK_MONOTONIC) - began;

  n = load->n_messages;
  began = clock_s (CLOCK_MONOTONIC);
  cpu = clock_s (server_clock);
  while (clock_s (CLOCK_MONOTONIC) < began + seconds)
    if (!echo_load_step (load))
      return FALSE;
  n = load->n_messages - n;
  figures->rate = n / (clock_s (CLOCK_MONOTONIC) - began);
  figures->cpu_us = (clock_s (server_clock) - cpu) * 1e6 / n;
  return TRUE;
}

/* Ends the server, to which everything has to come back first. */
static gboolean
stop (EchoLoad *load,
      GPid      pid,
      Figures  *figures)
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
  figures->all_s = usage.ru_utime.tv_sec + usage.ru_stime.tv_sec +
                   (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
  figures->mib = usage.ru_maxrss / 1024.0;
  return fine;
}

static gboolean
run_side (const char *program,
          Figures    *figures)
{
  EchoLoad load;
  GPid     pid;
  gboolean fine;
  int      out;
  int      port = start (program, &pid, &out);

  if (port == 0)
    return FALSE;
  echo_load_init (&load, port);
  fine = measure (&load, pid, figures);
  fine = stop (&load, pid, figures) && fine;
  echo_load_clear (&load);
  close (out);
  if (!fine)
    g_printerr ("%s did not come through\n", program);
  return fine;
}

/* -------------------------------------------------------------------- reporting */

static int
compare (const void *a,
         const void *b)
{
  double x = *(const double *) a;
  double y = *(const double *) b;

  return (x > y) - (x < y);
}

static double
median (const Figures *figures,
        gsize          offset)
{
  double values[MAX_ROUNDS];

  for (int i = 0; i < n_rounds; i++)
    values[i] = G_STRUCT_MEMBER (double, &figures[i], offset);
  qsort (values, n_rounds, sizeof (double), compare);
  return (values[(n_rounds - 1) / 2] + values[n_rounds / 2]) / 2;
}

#define MEDIAN(figures, field) median ((figures), G_STRUCT_OFFSET (Figures, field))

static void
report (Figures figures[N_SIDES][MAX_ROUNDS])
{
  static const char *const names[N_SIDES] = { "libgco", "GSocketService" };

  g_print ("%d idle and %d busy connections, 64 bytes a message; %d rounds, medians\n\n"
           "%-16s%14s%14s%14s%14s%14s\n",
           n_idle,
           n_busy,
           n_rounds,
           "",
           "messages/s",
           "CPU us each",
           "open after s",
           "CPU s in all",
           "MiB at most");
  for (int i = 0; i < N_SIDES; i++)
    g_print ("%-16s%14.0f%14.2f%14.2f%14.2f%14.1f\n",
             names[i],
             MEDIAN (figures[i], rate),
             MEDIAN (figures[i], cpu_us),
             MEDIAN (figures[i], open_s),
             MEDIAN (figures[i], all_s),
             MEDIAN (figures[i], mib));
  g_print ("\nOurs to theirs: messages %.2f, CPU a message %.3f\n",
           MEDIAN (figures[0], rate) / MEDIAN (figures[1], rate),
           MEDIAN (figures[0], cpu_us) / MEDIAN (figures[1], cpu_us));
}

static gboolean
parse (int    *argc,
       char ***argv)
{
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  g_autoptr (GError) error = NULL;

  g_option_context_add_main_entries (context, options, NULL);
  if (!g_option_context_parse (context, argc, argv, &error))
    g_printerr ("%s\n", error->message);
  else if (programs == NULL || g_strv_length (programs) != N_SIDES)
    g_printerr ("Which servers?\n");
  else
    return TRUE;
  return FALSE;
}

int
main (int   argc,
      char *argv[])
{
  Figures figures[N_SIDES][MAX_ROUNDS];
  int     room = MIN (echo_load_raise_limit (), G_MAXINT) - 50;

  if (!parse (&argc, &argv))
    return 2;
  if (quick || g_getenv ("GCO_BENCH_SHORT") != NULL)
    {
      n_idle = MIN (n_idle, 1000);
      n_rounds = 1;
      seconds = 0.2;
    }
  n_rounds = CLAMP (n_rounds, 1, MAX_ROUNDS);
  n_idle = CLAMP (n_idle, 1, MAX (room - n_busy, 1));
  for (int round = 0; round < n_rounds; round++)
    for (int i = 0; i < N_SIDES; i++)
      {
        int side = (round + i) % N_SIDES;

        if (!run_side (programs[side], &figures[side][round]))
          return EXIT_FAILURE;
      }
  report (figures);
  g_strfreev (programs);
  return EXIT_SUCCESS;
}
