/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The stack that is not in the thread's cache. */

#include "gco-coroutine-private.h"

typedef struct
{
  gsize     size; /* as asked for */
  int       stack_class;
  GcoStack *stack;
  GError  **error;
} GcoStackWanted;

/* Before it fails, what this thread keeps of other sizes makes room. */
static GcoStack *
new_stack (int      stack_class,
           GError **error)
{
  GcoThread *thread = gco_thread_get ();
  GcoStack  *stack = gco_stack_new (stack_class, NULL);

  if (stack != NULL)
    return stack;
  gco_stack_cache_clear (&thread->cache);
  for (int i = 0; i < GCO_STACK_N_CLASSES; i++)
    gco_stack_cache_clear (&thread->extra->caches[i]);
  return gco_stack_new (stack_class, error);
}

static void
provide (gpointer user_data)
{
  GcoStackWanted *wanted = user_data;

  if (wanted->stack_class >= 0)
    wanted->stack = new_stack (wanted->stack_class, wanted->error);
  else
    g_set_error (wanted->error,
                 G_IO_ERROR,
                 G_IO_ERROR_NO_SPACE,
                 "A coroutine's stack cannot have %" G_GSIZE_FORMAT " bytes",
                 wanted->size);
}

GcoStack *
gco_thread_provide_stack (int      stack_class,
                          gsize    size,
                          GError **error)
{
  GcoStackWanted wanted = { size, stack_class, NULL, error };

  /* Outside: an error takes more stack than a small one has. */
  gco_coroutine_call_outside (provide, &wanted);
  return wanted.stack;
}
