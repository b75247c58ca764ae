/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "gco-overflow-private.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "gco-debug-private.h"

#define SIGNAL_STACK_SIZE (64 * 1024)

static struct sigaction previous;

/* Async-signal-safe, as all below. */
static void
put_text (const char *text)
{
  if (write (STDERR_FILENO, text, strlen (text)) < 0)
    return;
}

static void
put_number (gsize number)
{
  char  digits[24];
  char *at = digits + sizeof digits - 1;

  *at = '\0';
  do
    *--at = (char) ('0' + number % 10);
  while ((number /= 10) != 0);
  put_text (at);
}

static void
tell (GcoCoroutine *coroutine)
{
  const char *name = coroutine->name;

  put_text ("libgco: stack overflow in coroutine ");
  put_text (name != NULL ? name : "unnamed");
  put_text (": its stack has ");
  put_number (coroutine->stack.size);
  put_text (" bytes, guard page included.\n"
            "libgco: if this is no recursion without end, either create it with more, as"
            " in gco_coroutine_create_full (");
  put_text (name != NULL ? "\"" : "");
  put_text (name != NULL ? name : "NULL");
  put_text (name != NULL ? "\", " : ", ");
  put_number (coroutine->stack.size * 2);
  put_text (", ...),\n"
            "libgco: or run what needs that much in gco_coroutine_call_outside ();"
            " gco_coroutine_get_stack_usage () tells how much it is.\n");
}

static void
on_segv (int        number,
         siginfo_t *info,
         void      *context)
{
  GcoCoroutine *coroutine;

  /* Others go on meanwhile, and may even after it: the next handler can recover. */
  gco_stack_begin_look ();
  coroutine = (GcoCoroutine *) gco_stack_find_guard (info->si_addr);
  if (coroutine != NULL)
    tell (coroutine);
  gco_stack_end_look ();
  /* The instruction is tried again and meets what was there before us. */
  if (sigaction (SIGSEGV, &previous, NULL) != 0)
    abort ();
}

static void
install (void)
{
  struct sigaction action = { 0 };
  gboolean         asked = gco_debug_has (GCO_DEBUG_OVERFLOW);

  if (sigaction (SIGSEGV, NULL, &previous) != 0)
    return;
  if (!asked && ((previous.sa_flags & SA_SIGINFO) || previous.sa_handler != SIG_DFL))
    return;
  action.sa_sigaction = on_segv;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK;
  sigaction (SIGSEGV, &action, NULL);
}

gpointer
gco_overflow_watch_thread (void)
{
  static gsize installed;
  stack_t      stack = { 0 };

  if (g_once_init_enter (&installed))
    {
      install ();
      g_once_init_leave (&installed, 1);
    }
  if (sigaltstack (NULL, &stack) != 0 || !(stack.ss_flags & SS_DISABLE))
    return NULL;
  stack.ss_sp = g_malloc (SIGNAL_STACK_SIZE);
  stack.ss_size = SIGNAL_STACK_SIZE;
  stack.ss_flags = 0;
  if (sigaltstack (&stack, NULL) == 0)
    return stack.ss_sp;
  g_free (stack.ss_sp);
  return NULL;
}

void
gco_overflow_unwatch_thread (gpointer signal_stack)
{
  stack_t stack = { 0 };

  if (signal_stack == NULL)
    return;
  if (sigaltstack (NULL, &stack) != 0)
    return;
  /* Only if it is still ours: others may have put their own. */
  if (stack.ss_sp == signal_stack)
    {
      stack.ss_flags = SS_DISABLE;
      if (sigaltstack (&stack, NULL) != 0)
        return; /* it is in use */
    }
  g_free (signal_stack);
}
