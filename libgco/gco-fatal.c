/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "gco-fatal-private.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void
gco_fatal (const char *format,
           ...)
{
  va_list args;

  /* not g_error(): a log writer is foreign code, and this may be a coroutine */
  fputs ("libgco: ", stderr);
  va_start (args, format);
  vfprintf (stderr, format, args);
  va_end (args);
  fputc ('\n', stderr);
  abort ();
}
