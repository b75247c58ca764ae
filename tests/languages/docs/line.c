/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <gco.h>

static void
on_locked (GObject      *source_object,
           GAsyncResult *result,
           gpointer      user_data)
{
  GcoAsyncMutex *mutex = GCO_ASYNC_MUTEX (source_object);
  g_autoptr (GError) error = NULL;

  if (gco_async_mutex_lock_finish (mutex, result, &error))
    {
      g_print ("%s has it\n", (const char *) user_data);
      gco_async_mutex_unlock (mutex, NULL);
    }
}

static void gco_coroutine_fn
visit (gpointer user_data)
{
  GcoMutex *mutex = gco_async_mutex_get_mutex (user_data);

  gco_mutex_lock (mutex);
  g_print ("a coroutine has it\n");
  gco_mutex_unlock (mutex);
}

static gboolean gco_coroutine_fn
visit_all (GCancellable *cancellable,
           gpointer      user_data,
           GError      **error)
{
  g_autoptr (GcoAsyncMutex) mutex = gco_async_mutex_new ();

  gco_mutex_lock (gco_async_mutex_get_mutex (mutex));
  gco_async_mutex_lock_async (mutex, NULL, on_locked, "the first callback");
  gco_spawn (NULL, visit, g_object_ref (mutex), g_object_unref);
  gco_sleep_ns (NULL, 0);
  gco_async_mutex_lock_async (mutex, NULL, on_locked, "the last callback");
  gco_mutex_unlock (gco_async_mutex_get_mutex (mutex));

  /* behind all of them */
  gco_mutex_lock (gco_async_mutex_get_mutex (mutex));
  gco_mutex_unlock (gco_async_mutex_get_mutex (mutex));
  return TRUE;
}

int
main (void)
{
  return gco_run (visit_all, NULL, NULL, NULL) ? 0 : 1;
}
