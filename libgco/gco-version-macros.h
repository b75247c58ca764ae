/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which symbols are exported, and since when. */

#pragma once

#if !defined(GCO_INSIDE) && !defined(GCO_COMPILATION)
# error "Only <gco.h> can be included directly."
#endif

#include <glib.h>

#ifndef GCO_EXTERN
# define GCO_EXTERN __attribute__ ((visibility ("default"))) extern
#endif

#define GCO_AVAILABLE_IN_ALL GCO_EXTERN
#define GCO_AVAILABLE_IN_1_0 GCO_EXTERN
