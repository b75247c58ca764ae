/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gco.h>
#include <gdk-pixbuf/gdk-pixbuf.h>

#include "image.h"

typedef struct _Cache Cache;

Cache                      *cache_new (void);
void                        cache_free (Cache *cache);
const char                 *cache_get_complaint (Cache *cache);
void gco_coroutine_fn       cache_load (Cache *cache);
GdkPixbuf *gco_coroutine_fn cache_lookup (Cache        *cache,
                                          const Image  *image,
                                          GCancellable *cancellable);
void gco_coroutine_fn       cache_add (Cache       *cache,
                                       const Image *image,
                                       GdkPixbuf   *thumbnail);
void gco_coroutine_fn       cache_trim (Cache  *cache,
                                        guint64 max_bytes);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Cache, cache_free)
