/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gco.h>

#include "notes.h"

typedef struct _Store Store;

Store *gco_coroutine_fn store_open (const char *path,
                                    GError    **error);
void gco_coroutine_fn   store_close (Store *store);

GVariant *gco_coroutine_fn store_read (Store        *store,
                                       NotesFunc     func,
                                       GVariant     *parameters,
                                       GCancellable *cancellable,
                                       GError      **error);
GVariant *gco_coroutine_fn store_write (Store        *store,
                                        NotesFunc     func,
                                        GVariant     *parameters,
                                        GCancellable *cancellable,
                                        GError      **error);

guint store_get_most_readers (Store *store);
