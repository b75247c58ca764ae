/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Each call that libgco makes of the system, failed at its first, second, third ...
 * time, until a run is over before that. What comes of it is a GError, an abort with
 * a sentence where that is documented, or nothing that can be seen; then the same
 * must go well, and in the end take no more than if nothing had ever failed.
 *
 * Every run has a process of its own, for an abort, a hang or a leak is that one's.
 */

#include "gco-test-fault.h"
#include "gco-test.h"

#include <errno.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define HANGS_AFTER_S 30
#define MAX_EARLY 50
#define MAX_FIRST 500
#define MAX_AT_ONCE 16
#define FROM_THEN_ON 1000000
/* less than a region of stacks; libc keeps stacks of threads, as many as there were at
 * the same time */
#define VM_SLACK (48 << 20)

typedef struct
{
  guint counts[GCO_FAULT_N_CALLS];
  guint n_failed;
  guint n_errors;
  guint n_fds;
  guint n_threads;
  gsize vm_size;
} Outcome;

typedef struct
{
  GcoFaultCall call;
  int          number;
  guint        n_faults;
  gboolean     may_abort; /* documented with what makes the call */
} Fault;

static const char *const call_names[GCO_FAULT_N_CALLS] = {
  "mmap",
  "munmap",
  "mprotect",
  "madvise",
  "fopen",
  "eventfd",
  "pipe",
  "timerfd_create",
  "timerfd_settime",
  "epoll_create1",
  "epoll_ctl",
  "epoll_wait",
  "ppoll",
  "poll",
  "read",
  "write",
  "pthread_create",
  "sigaltstack",
  "sigaction",
};

static const Fault faults[] = {
  { GCO_FAULT_MMAP, ENOMEM, 1, FALSE },
  { GCO_FAULT_MMAP, ENOMEM, FROM_THEN_ON, FALSE },
  { GCO_FAULT_MUNMAP, ENOMEM, 1, FALSE },
  { GCO_FAULT_MUNMAP, ENOMEM, FROM_THEN_ON, FALSE },
  { GCO_FAULT_MPROTECT, ENOMEM, 1, FALSE },
  { GCO_FAULT_MPROTECT, ENOMEM, FROM_THEN_ON, FALSE },
  { GCO_FAULT_MADVISE, ENOMEM, 1, FALSE },
  { GCO_FAULT_MADVISE, EINVAL, FROM_THEN_ON, FALSE },
  { GCO_FAULT_FOPEN, EMFILE, 1, FALSE },
  { GCO_FAULT_EVENTFD, EMFILE, 1, TRUE },
  { GCO_FAULT_EVENTFD, ENOMEM, 1, TRUE },
  { GCO_FAULT_PIPE, EMFILE, 1, TRUE },
  { GCO_FAULT_TIMERFD_CREATE, EMFILE, 1, TRUE },
  { GCO_FAULT_TIMERFD_SETTIME, EINVAL, 1, FALSE },
  { GCO_FAULT_TIMERFD_SETTIME, EINVAL, FROM_THEN_ON, FALSE },
  { GCO_FAULT_EPOLL_CREATE1, EMFILE, 1, TRUE },
  { GCO_FAULT_EPOLL_CTL, ENOMEM, 1, TRUE },
  { GCO_FAULT_EPOLL_CTL, ENOSPC, FROM_THEN_ON, TRUE },
  { GCO_FAULT_EPOLL_WAIT, EINTR, 1, FALSE },
  { GCO_FAULT_EPOLL_WAIT, EINTR, 3, FALSE },
  { GCO_FAULT_PPOLL, EINTR, 1, FALSE },
  { GCO_FAULT_PPOLL, ENOMEM, 3, FALSE },
  { GCO_FAULT_POLL, EINTR, 1, FALSE },
  { GCO_FAULT_POLL, ENOMEM, 3, FALSE },
  { GCO_FAULT_READ, EINTR, 1, FALSE },
  { GCO_FAULT_READ, EINTR, 3, FALSE },
  { GCO_FAULT_READ, GCO_FAULT_SHORT, 1, FALSE },
  { GCO_FAULT_WRITE, EINTR, 1, FALSE },
  { GCO_FAULT_WRITE, EINTR, 3, FALSE },
  { GCO_FAULT_PTHREAD_CREATE, EAGAIN, 1, FALSE },
  { GCO_FAULT_PTHREAD_CREATE, EAGAIN, FROM_THEN_ON, FALSE },
  { GCO_FAULT_SIGALTSTACK, EPERM, 1, FALSE },
  { GCO_FAULT_SIGALTSTACK, ENOMEM, FROM_THEN_ON, FALSE },
  { GCO_FAULT_SIGACTION, EINVAL, 1, FALSE },
  { GCO_FAULT_SIGACTION, EINVAL, FROM_THEN_ON, FALSE },
};

/* Shared with the processes of the runs, one each. */
static Outcome *outcomes;

/* --------------------------------------------------------------------- runs */

static guint
count_entries (const char *path)
{
  GDir *dir = g_dir_open (path, 0, NULL);
  guint n = 0;

  while (g_dir_read_name (dir) != NULL)
    n++;
  g_dir_close (dir);
  return n;
}

static void
measure (Outcome *outcome,
         guint    n_threads)
{
  gint64        end = g_get_monotonic_time () + 20 * G_TIME_SPAN_SECOND;
  unsigned long n_pages = 0;
  FILE         *file = fopen ("/proc/self/statm", "r");

  /* the system is told of the end of a thread before it has gone */
  while (count_entries ("/proc/self/task") > n_threads && g_get_monotonic_time () < end)
    g_usleep (200);
  outcome->n_threads = count_entries ("/proc/self/task");
  g_assert_cmpint (fscanf (file, "%lu", &n_pages), ==, 1);
  fclose (file);
  outcome->n_fds = count_entries ("/proc/self/fd");
  outcome->vm_size = n_pages * (gsize) sysconf (_SC_PAGESIZE);
}

static void
run_here (Outcome                *outcome,
          const GcoFaultScenario *scenario,
          const Fault            *fault,
          guint                   first)
{
  guint n_threads;

  alarm (HANGS_AFTER_S);
  /* GLib's own thread, without which it aborts */
  g_object_unref (g_task_new (NULL, NULL, NULL, NULL));
  n_threads = count_entries ("/proc/self/task");
  g_thread_pool_set_max_unused_threads (0);
  gco_test_fault_set_old_kernel (scenario->old_kernel);
  gco_test_fault_may_err = fault != NULL;
  if (fault != NULL)
    gco_test_fault_arm (fault->call, fault->number, first, fault->n_faults);
  else
    gco_test_fault_count (outcome->counts);
  scenario->func ();
  gco_test_fault_count (NULL);
  outcome->n_failed = gco_test_fault_disarm ();
  gco_test_fault_may_err = FALSE;
  outcome->n_errors = gco_test_fault_n_errors;
  for (int i = 0; i < 2; i++)
    scenario->func ();
  measure (outcome, n_threads);
}

typedef struct
{
  pid_t pid; /* or 0 */
  int   fd;  /* what it says */
} Run;

static Run runs[MAX_AT_ONCE];

static void
close_all (void)
{
  for (guint i = 0; i < MAX_AT_ONCE; i++)
    if (runs[i].pid != 0)
      close (runs[i].fd);
}

static void
start (Run                    *run,
       const GcoFaultScenario *scenario,
       const Fault            *fault,
       guint                   first)
{
  Outcome *outcome = &outcomes[run - runs];
  int      fds[2];

  memset (outcome, 0, sizeof *outcome);
  g_assert_no_errno (pipe (fds));
  fflush (stdout);
  run->pid = fork ();
  g_assert_no_errno (run->pid);
  if (run->pid == 0)
    {
      setrlimit (RLIMIT_CORE, &(struct rlimit){ 0, 0 });
      dup2 (fds[1], STDOUT_FILENO);
      dup2 (fds[1], STDERR_FILENO);
      close (fds[0]);
      close (fds[1]);
      close_all ();
      run_here (outcome, scenario, fault, first);
      _exit (0);
    }
  close (fds[1]);
  run->fd = fds[0];
}

/* Returns the status as of wait(), and what was said. */
static int
finish (Run   *run,
        char **text)
{
  GString *all = g_string_new (NULL);
  char     bytes[4096];
  int      status = -1;
  ssize_t  n;

  while ((n = read (run->fd, bytes, sizeof bytes)) > 0)
    g_string_append_len (all, bytes, n);
  close (run->fd);
  g_assert_cmpint (waitpid (run->pid, &status, 0), ==, run->pid);
  run->pid = 0;
  *text = g_string_free (all, FALSE);
  return status;
}

typedef struct
{
  const GcoFaultScenario *scenario;
  GcoFaultCall            call;
  Outcome                 reference;
} Point;

static gboolean
ends_as_it_should (const Point   *point,
                   const Fault   *fault,
                   guint          first,
                   const Outcome *outcome)
{
  const Outcome *expected = &point->reference;

  if (outcome->n_fds == expected->n_fds && outcome->n_threads == expected->n_threads &&
      outcome->vm_size <= expected->vm_size + VM_SLACK)
    return TRUE;
  g_test_fail_printf ("%s failed at call %u: in the end %u descriptors, %u threads and"
                      " %zu KiB of memory instead of %u, %u and %zu",
                      call_names[fault->call],
                      first,
                      outcome->n_fds,
                      outcome->n_threads,
                      outcome->vm_size >> 10,
                      expected->n_fds,
                      expected->n_threads,
                      expected->vm_size >> 10);
  return FALSE;
}

static gboolean
aborts_as_documented (const Fault *fault,
                      guint        first,
                      int          status,
                      const char  *text)
{
  if (fault->may_abort && WIFSIGNALED (status) && WTERMSIG (status) == SIGABRT &&
      g_str_has_prefix (text, "libgco: cannot ") &&
      strstr (text, g_strerror (fault->number)) != NULL)
    return TRUE;
  g_test_fail_printf ("%s failed at call %u: status %#x, said \"%s\"",
                      call_names[fault->call],
                      first,
                      (guint) status,
                      text);
  return FALSE;
}

typedef struct
{
  guint n_errors;
  guint n_aborts;
  guint n_borne;
} Tally;

/* Returns whether a later call is to be tried: this one was reached, and all went well. */
static gboolean
judge (const Point   *point,
       const Fault   *fault,
       guint          first,
       const Outcome *outcome,
       int            status,
       const char    *text,
       Tally         *tally)
{
  if (status != 0)
    {
      tally->n_aborts++;
      return aborts_as_documented (fault, first, status, text);
    }
  if (!ends_as_it_should (point, fault, first, outcome) || outcome->n_failed == 0)
    return FALSE;
  if (outcome->n_errors > 0)
    tally->n_errors++;
  else
    tally->n_borne++;
  return TRUE;
}

/* Returns the same for @n calls, which are tried side by side: most runs wait. */
static gboolean
try_calls (const Point *point,
           const Fault *fault,
           guint        first,
           guint        n,
           Tally       *tally)
{
  gboolean goes_on = TRUE;

  for (guint i = 0; i < n; i++)
    start (&runs[i], point->scenario, fault, first + i);
  for (guint i = 0; i < n; i++)
    {
      g_autofree char *text = NULL;
      int              status = finish (&runs[i], &text);

      goes_on =
          goes_on && judge (point, fault, first + i, &outcomes[i], status, text, tally);
    }
  return goes_on;
}

/* Call by call, until one is no longer reached. */
static void
try_fault (const Point *point,
           const Fault *fault)
{
  Tally tally = { 0 };
  /* with the one that is not reached; a fault may lead to more calls */
  guint expected = point->reference.counts[fault->call] + 1;
  guint first = 1;
  guint n;

  do
    {
      g_assert_cmpuint (first, <, MAX_FIRST);
      n = first < expected ? MIN (expected + 1 - first, MAX_AT_ONCE) : 1;
      first += n;
    }
  while (try_calls (point, fault, first - n, n, &tally));
  g_print ("# %s: %s, %s%s: %u errors, %u aborts, %u borne\n",
           point->scenario->name,
           call_names[fault->call],
           fault->number == GCO_FAULT_SHORT ? "short" : g_strerror (fault->number),
           fault->n_faults == 1              ? ""
           : fault->n_faults == FROM_THEN_ON ? " from then on"
                                             : " several times",
           tally.n_errors,
           tally.n_aborts,
           tally.n_borne);
}

static void
test_call (gconstpointer data)
{
  const Point *point = data;

  for (gsize i = 0; i < G_N_ELEMENTS (faults); i++)
    if (faults[i].call == point->call)
      try_fault (point, &faults[i]);
}

static void
test_reached (gconstpointer data)
{
  const Point *point = data;

  g_assert_cmpuint (point->reference.counts[point->scenario->reaches], >, 0);
}

static void
add_point (const Point *point,
           const char  *name,
           void (*func) (gconstpointer data))
{
  g_autofree char *path =
      g_strdup_printf ("/faults/%s/%s", point->scenario->name, name);

  g_test_add_data_func_full (path, g_memdup2 (point, sizeof *point), func, g_free);
}

/* Without a fault. A thread that wakes another one may be early, so that this need not be
 * told: once more then. */
static Outcome
run_once (const GcoFaultScenario *scenario)
{
  for (int i = 0;; i++)
    {
      g_autofree char *text = NULL;
      int              status;

      start (&runs[0], scenario, NULL, 0);
      status = finish (&runs[0], &text);
      if (status != 0)
        g_error ("%s: status %#x, said \"%s\"", scenario->name, (guint) status, text);
      if (outcomes[0].counts[scenario->reaches] > 0 || i == MAX_EARLY)
        return outcomes[0];
    }
}

/* One point for the scenario and one for each call that it makes. */
static void
add_scenario (const GcoFaultScenario *scenario)
{
  Point point = { scenario, .reference = run_once (scenario) };

  add_point (&point, "reached", test_reached);
  for (guint i = 0; i < GCO_FAULT_N_CALLS; i++)
    if (point.reference.counts[i] > 0)
      {
        point.call = (GcoFaultCall) i;
        add_point (&point, call_names[i], test_call);
      }
}

static void
test_sanitized (void)
{
  g_test_skip ("a sanitizer has these calls of its own");
}

int
main (int   argc,
      char *argv[])
{
  gco_test_init (&argc, &argv);
  if (GCO_TEST_SANITIZED)
    g_test_add_func ("/faults", test_sanitized);
  else
    {
      mallopt (M_ARENA_MAX, 1);
      outcomes = mmap (NULL,
                       MAX_AT_ONCE * sizeof *outcomes,
                       PROT_READ | PROT_WRITE,
                       MAP_SHARED | MAP_ANONYMOUS,
                       -1,
                       0);
      g_assert_true (outcomes != MAP_FAILED);
      for (const GcoFaultScenario *s = gco_test_fault_scenarios; s->name != NULL; s++)
        add_scenario (s);
    }
  return g_test_run ();
}
