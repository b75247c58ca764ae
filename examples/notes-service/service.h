/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gco.h>

#include "calls.h"

/* (main thread) */
typedef struct
{
  char *path; /* (immutable) of the database */

  GcoSleep         stop; /* in which the service sleeps, so to say */
  Store           *store;
  GDBusConnection *bus;
  GcoScope        *scope;
  Calls            calls;
} Service;

gboolean gco_coroutine_fn service_run (GCancellable *cancellable,
                                       gpointer      user_data,
                                       GError      **error);
void                      service_stop (Service *service);
void                      service_clear (Service *service);
