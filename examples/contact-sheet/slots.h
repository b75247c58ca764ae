/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gco.h>

typedef struct
{
  GcoMutex lock;
  GcoQueue freed;
  guint    n_free;
} Slots;

void                      slots_init (Slots *slots,
                                      guint  n);
gboolean gco_coroutine_fn slots_take (Slots        *slots,
                                      GCancellable *cancellable,
                                      GError      **error);
void gco_coroutine_fn     slots_give (Slots *slots);
