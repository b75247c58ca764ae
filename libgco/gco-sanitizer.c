/* SPDX-License-Identifier: LGPL-2.1-or-later */

#ifndef _GNU_SOURCE
# define _GNU_SOURCE /* pthread_getattr_np */
#endif

#include "gco-sanitizer-private.h"

#if GCO_ASAN
# include <pthread.h>
#endif

void
gco_sanitizer_thread_init (GcoSanitizer *san)
{
#if GCO_ASAN
  pthread_attr_t attr;
  void          *bottom = NULL;
  size_t         size = 0;

  if (pthread_getattr_np (pthread_self (), &attr) == 0)
    {
      pthread_attr_getstack (&attr, &bottom, &size);
      pthread_attr_destroy (&attr);
    }
  san->bottom = bottom;
  san->size = size;
#endif
#if GCO_TSAN
  san->fiber = __tsan_get_current_fiber ();
#endif
}
