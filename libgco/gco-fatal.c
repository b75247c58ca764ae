/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "gco-fatal-private.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void
gco_fatal (const char *format,
           ...)
{
  char    text[1024];
  va_list args;

  /* not g_error(): a log writer is foreign code, and this may be a coroutine; nor
   * vfprintf(), whose buffer alone would overflow the smallest stack */
  va_start (args, format);
  vsnprintf (text, sizeof text, format, args);
  va_end (args);
  fputs ("libgco: ", stderr);
  fputs (text, stderr);
  fputc ('\n', stderr);
  abort ();
}
