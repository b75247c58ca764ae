/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What stderr shows: lines that stay, and below them, on a terminal, one for each
 * download under way. */

#include "fetch.h"

#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define INTERVAL_NS (100 * 1000 * 1000)
#define DEFAULT_ROWS 24
/* a line that is too long is cut off, not continued on the next */
#define WRAP_OFF "\033[?7l"
#define WRAP_ON "\033[?7h"

static guint n_shown; /* (main thread) */

/* Servers and users may call anything anything, an escape sequence too. */
char *
printable (const char *text)
{
  char *valid = g_utf8_make_valid (text, -1);

  for (char *c = valid; *c != '\0'; c = g_utf8_next_char (c))
    if (g_unichar_iscntrl (g_utf8_get_char (c)))
      memset (c, '_', (gsize) (g_utf8_next_char (c) - c));
  return valid;
}

static void
clear (void)
{
  if (n_shown > 0)
    fprintf (stderr, "\033[%uA\r\033[J", n_shown);
  n_shown = 0;
}

static void
show (Fetch *fetch)
{
  struct winsize screen = { 0 };
  guint          n_rows = DEFAULT_ROWS;

  if (ioctl (STDERR_FILENO, TIOCGWINSZ, &screen) == 0 && screen.ws_row > 1)
    n_rows = screen.ws_row;
  clear ();
  fputs (WRAP_OFF, stderr);
  for (guint i = 0; i < fetch->n_downloads && n_shown < n_rows - 1; i++)
    {
      Download        *download = &fetch->downloads[i];
      g_autofree char *size = NULL;
      g_autofree char *total = NULL;

      if (download->part == NULL)
        continue;
      size = g_format_size ((guint64) download->part->size);
      total = download->total < 0 ? g_strdup ("?")
                                  : g_format_size ((guint64) download->total);
      fprintf (stderr, "%s: %s of %s\n", download->name, size, total);
      n_shown++;
    }
  fputs (WRAP_ON, stderr);
  fflush (stderr);
}

/* A GcoRunFunc: until it is cancelled. */
gboolean gco_coroutine_fn
progress_run (GCancellable *cancellable,
              gpointer      fetch,
              GError      **error)
{
  do
    show (fetch);
  while (gco_sleep_ns_cancellable (NULL, INTERVAL_NS, cancellable, NULL));
  clear ();
  return TRUE;
}

void
progress_say (const char *name,
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
  clear ();
  fprintf (stderr, "%s: %s\n", name, safe);
}
