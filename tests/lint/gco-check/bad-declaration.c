/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <gco.h>

void            nap (void);
static gboolean rest (void);

void gco_coroutine_fn
nap (void) /* [declaration] nap () is a coroutine_fn, and its declaration */
{
  gco_sleep_ns (NULL, 1);
}

static gboolean gco_coroutine_fn
rest (void) /* [declaration] bad-declaration.c:5 */
{
  return TRUE;
}
