/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Callers of the GObject faces of the locks: asking, and fetching what came. */

#pragma once

#include "gco-test-caller.h"

typedef gboolean (*FaceFinish) (gpointer      face,
                                GAsyncResult *result,
                                GError      **error);

/* In each of these no callback may come. */
#define caller_asks(caller, ask, ...)                                \
 G_STMT_START                                                        \
 {                                                                   \
  (caller)->busy = TRUE;                                             \
  ask (__VA_ARGS__, (caller)->cancellable, caller_called, (caller)); \
  (caller)->busy = FALSE;                                            \
 }                                                                   \
 G_STMT_END

static inline gboolean
caller_fetches (Caller  *caller,
                gpointer finish)
{
  g_autoptr (GObject) face = NULL;

  g_assert_true (caller->called);
  face = g_async_result_get_source_object (caller->result);
  return ((FaceFinish) finish) (face, caller->result, &caller->error);
}

static inline void
caller_assert_granted (Caller  *caller,
                       gpointer finish)
{
  g_assert_true (caller_fetches (caller, finish));
  g_assert_no_error (caller->error);
}

static inline void
caller_assert_failed (Caller  *caller,
                      gpointer finish,
                      int      code)
{
  g_assert_false (caller_fetches (caller, finish));
  g_assert_error (caller->error, G_IO_ERROR, code);
  g_clear_error (&caller->error);
}

/* Called back, and not interested: what it was granted is nobody's. */
static inline void
caller_forgets (Caller *caller)
{
  g_assert_true (caller->called);
  g_clear_object (&caller->result);
}

/* For one that forgot. */
static inline void
caller_free (Caller *caller)
{
  g_assert_null (caller->result);
  g_object_unref (caller->cancellable);
  g_free (caller);
}

#define assert_permission_denied(call)                                \
 G_STMT_START                                                         \
 {                                                                    \
  g_autoptr (GError) denied_ = NULL;                                  \
  GError **error = &denied_;                                          \
  g_assert_false (call);                                              \
  g_assert_error (denied_, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED); \
 }                                                                    \
 G_STMT_END
