/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gco.h>
#include <gdk-pixbuf/gdk-pixbuf.h>

typedef struct _Output Output;

Output *gco_coroutine_fn  output_open (GFile        *target,
                                       GCancellable *cancellable,
                                       GError      **error);
gboolean gco_coroutine_fn output_write (Output       *output,
                                        GdkPixbuf    *picture,
                                        GCancellable *cancellable,
                                        GError      **error);
void                      output_discard (Output *output);
void                      output_free (Output *output);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Output, output_free)
