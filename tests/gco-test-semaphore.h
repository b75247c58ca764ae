/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What actors do with a GcoSemaphore. */

#pragma once

#include "gco-test-actor.h"

static inline gboolean
do_acquire (Actor   *self,
            gpointer semaphore)
{
  gco_semaphore_acquire (semaphore);
  return TRUE;
}

static inline gboolean
do_acquire_cancellable (Actor   *self,
                        gpointer semaphore)
{
  return gco_semaphore_acquire_cancellable (semaphore, self->cancellable, &self->error);
}

static inline gboolean
do_acquire_until (Actor   *self,
                  gpointer semaphore)
{
  return gco_semaphore_acquire_until (semaphore,
                                      self->clock,
                                      self->deadline_ns,
                                      self->cancellable,
                                      &self->error);
}

static inline gboolean
do_tryacquire (Actor   *self,
               gpointer semaphore)
{
  return gco_semaphore_tryacquire (semaphore);
}

static inline gboolean
do_release (Actor   *self,
            gpointer semaphore)
{
  gco_semaphore_release (semaphore);
  return TRUE;
}
