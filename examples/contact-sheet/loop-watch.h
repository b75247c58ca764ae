/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

GSource *loop_watch_new (void);
gint64   loop_watch_get_longest_us (GSource *watch);
