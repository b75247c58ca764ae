/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#if !defined(GCO_INSIDE) && !defined(GCO_COMPILATION)
# error "Only <gco.h> can be included directly."
#endif

#include "../gco-types.h"

G_BEGIN_DECLS

/**
 * GcoTaskFunc: (skip)
 * @task: the task
 * @source_object: (type GObject): its source object
 * @task_data: its task data
 * @cancellable: its cancellable
 *
 * The body of a task that runs as a coroutine: it returns a value or an error
 * on @task, once.
 *
 * Since: 1.0
 */
typedef void (*GcoTaskFunc) (GTask        *task,
                             gpointer      source_object,
                             gpointer      task_data,
                             GCancellable *cancellable);

GCO_AVAILABLE_IN_1_0
GTask *gco_task_new (gpointer            source_object,
                     GCancellable       *cancellable,
                     GAsyncReadyCallback callback,
                     gpointer            user_data);

GCO_AVAILABLE_IN_1_0
void gco_task_run (GTask      *task,
                   GcoTaskFunc func);

G_END_DECLS
