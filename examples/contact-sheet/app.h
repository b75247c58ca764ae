/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gco.h>

#include "output.h"
#include "progress.h"

/* (main thread) */
typedef struct
{
  /* what the user wants */
  char   **folders; /* (nullable) */
  char    *target;
  int      cache_mib;
  gboolean verbose;

  GMainLoop    *loop;
  GSource      *watch;
  GCancellable *cancellable;
  Output       *output; /* (nullable) open until the sheet is written */
  Progress      progress;
  GError       *problem; /* (nullable) why there is no sheet */
} App;

void gco_coroutine_fn app_run (gpointer user_data);
