/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * One who calls an _async function: what an actor is to a coroutine. Its callback
 * must come once, by the main context and in the thread of the call, outside of
 * coroutines and of whatever else goes on.
 */

#pragma once

#include "gco-test.h"

typedef struct _Caller Caller;

struct _Caller
{
  GcoTest      *t;
  const char   *name;         /* NULL: not in the log */
  GMainContext *main_context; /* that has to call back; NULL: the default one */
  GThread      *thread;
  GCancellable *cancellable;
  gboolean      busy; /* where no callback may come */
  gboolean      called;
  GAsyncResult *result;
  GError       *error;
};

static inline Caller *
caller_new (GcoTest    *t,
            const char *name)
{
  Caller *self = g_new0 (Caller, 1);

  self->t = t;
  self->name = name;
  self->main_context = t->main_context;
  self->thread = g_thread_self ();
  self->cancellable = g_cancellable_new ();
  return self;
}

static inline void
caller_called (GObject      *source,
               GAsyncResult *result,
               gpointer      user_data)
{
  Caller       *self = user_data;
  GMainContext *main_context = g_source_get_context (g_main_current_source ());

  g_assert_false (self->called);
  g_assert_false (self->busy);
  g_assert_false (gco_in_coroutine ());
  g_assert_true (g_thread_self () == self->thread);
  g_assert_true (main_context == (self->main_context != NULL ? self->main_context
                                                             : g_main_context_default ()));
  self->result = g_object_ref (result);
  if (self->name != NULL)
    gco_test_log (self->t, "%s ", self->name);
  g_atomic_int_set (&self->called, TRUE);
}

static inline void
caller_end (Caller *self)
{
  g_assert_true (self->called);
  g_assert_no_error (self->error);
  g_object_unref (self->result);
  g_object_unref (self->cancellable);
  g_free (self);
}

#define callers_end(...)                                 \
 G_STMT_START                                            \
 {                                                       \
  Caller *callers_[] = { __VA_ARGS__ };                  \
  for (gsize i_ = 0; i_ < G_N_ELEMENTS (callers_); i_++) \
   caller_end (callers_[i_]);                            \
 }                                                       \
 G_STMT_END
