/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * GLib as shipped is built without ThreadSanitizer, which therefore does not see
 * that a GMutex orders anything. This tells it, and only for GLib: the functions
 * here stand in front of GLib's in the builds for ThreadSanitizer, and say before
 * or after each what it orders.
 */

#ifndef _GNU_SOURCE
# define _GNU_SOURCE
#endif

/* the real functions, not the checks and shortcuts around them */
#define G_DISABLE_CAST_CHECKS
#include <glib-object.h>

#include <dlfcn.h>
#include <sanitizer/tsan_interface.h>

#undef g_once_init_leave
#undef g_object_ref

/* Ran in every thread's first call at the latest; dlsym() knows no race here. */
#define REAL(name)                                                   \
 static __typeof__ (name) *real;                                     \
 if (G_UNLIKELY (__atomic_load_n (&real, __ATOMIC_RELAXED) == NULL)) \
 __atomic_store_n (&real,                                            \
                   (__typeof__ (name) *) dlsym (RTLD_NEXT, #name),   \
                   __ATOMIC_RELAXED)

void
g_mutex_lock (GMutex *mutex)
{
  REAL (g_mutex_lock);
  real (mutex);
  __tsan_acquire (mutex);
}

gboolean
g_mutex_trylock (GMutex *mutex)
{
  REAL (g_mutex_trylock);
  if (!real (mutex))
    return FALSE;
  __tsan_acquire (mutex);
  return TRUE;
}

void
g_mutex_unlock (GMutex *mutex)
{
  REAL (g_mutex_unlock);
  __tsan_release (mutex);
  real (mutex);
}

void
g_cond_wait (GCond  *cond,
             GMutex *mutex)
{
  REAL (g_cond_wait);
  __tsan_release (mutex);
  real (cond, mutex);
  __tsan_acquire (mutex);
}

gboolean
g_cond_wait_until (GCond  *cond,
                   GMutex *mutex,
                   gint64  end_time)
{
  gboolean signalled;

  REAL (g_cond_wait_until);
  __tsan_release (mutex);
  signalled = real (cond, mutex, end_time);
  __tsan_acquire (mutex);
  return signalled;
}

/* Its counterpart is an atomic load that the macro does in the caller's code. */
void (g_once_init_leave) (volatile void *location,
                          gsize          result)
{
  REAL (g_once_init_leave);
  __tsan_release ((void *) location);
  real (location, result);
}

gboolean (g_once_init_enter) (volatile void *location)
{
  gboolean first;

  REAL (g_once_init_enter);
  first = real (location);
  __tsan_acquire ((void *) location);
  return first;
}

/* The last one finalises, after all that the others did. */
void
g_object_unref (gpointer object)
{
  REAL (g_object_unref);
  __tsan_release (object);
  __tsan_acquire (object);
  real (object);
}
