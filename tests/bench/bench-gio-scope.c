/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Coroutines that are waited for: with a scope, and by counting them. */

#include "bench-gio-work.h"

typedef struct
{
  Work          work;
  unsigned      at_once;
  unsigned      running;
  GcoCoroutine *parent;
} ScopeWork;

static gboolean
scope_child (GCancellable *cancellable,
             gpointer      user_data,
             GError      **error)
{
  ScopeWork *self = user_data;

  self->work.count++;
  return TRUE;
}

static void
scope_body (gpointer user_data)
{
  ScopeWork *self = user_data;

  work_begin (&self->work);
  for (unsigned i = 0; i < self->work.total; i += self->at_once)
    {
      g_autoptr (GcoScope) scope = gco_scope_new (NULL);

      for (unsigned k = 0; k < self->at_once; k++)
        gco_scope_spawn (scope, scope_child, self, NULL);
      gco_scope_join (scope, NULL);
    }
  work_end (&self->work);
}

static void
spawn_child (gpointer user_data)
{
  ScopeWork *self = user_data;

  self->work.count++;
  if (--self->running == 0)
    gco_coroutine_wake (self->parent);
}

static void
spawn_body (gpointer user_data)
{
  ScopeWork *self = user_data;

  work_begin (&self->work);
  self->parent = gco_coroutine_self ();
  for (unsigned i = 0; i < self->work.total; i += self->at_once)
    {
      self->running = self->at_once;
      for (unsigned k = 0; k < self->at_once; k++)
        gco_spawn (NULL, spawn_child, self, NULL);
      gco_coroutine_yield ();
    }
  work_end (&self->work);
}

static double
run (unsigned         n,
     unsigned         at_once,
     GcoCoroutineFunc body)
{
  ScopeWork self = { .at_once = at_once };

  work_init (&self.work, n, 1);
  return work_run_coroutines (&self.work, body);
}

double
gco_scope (unsigned n,
           unsigned size)
{
  return run (n, size, scope_body);
}

double
gco_spawn_all (unsigned n,
               unsigned size)
{
  return run (n, size, spawn_body);
}
