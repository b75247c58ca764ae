/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What can be asked of a coroutine that does not change how it runs. */

#include "gco-coroutine-private.h"

const char *
gco_coroutine_describe (GcoCoroutine *coroutine)
{
  GcoThread *thread = gco_thread_here ();
  char      *text;

  if (coroutine == NULL || coroutine->func == NULL)
    return "no coroutine";
  gco_thread_ensure (thread);
  text = thread->extra->texts[thread->extra->turn++ % 2];
  g_snprintf (text,
              sizeof thread->extra->texts[0],
              "%s (%p)",
              coroutine->name != NULL ? coroutine->name : "unnamed",
              (gpointer) coroutine);
  return text;
}

/**
 * gco_coroutine_self: (skip)
 *
 * The running coroutine of this thread.
 *
 * Returns: (nullable) (transfer none): the coroutine, or NULL outside of one
 *
 * Since: 1.0
 */
GcoCoroutine *
gco_coroutine_self (void)
{
  return gco_coroutine_here ();
}

/**
 * gco_in_coroutine: (skip)
 *
 * Whether the caller runs in a coroutine and so may yield.
 *
 * Returns: TRUE in a coroutine
 *
 * Since: 1.0
 */
gboolean
gco_in_coroutine (void)
{
  return gco_coroutine_self () != NULL;
}

/**
 * gco_coroutine_is_entered: (skip)
 * @coroutine: a coroutine
 *
 * Whether @coroutine runs, or has entered another that does. To be asked in its
 * home thread.
 *
 * Returns: TRUE if it cannot be entered now
 *
 * Since: 1.0
 */
gboolean
gco_coroutine_is_entered (GcoCoroutine *coroutine)
{
  g_return_val_if_fail (coroutine != NULL, FALSE);

  return coroutine->caller != NULL;
}

/**
 * gco_coroutine_get_name: (skip)
 * @coroutine: a coroutine
 *
 * What messages call @coroutine. Its home thread, or its creator before it runs.
 *
 * Returns: (nullable) (transfer none): its name, if it was given one
 *
 * Since: 1.0
 */
const char *
gco_coroutine_get_name (GcoCoroutine *coroutine)
{
  g_return_val_if_fail (coroutine != NULL, NULL);

  return coroutine->name;
}

/**
 * gco_coroutine_set_name: (skip)
 * @coroutine: a coroutine
 * @name: (nullable): a name; copied
 *
 * Names @coroutine for messages and debuggers. For its owner: the creator
 * before it runs, later itself.
 *
 * Since: 1.0
 */
void
gco_coroutine_set_name (GcoCoroutine *coroutine,
                        const char   *name)
{
  char *old;

  g_return_if_fail (coroutine != NULL);

  old = coroutine->name;
  coroutine->name = g_strdup (name);
  GCO_PROBE2 (coroutine__name, coroutine, coroutine->name);
  g_free (old);
}

/**
 * gco_coroutine_get_stack_size: (skip)
 * @coroutine: a coroutine
 *
 * How large its stack became, after rounding. Any thread, while it has not ended.
 *
 * Returns: the size of its stack in bytes, guard page included
 *
 * Since: 1.0
 */
gsize
gco_coroutine_get_stack_size (GcoCoroutine *coroutine)
{
  g_return_val_if_fail (coroutine != NULL, 0);

  return coroutine->stack.size;
}

/**
 * gco_coroutine_get_stack_usage: (skip)
 * @coroutine: a coroutine
 *
 * How deep into its stack @coroutine has ever written, in whole pages: what the stack
 * needs, less the guard page. Any thread, while @coroutine has not ended.
 *
 * Stacks are used again, and this tells what all coroutines together have used of one. Where
 * the environment's `GCO_DEBUG` has the word `stack-usage` it tells of @coroutine alone:
 * each gives back what it has used when it ends.
 *
 * What the system has swapped out does not count; of locked memory everything does.
 *
 * Returns: the highest use of its stack so far in bytes, a multiple of the page size
 *
 * Since: 1.0
 */
gsize
gco_coroutine_get_stack_usage (GcoCoroutine *coroutine)
{
  GcoStack *stack;

  g_return_val_if_fail (coroutine != NULL, 0);

  stack = &coroutine->stack;
  return (gsize) (stack->base + stack->size - gco_stack_find_lowest (stack));
}
