/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <gco.h>

static void gco_coroutine_fn
pause_it (void)
{
  g_usleep (1000);
  /* gco-check: allow blocking: a microsecond, and no descriptor to wait for */
  g_usleep (1);
}

static void
clicked (void)
{
  pause_it ();
}

static void gco_coroutine_fn
body (gpointer user_data)
{
  pause_it ();
}

static void
start (void)
{
  gco_spawn (NULL, body, NULL, NULL);
  g_idle_add_once (body, NULL);
}
