/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gco.h>

/* (main thread) */
typedef struct
{
  const char *doing;
  guint       n_files; /* 0: not known yet */
  guint       n_done;
  guint       n_skipped;

  gboolean on_terminal;
  gboolean shown;
  gboolean stopping;
  gboolean running;
  GcoSleep nap;
  GcoQueue ended;
} Progress;

void                  progress_start (Progress *progress);
void                  progress_say (Progress   *progress,
                                    const char *format,
                                    ...) G_GNUC_PRINTF (2, 3);
void                  progress_skip (Progress   *progress,
                                     const char *name,
                                     const char *why);
void gco_coroutine_fn progress_stop (Progress *progress);
