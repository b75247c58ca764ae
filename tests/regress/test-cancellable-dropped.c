/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A wait keeps a reference to its cancellable: whoever cancels and lets go of it
 * at once must not leave the waiter with a dangling pointer. */

#include "gco-test-actor.h"

static void
test_dropped (GcoTest *t)
{
  for (int cancelled = 0; cancelled < 2; cancelled++)
    {
      GcoMutex      mutex = { 0 };
      Actor        *a = actor_new (t, "A");
      Actor        *b = actor_new (t, "B");
      GCancellable *cancellable = b->cancellable;

      g_object_add_weak_pointer (G_OBJECT (cancellable), (gpointer *) &cancellable);
      actor_do (a, do_lock, &mutex);
      actor_do (b, do_lock_cancellable, &mutex);
      if (cancelled)
        g_cancellable_cancel (cancellable);
      g_clear_object (&b->cancellable);
      actor_do (a, do_unlock, &mutex);
      if (cancelled)
        actor_assert_cancelled (b);
      else
        actor_assert_succeeded (b);
      g_assert_null (cancellable);
      b->cancellable = g_cancellable_new ();
      if (!cancelled)
        actor_do (b, do_unlock, &mutex);
      actors_end (a, b);
    }
}

int
main (int   argc,
      char *argv[])
{
  gco_test_init (&argc, &argv);
  gco_test_add ("/regress/cancellable-dropped", test_dropped);
  return g_test_run ();
}
