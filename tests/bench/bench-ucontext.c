/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* swapcontext(): what libc has. */

#include <stdlib.h>
#include <ucontext.h>

#include "bench-c.h"

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
ucontext_enter_flat (unsigned n,
                     unsigned size)
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
ucontext_enter_deep (unsigned n,
                     unsigned size)
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
ucontext_create (unsigned n,
                 unsigned size)
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

/* ------------------------------------------------------------------------ nested */

#define DEEPEST 100

static ucontext_t nest[DEEPEST + 1]; /* nest[0] is the thread's */
static unsigned   depth;
static unsigned   level; /* of who has just been entered */

static void
nest_body (void)
{
  unsigned mine = level;

  while (!stop)
    {
      if (mine < depth)
        {
          level = mine + 1;
          swapcontext (&nest[mine], &nest[mine + 1]);
        }
      count++;
      swapcontext (&nest[mine], &nest[mine - 1]);
    }
}

double
ucontext_nested (unsigned n,
                 unsigned size)
{
  char  *stacks = malloc ((size_t) size * STACK_SIZE);
  double ns;

  stop = 0;
  count = 0;
  depth = size < DEEPEST ? size : DEEPEST;
  for (unsigned i = 1; i <= depth; i++)
    {
      prepare (stacks + (size_t) (i - 1) * STACK_SIZE, nest_body);
      nest[i] = callee;
      nest[i].uc_link = &nest[0];
    }
  ns = -bench_cpu_ns ();
  for (unsigned i = 0; i < n / depth; i++)
    {
      level = 1;
      swapcontext (&nest[0], &nest[1]);
    }
  ns += bench_cpu_ns ();
  free (stacks);
  return count == n / depth * depth ? ns : -1;
}
