/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gco.h>

gpointer gco_coroutine_fn offload (GTaskThreadFunc func,
                                   gpointer        data,
                                   GCancellable   *cancellable,
                                   GError        **error);
