/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The line on the terminal that says how far things are, and the messages that
 * have to share the terminal with it.
 */

#include "progress.h"

#include <stdio.h>
#include <unistd.h>

#define INTERVAL_NS (100 * 1000 * 1000)
#define CLEAR_LINE "\r\033[K"

/* a file may be called anything, an escape sequence too */
static char *
printable (const char *text)
{
  g_autofree char *valid = g_utf8_make_valid (text, -1);
  GString         *out = g_string_new (NULL);

  for (const char *p = valid; *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);

      g_string_append_unichar (out, g_unichar_iscntrl (c) ? '?' : c);
    }
  return g_string_free (out, FALSE);
}

static void
clear (Progress *progress)
{
  if (progress->shown)
    fputs (CLEAR_LINE, stderr);
  progress->shown = FALSE;
}

static void
show (Progress *progress)
{
  fprintf (stderr, CLEAR_LINE "%s", progress->doing);
  if (progress->n_files > 0)
    fprintf (stderr, ": %u of %u files", progress->n_done, progress->n_files);
  if (progress->n_skipped > 0)
    fprintf (stderr, ", %u skipped", progress->n_skipped);
  fflush (stderr);
  progress->shown = TRUE;
}

static void gco_coroutine_fn
keep_showing (gpointer user_data)
{
  Progress *progress = user_data;

  while (!progress->stopping)
    {
      show (progress);
      gco_sleep_wait_ns (&progress->nap, NULL, INTERVAL_NS);
    }
  clear (progress);
  progress->running = FALSE;
  gco_queue_restart_all (&progress->ended);
}

void
progress_start (Progress *progress)
{
  progress->on_terminal = isatty (STDERR_FILENO);
  if (progress->on_terminal)
    progress->running = gco_spawn (NULL, keep_showing, progress, NULL) != NULL;
}

void
progress_say (Progress   *progress,
              const char *format,
              ...)
{
  g_autofree char *text = NULL;
  g_autofree char *safe = NULL;
  va_list          args;

  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  safe = printable (text);
  clear (progress);
  g_printerr ("contact-sheet: %s\n", safe);
}

void
progress_skip (Progress   *progress,
               const char *name,
               const char *why)
{
  progress->n_skipped++;
  progress_say (progress, "%s: %s", name, why);
}

/* Returns when the line is gone, so that what is printed next stands alone. */
void gco_coroutine_fn
progress_stop (Progress *progress)
{
  progress->stopping = TRUE;
  gco_sleep_wake (&progress->nap);
  while (progress->running)
    gco_queue_wait (&progress->ended, NULL);
}
