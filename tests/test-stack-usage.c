/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How much of its stack a coroutine has used. */

#include "gco-test.h"

#include <string.h>
#include <unistd.h>

#include "gco-config.h"

#define DEEP ((gsize) 100 * 1024)

/* What stands above and below what a test wants, in calls and in the pages that it begins
 * and ends in. */
#define SLACK ((gsize) (GCO_TEST_SANITIZED ? 64 : 16) * 1024)

static __attribute__ ((noinline)) void
use (gsize size)
{
  char *memory = g_alloca (size);

  memset (memory, 1, size);
  __asm__ volatile("" ::"r"(memory)
                   : "memory");
}

static void
use_and_wait (gpointer size)
{
  gco_coroutine_yield ();
  use (GPOINTER_TO_SIZE (size));
  gco_coroutine_yield ();
}

static void
assert_usage (GcoCoroutine *coroutine,
              gsize         least)
{
  gsize usage = gco_coroutine_get_stack_usage (coroutine);

  g_assert_cmpuint (usage % (gsize) sysconf (_SC_PAGESIZE), ==, 0);
  g_assert_cmpuint (usage, >=, least);
  g_assert_cmpuint (usage, <=, least + SLACK);
  g_assert_cmpuint (usage, <, gco_coroutine_get_stack_size (coroutine));
}

/* Each of a size of its own: on a stack that nobody has used, but for the context of libc
 * where the switch is libc's. */
static void
test_mark (GcoTest *t)
{
  gsize         size = (gsize) (t->main_context != NULL ? 256 : 512) * 1024;
  GcoCoroutine *coroutine;

  coroutine = gco_coroutine_create_full (NULL,
                                         size,
                                         use_and_wait,
                                         GSIZE_TO_POINTER (DEEP),
                                         NULL,
                                         NULL);
  if (GCO_SWITCH_ASM)
    g_assert_cmpuint (gco_coroutine_get_stack_usage (coroutine), ==, 0);
  else
    assert_usage (coroutine, 0);
  gco_coroutine_schedule (coroutine, t->ctx);
  gco_test_drain (t);
  assert_usage (coroutine, 0);
  gco_coroutine_wake (coroutine);
  gco_test_drain (t);
  /* it has come back from there, and the mark stays */
  assert_usage (coroutine, DEEP);
  gco_coroutine_wake (coroutine);
  gco_test_drain (t);
}

static void
use_all_but (gpointer rest)
{
  gsize size = gco_coroutine_get_stack_size (gco_coroutine_self ());

  use (size - GPOINTER_TO_SIZE (rest));
  gco_coroutine_yield ();
}

/* Up to the guard page, of a stack that is looked at in more than one piece. */
static void
test_large (GcoTest *t)
{
  gsize         page = (gsize) sysconf (_SC_PAGESIZE);
  gsize         rest = page + SLACK;
  GcoCoroutine *large;

  large = gco_coroutine_create_full (NULL,
                                     16 * 1024 * 1024,
                                     use_all_but,
                                     GSIZE_TO_POINTER (rest),
                                     NULL,
                                     NULL);
  gco_coroutine_schedule (large, t->ctx);
  gco_test_drain (t);
  assert_usage (large, gco_coroutine_get_stack_size (large) - rest);
  gco_coroutine_wake (large);
  gco_test_drain (t);
}

/* @two gets the stack of @one, which was the last to end. */
static void
check_reuse (gsize least)
{
  g_autoptr (GcoAioContext) ctx = gco_aio_context_new ();
  GcoCoroutine *one = gco_spawn (ctx, use_and_wait, GSIZE_TO_POINTER (DEEP), NULL);
  GcoCoroutine *two;

  gco_aio_context_poll (ctx, FALSE);
  for (int i = 0; i < 2; i++)
    {
      gco_coroutine_wake (one);
      gco_aio_context_poll (ctx, FALSE);
    }
  two = gco_spawn (ctx, use_and_wait, NULL, NULL);
  g_assert_true (two == one);
  gco_aio_context_poll (ctx, FALSE);
  assert_usage (two, least);
  for (int i = 0; i < 2; i++)
    {
      gco_coroutine_wake (two);
      gco_aio_context_poll (ctx, FALSE);
    }
}

static void
test_reuse (void)
{
  check_reuse (DEEP);
}

static void
test_reuse_asked_subprocess (void)
{
  g_setenv ("GCO_DEBUG", "stack-usage", TRUE);
  check_reuse (0);
}

static void
test_reuse_asked (void)
{
  g_test_trap_subprocess ("/stack-usage/subprocess/reuse-asked", 0, 0);
  g_test_trap_assert_passed ();
}

int
main (int   argc,
      char *argv[])
{
  gco_test_init (&argc, &argv);
  g_test_add_func ("/stack-usage/reuse", test_reuse);
  g_test_add_func ("/stack-usage/reuse-asked", test_reuse_asked);
  g_test_add_func ("/stack-usage/subprocess/reuse-asked", test_reuse_asked_subprocess);
  gco_test_add ("/stack-usage/large", test_large);
  gco_test_add ("/stack-usage/mark", test_mark);
  return g_test_run ();
}
