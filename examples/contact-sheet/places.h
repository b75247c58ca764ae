/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "find.h"

Finding *gco_coroutine_fn places_find (char        **folders,
                                       GFile        *except,
                                       Progress     *progress,
                                       GCancellable *cancellable,
                                       GError      **error);
