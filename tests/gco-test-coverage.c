/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a program has run through is written down by its exit(), and the children of the
 * tests that are to be stopped never get there. In the builds that measure coverage,
 * the functions here stand in front of libc's and write it down first.
 */

#ifndef _GNU_SOURCE
# define _GNU_SOURCE
#endif

#include <dlfcn.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

/* libc's function of that name. */
#define REAL(name) __typeof__ (name) *real = dlsym (RTLD_NEXT, #name)

/* The program's own, which the linker is asked for by name; the library has its own. */
extern void __gcov_dump (void) __attribute__ ((weak));

static void
write_down (void)
{
  void *library = dlopen ("libgco-1.so.0", RTLD_LAZY | RTLD_NOLOAD);

  if (__gcov_dump != NULL)
    __gcov_dump ();
  if (library != NULL)
    {
      void (*dump) (void) = (void (*) (void)) dlsym (library, "__gcov_dump");

      if (dump != NULL && dump != __gcov_dump)
        dump ();
    }
}

void
abort (void)
{
  REAL (abort);

  write_down ();
  real ();
  __builtin_unreachable ();
}

/* GLib's way to stop at an error in a test's child. */
void
_exit (int status)
{
  REAL (_exit);

  write_down ();
  real (status);
  __builtin_unreachable ();
}

/* The last that the handler of an overflow does: what comes next ends the process. A test
 * that makes it fail has its own. */
__attribute__ ((weak)) int
sigaction (int                     number,
           const struct sigaction *action,
           struct sigaction       *old)
{
  REAL (sigaction);
  int is_last = number == SIGSEGV && action != NULL &&
                !(action->sa_flags & SA_SIGINFO) && action->sa_handler == SIG_DFL;

  if (is_last)
    write_down ();
  return real (number, action, old);
}
