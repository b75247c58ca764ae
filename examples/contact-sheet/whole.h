/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

gboolean is_whole (const char   *format,
                   const guint8 *data,
                   gsize         size);
