/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "../gco-types.h"

/* Calls @func. FALSE always comes with @error set, which is not NULL: whoever looks there
 * for the reason would crash. */
static inline gboolean
gco_run_func (GcoRunFunc    func,
              GCancellable *cancellable,
              gpointer      user_data,
              GError      **error)
{
  if (func (cancellable, user_data, error))
    return TRUE;
  if (*error == NULL)
    g_set_error_literal (error,
                         G_IO_ERROR,
                         G_IO_ERROR_FAILED,
                         "A function returned FALSE without an error");
  return FALSE;
}
