/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

/* (main thread) */
typedef struct
{
  GDBusConnection *bus;
  GHashTable      *by_name; /* unique name -> Caller */
} Callers;

void          callers_init (Callers         *callers,
                            GDBusConnection *bus);
void          callers_clear (Callers *callers);
GCancellable *callers_get_cancellable (Callers    *callers,
                                       const char *name);
