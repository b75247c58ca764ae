/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Calls from a coroutine that run on the thread's own stack. */

#include "gco-coroutine-private.h"

typedef struct
{
  GcoFunc       func;
  gpointer      user_data;
  GcoCoroutine *self;
  GcoCoroutine *base; /* whose context holds the thread's own stack */
  GcoSwitch     start;
} GcoOutside;

static GCO_NEVER_RETURNS void
outside_main (gpointer   ignored,
              GcoSwitch *to)
{
  GcoOutside *outside = gco_container_of (to, GcoOutside, start);

  gco_sanitizer_arrive (&outside->base->stack.sanitizer);
  outside->func (outside->user_data);
  gco_sanitizer_leave (&outside->base->stack.sanitizer,
                       &outside->self->stack.sanitizer);
  gco_switch_final (&outside->self->context);
}

/* Borrows the thread's own stack, below whatever is suspended there. The two
 * contexts that may be suspended on it are put back afterwards: @func may enter
 * coroutines and dispatch, and so leave that stack from deeper down. */
static GCO_HOLDS_SWITCH void
borrow_thread_stack (GcoOutside *outside)
{
  GcoThread      *thread = gco_thread_get ();
  GcoThreadExtra *extra = thread->extra;
  GcoCoroutine   *self = outside->self;
  GcoCoroutine   *base = self;
  GcoSwitch       root = extra->root.context;
  GcoSwitch       loop = extra->loop.context;
  gpointer        top;

  while (base->caller != NULL)
    base = base->caller;
  top = (gpointer) ((gsize) gco_switch_free_below (&base->context) & ~(gsize) 15);
  outside->base = base;
  gco_switch_prepare (&outside->start, top, outside_main);
  gco_sanitizer_borrow (top);
  thread->current = &extra->root;
  gco_sanitizer_leave (&self->stack.sanitizer, &base->stack.sanitizer);
  gco_switch_inline (&self->context, &outside->start);
  gco_sanitizer_arrive (&self->stack.sanitizer);

  extra = gco_thread_get ()->extra;
  extra->root.context = root;
  extra->loop.context = loop;
  gco_thread_get ()->current = self;
}

/**
 * gco_coroutine_call_outside: (skip)
 * @func: a function
 * @user_data: data for @func
 *
 * Calls @func on the thread's own stack and returns when it has returned. The
 * running coroutine does not yield meanwhile; in @func there is no running
 * coroutine. Outside a coroutine it simply calls @func.
 *
 * This is how to call code that must not run on a coroutine's stack: what may
 * end in JavaScript or Python (emitting a signal, setting a property,
 * cancelling a GCancellable), or needs a very deep stack.
 *
 * Since: 1.0
 */
void
gco_coroutine_call_outside (GcoFunc  func,
                            gpointer user_data)
{
  GcoCoroutine *self = gco_coroutine_self ();
  GcoOutside    outside = { .func = func, .user_data = user_data, .self = self };

  if (self == NULL)
    func (user_data);
  else
    borrow_thread_stack (&outside);
}
