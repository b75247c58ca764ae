/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gco.h>

#include "callers.h"
#include "store.h"

#define NOTES_NAME "org.example.Notes"
#define NOTES_PATH "/org/example/Notes"

/* (main thread) The object on the bus. */
typedef struct
{
  GDBusConnection *bus;
  Store           *store;
  GcoScope        *scope; /* of a coroutine a call */
  Callers          callers;
  guint            registration;
} Calls;

gboolean calls_start (Calls           *calls,
                      GDBusConnection *bus,
                      Store           *store,
                      GcoScope        *scope,
                      GError         **error);
void     calls_stop (Calls *calls);
void     calls_clear (Calls *calls);
