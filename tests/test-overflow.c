/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A stack overflow is a crash that says whose stack it was. */

#include "gco-test.h"

#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static char *program;

static GcoCoroutine *
create (const char      *name,
        gsize            stack_size,
        GcoCoroutineFunc func)
{
  return gco_coroutine_create_full (name, stack_size, func, NULL, NULL, NULL);
}

static G_GNUC_NO_INLINE int
recurse (volatile char *above,
         int            depth)
{
  volatile char frame[256];

  frame[0] = (char) (above[0] + depth);
  if (depth == G_MAXINT)
    return 0;
  return recurse (frame, depth + 1) + frame[0];
}

static void
overflow (gpointer user_data)
{
  volatile char frame[1] = { 0 };

  recurse (frame, 0);
}

static void
named (void)
{
  gco_coroutine_enter (create ("greedy", 65536, overflow));
}

static void
no_core (gpointer unused)
{
  setrlimit (RLIMIT_CORE, &(struct rlimit){ 0, 0 });
}

static void
unnamed (void)
{
  gco_coroutine_enter (create (NULL, 0, overflow));
}

static gpointer
overflow_in_thread (gpointer data)
{
  gco_coroutine_enter (create ("greedy", 32768, overflow));
  return NULL;
}

/* Each thread needs a stack for the signal. */
static void
in_thread (void)
{
  g_thread_join (g_thread_new (NULL, overflow_in_thread, NULL));
}

static void
enter_greedy (gpointer user_data)
{
  gco_coroutine_enter (create ("greedy", 65536, overflow));
}

/* The one that overflowed, not the one that entered it. */
static void
nested (void)
{
  gco_coroutine_enter (create ("modest", 65536, enter_greedy));
}

static void
write_to_null (gpointer user_data)
{
  volatile char *volatile null = NULL;

  *null = 1;
}

/* A fault elsewhere is not blamed on the stack. */
static void
other_fault (void)
{
  g_test_trap_subprocess ("/overflow/subprocess/other-fault", 0, 0);
  g_test_trap_assert_failed ();
  g_test_trap_assert_stderr_unmatched ("*stack overflow*");
}

static void
other_fault_subprocess (void)
{
  gco_coroutine_enter (create ("innocent", 0, write_to_null));
}

/* ------------------------------------------------------- somebody else's handler */

static void
my_handler (int number)
{
  static const char text[] = "MY HANDLER\n";
  gssize            written = write (STDERR_FILENO, text, sizeof text - 1);

  _exit (written > 0 ? 77 : 78);
}

static void
install_my_handler (void)
{
  static char      memory[65536];
  stack_t          stack = { .ss_sp = memory, .ss_size = sizeof memory };
  struct sigaction action = { .sa_handler = my_handler, .sa_flags = SA_ONSTACK };

  sigaltstack (&stack, NULL);
  sigaction (SIGSEGV, &action, NULL);
}

static void
respected_subprocess (void)
{
  g_setenv ("GCO_DEBUG", "", TRUE);
  install_my_handler ();
  named ();
}

/* A handler that was there before stays, unless one asks. */
static void
test_respected (void)
{
  g_test_trap_subprocess ("/overflow/subprocess/respected", 0, 0);
  g_test_trap_assert_failed ();
  g_test_trap_assert_stderr ("*MY HANDLER*");
  g_test_trap_assert_stderr_unmatched ("*stack overflow*");
}

static void
chained_subprocess (void)
{
  g_setenv ("GCO_DEBUG", "overflow", TRUE);
  install_my_handler ();
  named ();
}

/* One asks: both are heard. */
static void
test_chained (void)
{
  g_test_trap_subprocess ("/overflow/subprocess/chained", 0, 0);
  g_test_trap_assert_failed ();
  g_test_trap_assert_stderr ("*stack overflow in coroutine greedy*MY HANDLER*");
}

/* Before any handler, and any core, sees it: the same fault as before. */
static void
test_still_a_fault (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *errors = NULL;
  char            *argv[] = { program, (char *) "-p", (char *) "/overflow/subprocess/alone", NULL };
  int              status;

  g_spawn_sync (NULL,
                argv,
                NULL,
                G_SPAWN_STDOUT_TO_DEV_NULL,
                no_core,
                NULL,
                NULL,
                &errors,
                &status,
                &error);
  g_assert_no_error (error);
  g_assert_true (WIFSIGNALED (status));
  g_assert_cmpint (WTERMSIG (status), ==, SIGSEGV);
  g_assert_nonnull (strstr (errors, "libgco: stack overflow in coroutine greedy"));
}

static void
test_no_constructor (void)
{
  struct sigaction action;

  /* this process has used no coroutine: nothing is installed before that */
  g_assert_cmpint (sigaction (SIGSEGV, NULL, &action), ==, 0);
  g_assert_true (action.sa_handler == SIG_DFL);
}

int
main (int    argc,
      char **argv)
{
  program = argv[0];
  gco_test_init (&argc, &argv);
  if (GCO_TEST_SANITIZED)
    {
      g_print ("1..0 # SKIP the sanitizer reports the fault itself\n");
      return 0;
    }
  g_test_add_func ("/overflow/no-constructor", test_no_constructor);
  gco_test_add_abort_plain ("/overflow/named",
                            named,
                            "*libgco: stack overflow in coroutine greedy*65536 bytes*"
                            "gco_coroutine_create_full (\"greedy\", 131072, *");
  gco_test_add_abort_plain ("/overflow/unnamed",
                            unnamed,
                            "*libgco: stack overflow in coroutine unnamed*1048576 bytes*"
                            "gco_coroutine_create_full (NULL, 2097152, *");
  gco_test_add_abort_plain ("/overflow/in-thread",
                            in_thread,
                            "*libgco: stack overflow in coroutine greedy*32768 bytes*");
  gco_test_add_abort_plain ("/overflow/nested",
                            nested,
                            "*libgco: stack overflow in coroutine greedy*65536 bytes*");
  g_test_add_func ("/overflow/other-fault", other_fault);
  g_test_add_func ("/overflow/subprocess/other-fault", other_fault_subprocess);
  g_test_add_func ("/overflow/still-a-fault", test_still_a_fault);
  g_test_add_func ("/overflow/subprocess/alone", named);
  g_test_add_func ("/overflow/respected", test_respected);
  g_test_add_func ("/overflow/subprocess/respected", respected_subprocess);
  g_test_add_func ("/overflow/chained", test_chained);
  g_test_add_func ("/overflow/subprocess/chained", chained_subprocess);
  return g_test_run ();
}
