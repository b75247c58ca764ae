/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Words that every header of libgco shares. */

#pragma once

#if !defined(GCO_INSIDE) && !defined(GCO_COMPILATION)
# error "Only <gco.h> can be included directly."
#endif

#include <gio/gio.h>

#include "gco-version-macros.h"

G_BEGIN_DECLS

/**
 * gco_coroutine_fn: (skip)
 *
 * Marks a function that may suspend and therefore must be called from a
 * coroutine. The compiler ignores it; under clang it leaves an annotation that
 * checkers can read. Define `GCO_SHORT_NAMES` before including `gco.h` to
 * have it as `coroutine_fn`, as in QEMU.
 *
 * Since: 1.0
 */
#ifdef __clang__
# define gco_coroutine_fn __attribute__ ((annotate ("coroutine_fn")))
#else
# define gco_coroutine_fn
#endif

#ifdef GCO_SHORT_NAMES
# define coroutine_fn gco_coroutine_fn
#endif

typedef struct _GcoAioContext GcoAioContext;
typedef struct _GcoClock      GcoClock;

/**
 * GcoCoroutine: (skip)
 *
 * A function with a stack of its own, that can suspend in the middle and go on
 * later. It belongs to a [class@Gco.AioContext] and runs in that one's home
 * thread; it frees itself when the function returns.
 *
 * Since: 1.0
 */
typedef struct _GcoCoroutine GcoCoroutine;

/**
 * GcoBh: (skip)
 *
 * A bottom half: a function that may be scheduled in a [class@Gco.AioContext]
 * again and again, and is called once each time.
 *
 * Since: 1.0
 */
typedef struct _GcoBh GcoBh;

/**
 * GcoTimer: (skip)
 *
 * A function that a [class@Gco.AioContext] calls once when a
 * [class@Gco.Clock] has come to a time.
 *
 * Since: 1.0
 */
typedef struct _GcoTimer GcoTimer;

/**
 * GcoEventNotifier: (skip)
 *
 * A flag with a descriptor that is readable while it is set.
 *
 * Since: 1.0
 */
typedef struct _GcoEventNotifier GcoEventNotifier;

typedef struct _GcoQueue     GcoQueue;
typedef struct _GcoMutex     GcoMutex;
typedef struct _GcoRwlock    GcoRwlock;
typedef struct _GcoSleep     GcoSleep;
typedef struct _GcoLockable  GcoLockable;
typedef struct _GcoSemaphore GcoSemaphore;
typedef struct _GcoAwait     GcoAwait;

/**
 * GcoCoroutineFunc: (skip)
 * @user_data: what was given at creation
 *
 * The body of a coroutine. When it returns, the coroutine ends and its pointer
 * is dead.
 *
 * Since: 1.0
 */
typedef void (*GcoCoroutineFunc) (gpointer user_data);

/**
 * GcoFunc:
 * @user_data: what was given with the function
 *
 * A function that libgco calls on the thread's own stack, never on the stack
 * of a coroutine: it must not suspend.
 *
 * Since: 1.0
 */
typedef void (*GcoFunc) (gpointer user_data);

/**
 * GcoRunFunc: (skip)
 * @cancellable: (nullable): what cancels it
 * @user_data: what was given with the function
 * @error: return location for an error
 *
 * A body that can fail.
 *
 * Returns: TRUE, or FALSE with @error set; if it is not set, the caller of libgco gets
 *   `G_IO_ERROR_FAILED`
 *
 * Since: 1.0
 */
typedef gboolean (*GcoRunFunc) (GCancellable *cancellable,
                                gpointer      user_data,
                                GError      **error);

G_END_DECLS
