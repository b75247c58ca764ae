/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gco.h>

gboolean gco_coroutine_fn in_thread (GcoRunFunc    func,
                                     gpointer      data,
                                     GCancellable *cancellable,
                                     GError      **error);
