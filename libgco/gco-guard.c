/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * MADV_GUARD_INSTALL (Linux 6.13) costs no mapping: a million guards fit into
 * a handful of them. Older kernels, and locked memory, need a page that nothing may
 * be done with, which is a mapping and makes a second one of what is above it; the
 * system allows 65,530 by default, and other users of memory fail when they are
 * used up. So they are counted.
 */

#ifndef _GNU_SOURCE
# define _GNU_SOURCE /* madvise, syscall */
#endif

#include "gco-guard-private.h"

#include <errno.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "gco-sanitizer-private.h"
#include "gco-stack-private.h"

#ifndef MADV_GUARD_INSTALL
# define MADV_GUARD_INSTALL 102
#endif
#ifndef PIDFD_SELF_THREAD_GROUP
# define PIDFD_SELF_THREAD_GROUP -10001 /* Linux 6.14 */
#endif

/* Mappings left to the rest of the program. */
#define MAPPINGS_RESERVED 5000

/* With fewer, one call more is not worth it. */
#define VECTOR_MIN 8

typedef enum
{
  NOT_ASKED,
  NO,
  YES
} Answer;

static Answer kernel_guards; /* (lock) MADV_GUARD_INSTALL does what it says */
static gsize  max_mappings;  /* (lock) 0: not read yet */
static gsize  n_mappings;    /* (lock) guards that are mappings */

void
gco_stack_force_max_mappings (gsize max)
{
  max_mappings = max;
}

void
gco_stack_force_mprotect (gsize max)
{
  kernel_guards = NO;
  max_mappings = max;
}

/* ------------------------------------------------------------------- advice */

/* Linux 6.14; -1 on all others. */
static gssize
advise_vector (const struct iovec *parts,
               guint               n,
               int                 advice)
{
#ifdef SYS_process_madvise
  return syscall (SYS_process_madvise, PIDFD_SELF_THREAD_GROUP, parts, n, advice, 0);
#else
  return -1;
#endif
}

guint
gco_advise_all (const struct iovec *parts,
                guint               n,
                int                 advice)
{
  static gboolean no_vectors; /* (lock) */
  guint           done = 0;

  if (n >= VECTOR_MIN && !no_vectors && !gco_sanitizer_is_watching ())
    {
      gssize bytes = advise_vector (parts, n, advice);

      while (done < n && bytes >= (gssize) parts[done].iov_len)
        bytes -= (gssize) parts[done++].iov_len;
      if (done > 0)
        return done;
      if (madvise (parts[0].iov_base, parts[0].iov_len, advice) != 0)
        return 0;
      no_vectors = TRUE;
      done = 1;
    }
  while (done < n &&
         madvise (parts[done].iov_base, parts[done].iov_len, advice) == 0)
    done++;
  return done;
}

/* ------------------------------------------------------------------- guards */

/* Emulators say yes to advice that they do not know. What must not be written to
 * is given to the system to write to. */
static gboolean
is_guarded (char *page)
{
  return uname ((struct utsname *) page) == -1 && errno == EFAULT;
}

/* Asks for a page of its own, which is not locked. */
static Answer
ask_kernel (gsize page_size)
{
  Answer answer = NOT_ASKED;
  char  *page = mmap (NULL,
                     page_size,
                     PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS,
                     -1,
                     0);

  if (page == MAP_FAILED)
    return NOT_ASKED;
  munlock (page, page_size);
  if (madvise (page, page_size, MADV_GUARD_INSTALL) == 0)
    answer = is_guarded (page) ? YES : NO;
  else if (errno == EINVAL)
    answer = NO;
  munmap (page, page_size);
  return answer;
}

guint
gco_guard_advise (const struct iovec *pages,
                  guint               n)
{
  if (kernel_guards == NOT_ASKED)
    kernel_guards = ask_kernel (pages[0].iov_len);
  /* EINVAL: memory that is locked now and may not be the next time */
  return kernel_guards == YES ? gco_advise_all (pages, n, MADV_GUARD_INSTALL) : 0;
}

gboolean
gco_guard_take_mapping (GcoShortage *shortage)
{
  if (max_mappings == 0)
    max_mappings = gco_limits_read_max_mappings ();
  if (max_mappings >= MAPPINGS_RESERVED + 2 * (n_mappings + 1))
    {
      n_mappings++;
      return TRUE;
    }
  *shortage = (GcoShortage){
    .n_guards = n_mappings,
    .max_mappings = max_mappings,
    .is_locked = kernel_guards == YES,
  };
  return FALSE;
}

void
gco_guard_give_mappings (guint n)
{
  n_mappings -= n;
}
