/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "bench-c.h"

/* Of the priority that libgco's source has: that of idle sources would be unfair. */
static inline void
glib_add_idle (GMainContext *context,
               GSourceFunc   func,
               gpointer      user_data)
{
  GSource *source = g_idle_source_new ();

  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, func, user_data, NULL);
  g_source_attach (source, context);
  g_source_unref (source);
}
