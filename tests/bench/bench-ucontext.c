/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* swapcontext(): what libc has. */

#include <stdlib.h>
#include <ucontext.h>

#include "bench-core.h"

#define STACK_SIZE (128 * 1024)

static ucontext_t caller;
static ucontext_t callee;
static int        stop;
static unsigned   count;

static void
flat_body (void)
{
  while (!stop)
    swapcontext (&callee, &caller);
}

static BENCH_CALL void
deep_3 (void)
{
  swapcontext (&callee, &caller);
  BENCH_NO_TAIL_CALL ();
}

static BENCH_CALL void
deep_2 (void)
{
  deep_3 ();
  BENCH_NO_TAIL_CALL ();
}

static BENCH_CALL void
deep_1 (void)
{
  deep_2 ();
  BENCH_NO_TAIL_CALL ();
}

static void
deep_body (void)
{
  while (!stop)
    deep_1 ();
}

static BENCH_CALL void
deep_enter (void)
{
  swapcontext (&caller, &callee);
  BENCH_NO_TAIL_CALL ();
}

static void
count_body (void)
{
  count++;
}

static void
prepare (void *stack,
         void (*body) (void))
{
  getcontext (&callee);
  callee.uc_stack.ss_sp = stack;
  callee.uc_stack.ss_size = STACK_SIZE;
  callee.uc_link = &caller;
  makecontext (&callee, body, 0);
}

double
ucontext_enter_flat (unsigned n)
{
  void  *stack = malloc (STACK_SIZE);
  double ns;

  stop = 0;
  prepare (stack, flat_body);
  ns = -bench_cpu_ns ();
  for (unsigned i = 0; i < n; i++)
    swapcontext (&caller, &callee);
  ns += bench_cpu_ns ();
  stop = 1;
  swapcontext (&caller, &callee);
  free (stack);
  return ns;
}

double
ucontext_enter_deep (unsigned n)
{
  void  *stack = malloc (STACK_SIZE);
  double ns;

  stop = 0;
  prepare (stack, deep_body);
  ns = -bench_cpu_ns ();
  for (unsigned i = 0; i < n; i++)
    deep_enter ();
  ns += bench_cpu_ns ();
  stop = 1;
  swapcontext (&caller, &callee);
  free (stack);
  return ns;
}

double
ucontext_create (unsigned n)
{
  void  *stack = malloc (STACK_SIZE);
  double ns = -bench_cpu_ns ();

  count = 0;
  for (unsigned i = 0; i < n; i++)
    {
      prepare (stack, count_body);
      swapcontext (&caller, &callee);
    }
  ns += bench_cpu_ns ();
  free (stack);
  return count == n ? ns : -1;
}
