/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a lock itself says of who has it and who waits, in the words of the model. */

#include "explore-watch.h"

#include <string.h>

#include "gco-mutex-private.h"
#include "gco-queue-private.h"
#include "gco-rwlock-private.h"
#include "gco-semaphore-private.h"

guintptr
explore_lock_state (gpointer lock)
{
  return *(guintptr *) lock; /* the first field of each */
}

static void
look_at_waiters (const char *name,
                 gpointer    head,
                 Model      *seen,
                 guint     **states)
{
  for (GcoWaiter *waiter = head; waiter != NULL; waiter = waiter->next)
    {
      guint i = seen->n_waiters++;

      if (seen->n_waiters > MODEL_MAX)
        explore_fail ("%s: its line has no end", name);
      seen->waiters[i] = (ModelWaiter){
        waiter->coroutine,
        waiter->exclusive || seen->kind == MODEL_MUTEX,
        *waiter->state != GCO_WAIT_WAITING && *waiter->state < GCO_WAIT_PINNED,
      };
      states[i] = waiter->state;
    }
}

void
explore_look_at (gpointer     lock,
                 const char  *name,
                 const Model *model,
                 Model       *seen,
                 guint      **states)
{
  guintptr state = explore_lock_state (lock);

  seen->kind = model->kind;
  seen->writer = NULL;
  seen->n_readers = seen->n_waiters = 0;
  switch (seen->kind)
    {
    case MODEL_MUTEX:
      seen->writer = (gpointer) (state & ~(guintptr) 3);
      look_at_waiters (name, ((GcoMutex *) lock)->head, seen, states);
      if (((state & 2) != 0) != (seen->n_waiters > 0))
        explore_fail ("%s: its word does not say whether anybody waits", name);
      break;
    case MODEL_RWLOCK:
      seen->writer = (gpointer) ((GcoRwlock *) lock)->writer;
      seen->n_readers = ((GcoRwlock *) lock)->n_readers;
      look_at_waiters (name, ((GcoRwlock *) lock)->head, seen, states);
      break;
    case MODEL_SEMAPHORE:
      seen->n_readers = model->n_permits - (guint) (state / 4);
      look_at_waiters (name, ((GcoSemaphore *) lock)->head, seen, states);
      break;
    default:
      look_at_waiters (name, ((GcoQueue *) lock)->head, seen, states);
    }
}

gboolean
explore_same_line (const Model *model,
                   const Model *seen)
{
  if (model->n_waiters != seen->n_waiters)
    return FALSE;
  for (guint i = 0; i < model->n_waiters; i++)
    if (model->waiters[i].who != seen->waiters[i].who ||
        model->waiters[i].cancelled != seen->waiters[i].cancelled)
      return FALSE;
  return TRUE;
}

gboolean
explore_is_like (const Model *model,
                 const Model *seen)
{
  return model->writer == seen->writer && model->n_readers == seen->n_readers &&
         explore_same_line (model, seen);
}

void
explore_describe (GString     *text,
                  const Model *model)
{
  gconstpointer start;

  g_string_append_printf (text,
                          "held by %s, %u readers, line:",
                          model->writer == NULL ? "nobody"
                                                : explore_name_at (model->writer, &start),
                          model->n_readers);
  for (guint i = 0; i < model->n_waiters; i++)
    g_string_append_printf (text,
                            " %s%s",
                            explore_name_at (model->waiters[i].who, &start),
                            model->waiters[i].cancelled ? " (cancelled)" : "");
}
