/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Atomics over plain fields. The only file with memory orders in it: the names
 * say which order is meant, the callers say with whom it pairs.
 */

#pragma once

#include <glib.h>

#define gco_load_relaxed(p) __atomic_load_n (p, __ATOMIC_RELAXED)
#define gco_load_acquire(p) __atomic_load_n (p, __ATOMIC_ACQUIRE)
#define gco_store_relaxed(p, v) __atomic_store_n (p, v, __ATOMIC_RELAXED)
#define gco_store_release(p, v) __atomic_store_n (p, v, __ATOMIC_RELEASE)

#define gco_exchange(p, v) __atomic_exchange_n (p, v, __ATOMIC_SEQ_CST)
#define gco_exchange_acquire(p, v) __atomic_exchange_n (p, v, __ATOMIC_ACQUIRE)
#define gco_fetch_add(p, v) __atomic_fetch_add (p, v, __ATOMIC_ACQ_REL)
#define gco_fetch_sub(p, v) __atomic_fetch_sub (p, v, __ATOMIC_ACQ_REL)
#define gco_fetch_or(p, v) __atomic_fetch_or (p, v, __ATOMIC_ACQ_REL)
#define gco_fetch_and(p, v) __atomic_fetch_and (p, v, __ATOMIC_ACQ_REL)

/* Each stores what it found in *expected when it fails, like the builtin. */
#define gco_cas(p, expected, v)                 \
 __atomic_compare_exchange_n (p,                \
                              expected,         \
                              v,                \
                              FALSE,            \
                              __ATOMIC_SEQ_CST, \
                              __ATOMIC_SEQ_CST)
#define gco_cas_acquire(p, expected, v)         \
 __atomic_compare_exchange_n (p,                \
                              expected,         \
                              v,                \
                              FALSE,            \
                              __ATOMIC_ACQUIRE, \
                              __ATOMIC_RELAXED)
#define gco_cas_release(p, expected, v)         \
 __atomic_compare_exchange_n (p,                \
                              expected,         \
                              v,                \
                              FALSE,            \
                              __ATOMIC_RELEASE, \
                              __ATOMIC_RELAXED)

/* What a thread does between two looks at a word that another one changes. */
static inline void
gco_cpu_relax (void)
{
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause ();
#elif defined(__aarch64__)
  __asm__ volatile("isb" ::
                       : "memory");
#endif
}
