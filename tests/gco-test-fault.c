/* SPDX-License-Identifier: LGPL-2.1-or-later */

#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* RTLD_NEXT */
#endif
/* the plain functions, not what checks their sizes first */
#undef _FORTIFY_SOURCE

#include "gco-test-fault.h"

#include <dlfcn.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "gco-test.h"

#define GUARD_INSTALL 102 /* of Linux 6.13 */

static guint   *fault_counts;
static int      armed_call = -1;
static int      armed_number;
static guint    armed_first;
static guint    armed_n;
static guint    n_seen;
static guint    n_failed;
static gboolean old_kernel;
static gboolean exempt;

void
gco_test_fault_count (guint *counts)
{
  fault_counts = counts;
}

void
gco_test_fault_arm (GcoFaultCall call,
                    int          number,
                    guint        first,
                    guint        n_faults)
{
  n_seen = n_failed = 0;
  armed_number = number;
  armed_first = first;
  armed_n = n_faults;
  g_atomic_int_set (&armed_call, (int) call);
}

guint
gco_test_fault_disarm (void)
{
  g_atomic_int_set (&armed_call, -1);
  return (guint) g_atomic_int_get (&n_failed);
}

void
gco_test_fault_set_old_kernel (gboolean is_old)
{
  old_kernel = is_old;
}

GThread *
gco_test_fault_start_thread (GThreadFunc func,
                             gpointer    user_data)
{
  GThread *thread;

  exempt = TRUE;
  thread = g_thread_new ("test", func, user_data);
  exempt = FALSE;
  return thread;
}

#if !GCO_TEST_SANITIZED /* a sanitizer has its own */

static gboolean
is_libgco (gconstpointer address)
{
  static gpointer base;
  Dl_info         info;

  if (base == NULL && dladdr (dlsym (RTLD_NEXT, "gco_spawn"), &info) != 0)
    base = info.dli_fbase;
  return dladdr (address, &info) != 0 && info.dli_fbase == base;
}

static gboolean
fails (GcoFaultCall  call,
       gconstpointer caller)
{
  int saved = errno;

  if (fault_counts == NULL && g_atomic_int_get (&armed_call) != (int) call)
    return FALSE;
  if (call != GCO_FAULT_PTHREAD_CREATE ? !is_libgco (caller) : exempt)
    {
      errno = saved;
      return FALSE;
    }
  errno = saved;
  if (fault_counts != NULL)
    g_atomic_int_inc (&fault_counts[call]);
  if (g_atomic_int_get (&armed_call) != (int) call ||
      (guint) g_atomic_int_add (&n_seen, 1) + 1 - armed_first >= armed_n)
    return FALSE;
  g_atomic_int_inc (&n_failed);
  if (armed_number != GCO_FAULT_SHORT)
    errno = armed_number;
  return TRUE;
}

#define REAL(name)               \
 static __typeof__ (name) *real; \
                                 \
 if (real == NULL)               \
 *(void **) &real = dlsym (RTLD_NEXT, #name)

/* Not inlined, where all is linked as one: who called would be the caller's caller. */
#define STANDS_IN __attribute__ ((noinline))

/* Defines @name, returning @type; @failed is what it returns when it fails. */
#define DEFINE(call, type, failed, name, parameters, arguments) \
 STANDS_IN type name parameters                                 \
 {                                                              \
  REAL (name);                                                  \
                                                                \
  if (fails (call, __builtin_return_address (0)))               \
   return failed;                                               \
  return real arguments;                                        \
 }

/* clang-format off */
DEFINE (GCO_FAULT_MMAP, void *, MAP_FAILED, mmap,
        (void *at, size_t size, int protection, int flags, int fd, off_t offset),
        (at, size, protection, flags, fd, offset))
DEFINE (GCO_FAULT_MUNMAP, int, -1, munmap, (void *at, size_t size), (at, size))
DEFINE (GCO_FAULT_MPROTECT, int, -1, mprotect,
        (void *at, size_t size, int protection), (at, size, protection))
DEFINE (GCO_FAULT_FOPEN, FILE *, NULL, fopen,
        (const char *path, const char *mode), (path, mode))
DEFINE (GCO_FAULT_EVENTFD, int, -1, eventfd,
        (unsigned int count, int flags), (count, flags))
DEFINE (GCO_FAULT_PIPE, int, -1, pipe, (int fds[2]), (fds))
DEFINE (GCO_FAULT_TIMERFD_CREATE, int, -1, timerfd_create,
        (clockid_t clock, int flags), (clock, flags))
DEFINE (GCO_FAULT_TIMERFD_SETTIME, int, -1, timerfd_settime,
        (int fd, int flags, const struct itimerspec *at, struct itimerspec *old),
        (fd, flags, at, old))
DEFINE (GCO_FAULT_EPOLL_CREATE1, int, -1, epoll_create1, (int flags), (flags))
DEFINE (GCO_FAULT_EPOLL_CTL, int, -1, epoll_ctl,
        (int fd, int op, int other, struct epoll_event *event), (fd, op, other, event))
DEFINE (GCO_FAULT_EPOLL_WAIT, int, -1, epoll_wait,
        (int fd, struct epoll_event *events, int max, int timeout),
        (fd, events, max, timeout))
DEFINE (GCO_FAULT_PPOLL, int, -1, ppoll,
        (struct pollfd *fds, nfds_t n, const struct timespec *timeout,
         const sigset_t *mask),
        (fds, n, timeout, mask))
DEFINE (GCO_FAULT_POLL, int, -1, poll,
        (struct pollfd *fds, nfds_t n, int timeout), (fds, n, timeout))
DEFINE (GCO_FAULT_WRITE, ssize_t, -1, write,
        (int fd, const void *bytes, size_t n), (fd, bytes, n))
DEFINE (GCO_FAULT_PTHREAD_CREATE, int, errno, pthread_create,
        (pthread_t *thread, const pthread_attr_t *attributes,
         void *(*func) (void *), void *user_data),
        (thread, attributes, func, user_data))
DEFINE (GCO_FAULT_SIGALTSTACK, int, -1, sigaltstack,
        (const stack_t *stack, stack_t *old), (stack, old))
DEFINE (GCO_FAULT_SIGACTION, int, -1, sigaction,
        (int number, const struct sigaction *action, struct sigaction *old),
        (number, action, old))
/* clang-format on */

STANDS_IN int
madvise (void  *at,
         size_t size,
         int    advice)
{
  REAL (madvise);

  if (old_kernel && advice == GUARD_INSTALL)
    {
      errno = EINVAL;
      return -1;
    }
  if (fails (GCO_FAULT_MADVISE, __builtin_return_address (0)))
    return -1;
  return real (at, size, advice);
}

/* An eventfd is read whole or not at all. */
static gboolean
is_pipe (int fd)
{
  struct stat info;

  return fstat (fd, &info) == 0 && S_ISFIFO (info.st_mode);
}

STANDS_IN ssize_t
read (int    fd,
      void  *bytes,
      size_t n)
{
  REAL (read);

  if (!fails (GCO_FAULT_READ, __builtin_return_address (0)))
    return real (fd, bytes, n);
  if (armed_number != GCO_FAULT_SHORT)
    return -1;
  return real (fd, bytes, is_pipe (fd) ? 1 : n);
}

#endif
