/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The only header an application includes. */

#pragma once

#define GCO_INSIDE

#include "gco-aio-context.h"
#include "gco-bh.h"
#include "gco-clock.h"
#include "gco-coroutine.h"
#include "gco-dump.h"
#include "gco-event-notifier.h"
#include "gco-lockable.h"
#include "gco-mutex.h"
#include "gco-queue.h"
#include "gco-rwlock.h"
#include "gco-schedule.h"
#include "gco-semaphore.h"
#include "gco-sleep.h"
#include "gco-timer.h"
#include "gco-types.h"
#include "gco-version-macros.h"
#include "gco-version.h"
#include "gco-wait-fd.h"
#include "gio/gco-async-mutex.h"
#include "gio/gco-async-rwlock.h"
#include "gio/gco-async-semaphore.h"
#include "gio/gco-async-wait-queue.h"
#include "gio/gco-await.h"
#include "gio/gco-channel.h"
#include "gio/gco-gio.h"
#include "gio/gco-run-in-thread.h"
#include "gio/gco-run.h"
#include "gio/gco-scope.h"
#include "gio/gco-task.h"

#undef GCO_INSIDE
