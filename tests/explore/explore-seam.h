/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The seam: put in front of each source of libgco by -include, so that every atomic
 * access, lock of GLib, pause and look at the clock goes through the scheduler of the
 * explorer. The library itself knows nothing of it, and costs nothing for it.
 *
 * All orders become sequential consistency: only one actor runs at a time. What weaker
 * ones allow is for the models and TSan to say.
 */

#pragma once

#ifndef _GNU_SOURCE
# define _GNU_SOURCE
#endif

#include <gio/gio.h>
#include <sched.h>
#include <time.h>

#include "explore-hooks.h"
#include "gco-atomic-private.h"

#undef gco_load_relaxed
#undef gco_load_acquire
#undef gco_store_relaxed
#undef gco_store_release
#undef gco_exchange
#undef gco_exchange_acquire
#undef gco_fetch_add
#undef gco_fetch_sub
#undef gco_fetch_or
#undef gco_fetch_and
#undef gco_cas
#undef gco_cas_acquire
#undef gco_cas_release

/* One place in the sources. @name is what it says there. */
#define EXPLORE_SITE(kind, name) \
 static ExploreSite site_ = { __func__, name, __LINE__, kind, FALSE }

#define EXPLORE_LOAD(p)                                           \
 __extension__({                                                  \
 EXPLORE_SITE (EXPLORE_READ, #p);                                 \
 __typeof__ (&*(p)) p_ = (p);                                     \
 explore_before (&site_, p_);                                     \
 __typeof__ (*p_) seen_ = __atomic_load_n (p_, __ATOMIC_SEQ_CST); \
 explore_after (&site_, p_, (guintptr) seen_, (guintptr) seen_);  \
 seen_;                                                           \
 })

/* @builtin returns what was there before. */
#define EXPLORE_CHANGE(kind, p, v, builtin)                      \
 __extension__({                                                 \
 EXPLORE_SITE (kind, #p);                                        \
 __typeof__ (&*(p)) p_ = (p);                                    \
 __typeof__ (*p_)   v_ = (v);                                    \
 explore_before (&site_, p_);                                    \
 __typeof__ (*p_) old_ = builtin (p_, v_, __ATOMIC_SEQ_CST);     \
 explore_after (&site_, p_, (guintptr) old_, EXPLORE_PEEK (p_)); \
 old_;                                                           \
 })

#define EXPLORE_PEEK(p) ((guintptr) __atomic_load_n (p, __ATOMIC_SEQ_CST))

#define EXPLORE_SWAP(p, expected, v)            \
 __atomic_compare_exchange_n (p,                \
                              expected,         \
                              v,                \
                              FALSE,            \
                              __ATOMIC_SEQ_CST, \
                              __ATOMIC_SEQ_CST)

#define EXPLORE_CAS(kind, p, expected, v)                \
 __extension__({                                         \
 EXPLORE_SITE (kind, #p);                                \
 __typeof__ (&*(p)) p_ = (p);                            \
 __typeof__ (*p_)   v_ = (v);                            \
 __typeof__ (*p_)  *expected_ = (gpointer) (expected);   \
 explore_before (&site_, p_);                            \
 guintptr before_ = EXPLORE_PEEK (p_);                   \
 gboolean done_ = EXPLORE_SWAP (p_, expected_, v_);      \
 explore_after (&site_, p_, before_, EXPLORE_PEEK (p_)); \
 done_;                                                  \
 })

#define gco_load_relaxed(p) EXPLORE_LOAD (p)
#define gco_load_acquire(p) EXPLORE_LOAD (p)
#define gco_store_relaxed(p, v) \
 ((void) EXPLORE_CHANGE (EXPLORE_WRITE, p, v, __atomic_exchange_n))
#define gco_store_release(p, v) \
 ((void) EXPLORE_CHANGE (EXPLORE_RELEASE, p, v, __atomic_exchange_n))
#define gco_exchange(p, v) \
 EXPLORE_CHANGE (EXPLORE_EXCHANGE, p, v, __atomic_exchange_n)
#define gco_exchange_acquire(p, v) \
 EXPLORE_CHANGE (EXPLORE_EXCHANGE, p, v, __atomic_exchange_n)
#define gco_fetch_add(p, v) EXPLORE_CHANGE (EXPLORE_ADD, p, v, __atomic_fetch_add)
#define gco_fetch_sub(p, v) EXPLORE_CHANGE (EXPLORE_SUBTRACT, p, v, __atomic_fetch_sub)
#define gco_fetch_or(p, v) EXPLORE_CHANGE (EXPLORE_OR, p, v, __atomic_fetch_or)
#define gco_fetch_and(p, v) EXPLORE_CHANGE (EXPLORE_AND, p, v, __atomic_fetch_and)
#define gco_cas(p, expected, v) EXPLORE_CAS (EXPLORE_COMPARE, p, expected, v)
#define gco_cas_acquire(p, expected, v) EXPLORE_CAS (EXPLORE_COMPARE, p, expected, v)
#define gco_cas_release(p, expected, v) EXPLORE_CAS (EXPLORE_COMPARE_RELEASE, p, expected, v)

/* ------------------------------------------------------------ what is GLib's */

#undef g_atomic_int_inc
#define g_atomic_int_inc(p) \
 ((void) EXPLORE_CHANGE (EXPLORE_ADD, p, 1, __atomic_fetch_add))
#undef g_atomic_int_dec_and_test
#define g_atomic_int_dec_and_test(p) \
 (EXPLORE_CHANGE (EXPLORE_SUBTRACT, p, 1, __atomic_fetch_sub) == 1)

#define g_mutex_lock(mutex)                  \
 G_STMT_START                                \
 {                                           \
  EXPLORE_SITE (EXPLORE_MUTEX_LOCK, #mutex); \
  explore_mutex_lock (&site_, mutex);        \
 }                                           \
 G_STMT_END
#define g_mutex_unlock(mutex)                  \
 G_STMT_START                                  \
 {                                             \
  EXPLORE_SITE (EXPLORE_MUTEX_UNLOCK, #mutex); \
  explore_mutex_unlock (&site_, mutex);        \
 }                                             \
 G_STMT_END

/* A reference that goes may be the last. */
#define g_object_unref(object)           \
 G_STMT_START                            \
 {                                       \
  EXPLORE_SITE (EXPLORE_UNREF, #object); \
  explore_unref (&site_, object);        \
 }                                       \
 G_STMT_END

#define EXPLORE_CALL(kind, object, function, ...) \
 __extension__({                                  \
 EXPLORE_SITE (kind, #object);                    \
 function (&site_, object, ##__VA_ARGS__);        \
 })
#define g_cancellable_is_cancelled(cancellable) \
 EXPLORE_CALL (EXPLORE_READ, cancellable, explore_is_cancelled)
#define g_signal_connect_data(object, ...) \
 EXPLORE_CALL (EXPLORE_CONNECT, object, explore_connect, __VA_ARGS__)
#define g_signal_handler_disconnect(object, handler) \
 EXPLORE_CALL (EXPLORE_DISCONNECT, object, explore_disconnect, handler)
#define g_cancellable_cancel explore_cancel

#define gco_stack_foreach explore_stack_foreach

/* ---------------------------------------------------- time, and giving way */

#define gco_cpu_relax explore_pause
#define sched_yield explore_pause
#define clock_gettime explore_clock_gettime
#define g_get_num_processors explore_n_processors
