/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <gco.h>

static gboolean gco_coroutine_fn
hello (GCancellable *cancellable,
       gpointer      user_data,
       GError      **error)
{
  g_autoptr (GFile) file = g_file_new_for_path ("/etc/os-release");
  g_autofree char *text = NULL;

  if (!gco_file_load_contents (file, cancellable, &text, NULL, NULL, error))
    return FALSE;
  g_print ("Hello from\n%s", text);
  return TRUE;
}

int
main (void)
{
  g_autoptr (GError) error = NULL;

  if (gco_run (hello, NULL, NULL, &error))
    return 0;
  g_printerr ("%s\n", error->message);
  return 1;
}
