/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What AddressSanitizer, ThreadSanitizer, LeakSanitizer and Valgrind are told
 * about stacks. The inside of libgco calls these and knows nothing else of
 * them; in a plain build they are empty.
 */

#pragma once

#include <glib.h>

#include "gco-config.h"

#if defined(__SANITIZE_ADDRESS__)
# define GCO_ASAN 1
#elif defined(__has_feature)
# if __has_feature(address_sanitizer)
#  define GCO_ASAN 1
# endif
# if __has_feature(thread_sanitizer)
#  define GCO_TSAN 1
# endif
#endif
#if defined(__SANITIZE_THREAD__)
# define GCO_TSAN 1
#endif
#ifndef GCO_ASAN
# define GCO_ASAN 0
#endif
#ifndef GCO_TSAN
# define GCO_TSAN 0
#endif

/* Code must run after each switch: no tail switches. */
#define GCO_SWITCH_HOOKED (GCO_ASAN || GCO_TSAN)

/* For functions that never return, and run again and again on one stack:
 * ThreadSanitizer notes each call, and would run out of room. */
#if GCO_TSAN && defined(__clang__)
# define GCO_NEVER_RETURNS __attribute__ ((disable_sanitizer_instrumentation))
#else
# define GCO_NEVER_RETURNS
#endif

#if GCO_ASAN
# include <sanitizer/asan_interface.h>
# include <sanitizer/common_interface_defs.h>
# include <sanitizer/lsan_interface.h>
#endif
#if GCO_TSAN
# include <sanitizer/tsan_interface.h>
#endif
#if HAVE_VALGRIND
# include <valgrind/memcheck.h>
#endif

typedef struct
{
#if GCO_SWITCH_HOOKED
  gpointer    fake_stack;
  const void *bottom;
  gsize       size;
  gpointer    fiber;
#endif
#if HAVE_VALGRIND
  guint valgrind_id;
#endif
  char unused;
} GcoSanitizer;

/* The memory [bottom, bottom + size) becomes a stack, or stops being one. */
static inline void
gco_sanitizer_stack_init (GcoSanitizer *san,
                          gpointer      bottom,
                          gsize         size)
{
#if GCO_SWITCH_HOOKED
  san->bottom = bottom;
  san->size = size;
#endif
#if GCO_ASAN
  __lsan_register_root_region (bottom, size);
#endif
#if GCO_TSAN
  san->fiber = __tsan_create_fiber (0);
#endif
#if HAVE_VALGRIND
  san->valgrind_id = VALGRIND_STACK_REGISTER (bottom, (char *) bottom + size);
#endif
}

static inline void
gco_sanitizer_stack_clear (GcoSanitizer *san)
{
#if GCO_ASAN
  ASAN_UNPOISON_MEMORY_REGION (san->bottom, san->size);
  __lsan_unregister_root_region (san->bottom, san->size);
#endif
#if GCO_TSAN
  __tsan_destroy_fiber (san->fiber);
#endif
#if HAVE_VALGRIND
  VALGRIND_STACK_DEREGISTER (san->valgrind_id);
#endif
}

/* Whether somebody was told of the stacks: keep the records, make no unusual calls. */
static inline gboolean
gco_sanitizer_is_watching (void)
{
#if HAVE_VALGRIND
  if (RUNNING_ON_VALGRIND)
    return TRUE;
#endif
  return GCO_SWITCH_HOOKED;
}

/* The memory of the records: what only they point to is no leak. */
static inline void
gco_sanitizer_records_init (gpointer records,
                            gsize    size)
{
#if GCO_ASAN
  __lsan_register_root_region (records, size);
#endif
}

static inline void
gco_sanitizer_records_clear (gpointer records,
                             gsize    size)
{
#if GCO_ASAN
  __lsan_unregister_root_region (records, size);
#endif
}

/* Below @top, on a stack that was left further up, execution is going to start. */
static inline void
gco_sanitizer_borrow (gpointer top)
{
#if HAVE_VALGRIND
  VALGRIND_MAKE_MEM_UNDEFINED ((char *) top - 256, 256);
#endif
}

/* The stack that the calling thread was started on. */
void gco_sanitizer_thread_init (GcoSanitizer *san);

/* Just before a switch; @from is NULL when it is left for good. */
static inline __attribute__ ((always_inline)) void
gco_sanitizer_leave (GcoSanitizer *from,
                     GcoSanitizer *to)
{
#if GCO_ASAN
  __sanitizer_start_switch_fiber (from != NULL ? &from->fake_stack : NULL,
                                  to->bottom,
                                  to->size);
#endif
#if GCO_TSAN
  __tsan_switch_to_fiber (to->fiber, 0);
#endif
}

/* Just after a switch, on the stack of @now. */
static inline __attribute__ ((always_inline)) void
gco_sanitizer_arrive (GcoSanitizer *now)
{
#if GCO_ASAN
  __sanitizer_finish_switch_fiber (now->fake_stack, NULL, NULL);
  now->fake_stack = NULL;
#endif
}
