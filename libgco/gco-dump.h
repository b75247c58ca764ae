/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#if !defined(GCO_INSIDE) && !defined(GCO_COMPILATION)
# error "Only <gco.h> can be included directly."
#endif

#include <stdio.h>

#include "gco-types.h"

G_BEGIN_DECLS

GCO_AVAILABLE_IN_1_0
void gco_dump (FILE *stream);

G_END_DECLS
