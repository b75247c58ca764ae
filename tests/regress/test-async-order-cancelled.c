/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Granted, then cancelled, then called back: GTask held it back, behind others that were
 * granted later. */

#include "gco-test-face.h"

static void
test_order (GcoTest *t)
{
  GcoAsyncSemaphore *semaphore = gco_async_semaphore_new (3);
  Caller            *callers[3];
  static char        names[3][2] = { "A", "B", "C" };

  for (int i = 0; i < 3; i++)
    g_assert_true (gco_async_semaphore_tryacquire (semaphore));
  for (int i = 0; i < 3; i++)
    {
      callers[i] = caller_new (t, names[i]);
      caller_asks (callers[i], gco_async_semaphore_acquire_async, semaphore);
    }
  gco_test_drain (t);
  for (int i = 0; i < 3; i++)
    g_assert_true (gco_async_semaphore_release (semaphore, NULL));
  g_cancellable_cancel (callers[0]->cancellable);
  gco_test_drain (t);
  gco_test_assert_log (t, "A B C ");
  for (int i = 0; i < 3; i++)
    {
      caller_assert_granted (callers[i], gco_async_semaphore_acquire_finish);
      g_assert_true (gco_async_semaphore_release (semaphore, NULL));
      caller_end (callers[i]);
    }
  g_assert_finalize_object (semaphore);
}

int
main (int   argc,
      char *argv[])
{
  gco_test_init (&argc, &argv);
  gco_test_add_source ("/regress/async-order-cancelled", test_order);
  return g_test_run ();
}
