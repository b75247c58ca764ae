/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the C library and the kernel keep for each thread, seen from a coroutine: where
 * it moves, it finds the state of the thread it is in, and a switch changes nothing of
 * it and asks the kernel for nothing.
 */

#include "gco-config.h"
#include "gco-test.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#ifdef __linux__
# include <linux/filter.h>
# include <linux/seccomp.h>
# include <stddef.h>
# include <sys/prctl.h>
# include <sys/syscall.h>
#endif
#if HAVE_VALGRIND
# include <valgrind/valgrind.h>
#else
# define RUNNING_ON_VALGRIND 0
#endif

#define N_MOVES 100

static __thread int own;

/* As any code must that may be resumed in another thread: the compiler is to think of
 * it as of a new function, which it cannot have seen the result of. */
__attribute__ ((noinline)) static int *
get_own (void)
{
  int *address = &own;

  __asm__ volatile(""
                   : "+r"(address));
  return address;
}

__attribute__ ((noinline)) static int *
get_errno (void)
{
  int *address = &errno;

  __asm__ volatile(""
                   : "+r"(address));
  return address;
}

/* ------------------------------------------------------------------- moving */

typedef struct
{
  GcoTest       *t;
  GcoAioContext *contexts[2];
  GThread       *threads[2];
  int           *owns[2];
  int           *errnos[2];
  gboolean       ended;
} Mover;

static void
check_here (Mover *mover,
            int    i)
{
  g_assert_true (g_thread_self () == mover->threads[i]);
  g_assert_true (gco_aio_context_get_current () == mover->contexts[i]);
  g_assert_true (get_own () == mover->owns[i]);
  g_assert_true (get_errno () == mover->errnos[i]);
  g_assert_cmpint (*get_own (), ==, i + 1);
}

static void
move_about (gpointer user_data)
{
  Mover        *mover = user_data;
  GcoCoroutine *self = gco_coroutine_self ();

  for (int i = 0; i < 2; i++)
    {
      gco_coroutine_move_to (mover->contexts[i]);
      mover->threads[i] = g_thread_self ();
      mover->owns[i] = get_own ();
      mover->errnos[i] = get_errno ();
      *get_own () = i + 1; /* not "own": its address may be of the other thread */
    }
  for (int i = 0; i < N_MOVES; i++)
    {
      gco_coroutine_move_to (mover->contexts[i % 2]);
      check_here (mover, i % 2);
      gco_test_pass ();
      check_here (mover, i % 2);
      g_assert_true (gco_coroutine_self () == self);
    }
  gco_coroutine_move_to (mover->contexts[0]);
  mover->ended = TRUE;
}

static void
test_moved (GcoTest *t)
{
  GcoTestThread *thread = gco_test_thread_new (t);
  Mover          mover = { .t = t, .contexts = { t->ctx, gco_test_thread_get_context (thread) } };

  gco_test_spawn (t, move_about, &mover);
  gco_test_run_until (t, &mover.ended);
  g_assert_true (mover.owns[0] != mover.owns[1]);
  g_assert_true (mover.errnos[0] != mover.errnos[1]);
  gco_test_thread_stop (thread);
}

/* ------------------------------------------------------------- staying at home */

typedef struct
{
  GcoCoroutine *sleeper;
  gboolean      ended;
} Sleeper;

static void
sleep_at_home (gpointer user_data)
{
  Sleeper *sleeper = user_data;
  GThread *home = g_thread_self ();

  for (int i = 0; i < N_MOVES; i++)
    {
      g_atomic_pointer_set (&sleeper->sleeper, gco_coroutine_self ());
      gco_coroutine_yield ();
      g_assert_true (g_thread_self () == home);
    }
  g_atomic_int_set (&sleeper->ended, TRUE);
}

static gpointer
wake_from_thread (gpointer user_data)
{
  Sleeper *sleeper = user_data;

  for (int i = 0; i < N_MOVES; i++)
    {
      GcoCoroutine *coroutine;

      do
        coroutine = g_atomic_pointer_get (&sleeper->sleeper);
      while (coroutine == NULL ||
             !g_atomic_pointer_compare_and_exchange (&sleeper->sleeper, coroutine, NULL));
      gco_coroutine_wake (coroutine);
    }
  return NULL;
}

/* Whoever wakes it, a coroutine goes on where it was. */
static void
test_stays (GcoTest *t)
{
  Sleeper  sleeper = { NULL, FALSE };
  GThread *waker = g_thread_new ("waker", wake_from_thread, &sleeper);

  gco_test_spawn (t, sleep_at_home, &sleeper);
  gco_test_run_until (t, &sleeper.ended);
  g_thread_join (waker);
}

/* --------------------------------------------------------------------- errno */

static void
set_errno (gpointer user_data)
{
  errno = GPOINTER_TO_INT (user_data);
  gco_coroutine_yield ();
}

/* errno belongs to the thread, as after every call of a function. */
static void
test_errno (void)
{
  GcoCoroutine *a = gco_coroutine_create (set_errno, GINT_TO_POINTER (EDOM));
  GcoCoroutine *b = gco_coroutine_create (set_errno, GINT_TO_POINTER (ERANGE));

  gco_coroutine_enter (a);
  g_assert_cmpint (*get_errno (), ==, EDOM);
  gco_coroutine_enter (b);
  g_assert_cmpint (*get_errno (), ==, ERANGE);
  gco_coroutine_enter (a);
  g_assert_cmpint (*get_errno (), ==, ERANGE);
  gco_coroutine_enter (b);
}

/* ------------------------------------------------------------------ the kernel */

static gboolean
is_blocked (int number)
{
  sigset_t mask;

  g_assert_no_errno (pthread_sigmask (SIG_SETMASK, NULL, &mask));
  return sigismember (&mask, number);
}

static void
expect_blocked (gpointer user_data)
{
  for (int i = 0; i < 3; i++)
    {
      g_assert_true (is_blocked (SIGUSR1));
      g_assert_false (is_blocked (SIGUSR2));
      gco_coroutine_yield ();
    }
}

/* What is blocked before is blocked in all coroutines, and nothing else is. */
static void
test_signal_mask (void)
{
  GcoCoroutine *a = gco_coroutine_create (expect_blocked, NULL);
  GcoCoroutine *b = gco_coroutine_create (expect_blocked, NULL);
  sigset_t      mask, before;

  sigemptyset (&mask);
  sigaddset (&mask, SIGUSR1);
  g_assert_no_errno (pthread_sigmask (SIG_BLOCK, &mask, &before));
  for (int i = 0; i < 4; i++)
    {
      gco_coroutine_enter (a);
      gco_coroutine_enter (b);
      g_assert_true (is_blocked (SIGUSR1));
      g_assert_false (is_blocked (SIGUSR2));
    }
  g_assert_no_errno (pthread_sigmask (SIG_SETMASK, &before, NULL));
}

#if defined(SECCOMP_MODE_FILTER) && GCO_SWITCH_ASM && !GCO_TEST_SANITIZED
static void
yield_for_ever (gpointer user_data)
{
  for (;;)
    gco_coroutine_yield ();
}

/* Nothing but the end of the process; FALSE if the kernel does not know how. */
static gboolean
allow_exit_only (void)
{
  struct sock_filter code[] = {
    BPF_STMT (BPF_LD | BPF_W | BPF_ABS, offsetof (struct seccomp_data, nr)),
    BPF_JUMP (BPF_JMP | BPF_JEQ | BPF_K, SYS_exit_group, 0, 1),
    BPF_STMT (BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    BPF_STMT (BPF_RET | BPF_K, SECCOMP_RET_KILL),
  };
  struct sock_fprog program = { G_N_ELEMENTS (code), code };

  return prctl (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
         prctl (PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

static void
no_system_call_in_subprocess (void)
{
  GcoCoroutine *coroutine = gco_coroutine_create (yield_for_ever, NULL);

  gco_coroutine_enter (coroutine);
  if (!allow_exit_only ())
    syscall (SYS_exit_group, 77);
  for (int i = 0; i < 1000; i++)
    gco_coroutine_enter (coroutine);
  syscall (SYS_exit_group, 42);
}

static void
test_no_system_call (void)
{
  int   status = 0;
  pid_t child;

  if (RUNNING_ON_VALGRIND)
    {
      g_test_skip ("Valgrind needs the kernel itself");
      return;
    }
  child = fork ();
  g_assert_cmpint (child, >=, 0);
  if (child == 0)
    no_system_call_in_subprocess ();
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  if (WIFEXITED (status) && WEXITSTATUS (status) == 77)
    g_test_skip ("no seccomp here");
  else
    g_assert_true (WIFEXITED (status) && WEXITSTATUS (status) == 42);
}
#endif

int
main (int    argc,
      char **argv)
{
  gco_test_init (&argc, &argv);
  gco_test_add ("/thread-state/moved", test_moved);
  gco_test_add ("/thread-state/stays", test_stays);
  g_test_add_func ("/thread-state/errno", test_errno);
  g_test_add_func ("/thread-state/signal-mask", test_signal_mask);
  /* that of libc has to ask for the signal mask */
#if defined(SECCOMP_MODE_FILTER) && GCO_SWITCH_ASM && !GCO_TEST_SANITIZED
  g_test_add_func ("/thread-state/no-system-call", test_no_system_call);
#endif
  return g_test_run ();
}
