/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Calls of the C library that fail when told to. The program that links this has
 * them in the place of libc's, for every library; what libgco calls is counted and
 * may fail, and pthread_create(), which GLib calls for it.
 */

#pragma once

#include <glib.h>

typedef enum
{
  GCO_FAULT_MMAP,
  GCO_FAULT_MUNMAP,
  GCO_FAULT_MPROTECT,
  GCO_FAULT_MADVISE,
  GCO_FAULT_FOPEN,
  GCO_FAULT_EVENTFD,
  GCO_FAULT_PIPE,
  GCO_FAULT_TIMERFD_CREATE,
  GCO_FAULT_TIMERFD_SETTIME,
  GCO_FAULT_EPOLL_CREATE1,
  GCO_FAULT_EPOLL_CTL,
  GCO_FAULT_EPOLL_WAIT,
  GCO_FAULT_PPOLL,
  GCO_FAULT_POLL,
  GCO_FAULT_READ,
  GCO_FAULT_WRITE,
  GCO_FAULT_PTHREAD_CREATE,
  GCO_FAULT_SIGALTSTACK,
  GCO_FAULT_SIGACTION,
  GCO_FAULT_N_CALLS,
} GcoFaultCall;

/* The errno that stands for "read or write only one byte". */
#define GCO_FAULT_SHORT (-1)

/* Where to count, of GCO_FAULT_N_CALLS; NULL: nowhere. */
void gco_test_fault_count (guint *counts);

/* Lets @n_faults calls of @call fail with @number, beginning with the @first, which
 * is 1 for the next. */
void gco_test_fault_arm (GcoFaultCall call,
                         int          number,
                         guint        first,
                         guint        n_faults);

/* Returns how many have failed. */
guint gco_test_fault_disarm (void);

/* Whether madvise (MADV_GUARD_INSTALL) says that it does not know that. */
void gco_test_fault_set_old_kernel (gboolean is_old);

/* A thread of the test's own, which never fails to start. */
GThread *gco_test_fault_start_thread (GThreadFunc func,
                                      gpointer    user_data);

/* ---------------------------------------------------------------- scenarios */

typedef struct
{
  const char *name;
  void (*func) (void);
  gboolean     old_kernel;
  GcoFaultCall reaches; /* or else it is not the scenario that it says it is */
} GcoFaultScenario;

/* The last has no name. */
extern const GcoFaultScenario gco_test_fault_scenarios[];

/* Whether a scenario may meet a GError. */
extern gboolean gco_test_fault_may_err;

/* How many it met. */
extern guint gco_test_fault_n_errors;
