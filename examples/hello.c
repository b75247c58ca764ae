/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <gco.h>

static void
hello (gpointer loop)
{
  GcoAwait await = GCO_AWAIT_INIT;
  g_autoptr (GFile) file = g_file_new_for_path ("/etc/os-release");

  g_file_load_contents_async (file, NULL, gco_await_ready, &await);
  g_autoptr (GAsyncResult) result = gco_await (&await);
  g_autofree char *text = NULL;
  if (g_file_load_contents_finish (file, result, &text, NULL, NULL, NULL))
    g_print ("Hello from\n%s", text);
  g_main_loop_quit (loop);
}

int
main (void)
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  gco_spawn (NULL, hello, loop, NULL);
  g_main_loop_run (loop);
}
