/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "../gco-switch-private.h"

#include <signal.h>
#include <stdint.h>
#include <ucontext.h>

#include "../gco-fatal-private.h"

/* More than the frame of gco_switch_inline() and of swapcontext() below it. */
#define FRAME_ROOM 4096

/* makecontext() passes on nothing but int. */
static void
start (guint func_high,
       guint func_low,
       guint sw_high,
       guint sw_low)
{
  guint64 func = (guint64) func_high << 32 | func_low;
  guint64 sw = (guint64) sw_high << 32 | sw_low;

  ((GcoSwitchFunc) (uintptr_t) func) (NULL, (GcoSwitch *) (uintptr_t) sw);
}

void
gco_switch_prepare (GcoSwitch    *sw,
                    gpointer      top,
                    GcoSwitchFunc func)
{
  ucontext_t *uc = (ucontext_t *) (((uintptr_t) top - sizeof *uc) & ~(uintptr_t) 63);
  gsize       room = 8192;

  if (getcontext (uc) != 0)
    gco_fatal ("getcontext() failed");
  /* makecontext() only uses the upper end of what it is told of */
  uc->uc_stack.ss_sp = (char *) uc - room;
  uc->uc_stack.ss_size = room;
  uc->uc_link = NULL;
  makecontext (uc,
               (void (*) (void)) start,
               4,
               (guint) ((guint64) (uintptr_t) func >> 32),
               (guint) (uintptr_t) func,
               (guint) ((guint64) (uintptr_t) sw >> 32),
               (guint) (uintptr_t) sw);
  sw->sp = uc;
}

/* The signal mask is the thread's. libc would put back the one that @sw was left, or made,
 * with: in another thread, maybe, or before what now blocks a signal. */
static void
keep_signal_mask (GcoSwitch *sw)
{
  ucontext_t *uc = sw->sp;

  if (pthread_sigmask (SIG_SETMASK, NULL, &uc->uc_sigmask) != 0)
    gco_fatal ("pthread_sigmask() failed");
}

GCO_HOLDS_SWITCH void
gco_switch_inline (GcoSwitch *from,
                   GcoSwitch *to)
{
  ucontext_t uc;

  keep_signal_mask (to);
  from->sp = &uc;
  if (swapcontext (&uc, to->sp) != 0)
    gco_fatal ("swapcontext() failed");
}

void
gco_switch_final (GcoSwitch *to)
{
  keep_signal_mask (to);
  setcontext (to->sp);
  gco_fatal ("setcontext() failed");
}

gpointer
gco_switch_free_below (GcoSwitch *sw)
{
  return (char *) sw->sp - FRAME_ROOM;
}
