/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The sides of bench-gio. */

#pragma once

#include "bench.h"

double gtask (unsigned n);
double gtask_attached (unsigned n);
double gco_await_pending (unsigned n);
double gco_await_called (unsigned n);
double gco_task (unsigned n);
double gtask_in_thread (unsigned n);
double gtask_2 (unsigned n);
double gtask_100 (unsigned n);

double gco_async_lock_1 (unsigned n);
double gco_async_lock_2 (unsigned n);
double gco_async_lock_100 (unsigned n);
double gco_async_rdlock_1 (unsigned n);
double gco_async_wrlock_1 (unsigned n);
double gco_async_wrlock_100 (unsigned n);
double gco_async_acquire_1 (unsigned n);
double gco_async_acquire_100 (unsigned n);
double gco_async_wait_1 (unsigned n);
double gco_async_wait_100 (unsigned n);

double gco_mutex_pair (unsigned n);
double gco_mutex_handoff (unsigned n);
double gco_mutex_handoff_100 (unsigned n);
double gco_mutex_cancellable_pair (unsigned n);
double gco_mutex_cancellable_handoff (unsigned n);
double gco_semaphore_pair (unsigned n);
double gco_semaphore_handoff (unsigned n);
double gco_semaphore_handoff_100 (unsigned n);
double gco_mutex_until_pair (unsigned n);
double gco_mutex_until_handoff (unsigned n);
double libc_semaphore_pair (unsigned n);
double gio_cancellable_watch (unsigned n);
double glib_timeout_source (unsigned n);

double gco_channel_0 (unsigned n);
double gco_channel_1 (unsigned n);
double gco_channel_100 (unsigned n);
double glib_async_queue_1 (unsigned n);
double glib_async_queue_100 (unsigned n);

double gco_scope_1 (unsigned n);
double gco_scope_100 (unsigned n);
double gco_spawn_1 (unsigned n);
double gco_spawn_100 (unsigned n);
