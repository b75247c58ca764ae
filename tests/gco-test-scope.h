/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A scope, what its coroutines do, and what came of it. */

#pragma once

#include "gco-test.h"

typedef struct
{
  GcoTest  *t;
  GcoScope *scope;
  guint     n_spawned;
  guint     n_run;
  guint     n_freed; /* (atomic) */
  gboolean  joined;
  GError   *error;
} ScopeTest;

static inline void
scope_note_freed (gpointer user_data)
{
  ScopeTest *data = user_data;

  g_assert_false (gco_in_coroutine ());
  g_atomic_int_inc (&data->n_freed);
}

static inline void
scope_spawn (ScopeTest  *data,
             const char *name,
             GcoRunFunc  func)
{
  gco_scope_spawn_full (data->scope, data->t->ctx, name, 0, func, data, scope_note_freed);
  data->n_spawned++;
}

static inline gboolean
scope_pass_once (GCancellable *cancellable,
                 gpointer      user_data,
                 GError      **error)
{
  ScopeTest *data = user_data;

  g_assert_true (gco_in_coroutine ());
  g_assert_true (cancellable == gco_scope_get_current_cancellable ());
  g_assert_null (*error);
  gco_test_pass ();
  g_atomic_int_inc (&data->n_run);
  return TRUE;
}

static inline gboolean
scope_sleep_for_ever (GCancellable *cancellable,
                      gpointer      user_data,
                      GError      **error)
{
  ScopeTest *data = user_data;
  gboolean   slept = gco_sleep_ns_cancellable (NULL, G_MAXINT64, NULL, error);

  g_assert_false (slept);
  data->n_run++;
  return FALSE;
}

static inline gboolean
scope_fail_busy (GCancellable *cancellable,
                 gpointer      user_data,
                 GError      **error)
{
  gco_test_pass ();
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_BUSY, "busy");
  return FALSE;
}

/* In a coroutine. */
static inline void
scope_join (gpointer user_data)
{
  ScopeTest *data = user_data;

  data->joined = gco_scope_join (data->scope, &data->error);
  g_assert_true (data->joined == (data->error == NULL));
  g_assert_cmpuint (data->n_freed, ==, data->n_spawned);
  g_assert_cmpuint (gco_scope_get_n_running (data->scope), ==, 0);
}

static inline void
scope_begin (ScopeTest *data,
             GcoTest   *t)
{
  *data = (ScopeTest){ .t = t, .scope = gco_scope_new (NULL) };
}

static inline void
scope_end (ScopeTest *data)
{
  g_clear_error (&data->error);
  g_assert_finalize_object (data->scope);
}

static inline void
scope_end_with_error (ScopeTest *data,
                      int        code)
{
  g_assert_error (data->error, G_IO_ERROR, code);
  scope_end (data);
}

static inline void
scope_end_with_success (ScopeTest *data)
{
  g_assert_no_error (data->error);
  g_assert_true (data->joined);
  scope_end (data);
}
