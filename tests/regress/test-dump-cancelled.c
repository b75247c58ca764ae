/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * gco_dump() looked at the lock of one who waits for it, when another thread could just have
 * cancelled that wait, and a third one taken the waiter out of the lock and freed that.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gco-test.h"

#include "gco-waiter-private.h"

typedef struct
{
  GcoWaitList   list;
  GCancellable *cancellable;
  gboolean      cancels; /* while it is looked at */
  guint         n_looks;
} Lock;

typedef struct
{
  Lock    *lock;
  GError  *error;
  gboolean ended;
} Data;

static gpointer
cancel (gpointer cancellable)
{
  g_cancellable_cancel (cancellable);
  return NULL;
}

static void
leave (GcoWaiter *waiter)
{
  Lock *lock = waiter->lock;

  gco_wait_list_close (&lock->list, waiter->previous, waiter->next);
}

/* Called by the dump: all that others can do happens now. */
static guintptr
holder (GcoWaiter *waiter)
{
  Lock *lock = waiter->lock;

  lock->n_looks++;
  if (lock->cancels)
    g_thread_join (g_thread_new ("canceller", cancel, lock->cancellable));
  /* who would take it out, and then free the lock, has to wait */
  g_assert_cmpint (gco_waiter_grant (waiter, &lock->list), ==, GCO_WAIT_WAITING);
  return GCO_HELD_ASYNC;
}

static const GcoWaiterClass klass = { "a lock", leave, NULL, holder };

static void
wait_for_lock (gpointer user_data)
{
  Data         *data = user_data;
  GcoWaitLimits limits = GCO_WAIT_CANCELLABLE (data->lock->cancellable);
  GcoWaiter     waiter;

  gco_waiter_init (&waiter, &klass, data->lock, G_STRFUNC);
  g_assert_true (gco_waiter_may_wait (&waiter, &limits, NULL));
  gco_wait_list_append (&data->lock->list, &waiter);
  gco_waiter_park (&waiter, &limits, &data->error);
  data->ended = TRUE;
}

static void
dump (void)
{
  char *text = NULL;
  gsize length;
  FILE *stream = open_memstream (&text, &length);

  gco_dump (stream);
  fclose (stream);
  g_test_message ("%s", text);
  g_assert_nonnull (strstr (text, "waits for a lock"));
  g_assert_nonnull (strstr (text, "held by an asynchronous caller"));
  free (text);
}

static void
test_cancelled (GcoTest *t)
{
  Lock lock = { .cancellable = g_cancellable_new (), .cancels = TRUE };
  Data data = { .lock = &lock };

  gco_test_spawn (t, wait_for_lock, &data);
  gco_test_drain (t);
  dump ();
  g_assert_cmpuint (lock.n_looks, >, 0);
  /* that it was cancelled meanwhile is not forgotten */
  gco_test_run_until (t, &data.ended);
  g_assert_error (data.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_null (lock.list.head);
  g_clear_error (&data.error);
  g_object_unref (lock.cancellable);
}

/* Nothing happens meanwhile: it waits as before. */
static void
test_granted (GcoTest *t)
{
  Lock       lock = { .cancellable = g_cancellable_new () };
  Data       data = { .lock = &lock };
  GcoWaiter *waiter;

  gco_test_spawn (t, wait_for_lock, &data);
  gco_test_drain (t);
  dump ();
  gco_test_drain (t);
  g_assert_false (data.ended);
  waiter = lock.list.head;
  g_assert_cmpint (gco_waiter_grant (waiter, &lock.list), ==, GCO_WAIT_GRANTED);
  gco_waiter_wake (waiter, NULL, G_STRFUNC);
  gco_test_run_until (t, &data.ended);
  g_assert_no_error (data.error);
  g_object_unref (lock.cancellable);
}

int
main (int   argc,
      char *argv[])
{
  gco_test_init (&argc, &argv);
  gco_test_add ("/regress/dump-cancelled/cancelled", test_cancelled);
  gco_test_add ("/regress/dump-cancelled/granted", test_granted);
  return g_test_run ();
}
