/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Create, enter, yield, end. A coroutine that is entered by hand goes back to
 * whoever entered it; one that a dispatch resumed goes straight to the next
 * ready one, and back to the dispatch when there is none. This file knows a
 * context only as an opaque pointer.
 */

#include "gco-coroutine-private.h"

#include "gco-debug-private.h"
#include "gco-fatal-private.h"

G_STATIC_ASSERT (sizeof (GcoCoroutine) <= GCO_STACK_RECORD);
G_STATIC_ASSERT (G_STRUCT_OFFSET (GcoCoroutine, context) % 64 == 0);

/* ------------------------------------------------------------------ switch */

static inline __attribute__ ((always_inline)) void
switch_to (GcoCoroutine *from,
           GcoCoroutine *to)
{
  gco_sanitizer_leave (&from->stack.sanitizer, &to->stack.sanitizer);
  gco_switch_inline (&from->context, &to->context);
  gco_sanitizer_arrive (&from->stack.sanitizer);
}

/* For calls in tail position. */
#if GCO_SWITCH_HAS_TAIL && !GCO_SWITCH_HOOKED
# define switch_tail(from, to) gco_switch_tail (&(from)->context, &(to)->context)
#else
static GCO_HOLDS_SWITCH void
switch_tail (GcoCoroutine *from,
             GcoCoroutine *to)
{
  switch_to (from, to);
}
#endif

static __attribute__ ((noinline)) G_GNUC_NORETURN void
fail_resume (GcoCoroutine *coroutine)
{
  gco_fatal ("coroutine %s was woken while it is entered: a loop was iterated"
             " inside of it",
             gco_coroutine_describe (coroutine));
}

/* Takes @coroutine out of the ready list that it heads. A compiler counts the lines of a
 * probe, and finds it too long to be inlined unasked. */
static inline __attribute__ ((always_inline)) void
begin_resume (GcoThread    *thread,
              GcoCoroutine *coroutine)
{
  if (G_UNLIKELY (coroutine->caller != NULL))
    fail_resume (coroutine);
  GCO_PROBE2 (coroutine__enter, coroutine, NULL);
  gco_store_relaxed (&coroutine->scheduled, NULL);
  coroutine->caller = thread->loop;
  if (G_UNLIKELY (thread->debug))
    gco_debug_enter (coroutine);
}

/* Whom a coroutine that the dispatch resumed hands over to. */
static inline __attribute__ ((always_inline)) GcoCoroutine *
next_after (GcoThread *thread)
{
  GcoReady     *ready = thread->ready->head;
  GcoCoroutine *next;

  if (G_UNLIKELY (ready == NULL || ready->run != NULL) ||
      (G_UNLIKELY (thread->slice <= 0) && !gco_coroutine_hooks.take_slice (thread)))
    {
      thread->current = &thread->extra->root;
      return thread->loop;
    }
  thread->slice--;
  thread->ready->head = ready->next;
  if (G_LIKELY (ready->next != NULL && ready->next->run == NULL))
    __builtin_prefetch (gco_coroutine_from_ready (ready->next)->context.sp);
  next = gco_coroutine_from_ready (ready);
  begin_resume (thread, next);
  thread->current = next;
  return next;
}

GCO_HOLDS_SWITCH void
gco_coroutine_yield_to_dispatch (GcoThread    *thread,
                                 GcoCoroutine *self)
{
  GcoCoroutine *next;

  GCO_PROBE1 (coroutine__yield, self);
  self->caller = NULL;
  next = next_after (thread);
  /* It scheduled itself and nobody else is ready. */
  if (G_UNLIKELY (next == self))
    return;
  switch_to (self, next);
}

static inline __attribute__ ((always_inline)) void
yield_to_enterer (GcoThread    *thread,
                  GcoCoroutine *self)
{
  GcoCoroutine *caller = self->caller;

  GCO_PROBE1 (coroutine__yield, self);
  self->caller = NULL;
  thread->current = caller;
  switch_tail (self, caller);
}

void
gco_coroutine_suspend (GcoThread *thread)
{
  GcoCoroutine *self = thread->current;

  if (G_UNLIKELY (thread->debug))
    gco_debug_leave (self);
  if (G_LIKELY (self->caller == thread->loop))
    gco_coroutine_yield_to_dispatch (thread, self);
  else
    yield_to_enterer (thread, self);
}

GCO_HOLDS_SWITCH void
gco_coroutine_resume (GcoCoroutine *coroutine)
{
  GcoThread *thread = gco_thread_get ();

  begin_resume (thread, coroutine);
  thread->current = coroutine;
  switch_to (thread->loop, coroutine);
}

/* --------------------------------------------------------------------- end */

static void
release (gpointer user_data)
{
  GcoCoroutine *self = user_data;

  if (self->destroy != NULL)
    self->destroy (self->user_data);
  self->destroy = NULL;
  self->abandoned = NULL;
  if (self->ctx != NULL)
    gco_coroutine_hooks.unsettle (self);
  g_clear_pointer (&self->name, g_free);
}

static inline GcoStackCache *
cache_for (GcoThread *thread,
           int        stack_class)
{
  return stack_class == GCO_STACK_DEFAULT_CLASS
             ? &thread->cache
             : &thread->extra->caches[stack_class];
}

static inline GcoStackCache *
cache_of (GcoThread *thread,
          GcoStack  *stack)
{
  return G_LIKELY (stack->size == GCO_STACK_DEFAULT_SIZE)
             ? &thread->cache
             : cache_for (thread, gco_stack_get_class (stack));
}

/* What release() and unsettle() have left. */
static inline void
forget (GcoCoroutine *coroutine)
{
  coroutine->func = NULL;
  coroutine->cancelled = NULL;
  coroutine->caller = NULL;
}

static __attribute__ ((noinline)) G_GNUC_NORETURN void
fail_end (GcoCoroutine *self)
{
  const char *scheduled = gco_load_relaxed (&self->scheduled);

  if (scheduled != NULL)
    gco_fatal ("coroutine %s ended although %s() is about to resume it",
               gco_coroutine_describe (self),
               scheduled);
  gco_fatal ("coroutine %s ended while it holds %u mutexes or write locks and %u read locks",
             gco_coroutine_describe (self),
             (guint) (self->held % GCO_HELD_TO_READ),
             (guint) (self->held / GCO_HELD_TO_READ));
}

static G_GNUC_NORETURN GCO_NEVER_RETURNS void
end (GcoCoroutine *self)
{
  GcoThread    *thread = gco_thread_get ();
  GcoCoroutine *to = self->caller;

  if (G_UNLIKELY (gco_load_relaxed (&self->scheduled) != NULL || self->held != 0))
    fail_end (self);
  GCO_PROBE1 (coroutine__end, self);
  if (G_UNLIKELY (thread->debug))
    gco_debug_end (self);
  if (G_UNLIKELY (self->destroy != NULL || self->name != NULL))
    {
      gco_coroutine_call_outside (release, self);
      thread = gco_thread_get ();
    }
  else if (self->ctx != NULL)
    gco_coroutine_hooks.unsettle (self);
  forget (self);
  if (to == thread->loop)
    to = next_after (thread);
  else
    thread->current = to;
  /* This very stack: nobody can take it before it has been left. */
  gco_stack_cache_put (cache_of (thread, &self->stack), &self->stack);
  gco_sanitizer_leave (NULL, &to->stack.sanitizer);
  gco_switch_final (&to->context);
}

static GCO_NEVER_RETURNS void
coroutine_main (gpointer   ignored,
                GcoSwitch *to)
{
  GcoCoroutine *self = gco_container_of (to, GcoCoroutine, context);

  gco_sanitizer_arrive (&self->stack.sanitizer);
  self->func (self->user_data);
  end (self);
}

/* ------------------------------------------------------------------ create */

static inline GcoCoroutine *
prepare (GcoStack        *stack,
         GcoCoroutineFunc func,
         gpointer         user_data)
{
  GcoCoroutine *coroutine = (GcoCoroutine *) stack;

  GCO_PROBE2 (coroutine__create, coroutine, func);
  coroutine->func = func;
  coroutine->user_data = user_data;
  gco_switch_prepare (&coroutine->context, stack->top, coroutine_main);
  return coroutine;
}

/**
 * gco_coroutine_create_full: (skip)
 * @name: (nullable): a name for messages and debuggers; copied
 * @stack_size: size of the stack in bytes, guard page included, or 0 for 1 MiB;
 *   rounded up to a power of two that can hold a signal handler as well
 * @func: the body
 * @user_data: data for @func
 * @destroy: (nullable): frees @user_data when the coroutine has ended, in its
 *   home thread and outside of coroutines
 * @error: return location for an error
 *
 * Creates a coroutine, which does not run before it is entered or scheduled.
 *
 * Memory is only used as far as the stack is touched. Any thread may call this;
 * it never yields.
 *
 * When no stack can be had, @error is `G_IO_ERROR_NO_SPACE` and @user_data is
 * the caller's as before.
 *
 * Returns: (nullable) (transfer full): the coroutine, which frees itself when
 *   @func returns; [method@Gco.Coroutine.free] is only for one that never ran
 *
 * Since: 1.0
 */
GcoCoroutine *
gco_coroutine_create_full (const char      *name,
                           gsize            stack_size,
                           GcoCoroutineFunc func,
                           gpointer         user_data,
                           GDestroyNotify   destroy,
                           GError         **error)
{
  GcoThread    *thread = gco_thread_here ();
  int           stack_class = GCO_STACK_DEFAULT_CLASS;
  GcoStack     *stack = NULL;
  GcoCoroutine *coroutine;

  g_return_val_if_fail (func != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  gco_thread_ensure (thread);
  if (stack_size != 0)
    stack_class = gco_stack_class_for_size (stack_size);
  if (stack_class >= 0)
    stack = gco_stack_cache_take (cache_for (thread, stack_class));
  if (stack == NULL)
    stack = gco_thread_provide_stack (stack_class, stack_size, error);
  if (stack == NULL)
    return NULL;

  coroutine = prepare (stack, func, user_data);
  coroutine->destroy = destroy;
  if (name != NULL)
    gco_coroutine_set_name (coroutine, name);
  return coroutine;
}

/**
 * gco_coroutine_create: (skip)
 * @func: the body
 * @user_data: data for @func
 *
 * Creates a coroutine with a stack of 1 MiB, which does not run before it is
 * entered or scheduled. Any thread may call this; it never yields.
 *
 * Returns: (nullable) (transfer full): the coroutine, which frees itself when
 *   @func returns; NULL when no stack can be had
 *
 * Since: 1.0
 */
GcoCoroutine *
gco_coroutine_create (GcoCoroutineFunc func,
                      gpointer         user_data)
{
  GcoStack *stack;

  g_return_val_if_fail (func != NULL, NULL);

  stack = gco_stack_cache_take (&gco_thread_here ()->cache);
  if (G_LIKELY (stack != NULL))
    return prepare (stack, func, user_data);
  return gco_coroutine_create_full (NULL, 0, func, user_data, NULL, NULL);
}

/**
 * gco_coroutine_free: (skip)
 * @coroutine: (transfer full): a coroutine that was never entered nor scheduled
 *
 * Frees a coroutine that will not run after all, and its user data with it, here and
 * now, outside of coroutines. One that has run frees itself; freeing it is fatal. Any
 * thread; never yields.
 *
 * Since: 1.0
 */
void
gco_coroutine_free (GcoCoroutine *coroutine)
{
  GcoThread *thread = gco_thread_here ();

  g_return_if_fail (coroutine != NULL);

  if (coroutine->caller != NULL || coroutine->func == NULL ||
      gco_load_relaxed (&coroutine->scheduled) != NULL ||
      gco_load_relaxed (&coroutine->ctx) != NULL)
    gco_fatal ("gco_coroutine_free: coroutine %s has run or is about to",
               gco_coroutine_describe (coroutine));
  gco_thread_ensure (thread);
  gco_coroutine_call_outside (release, coroutine);
  forget (coroutine);
  gco_stack_cache_put (cache_of (thread, &coroutine->stack), &coroutine->stack);
}

/* ------------------------------------------------------------------- enter */

static G_GNUC_NORETURN void
fail_enter (GcoCoroutine *coroutine)
{
  const char *by = gco_coroutine_describe (gco_coroutine_self ());

  if (coroutine->func == NULL)
    gco_fatal ("gco_coroutine_enter: %p is no coroutine any more (by %s)",
               (gpointer) coroutine,
               by);
  if (coroutine->caller != NULL)
    gco_fatal ("gco_coroutine_enter: coroutine %s is entered already (by %s)",
               gco_coroutine_describe (coroutine),
               by);
  gco_fatal ("gco_coroutine_enter: coroutine %s was scheduled already in %s()"
             " (entered by %s)",
             gco_coroutine_describe (coroutine),
             coroutine->scheduled,
             by);
}

static inline __attribute__ ((always_inline)) void
run_now (GcoThread    *thread,
         GcoCoroutine *coroutine)
{
  GcoCoroutine *from = thread->current;

  GCO_PROBE2 (coroutine__enter, coroutine, from);
  coroutine->caller = from;
  thread->current = coroutine;
  switch_tail (from, coroutine);
}

static __attribute__ ((noinline)) void
enter_slowly (GcoThread    *thread,
              GcoCoroutine *coroutine)
{
  gco_thread_ensure (thread);
  if (G_UNLIKELY (coroutine->caller != NULL || coroutine->func == NULL ||
                  gco_load_relaxed (&coroutine->scheduled) != NULL))
    fail_enter (coroutine);
  if (G_UNLIKELY (thread->debug))
    {
      if (gco_coroutine_hooks.is_elsewhere (coroutine, thread))
        gco_fatal ("gco_coroutine_enter: coroutine %s is at home in another thread",
                   gco_coroutine_describe (coroutine));
      gco_debug_enter (coroutine);
    }
  run_now (thread, coroutine);
}

/**
 * gco_coroutine_enter: (skip)
 * @coroutine: a coroutine that is suspended or new
 *
 * Runs @coroutine now, until it yields, waits or ends; then the caller goes on.
 *
 * A new coroutine belongs from now on to the context whose dispatch is running
 * in this thread, else to the thread-default main context's. Call from plain
 * code or from another coroutine, to any depth, in the thread that is
 * @coroutine's home. In another it runs all the same, unless `GCO_DEBUG` looks at
 * each switch, and its next wait is fatal: what is meant there is
 * [method@Gco.Coroutine.wake]. Entering a coroutine that is entered, scheduled or
 * waiting for a lock is fatal: in the last case its wake-up is somebody else's.
 *
 * Since: 1.0
 */
void
gco_coroutine_enter (GcoCoroutine *coroutine)
{
  GcoThread *thread = gco_thread_here ();

  if (G_UNLIKELY (thread->extra == NULL || thread->debug || coroutine->caller != NULL ||
                  coroutine->func == NULL ||
                  gco_load_relaxed (&coroutine->scheduled) != NULL))
    enter_slowly (thread, coroutine);
  else
    run_now (thread, coroutine);
}

static __attribute__ ((noinline)) void
yield_slowly (GcoThread    *thread,
              GcoCoroutine *self)
{
  if (G_UNLIKELY (self == NULL || self->caller == NULL))
    gco_fatal ("gco_coroutine_yield: not in a coroutine");
  if (G_UNLIKELY (gco_coroutine_get_home (self) == NULL))
    gco_coroutine_hooks.settle (self);
  gco_coroutine_suspend (thread);
}

/**
 * gco_coroutine_yield: (skip)
 *
 * Suspends the running coroutine until it is entered, scheduled or woken again.
 * Outside a coroutine this is fatal.
 *
 * It alone makes nobody resume the coroutine: to let others run and go on there is
 * [func@Gco.Coroutine.reschedule].
 *
 * `errno`, and in C++ the exception that a `catch` block handles, belong to the thread:
 * after this, or any call that may suspend, they are what others left.
 *
 * Since: 1.0
 */
void
gco_coroutine_yield (void)
{
  GcoThread    *thread = gco_thread_here ();
  GcoCoroutine *self = thread->current;

  if (G_UNLIKELY (self == NULL || self->caller == NULL || thread->debug ||
                  gco_coroutine_get_home (self) == NULL))
    yield_slowly (thread, self);
  else if (self->caller == thread->loop)
    gco_coroutine_yield_to_dispatch (thread, self);
  else
    yield_to_enterer (thread, self);
}
