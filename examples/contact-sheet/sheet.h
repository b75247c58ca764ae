/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gco.h>
#include <gdk-pixbuf/gdk-pixbuf.h>

typedef struct _Sheet Sheet;

Sheet                      *sheet_new (guint n_files,
                                       guint n_expected);
void                        sheet_free (Sheet *sheet);
gboolean gco_coroutine_fn   sheet_put (Sheet     *sheet,
                                       guint      index,
                                       GdkPixbuf *thumbnail,
                                       GError   **error);
GdkPixbuf *gco_coroutine_fn sheet_get_picture (Sheet *sheet,
                                               guint *n_placed,
                                               guint *n_left_out);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Sheet, sheet_free)
