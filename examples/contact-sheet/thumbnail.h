/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gco.h>
#include <gdk-pixbuf/gdk-pixbuf.h>

#define THUMBNAIL_SIZE 160

GdkPixbuf                  *thumbnail_shrink (GdkPixbuf *pixbuf,
                                              int        size);
GdkPixbuf *gco_coroutine_fn thumbnail_make (GFile        *file,
                                            GCancellable *cancellable,
                                            GError      **error);
